"""Anthropic's SDK on channels that speak OpenAI's dialects."""

import json
import unittest

from client_test import ANSWER, MODELS, PATHS, posts
from node_sdk import NodeTest

MODEL = MODELS[0]
TOOL = {
    "name": "Bash",
    "description": "Runs a command.",
    "input_schema": {"type": "object", "properties": {"command": {"type": "string"}}},
}


def body(model=MODEL, **more):
    return {
        "model": model,
        "max_tokens": 1024,
        "system": "Be brief.",
        "messages": [{"role": "user", "content": "hello"}],
        **more,
    }


class Converted:
    """The tests of a channel of type `kind`."""

    kind = ""
    script = "anthropic_sdk.mjs"

    def setUp(self):
        super().setUp()
        self.fake, self.channel = self.start_channel(type=self.kind)

    def sdk(self, action, argument=None, key=None):
        variables = {"ANTHROPIC_BASE_URL": self.url(), "ANTHROPIC_API_KEY": key or self.key}
        return self.node(action, argument, **variables)

    def sent(self):
        return json.loads(self.fake.last_body())

    def test_a_message_comes_whole_and_as_a_stream(self):
        for action in ("create", "stream"):
            with self.subTest(action):
                message = self.sdk(action, body())["message"]
                self.assertEqual(message["content"], [{"type": "text", "text": ANSWER}])
                self.assertEqual((message["type"], message["role"]), ("message", "assistant"))
                self.assertEqual(message["model"], MODEL)
                self.assertTrue(message["id"].startswith("msg_"), message["id"])
                self.assertEqual(message["stop_reason"], "end_turn")
                usage = message["usage"]
                self.assertEqual(usage["output_tokens"], 48)
                self.assertGreater(usage["input_tokens"], 0)
        self.assertEqual(len(posts(self.fake, PATHS[self.kind])), 2)

    def test_a_streams_events_have_their_order(self):
        types = self.sdk("events", body())["types"]
        frame = ["content_block_start", "content_block_stop", "message_delta", "message_stop"]
        others = [t for t in types if t not in ("content_block_delta", "ping")]
        self.assertEqual(others, ["message_start", *frame])
        self.assertGreaterEqual(types.count("content_block_delta"), 8)

    def test_tools_are_called_and_answered(self):
        for action in ("create", "stream"):
            with self.subTest(action):
                first = body("claude-tools", tools=[TOOL])
                message = self.sdk(action, first)["message"]
                self.assertEqual(message["stop_reason"], "tool_use")
                calls = [b for b in message["content"] if b["type"] == "tool_use"]
                self.assertEqual(
                    [(c["name"], c["input"]["command"]) for c in calls],
                    [("Bash", "echo one"), ("Bash", "echo two")],
                )
                results = [
                    {"type": "tool_result", "tool_use_id": call["id"], "content": text}
                    for call, text in zip(calls, ("one", "two"))
                ]
                history = [
                    *first["messages"],
                    {"role": "assistant", "content": message["content"]},
                    {"role": "user", "content": results},
                ]
                message = self.sdk(action, {**first, "messages": history})["message"]
                self.assertEqual(
                    message["content"], [{"type": "text", "text": "The tools said: [one] [two]"}]
                )

    def assert_error(self, result, error, status, kind):
        self.assertEqual(
            (result.get("error"), result.get("status"), result.get("type")),
            (error, status, kind),
            result,
        )
        self.assertTrue(result["is_api_error"])
        self.assertTrue(result["message"])

    def meet(self, fault):
        self.fake.config(fault=fault)
        return self.sdk("stream", body())

    def test_errors_have_their_types(self):
        result = self.meet("status-400")
        self.assert_error(result, "BadRequestError", 400, "invalid_request_error")
        self.assertEqual(result["message"], "messages: invalid", "the provider's own words")
        result = self.meet("429-30")
        self.assert_error(result, "RateLimitError", 429, "rate_limit_error")

    def test_the_gateways_credential_is_not_the_clients(self):
        result = self.meet("status-401")
        self.assert_error(result, "InternalServerError", 500, "api_error")

    def test_errors_of_the_gateway_too(self):
        result = self.sdk("create", body(), key="ah-wrong")
        self.assert_error(result, "AuthenticationError", 401, "authentication_error")
        result = self.sdk("create", body("claude-nowhere-9"))
        self.assert_error(result, "NotFoundError", 404, "not_found_error")
        self.assertEqual(self.fake.stats()["requests"], 0)

    def test_the_request_has_a_number(self):
        self.assertTrue(self.sdk("create", body())["request_id"], "to ask the operator about")
        self.assertTrue(self.meet("status-400")["request_id"])

    def test_a_stream_that_breaks(self):
        for fault in ("error-after-3", "cut-6"):
            with self.subTest(fault):
                self.fake.config(**{"fault": fault, "for": 1})
                result = self.sdk("stream", body())
                self.assertEqual(result.get("error"), "APIError", result)
                self.assertTrue(result["message"])

    def test_tokens_are_estimated(self):
        counting = {key: value for key, value in body().items() if key != "max_tokens"}
        counts = self.sdk("count", {"times": 3, **counting})["counts"]
        self.assertEqual(len(set(counts)), 1)
        self.assertGreater(counts[0], 0)
        self.assertEqual(self.fake.stats()["requests"], 0)


class OnChat(Converted, NodeTest):
    kind = "openai"


class OnResponses(Converted, NodeTest):
    kind = "openai-responses"


if __name__ == "__main__":
    unittest.main()
