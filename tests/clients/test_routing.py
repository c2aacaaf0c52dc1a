"""Which model and which channel Claude Code reaches: profiles, spreading, and coming home.

AXONHUB_CLIENT_SESSIONS is how many sessions are spread over three channels: 24 unless it is set,
which leaves a channel out by chance once in 5000 runs; 50 before a release, for about 80 seconds.
"""

import json
import os
import unittest
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import bodies
from claude_code import DEFAULT_MODELS
from client_test import PATHS, ClientTest, posts
from harness import wait_until

SESSIONS = int(os.environ.get("AXONHUB_CLIENT_SESSIONS", "24"))
CHAT, REASONER = "deepseek-chat", "deepseek-reasoner"
SONNET, HAIKU = "claude-sonnet-4-5", "claude-haiku-4-5"
RULES = [
    {"from": SONNET, "to": REASONER},
    {"from": "claude-haiku-.*", "to": CHAT},
]


class Profiles:
    """The tests of a channel of type `kind`."""

    kind = ""

    def setUp(self):
        super().setUp()
        self.fake, self.channel = self.start_channel(type=self.kind, models=[CHAT, REASONER])
        self.admin = self.gateway.admin
        self.profile = self.new_profile("deepseek", RULES)
        self.other = self.new_profile("swapped", [{"from": "claude-.*", "to": CHAT}])
        made = self.admin.create_key(
            profile_ids=[self.profile["id"], self.other["id"]],
            active_profile_id=self.profile["id"],
        )
        self.secrets.add(made["key"])
        self.key, self.key_id = made["key"], made["id"]
        self.claude = self.start_claude()
        self.asked = 0

    def new_profile(self, name, rules):
        return self.admin.post("profiles", {"name": name, "model_mappings": rules})

    def activate(self, profile):
        self.admin.patch(f"keys/{self.key_id}", {"active_profile_id": profile["id"]})

    def upstream(self, model, *arguments):
        """The name that reaches the provider when Claude Code asks for `model`."""
        answer = self.claude.ask(self.url(), "hi", "--model", model, *arguments)
        self.assert_answered(answer)
        self.asked += 1
        seen = posts(self.fake, PATHS[self.kind])
        self.assertEqual(len(seen), self.asked)
        return seen[-1]["model"]

    def test_each_model_reaches_what_the_profile_makes_of_it(self):
        self.assertEqual(self.upstream(SONNET), REASONER)
        self.assertEqual(self.upstream(HAIKU), CHAT)
        self.assertEqual(self.upstream("claude-haiku-4-5-20251001"), CHAT)
        self.assert_smooth(3)
        names = [r["model"] for r in self.admin.items("requests")][::-1]
        self.assertEqual(
            names[0], {"requested": SONNET, "mapped": REASONER, "upstream": REASONER}
        )

    def test_a_rule_that_is_switched_off_is_off_for_the_next_request(self):
        self.assertEqual(self.upstream(SONNET), REASONER)
        rules = [{**RULES[0], "enabled": False}, RULES[1]]
        self.admin.patch(f"profiles/{self.profile['id']}", {"model_mappings": rules})
        answer = self.claude.ask(self.url(), "hi", "--model", SONNET)
        self.assertEqual(answer.code, 1)
        self.assertIn(SONNET, answer.text)
        self.assertEqual(self.upstream(HAIKU), CHAT)
        self.admin.patch(f"profiles/{self.profile['id']}", {"model_mappings": RULES})
        self.assertEqual(self.upstream(SONNET), REASONER)

    def test_another_profile_acts_in_the_middle_of_a_session(self):
        session = bodies.new_session()
        self.assertEqual(self.upstream(SONNET, "--session-id", session), REASONER)
        self.activate(self.other)
        self.assertEqual(self.upstream(SONNET, "--resume", session), CHAT)
        self.activate(self.profile)
        self.assertEqual(self.upstream(SONNET, "--resume", session), REASONER)
        self.assert_smooth(3)
        self.assert_one_home(session, 3, self.channel)

    def test_the_model_of_a_session_can_become_another_one(self):
        session = bodies.new_session()
        new = "claude-sonnet-5-5"
        self.assertEqual(self.upstream(SONNET, "--session-id", session), REASONER)
        self.activate(self.new_active([{"from": new, "to": CHAT}]))
        self.assertEqual(self.upstream(new, "--resume", session), CHAT)
        trace = self.trace(session, 2)
        self.assertEqual((trace["requests"], trace["failed"]), (2, 0))
        self.assertEqual(set(trace["models"]), {SONNET, new})

    def new_active(self, rules):
        """A third profile that the key may wear."""
        profile = self.new_profile("third", rules)
        ids = [self.profile["id"], self.other["id"], profile["id"]]
        self.admin.patch(f"keys/{self.key_id}", {"profile_ids": ids})
        return profile


class ProfilesOnAnthropic(Profiles, ClientTest):
    kind = "anthropic"


class ProfilesOnChat(Profiles, ClientTest):
    kind = "openai"


class Spread(ClientTest):
    def test_sessions_use_every_channel_and_each_stays_on_one(self):
        channels = [self.start_channel(name) for name in ("one", "two", "three")]
        users = [self.start_claude(f"user{number}") for number in range(SESSIONS)]
        sessions = [bodies.new_session() for _ in users]

        def talk(user, session):
            """A first turn of two requests, and a second turn, which is of the same model."""
            tools = ["--allowedTools", "Bash", "--model", "claude-tools"]
            first = user.ask(self.url(), "use your tools", "--session-id", session, *tools)
            return first, user.ask(self.url(), "go on", "--resume", session)

        with ThreadPoolExecutor(5) as pool:
            for first, second in pool.map(talk, users, sessions):
                for answer in (first, second):
                    self.assert_answered(answer, "The tools said:")
        self.assert_smooth(3 * SESSIONS)
        homes = Counter()
        for session in sessions:
            trace = self.trace(session, 3)
            self.assertEqual((trace["requests"], trace["failed"], trace["moves"]), (3, 0, 0))
            listed = self.gateway.admin.requests_of(trace["id"])
            used = {attempt["channel"] for request in listed for attempt in request["attempts"]}
            self.assertEqual(len(used), 1, session)
            homes.update(used)
        self.assertEqual(set(homes), {channel["id"] for _, channel in channels}, homes)
        counts = sorted(len(posts(fake)) for fake, _ in channels)
        self.assertEqual(sum(counts), 3 * SESSIONS)


class ComingHome(ClientTest):
    """A session whose channel dies between two turns and is back before its cache is cold."""

    def setUp(self):
        super().setUp()
        self.home, self.channel = self.start_channel("home")
        self.other, self.second = self.start_channel("other", priority=1)
        self.claude = self.start_claude()
        self.session = bodies.new_session()
        self.path = PATHS["anthropic"]

    def turn(self, place="--resume"):
        """One more turn, of which the user sees nothing but the answer; how many requests the
        second channel has answered by then."""
        answer = self.claude.ask(self.url(), "go on", place, self.session)
        self.assert_answered(answer)
        self.assertEqual(answer.errors, "")
        return len(posts(self.other, self.path))

    def check(self, die, come_back):
        self.assertEqual(self.turn("--session-id"), 0)
        die()
        self.assertEqual(self.turn(), 1)
        come_back()
        path = f"channels/{self.channel['id']}/health"
        wait_until(lambda: self.gateway.admin.get(path)["state"] == "ok", "it is tried again", 30)
        self.assertEqual(self.turn(), 1)
        trace = self.trace(self.session, 3)
        self.assertEqual((trace["requests"], trace["failed"]), (3, 0))
        self.assertEqual(trace["binding"]["channel_id"], self.channel["id"])
        requests = self.gateway.admin.requests_of(trace["id"])
        last = max(requests, key=lambda request: request["at"])
        self.assertEqual([a["channel"] for a in last["attempts"]], [self.channel["id"]])

    def test_after_errors(self):
        for fault in ("status-529", "reset", "429-1"):
            with self.subTest(fault):
                self.session = bodies.new_session()
                self.other.reset()
                self.check(
                    lambda: self.home.config(fault=fault), lambda: self.home.config(fault=None)
                )

    def test_the_other_channel_may_speak_another_dialect(self):
        for kind in ("openai", "openai-responses"):
            with self.subTest(kind):
                self.session = bodies.new_session()
                self.gateway.admin.delete(f"channels/{self.second['id']}")
                self.other, self.second = self.start_channel(kind, type=kind, priority=1)
                self.path = PATHS[kind]
                self.check(
                    lambda: self.home.config(fault="status-529"),
                    lambda: self.home.config(fault=None),
                )

    def test_thoughts_wait_for_the_channel_that_signed_them(self):
        rules = [{"from": name, "to": "claude-thinking"} for name in DEFAULT_MODELS]
        path = f"channels/{self.channel['id']}"
        models = {"supported_models": ["claude-thinking"], "model_mappings": rules}
        self.gateway.admin.patch(path, models)
        self.gateway.admin.delete(f"channels/{self.second['id']}")
        self.other, self.second = self.start_channel("chat", type="openai", priority=1)
        self.path = PATHS["openai"]

        def come_back():
            self.assertNotIn(b"c2lnbmVk", self.other.last_body())
            self.home.config(fault=None)

        self.check(lambda: self.home.config(fault="status-529"), come_back)
        history = json.loads(self.home.last_body())["messages"]
        said = [m["content"] for m in history if m["role"] == "assistant"]
        types = [[block["type"] for block in blocks] for blocks in said]
        self.assertEqual(types, [["thinking", "text"], ["text"]])
        self.assertTrue(said[0][0]["signature"].startswith("c2lnbmVkhome"), said)

    def test_after_it_was_gone(self):
        def come_back():
            self.start_fake("home", None, "--port", str(self.home.port))

        self.check(self.home.kill, come_back)


if __name__ == "__main__":
    unittest.main()
