"""Planted secrets are sought everywhere: they must be nowhere."""

import os
import unittest

import bodies
from harness import ADMIN_TOKEN, IntegrationTest, wait_until

MODEL = "claude-opus-5-5"
PROVIDER = "sk-ant-canary-provider-4f8b1c2d3e4f5a6b"
OAUTH = "sk-ant-oat01-canary-token-0a1b2c3d4e5f6a7b"
CLIENT = "sk-canary-client-key-0123456789abcdef0123456789"
PROMPT = "canary prompt that nobody may keep 9c3d"

PLACES = [
    "keys",
    "channels",
    "projects",
    "requests",
    "traces",
    "threads",
    "bindings",
    "audit",
    "status",
    "openapi.json",
]


class Secrets(IntegrationTest):
    def setUp(self):
        super().setUp()
        self.secrets |= {PROVIDER, OAUTH, CLIENT, PROMPT}
        self.fake = self.start_fake()
        self.gateway = self.start_gateway()
        admin = self.gateway.admin
        admin.create_key("canary", key=CLIENT)
        self.channel = admin.create_channel(
            self.fake.url,
            [MODEL],
            api_key=PROVIDER,
        )
        admin.post(f"channels/{self.channel['id']}/credentials", {"name": "t", "value": OAUTH})

    def ask(self, headers, body):
        return self.gateway.request("POST", "/v1/messages", headers, body)

    def traffic(self):
        """Good requests and all kinds of trouble."""
        prompt = bodies.message(MODEL, text=PROMPT, stream=True)
        for headers in (
            {"x-api-key": CLIENT},
            {"authorization": f"Bearer {CLIENT}", "AH-Trace-Id": "canary"},
        ):
            self.assertEqual(self.ask(headers, prompt).status, 200)
        self.ask({"x-api-key": CLIENT}, prompt[:-1])
        self.ask({"x-api-key": CLIENT, "x-long": "y" * 20_000}, prompt)
        self.ask({"x-api-key": CLIENT}, bodies.message("unknown", text=PROMPT))
        self.ask({"x-api-key": CLIENT + "x"}, prompt)
        self.gateway.request("GET", f"/v1/models?key={CLIENT}", {"x-api-key": CLIENT})
        for fault in ("status-401", "status-500", "reset", "cut-4", "html", "garbage"):
            self.fake.config(fault=fault)
            self.ask({"x-api-key": CLIENT}, prompt)
            self.gateway.admin.post(f"channels/{self.channel['id']}/test", {})
        self.fake.config(fault=None)

    def assert_clean(self, text, where):
        if isinstance(text, bytes):
            text = text.decode("utf-8", "replace")
        for secret in self.secrets:
            self.assertNotIn(secret, text, f"{secret[:12]}… is in {where}")

    def test_answers_hold_no_secret(self):
        self.traffic()
        for place in PLACES:
            self.assert_clean(self.gateway.admin.raw("GET", place).body, place)
        for path in (
            f"channels/{self.channel['id']}",
            f"channels/{self.channel['id']}/credentials",
            f"channels/{self.channel['id']}/health",
        ):
            self.assert_clean(self.gateway.admin.raw("GET", path).body, path)
        for request in self.gateway.admin.items("requests"):
            path = f"requests/{request['id']}"
            self.assert_clean(self.gateway.admin.raw("GET", path).body, path)
        for path in ("/metrics", "/health", "/readyz"):
            self.assert_clean(self.gateway.request("GET", path).body, path)

    def test_errors_to_clients_hold_no_secret(self):
        hidden = self.secrets - {CLIENT, PROMPT}
        for fault in ("status-401", "status-403", "status-500", "reset", "html", "redirect"):
            self.fake.config(fault=fault)
            answer = self.ask({"x-api-key": CLIENT}, bodies.message(MODEL))
            for secret in hidden:
                self.assertNotIn(secret, (answer.head + answer.body).decode("latin-1"))

    def test_errors_to_clients_name_no_host_of_an_upstream(self):
        self.gateway.admin.create_channel(
            "http://10.1.2.3:8080", ["hidden"], allow_private_network=False
        )
        answer = self.ask({"x-api-key": CLIENT}, bodies.message("hidden"))
        self.assertGreaterEqual(answer.status, 500)
        self.assertNotIn(b"10.1.2.3", answer.body)
        self.assertNotIn(b"allow_private_network", answer.body)
        record = self.gateway.admin.record(answer)
        self.assertIn("10.1.2.3", record["error"]["message"])
        self.assertIn("10.1.2.3", record["attempts"][0]["message"])
        wait_until(lambda: "10.1.2.3" in self.gateway.output(), "the log has it")

    def test_files_hold_no_secret(self):
        self.traffic()
        self.gateway.stop()
        seen = 0
        for folder, _, files in os.walk(self.gateway.db_path):
            for file in files:
                with open(os.path.join(folder, file), "rb") as stream:
                    data = stream.read()
                seen += len(data)
                for secret in self.secrets | {ADMIN_TOKEN}:
                    self.assertNotIn(secret.encode(), data, f"{secret[:12]}… is in {file}")
        self.assertGreater(seen, 0)

    def test_files_are_for_the_owner_only(self):
        for folder, _, files in os.walk(self.gateway.db_path):
            for file in files:
                mode = os.stat(os.path.join(folder, file)).st_mode
                self.assertEqual(mode & 0o077, 0, f"{file} {mode:o}")

    def test_the_command_line_and_environment_may_hold_it_but_the_log_does_not(self):
        self.traffic()
        self.gateway.stop()
        self.assertTrue(self.gateway.lines, "there is a log to look at")
        self.assert_clean(self.gateway.output(), "the log")


if __name__ == "__main__":
    unittest.main()
