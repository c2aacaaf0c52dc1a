"""What a stream must look like before a client may take it for an answer."""


def check_anthropic(events):
    """Raises AssertionError unless the events are one whole Anthropic answer."""
    state, next_index = "before", 0
    for event in events:
        name = event.name
        assert event.json()["type"] == name, event.raw
        if name == "ping":
            continue
        if name == "message_start":
            assert state == "before", f"{name} {state}"
            state = "between"
        elif name == "content_block_start":
            assert state == "between" and event.json()["index"] == next_index, event.raw
            state = "inside"
        elif name == "content_block_delta":
            assert state == "inside" and event.json()["index"] == next_index, event.raw
        elif name == "content_block_stop":
            assert state == "inside" and event.json()["index"] == next_index, event.raw
            state, next_index = "between", next_index + 1
        elif name == "message_delta":
            assert state == "between", f"{name} {state}"
            state = "ending"
        elif name == "message_stop":
            assert state == "ending", f"{name} {state}"
            state = "over"
        else:
            raise AssertionError(f"unexpected event {name}")
    assert state == "over", f"the stream stopped {state}"


def ends_with_error(events):
    """True when the last event is a proper error and nothing looks like an end."""
    if not events or events[-1].name != "error":
        return False
    error = events[-1].json()
    return (
        error["type"] == "error"
        and bool(error["error"]["type"])
        and bool(error["error"]["message"])
        and all(event.name != "message_stop" for event in events)
    )


def check_chat(events, usage=True):
    """Raises AssertionError unless the events are one whole Chat Completions answer."""
    assert events and events[-1].data == "[DONE]", "the last event is [DONE]"
    events = [event for event in events[:-1] if event.data]  # comments have no data
    chunks = [event.json() for event in events]
    state, tools, same = "before", {}, None
    for chunk in chunks:
        assert chunk["object"] == "chat.completion.chunk", chunk
        here = (chunk["id"], chunk["created"], chunk["model"])
        assert same in (None, here), f"{here} after {same}"
        same = here
        if not chunk["choices"]:
            assert state == "finished" and chunk["usage"], f"usage {state}"
            state = "counted"
            continue
        (choice,) = chunk["choices"]
        assert choice["index"] == 0, chunk
        delta = choice["delta"]
        if state == "before":
            assert delta.get("role") == "assistant", chunk
            state = "inside"
        else:
            assert "role" not in delta, chunk
        assert state == "inside", f"{chunk} {state}"
        for call in delta.get("tool_calls", []):
            known = tools.setdefault(call["index"], {"arguments": ""})
            if call.get("id"):
                assert "id" not in known and call["function"]["name"], chunk
                assert call["index"] == len(tools) - 1, chunk
                known["id"] = call["id"]
            assert "id" in known, f"arguments before their call: {chunk}"
            known["arguments"] += call["function"].get("arguments", "")
        if choice["finish_reason"]:
            state = "finished"
            assert (choice["finish_reason"] == "tool_calls") == bool(tools), chunk
    assert state == ("counted" if usage else "finished"), f"the stream stopped {state}"


RESPONSES_PARTS = {
    "message": {"content_part", "output_text", "refusal"},
    "function_call": {"function_call_arguments"},
    "custom_tool_call": {"custom_tool_call_input"},
    "reasoning": {"reasoning_summary_part", "reasoning_summary_text", "reasoning_text"},
}


def check_responses(events):
    """Raises AssertionError unless the events are one whole Responses answer."""
    events = [event for event in events if event.data]
    values = [event.json() for event in events]
    for event, value in zip(events, values):
        assert event.name == value["type"], event.raw
    numbers = [value["sequence_number"] for value in values]
    assert numbers == sorted(set(numbers)), f"sequence numbers {numbers}"
    names = [event.name.removeprefix("response.") for event in events]
    assert names[0] == "created" and names[1] in ("in_progress", "output_item.added"), names
    assert names[-1] == "completed", f"the stream stopped after {names[-1]}"
    done, item = [], None
    for name, value in zip(names[1:-1], values[1:-1]):
        if name == "in_progress":
            continue
        assert value["output_index"] == len(done), value
        if name == "output_item.added":
            assert item is None, f"{value} inside of another item"
            item = value["item"]
        elif name == "output_item.done":
            last = value["item"]
            assert item is not None, f"{value} was never added"
            assert (item["id"], item["type"]) == (last["id"], last["type"]), value
            if last["type"] == "function_call":
                assert last["call_id"] == item["call_id"] and last["name"] == item["name"]
            item = None
            done.append(last)
        else:
            assert item is not None and value["item_id"] == item["id"], value
            assert name.rsplit(".", 1)[0] in RESPONSES_PARTS[item["type"]], name
    assert item is None, "an item was left open"
    final = values[-1]["response"]
    assert final["status"] == "completed" and final["output"] == done, final
    assert final["id"] == values[0]["response"]["id"], final
    assert final["usage"]["total_tokens"] >= 0, final


def looks_finished(events):
    """True when any client could take the stream for a whole answer, in whatever dialect."""
    for event in events:
        if event.data == "[DONE]" or event.name in (
            "message_stop",
            "message_delta",
            "response.completed",
            "response.incomplete",
        ):
            return True
        if event.data and any(c.get("finish_reason") for c in event.json().get("choices", [])):
            return True
    return False


def tells_error(events):
    """True when the last event says, in the stream's own dialect, that it failed."""
    if not events or not events[-1].data or events[-1].data == "[DONE]":
        return False
    last, value = events[-1], events[-1].json()
    if last.name == "response.failed":
        error = value["response"]["error"]
        return value["response"]["status"] == "failed" and bool(error["code"] and error["message"])
    if value.get("type") == "error" and last.name == "error":
        return bool((value.get("error") or value)["message"])
    return not last.name and bool(value.get("error", {}).get("message"))
