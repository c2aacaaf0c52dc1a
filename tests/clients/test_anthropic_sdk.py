"""The official SDK: answers as it types them, errors as it throws them."""

import unittest

from client_test import ANSWER, MODELS, posts
from node_sdk import NodeTest

MODEL = MODELS[0]
TOOL = {"name": "Bash", "input_schema": {"type": "object"}}


def body(model=MODEL, **more):
    return {
        "model": model,
        "max_tokens": 1024,
        "messages": [{"role": "user", "content": "hello"}],
        **more,
    }


class SdkTest(NodeTest):
    script = "anthropic_sdk.mjs"

    def setUp(self):
        super().setUp()
        self.fake, self.channel = self.start_channel()

    def sdk(self, action, argument=None, base="", **credential):
        credential = credential or {"ANTHROPIC_API_KEY": self.key}
        return self.node(action, argument, ANTHROPIC_BASE_URL=self.url(base), **credential)


class Answers(SdkTest):
    def test_a_message_comes_whole(self):
        result = self.sdk("create", body())
        self.assertEqual(result["message"]["content"], [{"type": "text", "text": ANSWER}])
        self.assertEqual(result["message"]["stop_reason"], "end_turn")
        self.assertEqual(result["message"]["usage"]["output_tokens"], 48)
        self.assertEqual(result["request_id"], "req_fake", "the provider's own")

    def test_a_message_comes_as_a_stream(self):
        result = self.sdk("stream", body())
        self.assertEqual(result["text"], ANSWER)
        self.assertEqual(result["message"]["content"][0]["text"], ANSWER)
        self.assertEqual(result["message"]["stop_reason"], "end_turn")
        self.assertEqual(result["message"]["usage"]["output_tokens"], 48)
        types = self.sdk("events", body())["types"]
        self.assertEqual((types[0], types[-1]), ("message_start", "message_stop"))
        self.assertEqual(types.count("content_block_delta"), 8)

    def test_tool_calls_are_assembled(self):
        for action in ("create", "stream"):
            with self.subTest(action):
                message = self.sdk(action, body("claude-tools", tools=[TOOL]))["message"]
                self.assertEqual(message["stop_reason"], "tool_use")
                inputs = [b["input"] for b in message["content"] if b["type"] == "tool_use"]
                self.assertEqual(inputs, [{"command": "echo one"}, {"command": "echo two"}])

    def test_the_beta_calls_serve_too(self):
        message = self.sdk("beta", body(betas=["context-management-2025-06-27"]))["message"]
        self.assertEqual(message["content"][0]["text"], ANSWER)
        (request,) = posts(self.fake)
        betas = dict(request["headers"])["anthropic-beta"]
        self.assertEqual(betas, "context-management-2025-06-27")

    def test_both_credentials_and_base_urls_serve(self):
        for name in ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"):
            for base in ("", "/anthropic"):
                with self.subTest(name, base=base):
                    result = self.sdk("create", body(), base, **{name: self.key})
                    self.assertIn("message", result)

    def test_tokens_are_counted_side_by_side(self):
        counting = {key: value for key, value in body().items() if key != "max_tokens"}
        counts = self.sdk("count", {"times": 25, **counting})["counts"]
        self.assertEqual(len(counts), 25)
        self.assertEqual(len(set(counts)), 1)
        self.assertGreater(counts[0], 0)

    def test_models_are_listed_page_by_page(self):
        for limit, sizes in ((1, [1, 1, 1]), (2, [2, 1]), (1000, [3])):
            with self.subTest(limit=limit):
                pages = self.sdk("models", {"limit": limit})["pages"]
                self.assertEqual([len(page) for page in pages], sizes)
                self.assertEqual(sorted(sum(pages, [])), sorted(MODELS))
        self.assertEqual(self.sdk("model", {"id": MODEL})["model"]["type"], "model")


class Errors(SdkTest):
    def assert_error(self, result, error, status, kind):
        self.assertEqual(
            (result.get("error"), result.get("status"), result.get("type")),
            (error, status, kind),
            result,
        )
        self.assertTrue(result["is_api_error"])
        self.assertTrue(result["message"])

    def both(self, model):
        """The same request whole and as a stream."""
        for action in ("create", "stream"):
            with self.subTest(model, action=action):
                yield self.sdk(action, body(model))

    def test_a_wrong_key(self):
        result = self.sdk("create", body(), ANTHROPIC_API_KEY="ah-wrong")
        self.assert_error(result, "AuthenticationError", 401, "authentication_error")
        self.assertTrue(result["request_id"], "the number to ask the operator about")
        result = self.sdk("models", ANTHROPIC_API_KEY="ah-wrong")
        self.assert_error(result, "AuthenticationError", 401, "authentication_error")

    def test_an_unknown_model(self):
        for result in self.both("claude-nowhere-9"):
            self.assert_error(result, "NotFoundError", 404, "not_found_error")
            self.assertIn("claude-nowhere-9", result["message"])
        result = self.sdk("model", {"id": "claude-nowhere-9"})
        self.assert_error(result, "NotFoundError", 404, "not_found_error")

    def test_a_request_that_is_wrong(self):
        result = self.sdk("create", {"max_tokens": 5, "messages": []})
        self.assert_error(result, "BadRequestError", 400, "invalid_request_error")

    def test_a_request_that_the_provider_refuses(self):
        self.fault("status-400")
        for result in self.both(MODEL):
            self.assert_error(result, "BadRequestError", 400, "invalid_request_error")
            self.assertEqual(result["message"], "messages: invalid", "the provider's own words")

    def fault(self, name):
        self.fake.config(fault=name)

    def test_a_failover_that_found_nobody(self):
        second, _ = self.start_channel("second")
        for fake in (self.fake, second):
            fake.config(fault="status-529")
        result = self.sdk("stream", body())
        self.assert_error(result, "OverloadedError", 529, "overloaded_error")
        self.assertGreater(len(posts(self.fake)), 0)
        self.assertGreater(len(posts(second)), 0)

    def test_providers_that_cannot_be_reached(self):
        self.fault("reset")
        result = self.sdk("create", body())
        self.assertIn(result["error"], ("InternalServerError", "OverloadedError"))
        self.assertTrue(result["is_api_error"])

    def test_a_stream_that_breaks(self):
        for fault in ("error-after-3", "cut-6", "cut-bytes-1500"):
            with self.subTest(fault):
                self.fake.config(**{"fault": fault, "for": 1})
                result = self.sdk("stream", body())
                self.assertEqual(result.get("error"), "APIError", result)
                self.assertIn(result["type"], ("overloaded_error", "api_error"))
                self.assertTrue(result["message"])


if __name__ == "__main__":
    unittest.main()
