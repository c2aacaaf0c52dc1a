"""What the tests of real clients share."""

import os

from claude_code import DEFAULT_MODELS, ClaudeCode
from harness import PROVIDER_KEY, IntegrationTest, wait_until

MODELS = [*DEFAULT_MODELS, "claude-tools"]

# Where a provider is asked, by the type of its channel.
PATHS = {
    "anthropic": "/v1/messages",
    "openai": "/v1/chat/completions",
    "openai-responses": "/v1/responses",
}

# The text that a provider of these tests answers with.
ANSWER = "".join(f"part {number} of an answer tha " for number in range(8))


class ClientTest(IntegrationTest):
    """A gateway with a key; channels and clients are made by the tests."""

    settings = {}  # The gateway's, by their variables.

    def setUp(self):
        super().setUp()
        self.gateway = self.start_gateway(self.settings)
        self.key = self.new_key(self.gateway)

    def start_channel(self, name="fake", models=None, **more):
        """A provider and the channel to it, which has its name."""
        fake = self.start_fake(name)
        base = fake.url + ("" if more.get("type", "anthropic") == "anthropic" else "/v1")
        more = {"api_key": PROVIDER_KEY, "name": name, **more}
        return fake, self.gateway.admin.create_channel(base, models or MODELS, **more)

    def start_claude(self, name="user"):
        return ClaudeCode(os.path.join(self.folder, name), self.key)

    def url(self, path=""):
        scheme, host = ("https", "localhost") if self.gateway.tls else ("http", "127.0.0.1")
        return f"{scheme}://{host}:{self.gateway.port}{path}"

    def kill_and_restart(self):
        self.gateway.kill()
        self.gateway = self.gateway.restarted()
        self.adopt(self.gateway)

    def assert_answered(self, answer, text=ANSWER):
        self.assertEqual(answer.code, 0, f"{answer.text}\n{answer.errors}")
        self.assertIn(text.strip(), answer.text)

    def trace(self, session, requests):
        """The session's trace, once so many of its requests have ended."""

        def complete():
            found = self.gateway.admin.trace(session)
            done = found and not found["in_progress"] and found["requests"] >= requests
            return found if done else None

        return wait_until(complete, f"trace {session} with {requests} requests")

    def assert_smooth(self, count):
        """The gateway was asked so often and for nothing but streams, and no attempt failed: the
        client had no reason to try again or to fall back. These requests, oldest first."""

        def ended():
            items = self.gateway.admin.items("requests")
            return items if all(r["status"] != "in_progress" for r in items) else None

        requests = wait_until(ended, "all requests end")[::-1]
        told = [(r["status"], r["stream"], [a["outcome"] for a in r["attempts"]]) for r in requests]
        self.assertEqual(told, [("completed", True, ["ok"])] * count)
        return requests

    def assert_one_home(self, session, requests, channel):
        """All requests of the session are one trace, and that channel answered them."""
        trace = self.trace(session, requests)
        self.assertEqual(trace["requests"], requests)
        self.assertEqual(trace["failed"], 0)
        self.assertEqual(trace["moves"], 0)
        self.assertEqual(trace["binding"]["channel_id"], channel["id"])
        listed = self.gateway.admin.requests_of(trace["id"])
        self.assertEqual({request["channel"] for request in listed}, {listed[0]["channel"]})
        self.assertEqual([request["status"] for request in listed], ["completed"] * requests)


def posts(fake, path="/v1/messages"):
    """The requests for that path that a provider saw."""
    return [r for r in fake.requests() if r["target"].partition("?")[0] == path]


def headers_of(request):
    return {name.lower(): value for name, value in request["headers"]}
