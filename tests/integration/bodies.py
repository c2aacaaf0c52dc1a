"""Requests as the real clients send them."""

import json
import uuid


def as_json(value):
    return json.dumps(value, separators=(",", ":")).encode()


def message(model="claude-opus-5-5", text="hello", stream=False, **more):
    """A Messages request."""
    body = {
        "model": model,
        "max_tokens": 1024,
        "messages": [{"role": "user", "content": text}],
    }
    if stream:
        body["stream"] = True
    return as_json({**body, **more})


def chat(model="gpt-5.5", text="hello", stream=False, **more):
    """A Chat Completions request."""
    body = {"model": model, "messages": [{"role": "user", "content": text}]}
    if stream:
        body |= {"stream": True, "stream_options": {"include_usage": True}}
    return as_json({**body, **more})


def response(model="gpt-5.5", text="hello", stream=False, **more):
    """A Responses request."""
    item = {
        "type": "message",
        "role": "user",
        "content": [{"type": "input_text", "text": text}],
    }
    return as_json({"model": model, "input": [item], "stream": stream, **more})


def new_session():
    return str(uuid.uuid4())


def user_id(session):
    """metadata.user_id of a current Claude Code."""
    return as_json(
        {"device_id": "0" * 64, "account_uuid": "", "session_id": session}
    ).decode()


def old_user_id(session):
    """metadata.user_id of an older Claude Code."""
    return f"user_{'0' * 64}_account__session_{session}"


def claude_code_headers(session=None):
    """What Claude Code sends beside the credential."""
    headers = {
        "accept": "application/json",
        "content-type": "application/json",
        "accept-encoding": "gzip, deflate, br, zstd",
        "connection": "keep-alive",
        "user-agent": "claude-cli/2.1.330 (external, sdk-cli)",
        "x-app": "cli",
        "anthropic-version": "2023-06-01",
        "anthropic-dangerous-direct-browser-access": "true",
        "anthropic-beta": "claude-code-20250219,interleaved-thinking-2025-05-14",
        "x-stainless-lang": "js",
        "x-stainless-retry-count": "0",
    }
    if session:
        headers["x-claude-code-session-id"] = session
    return headers


def codex_headers(session):
    """What Codex sends beside the credential."""
    return {
        "accept": "text/event-stream",
        "content-type": "application/json",
        "originator": "codex_exec",
        "user-agent": "codex_exec/0.169.0 (Linux; x86_64)",
        "session-id": session,
        "thread-id": session,
        "x-client-request-id": session,
        "x-codex-window-id": f"{session}:0",
    }
