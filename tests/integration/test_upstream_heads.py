"""What of the head of an upstream's answer reaches whom."""

import unittest

import bodies
from dialects import Anthropic, Chat, Responses
from harness import IntegrationTest
from stub_provider import event, json_answer, stream_answer

MESSAGE = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "anthropic",
    "content": [{"type": "text", "text": "hi"}],
    "stop_reason": "end_turn",
    "usage": {"input_tokens": 1, "output_tokens": 1},
}
COMPLETION = {
    "id": "c",
    "object": "chat.completion",
    "created": 1,
    "model": "openai",
    "choices": [
        {"index": 0, "message": {"role": "assistant", "content": "x"}, "finish_reason": "stop"}
    ],
}
RESPONSE = {
    "id": "resp_1",
    "object": "response",
    "created_at": 1,
    "status": "completed",
    "model": "openai-responses",
    "output": [],
}
TYPES = {
    "anthropic": (Anthropic, MESSAGE),
    "openai": (Chat, COMPLETION),
    "openai-responses": (Responses, RESPONSE),
}


class UpstreamHeads(IntegrationTest):
    def setUp(self):
        super().setUp()
        self.said = b""
        self.stub = self.start_stub(lambda head, body: self.said)
        self.gateway = self.start_gateway()
        self.key = self.new_key(self.gateway)
        self.channels = {
            kind: self.new_channel(self.gateway, self.stub, [kind], type=kind) for kind in TYPES
        }

    def ask(self, kind, said, stream=False):
        self.said = said
        dialect = TYPES[kind][0]
        headers = {"authorization": f"Bearer {self.key}"}
        return self.gateway.request(
            "POST", dialect.path, headers, dialect.body(kind, stream=stream)
        )

    def test_its_request_id_is_on_record_by_either_name(self):
        own, other = ("request-id", "id-1"), ("x-request-id", "id-2")
        for kind, fields, expected in (
            ("anthropic", [own], "id-1"),
            ("anthropic", [other, own], "id-1"),
            ("anthropic", [other], "id-2"),
            ("openai", [other], "id-2"),
            ("openai", [own, other], "id-2"),
            ("openai", [own], "id-1"),
            ("openai-responses", [other], "id-2"),
            ("openai", [], None),
        ):
            with self.subTest(kind, fields=fields):
                answer = self.ask(kind, json_answer(200, TYPES[kind][1], fields))
                self.assertEqual(answer.status, 200, answer.body)
                attempt = self.gateway.admin.record(answer)["attempts"][0]
                self.assertEqual(attempt["upstream_request_id"], expected)

    def test_a_channels_test_has_its_request_id_too(self):
        self.said = json_answer(200, COMPLETION, [("x-request-id", "id-2")])
        done = self.gateway.admin.post(f"channels/{self.channels['openai']['id']}/test", {})
        record = self.gateway.admin.get(f"requests/{done['request_id']}")
        self.assertEqual(record["attempts"][0]["upstream_request_id"], "id-2")

    def test_fields_that_are_the_gateways_stay_here(self):
        fields = [
            ("access-control-allow-origin", "*"),
            ("Access-Control-Allow-Credentials", "true"),
            ("x-axonhub-channel", "spoofed"),
            ("X-AxonHub-Anything", "spoofed"),
            ("anthropic-ratelimit-requests-remaining", "7"),
        ]
        error = {"type": "error", "error": {"type": "api_error", "message": "no"}}
        for status, said in ((200, MESSAGE), (400, error)):
            answer = self.ask("anthropic", json_answer(status, said, fields))
            self.assertEqual(answer.status, status)
            names = [name.lower() for name, _ in answer.headers]
            self.assertIn("anthropic-ratelimit-requests-remaining", names)
            self.assertNotIn("spoofed", [value for _, value in answer.headers])
            self.assertFalse([name for name in names if name.startswith("access-control")])

    def everything_told(self, channel, answer):
        """Text by where it is told."""
        admin = self.gateway.admin
        yield "the answer", answer.head + answer.body
        yield "the test", admin.raw("POST", f"channels/{channel}/test", {}).body
        for place in ("requests", f"channels/{channel}", f"channels/{channel}/health"):
            yield place, admin.raw("GET", place).body
        for request in admin.items("requests"):
            yield "a record", admin.raw("GET", f"requests/{request['id']}").body

    def test_a_credential_that_it_repeats_goes_nowhere(self):
        secret = "my-own-provider-key-0123456789abcdef"
        self.secrets.add(secret)
        error = {"type": f"invalid {secret}", "message": f"bad {secret}", "code": f"c {secret}"}
        error = {"type": "error", "error": error}
        fields = [("request-id", f"r-{secret}"), ("x-note", secret)]
        said = [(False, json_answer(status, error, fields)) for status in (200, 400, 401, 500)]
        said.append((True, stream_answer(event(error, "error"), headers=fields)))
        said += [(False, json_answer(200, whole, fields)) for _, whole in TYPES.values()]
        for kind, channel in self.channels.items():
            path = f"channels/{channel['id']}"
            credential = self.gateway.admin.get(f"{path}/credentials")["items"][0]["id"]
            self.gateway.admin.patch(f"{path}/credentials/{credential}", {"value": secret})
            for number, (stream, answer) in enumerate(said):
                with self.subTest(kind, number=number):
                    self.gateway.admin.post(f"{path}/enable")
                    answer = self.ask(kind, answer, stream)
                    for where, text in self.everything_told(channel["id"], answer):
                        self.assertNotIn(secret.encode(), text, where)


if __name__ == "__main__":
    unittest.main()
