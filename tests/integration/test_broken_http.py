"""Upstreams that break HTTP's rules: the answer counts as failed, its connection is never used
again, and the channel pays for it. They keep their connections open; closing them is for us."""

import unittest

import bodies
from dialects import Anthropic, Chat
from harness import IntegrationTest, wait_until
from stub_provider import message_answer, raw_answer

MODEL = "claude-opus-5-5"
WHOLE = message_answer(MODEL)
BODY = WHOLE.split(b"\r\n\r\n", 1)[1]
GOOD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
LENGTH = b"content-length: %d\r\n" % len(BODY)
THOUSAND = [b"x-%d: %s\r\n" % (n, b"y" * 300) for n in range(1000)]


def answer_with(fields, body=BODY):
    return GOOD + fields + b"\r\n" + body


BROKEN = {
    "one header of 300 KB": answer_with(b"x: " + b"y" * 300_000 + b"\r\n" + LENGTH),
    "1,000 long headers": answer_with(b"".join(THOUSAND) + LENGTH),
    "1,000 short headers": answer_with(b"x: y\r\n" * 1000 + LENGTH),
    "interim answers without end": [b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n" * 10] * 1000,
    "two lengths": answer_with(LENGTH + b"content-length: 3\r\n"),
    "a length and chunks": answer_with(
        LENGTH + b"transfer-encoding: chunked\r\n", b"%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY)
    ),
    "a negative length": answer_with(b"content-length: -1\r\n"),
    "an unknown transfer coding": answer_with(b"transfer-encoding: gzip, identity\r\n"),
    "a chunk without a size": answer_with(b"transfer-encoding: chunked\r\n", b"zz\r\n" + BODY),
    "no HTTP": b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
    "a header folded over lines": answer_with(b"x-a: b\r\n c\r\n" + LENGTH),
    "NUL in a header": answer_with(b"x-a: b\0c\r\n" + LENGTH),
}
REDIRECTS = (301, 302, 303, 307, 308)


class BrokenHttp(IntegrationTest):
    def setUp(self):
        super().setUp()
        self.fake = self.start_fake()
        self.gateway = self.start_gateway()
        self.key = self.new_key(self.gateway)

    def ask(self, model):
        body = bodies.message(model)
        return self.gateway.request("POST", "/v1/messages", {"x-api-key": self.key}, body)

    def channels(self, name, stub):
        model = f"claude-{name.replace(' ', '-')}"
        broken = self.new_channel(self.gateway, stub, [model])
        self.new_channel(self.gateway, self.fake, [model], priority=1)
        return model, broken

    def test_it_moves_on_and_closes_the_connection(self):
        for name, said in BROKEN.items():
            with self.subTest(name):
                stub = self.start_stub(lambda head, body, said=said: said)
                model, broken = self.channels(name, stub)
                answer = self.ask(model)
                self.assertEqual(answer.status, 200, answer.body)
                first, second = self.gateway.admin.record(answer)["attempts"]
                self.assertEqual((first["channel"], first["reason"]), (broken["id"], "protocol"))
                self.assertEqual(second["reason"], "ok")
                self.assertEqual(stub.connections, 1, "tried once")
                wait_until(lambda stub=stub: stub.open_connections == 0, "it is closed")

    def test_the_channel_pays_for_it(self):
        stub = self.start_stub(lambda head, body: BROKEN["two lengths"])
        model, broken = self.channels("pays", stub)
        for _ in range(20):
            self.assertEqual(self.ask(model).status, 200)
        self.assertLess(stub.connections, 10, "it was asked on and on")
        health = self.gateway.admin.get(f"channels/{broken['id']}")["health"]
        self.assertNotEqual(health["state"], "ok", health)

    def test_alone_it_becomes_an_error_in_the_clients_dialect(self):
        stub = self.start_stub(lambda head, body: BROKEN["a length and chunks"])
        self.new_channel(self.gateway, stub, ["claude-alone"])
        for dialect, status, kind in ((Anthropic, 500, "api_error"), (Chat, 502, "server_error")):
            with self.subTest(dialect.name):
                answer = self.gateway.request(
                    "POST",
                    dialect.path,
                    {"authorization": f"Bearer {self.key}"},
                    dialect.body("claude-alone"),
                )
                self.assertEqual(answer.status, status, answer.body)
                self.assertEqual(dialect.error(answer)[0], kind)

    def test_more_than_its_length_ends_the_connection(self):
        stub = self.start_stub(lambda head, body: WHOLE + b"HTTP/1.1 200 OK\r\n\r\n")
        self.new_channel(self.gateway, stub, ["claude-more"])
        for number in (1, 2):
            answer = self.ask("claude-more")
            self.assertEqual((answer.status, answer.body), (200, BODY))
            self.assertEqual(stub.connections, number)

    def test_redirects_are_not_followed(self):
        for status in REDIRECTS:
            with self.subTest(status):
                stub = self.start_stub(
                    lambda head, body, status=status: raw_answer(
                        status, "text/plain", b"", [("location", "/elsewhere")]
                    )
                )
                model, broken = self.channels(f"redirect {status}", stub)
                answer = self.ask(model)
                self.assertEqual(answer.status, 200, answer.body)
                first, _ = self.gateway.admin.record(answer)["attempts"]
                self.assertEqual((first["channel"], first["http_status"]), (broken["id"], status))
                targets = {head.split(" ")[1] for head in stub.heads}
                self.assertEqual(targets, {"/v1/messages"})


if __name__ == "__main__":
    unittest.main()
