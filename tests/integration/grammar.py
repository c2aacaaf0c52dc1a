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
