#!/usr/bin/env python3
"""Writes the seeds of the fuzz targets into a folder: the tests' fixtures, once for each choice that
their dialect allows (input.hpp explains the first two bytes)."""

import json
import pathlib
import sys

FIXTURES = pathlib.Path(__file__).resolve().parents[1] / "fixtures" / "llm"
LARGEST = 16 * 1024  # larger inputs only slow the search down

# The pairs of to_pair() in input.hpp that read this dialect, by the prefix of a fixture's name.
PAIRS = {"anthropic": "01", "openai": "23", "responses": "45"}
METERS = {"anthropic": "0", "openai": "1", "responses": "2"}
REQUESTS = {"anthropic": "01", "openai_chat": "23", "openai_responses": "45"}


def write(folder, target, name, choices, body):
    if len(body) > LARGEST:
        return
    for choice in choices:
        for cuts in (b"\0", b"\x2f"):  # byte by byte is slow: the search finds it
            path = folder / target / f"{name}-{ord(choice)}-{cuts[0]}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(choice.encode() + cuts + body)


def with_tools(choices, body):
    """The variations that concern a tool of the fixtures, where it is called."""
    if b"get_weather" not in body:
        return choices
    return "".join(chr(ord(c) + 6 * n) for c in choices for n in range(6))


def streams(folder):
    for path in sorted((FIXTURES / "conversion").glob("*.sse")):
        dialect = path.name.split("-")[0]
        body = path.read_bytes()
        write(folder, "streams", path.stem, with_tools(PAIRS[dialect], body), body)
        write(folder, "events", path.stem, METERS[dialect] + "3", body)


def bodies(folder):
    for path in sorted((FIXTURES / "conversion").glob("*-response*.json")):
        body = path.read_bytes()
        choices = with_tools(PAIRS[path.name.split("-")[0]], body)
        write(folder, "answers", path.stem, choices, body)
    body = (FIXTURES / "anthropic" / "answer.json").read_bytes()
    write(folder, "answers", "answer", with_tools("01", body), body)
    for dialect, choices in REQUESTS.items():
        for path in sorted((FIXTURES / "requests").glob("*.json")):
            # What was converted to a dialect is a request of it.
            if path.stem != dialect and not path.stem.endswith(".to_" + dialect):
                continue
            compact = json.dumps(json.loads(path.read_bytes()), separators=(",", ":"))
            write(folder, "requests", path.stem, choices, compact.encode())
            write(folder, "bodies", path.stem, "01", compact.encode())


if __name__ == "__main__":
    streams(pathlib.Path(sys.argv[1]))
    bodies(pathlib.Path(sys.argv[1]))
