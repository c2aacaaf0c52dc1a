"""Where requests go: by weight, by what they need, and as the explanation says."""

import collections
import itertools
import math
import os
import threading
import time
import unittest
from datetime import datetime, timezone

import bodies
import dialects
from dialects import Anthropic, Chat, Responses
from harness import IntegrationTest, wait_until
from test_conversion import IMAGE

MODEL = "m"
# How long one channel of three stays away; the promise's own test takes 20 seconds.
OUTAGE_SECONDS = 20 if os.environ.get("AXONHUB_TEST_LONG") else 4


class Routing(IntegrationTest):
    def setUp(self):
        super().setUp()
        self.fake = self.start_fake()
        self.gateway = self.start_gateway()
        self.admin = self.gateway.admin
        made = self.admin.create_key()
        self.key, self.key_id = made["key"], made["id"]
        self.secrets.add(self.key)

    def channel(self, name, **more):
        """A channel to a model of its own name, with MODEL mapped to it: so the provider knows who
        asked."""
        mapped = {"model_mappings": [{"from": MODEL, "to": name}], "name": name, **more}
        return self.new_channel(self.gateway, self.fake, [name], **mapped)["id"]

    def ask(self, session=None, dialect=Anthropic, headers=None, **more):
        headers = {"x-api-key": self.key, **(headers or {})}
        if session:
            headers["AH-Trace-Id"] = session
        return self.gateway.request("POST", dialect.path, headers, dialect.body(MODEL, **more))

    def explain(self, **more):
        return self.admin.post("route/explain", {"key_id": self.key_id, "model": MODEL, **more})

    def record(self, answer):
        return self.admin.record(answer)


class DecisionHeaders(Routing):
    NAMES = ("x-axonhub-channel", "x-axonhub-attempts", "x-axonhub-trace-id")

    def test_every_answer_tells_how_it_was_routed(self):
        self.channel("only")
        answer = self.ask(bodies.new_session())
        self.assertEqual(answer.header("x-axonhub-channel"), "only")
        self.assertEqual(answer.header("x-axonhub-attempts"), "1")
        self.assertTrue(answer.header("x-axonhub-trace-id").startswith("tr_"))

    def test_they_can_be_switched_off(self):
        self.gateway.stop()
        self.gateway = self.gateway.restarted({"AXONHUB_SERVER_DECISION_HEADERS": "false"})
        self.adopt(self.gateway)
        self.channel("only")
        answer = self.ask(bodies.new_session())
        self.assertEqual(answer.status, 200)
        self.assertEqual([answer.header(name) for name in self.NAMES], [None] * 3)


class Weights(Routing):
    WEIGHTS = {"light": 100, "middle": 200, "heavy": 300}
    COUNT = 1000

    def spread(self, headers_of, first):
        """How many of COUNT requests each channel answers."""
        body = bodies.message(MODEL)
        counts = collections.Counter()
        with self.gateway.connect() as wire:
            for number in range(first, first + self.COUNT):
                headers = {"x-api-key": self.key, **headers_of(number)}
                answer = wire.request("POST", "/v1/messages", headers, body)
                self.assertEqual(answer.status, 200, answer.body)
                counts[answer.header("x-axonhub-channel")] += 1
        return counts

    def is_by_weight(self, counts):
        """Whether each channel's share is within three standard deviations of its weight's."""

        def is_near(name):
            share = self.WEIGHTS[name] / sum(self.WEIGHTS.values())
            deviation = math.sqrt(self.COUNT * share * (1 - share))
            return abs(counts[name] - self.COUNT * share) <= 3 * deviation

        return all(is_near(name) for name in self.WEIGHTS)

    def check_spread(self, headers_of):
        """Chance alone takes one of the channels out of three standard deviations in one sample of
        150. Then a second sample, of requests as fresh, decides: chance fails both in one run of
        20,000, while a real bias fails both."""
        for name, weight in self.WEIGHTS.items():
            self.channel(name, weight=weight)
        counts = self.spread(headers_of, 0)
        if not self.is_by_weight(counts):
            again = self.spread(headers_of, self.COUNT)
            self.assertTrue(self.is_by_weight(again), (counts, again))

    def test_sessions_spread_by_weight_and_stay(self):
        self.check_spread(lambda number: {"AH-Trace-Id": f"session {number}"})
        for number in range(0, self.COUNT, 50):
            session = f"session {number}"
            home = self.admin.binding(session)["channel_id"]
            self.assertEqual(self.explain(trace_id=session)["order"][0], home)

    def test_requests_without_a_session_spread_by_weight(self):
        self.check_spread(lambda number: {})

    def test_the_lower_priority_is_first(self):
        self.channel("later", priority=1, weight=1000)
        self.channel("first", priority=0, weight=1)
        for number in range(20):
            self.assertEqual(self.ask(f"s{number}").status, 200)
        self.assertEqual(self.fake.stats()["by_model"], {"first": 20})


class Capabilities(Routing):
    """`small` is preferred and can little; `large` can all."""

    def setUp(self):
        super().setUp()
        little = {"max_context_tokens": 2000, "images": False, "server_tools": []}
        self.small = self.channel("small", model_capabilities={".*": little})
        self.large = self.channel("large", priority=1)

    def served(self, **more):
        """Who took it, and its decision."""
        answer = self.ask(bodies.new_session(), **more)
        self.assertEqual(answer.status, 200, answer.body)
        record = self.record(answer)
        return record["channel"], record["decision"]

    def assert_refused(self, candidates, channel, reason):
        (found,) = [c for c in candidates if c["channel"] == channel]
        self.assertEqual((found["verdict"], found["reasons"]), ("refused", [reason]))

    def check_needs(self, dialect, more, reason, **told):
        channel, decision = self.served(dialect=dialect, **more)
        self.assertEqual(channel, self.large)
        self.assert_refused(decision["candidates"], self.small, reason)
        explained = self.explain(dialect=dialect.name, **told)
        self.assertEqual(explained["order"], [self.large])
        self.assert_refused(explained["candidates"], self.small, reason)

    def test_what_is_small_goes_to_the_preferred_one(self):
        for dialect in dialects.ALL:
            self.assertEqual(self.served(dialect=dialect)[0], self.small)
        self.assertEqual(self.explain(estimated_tokens=1999)["order"], [self.small, self.large])

    def test_a_large_context_finds_the_larger_window(self):
        for dialect in dialects.ALL:
            with self.subTest(dialect.name):
                more = {"text": "many words of a long book " * 700}
                self.check_needs(dialect, more, "context_too_small", estimated_tokens=5000)

    def test_images_find_who_sees(self):
        url = f"data:image/png;base64,{IMAGE}"
        source = {"type": "base64", "media_type": "image/png", "data": IMAGE}
        parts = {
            Anthropic: ("messages", {"type": "image", "source": source}),
            Chat: ("messages", {"type": "image_url", "image_url": {"url": url}}),
            Responses: ("input", {"type": "input_image", "image_url": url}),
        }
        for dialect, (field, part) in parts.items():
            with self.subTest(dialect.name):
                more = {field: [{"role": "user", "content": [part]}]}
                self.check_needs(dialect, more, "capability_missing", images=True)

    def test_server_tools_find_who_runs_them(self):
        tool = {"type": "web_search_20250305", "name": "web_search", "max_uses": 5}
        self.check_needs(
            Anthropic,
            {"tools": [tool]},
            "capability_missing",
            server_tools=["web_search_20250305"],
        )

    def test_server_tools_find_who_speaks_their_dialect(self):
        """A channel of another dialect is asked for none, however many its provider has."""
        foreign = self.channel("foreign", type="openai-responses", priority=-1)
        own = self.channel("own", type="openai-responses", priority=2)
        search = {"type": "web_search_20250305", "name": "web_search"}
        files = {"type": "file_search", "vector_store_ids": ["v"]}
        cases = (
            (Anthropic, [search], self.large, [foreign, own, self.small]),
            (Anthropic, [Anthropic.tool, search], self.large, [foreign, own, self.small]),
            (Responses, [files], foreign, [self.small, self.large]),
        )
        for dialect, tools, right, wrong in cases:
            with self.subTest(dialect.name, tools=tools):
                types = [t["type"] for t in tools if "type" in t]
                channel, decision = self.served(dialect=dialect, tools=tools)
                self.assertEqual(channel, right)
                explained = self.explain(dialect=dialect.name, server_tools=types)
                self.assertEqual(explained["order"][0], right)
                for other in wrong:
                    self.assert_refused(decision["candidates"], other, "capability_missing")
                    self.assert_refused(explained["candidates"], other, "capability_missing")
        self.assertEqual(self.served()[0], foreign, "without such a tool")
        reasons = {a["reason"] for r in self.admin.items("requests") for a in r["attempts"]}
        self.assertEqual(reasons, {"ok"}, "nobody was asked in vain")

    def test_when_nobody_is_large_enough_the_largest_is_asked(self):
        self.admin.post(f"channels/{self.large}/disable")
        medium = self.channel(
            "medium", priority=2, model_capabilities={".*": {"max_context_tokens": 3000}}
        )
        channel, decision = self.served(text="many words of a long book " * 900)
        self.assertEqual(channel, medium)
        self.assertGreater(decision["estimated_tokens"], 3000)

    def test_a_session_that_outgrows_its_channel_moves(self):
        session = bodies.new_session()
        self.assertEqual(self.ask(session).status, 200)
        self.assertEqual(self.admin.binding(session)["channel_id"], self.small)
        answer = self.ask(session, text="many words of a long book " * 700)
        self.assertEqual(self.record(answer)["channel"], self.large)


class Explanations(Routing):
    def check_agreement(self, asked, told, session):
        """Who is first in the explanation serves, and the record's candidates agree with it."""
        explained = self.explain(trace_id=session, **told)
        answer = self.ask(session, **asked)
        if not explained["order"]:
            self.assertNotEqual(answer.status, 200, answer.body)
            return
        self.assertEqual(answer.status, 200, answer.body)
        record = self.record(answer)
        self.assertEqual(record["channel"], explained["order"][0], record["decision"])
        before = {c["channel"]: c for c in explained["candidates"]}
        for candidate in record["decision"]["candidates"]:
            said = before[candidate["channel"]]
            self.assertEqual(candidate["verdict"], said["verdict"], candidate)
            if said["score"]:  # who cannot take it has none
                self.assertAlmostEqual(candidate["score"], said["score"])

    def test_explain_agrees_with_what_happens(self):
        paid = self.channel("paid", tags=["paid"], weight=300)
        plain = self.channel("plain", weight=200)
        blind = self.channel(
            "blind",
            priority=-1,
            model_capabilities={".*": {"images": False, "max_context_tokens": 3000}},
        )
        off = self.channel("off")
        self.admin.post(f"channels/{off}/disable")
        self.channel("openai", type="openai", weight=50)
        self.channel("responses", type="openai-responses", weight=150)
        profile = self.admin.post("profiles", {"name": "paid only", "channel_tags": ["paid"]})
        source = {"type": "base64", "media_type": "image/png", "data": IMAGE}
        image = [{"role": "user", "content": [{"type": "image", "source": source}]}]
        search = {"type": "web_search_20250305", "name": "web_search"}
        questions = {
            "plain": ({}, {}),
            "streamed": ({"stream": True}, {"stream": True}),
            "an image": ({"messages": image}, {"images": True}),
            "large": ({"text": "many words of a long book " * 900}, {"estimated_tokens": 9000}),
            "a search": ({"tools": [search]}, {"server_tools": ["web_search_20250305"]}),
            "a search of Responses": (
                {"dialect": Responses, "tools": [{"type": "web_search"}, Responses.tool]},
                {"dialect": "openai_responses", "server_tools": ["web_search"]},
            ),
            "of Chat": ({"dialect": Chat}, {"dialect": "openai_chat"}),
            "of Responses": ({"dialect": Responses}, {"dialect": "openai_responses"}),
        }
        worlds = {
            "as made": lambda: None,
            "without the first tier": lambda: self.admin.post(f"channels/{blind}/disable"),
            "other weights": lambda: self.admin.patch(f"channels/{plain}", {"weight": 1000}),
            "a profile": lambda: self.admin.patch(
                f"keys/{self.key_id}",
                {"profile_ids": [profile["id"]], "active_profile_id": profile["id"]},
            ),
            "nobody": lambda: self.admin.post(f"channels/{paid}/disable"),
        }
        for world, change in worlds.items():
            change()
            for (name, (asked, told)), number in itertools.product(questions.items(), range(4)):
                session = f"{world} {name} {number}"
                with self.subTest(session):
                    self.check_agreement(asked, told, session)
                    self.check_agreement(asked, told, session)  # now it has a home

    def test_a_channel_in_trouble_is_told_as_it_is(self):
        bad = self.start_fake("bad")
        bad.config(fault="529-60")
        first = self.new_channel(self.gateway, bad, [MODEL], priority=-1)["id"]
        second = self.channel("second")
        before = self.explain(trace_id="s")
        self.assertEqual(before["order"], [first, second])
        self.assertEqual(self.explain(without_channels=[first])["order"], [second])
        answer = self.ask("s")
        self.assertEqual(answer.status, 200)
        after = self.explain(trace_id="other")
        self.assertEqual(after["order"], [second])
        (seen,) = [c for c in after["candidates"] if c["channel"] == first]
        self.assertEqual((seen["verdict"], seen["reasons"]), ("refused", ["cooling"]))
        self.assertIn(seen["wait_ms"], range(50_000, 72_001), "up to a fifth more than told")
        self.assertEqual(self.ask("other").status, 200)
        self.assertEqual(bad.stats()["requests"], 1, "it rests")

    def test_the_record_keeps_the_whole_decision(self):
        bad = self.start_fake("bad")
        first = self.new_channel(self.gateway, bad, [MODEL], priority=-1)["id"]
        second = self.channel("second")
        session = bodies.new_session()
        headers = bodies.claude_code_headers(session)
        long = "words " * 3000
        self.assertEqual(self.ask(text=long, headers=headers).status, 200)
        bad.config(fault="529-60")
        answer = self.ask(text=long, headers=headers)
        self.assertEqual(answer.status, 200)
        decision = self.record(answer)["decision"]
        self.assertEqual(decision["models"], [MODEL])
        self.assertEqual((decision["chosen"], decision["why"]), (second, "moved"))
        self.assertTrue(decision["moved"])
        self.assertGreater(decision["estimated_tokens"], 3000)
        steps = decision["steps"]
        self.assertEqual([s["chosen"] for s in steps], [first, second])
        self.assertEqual([s["why"] for s in steps], ["bound", "moved"])
        self.assertEqual(steps[0]["home"]["channel_id"], first)
        self.assertEqual(steps[0]["tokens_left"], 0)
        self.assertGreater(steps[1]["tokens_left"], 3000, "a warm cache is left behind")
        self.assertEqual([r["channel"] for r in steps[1]["refused"]], [first])
        for candidate in decision["candidates"]:
            self.assertIsInstance(candidate["score"], float)
            self.assertEqual(candidate["weight"], 100)
        self.assertTrue(all(s["active_requests"] >= 1 for s in steps))


class TwoModels(Routing):
    """One session with two models, as Claude Code has it."""

    def ask_model(self, model, session):
        answer = self.gateway.request(
            "POST",
            "/v1/messages",
            {"x-api-key": self.key, "AH-Trace-Id": session},
            bodies.message(model),
        )
        self.assertEqual(answer.status, 200, answer.body)
        return self.record(answer)

    def test_each_stays_at_its_own_channel(self):
        large = self.new_channel(self.gateway, self.fake, ["large"])["id"]
        small = self.new_channel(self.gateway, self.fake, ["small"])["id"]
        for turn in range(4):
            for model, home in (("large", large), ("small", small)):
                record = self.ask_model(model, "s")
                self.assertEqual(record["channel"], home)
                self.assertFalse(record["decision"]["moved"])
                self.assertEqual(record["decision"]["why"], "bound" if turn else "preferred")
        trace = self.admin.trace("s")
        self.assertEqual(trace["moves"], 0)
        bound = {b["model"]: b["channel_id"] for b in trace["bindings"]}
        self.assertEqual(bound, {"large": large, "small": small})
        self.assertEqual(self.admin.get("bindings")["items"][0]["bindings"], trace["bindings"])
        # What is deleted is nobody's home.
        self.admin.delete(f"channels/{small}")
        self.assertEqual([b["model"] for b in self.admin.trace("s")["bindings"]], ["large"])
        another = self.new_channel(self.gateway, self.fake, ["small"])["id"]
        record = self.ask_model("small", "s")
        self.assertEqual(record["channel"], another)
        self.assertFalse(record["decision"]["moved"], "there was nothing to move from")
        self.assertEqual(self.ask_model("small", "s")["decision"]["why"], "bound")

    def test_each_step_of_a_choice_has_its_figures(self):
        ids = {self.channel("a"), self.channel("b", weight=300)}
        step = self.record(self.ask())["decision"]["steps"][0]
        self.assertEqual({c["channel"] for c in step["candidates"]}, ids)
        self.assertEqual({c["load"] for c in step["candidates"]}, {0}, "without a session")
        self.assertEqual([c["verdict"] for c in step["candidates"]], ["chosen", "not_asked"])
        step = self.record(self.ask("s"))["decision"]["steps"][0]
        self.assertEqual({c["load"] for c in step["candidates"]}, {None})
        scores = [c["score"] for c in step["candidates"]]
        self.assertEqual(scores, sorted(scores, reverse=True))


class Outages(IntegrationTest):
    TYPES = ("anthropic", "openai", "openai-responses")
    CLIENTS = 50

    def setUp(self):
        super().setUp()
        self.fakes = [self.start_fake(f"fake{n}") for n in range(3)]
        self.gateway = self.start_gateway()
        self.key = self.new_key(self.gateway)
        self.channels = [
            self.new_channel(self.gateway, fake, [MODEL], type=kind)["id"]
            for fake, kind in zip(self.fakes, self.TYPES)
        ]

    def ask(self, session, dialect=Anthropic, stream=True):
        return self.gateway.request(
            "POST",
            dialect.path,
            {"x-api-key": self.key, "x-claude-code-session-id": session},
            dialect.body(MODEL, stream=stream),
        )

    def warm_homes(self):
        """The channel of each session whose provider has a warm cache for it."""
        bindings = {t["external_id"]: t["binding"] for t in self.gateway.admin.items("traces")}
        return {s: b["channel_id"] for s, b in bindings.items() if b and b["warm_tokens"]}

    def in_threads(self, work):
        errors = []

        def run(number):
            try:
                work(number)
            except Exception as error:  # shown by the test
                errors.append(error)

        threads = [threading.Thread(target=run, args=(n,)) for n in range(self.CLIENTS)]
        for thread in threads:
            thread.start()
        return threads, errors

    def begin_sessions(self, clients):
        """The first answer of each: who gave it."""
        served = {}

        def begin(number):
            dialect = dialects.ALL[number % 3]
            answer = self.ask(clients[number], dialect)
            dialects.read_answer(dialect, answer, True)
            served[number] = answer.header("x-axonhub-channel")

        self.join(*self.in_threads(begin))
        self.assertEqual(len(set(served.values())), 3)
        return served

    def join(self, threads, errors):
        for thread in threads:
            thread.join()
        self.assertEqual(errors, [])

    def take_away(self, fake):
        """Kills it between two streams: what is cut after its first content is rightly an error."""
        fake.config(interval_ms=0, fault="reset")
        wait_until(lambda: fake.stats()["in_flight"] == 0, "it is idle")
        fake.kill()
        return fake.port

    def test_one_of_three_refuses_connections_and_nobody_sees_it(self):
        clients = [f"s{n}" for n in range(self.CLIENTS)]
        before = self.begin_sessions(clients)
        homes = self.warm_homes()
        self.assertIn(self.channels[0], homes.values())
        over = threading.Event()
        self.addCleanup(over.set)
        answered = [0] * self.CLIENTS

        def work(number):
            dialect = dialects.ALL[number % 3]
            while not over.is_set():
                dialects.read_answer(dialect, self.ask(clients[number], dialect), True)
                answered[number] += 1

        for fake in self.fakes:
            fake.config(interval_ms=10)
        running = self.in_threads(work)
        wait_until(lambda: all(answered), "all are at work", 20)
        began = time.monotonic()
        port = self.take_away(self.fakes[0])
        count = sum(answered)
        time.sleep(OUTAGE_SECONDS)  # the promised time, not a guess
        enough = count + self.CLIENTS * OUTAGE_SECONDS
        wait_until(lambda: sum(answered) > enough, "there were answers enough", 30)
        outage = time.monotonic() - began
        self.start_fake("fake0", None, "--port", str(port)).config(interval_ms=10)
        over.set()
        self.join(*running)

        def are_home():
            for number, session in enumerate(clients):
                answer = self.ask(session, dialects.ALL[number % 3])
                if session in homes and answer.header("x-axonhub-channel") != before[number]:
                    return False
            return True

        # Who was away for longer rests for longer.
        wait_until(are_home, "every warm session is back at its channel", 30 + 2 * outage)

        def bound_as_before():
            now = self.warm_homes()
            return {s: now.get(s) for s in homes} == homes

        wait_until(bound_as_before, "every warm session is bound as before")

    def test_when_all_refuse_connections_the_answer_is_quick_and_no_storm(self):
        for fake in self.fakes:
            fake.kill()
        answers = []

        def work(number):
            dialect = dialects.ALL[number % 3]
            for turn in range(6):
                answers.append((dialect, self.ask(f"s{number}-{turn}", dialect)))

        self.join(*self.in_threads(work))
        for dialect, answer in answers:
            wanted = (529,) if dialect is Anthropic else (502, 503)
            self.assertIn(answer.status, (*wanted, 500), answer.body)
            dialect.error(answer)

        def ask_late(number):
            answer = self.ask(f"late{number}")
            self.assertIn(answer.status, (500, 529), answer.body)
            self.assertGreaterEqual(int(answer.header("retry-after")), 1)

        self.assert_quick(self.gateway, ask_late, 0.1)
        records = self.gateway.admin.items("requests", limit=500)
        attempts = sum(len(r["attempts"]) for r in records)
        self.assertLessEqual(attempts, 1.2 * len(records))

    def test_when_all_rest_the_shortest_wait_is_told(self):
        for fake, seconds in zip(self.fakes, (40, 20, 60)):
            fake.config(fault=f"503-{seconds}")
        began = time.monotonic()
        self.ask("first")
        for number, dialect in enumerate(dialects.ALL * 3):
            with self.subTest(client=dialect.name):
                answer = self.ask(f"late{number}", dialect, stream=number % 2 == 0)
                self.assertEqual(answer.status, 529 if dialect is Anthropic else 503)
                least = 20 - math.ceil(time.monotonic() - began)
                self.assertIn(int(answer.header("retry-after")), range(least, 25))
                dialect.error(answer)

    def test_a_moments_outage_of_all_is_no_long_one(self):
        for fake in self.fakes:
            fake.config(fault="reset")
        self.join(
            *self.in_threads(lambda n: [self.ask(f"s{n}-{turn}") for turn in range(6)])
        )
        for channel in self.channels:
            health = self.gateway.admin.get(f"channels/{channel}/health")
            waits = [b["until"] for b in health["breakers"]]
            for until in waits:
                ends = datetime.fromisoformat(until)
                left = (ends - datetime.now(timezone.utc)).total_seconds()
                self.assertLess(left, 30, "as many failures in a moment are one outage")


if __name__ == "__main__":
    unittest.main()
