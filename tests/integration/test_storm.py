"""What a failing upstream does to the others, and to itself: no storm, and nobody notices."""

import json
import os
import random
import threading
import time
import unittest
from collections import Counter

import bodies
from harness import IntegrationTest, wait_until
from stub_provider import json_answer, stream_answer
from test_patience import BLOCK_START, MESSAGE_END, MESSAGE_START, TEXT_DELTA

MODEL = "claude-opus-5-5"
CHANNELS = 3
CLIENTS = 50
GOOD = (MESSAGE_START, BLOCK_START, TEXT_DELTA, MESSAGE_END)


class Storm(IntegrationTest):
    def setUp(self):
        super().setUp()
        self.fakes = [self.start_fake(f"fake{n}") for n in range(CHANNELS)]
        self.gateway = self.start_gateway()
        self.key = self.new_key(self.gateway)
        for fake in self.fakes:
            self.new_channel(self.gateway, fake, [MODEL])

    def bindings(self):
        """The channel of each session that has one; a binding follows the answer."""
        return {
            t["external_id"]: t["binding"]["channel_id"]
            for t in self.gateway.admin.items("traces")
            if t["binding"]
        }

    def attempts(self):
        return sum(fake.stats()["requests"] for fake in self.fakes)

    def ask(self, session, stream=True):
        return self.gateway.request(
            "POST",
            "/v1/messages",
            {"x-api-key": self.key, "x-claude-code-session-id": session},
            bodies.message(MODEL, stream=stream),
        )

    def from_clients(self, requests, work):
        """`work(client, number)` from all clients side by side; what it returned."""
        results, errors = [], []

        def run(client):
            try:
                for number in range(requests):
                    results.append(work(client, number))
            except Exception as error:  # shown by the test
                errors.append(error)

        threads = [threading.Thread(target=run, args=(n,)) for n in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(errors, [])
        return results

    def test_all_down_answers_at_once_and_causes_no_storm(self):
        for fake in self.fakes:
            fake.config(fault="status-503")
        requests = 12
        results = self.from_clients(requests, lambda c, n: self.ask(f"s{c}-{n}"))
        for answer in results:
            self.assertIn(answer.status, (503, 529), answer.body)
        self.assertLessEqual(self.attempts(), 1.2 * CLIENTS * requests)
        # It knows by now.
        self.assert_quick(self.gateway, lambda number: self.ask(f"late{number}"), 0.1)
        self.assertGreaterEqual(int(self.ask("last").header("retry-after")), 1)

    def test_one_of_three_dies_and_no_client_sees_it(self):
        sessions = [f"s{c}" for c in range(CLIENTS)]

        def served():
            return [self.ask(session).header("x-axonhub-channel") for session in sessions]

        before = served()
        self.assertEqual(len(set(before)), CHANNELS)
        wait_until(lambda: len(self.bindings()) == CLIENTS, "all sessions are bound")
        home = self.bindings()
        victim = self.fakes[0]
        died = []

        def work(client, number):
            if client == 0 and number == 2:
                died.append(time.monotonic())
                victim.config(fault="reset")
            return self.ask(sessions[client])

        for answer in self.from_clients(8, work):
            self.assertEqual((answer.status, answer.complete), (200, True), answer.body)
        victim.reset()
        # It rests for longer where the outage was longer: the clients take their time.
        patience = 30 + 2 * (time.monotonic() - died[0])
        wait_until(
            lambda: served() == before, "every session is back at its warm channel", patience
        )
        wait_until(lambda: self.bindings() == home, "every session is bound as before")

    def test_an_upstream_that_fails_half_the_time_harms_nobody(self):
        """Beside one that is well: nearly every client is served, and second tries stay few."""
        dice, lock = random.Random(7), threading.Lock()

        def answer(*_):
            with lock:
                fails = dice.random() < 0.5
            if fails:
                return json_answer(503, {"type": "error", "error": {"type": "api_error"}})
            return stream_answer(*GOOD)

        flapping = self.start_stub(answer)
        gateway = self.start_gateway()
        key = self.new_key(gateway)
        for upstream in (flapping, self.fakes[0]):
            self.new_channel(gateway, upstream, [MODEL])
        end = time.monotonic() + (20 if os.environ.get("AXONHUB_TEST_LONG") else 3)

        def work(client, _):
            statuses = []
            while time.monotonic() < end:
                session = f"s{client}-{len(statuses)}"
                headers = {"x-api-key": key, "x-claude-code-session-id": session}
                body = bodies.message(MODEL, stream=True)
                answer = gateway.request("POST", "/v1/messages", headers, body)
                statuses.append(answer.status if answer.complete else "broken")
            return statuses

        statuses = [s for some in self.from_clients(1, work) for s in some]
        self.assertGreater(len(flapping.bodies), 3, "it was asked, between its rests")
        self.assertGreaterEqual(statuses.count(200), 0.995 * len(statuses), Counter(statuses))
        for record in gateway.admin.items("requests", limit=50):
            steps = gateway.admin.get(f"requests/{record['id']}")["decision"]["steps"]
            self.assertTrue(steps)
            for made in steps:  # a share may be older than the number of requests beside it
                self.assertLessEqual(made["extra_attempts"], CLIENTS // 5)


    def test_a_second_try_that_is_answered_costs_the_others_nothing(self):
        """More streams than there are shares, each after a failure, and all of them go on."""
        seen, ends = set(), threading.Event()
        self.addCleanup(ends.set)

        def answer(_, body):
            model = json.loads(body)["model"]
            if model not in seen:
                seen.add(model)
                yield json_answer(503, {"type": "error", "error": {"type": "api_error"}})
                return
            whole = stream_answer(*GOOD)
            yield whole[: -len(MESSAGE_END)]
            ends.wait()
            yield whole[-len(MESSAGE_END) :]

        gateway = self.start_gateway()
        key = self.new_key(gateway)
        models = [f"model-{n}" for n in range(6)]
        self.new_channel(gateway, self.start_stub(answer), models)
        for model in models:
            wire = gateway.connect()
            self.addCleanup(wire.close)
            body = bodies.message(model, stream=True)
            wire.send_request("POST", "/v1/messages", {"x-api-key": key}, body)
            self.assertEqual(wire.read_head().status, 200, model)
            wire.read_until(b"content_block_delta")


if __name__ == "__main__":
    unittest.main()
