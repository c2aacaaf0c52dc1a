"""When a connection is kept, for whom, and how long."""

import socket
import threading
import unittest

import bodies
from harness import IntegrationTest
from stub_provider import json_answer

MODEL = "claude-opus-5-5"
ANSWER = json_answer(
    200,
    {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": MODEL,
        "content": [{"type": "text", "text": "from the stub"}],
        "stop_reason": "end_turn",
        "usage": {"input_tokens": 1, "output_tokens": 1},
    },
)
REFUSAL = json_answer(
    400,
    {"type": "error", "error": {"type": "invalid_request_error", "message": "prompt is too long"}},
)

class HastyProvider:
    """Answers its first request by the head alone and reads no more of it; all others properly."""

    def __init__(self):
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen(16)
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


if __name__ == "__main__":
    unittest.main()
