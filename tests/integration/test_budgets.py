"""What a key may do: its limits, its budgets, its profile's quota, and what it all costs."""

import contextlib
import threading
import time
import unittest
from decimal import Decimal

import bodies
from admin import AdminError
from harness import PATIENCE, IntegrationTest, wait_until

MODEL = "claude-opus-5-5"
DAY = {"type": "calendar_duration", "unit": "day"}
ALL_TIME = {"type": "all_time"}


def budget(amount, unit="requests", period=ALL_TIME, **more):
    return {"amount": amount, "unit": unit, "period": period, **more}


class BudgetTest(IntegrationTest):
    def setUp(self):
        super().setUp()
        self.fake = self.start_fake()
        self.gateway = self.start_gateway()
        self.admin = self.gateway.admin
        self.channel = self.new_channel(self.gateway, self.fake, [MODEL, "unpriced"])

    def make_key(self, **more):
        """A key's secret and its id."""
        made = self.admin.create_key(**more)
        self.secrets.add(made["key"])
        return made["key"], made["id"]

    def ask(self, key, model=MODEL, path="/v1/messages", **more):
        return self.gateway.request(
            "POST", path, {"x-api-key": key}, bodies.message(model, **more)
        )

    def ask_at_once(self, count, key, **more):
        """So many requests side by side; their answers."""
        answers, gate = [], threading.Barrier(count)

        def one():
            gate.wait()
            answers.append(self.ask(key, **more))

        threads = [threading.Thread(target=one) for _ in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return answers

    def left(self, key_id):
        return self.admin.get(f"keys/{key_id}/budget")["items"]

    def settled(self, key_id, which=0):
        """What is left once nothing is reserved any more."""
        wait_until(lambda: self.left(key_id)[which]["reserved"] in (0, "0"), "all is settled")
        return self.left(key_id)[which]

    def records(self, reason, count=1):
        """The records with this reason once there are so many: they follow the answers."""

        def all_of_them():
            found = [r for r in self.admin.items("requests") if r["reason"] == reason]
            return found if len(found) >= count else None

        return wait_until(all_of_them, f"{count} records with {reason}")

    def assert_billing_error(self, answer):
        self.assertEqual(answer.status, 429, answer.body)
        self.assertEqual(answer.json()["type"], "error")
        self.assertEqual(answer.json()["error"]["type"], "billing_error")
        self.assertEqual(answer.header("x-should-retry"), "false")
        self.assertEqual(self.gateway.admin.record(answer)["status"], "failed")


class Budgets(BudgetTest):
    def test_requests_are_exact_under_parallelism(self):
        key, key_id = self.make_key(budgets=[budget(7, period=DAY)])
        self.fake.config(delay_ms=50)
        for stream in (False, True):
            answers = self.ask_at_once(50, key, stream=stream)
            good = [a for a in answers if a.status == 200]
            self.assertEqual(len(good), 0 if stream else 7)
            for answer in answers:
                if answer.status != 200:
                    self.assert_billing_error(answer)
        refused = self.ask(key)
        self.assertIn(int(refused.header("retry-after")), range(1, 86_401))
        self.assertIn(b"7 requests (calendar day in UTC)", refused.body)
        self.assertEqual(self.fake.stats()["requests"], 7)
        left = self.settled(key_id)
        self.assertEqual((left["spent"], left["remaining"], left["amount"]), (7, 0, 7))
        self.assertTrue(left["resets_at"].endswith("T00:00:00.000Z"))
        for record in self.records("budget_exhausted", 94):
            self.assertEqual((record["status"], record["http_status"]), ("failed", 429))
            self.assertEqual(record["attempts"], [])

    def test_counters_survive_a_restart(self):
        key, key_id = self.make_key(budgets=[budget(5), budget(10_000_000, "tokens")])
        for _ in range(3):
            self.assertEqual(self.ask(key).status, 200)
        before = [self.settled(key_id, 0)["spent"], self.settled(key_id, 1)["spent"]]
        self.gateway.stop()
        self.gateway = self.gateway.restarted()
        self.adopt(self.gateway)
        self.admin = self.gateway.admin
        self.assertEqual([item["spent"] for item in self.left(key_id)], before)
        self.assertEqual(before[0], 3)
        self.assertGreater(before[1], 0)
        statuses = sorted(a.status for a in self.ask_at_once(10, key))
        self.assertEqual(statuses, [200] * 2 + [429] * 8)

    def test_a_restart_under_load_loses_nothing_that_was_answered(self):
        key, key_id = self.make_key(budgets=[budget(1000)])
        answers = self.ask_at_once(30, key)
        self.assertEqual({a.status for a in answers}, {200})
        self.gateway.stop()
        self.gateway = self.gateway.restarted()
        self.adopt(self.gateway)
        self.admin = self.gateway.admin
        self.assertEqual(self.left(key_id)[0]["spent"], 30)

    def test_a_kill_loses_no_more_than_the_last_half_second(self):
        key, key_id = self.make_key(budgets=[budget(5)])
        for _ in range(2):
            self.assertEqual(self.ask(key).status, 200)
        self.settled(key_id)
        time.sleep(1.0 * PATIENCE)  # the promised time, and as much again
        self.gateway.kill()
        self.gateway = self.gateway.restarted()
        self.adopt(self.gateway)
        self.admin = self.gateway.admin
        self.assertEqual(self.left(key_id)[0]["spent"], 2)

    def test_what_no_channel_took_is_given_back(self):
        key, key_id = self.make_key(budgets=[budget(1)])
        self.admin.post(f"channels/{self.channel['id']}/disable")
        self.assertIn(self.ask(key).status, (503, 529))
        self.assertEqual(self.settled(key_id)["spent"], 0)
        self.admin.post(f"channels/{self.channel['id']}/enable")
        self.assertEqual(self.ask(key).status, 200)
        self.assert_billing_error(self.ask(key))

    def test_a_client_that_leaves_settles_too(self):
        key, key_id = self.make_key(
            budgets=[budget(100_000, "tokens")], limits={"max_concurrent": 1}
        )
        self.fake.config(interval_ms=200, delta_count=50)
        with self.gateway.connect() as wire:
            wire.send_request(
                "POST", "/v1/messages", {"x-api-key": key}, bodies.message(MODEL, stream=True)
            )
            wire.read_until(b"content_block_start")
            self.assertGreater(self.left(key_id)[0]["reserved"], 0)
            self.assertEqual(self.ask(key).status, 429)
        left = self.settled(key_id)
        self.assertGreaterEqual(left["spent"], 1000, "at least what was reserved")
        self.fake.reset()
        self.assertEqual(self.ask(key).status, 200)

    def test_tokens_stop_when_they_are_used_up(self):
        key, key_id = self.make_key(budgets=[budget(50, "tokens")])
        first = self.ask(key, text="word " * 100)
        self.assertEqual(first.status, 200)
        usage = first.json()["usage"]
        total = sum(
            usage[name]
            for name in (
                "input_tokens",
                "cache_creation_input_tokens",
                "cache_read_input_tokens",
                "output_tokens",
            )
        )
        left = self.settled(key_id)
        self.assertEqual(left["spent"], total)
        self.assertGreater(total, 50, "one request may overshoot")
        self.assertEqual(left["remaining"], 0)
        refused = self.ask(key)
        self.assert_billing_error(refused)
        self.assertIsNone(refused.header("retry-after"), "all time never resets")

    def test_money_is_counted_as_the_records_say(self):
        key, key_id = self.make_key(budgets=[budget("1.50", "usd", soft_at=0.5)])
        self.admin.call(
            "PUT",
            "prices",
            {"items": [{"model": MODEL, "input": "1000", "output": "2000.5", "cache_read": "10"}]},
        )
        asked = 0
        while self.ask(key, stream=asked % 2 == 1).status == 200:
            asked += 1
            self.settled(key_id)
            self.assertLess(asked, 500)
        self.assertGreater(asked, 0)

        def all_costs():
            costs = [r["cost"] for r in self.admin.items("requests") if r["cost"]]
            return costs if len(costs) >= asked else None

        costs = wait_until(all_costs, "all are on record with their cost")
        self.assertEqual(len(costs), asked)
        spent = Decimal(self.left(key_id)[0]["spent"])
        self.assertEqual(spent, sum(Decimal(c["total"]) for c in costs))
        self.assertGreaterEqual(spent, Decimal("1.5"))
        for cost in costs:
            self.assertEqual(cost["price_version"], "prices-1")
            self.assertEqual(
                Decimal(cost["total"]), sum(Decimal(x) for x in cost["by_class"].values())
            )
        self.assertTrue(self.left(key_id)[0]["soft_reached"])
        wait_until(lambda: "budget.soft_limit" in self.gateway.output(), "the log tells it")

    def test_a_new_amount_counts_at_once_and_keeps_what_was_spent(self):
        key, key_id = self.make_key(budgets=[budget(1)])
        self.assertEqual(self.ask(key).status, 200)
        self.assert_billing_error(self.ask(key))
        self.admin.patch(f"keys/{key_id}", {"budgets": [budget(2)]})
        self.assertEqual(self.ask(key).status, 200)
        self.assert_billing_error(self.ask(key))
        self.admin.patch(f"keys/{key_id}", {"budgets": []})
        self.assertEqual(self.left(key_id), [])
        self.assertEqual(self.ask(key).status, 200)
        self.admin.patch(f"keys/{key_id}", {"budgets": [budget(1)]})
        self.assertEqual(self.ask(key).status, 200, "set anew, it starts from nothing")

    def test_count_tokens_needs_no_budget(self):
        key, key_id = self.make_key(budgets=[budget(1)])
        self.assertEqual(self.ask(key).status, 200)
        self.assert_billing_error(self.ask(key))
        self.assertEqual(self.ask(key, path="/v1/messages/count_tokens").status, 200)
        self.assertEqual(self.settled(key_id)["spent"], 1)


class KeyLimits(BudgetTest):
    def assert_rate_limited(self, answer):
        self.assertEqual(answer.status, 429, answer.body)
        self.assertEqual(answer.json()["error"]["type"], "rate_limit_error")
        self.assertIsNone(answer.header("x-should-retry"))

    def test_requests_per_minute_are_exact(self):
        key, _ = self.make_key(limits={"rpm": 4})
        answers = self.ask_at_once(20, key)
        self.assertEqual(sorted(a.status for a in answers), [200] * 4 + [429] * 16)
        refused = self.ask(key)
        self.assert_rate_limited(refused)
        self.assertIn(int(refused.header("retry-after")), range(1, 61))
        self.assertEqual(len(self.records("key_rate_limit", 17)), 17)
        self.assert_rate_limited(self.ask(key, path="/v1/messages/count_tokens"))

    def test_requests_at_once_are_exact(self):
        key, _ = self.make_key(limits={"max_concurrent": 3})
        self.fake.config(interval_ms=1000, delta_count=1000)  # who is let in stays
        with contextlib.ExitStack() as stay:
            wires = [stay.enter_context(self.gateway.connect()) for _ in range(12)]
            for wire in wires:
                body = bodies.message(MODEL, stream=True)
                wire.send_request("POST", "/v1/messages", {"x-api-key": key}, body)
            heads = [(wire, wire.read_head()) for wire in wires]
            self.assertEqual(sorted(h.status for _, h in heads), [200] * 3 + [429] * 9)
            for wire, head in heads:
                if head.status == 429:
                    head.body = b"".join(wire.body_pieces(head))
                    self.assert_rate_limited(head)
            self.assertEqual(len(self.records("key_concurrency", 9)), 9)
        self.fake.reset()
        wait_until(lambda: self.ask(key).status == 200, "there is room again")

    def test_tokens_per_minute_have_their_limit(self):
        key, _ = self.make_key(limits={"tpm": 10})
        self.assertEqual(self.ask(key).status, 200)
        self.assert_rate_limited(self.ask(key))

    def test_senseless_ones_are_refused_by_their_field(self):
        cases = [
            ({"limits": {"rpm": 0}}, "/limits/rpm"),
            ({"limits": {"speed": 1}}, "/limits/speed"),
            ({"budgets": [budget(0)]}, "/budgets/0"),
            ({"budgets": [budget(1.5)]}, "/budgets/0"),
            ({"budgets": [budget("-1", "usd")]}, "/budgets/0/amount"),
            ({"budgets": [budget("1e3", "usd")]}, "/budgets/0/amount"),
            ({"budgets": [budget(1, "eur")]}, "/budgets/0/unit"),
            ({"budgets": [budget(1), budget(2)]}, "/budgets/1"),
            ({"budgets": [{"amount": 1, "unit": "usd"}]}, "/budgets/0/period"),
            ({"budgets": [budget(1, period={"type": "week"})]}, "/budgets/0/period/type"),
            (
                {"budgets": [budget(1, period={**DAY, "time_zone": "Mars/Base"})]},
                "/budgets/0/period/time_zone",
            ),
            (
                {"budgets": [budget(1, period={"type": "past_duration", "unit": "day"})]},
                "/budgets/0/period/value",
            ),
        ]
        for fields, pointer in cases:
            with self.subTest(fields), self.assertRaises(AdminError) as refused:
                self.admin.create_key(**fields)
            self.assertEqual(refused.exception.response.json()["errors"][0]["pointer"], pointer)

    def test_what_was_shown_can_be_sent_back(self):
        period = {"type": "calendar_duration", "unit": "month", "time_zone": "Europe/Berlin"}
        _, key_id = self.make_key(
            limits={"rpm": 9, "tpm": 8, "max_concurrent": 7},
            budgets=[budget("0.000000000001", "usd", period, soft_at=0.8), budget(3)],
        )
        shown = self.admin.get(f"keys/{key_id}")
        self.assertEqual(shown["limits"], {"rpm": 9, "tpm": 8, "max_concurrent": 7})
        self.assertEqual(shown["budgets"][0]["amount"], "0.000000000001")
        self.assertEqual(shown["budgets"][0]["period"], period)
        self.assertEqual(shown["budgets"][0]["soft_at"], 0.8)
        again = self.admin.patch(f"keys/{key_id}", shown)
        self.assertEqual(again, shown)


class Quotas(BudgetTest):
    def new_profile(self, name, **more):
        return self.admin.post("profiles", {"name": name, **more})["id"]

    def test_a_profiles_quota_switches_with_the_profile(self):
        small = self.new_profile("small", quota={"requests": 1, "period": DAY})
        large = self.new_profile("large", quota={"requests": 3, "period": DAY})
        free = self.new_profile("free")
        key, key_id = self.make_key(profile_ids=[small, large, free], active_profile_id=small)

        def wear(profile):
            self.admin.patch(f"keys/{key_id}", {"active_profile_id": profile})

        self.assertEqual(self.ask(key).status, 200)
        refused = self.ask(key)
        self.assert_billing_error(refused)
        self.assertEqual(len(self.records("quota_exhausted")), 1)
        wear(large)
        self.assertEqual([self.ask(key).status for _ in range(4)], [200, 200, 200, 429])
        self.assertEqual(self.left(key_id)[0]["profile"], large)
        wear(free)
        self.assertEqual(self.left(key_id), [])
        self.assertEqual(self.ask(key).status, 200)

    def test_each_key_has_the_quota_to_itself(self):
        shared = self.new_profile("shared", quota={"requests": 1, "period": ALL_TIME})
        for _ in range(2):
            key, _ = self.make_key(profile_ids=[shared], active_profile_id=shared)
            self.assertEqual(self.ask(key).status, 200)
            self.assert_billing_error(self.ask(key))

    def test_a_quota_can_be_changed_and_taken_away(self):
        profile = self.new_profile("p", quota={"total_tokens": 1, "cost": "5", "period": DAY})
        shown = self.admin.get(f"profiles/{profile}")
        self.assertEqual(shown["quota"]["period"], {**DAY, "time_zone": "UTC"})
        key, key_id = self.make_key(profile_ids=[profile], active_profile_id=profile)
        self.assertEqual(self.ask(key).status, 200)
        self.assert_billing_error(self.ask(key))
        self.assertEqual([b["unit"] for b in self.left(key_id)], ["tokens", "usd"])
        self.admin.patch(f"profiles/{profile}", {"quota": {"total_tokens": 10_000_000}})
        self.assertEqual(self.ask(key).status, 200)
        self.admin.patch(f"profiles/{profile}", {"quota": None})
        self.assertIsNone(self.admin.get(f"profiles/{profile}")["quota"])
        self.assertEqual(self.left(key_id), [])


class OwnKey(BudgetTest):
    def own(self, key, **headers):
        answer = self.gateway.request("GET", "/v1/key", {"x-api-key": key, **headers})
        return answer.status, answer.json()

    def test_clients_see_what_is_left(self):
        profile = self.admin.post(
            "profiles", {"name": "p", "quota": {"requests": 9, "period": ALL_TIME}}
        )["id"]
        key, key_id = self.make_key(
            name="laptop",
            limits={"rpm": 50},
            budgets=[budget(4, period=DAY), budget("10", "usd")],
            profile_ids=[profile],
            active_profile_id=profile,
        )
        self.ask(key)
        self.settled(key_id)
        status, shown = self.own(key)
        self.assertEqual(status, 200)
        self.assertEqual(shown["name"], "laptop")
        self.assertEqual(shown["profile"], {"id": profile, "name": "p"})
        self.assertIn(MODEL, shown["models"])
        self.assertEqual(shown["limits"], {"rpm": 50})
        rest = {(b["source"], b["unit"]): b["remaining"] for b in shown["budgets"]}
        self.assertEqual(rest["key", "requests"], 3)
        self.assertEqual(rest["profile", "requests"], 8)
        self.assertLess(Decimal(rest["key", "usd"]), 10)
        self.assertNotIn(key, str(shown))

    def test_a_key_without_limits_has_its_page_too(self):
        key, key_id = self.make_key(name="free")
        status, shown = self.own(key)
        self.assertEqual((status, shown["budgets"], shown["profile"]), (200, [], None))
        self.assertEqual(self.left(key_id), [])

    def test_needs_a_key(self):
        self.assertEqual(self.own("ah-nobody")[0], 401)
        self.assertEqual(self.admin.raw("GET", "keys/nobody/budget").status, 404)


class Prices(BudgetTest):
    def test_defaults_are_there_and_dated(self):
        prices = self.admin.get("prices")
        row = next(p for p in prices["items"] if p["model"] == MODEL)
        self.assertEqual(row["source"], "default")
        self.assertGreater(Decimal(row["output"]), Decimal(row["input"]))
        key, _ = self.make_key()
        cost = self.admin.record(self.ask(key))["cost"]
        self.assertRegex(cost["price_version"], r"^defaults-\d{4}-\d\d-\d\d$")
        self.assertGreater(Decimal(cost["total"]), 0)
        self.assertIsNone(self.admin.record(self.ask(key, model="unpriced"))["cost"])

    def test_they_are_replaced_as_a_whole_and_guarded(self):
        row = {
            "model": "unpriced",
            "channel": self.channel["id"],
            "effective_from": "2026-01-01T00:00:00.000Z",
            "tier_above": None,
            "input": "0.000001",
            "output": "15",
            "cache_read": "0.3",
            "cache_write_5m": "3.75",
            "cache_write_1h": "6",
        }
        first = self.admin.raw("PUT", "prices", {"items": [row]})
        self.assertEqual(first.status, 200, first.body)
        self.assertEqual(first.json()["items"][0], {**row, "source": "operator"})
        stale = self.admin.raw("PUT", "prices", {"items": []}, {"if-match": '"0"'})
        self.assertEqual(stale.status, 412)
        again = self.admin.raw("PUT", "prices", first.json(), {"if-match": first.header("etag")})
        self.assertEqual(again.status, 200, again.body)
        self.assertEqual(again.json()["items"], first.json()["items"])
        key, _ = self.make_key()
        cost = self.admin.record(self.ask(key, model="unpriced"))["cost"]
        self.assertEqual(cost["price_version"], "prices-2")
        self.gateway.stop()
        self.gateway = self.gateway.restarted()
        self.adopt(self.gateway)
        self.assertEqual(self.gateway.admin.get("prices"), again.json())

    def test_senseless_ones_are_refused_by_their_field(self):
        good = {"model": "m", "input": "1", "output": "2"}
        cases = [
            ({"items": [{**good, "input": "0.0000001"}]}, "/items/0/input"),
            ({"items": [{**good, "input": "free"}]}, "/items/0/input"),
            ({"items": [{**good, "inputt": "1"}]}, "/items/0/inputt"),
            ({"items": [{"model": "m", "input": "1"}]}, "/items/0/output"),
            ({"items": [{**good, "model": "("}]}, "/items/0"),
            ({}, "/items"),
        ]
        for body, pointer in cases:
            with self.subTest(body):
                answer = self.admin.raw("PUT", "prices", body)
                self.assertEqual(answer.status, 400)
                self.assertEqual(answer.json()["errors"][0]["pointer"], pointer)
        for items in ([good, good], [{**good, "channel": "ch_nowhere"}]):
            self.assertEqual(self.admin.raw("PUT", "prices", {"items": items}).status, 400)


if __name__ == "__main__":
    unittest.main()
