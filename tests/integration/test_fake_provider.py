"""The fake provider itself: a test is worth what its fakes are."""

import email.utils
import gzip
import hashlib
import json
import time
import unittest

import bodies
import certificates
from harness import Closed, IntegrationTest, wait_until
from wire import Wire, split_events

TOOLS = [{"name": "Bash", "input_schema": {"type": "object"}}]


def text_of(events):
    return "".join(
        event.json()["delta"]["text"]
        for event in events
        if event.name == "content_block_delta"
    )


class Answers(IntegrationTest):
    def setUp(self):
        super().setUp()
        self.fake = self.start_fake()

    def ask(self, body, path="/v1/messages", **headers):
        return self.fake.request("POST", path, headers, body)

    def test_an_answer_says_the_same_streamed_and_whole(self):
        whole = self.ask(bodies.message()).json()
        stream = self.ask(bodies.message(stream=True))
        self.assertTrue(stream.complete)
        events = stream.events()
        self.assertEqual(whole["content"][0]["text"], text_of(events))
        names = [event.name for event in events]
        self.assertEqual(names[:3], ["message_start", "content_block_start", "ping"])
        self.assertEqual(
            names[-3:], ["content_block_stop", "message_delta", "message_stop"]
        )
        self.assertEqual(names.count("content_block_delta"), 8)

    def test_equal_requests_get_equal_bytes(self):
        for stream in (False, True):
            first = self.ask(bodies.message(stream=stream))
            again = self.ask(bodies.message(stream=stream))
            self.assertEqual(first.body, again.body)
            renamed = self.ask(bodies.message(model="another-name", stream=stream))
            self.assertEqual(
                first.body.replace(b"claude-opus-5-5", b"another-name"), renamed.body
            )

    def test_a_tool_loop_quotes_the_results(self):
        for stream in (False, True):
            asked = json.loads(bodies.message("claude-tools", stream=stream, tools=TOOLS))
            answer = self.ask(bodies.as_json(asked))
            if stream:
                starts = [
                    event.json()["content_block"]
                    for event in answer.events()
                    if event.name == "content_block_start"
                ]
                parts = [
                    event.json()["delta"].get("partial_json", "")
                    for event in answer.events()
                    if event.name == "content_block_delta"
                ]
                self.assertEqual(
                    "".join(parts), '{"command":"echo one"}{"command":"echo two"}'
                )
                calls = [block for block in starts if block["type"] == "tool_use"]
            else:
                calls = [b for b in answer.json()["content"] if b["type"] == "tool_use"]
                self.assertEqual(answer.json()["stop_reason"], "tool_use")
            self.assertEqual([call["name"] for call in calls], ["Bash", "Bash"])
            self.assertNotEqual(calls[0]["id"], calls[1]["id"])
            asked["messages"] += [
                {"role": "assistant", "content": calls},
                {
                    "role": "user",
                    "content": [
                        {"type": "tool_result", "tool_use_id": calls[1]["id"], "content": "two"},
                        {
                            "type": "tool_result",
                            "tool_use_id": calls[0]["id"],
                            "content": [{"type": "text", "text": 'o"ne'}],
                        },
                    ],
                },
            ]
            final = self.ask(bodies.as_json(asked))
            text = (
                text_of(final.events()) if stream else final.json()["content"][0]["text"]
            )
            self.assertEqual(text, 'The tools said: [two] [o"ne]')

    def test_chat_streams_what_it_answers(self):
        whole = self.ask(bodies.chat(), "/v1/chat/completions").json()
        stream = self.ask(bodies.chat(stream=True), "/v1/chat/completions")
        events = stream.events()
        self.assertEqual(events[-1].data, "[DONE]")
        chunks = [event.json() for event in events[:-1]]
        text = "".join(
            choice["delta"].get("content", "")
            for chunk in chunks
            for choice in chunk["choices"]
        )
        self.assertEqual(text, whole["choices"][0]["message"]["content"])
        self.assertEqual(chunks[-1]["choices"], [])
        self.assertEqual(chunks[-1]["usage"]["completion_tokens"], 48)
        self.assertEqual(chunks[-2]["choices"][0]["finish_reason"], "stop")

    def test_chat_calls_tools(self):
        tools = [{"type": "function", "function": {"name": "exec_command"}}]
        body = bodies.chat("gpt-tools", tools=tools)
        answer = self.ask(body, "/v1/chat/completions").json()["choices"][0]
        self.assertEqual(answer["finish_reason"], "tool_calls")
        arguments = [c["function"]["arguments"] for c in answer["message"]["tool_calls"]]
        self.assertEqual(arguments, ['{"cmd":"echo one"}', '{"cmd":"echo two"}'])
        body = bodies.chat("gpt-tools", stream=True, tools=tools)
        stream = self.ask(body, "/v1/chat/completions").events()
        streamed = {}
        for event in stream[:-1]:
            for choice in event.json()["choices"]:
                for call in choice["delta"].get("tool_calls", []):
                    streamed.setdefault(call["index"], "")
                    streamed[call["index"]] += call["function"]["arguments"]
        self.assertEqual(list(streamed.values()), arguments)

    def test_the_tool_of_a_loop_can_be_chosen(self):
        inputs = [{"file_path": "/one"}, {"file_path": "/two"}]
        self.fake.config(tool={"name": "Read", "inputs": inputs})
        answer = self.ask(bodies.message("claude-tools", tools=TOOLS)).json()
        calls = [b for b in answer["content"] if b["type"] == "tool_use"]
        self.assertEqual([c["name"] for c in calls], ["Read", "Read"])
        self.assertEqual([c["input"] for c in calls], inputs)
        self.assertEqual(self.ask(bodies.message("claude-tools")).json()["stop_reason"], "end_turn")
        with self.assertRaises(AssertionError):
            self.fake.config(tool={"name": "Read", "inputs": inputs[:1]})

    def test_responses_number_their_events_without_gaps(self):
        tools = [{"type": "function", "name": "exec_command"}]
        for model, more in (("gpt-5.5", {}), ("gpt-tools", {"tools": tools})):
            body = bodies.response(model, stream=True, **more)
            events = self.ask(body, "/v1/responses").events()
            numbers = [event.json()["sequence_number"] for event in events]
            self.assertEqual(numbers, list(range(len(events))))
            self.assertEqual(events[-1].name, "response.completed")
            whole = self.ask(bodies.response(model, **more), "/v1/responses").json()
            self.assertEqual(
                whole["output"][0]["type"],
                events[-1].json()["response"]["output"][0]["type"],
            )

    def test_a_conversation_writes_its_cache_and_then_reads_it(self):
        headers = {"x-claude-code-session-id": bodies.new_session()}
        first = self.ask(bodies.message(text="a" * 4000), **headers).json()["usage"]
        self.assertEqual(first["cache_read_input_tokens"], 0)
        self.assertGreater(first["cache_creation_input_tokens"], 900)
        second = self.ask(bodies.message(text="a" * 4400), **headers).json()["usage"]
        self.assertEqual(
            second["cache_read_input_tokens"], first["cache_creation_input_tokens"]
        )
        self.assertEqual(second["cache_creation_input_tokens"], 100)
        other = self.ask(bodies.message(text="a" * 4400), **headers | {"x-api-key": "b"})
        self.assertEqual(other.json()["usage"]["cache_read_input_tokens"], 0)

    def test_the_small_endpoints_answer(self):
        self.assertGreater(
            self.ask(bodies.message(), "/v1/messages/count_tokens").json()["input_tokens"], 0
        )
        anthropic = self.fake.request("GET", "/v1/models").json()
        self.assertEqual(anthropic["data"][0]["type"], "model")
        bearer = {"x-api-key": "", "authorization": "Bearer k"}
        openai = self.fake.request("GET", "/v1/models", bearer).json()
        self.assertEqual(openai["object"], "list")
        self.assertEqual(self.fake.request("HEAD", "/").status, 200)
        self.assertEqual(self.fake.request("POST", "/v1/nothing", None, b"{}").status, 404)
        without_key = self.ask(bodies.message(), **{"x-api-key": ""})
        self.assertEqual(without_key.status, 401)
        self.assertEqual(without_key.json()["error"]["type"], "authentication_error")

    def test_it_remembers_what_it_saw(self):
        body = bodies.message(text="remember")
        self.fake.request("POST", "/v1/messages?beta=true", {"x-odd": "a b"}, body)
        seen = self.fake.requests()[-1]
        self.assertEqual(seen["target"], "/v1/messages?beta=true")
        self.assertIn(["x-odd", "a b"], seen["headers"])
        self.assertEqual(seen["body_sha256"], hashlib.sha256(body).hexdigest())
        self.assertEqual(seen["body_length"], len(body))
        self.assertEqual(self.fake.last_body(), body)
        stats = self.fake.stats()
        self.assertEqual(stats["by_path"], {"/v1/messages": 1})
        self.assertEqual(stats["by_model"], {"claude-opus-5-5": 1})
        self.assertEqual(stats["completed"], 1)
        wait_until(lambda: self.fake.stats()["connections_open"] == 0, "its connection is closed")

    def test_pipelined_requests_are_answered_in_order(self):
        with Wire(self.fake.port) as wire:
            key = {"x-api-key": "k"}
            for number in range(3):
                wire.send_request(
                    "POST", "/v1/messages", key, bodies.message(f"model-{number}")
                )
            for number in range(3):
                self.assertEqual(wire.read_response().json()["model"], f"model-{number}")

    def test_large_and_chunked_bodies_arrive_whole(self):
        body = bodies.message(text="é" * 700_000)
        self.assertEqual(self.ask(body).status, 200)
        self.assertEqual(self.fake.last_body(), body)
        with Wire(self.fake.port) as wire:
            wire.send(
                b"POST /v1/messages HTTP/1.1\r\nhost: x\r\nx-api-key: k\r\n"
                b"transfer-encoding: chunked\r\n\r\n"
            )
            for at in range(0, len(body), 100_000):
                piece = body[at : at + 100_000]
                wire.send(b"%x\r\n%s\r\n" % (len(piece), piece))
            wire.send(b"0\r\n\r\n")
            self.assertEqual(wire.read_response().status, 200)
        self.assertEqual(self.fake.last_body(), body)

    def test_numbers_nobody_can_hold_are_no_error(self):
        body = b'{"x":[1e400,9007199254740993,-0],"model":"m","messages":[]}'
        self.assertEqual(self.ask(body).status, 200)
        for broken in (b"{", b"[]", b"x", b'{"model":"m"', b'{"model":5}'):
            self.assertEqual(self.ask(broken).status, 400, broken)

    def test_malformed_requests_are_counted_and_refused(self):
        for head in (
            b"POST /v1/messages HTTP/1.1\r\n\r\n",
            b"POST /v1/messages HTTP/1.1\r\nhost: x\r\nhost: y\r\n\r\n",
            b"POST /v1/messages HTTP/1.1\r\nhost: x\r\ncontent-length: 2, 2\r\n\r\n{}",
            b"POST /v1/messages HTTP/1.0\r\nhost: x\r\n\r\n",
        ):
            with Wire(self.fake.port) as wire:
                wire.send(head)
                self.assertEqual(wire.read_response().status, 400)
                self.assertTrue(wire.is_closed_by_peer())
        self.assertEqual(self.fake.stats()["malformed"], 4)

    def test_a_client_that_leaves_is_an_aborted_answer(self):
        with Wire(self.fake.port) as wire:
            body = bodies.message("fault-paced-1000", stream=True)
            wire.send_request("POST", "/v1/messages", {"x-api-key": "k"}, body)
            wire.read_until(b"ping")
            self.assertEqual(self.fake.stats()["in_flight"], 1)
        wait_until(lambda: self.fake.stats()["aborted"] == 1, "the answer is aborted")
        self.assertEqual(self.fake.stats()["in_flight"], 0)

    def test_deltas_carry_the_time_when_asked(self):
        self.fake.config(stamp=True, delta_count=3, delta_bytes=40, interval_ms=10)
        before = time.monotonic_ns()
        events = self.ask(bodies.message(stream=True)).events()
        stamps = [
            int(event.json()["delta"]["text"][1:17])
            for event in events
            if event.name == "content_block_delta"
        ]
        self.assertEqual(len(stamps), 3)
        for number, stamp in enumerate(stamps, 1):  # late on a busy machine, but never early
            self.assertGreaterEqual(stamp - before, number * 10_000_000)
        self.assertEqual(stamps, sorted(stamps))


class Faults(IntegrationTest):
    def setUp(self):
        super().setUp()
        self.fake = self.start_fake()

    def ask(self, fault, stream=True, **headers):
        body = bodies.message(f"claude-fault-{fault}", stream=stream)
        return self.fake.request("POST", "/v1/messages", headers, body)

    def test_a_fault_ends_the_connection_instead_of_answering(self):
        for fault in ("reset", "close"):
            for stream in (False, True):
                with self.subTest(fault, stream=stream), self.assertRaises(Closed):
                    self.ask(fault, stream)

    def test_a_key_with_a_reset_ends_before_the_body_came(self):
        with Wire(self.fake.port) as wire:
            wire.send(
                b"POST /v1/messages HTTP/1.1\r\nhost: x\r\nx-api-key: sk-fault-reset\r\n"
                b"content-length: 1000\r\n\r\n"
            )
            self.assertTrue(wire.is_closed_by_peer())
        self.assertEqual(self.fake.stats()["requests"], 1)

    def test_hanging_answers_nothing_or_only_a_head(self):
        with Wire(self.fake.port) as wire:
            body = bodies.message("fault-hang", stream=True)
            wire.send_request("POST", "/v1/messages", {"x-api-key": "k"}, body)
            wait_until(lambda: self.fake.stats()["in_flight"] == 1, "the request arrived")
            wire.socket.settimeout(0.1)
            with self.assertRaises(TimeoutError):
                wire.read_head()
        with Wire(self.fake.port) as wire:
            body = bodies.message("fault-hang-head", stream=True)
            wire.send_request("POST", "/v1/messages", {"x-api-key": "k"}, body)
            self.assertEqual(wire.read_head().status, 200)
            wire.socket.settimeout(0.1)
            with self.assertRaises(TimeoutError):
                wire.read_exactly(1)

    def test_a_stream_is_cut_after_each_number_of_events(self):
        whole = self.ask("cut-1000").events()
        self.assertEqual(len(whole), 14)
        for count in range(len(whole)):
            cut = self.ask(f"cut-{count}")
            self.assertFalse(cut.complete)
            self.assertEqual(len(cut.events()), count)

    def test_a_body_is_cut_after_each_number_of_bytes(self):
        for count in (0, 1, 7, 100, 500):
            cut = self.ask(f"cut-bytes-{count}")
            self.assertFalse(cut.complete)
            self.assertEqual(len(cut.body), count)
        self.assertEqual(len(self.ask("cut-bytes-50", stream=False).body), 50)

    def test_errors_come_inside_a_stream(self):
        self.assertEqual(self.ask("error-event").event_names(), ["error"])
        self.assertEqual(
            self.ask("error-after-0").event_names(), ["message_start", "error"]
        )
        names = self.ask("error-after-2").event_names()
        self.assertEqual(names[-3:], ["content_block_delta", "content_block_delta", "error"])
        event = self.ask("error-event").events()[0].json()
        self.assertEqual(event["error"]["type"], "overloaded_error")

    def test_errors_have_their_status_and_name(self):
        for status, kind in (
            (400, "invalid_request_error"),
            (401, "authentication_error"),
            (403, "permission_error"),
            (404, "not_found_error"),
            (413, "request_too_large"),
            (429, "rate_limit_error"),
            (500, "api_error"),
            (503, "api_error"),
            (529, "overloaded_error"),
        ):
            answer = self.ask(f"status-{status}")
            self.assertEqual((answer.status, answer.json()["error"]["type"]), (status, kind))
            self.assertIsNone(answer.header("retry-after"))
        limited = self.ask("429-7")
        self.assertEqual((limited.status, limited.header("retry-after")), (429, "7"))
        self.assertEqual(self.ask("529-3").header("retry-after"), "3")
        date = email.utils.parsedate_to_datetime(
            self.ask("retry-date-60").header("retry-after")
        )
        self.assertAlmostEqual(date.timestamp(), time.time() + 60, delta=5)
        missing = self.ask("notfound-model")
        self.assertEqual(
            missing.json()["error"]["message"], "model: claude-fault-notfound-model"
        )

    def test_answers_are_no_answers(self):
        with self.assertRaises(AssertionError):  # what the client says to no HTTP
            self.ask("garbage")
        page = self.ask("html")
        self.assertEqual(page.header("content-type"), "text/html")
        with self.assertRaises(ValueError):
            self.ask("badjson").json()
        short = self.ask("badlength")
        self.assertFalse(short.complete)
        both = self.ask("both-lengths")
        self.assertTrue(both.header("content-length") and both.header("transfer-encoding"))
        self.assertGreater(len(self.ask("bigheader").head), 128 * 1024)
        self.assertEqual(len(self.ask("flood-1xx").interim), 100)
        self.assertEqual(self.ask("redirect").status, 307)
        self.assertEqual(self.ask("redirect-302").header("location"), "/redirected")

    def test_odd_but_good_streams(self):
        plain = self.ask("cut-1000").body
        crlf = self.ask("sse-crlf")
        self.assertTrue(crlf.complete)
        self.assertEqual(len(split_events(crlf.body)[0]), 14)
        self.assertIn(b"\r\n\r\n", crlf.body)
        packed = self.ask("gzip")
        self.assertEqual(packed.header("content-encoding"), "gzip")
        self.assertEqual(
            gzip.decompress(packed.body).replace(b"fault-gzip", b"fault-cut-1000"), plain
        )
        unended = self.ask("no-stop")
        self.assertTrue(unended.complete)
        self.assertEqual(unended.event_names()[-1], "message_delta")

    def test_slow_answers_take_their_time(self):
        for fault, least in (("slow-first-200", 0.2), ("paced-20", 0.14), ("drip-0", 0)):
            start = time.monotonic()
            answer = self.ask(fault)
            self.assertGreaterEqual(time.monotonic() - start, least)
            self.assertEqual(answer.event_names()[-1], "message_stop")

    def test_signatures_are_refused_while_thinking_is_there(self):
        thinking = {"type": "thinking", "thinking": "x", "signature": "foreign"}
        history = [{"role": "assistant", "content": [thinking]}]
        body = bodies.message("claude-fault-signature", messages=history)
        answer = self.fake.request("POST", "/v1/messages", None, body)
        self.assertEqual(answer.status, 400)
        self.assertIn("Invalid `signature` in `thinking`", answer.json()["error"]["message"])
        self.assertEqual(self.ask("signature").status, 200)

    def test_a_stale_connection_closes_at_its_second_request(self):
        with Wire(self.fake.port) as wire:
            body = bodies.message("fault-stale")
            key = {"x-api-key": "k"}
            self.assertEqual(wire.request("POST", "/v1/messages", key, body).status, 200)
            with self.assertRaises(Closed):
                wire.request("POST", "/v1/messages", key, body)

    def test_a_fault_may_meet_only_the_first_requests(self):
        statuses = [self.ask("status-529-x2").status for _ in range(4)]
        self.assertEqual(statuses, [529, 529, 200, 200])

    def test_a_configured_fault_meets_every_model_until_cleared(self):
        body = bodies.message()

        def ask(path="/v1/messages"):
            return self.fake.request("POST", path, None, body).status

        self.fake.config(**{"fault": "status-500", "for": 2})
        self.assertEqual([ask() for _ in range(3)], [500, 500, 200])
        self.fake.config(fault="status-500", path="count_tokens")
        self.assertEqual([ask(), ask("/v1/messages/count_tokens")], [200, 500])
        self.fake.config(fault=None)
        self.assertEqual(ask("/v1/messages/count_tokens"), 200)
        with self.assertRaises(AssertionError):
            self.fake.config(fault="no-such-fault")

    def test_openai_errors_have_their_own_form(self):
        body = bodies.chat("gpt-fault-429-5")
        limited = self.fake.request("POST", "/v1/chat/completions", None, body)
        self.assertEqual(limited.status, 429)
        self.assertEqual(limited.json()["error"]["type"], "rate_limit_error")
        body = bodies.response("gpt-fault-error-after-1", stream=True)
        failed = self.fake.request("POST", "/v1/responses", None, body)
        self.assertEqual(failed.event_names()[-1], "response.failed")
        body = bodies.chat("gpt-fault-error-event", stream=True)
        failed = self.fake.request("POST", "/v1/chat/completions", None, body)
        self.assertIn("error", failed.events()[0].json())


class Tls(IntegrationTest):
    def test_it_speaks_tls(self):
        fake = self.start_fake("fake", certificates.make(self.folder, "localhost"))
        answer = fake.request("POST", "/v1/messages", None, bodies.message(stream=True))
        self.assertEqual(answer.event_names()[-1], "message_stop")
        body = bodies.message(text="x" * 300_000)
        self.assertEqual(fake.request("POST", "/v1/messages", None, body).status, 200)
        self.assertEqual(fake.last_body(), body)
        cut = fake.request("POST", "/v1/messages", None, bodies.message("fault-cut-3", stream=True))
        self.assertFalse(cut.complete)


if __name__ == "__main__":
    unittest.main()
