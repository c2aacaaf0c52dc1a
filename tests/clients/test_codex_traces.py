"""Which headers of Codex name the trace of its requests."""

import contextlib
import http.client
import os
import threading
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from client_test import ClientTest
from codex import MODEL, Codex, complaints, session_of

NEW = ("session-id", "thread-id", "x-client-request-id", "x-codex-window-id")


@contextlib.contextmanager
def rename_headers(gateway, named):
    """Stands in front of the gateway and makes Codex an older one: its names of a session go, and
    `named` come instead. Tells the address to ask."""

    class Relay(BaseHTTPRequestHandler):
        def log_message(self, *_):
            pass

        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {n: v for n, v in self.headers.items() if n.lower() not in NEW}
            onward = http.client.HTTPConnection("127.0.0.1", gateway.port)
            onward.request("POST", self.path, body, {**headers, **named})
            answer = onward.getresponse()
            self.send_response(answer.status)
            self.send_header("content-type", answer.headers["content-type"])
            self.end_headers()
            self.wfile.write(answer.read())
            onward.close()

    with ThreadingHTTPServer(("127.0.0.1", 0), Relay) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,)).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/v1"
        finally:
            server.shutdown()


class CodexTraces(ClientTest):
    def setUp(self):
        super().setUp()
        for name in ("one", "two"):
            self.start_channel(
                name,
                ["gpt-tools"],
                type="openai-responses",
                model_mappings=[{"from": MODEL, "to": "gpt-tools"}],
            )
        self.codex = Codex(os.path.join(self.folder, "user"), self.key)

    def loop(self, base=None, headers=None):
        """Two requests of one session; the name that Codex itself has for it."""
        answer = self.codex.ask(base or self.url("/v1"), "use your tools", headers=headers)
        self.assertEqual(answer.code, 0, answer.errors)
        self.assertEqual(complaints(answer), [])
        self.assert_smooth(2)
        return session_of(answer)

    def traces(self):
        return {t["external_id"]: t["requests"] for t in self.gateway.admin.items("traces")}


class AsItIs(CodexTraces):
    def test_its_session_id_names_the_trace(self):
        session = self.loop(headers={"Session_id": "older", "Conversation_id": "older still"})
        self.assertEqual(self.traces(), {session: 2})

    def test_older_spellings_do_too(self):
        for name in ("Session_id", "session_id", "Conversation_id"):
            with self.subTest(name), rename_headers(self.gateway, {name: f"old {name}"}) as base:
                self.codex.ask(base, "use your tools")
                self.assertEqual(self.trace(f"old {name}", 2)["requests"], 2)
        self.assertEqual(len(self.traces()), 3)

    def test_without_any_header_its_cache_key_does(self):
        with rename_headers(self.gateway, {}) as base:
            session = self.loop(base)
        self.assertEqual(self.traces(), {session: 2})


class WithAnotherHeader(CodexTraces):
    settings = {"AXONHUB_SERVER_TRACE_EXTRA_TRACE_HEADERS": "Conversation_id"}

    def test_it_comes_first(self):
        self.loop(headers={"Conversation_id": "the conversation"})
        self.assertEqual(self.traces(), {"the conversation": 2})

    def test_without_it_the_session_id_counts(self):
        session = self.loop()
        self.assertEqual(self.traces(), {session: 2})


class SwitchedOff(CodexTraces):
    settings = {"AXONHUB_SERVER_TRACE_CODEX_TRACE_ENABLED": "false"}

    def test_no_trace_is_made(self):
        self.loop()
        self.assertEqual(self.traces(), {})
        self.assertEqual({r["trace"] for r in self.gateway.admin.items("requests")}, {None})


if __name__ == "__main__":
    unittest.main()
