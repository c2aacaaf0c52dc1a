"""What the tests of real clients share."""

import os

from claude_code import DEFAULT_MODELS, ClaudeCode
from harness import IntegrationTest, wait_until

MODELS = [*DEFAULT_MODELS, "claude-tools"]

# The text that a provider of these tests answers with.
ANSWER = "".join(f"part {number} of an answer tha " for number in range(8))


class ClientTest(IntegrationTest):
    """A gateway with a key; channels and clients are made by the tests."""

    def setUp(self):
        super().setUp()
        self.gateway = self.start_gateway()
        self.key = self.new_key(self.gateway)

    def start_channel(self, name="fake", models=None, **more):
        """A provider and the channel to it, which has its name."""
        fake = self.start_fake(name)
        channel = self.new_channel(self.gateway, fake, models or MODELS, name=name, **more)
        return fake, channel

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
