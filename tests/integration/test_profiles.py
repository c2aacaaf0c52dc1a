"""Profiles: what a key's requests ask for, and where they may go."""

import unittest

import bodies
from harness import IntegrationTest
from admin import AdminError

CHAT, REASONER = "deepseek-chat", "deepseek-reasoner"
RULES = [
    {"from": "claude-sonnet-4-5", "to": REASONER},
    {"from": "claude-haiku-.*", "to": CHAT},
]


class Profiles(IntegrationTest):
    def setUp(self):
        super().setUp()
        self.fake = self.start_fake()
        self.gateway = self.start_gateway()
        self.channel = self.new_channel(self.gateway, self.fake, [CHAT, REASONER, "claude-opus-5"])
        self.admin = self.gateway.admin

    def new_profile(self, name, rules, **more):
        return self.admin.post("profiles", {"name": name, "model_mappings": rules, **more})

    def wear(self, *profiles, active=0):
        """A new key with these profiles; its secret and its id."""
        made = self.admin.create_key(
            profile_ids=[p["id"] for p in profiles], active_profile_id=profiles[active]["id"]
        )
        self.secrets.add(made["key"])
        return made["key"], made["id"]

    def ask(self, key, model, session=None, stream=False):
        headers = {"x-api-key": key}
        if session:
            headers["AH-Trace-Id"] = session
        return self.gateway.request(
            "POST", "/v1/messages", headers, bodies.message(model, stream=stream)
        )

    def upstream_model(self, key, model, **more):
        """What the provider was asked for; the answer must carry the client's own name."""
        answer = self.ask(key, model, **more)
        self.assertEqual(answer.status, 200, answer.body)
        self.assertIn(f'"{model}"'.encode(), answer.body)
        return self.fake.stats()["last"]["model"]

    def test_names_become_what_the_profile_says(self):
        key, _ = self.wear(self.new_profile("cheap", RULES))
        for stream in (False, True):
            self.assertEqual(self.upstream_model(key, "claude-sonnet-4-5", stream=stream), REASONER)
            self.assertEqual(
                self.upstream_model(key, "claude-haiku-4-5-20251001", stream=stream), CHAT
            )
            self.assertEqual(self.upstream_model(key, "claude-opus-5", stream=stream), "claude-opus-5")
        answer = self.ask(key, "claude-sonnet-4-5")
        self.assertEqual(
            self.admin.record(answer)["model"],
            {"requested": "claude-sonnet-4-5", "mapped": REASONER, "upstream": REASONER},
        )
        other = self.new_key(self.gateway)
        self.assertEqual(self.ask(other, "claude-sonnet-4-5").status, 404)

    def test_changes_act_on_the_next_request_of_a_running_session(self):
        first = self.new_profile("one", RULES)
        second = self.new_profile("two", [{"from": "claude-sonnet-4-5", "to": CHAT}])
        key, key_id = self.wear(first, second)
        ask = lambda: self.upstream_model(key, "claude-sonnet-4-5", session="s1")
        self.assertEqual(ask(), REASONER)
        self.admin.patch(f"keys/{key_id}", {"active_profile_id": second["id"]})
        self.assertEqual(ask(), CHAT)
        self.admin.patch(f"keys/{key_id}", {"active_profile_id": first["id"]})
        self.assertEqual(ask(), REASONER)
        off = [{**RULES[0], "enabled": False}, {"from": "claude-sonnet-.*", "to": CHAT}]
        self.admin.patch(f"profiles/{first['id']}", {"model_mappings": off})
        self.assertEqual(ask(), CHAT)
        self.admin.patch(f"profiles/{first['id']}", {"model_mappings": off[:1]})
        self.assertEqual(self.ask(key, "claude-sonnet-4-5", "s1").status, 404)
        (trace,) = self.admin.get("traces")["items"]
        self.assertEqual(trace["external_id"], "s1")

    def test_a_chain_falls_back_before_the_answer_begins(self):
        strong = "fault-status-529"  # the provider refuses this model
        self.new_channel(self.gateway, self.start_fake("two"), [strong, "weak"])
        chain = [
            {"from": "wish", "to": [strong, "weak"]},
            {"from": "dream", "to": ["not served", "weak"]},
        ]
        key, _ = self.wear(self.new_profile("chain", chain))
        for model, attempts in (("dream", ["weak"]), ("wish", [strong, strong, "weak"])):
            answer = self.ask(key, model, stream=True)
            self.assertEqual((answer.status, answer.complete), (200, True))
            self.assertIn(f'"{model}"'.encode(), answer.body)
            record = self.admin.record(answer)
            self.assertEqual(record["model"]["mapped"], "weak")
            self.assertEqual([a["upstream_model"] for a in record["attempts"]], attempts)

    def test_a_profile_limits_channels_and_models(self):
        other = self.start_fake("other")
        tagged = self.new_channel(self.gateway, other, [CHAT, REASONER], tags=["paid"])
        by_tag, _ = self.wear(self.new_profile("paid", [], channel_tags=["paid"]))
        by_id, _ = self.wear(self.new_profile("own", [], channel_ids=[self.channel["id"]]))
        for number in range(8):
            self.assertEqual(self.ask(by_tag, CHAT, f"t{number}").status, 200)
            self.assertEqual(self.ask(by_id, CHAT, f"t{number}").status, 200)
        self.assertEqual(other.stats()["requests"], 8)
        self.assertEqual(self.fake.stats()["requests"], 8)
        limited, limited_id = self.wear(self.new_profile("chat", [], model_ids=[CHAT]))
        self.assertEqual(self.ask(limited, CHAT).status, 200)
        self.assertEqual(self.ask(limited, REASONER).status, 503)
        explained = self.admin.post("route/explain", {"key_id": limited_id, "model": REASONER})
        self.assertEqual(explained["order"], [])
        self.assertIn("not_allowed_by_profile", explained["candidates"][0]["reasons"])
        self.assertEqual(tagged["tags"], ["paid"])

    def test_models_are_those_that_the_key_can_ask_for(self):
        key, _ = self.wear(self.new_profile("only", RULES, model_ids=[CHAT, REASONER]))
        answer = self.gateway.request("GET", "/v1/models", {"x-api-key": key})
        names = [m["id"] for m in answer.json()["data"]]
        self.assertEqual(sorted(names), ["claude-sonnet-4-5", CHAT, REASONER])

    def test_explain_maps_as_the_route_does(self):
        profile = self.new_profile("cheap", RULES)
        _, key_id = self.wear(profile)
        asked = {"key_id": key_id, "model": "claude-haiku-4-5"}
        explained = self.admin.post("route/explain", asked)
        self.assertEqual(
            explained["model"],
            {"requested": "claude-haiku-4-5", "mapped": [CHAT], "profile": profile["id"]},
        )
        self.assertEqual(explained["order"], [self.channel["id"]])
        without = self.admin.post("route/explain", {**asked, "profile": ""})
        self.assertEqual(without["order"], [])

    def test_mistakes_are_refused_or_warned_of(self):
        for rule, pointer in (
            ({"from": "claude-(", "to": "x"}, "/model_mappings/0"),
            ({"from": "*-sonnet", "to": "x"}, "/model_mappings/0"),
            ({"from": "a", "to": []}, "/model_mappings/0"),
            ({"from": "a(b)", "to": "\\2"}, "/model_mappings/0"),
        ):
            with self.subTest(rule), self.assertRaises(AdminError) as refused:
                self.new_profile("bad", [rule])
            self.assertEqual(refused.exception.response.status, 400)
            self.assertEqual(refused.exception.response.json()["errors"][0]["pointer"], pointer)
        glob = self.new_profile("glob", [{"from": "claude-*", "to": CHAT}])
        self.assertIn("did you mean claude-.*", glob["warnings"][0]["detail"])
        with self.assertRaises(AdminError) as taken:
            self.new_profile("GLOB", [])
        self.assertEqual(taken.exception.response.status, 409)
        _, key_id = self.wear(glob)
        self.assertEqual(self.admin.get(f"profiles/{glob['id']}")["used_by"], [key_id])
        with self.assertRaises(AdminError):
            self.admin.delete(f"profiles/{glob['id']}")
        self.admin.patch(f"keys/{key_id}", {"profile_ids": [], "active_profile_id": None})
        self.admin.delete(f"profiles/{glob['id']}")


if __name__ == "__main__":
    unittest.main()
