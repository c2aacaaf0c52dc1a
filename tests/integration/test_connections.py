"""When a connection is kept, for whom, and how long."""

import socket
import threading
import unittest

import bodies
from harness import IntegrationTest, wait_until
from processes import PATIENCE
from stub_provider import event, json_answer, message_answer, narrow_listener

MODEL = "claude-opus-5-5"
ANSWER = message_answer(MODEL)
REFUSAL = json_answer(
    400,
    {"type": "error", "error": {"type": "invalid_request_error", "message": "prompt is too long"}},
)

MESSAGE = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": MODEL,
    "content": [],
    "stop_reason": None,
    "usage": {"input_tokens": 1000, "output_tokens": 1},
}
STREAM = "".join(
    event(value, value["type"])
    for value in (
        {"type": "message_start", "message": MESSAGE},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_stop", "index": 0},
        {
            "type": "message_delta",
            "delta": {"stop_reason": "end_turn"},
            "usage": {"output_tokens": 5},
        },
        {"type": "message_stop"},
    )
).encode()
STREAM_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"
CHUNKED = STREAM_HEAD + b"transfer-encoding: chunked\r\n\r\n%x\r\n%s\r\n" % (len(STREAM), STREAM)


class Late(list):
    """Pieces of an answer of which the last one waits for `due`."""

    def __init__(self, pieces, due):
        super().__init__(pieces)
        self.due = due

    def __iter__(self):
        yield from self[:-1]
        self.due.wait()
        yield self[-1]


class HastyProvider:
    """Answers its first request by the head alone and reads no more of it; all others properly."""

    def __init__(self):
        self._listener = narrow_listener()
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.connections = []
        self.over = threading.Event()
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def close(self):
        self.over.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)

    def _accept(self):
        while True:
            try:
                peer, _ = self._listener.accept()
            except OSError:
                return
            self.connections.append(peer)
            first = len(self.connections) == 1
            threading.Thread(target=self._serve, args=(peer, first), daemon=True).start()

    def _serve(self, peer, is_first):
        with peer, peer.makefile("rb") as reader:
            while line := reader.readline():
                size = 0
                while line not in (b"\r\n", b""):
                    name, _, value = line.partition(b":")
                    size = int(value) if name.lower() == b"content-length" else size
                    line = reader.readline()
                if is_first:
                    peer.sendall(REFUSAL)
                    self.over.wait()
                    return
                reader.read(size)
                peer.sendall(ANSWER)


class Upstreams(IntegrationTest):
    def start(self, upstream, **variables):
        variables.setdefault("AXONHUB_SERVER_THREADS", "1")  # they share one pool
        self.gateway = self.start_gateway(variables)
        self.key = self.new_key(self.gateway)
        self.new_channel(self.gateway, upstream, [MODEL])

    def ask(self, body):
        return self.gateway.request("POST", "/v1/messages", {"x-api-key": self.key}, body)

    def test_one_that_has_not_taken_the_whole_request_gets_no_other(self):
        hasty = HastyProvider()
        self.addCleanup(hasty.close)
        self.start(hasty, AXONHUB_UPSTREAM_WRITE_STALL="300ms")
        refused = self.ask(bodies.message(MODEL, "x" * (12 << 20)))
        self.assertEqual(refused.status, 400)
        self.assertIn("prompt is too long", refused.json()["error"]["message"])
        answer = self.ask(bodies.message(MODEL))
        self.assertEqual(answer.status, 200, answer.body)
        self.assertEqual(len(hasty.connections), 2)
        attempts = self.gateway.admin.record(answer)["attempts"]
        self.assertEqual([a["reason"] for a in attempts], ["ok"])

    def ask_stream(self, wire, session):
        headers = {"x-api-key": self.key, "x-claude-code-session-id": session}
        wire.send_request("POST", "/v1/messages", headers, bodies.message(MODEL, stream=True))
        answer = wire.read_response()
        self.assertEqual(answer.event_names()[-1], "message_stop")
        self.assertTrue(answer.complete)
        return answer

    def test_a_client_with_its_whole_answer_may_leave(self):
        due = threading.Event()
        self.addCleanup(due.set)
        late = self.start_stub(lambda head, body: Late([CHUNKED, b"0\r\n\r\n"], due))
        self.start(late)
        session = bodies.new_session()
        with self.gateway.connect() as wire:
            answer = self.ask_stream(wire, session)
        record = self.gateway.admin.record(answer)
        self.assertEqual((record["status"], record["reason"]), ("completed", "ok"))
        self.assertEqual(record["attempts"][0]["outcome"], "ok")
        self.assertTrue(self.gateway.admin.binding(session))
        self.gateway.stop()  # with the connection still waiting

    def test_one_whose_answer_ends_late_serves_again(self):
        due = threading.Event()
        late = self.start_stub(lambda head, body: Late([CHUNKED, b"0\r\n\r\n"], due))
        self.start(late)
        with self.gateway.connect() as wire:
            self.ask_stream(wire, bodies.new_session())
            due.set()

            def is_used_again():
                self.ask_stream(wire, bodies.new_session())
                return late.connections < len(late.bodies)

            wait_until(is_used_again, "a connection serves twice")

    def test_one_whose_answer_does_not_end_is_closed(self):
        due = threading.Event()
        self.addCleanup(due.set)
        late = self.start_stub(lambda head, body: Late([CHUNKED, b"0\r\n\r\n"], due))
        self.start(late)
        with self.gateway.connect() as wire:
            self.ask_stream(wire, bodies.new_session())
        wait_until(
            lambda: 'axonhub_connections{side="upstream"} 0' in self.metrics(), "it is closed"
        )

    def test_one_that_nobody_needs_is_closed_after_its_time(self):
        stub = self.start_stub(lambda head, body: ANSWER)
        self.start(stub, AXONHUB_UPSTREAM_POOL_IDLE="300ms")
        self.assertEqual(self.ask(bodies.message(MODEL)).status, 200)
        wait_until(lambda: stub.open_connections == 0, "it is closed without another request")

    def metrics(self):
        return self.gateway.request("GET", "/metrics").body.decode()


class Clients(IntegrationTest):
    @unittest.skipIf(PATIENCE > 1, "sanitizers keep what was freed for a while")
    def test_what_a_large_head_took_comes_back(self):
        gateway = self.start_gateway({"AXONHUB_SERVER_THREADS": "1"})
        fields = {f"x-{number}": "a" * 7900 for number in range(8)}

        def memory():
            with open(f"/proc/{gateway.pid}/status", encoding="ascii") as status:
                line = next(line for line in status if line.startswith("RssAnon"))
            return int(line.split()[1]) / 1024

        before = memory()
        idle = [gateway.connect() for _ in range(500)]  # 31 MB of heads
        try:
            for wire in idle:
                self.assertEqual(wire.request("GET", "/livez", fields).status, 200)
            wait_until(lambda: memory() - before < 15, f"memory comes back to {before} MB", 30)
        finally:
            for wire in idle:
                wire.close()


if __name__ == "__main__":
    unittest.main()
