"""Request bodies like those of a coding agent, of an exact size."""

import json
import random
import uuid

MODEL = "claude-bench"

RULES = (
    "You help with work on source code. Prefer small changes, run the tests after each of them, "
    "and say which file a finding is in. “Done” means: the tests pass.\n"
)
LINE = '{number:6d}\t  if (path.starts_with("/v{digit}/")) return lookup(routes, path);\n'
TOOLS = ("Bash", "Read", "Edit", "Write", "Grep", "Glob", "WebFetch", "Task")


def _tool(name):
    text = {"type": "string", "description": f"What {name} works on"}
    number = {"type": "number", "description": "How many lines at most"}
    return {
        "name": name,
        "description": f"{name}: {RULES}",
        "input_schema": {
            "type": "object",
            "properties": {"path": text, "limit": number},
            "required": ["path"],
        },
    }


def _source(chance, size):
    """The beginning of a file as a tool shows it."""
    text = ""
    while len(text) < size:
        text += LINE.format(number=chance.randrange(10**5), digit=chance.randrange(10))
    return text[:size]


def _turn(chance, number, size):
    """The model reads a file."""
    call = f"toolu_{number:022d}"
    read = {"type": "tool_use", "id": call, "name": "Read", "input": {"path": f"net/{number}.cpp"}}
    result = {"type": "tool_result", "tool_use_id": call, "content": _source(chance, size)}
    return [
        {"role": "assistant", "content": [{"type": "text", "text": "I look."}, read]},
        {"role": "user", "content": [result]},
    ]


def _as_bytes(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def make_body(size, stream):
    """A Messages request of exactly `size` bytes."""
    chance = random.Random(size)
    session = uuid.UUID(int=size, version=4)
    messages = [{"role": "user", "content": "Why does the test of the router fail?"}]
    body = {
        "model": MODEL,
        "max_tokens": 32000,
        "stream": stream,
        "metadata": {"user_id": f"user_{'5e' * 32}_account__session_{session}"},
    }
    if size > 4096:
        kept = {"cache_control": {"type": "ephemeral"}}
        body["system"] = [{"type": "text", "text": RULES * (size // 1500), **kept}]
        body["tools"] = [_tool(name) for name in TOOLS]
        step = max(1000, size // 40)
        while len(_as_bytes({**body, "messages": messages})) + 1.5 * step < size:
            messages += _turn(chance, len(messages), step)
        messages += [{"role": "assistant", "content": "I see."}, {"role": "user", "content": ""}]
    body["messages"] = messages
    text = messages[-1]["content"]
    messages[-1]["content"] = text + "x" * (size - len(_as_bytes(body)))
    made = _as_bytes(body)
    assert len(made) == size, f"{len(made)} bytes instead of {size}"
    return made
