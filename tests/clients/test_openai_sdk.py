"""OpenAI's SDK: Chat Completions and Responses on channels of every dialect."""

import json
import unittest

from client_test import ANSWER, PATHS, posts
from node_sdk import NodeTest

MODEL, TOOLS = "gpt-5.5", "gpt-tools"
LOOP_SAID = "The tools said: [one] [two]"


def chat(model=MODEL, **more):
    messages = [
        {"role": "developer", "content": "Be brief."},
        {"role": "user", "content": "hello"},
    ]
    return {"model": model, "messages": messages, **more}


def response(model=MODEL, **more):
    item = {"role": "user", "content": [{"type": "input_text", "text": "hello"}]}
    return {"model": model, "instructions": "Be brief.", "input": [item], **more}


class OpenAiTest(NodeTest):
    script = "openai_sdk.mjs"

    def sdk(self, action, argument=None, key=None):
        variables = {"OPENAI_BASE_URL": self.url("/v1"), "OPENAI_API_KEY": key or self.key}
        return self.node(action, argument, **variables)


class Answers:
    """The tests of a channel of type `kind`."""

    kind = ""

    def setUp(self):
        super().setUp()
        self.fake, _ = self.start_channel(type=self.kind, models=[MODEL, TOOLS])

    def check_usage(self, usage):
        prompt = usage.get("prompt_tokens", usage.get("input_tokens"))
        output = usage.get("completion_tokens", usage.get("output_tokens"))
        self.assertGreater(prompt, 0)
        self.assertEqual((output, usage["total_tokens"]), (48, prompt + 48))

    def check_completion(self, completion):
        (choice,) = completion["choices"]
        self.assertEqual((completion["object"], completion["model"]), ("chat.completion", MODEL))
        self.assertEqual(choice["message"]["content"], ANSWER)
        self.assertEqual(choice["finish_reason"], "stop")

    def test_a_completion_comes_whole(self):
        result = self.sdk("chat", chat(max_completion_tokens=500))
        self.check_completion(result["completion"])
        self.check_usage(result["completion"]["usage"])
        self.assertEqual(len(posts(self.fake, PATHS[self.kind])), 1)

    def test_a_completion_comes_as_a_stream(self):
        result = self.sdk("chat_stream", chat())
        self.check_completion(result["completion"])
        self.assertEqual(result["text"], ANSWER)

    def test_a_streams_chunks_are_of_one_answer(self):
        for usage in (True, False):
            options = {"stream_options": {"include_usage": True}} if usage else {}
            chunks = self.sdk("chat_chunks", chat(**options))["chunks"]
            self.assertEqual({c["object"] for c in chunks}, {"chat.completion.chunk"})
            self.assertEqual(len({(c["id"], c["model"], c["created"]) for c in chunks}), 1)
            counted = [chunk for chunk in chunks if chunk.get("usage")]
            self.assertEqual(len(counted), 1 if usage else 0)
            if usage:
                self.assertEqual((counted, counted[0]["choices"]), (chunks[-1:], []))
                self.check_usage(counted[0]["usage"])

    def test_completions_run_tools(self):
        for stream in (False, True):
            with self.subTest(stream=stream):
                result = self.sdk("chat_loop", chat(TOOLS, stream=stream))
                self.assertEqual(result.get("text"), LOOP_SAID, result)
                self.assertEqual(result["ran"], ["echo one", "echo two"])

    def check_response(self, response):
        self.assertEqual((response["object"], response["model"]), ("response", MODEL))
        self.assertEqual((response["status"], response["error"]), ("completed", None))
        (item,) = response["output"]
        self.assertEqual((item["type"], item["content"][0]["text"]), ("message", ANSWER))
        self.check_usage(response["usage"])

    def test_a_response_comes_whole(self):
        result = self.sdk("response", response(max_output_tokens=500))
        self.check_response(result["response"])
        self.assertEqual(result["text"], ANSWER)
        self.assertEqual(len(posts(self.fake, PATHS[self.kind])), 1)

    def test_a_response_comes_as_a_stream(self):
        result = self.sdk("response_stream", response())
        self.check_response(result["response"])
        self.assertEqual(result["text"], ANSWER)
        types = result["types"]
        self.assertEqual((types[0], types[-1]), ("response.created", "response.completed"))

    def test_responses_run_tools(self):
        for stream in (False, True):
            with self.subTest(stream=stream):
                result = self.sdk("response_loop", response(TOOLS, stream=stream))
                self.assertEqual(result.get("text"), LOOP_SAID, result)
                self.assertEqual(result["ran"], ["echo one", "echo two"])


class OnAnthropic(Answers, OpenAiTest):
    kind = "anthropic"

    def sent(self):
        return json.loads(self.fake.last_body())

    def test_the_provider_sees_its_own_dialect_only(self):
        for action, asked in (
            ("chat", chat(max_completion_tokens=500)),
            ("response", response(max_output_tokens=500)),
        ):
            with self.subTest(action):
                self.sdk(action, asked)
                body = self.sent()
                self.assertEqual(body["max_tokens"], 500)
                self.assertIn("Be brief.", json.dumps(body["system"]))
                self.assertEqual([m["role"] for m in body["messages"]], ["user"])
                foreign = {"instructions", "input", "max_completion_tokens", "max_output_tokens"}
                self.assertEqual(foreign & set(body), set())

    def test_an_output_limit_is_set_where_none_was(self):
        for action, asked in (("chat", chat()), ("response", response())):
            self.sdk(action, asked)
            self.assertGreater(self.sent()["max_tokens"], 0)


class OnChat(Answers, OpenAiTest):
    kind = "openai"


class OnResponses(Answers, OpenAiTest):
    kind = "openai-responses"


class Errors(OpenAiTest):
    def setUp(self):
        super().setUp()
        self.fake, _ = self.start_channel(type="anthropic", models=[MODEL])

    def both(self, **more):
        for action, asked in (
            ("chat", chat(**more)),
            ("chat_stream", chat(**more)),
            ("response", response(**more)),
            ("response_stream", response(**more)),
        ):
            with self.subTest(action):
                yield action, asked

    def assert_error(self, result, error, status, code):
        self.assertEqual(
            (result.get("error"), result.get("status"), result.get("code")),
            (error, status, code),
            result,
        )
        self.assertTrue(result["is_api_error"])
        self.assertTrue(result["message"])

    def test_a_wrong_key(self):
        result = self.sdk("chat", chat(), key="ah-wrong")
        self.assert_error(result, "AuthenticationError", 401, "invalid_api_key")
        result = self.sdk("models", key="ah-wrong")
        self.assert_error(result, "AuthenticationError", 401, "invalid_api_key")

    def test_an_unknown_model(self):
        for action, asked in self.both(model="gpt-nowhere-9"):
            result = self.sdk(action, asked)
            self.assert_error(result, "NotFoundError", 404, "model_not_found")
            self.assertIn("gpt-nowhere-9", result["message"])

    def test_a_request_that_the_provider_refuses(self):
        self.fake.config(fault="status-400")
        for action, asked in self.both():
            result = self.sdk(action, asked)
            self.assert_error(result, "BadRequestError", 400, None)
            self.assertEqual(result["message"], "messages: invalid", "the provider's own words")

    def test_a_limit_of_the_provider(self):
        self.fake.config(fault="429-30")
        for action, asked in self.both():
            result = self.sdk(action, asked)
            self.assert_error(result, "RateLimitError", 429, "rate_limit_exceeded")

    def test_a_provider_that_is_overloaded(self):
        self.fake.config(fault="status-529")
        result = self.sdk("chat", chat())
        self.assertEqual((result["error"], result["status"]), ("InternalServerError", 503))

    def test_the_request_has_a_number(self):
        for action, asked in (("chat", chat()), ("response", response())):
            self.fake.config(fault=None)
            self.assertTrue(self.sdk(action, asked)["request_id"], "to ask the operator about")
            self.fake.config(fault="status-400")
            self.assertTrue(self.sdk(action, asked)["request_id"])

    def test_a_stream_that_breaks(self):
        for fault in ("error-after-3", "cut-6"):
            for action, asked in (("chat_chunks", chat()), ("response_stream", response())):
                with self.subTest(fault, action=action):
                    self.fake.config(**{"fault": fault, "for": 1})
                    result = self.sdk(action, asked)
                    if action == "chat_chunks":
                        self.assertEqual(result.get("error"), "APIError", result)
                    else:  # the SDK does not throw here: it tells in the response
                        self.assertEqual(result["response"]["status"], "failed", result)
                        self.assertTrue(result["response"]["error"]["message"])

    def test_models_are_listed(self):
        self.assertEqual(self.sdk("models")["ids"], [MODEL])


if __name__ == "__main__":
    unittest.main()
