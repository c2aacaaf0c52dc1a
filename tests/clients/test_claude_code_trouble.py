"""What the user of Claude Code does not notice: failing channels and a killed gateway."""

import time
import unittest
from concurrent.futures import ThreadPoolExecutor

import bodies
from client_test import ClientTest, posts
from harness import PATIENCE, wait_until


class Failover(ClientTest):
    """A session that is bound to a channel when that begins to fail."""

    def setUp(self):
        super().setUp()
        self.first, self.home = self.start_channel("first", timeouts={"first_byte_ms": 1000})
        self.second, _ = self.start_channel("second", priority=1)
        self.claude = self.start_claude()

    def test_the_next_channel_answers(self):
        for fault in ("529-30", "status-401", "reset", "hang", "error-event"):
            with self.subTest(fault):
                session = bodies.new_session()
                for fake in (self.first, self.second):
                    fake.reset()
                self.reset_health()
                answer = self.claude.ask(self.url(), "hi", "--session-id", session)
                self.assert_answered(answer)
                self.assertEqual([len(posts(f)) for f in (self.first, self.second)], [1, 0])
                self.first.config(fault=fault)
                answer = self.claude.ask(
                    self.url(), "go on", "--resume", session, "--output-format", "json"
                )
                self.assert_answered(answer)
                self.assertFalse(answer.json()["is_error"])
                self.assertEqual(len(posts(self.second)), 1)
                trace = self.trace(session, 2)
                self.assertEqual(trace["requests"], 2, "the client had no reason to try again")
                self.assertEqual(trace["failed"], 0)

    def reset_health(self):
        """Makes the first channel new, so that no breaker or cooldown is left of another fault."""
        admin = self.gateway.admin
        admin.delete(f"channels/{self.home['id']}")
        self.home = self.new_channel(
            self.gateway,
            self.first,
            self.home["supported_models"],
            name="first",
            timeouts={"first_byte_ms": 1000},
        )

    def test_a_stream_that_breaks_is_taken_up_again(self):
        session = bodies.new_session()
        self.first.config(**{"fault": "error-after-3", "for": 1})
        answer = self.claude.ask(self.url(), "hi", "--session-id", session)
        self.assert_answered(answer)
        self.assertGreaterEqual(self.trace(session, 2)["requests"], 2)


class Kill(ClientTest):
    def test_a_session_goes_on_on_its_channel(self):
        session = bodies.new_session()
        claude = self.start_claude()
        home, channel = self.start_channel("home")
        answer = claude.ask(self.url(), "hi", "--session-id", session)
        kill_at = time.monotonic() + 1.0 * PATIENCE
        self.assert_answered(answer)
        others = [self.start_channel(name)[0] for name in ("other1", "other2", "other3")]
        time.sleep(max(0, kill_at - time.monotonic()))  # the promised time, not a guess
        self.kill_and_restart()
        answer = claude.ask(self.url(), "go on", "--resume", session)
        self.assert_answered(answer)
        self.assertEqual([len(posts(fake)) for fake in (home, *others)], [2, 0, 0, 0])
        self.assertEqual(self.trace(session, 1)["binding"]["channel_id"], channel["id"])

    def test_an_answer_that_was_cut_off_is_asked_for_again(self):
        fake, _ = self.start_channel()
        fake.config(interval_ms=100)
        claude = self.start_claude()
        self.gateway.env["AXONHUB_SERVER_PORT"] = str(self.gateway.port)  # it comes back there
        with ThreadPoolExecutor(1) as aside:
            asked = aside.submit(claude.ask, self.url(), "hi", CLAUDE_CODE_MAX_RETRIES="8")
            wait_until(lambda: posts(fake), "the provider answers", 30)
            self.kill_and_restart()
            answer = asked.result()
        self.assert_answered(answer)
        self.assertGreaterEqual(len(posts(fake)), 2)


if __name__ == "__main__":
    unittest.main()
