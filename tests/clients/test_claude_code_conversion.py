"""Claude Code on channels that speak OpenAI's dialects; it does not notice."""

import json
import os
import unittest

import bodies
from claude_code import DEFAULT_MODELS, VERSION
from client_test import ANSWER, PATHS, ClientTest, posts
from harness import PROVIDER_KEY
from picture import write_picture

JSON = ["--output-format", "json"]
SEARCHES = [{"query": "the weather"}, {"query": "the news"}]

# What the channel makes of names that Claude Code knows: it warns of others, and of old ones.
PLAIN, WITH_TOOLS = "gpt-5.5", "gpt-tools"
TOOLS = "claude-sonnet-4-5" if VERSION == "2.1.197" else "claude-sonnet-5-5"
NAMES = {**dict.fromkeys(DEFAULT_MODELS, PLAIN), TOOLS: WITH_TOOLS}


class Converted:
    """The tests of a channel of type `kind`."""

    kind = ""

    def setUp(self):
        super().setUp()
        self.fake, self.channel = self.start_channel(
            type=self.kind,
            models=[PLAIN, WITH_TOOLS],
            model_mappings=[{"from": name, "to": own} for name, own in NAMES.items()],
        )
        self.claude = self.start_claude()

    def posts(self):
        return posts(self.fake, PATHS[self.kind])

    def sent(self):
        """The last body that the provider was sent."""
        return json.loads(self.fake.last_body())

    def assert_quiet(self, answer, requests):
        """It worked, had nothing to say beside that, and asked so often."""
        self.assertEqual(answer.code, 0, f"{answer.text}\n{answer.errors}")
        self.assertEqual(answer.errors, "")
        self.assertEqual(len(self.posts()), requests)
        self.assertEqual(self.fake.stats()["requests"], requests)
        self.assert_smooth(requests)

    def test_an_answer_with_its_usage(self):
        answer = self.claude.ask(self.url(), "hi", *JSON)
        self.assert_quiet(answer, 1)
        result = answer.json()
        self.assertEqual((result["is_error"], result["num_turns"]), (False, 1))
        self.assertEqual(result["result"].strip(), ANSWER.strip())
        usage = result["usage"]
        self.assertEqual(usage["output_tokens"], 48)
        prompt = ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
        self.assertGreater(sum(usage[name] for name in prompt), 1000)

    def test_the_provider_sees_its_own_dialect_only(self):
        self.assert_quiet(self.claude.ask(self.url(), "hi"), 1)
        (request,) = self.posts()
        self.assertEqual(request["model"], PLAIN)
        headers = {name.lower(): value for name, value in request["headers"]}
        self.assertEqual(headers["authorization"], f"Bearer {PROVIDER_KEY}")
        own = [n for n in headers if n.startswith(("anthropic-", "x-claude-", "x-stainless-"))]
        self.assertEqual(own, [])
        body = self.fake.last_body().decode()
        for foreign in (
            "x-anthropic-billing-header", "cache_control", "context_management", "input_schema",
            "device_id", self.key,
        ):
            self.assertNotIn(foreign, body)

    def test_a_loop_of_two_tools(self):
        session = bodies.new_session()
        arguments = ["--allowedTools", "Bash", "--model", TOOLS, "--session-id", session]
        answer = self.claude.ask(self.url(), "use your tools", *arguments, *JSON)
        self.assert_quiet(answer, 2)
        result = answer.json()
        self.assertEqual((result["is_error"], result["num_turns"]), (False, 3))
        for said in ("The tools said: ", "[one", "[two"):
            self.assertIn(said, result["result"])
        self.check_tool_history(self.sent())
        self.assert_one_home(session, 2, self.channel)

    def check_results(self, calls, results):
        """Each call has its own result. They come in the order in which the tools ended, and it
        may add a reminder to what a tool said."""
        commands = [arguments["command"] for _, arguments in calls]
        self.assertEqual(commands, ["echo one", "echo two"])
        said = [results[name].partition("\n")[0] for name, _ in calls]
        self.assertEqual((said, len(results)), (["one", "two"], 2))

    def test_pictures_are_read(self):
        pictures, inputs = [], []
        for shade in (64, 192):
            path = os.path.join(self.claude.work, f"shade{shade}.png")
            pictures.append(write_picture(path, shade))
            inputs.append({"file_path": path})
        self.fake.config(tool={"name": "Read", "inputs": inputs})
        answer = self.claude.ask(self.url(), "look", "--model", TOOLS)
        self.assert_quiet(answer, 2)
        self.assertIn("The tools said:", answer.text)
        self.check_pictures(self.sent(), [f"data:image/png;base64,{text}" for text in pictures])

    def test_the_output_limit_is_what_the_model_has(self):
        variables = {"CLAUDE_CODE_MAX_OUTPUT_TOKENS": "128000"}
        self.assert_quiet(self.claude.ask(self.url(), "hi", **variables), 1)
        self.assertEqual(self.limit(self.sent()), 128000)
        capabilities = {PLAIN: {"max_output_tokens": 8192}}
        self.gateway.admin.patch(
            f"channels/{self.channel['id']}", {"model_capabilities": capabilities}
        )
        answer = self.claude.ask(self.url(), "hi", **variables)
        self.assert_quiet(answer, 2)
        self.assertEqual(self.limit(self.sent()), 8192)

    def test_a_search_goes_where_it_can_be_made(self):
        """WebSearch asks for a tool that the provider runs: no conversion offers that."""
        self.fake.config(tool={"name": "WebSearch", "inputs": SEARCHES})
        native, _ = self.start_channel("native", [TOOLS], priority=1)
        session = bodies.new_session()
        arguments = ["--allowedTools", "WebSearch", "--model", TOOLS, "--session-id", session]
        answer = self.claude.ask(self.url(), "search", *arguments)
        self.assertEqual(answer.code, 0, answer.errors)
        self.assertEqual(answer.text.count(ANSWER.strip()), 2, answer.text)
        self.assertEqual((len(self.posts()), len(posts(native))), (2, 2))
        self.assert_smooth(4)
        trace = self.trace(session, 4)
        self.assertEqual(trace["binding"]["channel_id"], self.channel["id"])

    def test_a_search_that_nobody_can_make_is_explained(self):
        self.fake.config(tool={"name": "WebSearch", "inputs": SEARCHES})
        arguments = ["--allowedTools", "WebSearch", "--model", TOOLS]
        answer = self.claude.ask(self.url(), "search", *arguments)
        self.assertEqual(answer.code, 0, answer.errors)
        self.assertIn("web_search", answer.text)
        self.assertEqual(len(self.posts()), 2, "the turns around it")

    def test_a_session_goes_on(self):
        session = bodies.new_session()
        for turn, place in (("first", "--session-id"), ("second", "--resume")):
            self.assert_answered(self.claude.ask(self.url(), turn, place, session))
        self.assert_smooth(2)
        self.assert_one_home(session, 2, self.channel)
        text = self.fake.last_body().decode()
        self.assertIn(ANSWER.strip(), text, "its own answer is in the history")

    def test_the_refusal_of_the_provider_is_shown(self):
        self.fake.config(fault="status-400")
        answer = self.claude.ask(self.url(), "hi", *JSON)
        self.assertEqual(answer.code, 1)
        self.assertIn("messages: invalid", answer.json()["result"])

    def test_tokens_are_counted_without_the_provider(self):
        self.assert_answered(self.claude.ask(self.url(), "/context"), "Context Usage")
        self.assertEqual(self.fake.stats()["requests"], 0)


class OnChat(Converted, ClientTest):
    kind = "openai"

    def check_tool_history(self, body):
        *_, asked, one, two = body["messages"]
        self.assertEqual([m["role"] for m in (asked, one, two)], ["assistant", "tool", "tool"])
        calls = [(c["id"], json.loads(c["function"]["arguments"])) for c in asked["tool_calls"]]
        self.check_results(calls, {m["tool_call_id"]: text_of(m) for m in (one, two)})

    def check_pictures(self, body, pictures):
        # Results hold text alone here, so the pictures follow them in the user's name.
        *_, asked, one, two, user = body["messages"]
        self.assertEqual([m["role"] for m in (one, two, user)], ["tool", "tool", "user"])
        self.assertEqual(
            {one["tool_call_id"], two["tool_call_id"]}, {c["id"] for c in asked["tool_calls"]}
        )
        shown = [part["image_url"]["url"] for part in user["content"] if "image_url" in part]
        self.assertEqual(sorted(shown), sorted(pictures))

    def limit(self, body):
        (name,) = {"max_tokens", "max_completion_tokens"} & set(body)
        return body[name]


class OnResponses(Converted, ClientTest):
    kind = "openai-responses"

    def check_tool_history(self, body):
        items = body["input"][-4:]
        self.assertEqual(
            [item["type"] for item in items], ["function_call"] * 2 + ["function_call_output"] * 2
        )
        calls = [(item["call_id"], json.loads(item["arguments"])) for item in items[:2]]
        self.check_results(calls, {item["call_id"]: item["output"] for item in items[2:]})

    def check_pictures(self, body, pictures):
        *_, first, second = body["input"]
        shown = [part["image_url"] for item in (first, second) for part in item["output"]]
        self.assertEqual(sorted(shown), sorted(pictures))

    def limit(self, body):
        return body["max_output_tokens"]


def text_of(message):
    """The text of a message, whichever form it has."""
    content = message["content"]
    return content if isinstance(content, str) else "".join(part["text"] for part in content)


if __name__ == "__main__":
    unittest.main()
