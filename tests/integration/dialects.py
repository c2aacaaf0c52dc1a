"""The three protocols as a client speaks them: requests, and what an answer says."""

import json
from dataclasses import dataclass, field

import bodies
import grammar

TOOL = "Bash"
TOOL_SCHEMA = {"type": "object", "properties": {"command": {"type": "string"}}}


@dataclass
class Said:
    """An answer without its protocol. `prompt` counts all tokens of the prompt."""

    model: str = ""
    text: str = ""
    thought: str = ""
    calls: list = field(default_factory=list)  # of (id, name, arguments as text)
    finish: str = ""
    prompt: int = 0
    cached: int = 0
    output: int = 0


class Anthropic:
    name = "anthropic"
    path = "/v1/messages"
    tool = {"name": TOOL, "description": "Runs it.", "input_schema": TOOL_SCHEMA}
    finish_text, finish_tools = "end_turn", "tool_use"
    check = staticmethod(grammar.check_anthropic)

    body = staticmethod(bodies.message)

    @staticmethod
    def history(said, results):
        """The turns after the first one: the model's, and its tools' results."""
        blocks = [{"type": "text", "text": said.text}] if said.text else []
        blocks += [
            {"type": "tool_use", "id": i, "name": n, "input": json.loads(a)}
            for i, n, a in said.calls
        ]
        answers = [
            {"type": "tool_result", "tool_use_id": call[0], "content": result}
            for call, result in zip(said.calls, results)
        ]
        return [{"role": "assistant", "content": blocks}, {"role": "user", "content": answers}]

    @classmethod
    def go_on(cls, model, said, results, stream):
        turns = [{"role": "user", "content": "go"}, *cls.history(said, results)]
        return bodies.message(model, stream=stream, tools=[cls.tool], messages=turns)

    @staticmethod
    def _count(said, usage):
        if "input_tokens" in usage:
            said.cached = usage.get("cache_read_input_tokens", 0)
            written = usage.get("cache_creation_input_tokens", 0)
            said.prompt = usage["input_tokens"] + said.cached + written
        said.output = usage.get("output_tokens", said.output)

    @classmethod
    def read(cls, answer):
        said, value = Said(), answer.json()
        assert value["type"] == "message" and value["role"] == "assistant", value
        assert value["id"].startswith("msg_"), value
        said.model, said.finish = value["model"], value["stop_reason"]
        for block in value["content"]:
            said.text += block.get("text", "")
            said.thought += block.get("thinking", "")
            if block["type"] == "tool_use":
                said.calls.append((block["id"], block["name"], json.dumps(block["input"])))
        cls._count(said, value["usage"])
        return said

    @classmethod
    def read_stream(cls, events):
        said, parts = Said(), {}
        for event in events:
            value = event.json()
            if event.name == "message_start":
                said.model = value["message"]["model"]
                assert value["message"]["id"].startswith("msg_"), value
                cls._count(said, value["message"]["usage"])
            elif event.name == "content_block_start":
                block = value["content_block"]
                if block["type"] == "tool_use":
                    parts[value["index"]] = [block["id"], block["name"], ""]
            elif event.name == "content_block_delta":
                delta = value["delta"]
                said.text += delta.get("text", "")
                said.thought += delta.get("thinking", "")
                if delta["type"] == "input_json_delta":
                    parts[value["index"]][2] += delta["partial_json"]
            elif event.name == "message_delta":
                said.finish = value["delta"]["stop_reason"]
                cls._count(said, value["usage"])
        said.calls = [tuple(part) for part in parts.values()]
        return said

    @staticmethod
    def error(answer):
        """Type, code and message; there is no code."""
        value = answer.json()
        assert value["type"] == "error" and set(value) <= {"type", "error", "request_id"}, value
        return value["error"]["type"], None, value["error"]["message"]


class Chat:
    name = "openai_chat"
    path = "/v1/chat/completions"
    tool = {"type": "function", "function": {"name": TOOL, "parameters": TOOL_SCHEMA}}
    finish_text, finish_tools = "stop", "tool_calls"
    check = staticmethod(grammar.check_chat)

    body = staticmethod(bodies.chat)

    @classmethod
    def go_on(cls, model, said, results, stream):
        calls = [
            {"id": i, "type": "function", "function": {"name": n, "arguments": a}}
            for i, n, a in said.calls
        ]
        turns = [
            {"role": "user", "content": "go"},
            {"role": "assistant", "content": said.text or None, "tool_calls": calls},
        ]
        for call, result in zip(said.calls, results):
            turns.append({"role": "tool", "tool_call_id": call[0], "content": result})
        return bodies.chat(model, stream=stream, tools=[cls.tool], messages=turns)

    @staticmethod
    def _count(said, usage):
        assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"], usage
        said.prompt, said.output = usage["prompt_tokens"], usage["completion_tokens"]
        said.cached = usage.get("prompt_tokens_details", {}).get("cached_tokens", 0)

    @classmethod
    def read(cls, answer):
        said, value = Said(), answer.json()
        assert value["object"] == "chat.completion" and isinstance(value["created"], int), value
        assert value["id"].startswith("chatcmpl-"), value
        (choice,) = value["choices"]
        message = choice["message"]
        assert message["role"] == "assistant" and "content" in message, value
        said.model, said.finish = value["model"], choice["finish_reason"]
        said.text = message["content"] or ""
        said.thought = message.get("reasoning_content") or ""
        said.calls = [
            (c["id"], c["function"]["name"], c["function"]["arguments"])
            for c in message.get("tool_calls") or []
        ]
        cls._count(said, value["usage"])
        return said

    @classmethod
    def read_stream(cls, events):
        said, parts = Said(), {}
        for event in events:
            if not event.data or event.data == "[DONE]":
                continue
            value = event.json()
            said.model = value["model"]
            if value.get("usage"):
                cls._count(said, value["usage"])
            for choice in value["choices"]:
                delta = choice["delta"]
                said.text += delta.get("content") or ""
                said.thought += delta.get("reasoning_content") or ""
                said.finish = choice["finish_reason"] or said.finish
                for call in delta.get("tool_calls", []):
                    function = call["function"]
                    part = parts.setdefault(
                        call["index"], [call.get("id"), function.get("name"), ""]
                    )
                    part[2] += function.get("arguments", "")
        said.calls = [tuple(part) for part in parts.values()]
        return said

    @staticmethod
    def error(answer):
        error = answer.json()["error"]
        assert {"message", "type", "param", "code"} <= set(error), error
        return error["type"], error["code"], error["message"]


class Responses:
    name = "openai_responses"
    path = "/v1/responses"
    tool = {"type": "function", "name": TOOL, "parameters": TOOL_SCHEMA}
    finish_text = finish_tools = "completed"
    check = staticmethod(grammar.check_responses)

    body = staticmethod(bodies.response)

    @classmethod
    def go_on(cls, model, said, results, stream):
        items = [{"type": "message", "role": "user", "content": "go"}]
        if said.text:
            part = {"type": "output_text", "text": said.text, "annotations": []}
            items.append({"type": "message", "role": "assistant", "content": [part]})
        for i, n, a in said.calls:
            items.append({"type": "function_call", "call_id": i, "name": n, "arguments": a})
        for call, result in zip(said.calls, results):
            items.append({"type": "function_call_output", "call_id": call[0], "output": result})
        return bodies.response(model, stream=stream, tools=[cls.tool], input=items)

    @classmethod
    def _read_response(cls, value):
        said = Said(model=value["model"], finish=value["status"])
        assert value["object"] == "response" and value["id"].startswith("resp_"), value
        for item in value["output"]:
            if item["type"] == "message":
                said.text += "".join(part["text"] for part in item["content"])
            elif item["type"] == "reasoning":
                said.thought += "".join(part["text"] for part in item["summary"])
            else:
                said.calls.append((item["call_id"], item["name"], item["arguments"]))
        usage = value["usage"]
        assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"], usage
        said.prompt, said.output = usage["input_tokens"], usage["output_tokens"]
        said.cached = usage["input_tokens_details"]["cached_tokens"]
        return said

    @classmethod
    def read(cls, answer):
        return cls._read_response(answer.json())

    @classmethod
    def read_stream(cls, events):
        said = cls._read_response(events[-1].json()["response"])
        deltas = [e.json()["delta"] for e in events if e.name == "response.output_text.delta"]
        assert "".join(deltas) == said.text, "the deltas are the text"
        return said

    error = staticmethod(Chat.error)


ALL = (Anthropic, Chat, Responses)


def read_answer(dialect, answer, stream):
    """What a good answer says, with its form checked."""
    assert answer.status == 200, (answer.status, answer.body)
    assert answer.complete, answer.body
    kind = answer.header("content-type")
    if not stream:
        assert kind.startswith("application/json"), kind
        return dialect.read(answer)
    assert kind.startswith("text/event-stream"), kind
    events = answer.events()
    dialect.check(events)
    return dialect.read_stream(events)
