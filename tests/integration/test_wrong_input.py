"""What a client does wrong is told in its own protocol, at once, and hurts nobody else."""

import json
import threading
import unittest

import bodies
from harness import Closed, IntegrationTest, wait_until
from stub_provider import json_answer


class WrongInput(IntegrationTest):
    def setUp(self):
        super().setUp()
        self.fake = self.start_fake()
        self.gateway = self.start_gateway()
        self.key = self.new_key(self.gateway)
        self.channel = self.new_channel(self.gateway, self.fake, ["claude-opus-5-5", "gpt-5.5"])

    def tearDown(self):
        answer = self.ask(bodies.message(), {"x-api-key": self.key})
        self.assertEqual(answer.status, 200, "it still serves")

    def ask(self, body, headers, path="/v1/messages", method="POST"):
        return self.gateway.request(method, path, headers, body)

    def with_key(self, body, path="/v1/messages", **headers):
        return self.ask(body, {"x-api-key": self.key, **headers}, path)

    def assert_refused(self, answer, status, kind=None):
        """An error of our own in Anthropic's shape that asks for no retry."""
        self.assertEqual(answer.status, status, answer.body)
        self.assertEqual(answer.header("content-type"), "application/json")
        error = answer.json()
        self.assertEqual(error["type"], "error")
        self.assertTrue(error["error"]["message"])
        if kind:
            self.assertEqual(error["error"]["type"], kind)
        if 400 <= status < 500 and status != 429:
            self.assertEqual(answer.header("x-should-retry"), "false")

    def test_requests_without_a_good_key_get_one_constant_answer(self):
        answers = [
            self.ask(bodies.message(), headers)
            for headers in (
                {},
                {"x-api-key": "ah-" + "x" * 43},
                {"x-api-key": self.key[:-1]},
                {"x-api-key": self.key.upper()},
                {"authorization": "Bearer nonsense"},
                {"authorization": f"Basic {self.key}"},
                {"x-api-key": "a" * 4000},
            )
        ]
        disabled = self.gateway.admin.create_key("off")
        self.secrets.add(disabled["key"])
        self.gateway.admin.patch(f"keys/{disabled['id']}", {"enabled": False})
        answers.append(self.ask(bodies.message(), {"x-api-key": disabled["key"]}))
        for answer in answers:
            self.assert_refused(answer, 401, "authentication_error")
        said = set()
        for answer in answers:
            error = answer.json()
            error.pop("request_id", None)
            said.add(json.dumps(error))
        self.assertEqual(len(said), 1, said)
        self.assertEqual(self.fake.stats()["requests"], 0)

    def test_unknown_models_are_not_found(self):
        answer = self.with_key(bodies.message("no-such-model"))
        self.assert_refused(answer, 404, "not_found_error")
        self.assertIn("no-such-model", answer.json()["error"]["message"])

    def test_a_model_without_an_enabled_channel_is_unavailable(self):
        self.new_channel(self.gateway, self.fake, ["claude-off"], enable=False)
        answer = self.with_key(bodies.message("claude-off"))
        self.assertIn(answer.status, (503, 529), answer.body)
        self.assertEqual(answer.json()["type"], "error")

    def test_broken_bodies_are_refused(self):
        for body in (
            b"",
            b"{",
            b"[]",
            b"null",
            b'"text"',
            b"not json",
            b"{}",
            b'{"messages":[]}',
            b'{"model":"claude-opus-5-5"',
            b'{"model":"claude-opus-5-5"} {}',
            b'{"model":"claude-opus-5-5"}}',
            b'{"model":5,"messages":[]}',
            b'{"model":"","messages":[]}',
            b'{"model":"a","model":"b","messages":[]}',
            b'{"model":"a","mod\\u0065l":"b","messages":[]}',
            b'{"model":"claude-\xff","messages":[]}',
            b"\xef\xbb\xbf" + b"{",
        ):
            with self.subTest(body):
                answer = self.with_key(body)
                self.assert_refused(answer, 400, "invalid_request_error")
        self.assertEqual(self.fake.stats()["requests"], 0)

    def test_deep_bodies_do_no_harm(self):
        for opening in (b"[", b'{"a":'):
            body = b'{"model":"claude-opus-5-5","messages":' + opening * 100_000
            self.assert_refused(self.with_key(body), 400)

    def test_a_body_above_the_limit_is_refused_before_it_comes(self):
        with self.gateway.connect() as wire:
            wire.send(
                b"POST /v1/messages HTTP/1.1\r\nhost: x\r\nx-api-key: "
                + self.key.encode()
                + b"\r\ncontent-length: 104857600\r\n\r\n"
            )
            answer = wire.read_response()
        self.assert_refused(answer, 413, "request_too_large")

    def test_a_chunked_body_above_the_limit_is_cut_off(self):
        gateway = self.start_gateway({"AXONHUB_SERVER_LIMITS_BODY_BYTES": "100000"})
        key = self.new_key(gateway)
        with gateway.connect() as wire:
            wire.send(
                b"POST /v1/messages HTTP/1.1\r\nhost: x\r\nx-api-key: "
                + key.encode()
                + b"\r\ntransfer-encoding: chunked\r\n\r\n"
            )
            try:
                for _ in range(64):
                    wire.send(b"4000\r\n" + b" " * 0x4000 + b"\r\n")
            except (BrokenPipeError, ConnectionResetError):
                return  # it closed while we still sent: the answer may be lost
            try:
                self.assertEqual(wire.read_response().status, 413)
            except Closed:
                pass

    def test_chunked_bodies_share_the_memory_for_bodies(self):
        due = threading.Event()
        self.addCleanup(due.set)

        def answer(head, body):
            if len(stub.bodies) == 1:
                due.wait()
            return json_answer(400, {"type": "error", "error": {"type": "x", "message": "no"}})

        stub = self.start_stub(answer)
        limits = {"BODY_BYTES": "1MiB", "BODY_MEMORY": "1MiB"}
        gateway = self.start_gateway(
            {f"AXONHUB_SERVER_LIMITS_{name}": size for name, size in limits.items()}
        )
        key = self.new_key(gateway)
        self.new_channel(gateway, stub, ["m"])
        body = bodies.message("m", "x" * 700_000)
        head = f"POST /v1/messages HTTP/1.1\r\nhost: x\r\nx-api-key: {key}\r\n"
        request = head.encode() + b"transfer-encoding: chunked\r\n\r\n"
        request += b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
        with gateway.connect() as first:
            first.send(request)
            wait_until(lambda: stub.bodies, "the first one is under way")
            with gateway.connect() as second:
                second.send(request)
                self.assert_refused(second.read_response(), 529, "overloaded_error")
            due.set()
            self.assertEqual(first.read_response().status, 400)
        with gateway.connect() as third:
            third.send(request)
            self.assertEqual(third.read_response().status, 400, "its memory has come back")

    def test_too_many_headers_are_refused(self):
        many = {f"x-flood-{number}": "1" for number in range(200)}
        long = {"x-long": "y" * 20_000}
        much = {f"x-{number}": "z" * 7000 for number in range(20)}
        for headers in (many, long, much):
            with self.gateway.connect() as wire:
                wire.send_request("POST", "/v1/messages", headers, b"{}")
                self.assertEqual(wire.read_response().status, 431)
                self.assertTrue(wire.is_closed_by_peer())

    def test_what_is_no_http_is_refused(self):
        for garbage in (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", b"hello\r\n\r\n"):
            with self.gateway.connect() as wire:
                wire.send(garbage)
                self.assertEqual(wire.read_response().status, 400)
                self.assertTrue(wire.is_closed_by_peer())

    def test_unknown_paths_are_not_found(self):
        for path in ("/v1/nothing", "/v1/messages/batches", "/anthropic/v1/nothing"):
            with self.subTest(path):
                answer = self.with_key(bodies.message(), path)
                self.assertEqual(answer.status, 404)
                self.assertEqual(answer.header("x-should-retry"), "false")
                answer.json()
        self.assertEqual(self.gateway.request("GET", "/no-such-page").status, 404)

    def test_wrong_methods_are_named(self):
        for method, path, allowed in (
            ("GET", "/v1/messages", "POST"),
            ("DELETE", "/anthropic/v1/messages", "POST"),
            ("POST", "/v1/models", "GET"),
        ):
            with self.subTest(path):
                body = b"{}" if method == "POST" else None
                answer = self.ask(body, {"x-api-key": self.key}, path, method)
                self.assertEqual(answer.status, 405)
                self.assertIn(allowed, answer.header("allow", ""))

    def test_compressed_bodies_are_refused_not_forwarded(self):
        answer = self.with_key(b"\x1f\x8b\x08\x00junk", **{"content-encoding": "gzip"})
        self.assertIn(answer.status, (400, 415))
        self.assertEqual(self.fake.stats()["requests"], 0)

    def test_other_expectations_fail(self):
        answer = self.with_key(bodies.message(), **{"expect": "200-maybe"})
        self.assertEqual(answer.status, 417)

    def test_a_client_that_waits_to_continue_may(self):
        body = bodies.message()
        with self.gateway.connect() as wire:
            wire.send(
                b"POST /v1/messages HTTP/1.1\r\nhost: x\r\nx-api-key: "
                + self.key.encode()
                + b"\r\nexpect: 100-continue\r\ncontent-length: %d\r\n\r\n" % len(body)
            )
            self.assertTrue(wire.read_until(b"\r\n\r\n").startswith(b"HTTP/1.1 100 "))
            wire.send(body)
            self.assertEqual(wire.read_response().status, 200)

    def test_clients_cannot_choose_the_upstream(self):
        other = self.start_fake("other")
        body = bodies.message(
            api_base=other.url, base_url=other.url, api_key="stolen", extra_headers={"a": "b"}
        )
        answer = self.with_key(
            body, **{"x-base-url": other.url, "x-custom-host": other.url, "custom-host": other.url}
        )
        self.assertEqual(answer.status, 200)
        self.assertEqual(other.stats()["connections_accepted"], 1)  # this question


if __name__ == "__main__":
    unittest.main()
