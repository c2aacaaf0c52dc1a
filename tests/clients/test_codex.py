"""The Codex CLI on channels of all dialects; it does not notice."""

import json
import os
import unittest

from client_test import ANSWER, PATHS, ClientTest, posts
from codex import MODEL, Codex, complaints, session_of
from picture import write_picture

TOOLS = "gpt-tools"  # Providers of these tests call tools under this name.


class CodexTest(ClientTest):
    def setUp(self):
        super().setUp()
        self.codex = Codex(os.path.join(self.folder, "user"), self.key)

    def start_codex_channel(self, name="fake", kind="openai-responses", model=MODEL, **more):
        """A channel on which Codex's model is `model`."""
        rules = [] if model == MODEL else [{"from": MODEL, "to": model}]
        return self.start_channel(name, [model], type=kind, model_mappings=rules, **more)

    def ask(self, prompt, *arguments, **more):
        """Its answer, of which it had nothing to complain about."""
        answer = self.codex.ask(self.url("/v1"), prompt, *arguments, **more)
        self.assertEqual(answer.code, 0, answer.errors)
        self.assertEqual(complaints(answer), [])
        return answer


class Converted:
    """The tests of a channel of type `kind`."""

    kind = ""

    def sent(self, fake):
        return json.loads(fake.last_body())

    def test_it_prints_the_answer(self):
        fake, _ = self.start_codex_channel(kind=self.kind)
        self.assertEqual(self.ask("hi").text.strip(), ANSWER.strip())
        self.assertEqual(len(posts(fake, PATHS[self.kind])), 1)
        self.assert_smooth(1)
        self.assertNotIn(self.key, fake.last_body().decode() + str(fake.requests()))

    def test_a_loop_of_two_tools_is_one_trace(self):
        others = [self.start_codex_channel(n, self.kind, TOOLS) for n in ("one", "two", "three")]
        answer = self.ask("use your tools")
        self.assertRegex(answer.text, r"(?s)The tools said: .*\bone\n.*\btwo\n")
        (fake,) = [fake for fake, _ in others if fake.stats()["requests"]]
        self.assertEqual(len(posts(fake, PATHS[self.kind])), 2)
        self.check_tool_history(self.sent(fake))
        self.assert_smooth(2)
        session = session_of(answer)
        channel = dict(others)[fake]
        self.assert_one_home(session, 2, channel)
        (trace,) = self.gateway.admin.items("traces")
        self.assertEqual((trace["external_id"], trace["models"]), (session, [MODEL]))

        # The next turn of the session belongs to it too.
        self.ask("go on", "resume", session)
        self.assert_smooth(3)
        self.assert_one_home(session, 3, channel)
        self.assertEqual(len(self.gateway.admin.items("traces")), 1)


    def test_pictures_are_shown(self):
        fake, _ = self.start_codex_channel(kind=self.kind, model=TOOLS)
        paths = [os.path.join(self.codex.work, f"shade{shade}.png") for shade in (30, 64, 192)]
        pictures = [write_picture(path, shade) for path, shade in zip(paths, (30, 64, 192))]
        calls = [{"path": path} for path in paths[1:]]
        fake.config(tool={"name": "view_image", "inputs": calls})
        self.ask("look", f"--image={paths[0]}", "--")
        self.assert_smooth(2)
        shown = fake.last_body().decode()
        for picture in pictures:
            self.assertEqual(shown.count(picture), 1, shown)


class Foreign(Converted):
    """The tests of a dialect that is not Codex's own."""

    def test_a_patch_is_applied(self):
        """apply_patch takes free text, which this dialect does not know."""
        fake, _ = self.start_codex_channel(kind=self.kind, model=TOOLS)
        patch = '*** Begin Patch\n*** Add File: {}\n+say "{}" \\ \u00e9\n*** End Patch'
        names = ("one.txt", "two.txt")
        inputs = [{"input": patch.format(name, name)} for name in names]
        fake.config(tool={"name": "apply_patch", "inputs": inputs})
        answer = self.ask("patch")
        for name in names:
            with open(os.path.join(self.codex.work, name), encoding="utf-8") as file:
                self.assertEqual(file.read(), f'say "{name}" \\ \u00e9\n')
        self.assertIn("The tools said:", answer.text)
        self.assert_smooth(2)


class OnAnthropic(Foreign, CodexTest):
    kind = "anthropic"

    def check_tool_history(self, body):
        asked, answered = body["messages"][-2:]
        calls = [block for block in asked["content"] if block["type"] == "tool_use"]
        self.assertEqual([c["input"] for c in calls], [{"cmd": "echo one"}, {"cmd": "echo two"}])
        results = answered["content"]
        self.assertEqual([block["type"] for block in results], ["tool_result"] * 2)
        self.assertEqual([r["tool_use_id"] for r in results], [c["id"] for c in calls])
        self.assertGreater(body["max_tokens"], 0)
        self.assertEqual({tool.get("type", "custom") for tool in body["tools"]}, {"custom"})

    def test_thoughts_return_with_their_signature(self):
        fake, _ = self.start_codex_channel(kind=self.kind, model="claude-thinking")
        session = session_of(self.ask("think"))
        self.ask("go on", "resume", session)
        self.assert_smooth(2)
        said = [m["content"] for m in self.sent(fake)["messages"] if m["role"] == "assistant"]
        blocks = sum(said, [])
        self.assertEqual([block["type"] for block in blocks], ["thinking", "text"])
        self.assertTrue(blocks[0]["signature"].startswith("c2lnbmVkfake"), blocks[0])


class OnChat(Foreign, CodexTest):
    kind = "openai"

    def check_tool_history(self, body):
        *_, asked, one, two = body["messages"]
        calls = asked["tool_calls"]
        arguments = [json.loads(call["function"]["arguments"]) for call in calls]
        self.assertEqual(arguments, [{"cmd": "echo one"}, {"cmd": "echo two"}])
        self.assertEqual((one["role"], two["role"]), ("tool", "tool"))
        self.assertEqual([m["tool_call_id"] for m in (one, two)], [call["id"] for call in calls])
        self.assertEqual({tool["type"] for tool in body["tools"]}, {"function"})


class OnResponses(Converted, CodexTest):
    kind = "openai-responses"

    def check_tool_history(self, body):
        *_, one, two, first, second = body["input"]
        arguments = [json.loads(call["arguments"]) for call in (one, two)]
        self.assertEqual(arguments, [{"cmd": "echo one"}, {"cmd": "echo two"}])
        self.assertEqual([first["type"], second["type"]], ["function_call_output"] * 2)
        self.assertEqual([first["call_id"], second["call_id"]], [one["call_id"], two["call_id"]])
        types = {tool["type"] for tool in body["tools"]}
        self.assertLessEqual({"function", "custom", "web_search"}, types, "nothing is converted")


class Trouble(CodexTest):
    """A channel that fails in the middle of a session, and the next one of another dialect."""

    def setUp(self):
        super().setUp()
        self.first, _ = self.start_codex_channel("first")
        self.second, _ = self.start_codex_channel("second", "anthropic", priority=1)

    def counts(self):
        return [fake.stats()["requests"] for fake in (self.first, self.second)]

    def test_the_next_channel_answers(self):
        session = session_of(self.ask("hi"))
        for number, fault in enumerate(("status-529", "reset", "error-event"), 1):
            with self.subTest(fault):
                self.first.config(fault=fault)
                answer = self.ask("go on", "resume", session)
                self.assertEqual(answer.text.strip(), ANSWER.strip())
                self.assertEqual(self.counts()[1], number)
                trace = self.trace(session, 1 + number)
                self.assertEqual((trace["requests"], trace["failed"]), (1 + number, 0))

    def test_a_stream_that_breaks_is_asked_for_again(self):
        self.first.config(**{"fault": "error-after-3", "for": 1})
        answer = self.codex.ask(self.url("/v1"), "hi")
        self.assertEqual(answer.code, 0, answer.errors)
        self.assertEqual(answer.text.strip(), ANSWER.strip())
        self.assertEqual(sum(self.counts()), 2)


if __name__ == "__main__":
    unittest.main()
