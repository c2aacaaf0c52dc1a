"""A provider that answers what a test tells it to, byte for byte. Where the fake provider plays a
good one with faults, this one says what only some real provider would."""

import contextlib
import json
import socket
import threading


def json_answer(status, value, headers=()):
    return raw_answer(status, "application/json", json.dumps(value).encode(), headers)


def raw_answer(status, kind, body, headers=()):
    lines = [f"HTTP/1.1 {status} Said", f"content-type: {kind}", f"content-length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def message_answer(model):
    """A whole Anthropic answer."""
    return json_answer(
        200,
        {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": model,
            "content": [{"type": "text", "text": "from the stub"}],
            "stop_reason": "end_turn",
            "usage": {"input_tokens": 1, "output_tokens": 1},
        },
    )


def narrow_listener():
    """A socket on a free port whose peers soon have to wait when nobody reads."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    listener.bind(("127.0.0.1", 0))
    listener.listen(16)
    return listener


def stream_answer(*events, headers=()):
    """A stream that ends with its connection in order; events are complete texts."""
    body = b"".join(e if isinstance(e, bytes) else e.encode() for e in events)
    lines = ["HTTP/1.1 200 OK", "content-type: text/event-stream", f"content-length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def event(value, name=None):
    """One event of a stream; `value` is JSON or a text as it is."""
    text = value if isinstance(value, str) else json.dumps(value)
    return (f"event: {name}\n" if name else "") + f"data: {text}\n\n"


class StubProvider:
    """Listens on a free port; `answer(head, body)` makes the bytes of each answer, or the
    pieces to be sent one by one."""

    def __init__(self, answer):
        self.answer = answer
        self.bodies = []
        self.heads = []
        self.connections = 0  # as many as there were
        self.open_connections = 0
        self._counting = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def close(self):
        # A blocked accept notices a shutdown, not a close.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)

    def last_json(self):
        return json.loads(self.bodies[-1])

    def _accept(self):
        while True:
            try:
                peer, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(peer,), daemon=True).start()

    @contextlib.contextmanager
    def _counted(self):
        with self._counting:
            self.connections += 1
            self.open_connections += 1
        try:
            yield
        finally:
            with self._counting:
                self.open_connections -= 1

    def _serve(self, peer):
        with peer, self._counted():
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            data = b""
            while True:
                while b"\r\n\r\n" not in data:
                    more = self._receive(peer)
                    if not more:
                        return
                    data += more
                head, data = data.split(b"\r\n\r\n", 1)
                size = 0
                for line in head.split(b"\r\n")[1:]:
                    name, _, value = line.partition(b":")
                    if name.lower() == b"content-length":
                        size = int(value)
                while len(data) < size:
                    more = self._receive(peer)
                    if not more:
                        return
                    data += more
                body, data = data[:size], data[size:]
                self.heads.append(head.decode("latin-1"))
                self.bodies.append(body)
                said = self.answer(self.heads[-1], body)
                try:
                    for piece in [said] if isinstance(said, bytes) else said:
                        peer.sendall(piece)
                except OSError:
                    return

    @staticmethod
    def _receive(peer):
        try:
            return peer.recv(1 << 16)
        except OSError:
            return b""
