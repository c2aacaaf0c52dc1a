"""HTTP/1.1 is read strictly: any doubt is an error and the end of the connection."""

import socket
import time
import unittest

import bodies
from harness import PATIENCE, Closed, IntegrationTest

BODY = bodies.message()
LENGTH = b"content-length: %d\r\n" % len(BODY)
POST = b"POST /v1/messages HTTP/1.1\r\n"
HOST = b"host: gateway\r\n"
CHUNKED = b"transfer-encoding: chunked\r\n"
CHUNKS = b"%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY)

# Name, bytes in front of the body (the key's header is put behind the first line), body.
REFUSED = [
    ("both lengths", POST + HOST + LENGTH + CHUNKED, CHUNKS),
    ("both lengths, the other way round", POST + HOST + CHUNKED + LENGTH, CHUNKS),
    ("two equal lengths", POST + HOST + LENGTH + LENGTH, BODY),
    ("two lengths", POST + HOST + LENGTH + b"content-length: 5\r\n", BODY),
    ("a list of lengths", POST + HOST + b"content-length: 5, 5\r\n", b"12345"),
    ("a length with a sign", POST + HOST + b"content-length: +5\r\n", b"12345"),
    ("a negative length", POST + HOST + b"content-length: -1\r\n", b""),
    ("a hexadecimal length", POST + HOST + b"content-length: 0x5\r\n", b"12345"),
    ("a length with an underscore", POST + HOST + b"content-length: 5_0\r\n", b"12345"),
    ("a length above 2^64", POST + HOST + b"content-length: 18446744073709551621\r\n", b"12345"),
    ("an empty length", POST + HOST + b"content-length:\r\n", b""),
    ("chunked, identity", POST + HOST + b"transfer-encoding: chunked, identity\r\n", CHUNKS),
    ("identity, chunked", POST + HOST + b"transfer-encoding: identity, chunked\r\n", CHUNKS),
    ("chunked twice", POST + HOST + b"transfer-encoding: chunked, chunked\r\n", CHUNKS),
    ("an unknown coding", POST + HOST + b"transfer-encoding: xchunked\r\n", CHUNKS),
    ("a quoted coding", POST + HOST + b'transfer-encoding: "chunked"\r\n', CHUNKS),
    ("a control character in a coding", POST + HOST + b"transfer-encoding: \x0bchunked\r\n", CHUNKS),
    ("two codings", POST + HOST + CHUNKED + CHUNKED, CHUNKS),
    ("chunks in HTTP/1.0", b"POST /v1/messages HTTP/1.0\r\n" + HOST + CHUNKED, CHUNKS),
    ("a blank before the colon", POST + HOST + b"content-length : 5\r\n", b"12345"),
    ("a folded line", POST + HOST + b"x-a: 1\r\n folded\r\n" + LENGTH, BODY),
    ("an empty header name", POST + HOST + b": nothing\r\n" + LENGTH, BODY),
    ("NUL in a header name", POST + HOST + b"x-\x00a: 1\r\n" + LENGTH, BODY),
    ("non-ASCII in a header name", POST + HOST + b"x-\xe9: 1\r\n" + LENGTH, BODY),
    ("NUL in a value", POST + HOST + b"x-a: 1\x002\r\n" + LENGTH, BODY),
    ("a carriage return in a value", POST + HOST + b"x-a: 1\r2\r\n" + LENGTH, BODY),
    ("a line feed alone", POST + HOST + b"x-a: 1\n" + LENGTH, BODY),
    ("line feeds only", b"POST /v1/messages HTTP/1.1\nhost: x\n\n", b""),
    ("two blanks in the request line", b"POST  /v1/messages HTTP/1.1\r\n" + HOST + LENGTH, BODY),
    ("a tab in the request line", b"POST\t/v1/messages HTTP/1.1\r\n" + HOST + LENGTH, BODY),
    ("no version", b"POST /v1/messages\r\n" + HOST + LENGTH, BODY),
    ("an unknown version", b"POST /v1/messages HTTP/1.2\r\n" + HOST + LENGTH, BODY),
    ("HTTP/2 without its preface", b"POST /v1/messages HTTP/2.0\r\n" + HOST + LENGTH, BODY),
    ("a lower-case version", b"POST /v1/messages http/1.1\r\n" + HOST + LENGTH, BODY),
    ("authority form", b"POST gateway:80 HTTP/1.1\r\n" + HOST + LENGTH, BODY),
    ("no host", POST + LENGTH, BODY),
    ("two hosts", POST + HOST + HOST + LENGTH, BODY),
    ("a host with user information", POST + b"host: a@b\r\n" + LENGTH, BODY),
    ("a host with a fragment", POST + b"host: a#b\r\n" + LENGTH, BODY),
    ("a host with a bad port", POST + b"host: a:99999\r\n" + LENGTH, BODY),
    ("NUL in the path", b"POST /v1/mess\x00ages HTTP/1.1\r\n" + HOST + LENGTH, BODY),
    ("a fragment in the path", b"POST /v1/messages#x HTTP/1.1\r\n" + HOST + LENGTH, BODY),
    ("raw bytes in the path", b"POST /v1/\xff HTTP/1.1\r\n" + HOST + LENGTH, BODY),
    ("a chunk size with 0x", POST + HOST + CHUNKED, b"0x5\r\n12345\r\n0\r\n\r\n"),
    ("a chunk size with a sign", POST + HOST + CHUNKED, b"+5\r\n12345\r\n0\r\n\r\n"),
    ("a chunk size with a blank", POST + HOST + CHUNKED, b" 5\r\n12345\r\n0\r\n\r\n"),
    ("a huge chunk size", POST + HOST + CHUNKED, b"FFFFFFFFFFFFFFFF\r\n12345\r\n0\r\n\r\n"),
    ("a chunk size of 17 digits", POST + HOST + CHUNKED, b"00000000000000005\r\n12345\r\n0\r\n\r\n"),
    ("an empty chunk size", POST + HOST + CHUNKED, b"\r\n12345\r\n0\r\n\r\n"),
    ("a line feed after a chunk size", POST + HOST + CHUNKED, b"5\n12345\r\n0\r\n\r\n"),
    ("a chunk that is longer", POST + HOST + CHUNKED, b"5\r\n1234567\r\n0\r\n\r\n"),
    ("a chunk that is shorter", POST + HOST + CHUNKED, b"5\r\n123\r\n0\r\n\r\n"),
]


class Raw(IntegrationTest):
    def setUp(self):
        super().setUp()
        self.fake = self.start_fake()
        self.gateway = self.start_gateway({"AXONHUB_SERVER_LIMITS_HEADER_TIMEOUT": "1s"})
        self.key = self.new_key(self.gateway)
        self.new_channel(self.gateway, self.fake, ["claude-opus-5-5"])

    def keyed(self, head, body):
        line_end = head.index(b"\n") + 1
        key = b"x-api-key: %s\r\n" % self.key.encode()
        return head[:line_end] + key + head[line_end:] + b"\r\n" + body

    def good(self, number=0, model="claude-opus-5-5"):
        body = bodies.message(model, text=f"request {number}")
        return self.keyed(POST + HOST + b"content-length: %d\r\n" % len(body), body)

    def test_doubtful_requests_are_refused_and_the_connection_ends(self):
        for name, head, body in REFUSED:
            with self.subTest(name), self.gateway.connect() as wire:
                # A second, good request must never run: what follows an error is not certain.
                wire.send(self.keyed(head, body) + self.good())
                answer = wire.read_response()
                self.assertIn(answer.status, (400, 501, 505), answer.body)
                self.assertTrue(wire.is_closed_by_peer())
        self.assertEqual(self.fake.stats()["requests"], 0)

    def test_statuses_that_are_not_400(self):
        for name, head, status in (
            ("a long method", b"M" * 40 + b" /v1/messages HTTP/1.1\r\n", {400, 501}),
            ("an unknown method", b"BREW /v1/messages HTTP/1.1\r\n", {405, 501}),
            ("a long line", b"POST /" + b"a" * 9000 + b" HTTP/1.1\r\n", {414, 431}),
        ):
            with self.subTest(name), self.gateway.connect() as wire:
                wire.send(self.keyed(head + HOST + LENGTH, BODY))
                self.assertIn(wire.read_response().status, status)

    def test_what_is_allowed_works(self):
        for name, head, body in (
            ("Chunked", POST + HOST + b"transfer-encoding: Chunked\r\n", CHUNKS),
            (
                "an extension and a trailer",
                POST + HOST + CHUNKED,
                b"%x;a=b\r\n%s\r\n0\r\nx-t: 1\r\n\r\n" % (len(BODY), BODY),
            ),
            ("many small chunks", POST + HOST + CHUNKED, b"".join(
                b"1\r\n%c\r\n" % byte for byte in BODY) + b"0\r\n\r\n"),
            ("absolute form", b"POST http://gateway/v1/messages HTTP/1.1\r\n" + HOST + LENGTH, BODY),
            ("an upgrade nobody takes", POST + HOST + b"connection: upgrade\r\nupgrade: h2c\r\n" + LENGTH, BODY),
        ):
            with self.subTest(name), self.gateway.connect() as wire:
                wire.send(self.keyed(head, body))
                self.assertEqual(wire.read_response().status, 200)
                self.assertEqual(self.fake.last_body(), BODY)

    def test_a_head_may_come_byte_by_byte(self):
        with self.gateway.connect() as wire:
            for byte in self.good():
                wire.send(bytes([byte]))
            self.assertEqual(wire.read_response().status, 200)

    def test_pipelined_requests_are_answered_in_order(self):
        models = [f"claude-pipelined-{number}" for number in range(10)]
        self.new_channel(self.gateway, self.fake, models)
        with self.gateway.connect() as wire:
            wire.send(b"".join(self.good(i, model) for i, model in enumerate(models)))
            for model in models:
                answer = wire.read_response()
                self.assertEqual(answer.status, 200)
                self.assertEqual(answer.json()["model"], model)

    def test_a_request_without_a_length_has_no_body(self):
        with self.gateway.connect() as wire:
            wire.send(self.keyed(POST + HOST, b"") + b"{}\r\n\r\n")
            self.assertEqual(wire.read_response().status, 400)
            self.assertEqual(wire.read_response().status, 400)  # "{}" is no request line
            self.assertTrue(wire.is_closed_by_peer())

    def test_a_slow_head_ends_the_connection(self):
        with self.gateway.connect() as wire:
            wire.send(POST)
            start = time.monotonic()
            try:
                self.assertEqual(wire.read_response().status, 408)
                self.assertTrue(wire.is_closed_by_peer())
            except Closed:
                pass
            self.assertLess(time.monotonic() - start, 6 * PATIENCE)

    def test_a_request_has_one_answer_even_when_its_body_does_not_come(self):
        gateway = self.start_gateway({"AXONHUB_SERVER_LIMITS_HEADER_TIMEOUT": "300ms"})
        for target in ("GET /livez", "GET /v1/models", "POST /v1/messages"):
            with self.subTest(target), gateway.connect() as wire:
                head = f"{target} HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n"
                wire.send(head.encode() + b"abc")
                wire.read_response()
                self.assertTrue(wire.is_closed_by_peer(), "with nothing more")

    def test_an_end_inside_a_request_does_no_harm(self):
        whole = self.good()
        for size in (1, 10, len(whole) - len(BODY), len(whole) - 1):
            with self.gateway.connect() as wire:
                wire.send(whole[:size])
        self.assertEqual(self.fake.stats()["requests"], 0)
        with self.gateway.connect() as wire:
            wire.send(whole)
            self.assertEqual(wire.read_response().status, 200)

    def test_a_client_that_ended_its_side_is_gone(self):
        self.fake.config(fault="slow-first-2000")
        with self.gateway.connect() as wire:
            wire.send(self.good())
            wire.socket.shutdown(socket.SHUT_WR)
            self.assertTrue(wire.is_closed_by_peer())

    def test_half_closed_clients_are_answered_where_that_is_set(self):
        gateway = self.start_gateway({"AXONHUB_SERVER_HALF_CLOSE": "true"})
        self.key = self.new_key(gateway)
        self.new_channel(gateway, self.fake, ["claude-opus-5-5"])
        with gateway.connect() as wire:
            wire.send(self.good())
            wire.socket.shutdown(socket.SHUT_WR)
            self.assertEqual(wire.read_response().status, 200)

    def test_upstream_heads_hold_no_injected_lines(self):
        answer = self.gateway.request(
            "POST",
            "/v1/messages",
            {"x-api-key": self.key, "anthropic-beta": "a\tb"},
            bodies.message("claude-\r\nx-injected: 1"),
        )
        self.assertEqual(answer.status, 404)
        self.assertIsNone(answer.header("x-injected"))


if __name__ == "__main__":
    unittest.main()
