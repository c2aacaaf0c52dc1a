"""The turns of a Claude Code session, as the user sees them."""

import unittest

import bodies
from claude_code import DEFAULT_MODELS, VERSION
from client_test import ANSWER, MODELS, ClientTest, headers_of, posts
from harness import PROVIDER_KEY


class Turns(ClientTest):
    def setUp(self):
        super().setUp()
        self.fake, self.channel = self.start_channel()
        self.claude = self.start_claude()

    def test_it_prints_the_answer(self):
        answer = self.claude.ask(self.url(), "hi", "--output-format", "json")
        self.assert_answered(answer)
        result = answer.json()
        self.assertEqual((result["is_error"], result["num_turns"]), (False, 1))
        self.assertEqual(result["result"].strip(), ANSWER.strip())
        self.assertEqual(result["usage"]["output_tokens"], 48)
        self.assertGreater(result["usage"]["cache_creation_input_tokens"], 1000)
        self.assertIn(list(result["modelUsage"])[0].split("[")[0], DEFAULT_MODELS)

    def test_the_provider_sees_the_client_but_not_its_key(self):
        self.assert_answered(self.claude.ask(self.url(), "hi"))
        (request,) = posts(self.fake)
        self.assertIn("beta=true", request["target"])
        headers = headers_of(request)
        self.assertEqual(headers["x-api-key"], PROVIDER_KEY)
        self.assertNotIn("authorization", headers)
        self.assertIn("claude-code-20250219", headers["anthropic-beta"])
        self.assertEqual(headers["anthropic-version"], "2023-06-01")
        self.assertNotIn(self.key, str(request) + self.fake.last_body().decode())

    def test_both_base_urls_serve(self):
        for path in ("", "/anthropic", "/anthropic/"):
            with self.subTest(path):
                self.fake.reset()
                self.assert_answered(self.claude.ask(self.url(path), "hi"))
                self.assertEqual(len(posts(self.fake)), 1)

    def test_either_credential_is_taken(self):
        answer = self.claude.ask(
            self.url(), "hi", ANTHROPIC_AUTH_TOKEN=None, ANTHROPIC_API_KEY=self.key
        )
        self.assert_answered(answer)

    def test_a_wrong_key_is_explained(self):
        answer = self.claude.ask(self.url(), "hi", ANTHROPIC_AUTH_TOKEN="ah-wrong")
        self.assertEqual(answer.code, 1)
        self.assertTrue(answer.text.strip(), "it says why")
        self.assertEqual(self.fake.stats()["requests"], 0)

    def test_an_unknown_model_is_explained(self):
        answer = self.claude.ask(self.url(), "hi", "--model", "claude-nowhere-9")
        self.assertEqual(answer.code, 1)
        self.assertIn("claude-nowhere-9", answer.text)
        self.assertEqual(self.fake.stats()["requests"], 0)

    def test_tools_run_and_their_results_return(self):
        arguments = ["--allowedTools", "Bash", "--model", "claude-tools"]
        answer = self.claude.ask(self.url(), "use your tools", *arguments)
        self.assertEqual(answer.code, 0, answer.text)
        self.assertIn("The tools said:", answer.text)
        self.assertIn("[one]", answer.text)
        self.assertIn("[two]", answer.text)
        self.assertEqual(len(posts(self.fake)), 2)

    def test_tokens_are_counted_side_by_side(self):
        answer = self.claude.ask(self.url(), "/context")
        self.assert_answered(answer, "Context Usage")
        counted = posts(self.fake, "/v1/messages/count_tokens")
        self.assertGreater(len(counted), 10, "it counts what fills its context")
        self.assertEqual(posts(self.fake), [], "nothing is generated")

    def test_the_models_of_the_channels_are_discovered(self):
        variables = {"CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY": "1"}
        if VERSION == "2.1.197":  # here discovery counts as traffic that is not essential
            variables |= {
                "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": None,
                "DISABLE_TELEMETRY": "1",
                "DISABLE_ERROR_REPORTING": "1",
            }
        self.assert_answered(self.claude.ask(self.url(), "hi", **variables))
        # It keeps what arrived within its three seconds.
        self.assertEqual(set(self.claude.gateway_models() or []), set(MODELS))


class Sessions(ClientTest):
    def setUp(self):
        super().setUp()
        self.channels = dict(self.start_channel(f"fake{number}") for number in range(3))
        self.claude = self.start_claude()

    def served(self):
        """The one provider that saw requests, and how many."""
        seen = [(fake, len(posts(fake))) for fake in self.channels if posts(fake)]
        self.assertEqual(len(seen), 1, [(fake.name, count) for fake, count in seen])
        return seen[0]

    def test_a_session_is_one_trace_on_one_channel(self):
        session = bodies.new_session()
        tools = ["--allowedTools", "Bash", "--model", "claude-tools"]
        self.assert_answered(
            self.claude.ask(self.url(), "first", "--session-id", session, *tools), "[one]"
        )
        for prompt in ("second", "third"):
            answer = self.claude.ask(self.url(), prompt, "--resume", session, "--model", MODELS[0])
            self.assert_answered(answer)
        fake, count = self.served()
        self.assertEqual(count, 4)
        self.assert_one_home(session, 4, self.channels[fake])

    def test_sessions_are_apart(self):
        sessions = [bodies.new_session() for _ in range(2)]
        for session in sessions:
            answer = self.claude.ask(self.url(), "hi", "--session-id", session)
            self.assert_answered(answer)
        found = {self.trace(session, 1)["id"] for session in sessions}
        self.assertEqual(len(found), 2)


if __name__ == "__main__":
    unittest.main()
