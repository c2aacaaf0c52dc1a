"""Before the commit point a failure moves on unseen; after it, it is an error in the stream."""

import unittest

import bodies
import grammar
from harness import IntegrationTest, wait_until

QUICK = {
    "connect_ms": 1000,
    "first_byte_ms": 400,
    "first_event_ms": 700,
    "max_silence_ms": 1000,
    "total_ms": 3000,
}

# What each does to a stream before its first content.
BEFORE_COMMIT = [
    "reset",
    "close",
    "hang",
    "hang-head",
    "drip-50",
    "cut-0",
    "cut-1",
    "cut-bytes-0",
    "cut-bytes-40",
    "error-event",
    "error-after-0",
    "status-500",
    "status-502",
    "status-503",
    "status-504",
    "status-529",
    "status-401",
    "status-403",
    "status-429",
    "429-30",
    "503-30",
    "529-30",
    "retry-date-30",
    "garbage",
    "html",
    "badjson",
    "badlength",
    "both-lengths",
    "bigheader",
    "flood-1xx",
    "redirect-301",
    "redirect-307",
    "notfound-model",
]

# Of those, what can happen to an answer that is not streamed. Silence is not among them: such an
# answer may rightly take minutes, so only the total deadline ends it.
WHOLE_ANSWERS = [
    "reset",
    "close",
    "cut-0",
    "cut-bytes-40",
    "status-500",
    "status-503",
    "status-529",
    "status-401",
    "429-30",
    "garbage",
    "html",
    "badjson",
    "badlength",
    "both-lengths",
    "bigheader",
    "flood-1xx",
    "redirect-302",
    "notfound-model",
]


class TwoChannels(IntegrationTest):
    def setUp(self):
        super().setUp()
        self.first = self.start_fake("first")
        self.second = self.start_fake("second")
        self.gateway = self.start_gateway()
        self.key = self.new_key(self.gateway)

    def pair(self, model):
        """Two fresh channels with no history; the first one is preferred. It has little time, since
        it is the one in trouble; a busy machine must not look like trouble of the second."""
        return [
            self.new_channel(self.gateway, self.first, [model], timeouts=QUICK),
            self.new_channel(self.gateway, self.second, [model], priority=1),
        ]

    def ask(self, body, session=None):
        headers = {"x-api-key": self.key, **bodies.claude_code_headers(session)}
        return self.gateway.request("POST", "/v1/messages", headers, body)

    def drop(self, channels):
        """Keeps the gateway small; a failed subtest leaves its channels, which do no harm."""
        for channel in channels:
            self.gateway.admin.delete(f"channels/{channel['id']}")

    def assert_clean(self, answer, body):
        """The answer is the second provider's, whole and alone."""
        self.assertEqual(answer.status, 200, answer.body)
        self.assertTrue(answer.complete)
        self.second.config(fault=None)
        expected = self.second.request("POST", "/v1/messages", None, body)
        self.assertEqual(answer.body, expected.body)

    def check_fault(self, fault, stream):
        model = f"claude-{fault}-{'stream' if stream else 'whole'}"
        channels = self.pair(model)
        session = bodies.new_session()
        body = bodies.message(model, stream=stream)
        self.first.config(fault=None)
        bound = self.ask(body, session)
        self.assertEqual(bound.status, 200, bound.body)
        self.assertIn(b"first", bound.body)
        self.first.reset()
        self.second.reset()
        self.first.config(fault=fault)
        answer = self.ask(body, session)
        self.assertGreaterEqual(self.first.stats()["requests"], 1, "the fault was met")
        self.assertEqual(self.second.stats()["requests"], 1)
        self.second.reset()  # forgets the cached conversation, for the comparison
        direct = bodies.claude_code_headers(session)
        expected = self.second.request("POST", "/v1/messages", direct, body)
        self.assertEqual(answer.status, 200, answer.body)
        self.assertTrue(answer.complete)
        self.assertEqual(answer.body, expected.body)
        self.drop(channels)

    def test_a_stream_moves_on_before_its_first_content(self):
        for fault in BEFORE_COMMIT:
            with self.subTest(fault):
                self.check_fault(fault, stream=True)

    def test_a_whole_answer_moves_on(self):
        for fault in WHOLE_ANSWERS:
            with self.subTest(fault):
                self.check_fault(fault, stream=False)

    def test_a_refused_connection_moves_on(self):
        channels = self.pair("claude-refused")
        self.first.kill()
        body = bodies.message("claude-refused", stream=True)
        self.assert_clean(self.ask(body), body)
        self.drop(channels)

    def test_a_stream_cut_at_any_event_never_looks_finished(self):
        whole = self.first.request(
            "POST", "/v1/messages", None, bodies.message("claude-cut", stream=True)
        ).events()
        content_starts = [e.name for e in whole].index("content_block_start")
        for count in range(content_starts + 1, len(whole)):
            with self.subTest(count):
                model = f"claude-cut-{count}"
                channels = self.pair(model)
                self.second.reset()
                body = bodies.message(model, stream=True)
                expected = self.first.request("POST", "/v1/messages", None, body).events()
                self.first.config(fault=f"cut-{count}")
                answer = self.ask(body)
                self.first.config(fault=None)
                self.assertEqual(self.second.stats()["requests"], 0)
                events = answer.events()
                self.assertTrue(grammar.ends_with_error(events), answer.body)
                kept = [event.raw for event in events[:-1]]
                self.assertEqual(kept, [event.raw for event in expected[:count]])
                self.drop(channels)

    def test_a_stream_cut_at_any_byte_keeps_only_whole_events(self):
        def body_of(count):
            return bodies.message(f"claude-bytes-{count:05}", stream=True)

        whole = self.first.request("POST", "/v1/messages", None, body_of(0)).body
        commit = whole.index(b"event: ping")
        last = whole.index(b"event: message_stop")
        for count in sorted({*range(commit, last, 61), last, last + 5, len(whole) - 2}):
            with self.subTest(count):
                channels = self.pair(f"claude-bytes-{count:05}")
                self.second.reset()
                self.first.config(fault=f"cut-bytes-{count}")
                answer = self.ask(body_of(count))
                self.first.config(fault=None)
                events = answer.events()
                self.assertTrue(grammar.ends_with_error(events), answer.body)
                kept = b"".join(event.raw for event in events[:-1])
                expected = whole.replace(b"claude-bytes-00000", b"claude-bytes-%05d" % count)
                self.assertTrue(expected.startswith(kept))
                self.assertGreater(len(kept) + 400, count, "whole events were dropped")
                self.assertEqual(self.second.stats()["requests"], 0)
                self.drop(channels)

    def test_an_error_after_content_is_passed_and_never_retried(self):
        channels = self.pair("claude-late-error")
        self.first.config(fault="error-after-3")
        answer = self.ask(bodies.message("claude-late-error", stream=True))
        events = answer.events()
        self.assertTrue(grammar.ends_with_error(events))
        self.assertEqual(events[-1].json()["error"]["type"], "overloaded_error")
        self.assertEqual(self.second.stats()["requests"], 0)
        self.drop(channels)

    def test_a_stream_without_its_last_event_is_no_clean_end(self):
        channels = self.pair("claude-no-stop")
        self.first.config(fault="no-stop")
        answer = self.ask(bodies.message("claude-no-stop", stream=True))
        self.assertTrue(grammar.ends_with_error(answer.events()), answer.body)
        self.drop(channels)

    def test_a_stream_that_falls_silent_after_content_ends_with_an_error(self):
        channels = self.pair("claude-silent")
        self.first.config(fault="paced-5000")
        answer = self.ask(bodies.message("claude-silent", stream=True))
        self.assertTrue(grammar.ends_with_error(answer.events()), answer.body)
        self.assertEqual(self.second.stats()["requests"], 0)
        self.drop(channels)

    def test_client_errors_move_nothing(self):
        for status in (400, 413, 422):
            with self.subTest(status):
                model = f"claude-client-{status}"
                channels = self.pair(model)
                self.second.reset()
                self.first.config(fault=f"status-{status}")
                answer = self.ask(bodies.message(model))
                self.first.config(fault=None)
                self.assertEqual(answer.status, status)
                self.assertEqual(self.second.stats()["requests"], 0)
                self.assertEqual(self.ask(bodies.message(model)).status, 200)
                self.assertEqual(self.second.stats()["requests"], 0, "it was benched")
                self.drop(channels)

    def test_a_stale_connection_is_nobodys_fault(self):
        channels = self.pair("claude-stale")
        self.first.config(fault="stale")
        for _ in range(4):
            answer = self.ask(bodies.message("claude-stale", stream=True))
            self.assertEqual(answer.status, 200)
            grammar.check_anthropic(answer.events())
        self.assertEqual(self.second.stats()["requests"], 0)
        self.drop(channels)

    def test_a_refused_signature_is_tried_once_without_the_thought(self):
        channels = self.pair("claude-signed")
        self.first.config(fault="signature")
        thinking = {"type": "thinking", "thinking": "x", "signature": "Zm9yZWlnbg=="}
        messages = [
            {"role": "user", "content": "hi"},
            {"role": "assistant", "content": [thinking, {"type": "text", "text": "yes"}]},
            {"role": "user", "content": "go on"},
        ]
        answer = self.ask(bodies.message("claude-signed", messages=messages))
        self.assertEqual(answer.status, 200)
        record = self.gateway.admin.record(answer)
        self.assertEqual(
            [(a["reason"], a["without_thinking"]) for a in record["attempts"]],
            [("signature", False), ("ok", True)],
        )
        self.assertEqual(self.second.stats()["requests"], 0, "nobody is blamed")
        self.drop(channels)

    def test_when_all_fail_the_client_hears_it_in_its_dialect(self):
        channels = self.pair("claude-all-down")
        for fault, statuses in (
            ("status-529", {529, 503}),
            ("reset", {500, 502, 529, 503}),
            ("429-30", {429}),
        ):
            with self.subTest(fault):
                self.first.config(fault=fault)
                self.second.config(fault=fault)
                answer = self.ask(bodies.message("claude-all-down", stream=True))
                self.assertIn(answer.status, statuses, answer.body)
                error = answer.json()
                self.assertEqual(error["type"], "error")
                self.assertTrue(error["error"]["message"])
                if fault == "429-30":
                    self.assertGreater(int(answer.header("retry-after")), 0)
        self.drop(channels)

    def test_every_attempt_is_explained(self):
        channels = self.pair("claude-explained")
        session = bodies.new_session()
        self.first.config(fault="status-529")
        answer = self.ask(bodies.message("claude-explained"), session)
        request = self.gateway.admin.record(answer)
        listed = self.gateway.admin.requests_of(self.gateway.admin.trace(session)["id"])
        self.assertEqual([r["id"] for r in listed], [request["id"]])
        attempts = request["attempts"]
        self.assertEqual(request["status"], "completed")
        self.assertEqual(attempts[0]["channel"], channels[0]["id"])
        self.assertEqual(attempts[0]["http_status"], 529)
        self.assertEqual(attempts[-1]["channel"], channels[1]["id"])
        self.assertEqual(attempts[-1]["http_status"], 200)


if __name__ == "__main__":
    unittest.main()
