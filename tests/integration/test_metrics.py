"""What operations look at."""

import re
import unittest

import bodies
from harness import IntegrationTest, wait_until

MODEL = "claude-opus-5-5"
SAMPLE = re.compile(r"^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{.*\})? (\S+)$")


class Operations(IntegrationTest):
    def setUp(self):
        super().setUp()
        self.fake = self.start_fake()
        self.gateway = self.start_gateway()
        self.key = self.new_key(self.gateway)
        self.new_channel(self.gateway, self.fake, [MODEL])

    def ask(self, body=None):
        return self.gateway.request(
            "POST", "/v1/messages", {"x-api-key": self.key}, body or bodies.message(MODEL)
        )

    def samples(self):
        """Name to a list of (labels, value); every line must parse."""
        page = self.gateway.request("GET", "/metrics")
        self.assertEqual(page.status, 200)
        self.assertTrue(page.header("content-type").startswith("text/plain"))
        found = {}
        for line in page.body.decode().splitlines():
            if not line or line.startswith("#"):
                continue
            match = SAMPLE.match(line)
            self.assertTrue(match, line)
            found.setdefault(match[1], []).append((match[2] or "", float(match[3])))
        return found

    def counted(self, route, count):
        """Requests of this route by status once so many are counted, which follows the answers."""

        def all_of_them():
            found = {}
            for labels, value in self.samples().get("axonhub_requests_total", []):
                if f'route="{route}"' in labels:
                    status = re.search(r'status="([^"]*)"', labels)[1]
                    found[status] = found.get(status, 0) + value
            return found if sum(found.values()) >= count else None

        found = wait_until(all_of_them, f"{count} requests of {route} are counted")
        self.assertEqual(sum(found.values()), count)
        return found

    def test_health_needs_no_key(self):
        for path in ("/livez", "/readyz", "/health"):
            for method in ("GET", "HEAD"):
                self.assertEqual(self.gateway.request(method, path).status, 200, path)

    def test_requests_are_counted(self):
        for _ in range(3):
            self.assertEqual(self.ask().status, 200)
        self.ask(bodies.message(MODEL, stream=True))
        self.ask(bodies.message("unknown-model"))
        by_status = self.counted("messages", 5)
        self.assertEqual(sum(v for s, v in by_status.items() if s.startswith("2")), 4)
        samples = self.samples()
        attempts = {labels: value for labels, value in samples["axonhub_attempts_total"]}
        self.assertEqual(sum(attempts.values()), 4)
        self.assertTrue(all('outcome="ok"' in labels for labels in attempts))
        tokens = dict(samples["axonhub_tokens_total"])
        output = sum(v for labels, v in tokens.items() if 'class="output"' in labels)
        self.assertEqual(output, 4 * 48)
        in_flight = lambda: self.samples()["axonhub_requests_in_flight"][0][1]
        wait_until(lambda: in_flight() == 1, "only this question is in flight")

    def test_refused_requests_are_failed_ones(self):
        self.ask()
        self.ask(bodies.message("unknown-model"))
        self.ask(b"{")
        self.gateway.request("POST", "/v1/messages", {"x-api-key": "wrong"}, bodies.message(MODEL))
        self.counted("messages", 4)
        found = {}
        for labels, value in self.samples()["axonhub_requests_total"]:
            if 'route="messages"' in labels:
                outcome = re.search(r'outcome="([^"]*)"', labels)[1]
                found[outcome] = found.get(outcome, 0) + value
        self.assertEqual(found, {"completed": 1, "failed": 3})

    def test_refusals_of_known_keys_are_on_record(self):
        refused = [
            (self.ask(bodies.message("unknown-model")), 404, "model_not_found"),
            (self.ask(b"{"), 400, "client_error"),
        ]
        for answer, status, reason in refused:
            record = self.gateway.admin.record(answer)
            self.assertEqual((record["status"], record["http_status"]), ("failed", status))
            self.assertEqual((record["reason"], record["attempts"]), (reason, []))
            self.assertEqual(
                record["error"]["message"], answer.json()["error"]["message"]
            )

    def test_names_have_one_prefix_and_help(self):
        self.ask()
        page = self.gateway.request("GET", "/metrics").body.decode()
        helped = set(re.findall(r"^# HELP (\S+) \S", page, re.M))
        typed = set(re.findall(r"^# TYPE (\S+) (?:counter|gauge|histogram|summary)$", page, re.M))
        self.assertEqual(helped, typed)
        names = {re.sub(r"_(bucket|sum|count)$", "", name) for name in self.samples()}
        for name in names:
            if not name.startswith(("process_", "axonhub_")):
                self.fail(f"{name} has no prefix of ours")

    def test_clients_make_no_labels(self):
        self.ask()
        self.counted("messages", 1)
        before = sum(len(values) for values in self.samples().values())
        for number in range(50):
            self.ask(bodies.message(f"junk-model-{number}"))
            self.gateway.request(
                "POST", f"/v1/junk-{number}", {"x-api-key": f"junk-{number}"}, b"{}"
            )
        self.counted("messages", 51)
        self.counted("unknown", 50)
        page = self.gateway.request("GET", "/metrics").body.decode()
        self.assertNotIn("junk-", page)
        after = sum(len(values) for values in self.samples().values())
        self.assertLess(after - before, 200)

    def test_metrics_can_be_turned_off(self):
        gateway = self.start_gateway({"AXONHUB_METRICS_ENABLED": "false"})
        self.assertEqual(gateway.request("GET", "/metrics").status, 404)


if __name__ == "__main__":
    unittest.main()
