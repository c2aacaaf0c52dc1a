"""What goes wrong is told in the client's own protocol, whoever said it first."""

import gzip
import itertools
import json
import unittest
from concurrent.futures import ThreadPoolExecutor

import bodies
import dialects
from dialects import Anthropic, Chat, Responses
from stub_provider import event, json_answer, raw_answer, stream_answer
from test_conversion import TYPES, Converted, model_of
from harness import PROVIDER_KEY, IntegrationTest

INVALID = "invalid_request_error"


class WrongInput(Converted):
    def assert_error(self, dialect, answer, status, kind, code=None):
        """An error of that shape; its message."""
        self.assertEqual(answer.status, status, answer.body)
        self.assertTrue(answer.header("content-type").startswith("application/json"))
        said, said_code, message = dialect.error(answer)
        self.assertEqual(said, kind, answer.body)
        if dialect is not Anthropic:
            self.assertEqual(said_code, code, answer.body)
        self.assertTrue(message)
        return message

    def test_bad_json(self):
        for dialect in dialects.ALL:
            for body in (b"{", b"[]", b"", b'{"model":5}', b'{"messages":[]}'):
                with self.subTest(client=dialect.name, body=body):
                    answer = self.ask(dialect, body)
                    self.assert_error(dialect, answer, 400, INVALID)
                    self.assertEqual(answer.header("x-should-retry"), "false")

    def test_an_unknown_model(self):
        for dialect in dialects.ALL:
            with self.subTest(dialect.name):
                answer = self.ask(dialect, dialect.body("nobody-has-this"))
                kind = "not_found_error" if dialect is Anthropic else INVALID
                message = self.assert_error(dialect, answer, 404, kind, "model_not_found")
                self.assertIn("nobody-has-this", message)
                self.assertEqual(answer.header("x-should-retry"), "false")

    def test_a_missing_or_wrong_key(self):
        for dialect in dialects.ALL:
            for headers in ({}, {"x-api-key": "ah-no"}, {"authorization": "Bearer ah-no"}):
                with self.subTest(client=dialect.name, headers=headers):
                    body = dialect.body(model_of("openai"))
                    answer = self.gateway.request("POST", dialect.path, headers, body)
                    kind = "authentication_error" if dialect is Anthropic else INVALID
                    self.assert_error(dialect, answer, 401, kind, "invalid_api_key")
                    self.assertEqual(answer.header("x-should-retry"), "false")

    def test_what_no_channel_can_say_is_refused_with_advice(self):
        file_image = {"type": "image", "source": {"type": "file", "file_id": "file_1"}}
        search = {"type": "web_search_20250305", "name": "web_search"}
        forced = {"type": "tool", "name": "web_search"}
        mcp = [{"type": "url", "url": "https://mcp.example", "name": "m"}]
        cases = [
            (Chat, "anthropic", {"n": 2}, "n:"),
            (Chat, "deepseek_anthropic", {"n": 2}, "n:"),
            (Chat, "openai-responses", {"n": 2}, "n:"),
            (Chat, "anthropic", {"modalities": ["audio"]}, "modalities"),
            (Anthropic, "openai", {"tools": [search]}, "web_search"),
            (Anthropic, "deepseek", {"tools": [search], "tool_choice": forced}, "web_search"),
            (
                Anthropic,
                "openai",
                {"tools": [Anthropic.tool, search], "tool_choice": forced},
                "web_search",
            ),
            (Anthropic, "openai", {"mcp_servers": mcp}, "mcp_servers"),
            (
                Anthropic,
                "openai",
                {"messages": [{"role": "user", "content": [file_image]}]},
                "file",
            ),
            (Responses, "anthropic", {"input": [{"type": "item_reference", "id": "x"}]}, "item_"),
        ]
        for dialect, kind, more, word in cases:
            with self.subTest(client=dialect.name, channel=kind, more=more):
                answer = self.ask(dialect, dialect.body(model_of(kind), **more))
                message = self.assert_error(dialect, answer, 400, INVALID)
                self.assertIn(word, message)
                self.assertGreater(len(message.split()), 5, "it says what to do")
        self.assertEqual(self.fake.stats()["requests"], 0, "nothing was sent")

    def test_what_is_refused_blames_no_channel(self):
        for _ in range(8):
            self.assertEqual(self.ask(Chat, bodies.chat(model_of("anthropic"), n=3)).status, 400)
        self.assertEqual(self.ask(Chat, bodies.chat(model_of("anthropic"))).status, 200)
        health = self.admin.get(f"channels/{self.channels['anthropic']['id']}/health")
        self.assertEqual(health["state"], "ok")

    def test_an_offered_server_tool_is_left_out_and_told(self):
        search = {"type": "web_search_20250305", "name": "web_search"}
        body = bodies.message(model_of("openai"), tools=[Anthropic.tool, search])
        answer = self.ask(Anthropic, body)
        self.assertEqual(answer.status, 200, answer.body)
        self.assertIn("web_search", answer.header("x-axonhub-dropped", ""))
        self.assertEqual([t["function"]["name"] for t in self.upstream()["tools"]], ["Bash"])

    def test_a_response_that_nobody_keeps_cannot_be_gone_on_from(self):
        for kind in TYPES:
            for more in (
                {"previous_response_id": "resp_1"},
                {"conversation": "conv_1"},
                {"background": True},
            ):
                with self.subTest(channel=kind, more=more):
                    answer = self.ask(Responses, bodies.response(model_of(kind), **more))
                    if kind == "openai-responses" and "previous_response_id" not in more:
                        continue  # the provider may know what to do
                    message = self.assert_error(Responses, answer, 400, INVALID)
                    self.assertIn(next(iter(more)), message)


SAME = "as the row says"
CONVERTED = {Anthropic: "anthropic", Chat: "openai", Responses: "openai-responses"}
CONVERSIONS = [
    (client, upstream)
    for client, upstream in itertools.product(dialects.ALL, CONVERTED)
    if client is not upstream
]
OVERFLOW_OPENAI = (
    "This model's maximum context length is 128000 tokens. However, your messages resulted in "
    "150000 tokens. Please reduce the length of the messages."
)
OVERFLOW_ANTHROPIC = "prompt is too long: 210000 tokens > 200000 maximum"


class Row:
    """One error of an upstream, and what clients of each family must hear."""

    def __init__(self, status, kind, message, anthropic, openai, code=None, headers=()):
        self.status, self.kind, self.message = status, kind, message
        self.anthropic, self.openai = anthropic, openai
        self.code, self.headers = code, headers

    def answer(self, upstream):
        if upstream is Anthropic:
            error = {"type": self.kind, "message": self.message}
            return json_answer(
                self.status,
                {"type": "error", "error": error, "request_id": "req_up"},
                self.headers,
            )
        kind = "server_error" if self.status >= 500 else self.kind
        error = {"message": self.message, "type": kind, "param": None, "code": self.code}
        return json_answer(self.status, {"error": error}, self.headers)


TABLE = {
    "400": Row(400, INVALID, "tools.0: unknown thing", (400, INVALID), (400, INVALID, None)),
    "422": Row(422, INVALID, "temperature: too hot", (400, INVALID), (400, INVALID, None)),
    "404": Row(
        404,
        "not_found_error",
        "model: gone-1",
        (404, "not_found_error"),
        (404, INVALID, "model_not_found"),
        code="model_not_found",
    ),
    "413": Row(
        413, "request_too_large", "too large", (413, "request_too_large"), (413, INVALID, None)
    ),
    "429": Row(
        429,
        "rate_limit_error",
        "slow down",
        (429, "rate_limit_error"),
        (429, "rate_limit_error", "rate_limit_exceeded"),
        headers=[("retry-after", "17")],
    ),
    "500": Row(500, "api_error", "oh no", (500, "api_error"), (502, "server_error", None)),
    "502": Row(502, "api_error", "oh no", (500, "api_error"), (502, "server_error", None)),
    "503": Row(
        503,
        "api_error",
        "away",
        (529, "overloaded_error"),
        (503, "server_error", SAME),
        headers=[("retry-after", "17")],
    ),
    "504": Row(504, "timeout_error", "late", (504, "timeout_error"), (504, "server_error", SAME)),
    "529": Row(
        529, "overloaded_error", "busy", (529, "overloaded_error"), (503, "server_error", SAME)
    ),
}


class UpstreamErrors(IntegrationTest):
    """One channel for each case, so that no case sees another's health."""

    def setUp(self):
        super().setUp()
        self.said = {}
        self.stub = self.start_stub(lambda head, body: self.said[json.loads(body)["model"]])
        self.gateway = self.start_gateway()
        self.key = self.new_key(self.gateway)

    def ask(self, client, upstream, said, stream=False):
        model = f"model-{len(self.said)}"
        self.said[model] = said
        self.new_channel(self.gateway, self.stub, [model], type=CONVERTED[upstream])
        body = client.body(model, stream=stream)
        return lambda: self.gateway.request("POST", client.path, {"x-api-key": self.key}, body)

    def each(self, cases, check):
        """Has `check(name, client, answer)` look at every case over every pair of protocols. Whole
        answers and streams take turns; `cases` maps a name to what makes the upstream's."""
        asked = []
        for (client, upstream), (name, said) in itertools.product(CONVERSIONS, cases.items()):
            stream = len(asked) % 2 == 1
            label = dict(case=name, client=client.name, channel=upstream.name, stream=stream)
            ask = self.ask(client, upstream, said(upstream), stream)
            asked.append((name, client, label, ask))
        with ThreadPoolExecutor(8) as pool:  # they wait before they try again
            answers = list(pool.map(lambda case: case[-1](), asked))
        for (name, client, label, _), answer in zip(asked, answers):
            with self.subTest(**label):
                self.assertIsNotNone(answer.header("x-axonhub-request-id"), answer.head)
                check(name, client, answer)

    def assert_told(self, client, answer, anthropic, openai):
        """The error has that status, type and code; its message."""
        kind, code, message = client.error(answer)
        wanted = anthropic if client is Anthropic else openai[:2]
        self.assertEqual((answer.status, kind), wanted, answer.body)
        if client is not Anthropic and openai[2] is not SAME:
            self.assertEqual(code, openai[2], answer.body)
        self.assertTrue(message)
        return message

    def test_each_row_in_each_dialect(self):
        cases = {name: row.answer for name, row in TABLE.items()}

        def check(name, client, answer):
            row = TABLE[name]
            message = self.assert_told(client, answer, row.anthropic, row.openai)
            if row.status < 500:
                self.assertIn(row.message, message, "the upstream's own words")
            if row.headers:
                self.assertIn(int(answer.header("retry-after")), (16, 17))

        self.each(cases, check)

    def test_a_full_context_is_told_in_words_that_clients_act_on(self):
        def said(upstream):
            words = OVERFLOW_ANTHROPIC if upstream is Anthropic else OVERFLOW_OPENAI
            row = Row(400, INVALID, words, None, None, "context_length_exceeded")
            return row.answer(upstream)

        def check(_, client, answer):
            message = self.assert_told(
                client, answer, (400, INVALID), (400, INVALID, "context_length_exceeded")
            )
            if client is Anthropic:
                self.assertEqual(message, "prompt is too long: 150000 tokens > 128000 maximum")

        self.each({"overflow": said}, check)

    def test_a_full_context_told_inside_a_stream_is_refused_like_one_told_by_status(self):
        error = {"type": INVALID, "message": OVERFLOW_OPENAI, "code": "context_length_exceeded"}
        claude = {"type": "error", "error": {"type": INVALID, "message": OVERFLOW_ANTHROPIC}}
        begun = {"type": "response.created", "response": {"id": "r", "status": "in_progress"}}
        failed = {"id": "r", "status": "failed", "error": error, "output": []}
        streams = {
            Anthropic: stream_answer(event(claude, "error")),
            Chat: stream_answer(event({"error": error})),
            Responses: stream_answer(
                event(begun, "response.created"),
                event({"type": "response.failed", "response": failed}, "response.failed"),
            ),
        }
        for client, upstream in itertools.product(dialects.ALL, dialects.ALL):
            with self.subTest(client=client.name, channel=upstream.name):
                answer = self.ask(client, upstream, streams[upstream], True)()
                message = self.assert_told(
                    client, answer, (400, INVALID), (400, INVALID, "context_length_exceeded")
                )
                if client is Anthropic:
                    self.assertTrue(message.startswith("prompt is too long: "), message)
                record = self.gateway.admin.items("requests", limit=1)[0]
                record = self.gateway.admin.get(f"requests/{record['id']}")
                self.assertEqual([a["reason"] for a in record["attempts"]], ["client_error"])

    def test_a_refused_credential_is_never_the_clients(self):
        words = f"Incorrect API key provided: {PROVIDER_KEY}. See your account page."
        cases = {
            status: Row(status, "authentication_error", words, None, None, "invalid_api_key").answer
            for status in (401, 403)
        }

        def check(_, client, answer):
            self.assertIn(answer.status, (500, 502, 503, 529), answer.body)
            kinds = ("api_error", "overloaded_error", "server_error")
            self.assertIn(client.error(answer)[0], kinds)
            self.assertNotIn(PROVIDER_KEY.encode(), answer.body)

        self.each(cases, check)
        for path in ("requests", "channels"):
            shown = self.gateway.admin.raw("GET", f"{path}?limit=500").body
            self.assertNotIn(PROVIDER_KEY.encode(), shown)

    def test_an_empty_account_is_never_the_clients_fault(self):
        def row(status, upstream):
            kind = "billing_error" if upstream is Anthropic else "insufficient_quota"
            words = "You exceeded your current quota"
            return Row(status, kind, words, None, None, "insufficient_quota").answer(upstream)

        cases = {402: lambda u: row(402, u), 429: lambda u: row(429, u)}

        def check(_, client, answer):
            self.assertIn(answer.status, (429, 500, 502, 503, 529), answer.body)
            client.error(answer)

        self.each(cases, check)

    def test_what_is_no_answer_becomes_an_error(self):
        page = b"<html><body>" + b"Welcome to sk-ant-secret-0123456789abcdef " * 200
        cases = {
            "page with 200": raw_answer(200, "text/html", page),
            "nothing with 200": raw_answer(200, "application/json", b""),
            "half of JSON": raw_answer(200, "application/json", b'{"id":"x","choi'),
            "another object": json_answer(200, {"hello": "world"}),
            "an error with 200": json_answer(200, {"error": {"message": "m", "type": "t"}}),
            "page with 500": raw_answer(500, "text/html", page),
            "nothing with 500": raw_answer(500, "text/plain", b""),
        }

        def check(_, client, answer):
            self.assert_told(client, answer, (500, "api_error"), (502, "server_error", SAME))
            self.assertLess(len(answer.body), 4096)
            self.assertNotIn(b"sk-ant-secret", answer.body)

        self.each({n: lambda _, s=s: s for n, s in cases.items()}, check)

    def test_an_error_in_place_of_an_answer_is_judged_by_its_code(self):
        rows = [
            ("rate_limit_exceeded", "tokens", (429, "rate_limit_error"), 429),
            ("model_not_found", INVALID, (404, "not_found_error"), 404),
            ("insufficient_quota", "insufficient_quota", (503, "api_error"), 503),
            (429, "x", (429, "rate_limit_error"), 429),
        ]
        for client, upstream in itertools.product(dialects.ALL, (Chat, Responses)):
            for code, kind, anthropic, openai in rows:
                with self.subTest(client=client.name, channel=upstream.name, code=code):
                    value = {"error": {"message": "m", "type": kind, "code": code}}
                    if upstream is Responses:
                        value |= {"status": "failed", "output": []}
                    answer = self.ask(client, upstream, json_answer(200, value))()
                    told = (answer.status, client.error(answer)[0])
                    if client is Anthropic:
                        self.assertEqual(told, anthropic, answer.body)
                    else:
                        self.assertEqual(told[0], openai, answer.body)

    def test_whole_answers_pass_as_they_are(self):
        def completion(message):
            head = '{"id":"c","object":"chat.completion","created":1,"model":"m","choices":['
            return head + '{"index":0,"message":%s,"finish_reason":"stop"}]}' % message

        response = '{"id":"r","object":"response","model":"m","output":[%s],"status":"completed"}'
        cases = [
            (Chat, completion('{"content":null,"audio":{"id":"a","data":"UklGRg=="}}')),
            (Chat, completion('{"content":null,"function_call":{"name":"f","arguments":"{}"}}')),
            (
                Chat,
                completion('{"tool_calls":[{"id":"a","type":"custom","custom":{"name":"p"}}]}'),
            ),
            (Chat, completion('{"content":[{"type":"text","text":"a"}]}')),
            (Chat, completion('{"content":""}')),
            (Chat, completion('{"content":"half \\ud83c"}')),
            (Responses, response % '{"type":"image_generation_call","result":"aWNv"}'),
            (Responses, response % '{"type":"message","content":[{"text":"\\udf0d"}]}'),
        ]
        for dialect, body in cases:
            with self.subTest(client=dialect.name, body=body):
                said = raw_answer(200, "application/json", body.encode())
                answer = self.ask(dialect, dialect, said)()
                self.assertEqual(answer.status, 200, answer.body)
                renamed = body.replace('"model":"m"', '"model":"' + answer.json()["model"] + '"')
                self.assertEqual(answer.body.decode(), renamed)
        self.assertEqual(len(self.stub.bodies), len(cases), "nothing was asked twice")

    def test_compressed_errors_are_told_as_such(self):
        bodies_of = {
            "gzip": gzip.compress(b'{"error":{"message":"secret"}}'),
            "br": bytes.fromhex("0b0280") + b"{}" + b"\x03",
            "zstd": bytes.fromhex("28b52ffd0458") + b"\x11\x00\x00{}",
        }
        rows = {400: (400, INVALID), 429: (429, "rate_limit_error")}
        for client, upstream in itertools.product(dialects.ALL, CONVERTED):
            for (coding, body), status in itertools.product(bodies_of.items(), rows):
                with self.subTest(client=client.name, channel=upstream.name, coding=coding):
                    coded = [("content-encoding", coding)]
                    said = raw_answer(status, "application/json", body, coded)
                    answer = self.ask(client, upstream, said)()
                    kind, _, message = client.error(answer)
                    self.assertEqual((answer.status, kind), rows[status], answer.body)
                    self.assertEqual(message, f"HTTP {status} with a compressed body")
                    self.assertIsNone(answer.header("content-encoding"))

    def test_pages_as_client_errors_are_wrapped_and_cut(self):
        page = b"<html><body>" + b"No sk-ant-secret-0123456789abcdef \xff\xfe" * 400
        cases = {"page with 400": lambda _: raw_answer(400, "text/html", page)}

        def check(_, client, answer):
            self.assert_told(client, answer, (400, INVALID), (400, INVALID, None))
            self.assertLess(len(answer.body), 8192)
            self.assertNotIn(b"sk-ant-secret", answer.body)

        self.each(cases, check)


if __name__ == "__main__":
    unittest.main()
