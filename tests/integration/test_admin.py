"""The admin API keeps its contract."""

import os
import re
import stat
import threading
import unittest

import bodies
from harness import ADMIN_TOKEN, PROVIDER_KEY, Gateway, IntegrationTest, wait_until
from stub_provider import json_answer

MODEL = "claude-opus-5-5"


class AdminTest(IntegrationTest):
    def setUp(self):
        super().setUp()
        self.fake = self.start_fake()
        self.gateway = self.start_gateway()
        self.admin = self.gateway.admin

    def assert_problem(self, response, status, pointer=None):
        self.assertEqual(response.status, status, response.body)
        self.assertTrue(response.header("content-type").startswith("application/problem+json"))
        problem = response.json()
        self.assertEqual(problem["status"], status)
        self.assertTrue(problem["title"])
        if pointer:
            pointers = [error["pointer"] for error in problem["errors"]]
            self.assertTrue(any(pointer in p for p in pointers), problem)
        return problem


class Access(AdminTest):
    def test_a_wrong_token_gets_one_constant_answer(self):
        bodies_seen = set()
        for headers in (
            {"authorization": "Bearer wrong"},
            {"authorization": f"Bearer {ADMIN_TOKEN}x"},
            {"authorization": f"Bearer {ADMIN_TOKEN[:-1]}"},
            {"authorization": f"Basic {ADMIN_TOKEN}"},
            {"x-api-key": ADMIN_TOKEN, "authorization": ""},
            {"authorization": ""},
        ):
            for path in ("/admin/api/keys", "/admin/api/status", "/admin/api/channels/x"):
                answer = self.gateway.request("GET", path, headers)
                self.assertEqual(answer.status, 401, path)
                bodies_seen.add(answer.body)
        self.assertEqual(len(bodies_seen), 1, bodies_seen)

    def test_a_client_key_is_no_admin_token(self):
        key = self.new_key(self.gateway)
        answer = self.gateway.request(
            "GET", "/admin/api/keys", {"authorization": f"Bearer {key}"}
        )
        self.assertEqual(answer.status, 401)
        self.assertEqual(
            self.gateway.request(
                "POST", "/v1/messages", {"x-api-key": ADMIN_TOKEN}, bodies.message(MODEL)
            ).status,
            401,
        )

    def test_without_a_token_the_first_start_writes_one(self):
        gateway = self.start_gateway(token=None)
        path = os.path.join(gateway.db_path, "setup-token")
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        with open(path, encoding="utf-8") as file:
            token = file.read().strip()
        self.assertGreaterEqual(len(token), 32)
        self.secrets.add(token)
        self.assertIn(path, gateway.output())
        gateway.token = token
        self.assertEqual(len(gateway.admin.items("projects")), 1)
        gateway.kill()
        again = Gateway(gateway.db_path, token=None).wait_ready()
        self.adopt(again)
        again.token = token
        self.assertEqual(len(again.admin.items("projects")), 1)

    def test_with_a_token_there_is_no_setup_token(self):
        self.assertFalse(os.path.exists(os.path.join(self.gateway.db_path, "setup-token")))


class Resources(AdminTest):
    def test_projects(self):
        known = self.admin.items("projects")
        self.assertEqual([p["name"] for p in known], ["default"])
        made = self.admin.post("projects", {"name": "team"})
        self.assertRegex(made["created_at"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
        self.assertEqual(self.admin.get(f"projects/{made['id']}"), made)
        renamed = self.admin.patch(f"projects/{made['id']}", {"name": "crew"})
        self.assertEqual((renamed["id"], renamed["name"]), (made["id"], "crew"))
        self.admin.delete(f"projects/{made['id']}")
        self.assert_problem(self.admin.raw("GET", f"projects/{made['id']}"), 404)

    def test_keys(self):
        made = self.admin.create_key("laptop", labels={"team": "a"})
        self.secrets.add(made["key"])
        self.assertRegex(made["key"], r"^ah-[A-Za-z0-9_-]{43}$")
        self.assertTrue(made["enabled"])
        self.assertEqual(made["labels"], {"team": "a"})
        shown = self.admin.get(f"keys/{made['id']}")
        self.assertNotIn("key", shown)
        self.assertTrue(made["key"].startswith(shown["prefix"]))
        self.assertLess(len(shown["prefix"]), 20)
        self.assertNotIn(made["key"], self.admin.raw("GET", "keys").body.decode())

        self.new_channel(self.gateway, self.fake, [MODEL])

        def ask(key=made["key"]):
            headers = {"x-api-key": key}
            return self.gateway.request("POST", "/v1/messages", headers, bodies.message(MODEL))

        self.assertEqual(ask().status, 200)
        self.admin.patch(f"keys/{made['id']}", {"enabled": False})
        self.assertEqual(ask().status, 401, "the next request sees a change")
        self.admin.patch(f"keys/{made['id']}", {"enabled": True})
        self.assertEqual(ask().status, 200)
        self.admin.delete(f"keys/{made['id']}")
        self.assertEqual(ask().status, 401)

    def test_a_given_key_is_kept(self):
        own = "sk-own-key-that-a-client-already-has-0001"
        self.secrets.add(own)
        made = self.admin.create_key("imported", key=own)
        self.new_channel(self.gateway, self.fake, [MODEL])
        answer = self.gateway.request(
            "POST", "/v1/messages", {"authorization": f"Bearer {own}"}, bodies.message(MODEL)
        )
        self.assertEqual(answer.status, 200)
        again = self.admin.raw("POST", "keys", {"name": "twin", "key": own})
        self.assertIn(again.status, (400, 409))
        self.assertTrue(made["id"])

    def test_keys_rotate_with_an_overlap(self):
        made = self.admin.create_key("rotates")
        self.secrets.add(made["key"])
        self.new_channel(self.gateway, self.fake, [MODEL])

        def status(key):
            return self.gateway.request(
                "POST", "/v1/messages", {"x-api-key": key}, bodies.message(MODEL)
            ).status

        second = self.admin.post(f"keys/{made['id']}/rotate", {"overlap_ms": 60_000})["key"]
        self.secrets.add(second)
        self.assertEqual([status(made["key"]), status(second)], [200, 200])
        third = self.admin.post(f"keys/{made['id']}/rotate", {"overlap_ms": 0})["key"]
        self.secrets.add(third)
        self.assertEqual([status(second), status(third)], [401, 200])

    def test_channels(self):
        made = self.admin.create_channel(self.fake.url, [MODEL], enable=False, api_key=PROVIDER_KEY)
        self.assertEqual(made["status"], "disabled")
        self.assertEqual(made["supported_models"], [MODEL])
        credential = made["credentials"][0]
        self.assertEqual(credential["hint"], PROVIDER_KEY[-4:])
        self.assertNotIn("value", credential)
        self.assertEqual(self.admin.post(f"channels/{made['id']}/enable")["status"], "enabled")
        changed = self.admin.patch(f"channels/{made['id']}", {"weight": 7, "tags": ["fast"]})
        self.assertEqual((changed["weight"], changed["tags"]), (7, ["fast"]))
        self.assertEqual(changed["supported_models"], [MODEL], "a merge keeps the rest")
        self.assertEqual(
            [c["id"] for c in self.admin.items("channels", tag="fast")], [made["id"]]
        )
        self.assertEqual(self.admin.items("channels", tag="slow"), [])
        self.assertEqual(self.admin.post(f"channels/{made['id']}/disable")["status"], "disabled")
        self.admin.delete(f"channels/{made['id']}")
        self.assert_problem(self.admin.raw("GET", f"channels/{made['id']}"), 404)

    def test_a_channel_in_use_is_read_changed_and_written(self):
        asked, due = threading.Event(), threading.Event()
        self.addCleanup(due.set)

        def answer(head, body):
            asked.set()
            due.wait()
            return json_answer(429, {"type": "error", "error": {"type": "x", "message": "no"}})

        stub = self.start_stub(answer)
        path = f"channels/{self.new_channel(self.gateway, stub, ['m'])['id']}"
        key = self.new_key(self.gateway)
        idle = self.admin.get(path)
        with self.gateway.connect() as wire:
            wire.send_request("POST", "/v1/messages", {"x-api-key": key}, bodies.message("m"))
            asked.wait(10)
            wait_until(lambda: self.admin.get(path)["health"]["in_flight"] == 1, "it runs")
            self.assertEqual(self.admin.patch(path, {**idle, "weight": 50})["weight"], 50)
            due.set()
            self.assertEqual(wire.read_response().status, 429)

        def resting():
            found = self.admin.get(path)
            return found["credentials"][0]["status"] != "ok" and found

        rests = wait_until(resting, "its credential rests")
        changed = self.admin.patch(path, {**idle, "weight": 60})
        self.assertEqual(changed["weight"], 60)
        for found in (changed, rests):  # by two clocks: a millisecond more or less
            found["credentials"][0].pop("until")
        self.assertEqual(changed["credentials"], rests["credentials"])
        for wrong in ({"status": "archived"}, {"id": "ch_1"}, {"credentials": []}):
            refused = self.admin.raw("PATCH", path, wrong)
            self.assertEqual(refused.status, 400, wrong)
            self.assertIn("cannot be set", refused.json()["detail"])

    def test_credentials(self):
        channel = self.new_channel(self.gateway, self.fake, [MODEL])
        path = f"channels/{channel['id']}/credentials"
        second = "sk-second-provider-key-secret-9b2c"
        self.secrets.add(second)
        made = self.admin.post(path, {"name": "second", "value": second})
        self.assertEqual(made["hint"], second[-4:])
        self.assertNotIn(second, self.admin.raw("GET", path).body.decode())
        first = self.admin.get(path)["items"][0]
        self.admin.post(f"{path}/{first['id']}/disable")
        key = self.new_key(self.gateway)
        headers = {"x-api-key": key}
        self.gateway.request("POST", "/v1/messages", headers, bodies.message(MODEL))
        self.assertEqual(self.fake.stats()["by_key"], {second: 1})
        self.admin.delete(f"{path}/{made['id']}")
        self.assertEqual(len(self.admin.get(path)["items"]), 1)

    def test_wrong_fields_are_named(self):
        for path, body, pointer in (
            ("projects", {"name": "x", "colour": "red"}, "colour"),
            ("keys", {"name": "x", "enbled": True}, "enbled"),
            ("channels", {"name": "x", "type": "anthropic", "base_urll": "y"}, "base_urll"),
            ("channels", {"name": "x", "type": "no-such-type", "base_url": "http://x"}, "type"),
            ("channels", {"name": "x", "type": "anthropic", "weight": "heavy"}, "weight"),
        ):
            with self.subTest(pointer):
                self.assert_problem(self.admin.raw("POST", path, body), 400, pointer)

    def test_wrong_bodies_are_refused(self):
        for body in (b"", b"{", b"[]", b"null", b'{"name":"a","name":"b"}', b"\xff"):
            with self.subTest(body):
                self.assert_problem(self.admin.raw("POST", "projects", body), 400)

    def test_unknown_ids_and_routes_are_not_found(self):
        for path in ("keys/none", "channels/none", "no-such-resource"):
            self.assert_problem(self.admin.raw("GET", path), 404)
        self.assertEqual(self.admin.raw("PUT", "projects", {}).status, 405)

    def test_a_lost_update_is_refused(self):
        channel = self.new_channel(self.gateway, self.fake, [MODEL])
        path = f"channels/{channel['id']}"
        tag = self.admin.raw("GET", path).header("etag")
        self.assertTrue(tag)
        first = self.admin.raw("PATCH", path, {"weight": 2}, {"if-match": tag})
        self.assertEqual(first.status, 200)
        late = self.admin.raw("PATCH", path, {"weight": 3}, {"if-match": tag})
        self.assert_problem(late, 412)
        self.assertEqual(self.admin.get(path)["weight"], 2)

    def test_lists_come_in_pages(self):
        made = {self.admin.post("projects", {"name": f"p{n}"})["id"] for n in range(7)}
        seen, cursor, pages = [], None, 0
        while pages < 20:
            more = {"cursor": cursor} if cursor else {}
            page = self.admin.get("projects", limit=3, **more)
            self.assertLessEqual(len(page["items"]), 3)
            seen += [project["id"] for project in page["items"]]
            pages += 1
            cursor = page["next_cursor"]
            if not cursor:
                break
        self.assertEqual(len(seen), 8)
        self.assertEqual(len(set(seen)), 8)
        self.assertLessEqual(made, set(seen))
        self.assertEqual(self.admin.raw("GET", "projects?limit=501").status, 400)
        self.assertEqual(self.admin.raw("GET", "projects?cursor=nonsense").status, 400)


class Channels(AdminTest):
    def test_a_test_says_what_works(self):
        channel = self.new_channel(self.gateway, self.fake, [MODEL], enable=False)
        result = self.admin.post(f"channels/{channel['id']}/test", {"model": MODEL})
        self.assertTrue(result["ok"], result)
        self.assertEqual(result["http_status"], 200)
        self.assertEqual(result["model"], MODEL)
        self.assertTrue(result["url"].endswith("/v1/messages"))
        self.assertEqual(self.fake.stats()["requests"], 1)

    def test_a_test_says_what_fails(self):
        for fault, stage, status in (
            ("status-401", "auth", 401),
            ("notfound-model", "model", 404),
            ("html", "protocol", 200),
            ("429-60", "quota", 429),
        ):
            with self.subTest(fault):
                channel = self.new_channel(self.gateway, self.fake, [MODEL], enable=False)
                self.fake.config(fault=fault)
                result = self.admin.post(f"channels/{channel['id']}/test", {})
                self.assertFalse(result["ok"])
                self.assertEqual((result["stage"], result["http_status"]), (stage, status))
                self.assertTrue(result["message"])
        dead = self.start_fake("dead")
        channel = self.new_channel(self.gateway, dead, [MODEL], enable=False)
        dead.kill()
        result = self.admin.post(f"channels/{channel['id']}/test", {})
        self.assertEqual((result["ok"], result["stage"]), (False, "connect"))

    def test_a_draft_can_be_tested(self):
        draft = {
            "type": "anthropic",
            "name": "draft",
            "base_url": self.fake.url,
            "supported_models": [MODEL],
            "api_key": PROVIDER_KEY,
            "allow_private_network": True,
        }
        self.assertTrue(self.admin.post("channels/test", draft)["ok"])
        self.assertEqual(self.admin.items("channels"), [])

    def test_private_addresses_need_permission(self):
        draft = {
            "type": "anthropic",
            "name": "draft",
            "base_url": self.fake.url,
            "supported_models": [MODEL],
            "api_key": PROVIDER_KEY,
        }
        self.assertFalse(self.admin.post("channels/test", draft)["ok"])
        for url in ("http://169.254.169.254", "http://[fe80::1]:80"):
            refused = self.admin.raw(
                "POST",
                "channels/test",
                {**draft, "base_url": url, "allow_private_network": True},
            )
            self.assertTrue(refused.status == 400 or refused.json()["ok"] is False)
        self.assertEqual(self.fake.stats()["requests"], 0)

    def test_models_are_fetched(self):
        channel = self.new_channel(self.gateway, self.fake, [MODEL])
        found = self.admin.post(f"channels/{channel['id']}/fetch_models")
        self.assertIn("claude-sonnet-5-5", str(found))

    def test_health_names_the_trouble(self):
        channel = self.new_channel(self.gateway, self.fake, [MODEL])
        key = self.new_key(self.gateway)
        self.fake.config(fault="429-60")
        headers = {"x-api-key": key}
        answer = self.gateway.request("POST", "/v1/messages", headers, bodies.message(MODEL))
        self.assertEqual(answer.status, 429)
        credentials = self.admin.get(f"channels/{channel['id']}/credentials")["items"]
        self.assertEqual(credentials[0]["status"], "cooling")
        self.assertTrue(credentials[0]["until"])
        self.admin.get(f"channels/{channel['id']}/health")

    def test_types_are_listed(self):
        types = {t["type"] for t in self.admin.items("channel-types")}
        self.assertLessEqual({"anthropic", "claude-code"}, types)


class Routing(AdminTest):
    def test_explain_says_what_would_happen(self):
        first = self.new_channel(self.gateway, self.fake, [MODEL], name="a")
        off = self.new_channel(self.gateway, self.fake, [MODEL], name="b", enable=False)
        key = self.admin.create_key()
        self.secrets.add(key["key"])
        said = self.admin.post(
            "route/explain",
            {"key_id": key["id"], "model": MODEL, "dialect": "anthropic", "trace_id": "new"},
        )
        verdicts = {c["channel"]: c["verdict"] for c in said["candidates"]}
        self.assertEqual(verdicts[first["id"]], "eligible")
        self.assertEqual(said["order"], [first["id"]])
        self.assertEqual(verdicts.get(off["id"], "refused"), "refused")
        refused = [c for c in said["candidates"] if c["verdict"] == "refused"]
        self.assertTrue(all(c["reasons"] for c in refused))
        self.assertIsNone(self.admin.trace("new"), "asking changes nothing")
        self.assertEqual(self.fake.stats()["requests"], 0)

    def test_events_tell_what_happens(self):
        self.new_channel(self.gateway, self.fake, [MODEL])
        key = self.new_key(self.gateway)
        with self.gateway.connect() as wire:
            wire.send_request(
                "GET", "/admin/api/events", {"authorization": f"Bearer {ADMIN_TOKEN}"}
            )
            response = wire.read_head()
            self.assertEqual(response.status, 200)
            self.assertTrue(response.header("content-type").startswith("text/event-stream"))
            headers = {"x-api-key": key}
            self.gateway.request("POST", "/v1/messages", headers, bodies.message(MODEL))
            names = []
            for event in wire.read_events(response):
                names.append(event.name)
                if event.name == "request.finished":
                    break
        self.assertIn("request.started", names)
        self.assertLess(names.index("request.started"), names.index("request.finished"))

    def test_requests_can_be_filtered(self):
        self.new_channel(self.gateway, self.fake, [MODEL, "claude-haiku-5"])
        key = self.new_key(self.gateway)
        for model in (MODEL, MODEL, "claude-haiku-5"):
            self.gateway.request(
                "POST", "/v1/messages", {"x-api-key": key}, bodies.message(model)
            )
        wait_until(lambda: len(self.admin.items("requests")) == 3, "three requests on record")
        self.assertEqual(len(self.admin.items("requests", model="claude-haiku-5")), 1)
        self.assertEqual(len(self.admin.items("requests", status="failed")), 0)
        self.assertEqual(len(self.admin.items("requests", limit=1)), 3)

    def test_changes_are_audited_without_secrets(self):
        self.new_channel(self.gateway, self.fake, [MODEL])
        audit = self.admin.raw("GET", "audit")
        self.assertEqual(audit.status, 200)
        self.assertTrue(audit.json()["items"])
        self.assertNotIn(PROVIDER_KEY, audit.body.decode())


class Document(AdminTest):
    CONTRACT = [
        "GET /admin/api/projects",
        "POST /admin/api/projects",
        "PATCH /admin/api/projects/{}",
        "DELETE /admin/api/projects/{}",
        "GET /admin/api/keys",
        "POST /admin/api/keys",
        "GET /admin/api/keys/{}",
        "POST /admin/api/keys/{}/rotate",
        "GET /admin/api/channels",
        "POST /admin/api/channels",
        "PATCH /admin/api/channels/{}",
        "POST /admin/api/channels/{}/enable",
        "POST /admin/api/channels/{}/disable",
        "GET /admin/api/channels/{}/credentials",
        "POST /admin/api/channels/{}/credentials",
        "POST /admin/api/channels/{}/test",
        "POST /admin/api/channels/test",
        "GET /admin/api/channels/{}/health",
        "POST /admin/api/channels/{}/fetch_models",
        "GET /admin/api/channel-types",
        "POST /admin/api/route/explain",
        "GET /admin/api/bindings",
        "DELETE /admin/api/traces/{}/binding",
        "GET /admin/api/traces",
        "GET /admin/api/traces/{}",
        "GET /admin/api/traces/{}/requests",
        "GET /admin/api/traces/{}/timeline",
        "GET /admin/api/threads",
        "GET /admin/api/requests",
        "GET /admin/api/requests/{}",
        "GET /admin/api/events",
        "GET /admin/api/audit",
        "GET /admin/api/status",
    ]

    def routes(self):
        document = self.admin.get("openapi.json")
        self.assertTrue(document["openapi"].startswith("3."))
        return {
            f"{method.upper()} {re.sub(r'{[^}]*}', '{}', path)}"
            for path, methods in document["paths"].items()
            for method in methods
            if method in ("get", "put", "post", "patch", "delete")
        }

    def test_the_document_lists_every_route_of_the_contract(self):
        missing = [route for route in self.CONTRACT if route not in self.routes()]
        self.assertEqual(missing, [])

    def test_every_route_of_the_document_needs_the_token(self):
        for route in sorted(self.routes()):
            method, path = route.split(" ")
            if not path.startswith("/admin/api/") or path.endswith(("/session", "openapi.json")):
                continue
            with self.subTest(route):
                body = b"{}" if method in ("POST", "PUT", "PATCH") else None
                answer = self.gateway.request(method, path.replace("{}", "x"), None, body)
                self.assertEqual(answer.status, 401)

    def test_every_get_of_the_document_exists(self):
        for route in sorted(self.routes()):
            method, path = route.split(" ")
            if method != "GET" or "{}" in path or path.endswith("/events"):
                continue
            with self.subTest(route):
                self.assertNotIn(self.admin.raw("GET", path).status, (404, 405, 500, 501))


if __name__ == "__main__":
    unittest.main()
