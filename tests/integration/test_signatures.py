"""Signed thoughts are known only where they were made: a session that moves goes on without them,
one that stays hears what its provider says."""

import json
import unittest

import bodies
import dialects
import grammar
from harness import IntegrationTest, wait_until
from stub_provider import json_answer

MODEL = "claude-thinking"
THOUGHT = {"type": "thinking", "thinking": "Let me see.", "signature": "Zm9yZWlnbg=="}
SEALED = {"type": "redacted_thinking", "data": "c2VhbGVk"}
HISTORY = [
    {"role": "user", "content": "hi"},
    {"role": "assistant", "content": [THOUGHT, SEALED, {"type": "text", "text": "yes"}]},
    {"role": "user", "content": "go on"},
]


class Signatures(IntegrationTest):
    def setUp(self):
        super().setUp()
        self.fakes = [self.start_fake(name) for name in ("first", "second")]
        self.gateway = self.start_gateway()
        self.key = self.new_key(self.gateway)
        self.channels = [
            self.new_channel(self.gateway, fake, [MODEL], priority=number)
            for number, fake in enumerate(self.fakes)
        ]

    def ask(self, session, stream=False, **more):
        headers = {"x-api-key": self.key, **bodies.claude_code_headers(session)}
        return self.gateway.request(
            "POST", "/v1/messages", headers, bodies.message(MODEL, stream=stream, **more)
        )

    def record(self, answer):
        return self.gateway.admin.record(answer)

    def moved(self, session):
        """A session that has been at the first channel and cannot be there any more."""
        self.assertEqual(self.ask(session).status, 200)
        self.assertEqual(self.fakes[0].stats()["requests"], 1)
        self.fakes[0].config(fault="529-60")
        self.fakes[1].config(fault="signature")

    def test_a_session_that_moved_goes_on_without_its_thoughts(self):
        for stream in (False, True):
            with self.subTest(stream=stream):
                session = bodies.new_session()
                channels = self.channels
                if stream:  # with health of its own
                    for fake in self.fakes:
                        fake.reset()
                    for channel in channels:
                        self.gateway.admin.delete(f"channels/{channel['id']}")
                    channels = [
                        self.new_channel(self.gateway, fake, [MODEL], priority=number)
                        for number, fake in enumerate(self.fakes)
                    ]
                self.moved(session)
                answer = self.ask(session, stream, messages=HISTORY)
                self.assertEqual(answer.status, 200, answer.body)
                self.assertIn(b"second", answer.body)
                if stream:
                    grammar.check_anthropic(answer.events())
                sent = json.loads(self.fakes[1].last_body())
                self.assertEqual(
                    sent["messages"][1]["content"], [{"type": "text", "text": "yes"}]
                )
                self.assertEqual(sent["messages"][::2], HISTORY[::2])
                attempts = self.record(answer)["attempts"]
                self.assertEqual(
                    [(a["channel"], a["reason"], a["without_thinking"]) for a in attempts],
                    [
                        (channels[0]["id"], "overloaded", False),
                        (channels[1]["id"], "signature", False),
                        (channels[1]["id"], "ok", True),
                    ],
                )
                health = self.gateway.admin.get(f"channels/{channels[1]['id']}/health")
                self.assertEqual(health["state"], "ok", "nobody is blamed")

    def test_a_session_that_began_elsewhere_goes_on_for_more_than_a_turn(self):
        """Resumed from another account: its history holds foreign thoughts in every turn."""
        session = bodies.new_session()
        self.fakes[0].config(fault="signature")
        turns = list(HISTORY)
        for _ in range(3):
            answer = self.ask(session, messages=turns)
            self.assertEqual(answer.status, 200, answer.body)
            turns += [
                {"role": "assistant", "content": [{"type": "text", "text": "so"}]},
                {"role": "user", "content": "and?"},
            ]
        self.assertEqual(self.fakes[1].stats()["requests"], 0, "nobody is blamed")

    def test_it_is_tried_once(self):
        session = bodies.new_session()
        self.moved(session)
        message = "messages.1.content.0: Invalid `signature` in `thinking` block"
        body = json.dumps(
            {"type": "error", "error": {"type": "invalid_request_error", "message": message}}
        ).encode()
        stub = self.start_stub(lambda *_: refusal(body))
        self.gateway.admin.delete(f"channels/{self.channels[1]['id']}")
        self.new_channel(self.gateway, stub, [MODEL], priority=2)
        answer = self.ask(session, messages=HISTORY)
        self.assertEqual((answer.status, answer.body), (400, body))
        self.assertEqual(len(stub.bodies), 2)
        self.assertIn(b"thinking", stub.bodies[0])
        self.assertNotIn(b'"thinking"', stub.bodies[1])

    def test_a_session_that_stayed_hears_its_provider(self):
        session = bodies.new_session()
        self.assertEqual(self.ask(session).status, 200)
        self.fakes[0].config(fault="signature")
        answer = self.ask(session, messages=HISTORY)
        self.assertEqual(answer.status, 400)
        self.assertIn(b"signature", answer.body)
        attempts = self.record(answer)["attempts"]
        self.assertEqual([a["without_thinking"] for a in attempts], [False])
        self.assertEqual(self.fakes[0].stats()["requests"], 2)
        self.assertEqual(self.fakes[1].stats()["requests"], 0)

    def test_thoughts_that_nobody_signed_do_not_reach_anthropic(self):
        """As a session brings them that was at a channel of another protocol."""
        other = self.start_fake("other")
        self.new_channel(self.gateway, other, ["gpt"], type="openai")
        self.fakes[0].config(fault="signature")
        history = json.loads(json.dumps(HISTORY))
        history[1]["content"] = [{**THOUGHT, "signature": ""}, {"type": "text", "text": "yes"}]
        answer = self.ask(bodies.new_session(), messages=history)
        self.assertEqual(answer.status, 200, answer.body)
        self.assertEqual(self.fakes[0].stats()["requests"], 1, "at the first try")

    def test_what_one_attempt_left_out_the_next_one_has(self):
        """A thought without a signature is cut for Anthropic; DeepSeek wants it before calls."""
        other = self.start_fake("other")
        self.new_channel(self.gateway, other, [MODEL], type="deepseek", priority=2)
        for fake in self.fakes:
            fake.config(fault="529-60")
        call = {"type": "tool_use", "id": "toolu_1", "name": "Bash", "input": {"command": "ls"}}
        result = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "ok"}
        history = [
            {"role": "user", "content": "hi"},
            {"role": "assistant", "content": [{**THOUGHT, "signature": ""}, call]},
            {"role": "user", "content": [result]},
        ]
        answer = self.ask(
            bodies.new_session(), messages=history, tools=[dialects.Anthropic.tool]
        )
        self.assertEqual(answer.status, 200, answer.body)
        sent = json.loads(other.last_body())
        self.assertEqual(sent["messages"][1]["reasoning_content"], THOUGHT["thinking"])

    def test_another_providers_thoughts_stay_as_they_are(self):
        other = self.start_fake("other")
        self.new_channel(self.gateway, other, ["deepseek-x"], type="deepseek_anthropic")
        self.new_channel(self.gateway, other, ["gpt"], type="openai")
        history = json.loads(json.dumps(HISTORY))
        history[1]["content"] = [{**THOUGHT, "signature": ""}, {"type": "text", "text": "yes"}]
        body = bodies.message("deepseek-x", messages=history)
        answer = self.gateway.request("POST", "/v1/messages", {"x-api-key": self.key}, body)
        self.assertEqual(answer.status, 200, answer.body)
        self.assertEqual(other.last_body(), body)

    def test_a_session_goes_from_anthropic_to_another_protocol_and_back(self):
        other = self.start_fake("other")
        self.new_channel(self.gateway, other, [MODEL], type="openai", priority=-1)
        session = bodies.new_session()
        turns = [{"role": "user", "content": "hi"}]
        for down in (None, other, self.fakes[0]):
            if down:
                down.config(fault="529-60")
            answer = self.ask(session, stream=True, messages=turns)
            said = dialects.read_answer(dialects.Anthropic, answer, True)
            blocks = [{"type": "text", "text": said.text}]
            if said.thought:
                blocks.insert(0, {**THOUGHT, "thinking": said.thought})
            turns += [
                {"role": "assistant", "content": blocks},
                {"role": "user", "content": "go on"},
            ]
        served = [other.stats(), *(fake.stats() for fake in self.fakes)]
        self.assertTrue(all(s["requests"] for s in served))


class SealedReasoning(IntegrationTest):
    """What Codex brings back is known to the account alone that made it."""

    MODEL = "claude-or-gpt"

    def setUp(self):
        super().setUp()
        self.gateway = self.start_gateway()
        self.key = self.new_key(self.gateway)
        self.first = self.start_fake("first")
        self.session = bodies.new_session()

    def channel(self, provider, priority, **more):
        return self.new_channel(self.gateway, provider, [self.MODEL], priority=priority, **more)

    def ask(self, *items):
        headers = {"authorization": f"Bearer {self.key}", **bodies.codex_headers(self.session)}
        turns = [{"type": "message", "role": "user", "content": "hi"}, *items]
        body = bodies.response(self.MODEL, input=turns, include=["reasoning.encrypted_content"])
        return self.gateway.request("POST", "/v1/responses", headers, body)

    def history(self, sealed):
        reasoning = {
            "type": "reasoning",
            "id": "rs_1",
            "summary": [{"type": "summary_text", "text": "Let me see."}],
            "encrypted_content": sealed,
        }
        said = {"type": "output_text", "text": "yes", "annotations": []}
        return [
            reasoning,
            {"type": "message", "role": "assistant", "content": [said]},
            {"type": "message", "role": "user", "content": "go on"},
        ]

    def move(self):
        """The session has been at the first channel and cannot be there any more."""
        self.assertEqual(self.ask().status, 200)
        self.assertEqual(self.first.stats()["requests"], 1)
        self.first.config(fault="529-60")

    def test_a_converted_session_goes_on_at_anthropic_without_its_thoughts(self):
        self.channel(self.first, 0, type="zai_anthropic")
        second = self.start_fake("second")
        self.channel(second, 1)
        self.move()
        second.config(fault="signature")
        answer = self.ask(*self.history("gwa1.s:Zm9yZWlnbg=="))
        self.assertEqual(answer.status, 200, answer.body)
        sent = json.loads(second.last_body())
        kinds = [block["type"] for m in sent["messages"] for block in m["content"]]
        self.assertEqual(kinds, ["text", "text", "text"])
        self.assertEqual(second.stats()["requests"], 2)

    def test_another_openai_account_gets_none_of_it(self):
        for said in (
            {"code": "invalid_encrypted_content", "message": "It is not good."},
            {
                "code": None,
                "message": "The encrypted content gAAA could not be verified. Reason: it could "
                "not be decrypted or parsed.",
            },
        ):
            with self.subTest(said["code"]):
                self.session = bodies.new_session()
                self.first.reset()
                stub = self.start_stub(lambda _, body: self.openai(body, said))
                channels = [
                    self.channel(provider, number, type="openai-responses")
                    for number, provider in enumerate((self.first, stub))
                ]
                self.move()
                answer = self.ask(*self.history("gAAA"))
                self.assertEqual(answer.status, 200, answer.body)
                self.assertEqual(len(stub.bodies), 2)
                refused, taken = (json.loads(body) for body in stub.bodies)
                self.assertEqual(refused["input"][0], taken["input"][0])
                self.assertEqual(refused["input"][2:], taken["input"][1:])
                for channel in channels:
                    self.gateway.admin.delete(f"channels/{channel['id']}")

    def test_what_the_gateway_carried_does_not_reach_openai(self):
        """A session comes from a channel of another protocol."""
        error = {"code": "invalid_encrypted_content"}
        stub = self.start_stub(lambda _, body: self.openai(body, error))
        self.channel(stub, 0, type="openai-responses")
        self.channel(self.first, 1, type="zai_anthropic")
        answer = self.ask(*self.history("gwa1.s:Zm9yZWlnbg=="))
        self.assertEqual(answer.status, 200, answer.body)
        self.assertEqual(len(stub.bodies), 1, "at the first try")
        self.assertNotIn(b"gwa1", stub.bodies[0])

    @staticmethod
    def openai(body, error):
        if any(item["type"] == "reasoning" for item in json.loads(body)["input"]):
            error = {"type": "invalid_request_error", "param": None, "message": "No.", **error}
            return json_answer(400, {"error": error})
        usage = {
            "input_tokens": 1,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": 1,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": 2,
        }
        said = {"type": "output_text", "text": "ok", "annotations": []}
        message = {
            "type": "message",
            "id": "msg_1",
            "role": "assistant",
            "status": "completed",
            "content": [said],
        }
        return json_answer(
            200,
            {
                "id": "resp_1",
                "object": "response",
                "created_at": 1,
                "status": "completed",
                "model": "m",
                "output": [message],
                "usage": usage,
            },
        )


def refusal(body):
    head = f"HTTP/1.1 400 No\r\ncontent-type: application/json\r\ncontent-length: {len(body)}"
    return head.encode() + b"\r\n\r\n" + body


if __name__ == "__main__":
    unittest.main()
