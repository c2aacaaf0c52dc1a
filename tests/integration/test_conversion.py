"""Every client protocol over every kind of channel: the answer is the client's own."""

import itertools
import json
import random
import re
import unittest
from concurrent.futures import ThreadPoolExecutor

import bodies
import dialects
from harness import IntegrationTest
from stub_provider import json_answer

TYPES = {
    "anthropic": dialects.Anthropic,
    "openai": dialects.Chat,
    "openai-responses": dialects.Responses,
    "deepseek": dialects.Chat,
    "deepseek_anthropic": dialects.Anthropic,
}
PAIRS = list(itertools.product(dialects.ALL, TYPES))
DELTAS, DELTA_BYTES = 8, 24  # of the fake provider's answers
IMAGE = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJg"
    "gg=="
)


def model_of(kind, skill="plain"):
    return f"{kind}-{skill}"


class Converted(IntegrationTest):
    """One fake provider behind one channel of each type."""

    def setUp(self):
        super().setUp()
        self.fake = self.start_fake()
        self.gateway = self.start_gateway()
        self.admin = self.gateway.admin
        self.key = self.new_key(self.gateway)
        skills = ("plain", "tools", "thinking")
        self.channels = {
            kind: self.new_channel(
                self.gateway, self.fake, [model_of(kind, s) for s in skills], type=kind
            )
            for kind in TYPES
        }

    def ask(self, dialect, body, headers=None):
        headers = {"authorization": f"Bearer {self.key}", **(headers or {})}
        return self.gateway.request("POST", dialect.path, headers, body)

    def record(self, answer):
        return self.admin.record(answer)

    def upstream(self):
        return json.loads(self.fake.last_body())


class Answers(Converted):
    def check_text(self, dialect, kind, stream):
        model = model_of(kind)
        answer = self.ask(dialect, dialect.body(model, stream=stream))
        said = dialects.read_answer(dialect, answer, stream)
        self.assertEqual(said.model, model, "the client's own name of the model")
        self.assertTrue(said.text.startswith("part 0 of an answer"), said.text)
        self.assertEqual(said.text.count("part "), DELTAS)
        self.assertEqual(said.finish, dialect.finish_text)
        body = self.fake.last_body()
        self.assertEqual(said.prompt, (len(body) - len(model)) // 4)
        self.assertEqual(said.output, DELTAS * DELTA_BYTES // 4)
        expected = TYPES[kind].path
        self.assertEqual(self.fake.stats()["last"]["target"], expected)
        self.assertEqual(json.loads(body)["model"], model)
        return answer, said

    def assert_recorded(self, usage, said):
        """The record counts what the client was told."""
        counted = ("input_tokens", "cache_read_tokens", "cache_write_tokens")
        self.assertEqual(sum(usage[name] for name in counted), said.prompt)
        self.assertEqual(usage["cache_read_tokens"], said.cached)
        self.assertEqual(usage["output_tokens"], said.output)

    def test_each_protocol_over_each_type(self):
        for (dialect, kind), stream in itertools.product(PAIRS, (False, True)):
            with self.subTest(client=dialect.name, channel=kind, stream=stream):
                answer, said = self.check_text(dialect, kind, stream)
                self.assertEqual(answer.header("x-axonhub-channel"), self.channels[kind]["name"])
                record = self.record(answer)
                self.assertEqual((record["status"], record["reason"]), ("completed", "ok"))
                self.assertEqual((record["dialect"], record["stream"]), (dialect.name, stream))
                self.assert_recorded(record["usage"], said)

    def test_a_chat_stream_tells_its_usage_only_when_asked(self):
        for kind in TYPES:
            with self.subTest(kind):
                body = json.loads(bodies.chat(model_of(kind), stream=True))
                del body["stream_options"]
                answer = self.ask(dialects.Chat, bodies.as_json(body))
                self.assertEqual(answer.status, 200)
                dialects.grammar.check_chat(answer.events(), usage=False)
                usage = self.record(answer)["usage"]
                if TYPES[kind] is dialects.Chat:
                    self.assertIsNone(usage, "the request passed as it was")
                else:
                    self.assertEqual(usage["output_tokens"], DELTAS * DELTA_BYTES // 4)

    def test_both_key_headers_open_every_endpoint(self):
        for dialect, kind in PAIRS:
            with self.subTest(client=dialect.name, channel=kind):
                body = dialect.body(model_of(kind))
                for headers in (
                    {"authorization": f"Bearer {self.key}"},
                    {"x-api-key": self.key},
                ):
                    answer = self.gateway.request("POST", dialect.path, headers, body)
                    self.assertEqual(answer.status, 200, answer.body)
                last = self.fake.stats()["last"]
                sent = {name.lower(): value for name, value in last["headers"]}
                self.assertNotIn(self.key, str(sent))
                wanted = "x-api-key" if TYPES[kind] is dialects.Anthropic else "authorization"
                self.assertIn("sk-provider-key", sent[wanted])

    def test_tool_loops(self):
        for (dialect, kind), stream in itertools.product(PAIRS, (False, True)):
            with self.subTest(client=dialect.name, channel=kind, stream=stream):
                model = model_of(kind, "tools")
                body = dialect.body(model, "go", stream, tools=[dialect.tool])
                answer = self.ask(dialect, body)
                said = dialects.read_answer(dialect, answer, stream)
                self.assertEqual(said.finish, dialect.finish_tools)
                self.assertEqual([name for _, name, _ in said.calls], ["Bash", "Bash"])
                arguments = [json.loads(text) for _, _, text in said.calls]
                self.assertEqual(arguments, [{"command": "echo one"}, {"command": "echo two"}])
                ids = [call[0] for call in said.calls]
                self.assertEqual(len(set(ids)), 2)
                results = ["one \u00e9 \U0001f600", 'two "quoted"\n']
                answer = self.ask(dialect, dialect.go_on(model, said, results, stream))
                last = dialects.read_answer(dialect, answer, stream)
                self.assertEqual(
                    last.text, f"The tools said: [{results[0]}] [{results[1]}]"
                )
                self.assertEqual(last.finish, dialect.finish_text)
                sent = self.fake.last_body().decode()
                for call in ids:
                    self.assertEqual(sent.count(call), 2, "call and result name one another")

    def test_thoughts_reach_clients_of_other_protocols(self):
        for dialect, stream in itertools.product(dialects.ALL, (False, True)):
            with self.subTest(client=dialect.name, stream=stream):
                model = model_of("anthropic", "thinking")
                answer = self.ask(dialect, dialect.body(model, stream=stream))
                said = dialects.read_answer(dialect, answer, stream)
                self.assertEqual(said.thought, "Let me think.")
                self.assertEqual(said.text.count("part "), DELTAS)

    def test_cached_tokens_are_told_in_each_dialect(self):
        for dialect, kind in PAIRS:
            with self.subTest(client=dialect.name, channel=kind):
                session = bodies.new_session()
                user = {"metadata": {"user_id": bodies.user_id(session)}}
                more = user if dialect is dialects.Anthropic else {"prompt_cache_key": session}
                body = dialect.body(model_of(kind), "long " * 400, **more)
                headers = {"AH-Trace-Id": session}
                self.ask(dialect, body, headers)
                answer = self.ask(dialect, body, headers)
                said = dialects.read_answer(dialect, answer, False)
                self.assert_recorded(self.record(answer)["usage"], said)
                # Others than OpenAI itself are not told the session.
                told = TYPES[kind] is not dialects.Chat or dialect is dialects.Chat
                self.assertEqual(said.cached > 400, told)

    def test_requests_of_all_kinds_share_a_connection(self):
        cases = list(itertools.product(PAIRS, (False, True), ("plain", "tools")))
        random.Random(7).shuffle(cases)
        with self.gateway.connect() as wire:
            for (dialect, kind), stream, skill in cases:
                body = dialect.body(model_of(kind, skill), "go", stream, tools=[dialect.tool])
                headers = {"x-api-key": self.key}
                answer = wire.request("POST", dialect.path, headers, body)
                said = dialects.read_answer(dialect, answer, stream)
                self.assertEqual(said.model, model_of(kind, skill))
                self.assertEqual(len(said.calls), 2 if skill == "tools" else 0)


class LargeConversations(IntegrationTest):
    """What is converted beside the thread that serves; the provider says what reached it."""

    def setUp(self):
        super().setUp()
        self.stub = self.start_stub(self.echo)
        self.gateway = self.start_gateway()
        self.key = self.new_key(self.gateway)
        for kind in ("anthropic", "openai"):
            self.new_channel(self.gateway, self.stub, [kind], type=kind)

    @staticmethod
    def echo(head, body):
        """An answer that names the mark of the conversation and counts its words."""
        mark = re.search(rb"mark-\d+", body).group().decode()
        words = body.count("w\u00f6rd".encode())
        text = f"{mark} {words}"
        usage = {"input_tokens": 5, "output_tokens": 7}
        message = {"role": "assistant", "content": text}
        if "/messages" not in head:
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            counted = {"prompt_tokens": 5, "completion_tokens": 7, "total_tokens": 12}
            return json_answer(
                200,
                {"id": "x", "object": "chat.completion", "created": 1, "model": "m"}
                | {"choices": [choice], "usage": counted},
            )
        return json_answer(
            200,
            {"id": "msg_x", "type": "message", "model": "m", "stop_reason": "end_turn"}
            | message
            | {"content": [{"type": "text", "text": text}], "usage": usage},
        )

    def test_large_conversations_side_by_side(self):
        def ask(number):
            dialect = (dialects.Chat, dialects.Anthropic)[number % 2]
            kind = ("anthropic", "openai")[number % 2]
            words = (1, 1000, 60_000)[number % 3]
            body = json.loads(dialect.body(kind, f"mark-{number} " + "w\u00f6rd " * words))
            body = json.dumps(body, ensure_ascii=False).encode()
            headers = {"x-api-key": self.key}
            answer = self.gateway.request("POST", dialect.path, headers, body)
            return dialects.read_answer(dialect, answer, False).text, f"mark-{number} {words}"

        with ThreadPoolExecutor(8) as pool:
            for said, expected in pool.map(ask, range(48)):
                self.assertEqual(said, expected)


class Requests(Converted):
    def test_a_billing_line_goes_only_to_anthropic_itself(self):
        line = "x-anthropic-billing-header: cc_version=2.1.330.abc; cc_entrypoint=cli;"
        system = [
            {"type": "text", "text": line},
            {"type": "text", "text": "You are Claude Code."},
        ]
        for kind in TYPES:
            with self.subTest(kind):
                body = bodies.message(model_of(kind), system=system)
                answer = self.ask(dialects.Anthropic, body)
                self.assertEqual(answer.status, 200, answer.body)
                sent = self.fake.last_body()
                self.assertIn(b"You are Claude Code.", sent)
                self.assertEqual(b"x-anthropic-billing-header" in sent, kind == "anthropic")
                if kind == "anthropic":
                    self.assertEqual(sent, body, "byte for byte")

    def test_what_identifies_the_client_stays_here(self):
        session = bodies.new_session()
        body = bodies.message(
            model_of("openai"), stream=True, metadata={"user_id": bodies.user_id(session)}
        )
        for kind in ("openai", "openai-responses", "deepseek"):
            with self.subTest(kind):
                asked = body.replace(b"openai-plain", model_of(kind).encode())
                headers = {**bodies.claude_code_headers(session), "cookie": "a=b"}
                answer = self.ask(dialects.Anthropic, asked, headers)
                dialects.read_answer(dialects.Anthropic, answer, True)
                last = self.fake.stats()["last"]
                sent = {name.lower(): value for name, value in last["headers"]}
                foreign = ("anthropic-", "x-stainless", "x-claude", "x-app", "cookie", "x-api-key")
                self.assertEqual([name for name in sent if name.startswith(foreign)], [])
                # A compressed answer could not be read.
                self.assertIn(sent.get("accept-encoding", "identity"), ("identity", ""))
                told = self.fake.last_body().decode() + str(sent)
                self.assertNotIn("0" * 64, told, "the device")
                self.assertNotIn(session, told)

    def test_images_are_left_out_where_the_model_is_blind(self):
        block = {"type": "base64", "media_type": "image/png", "data": IMAGE}
        url = f"data:image/png;base64,{IMAGE}"
        asked = {
            dialects.Anthropic: {
                "messages": [
                    {
                        "role": "user",
                        "content": [
                            {"type": "text", "text": "see"},
                            {"type": "image", "source": block},
                        ],
                    }
                ]
            },
            dialects.Chat: {
                "messages": [
                    {
                        "role": "user",
                        "content": [
                            {"type": "text", "text": "see"},
                            {"type": "image_url", "image_url": {"url": url}},
                        ],
                    }
                ]
            },
            dialects.Responses: {
                "input": [
                    {
                        "role": "user",
                        "content": [
                            {"type": "input_text", "text": "see"},
                            {"type": "input_image", "image_url": url},
                        ],
                    }
                ]
            },
        }
        for dialect, kind in PAIRS:
            if TYPES[kind] is dialect:
                continue  # the same protocol passes as it is
            with self.subTest(client=dialect.name, channel=kind):
                answer = self.ask(dialect, dialect.body(model_of(kind), **asked[dialect]))
                self.assertEqual(answer.status, 200, answer.body)
                sent = self.fake.last_body().decode()
                blind = kind.startswith("deepseek")
                self.assertEqual("[image omitted]" in sent, blind, sent)
                self.assertEqual(IMAGE in sent, not blind, sent)

    def test_limits_of_an_answer_are_clamped(self):
        self.new_channel(self.gateway, self.fake, ["deepseek-chat"], type="deepseek")
        capabilities = {"gpt-.*": {"max_output_tokens": 5000}}
        self.new_channel(
            self.gateway, self.fake, ["gpt-small"], type="openai", model_capabilities=capabilities
        )
        fields = {
            dialects.Anthropic: "max_tokens",
            dialects.Chat: "max_completion_tokens",
            dialects.Responses: "max_output_tokens",
        }
        for dialect, (model, most) in itertools.product(
            dialects.ALL, (("deepseek-chat", 8192), ("gpt-small", 5000))
        ):
            with self.subTest(client=dialect.name, model=model):
                for wanted, sent in ((128_000, most), (700, 700)):
                    body = dialect.body(model, **{fields[dialect]: wanted})
                    self.assertEqual(self.ask(dialect, body).status, 200)
                    upstream = self.upstream()
                    limits = [upstream.get("max_tokens"), upstream.get("max_completion_tokens")]
                    self.assertIn(sent, limits)
                    self.assertEqual(limits.count(None), 1, "never both")

    def test_an_answer_asks_for_what_its_window_has_left(self):
        window = {".*": {"max_context_tokens": 20_000}}
        for model, kind in (("claude-window", "anthropic"), ("gpt-window", "openai")):
            self.new_channel(
                self.gateway, self.fake, [model], type=kind, model_capabilities=window
            )
            for dialect, field in (
                (dialects.Anthropic, "max_tokens"),
                (dialects.Chat, "max_completion_tokens"),
            ):
                # In its own dialect a client reads the upstream's exact words, and acts on them.
                same = (kind == "anthropic") == (dialect is dialects.Anthropic)
                long = (8_000, 64_000, 64_000) if same else (8_000, 1_024, 12_000)
                for words, least, most in ((100, 64_000, 64_000), long):
                    with self.subTest(model, client=dialect.name, words=words):
                        text = "word " * words
                        body = dialect.body(model, text, **{field: 64_000})
                        self.assertEqual(self.ask(dialect, body).status, 200)
                        sent = self.upstream()
                        limit = sent.get("max_tokens") or sent["max_completion_tokens"]
                        self.assertTrue(least <= limit <= most, limit)

    def test_what_was_left_out_is_told(self):
        answer = self.ask(dialects.Anthropic, bodies.message(model_of("openai"), top_k=5))
        self.assertIn("top_k", answer.header("x-axonhub-dropped", ""))
        self.assertIn("top_k", self.record(answer)["dropped"])
        answer = self.ask(dialects.Chat, bodies.chat(model_of("anthropic"), seed=5, logprobs=True))
        dropped = answer.header("x-axonhub-dropped", "")
        self.assertIn("seed", dropped)
        self.assertIn("logprobs", dropped)
        same = self.ask(dialects.Chat, bodies.chat(model_of("openai"), seed=5))
        self.assertIsNone(same.header("x-axonhub-dropped"))

    def test_profiles_rename_models_of_converted_channels(self):
        rules = [{"from": f"wish-{kind}", "to": model_of(kind)} for kind in TYPES]
        profile = self.admin.post("profiles", {"name": "wishes", "model_mappings": rules})
        key = self.new_key(
            self.gateway, profile_ids=[profile["id"]], active_profile_id=profile["id"]
        )
        for (dialect, kind), stream in itertools.product(PAIRS, (False, True)):
            with self.subTest(client=dialect.name, channel=kind, stream=stream):
                body = dialect.body(f"wish-{kind}", stream=stream)
                answer = self.gateway.request("POST", dialect.path, {"x-api-key": key}, body)
                said = dialects.read_answer(dialect, answer, stream)
                self.assertEqual(said.model, f"wish-{kind}")
                self.assertNotIn(model_of(kind).encode(), answer.body)
                self.assertEqual(self.upstream()["model"], model_of(kind))


class Counts(Converted):
    def count(self, model, text="hello " * 300):
        body = json.loads(bodies.message(model, text))
        del body["max_tokens"]
        headers = {"x-api-key": self.key, "anthropic-version": "2023-06-01"}
        return self.gateway.request(
            "POST", "/v1/messages/count_tokens", headers, bodies.as_json(body)
        )

    def test_a_provider_that_can_count_does(self):
        answer = self.count(model_of("anthropic"))
        self.assertEqual(answer.status, 200, answer.body)
        self.assertIsNone(answer.header("x-axonhub-estimated"))
        self.assertEqual(self.fake.stats()["by_path"], {"/v1/messages/count_tokens": 1})

    def test_others_get_an_estimate(self):
        for kind in ("openai", "openai-responses", "deepseek"):
            with self.subTest(kind):
                answer = self.count(model_of(kind))
                self.assertEqual(answer.status, 200, answer.body)
                self.assertEqual(answer.header("x-axonhub-estimated"), "true")
                self.assertIn(answer.json()["input_tokens"], range(200, 600))
        self.assertEqual(self.fake.stats()["requests"], 0)

    def test_a_third_party_that_cannot_count_is_helped_and_not_blamed(self):
        model = model_of("deepseek_anthropic")
        self.fake.config(fault="status-404", path="/count_tokens")
        answer = self.count(model)
        self.assertEqual(answer.status, 200, answer.body)
        self.assertEqual(answer.header("x-axonhub-estimated"), "true")
        self.assertIn(answer.json()["input_tokens"], range(200, 600))
        # The model serves as before.
        self.assertEqual(self.ask(dialects.Anthropic, bodies.message(model)).status, 200)


if __name__ == "__main__":
    unittest.main()
