"""Samples as one table: nginx and the gateway side by side."""

from statistics import median

HEADINGS = ("case", "", "nginx", "gateway", "ratio", "goal", "answers/s", "p50 µs", "p99 µs")
MEMORY_GOAL_KB = 8


def _pair(samples, read, choose=median):
    """`read` of nginx and of the gateway, the medians of their rounds unless told otherwise."""
    return [choose(map(read, samples[name])) for name in ("nginx", "gateway")]


def _both(samples, read):
    return " | ".join(f"{value:.0f}" for value in _pair(samples, read))


def _costs(case, samples):
    # The lowest: what disturbs a round, on this machine or beside it, only adds to its cost.
    nginx, gateway = _pair(samples, lambda sample: sample.cost_us, min)
    return (
        case.name,
        f"{case.title}: CPU µs/{'event' if case.paced else 'request'}",
        f"{nginx:.1f}",
        f"{gateway:.1f}",
        f"{gateway / nginx:.2f}" if nginx else "-",
        f"≤ {case.goal:.2f}",
        _both(samples, lambda sample: sample.per_second),
        _both(samples, lambda sample: sample.p50_us),
        _both(samples, lambda sample: sample.p99_us),
    )


def _memory(case, samples, streams):
    # Only the first round: later ones find memory that the process kept.
    nginx, gateway = (samples[name][0].kilobytes for name in ("nginx", "gateway"))
    ratio = f"{gateway / nginx:.2f}" if nginx > 0 else "-"
    return (
        case.name,
        f"{streams} streams at once: KB/stream",
        f"{nginx:.1f}",
        f"{gateway:.1f}",
        ratio,
        f"≤ {MEMORY_GOAL_KB} KB",
        "",
        "",
        "",
    )


def make_table(results, streams):
    """`results`: of each case, the samples by server."""
    rows = [HEADINGS]
    for case, samples in results:
        rows.append(_costs(case, samples))
        if case.paced:
            rows.append(_memory(case, samples, streams))
    widths = [max(len(row[i]) for row in rows) for i in range(len(HEADINGS))]
    lines = []
    for row in rows:
        cells = zip(row, widths)
        lines.append("  ".join(f"{text:<{width}}" for text, width in cells).rstrip())
    return "\n".join([lines[0], "-" * max(map(len, lines)), *lines[1:]])
