"""Limits of channels: what is too much waits a while, or goes elsewhere."""

import contextlib
import threading
import unittest

import bodies
from harness import IntegrationTest, wait_until

MODEL = "claude-opus-5-5"


class ChannelLimits(IntegrationTest):
    def setUp(self):
        super().setUp()
        self.fake = self.start_fake()
        self.gateway = self.start_gateway()
        self.admin = self.gateway.admin
        self.key = self.new_key(self.gateway)

    def ask(self, session, **more):
        return self.gateway.request(
            "POST",
            "/v1/messages",
            {"x-api-key": self.key, "AH-Trace-Id": session},
            bodies.message(MODEL, stream=True, **more),
        )

    @contextlib.contextmanager
    def occupied(self, channel):
        """While this lasts, one request is under way at the channel: it ends by leaving."""
        self.fake.config(interval_ms=1000, delta_count=1000)
        with self.gateway.connect() as wire:
            body = bodies.message(MODEL, stream=True)
            wire.send_request("POST", "/v1/messages", {"x-api-key": self.key}, body)
            self.assertEqual(wire.read_head().status, 200)
            self.assertEqual(self.health(channel)["in_flight"], 1)
            self.fake.config(interval_ms=0, delta_count=8)  # for those that come later
            yield

    def start(self, session):
        """A request from a thread of its own; a function that waits for its answer."""
        answers = []
        thread = threading.Thread(target=lambda: answers.append(self.ask(session)))
        thread.start()

        def answer():
            thread.join()
            return answers[0]

        return answer

    def health(self, channel):
        return self.admin.get(f"channels/{channel['id']}/health")

    def limited(self, **limits):
        return self.new_channel(self.gateway, self.fake, [MODEL], limits=limits)

    def test_a_full_channel_lets_requests_wait_in_its_queue(self):
        channel = self.limited(max_concurrent=1, queue_timeout_ms=20_000)
        self.assertEqual(channel["limits"]["queue_size"], 100)
        with self.occupied(channel):
            others = [self.start(session) for session in "bcd"]
            wait_until(lambda: self.health(channel)["queued"] == 3, "the others wait")
        for answer in others:
            self.assertEqual((answer().status, answer().complete), (200, True))
        self.assertEqual(self.health(channel)["queued"], 0)

    def test_who_has_waited_too_long_is_told(self):
        channel = self.limited(max_concurrent=1, queue_timeout_ms=100)
        with self.occupied(channel):
            refused = self.ask("b")
        self.assertEqual(refused.status, 529)
        self.assertIn(b"full", refused.body)
        self.assertGreaterEqual(int(refused.header("retry-after") or 1), 1)

    def test_who_leaves_waits_no_more(self):
        channel = self.limited(max_concurrent=1, queue_timeout_ms=20_000)
        self.fake.config(interval_ms=100, delta_count=20)
        first = self.start("a")
        wait_until(lambda: self.health(channel)["in_flight"] == 1, "the first is under way")
        wires = [self.gateway.connect() for _ in range(4)]
        for number, wire in enumerate(wires):
            headers = {"x-api-key": self.key, "AH-Trace-Id": f"s{number}"}
            body = bodies.message(MODEL, stream=True)
            wire.send_request("POST", "/v1/messages", headers, body)
        wait_until(lambda: self.health(channel)["queued"] == 4, "the others wait")
        for wire in wires[:3]:
            wire.close()
        wait_until(lambda: self.health(channel)["queued"] == 1, "only the one that stays")
        self.assertEqual(first().status, 200)
        with wires[3] as wire:
            self.assertEqual(wire.read_response().status, 200)
        self.assertEqual(self.fake.stats()["requests"], 2)

    def test_an_unbound_request_goes_to_a_channel_with_room(self):
        full = self.limited(max_concurrent=1, queue_timeout_ms=20_000)
        roomy = self.start_fake("roomy")
        with self.occupied(full):
            self.new_channel(self.gateway, roomy, [MODEL])
            for number in range(4):
                self.assertEqual(self.ask(f"s{number}").status, 200)
        self.assertEqual(roomy.stats()["requests"], 4)

    def test_requests_per_minute_are_exact_and_say_when_there_is_room(self):
        self.limited(rpm=5, queue_timeout_ms=0)
        answers = [self.start(f"s{number}") for number in range(20)]
        statuses = sorted(answer().status for answer in answers)
        self.assertEqual(statuses, [200] * 5 + [529] * 15)
        self.assertEqual(self.fake.stats()["requests"], 5)
        refused = self.ask("late")
        self.assertIn(int(refused.header("retry-after")), range(1, 61))
        self.assertIn(b"rate_limit", refused.body)

    def test_a_queue_may_be_set_before_any_limit(self):
        channel = self.limited(queue_size=7)
        self.assertEqual(channel["limits"], {"queue_size": 7, "queue_timeout_ms": 2000})
        path = f"channels/{channel['id']}"
        changed = self.admin.patch(path, {"limits": {"max_concurrent": 1}})
        self.assertEqual(changed["limits"]["queue_size"], 7)

    def test_senseless_limits_are_refused(self):
        for limits in ({"max_concurrent": 0}, {"rpm": -1}, {"tpm": "x"}, {"speed": 1}):
            with self.subTest(limits), self.assertRaises(AssertionError):
                self.limited(**limits)


if __name__ == "__main__":
    unittest.main()
