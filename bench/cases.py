"""The cases: what is asked of a server, what is measured, and the goal beside nginx."""

import json
import subprocess
import threading
from dataclasses import dataclass, field

from bodies import make_body
from servers import HERE, OTHER_CORE, on_core

CONNECTIONS = 32
PACE_MS = 250
BURST_DELTAS = 100


@dataclass
class Case:
    name: str
    title: str
    size: int
    goal: float  # of the cost, as a share of what nginx needs
    stream: bool = False
    paced: bool = False
    connections: int = CONNECTIONS


CASES = {
    case.name: case
    for case in (
        Case("A", "1 KB", 1024, 1.15),
        Case("B", "20 KB", 20 * 1024, 1.25),
        Case("C", "200 KB", 200 * 1024, 1.0),
        Case("D", "20 KB, 100 events at once", 20 * 1024, 0.75, stream=True),
        Case("E", "20 KB, paced events", 20 * 1024, 1.05, stream=True, paced=True),
    )
}


@dataclass
class Plan:
    """How much to ask: `./dev bench` measures, `./dev bench --quick` only tries everything."""

    seconds: float
    rounds: int
    streams: int
    paced_deltas: int


@dataclass
class Sample:
    """One run of one case against one server."""

    answers: int
    per_second: float
    cost_us: float  # CPU for one answer; of a paced stream, for one event
    p50_us: float
    p99_us: float
    kilobytes: float = 0.0  # for each stream, at the peak
    problems: dict = field(default_factory=dict)


class Peak:
    """The most memory a process has while a block runs."""

    def __init__(self, server):
        self.server = server
        self.before = self.most = server.resident_bytes()
        self._over = threading.Event()
        self._watcher = threading.Thread(target=self._watch)

    def _watch(self):
        while not self._over.wait(0.05):
            self.most = max(self.most, self.server.resident_bytes())

    def __enter__(self):
        self._watcher.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._watcher.join()


class Bench:
    def __init__(self, build, folder, provider, plan):
        self.build = build
        self.folder = folder
        self.provider = provider
        self.plan = plan

    def warm_up(self, server):
        """Makes connections, sessions and caches before memory is looked at."""
        for name in "BD":
            self._ask(server, CASES[name], 8, 0.5)

    def measure(self, server, case):
        cpu = server.cpu_seconds()
        with Peak(server) as peak:
            if case.paced:
                seen = self._ask(server, case, self.plan.streams, 0)
            else:
                seen = self._ask(server, case, case.connections, self.plan.seconds)
        cpu = server.cpu_seconds() - cpu
        units = seen["deltas"] if case.paced else seen["answers"]
        return Sample(
            answers=seen["answers"],
            per_second=seen["answers"] / max(seen["seconds"], 1e-3),
            cost_us=1e6 * cpu / max(units, 1),
            p50_us=seen["delta_age_p50_us" if case.paced else "p50_us"],
            p99_us=seen["delta_age_p99_us" if case.paced else "p99_us"],
            kilobytes=(peak.most - peak.before) / 1024 / self.plan.streams if case.paced else 0,
            problems={what: count for what, count in seen["problems"].items() if count},
        )

    def _ask(self, server, case, connections, seconds):
        """Runs the load and gives what it saw; a run without answers is a problem too."""
        make = self._stream_client if case.stream else self._wrk
        command = make(server, case, connections, seconds)
        done = subprocess.run(
            on_core(OTHER_CORE, *command), capture_output=True, text=True, timeout=seconds + 120
        )
        try:
            seen = json.loads(done.stdout.splitlines()[-1])
        except (IndexError, ValueError):
            raise AssertionError(f"{command[0]} failed: {done.stdout}{done.stderr}") from None
        if seen["answers"] == 0:
            seen["problems"]["no answer"] = 1
        return seen

    def _wrk(self, server, case, connections, seconds):
        url = f"http://127.0.0.1:{server.port}/v1/messages?beta=true"
        length = max(1, round(seconds))
        run = ["wrk", "-t1", f"-c{connections}", f"-d{length}s", "-s", HERE / "load.lua", url]
        return [*run, "--", self._body(case), server.key]

    def _stream_client(self, server, case, connections, seconds):
        deltas = self.plan.paced_deltas if case.paced else BURST_DELTAS
        self.provider.config(
            delta_count=deltas, interval_ms=PACE_MS if case.paced else 0, stamp=case.paced
        )
        run = [self.build / "stream_client", "--port", server.port, "--key", server.key]
        run += ["--body", self._body(case), "--connections", connections, "--deltas", deltas]
        return [*run, *(["--ramp", 500] if case.paced else ["--seconds", seconds])]

    def _body(self, case):
        path = self.folder / f"body-{case.name}.json"
        if not path.exists():
            path.write_bytes(make_body(case.size, case.stream))
        return path
