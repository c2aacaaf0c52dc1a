"""HTTP on a raw socket: tests see, and choose, every byte."""

import json
import socket
import ssl
import struct
from dataclasses import dataclass, field

from processes import PATIENCE


class Closed(Exception):
    """The peer closed or reset where more bytes were due."""


@dataclass
class Event:
    """One server-sent event: its bytes, and what they say."""

    raw: bytes
    name: str = ""
    data: str = ""

    def json(self):
        return json.loads(self.data)


def parse_event(raw):
    event = Event(raw)
    data = []
    for line in raw.decode("utf-8").replace("\r\n", "\n").split("\n"):
        key, _, value = line.partition(":")
        value = value[1:] if value.startswith(" ") else value
        if key == "event":
            event.name = value
        elif key == "data":
            data.append(value)
    event.data = "\n".join(data)
    return event


def split_events(body):
    """The complete events of a body, and what is left behind them."""
    events = []
    while True:
        ends = [(body.find(mark), len(mark)) for mark in (b"\n\n", b"\r\n\r\n")]
        ends = [end for end in ends if end[0] >= 0]
        if not ends:
            return events, body
        at, size = min(ends)
        events.append(parse_event(body[: at + size]))
        body = body[at + size :]


@dataclass
class Response:
    status: int
    reason: str
    headers: list
    head: bytes
    body: bytes = b""
    complete: bool = True  # False when the connection ended before the body did
    interim: list = field(default_factory=list)

    def header(self, name, default=None):
        for key, value in self.headers:
            if key.lower() == name.lower():
                return value
        return default

    def header_list(self, name):
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def json(self):
        return json.loads(self.body)

    def events(self):
        return split_events(self.body)[0]

    def event_names(self):
        return [event.name for event in self.events()]


class Wire:
    """One connection to a server."""

    def __init__(self, port, host="127.0.0.1", tls=None, name=None, timeout=15.0):
        self.socket = socket.create_connection((host, port), timeout * PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_hostname=name or host)
        self.host = f"{host}:{port}"
        self.buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def reset(self):
        """Closes with a reset instead of an end."""
        self.socket.setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
        )
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def send_request(self, method, target, headers=None, body=None, host=None):
        """A request with Host and, for a body, Content-Length added."""
        lines = [f"{method} {target} HTTP/1.1", f"host: {host or self.host}"]
        pairs = headers.items() if isinstance(headers, dict) else headers or []
        lines += [f"{name}: {value}" for name, value in pairs]
        if body is not None:
            lines.append(f"content-length: {len(body)}")
        self.send("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + (body or b""))

    def _fill(self):
        try:
            more = self.socket.recv(1 << 16)
        except (ConnectionResetError, ssl.SSLEOFError, BrokenPipeError) as error:
            raise Closed(str(error)) from error
        if not more:
            raise Closed("the peer closed")
        self.buffer += more

    def read_until(self, mark):
        """The bytes up to and with `mark`."""
        while mark not in self.buffer:
            self._fill()
        end = self.buffer.index(mark) + len(mark)
        taken, self.buffer = self.buffer[:end], self.buffer[end:]
        return taken

    def read_exactly(self, size):
        while len(self.buffer) < size:
            self._fill()
        taken, self.buffer = self.buffer[:size], self.buffer[size:]
        return taken

    def read_head(self):
        """The head of the next final response; interim ones are kept in it."""
        interim = []
        while True:
            head = self.read_until(b"\r\n\r\n")
            lines = head[:-4].decode("latin-1").split("\r\n")
            version, status, *reason = lines[0].split(" ", 2)
            if version != "HTTP/1.1":
                raise AssertionError(f"not an HTTP/1.1 response: {lines[0]!r}")
            headers = []
            for line in lines[1:]:
                name, colon, value = line.partition(":")
                if not colon:
                    raise AssertionError(f"header without a colon: {line!r}")
                headers.append((name, value.strip(" \t")))
            response = Response(int(status), "".join(reason), headers, head)
            response.interim = interim
            if response.status >= 200:
                return response
            interim.append(response)

    def body_pieces(self, response, to_head=False):
        """Yields the body as it comes; sets response.complete at the end."""
        response.complete = False
        if to_head or response.status in (204, 304):
            pass
        elif (response.header("transfer-encoding") or "").lower() == "chunked":
            try:
                while True:
                    size = int(self.read_until(b"\r\n").strip(), 16)
                    piece = self.read_exactly(size)
                    if self.read_exactly(2) != b"\r\n":
                        raise AssertionError("a chunk without its line end")
                    if size == 0:
                        break
                    yield piece
            except Closed:
                if self.buffer:
                    rest, self.buffer = self.buffer, b""
                    yield rest
                return
        elif response.header("content-length") is not None:
            left = int(response.header("content-length"))
            while left > 0:
                try:
                    if not self.buffer:
                        self._fill()
                except Closed:
                    return
                piece, self.buffer = self.buffer[:left], self.buffer[left:]
                left -= len(piece)
                yield piece
        else:
            try:
                while True:
                    if not self.buffer:
                        self._fill()
                    piece, self.buffer = self.buffer, b""
                    yield piece
            except Closed:
                pass
        response.complete = True

    def read_response(self, to_head=False):
        response = self.read_head()
        response.body = b"".join(self.body_pieces(response, to_head))
        return response

    def request(self, method, target, headers=None, body=None):
        self.send_request(method, target, headers, body)
        return self.read_response(to_head=method == "HEAD")

    def read_events(self, response):
        """Yields the events of a stream as they come."""
        pending = b""
        for piece in self.body_pieces(response):
            response.body += piece
            events, pending = split_events(pending + piece)
            yield from events

    def is_closed_by_peer(self):
        """Waits for the peer's end; False when bytes come instead."""
        try:
            self._fill()
        except Closed:
            return True
        return False
