"""Requests of one session are one trace and stay on one channel."""

import unittest

import bodies
from harness import IntegrationTest, wait_until

MODEL = "claude-opus-5-5"


class Traces(IntegrationTest):
    def setUp(self):
        super().setUp()
        self.fakes = [self.start_fake(f"fake{number}") for number in range(4)]
        self.gateway = self.start_gateway()
        self.key = self.new_key(self.gateway)
        self.channels = [
            self.new_channel(self.gateway, fake, [MODEL], name=fake.name) for fake in self.fakes
        ]

    def ask(self, headers=None, body=None, path="/v1/messages", key=None):
        all_headers = {"x-api-key": key or self.key, **(headers or {})}
        answer = self.gateway.request("POST", path, all_headers, body or bodies.message(MODEL))
        self.assertEqual(answer.status, 200, answer.body)
        return answer

    def served_by(self):
        """The names of the fakes that saw a request since the last question."""
        names = [f.name for f in self.fakes for _ in range(f.stats()["requests"])]
        for fake in self.fakes:
            fake.reset()
        return names

    def trace(self, session, count=1):
        """The trace once `count` of its requests are on record, which follows their answers."""

        def complete():
            found = self.gateway.admin.trace(session)
            return found if found and found["requests"] >= count else None

        return wait_until(complete, f"trace {session} with {count} requests")

    def finished_requests(self, trace, count):
        def complete():
            listed = self.gateway.admin.requests_of(trace["id"])
            done = [r for r in listed if r["status"] != "in_progress"]
            return listed if len(done) >= count else None

        return wait_until(complete, f"{count} finished requests")

    def assert_one_trace(self, session, count):
        trace = self.trace(session, count)
        self.assertEqual(trace["external_id"], session)
        self.assertEqual(trace["requests"], count)
        listed = self.finished_requests(trace, count)
        self.assertEqual(len(listed), count)
        self.assertEqual({request["trace"] for request in listed}, {trace["id"]})
        return trace

    def test_all_forms_of_a_claude_code_session_are_one_trace(self):
        session = bodies.new_session()
        self.ask({"x-claude-code-session-id": session})
        self.ask(body=bodies.message(MODEL, metadata={"user_id": bodies.user_id(session)}))
        self.ask(body=bodies.message(MODEL, metadata={"user_id": bodies.old_user_id(session)}))
        self.ask(bodies.claude_code_headers(session), bodies.message(MODEL, stream=True))
        served = self.served_by()
        self.assertEqual(len(served), 4)
        self.assertEqual(len(set(served)), 1, served)
        trace = self.assert_one_trace(session, 4)
        channel = next(c for c in self.channels if c["name"] == served[0])
        self.assertEqual(trace["binding"]["channel_id"], channel["id"])
        self.assertEqual(trace["moves"], 0)

    def test_subagents_belong_to_their_session(self):
        session = bodies.new_session()
        headers = bodies.claude_code_headers(session)
        self.ask(headers)
        self.ask({**headers, "x-claude-code-agent-id": "a0123456789abcdef"})
        self.ask(
            {
                **headers,
                "x-claude-code-agent-id": "afedcba9876543210",
                "x-claude-code-parent-agent-id": "a0123456789abcdef",
            }
        )
        self.assertEqual(len(set(self.served_by())), 1)
        trace = self.assert_one_trace(session, 3)
        agents = [r["agent_id"] for r in self.finished_requests(trace, 3)]
        self.assertEqual(
            {agent for agent in agents if agent}, {"a0123456789abcdef", "afedcba9876543210"}
        )

    def test_the_trace_header_names_the_trace(self):
        self.ask({"AH-Trace-Id": "my-trace", "x-claude-code-session-id": "not-this"})
        self.ask({"ah-trace-id": "my-trace"})
        self.assert_one_trace("my-trace", 2)
        self.assertIsNone(self.gateway.admin.trace("not-this"))

    def test_codex_sessions_are_traces(self):
        session = bodies.new_session()
        self.ask(bodies.codex_headers(session))
        for name in ("session-id", "session_id", "thread-id", "conversation_id"):
            self.ask({name: session})
        self.ask({"x-codex-window-id": f"{session}:3"})
        self.assertEqual(len(set(self.served_by())), 1)
        self.assert_one_trace(session, 6)

    def test_threads_hold_traces(self):
        for name in ("one", "two"):
            self.ask({"AH-Trace-Id": name, "AH-Thread-Id": "my-thread"})
            self.trace(name)
        found = self.gateway.admin.get("traces", thread="my-thread")["items"]
        self.assertEqual({trace["external_id"] for trace in found}, {"one", "two"})
        self.assertEqual({trace["thread"] for trace in found}, {found[0]["thread"]})
        threads = self.gateway.admin.items("threads")
        self.assertEqual(len(threads), 1)

    def test_many_sessions_spread_over_the_channels(self):
        for number in range(40):
            for _ in range(2):
                self.ask({"AH-Trace-Id": f"session-{number}"})
        counts = [fake.stats()["requests"] for fake in self.fakes]
        self.assertEqual(sum(counts), 80)
        self.assertTrue(all(count % 2 == 0 and count > 0 for count in counts), counts)
        wait_until(lambda: len(self.gateway.admin.items("traces")) == 40, "40 traces are listed")

    def test_projects_do_not_share_traces(self):
        admin = self.gateway.admin
        project = admin.post("projects", {"name": "other"})
        other_key = self.new_key(self.gateway, project=project["id"])
        self.ask({"AH-Trace-Id": "shared-name"})
        self.ask({"AH-Trace-Id": "shared-name"}, key=other_key)

        def both():
            found = admin.get("traces", external_id="shared-name")["items"]
            return found if len(found) == 2 else None

        found = wait_until(both, "two traces of that name")
        self.assertEqual(len({trace["project"] for trace in found}), 2)

    def test_requests_tell_what_happened(self):
        session = bodies.new_session()
        answer = self.ask(
            bodies.claude_code_headers(session), bodies.message(MODEL, stream=True)
        )
        request = self.finished_requests(self.trace(session), 1)[0]
        request = self.gateway.admin.get(f"requests/{request['id']}")
        self.assertEqual(request["status"], "completed")
        self.assertEqual(request["http_status"], 200)
        self.assertEqual(request["dialect"], "anthropic")
        self.assertTrue(request["stream"])
        self.assertEqual(request["model"]["requested"], MODEL)
        self.assertEqual(request["response_bytes"], len(answer.body))
        self.assertEqual(len(request["attempts"]), 1)
        usage = answer.events()[0].json()["message"]["usage"]
        self.assertEqual(request["usage"]["input_tokens"], usage["input_tokens"])
        self.assertEqual(
            request["usage"]["cache_write_tokens"], usage["cache_creation_input_tokens"]
        )
        self.assertEqual(request["usage"]["output_tokens"], 48)
        self.assertFalse(request["usage"]["estimated"])

    def test_odd_session_texts_do_no_harm(self):
        for text in ("x" * 5000, "../../etc/passwd", "%00", "'; drop table", '{"a":1}', "é"):
            with self.subTest(text[:20]):
                headers = {"x-claude-code-session-id": text.encode().decode("latin-1")}
                answer = self.gateway.request(
                    "POST", "/v1/messages", {"x-api-key": self.key, **headers},
                    bodies.message(MODEL),
                )
                self.assertIn(answer.status, (200, 400))

    def test_a_session_without_its_switch_is_no_trace(self):
        gateway = self.start_gateway(
            {"AXONHUB_SERVER_TRACE_CLAUDE_CODE_TRACE_ENABLED": "false"}
        )
        key = self.new_key(gateway)
        self.new_channel(gateway, self.fakes[0], [MODEL])
        session = bodies.new_session()
        answer = gateway.request(
            "POST",
            "/v1/messages",
            {"x-api-key": key, **bodies.claude_code_headers(session)},
            bodies.message(MODEL, metadata={"user_id": bodies.user_id(session)}),
        )
        self.assertEqual(answer.status, 200)
        wait_until(lambda: gateway.admin.items("requests"), "the request is on record")
        self.assertIsNone(gateway.admin.trace(session))

    def test_a_binding_can_be_dropped(self):
        self.ask({"AH-Trace-Id": "bound"})
        trace = self.trace("bound")
        bindings = self.gateway.admin.items("bindings")
        self.assertEqual(len(bindings), 1)
        self.gateway.admin.delete(f"traces/{trace['id']}/binding")
        self.assertIsNone(self.trace("bound")["binding"])

    def test_a_trace_returns_to_its_warm_channel(self):
        headers = bodies.claude_code_headers(bodies.new_session())
        self.ask(headers)
        home = self.served_by()[0]
        next(f for f in self.fakes if f.name == home).config(**{"fault": "529-3", "for": 1})
        self.ask(headers)
        self.assertEqual(len(set(self.served_by()) - {home}), 1, "an outage moves the request")

        def is_back():
            self.ask(headers)
            return self.served_by() == [home]

        wait_until(is_back, "the trace is back on its channel", 20)


if __name__ == "__main__":
    unittest.main()
