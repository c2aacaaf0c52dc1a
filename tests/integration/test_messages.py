"""Same protocol in and out: bytes pass untouched but for what the gateway owns."""

import hashlib
import json
import unittest

import bodies
from harness import PROVIDER_KEY, IntegrationTest

UPSTREAM_MODEL = "claude-upstream-7"
HOP_BY_HOP = {"connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"}


class Passing(IntegrationTest):
    def setUp(self):
        super().setUp()
        self.fake = self.start_fake()
        self.gateway = self.start_gateway()
        self.key = self.new_key(self.gateway)
        self.new_channel(
            self.gateway,
            self.fake,
            ["claude-opus-5-5", UPSTREAM_MODEL],
            model_mappings=[{"from": "renamed", "to": UPSTREAM_MODEL}],
        )

    def ask(self, body, path="/v1/messages", **headers):
        return self.gateway.request(
            "POST", path, {"x-api-key": self.key, **headers}, body
        )

    def direct(self, body, path="/v1/messages"):
        return self.fake.request("POST", path, None, body)

    def seen_headers(self):
        seen = {}
        for name, value in self.fake.stats()["last"]["headers"]:
            seen.setdefault(name.lower(), []).append(value)
        return seen

    def test_answers_are_the_upstreams_bytes(self):
        for path in ("/v1/messages", "/anthropic/v1/messages"):
            for stream in (False, True):
                with self.subTest(path, stream=stream):
                    body = bodies.message(stream=stream)
                    answer = self.ask(body, path)
                    expected = self.direct(body)
                    self.assertEqual(answer.status, 200)
                    self.assertTrue(answer.complete)
                    self.assertEqual(answer.body, expected.body)
                    self.assertEqual(
                        answer.header("content-type"), expected.header("content-type")
                    )

    def test_a_renamed_model_is_the_only_difference(self):
        for stream in (False, True):
            with self.subTest(stream=stream):
                answer = self.ask(bodies.message("renamed", stream=stream))
                sent = self.fake.last_body()
                self.assertEqual(sent, bodies.message(UPSTREAM_MODEL, stream=stream))
                expected = self.direct(sent).body
                self.assertEqual(
                    answer.body, expected.replace(UPSTREAM_MODEL.encode(), b"renamed")
                )

    def test_large_streams_pass_whole(self):
        self.fake.config(delta_count=2000, delta_bytes=700)
        body = bodies.message(stream=True)
        self.assertEqual(self.ask(body).body, self.direct(body).body)

    def test_the_query_is_kept(self):
        self.ask(bodies.message(), "/v1/messages?beta=true")
        self.assertEqual(self.fake.stats()["last"]["target"], "/v1/messages?beta=true")
        self.ask(bodies.message(), "/anthropic/v1/messages?beta=true&x=%20y")
        self.assertEqual(self.fake.stats()["last"]["target"], "/v1/messages?beta=true&x=%20y")

    def test_anthropic_headers_are_forwarded(self):
        self.ask(
            bodies.message(),
            **{
                "anthropic-version": "2023-06-01",
                "anthropic-beta": "one-2025-01-01,two-2026-02-02",
                "anthropic-workspace-id": "wrk_1",
                "anthropic-made-up": "kept",
            },
        )
        seen = self.seen_headers()
        self.assertEqual(seen["anthropic-version"], ["2023-06-01"])
        self.assertEqual(seen["anthropic-beta"], ["one-2025-01-01,two-2026-02-02"])
        self.assertEqual(seen["anthropic-workspace-id"], ["wrk_1"])
        self.assertEqual(seen["anthropic-made-up"], ["kept"])

    def test_a_missing_version_is_supplied(self):
        self.ask(bodies.message())
        self.assertEqual(self.seen_headers()["anthropic-version"], ["2023-06-01"])

    def test_credentials_are_replaced(self):
        for headers in (
            {"x-api-key": self.key},
            {"authorization": f"Bearer {self.key}"},
            {"authorization": f"Bearer {self.key}", "x-api-key": self.key},
        ):
            with self.subTest(list(headers)):
                answer = self.gateway.request(
                    "POST", "/v1/messages", {**headers, "cookie": "a=b"}, bodies.message()
                )
                self.assertEqual(answer.status, 200)
                seen = self.seen_headers()
                self.assertEqual(seen["x-api-key"], [PROVIDER_KEY])
                self.assertNotIn("authorization", seen)
                self.assertNotIn("cookie", seen)
                self.assertNotIn(self.key, json.dumps(seen))

    def test_claude_code_channels_send_a_bearer_token(self):
        self.new_channel(self.gateway, self.fake, ["claude-oauth"], type="claude-code")
        self.ask(bodies.message("claude-oauth"))
        seen = self.seen_headers()
        self.assertEqual(seen["authorization"], [f"Bearer {PROVIDER_KEY}"])
        self.assertNotIn("x-api-key", seen)

    def test_hop_by_hop_headers_stay_behind(self):
        self.ask(
            bodies.message(),
            **{
                "connection": "keep-alive, x-private",
                "keep-alive": "timeout=5",
                "x-private": "1",
                "te": "trailers",
                "accept-encoding": "gzip, br",
            },
        )
        seen = self.seen_headers()
        self.assertFalse({"keep-alive", "te", "x-private"} & set(seen))
        self.assertEqual(seen.get("accept-encoding", ["identity"]), ["identity"])
        self.assertEqual(seen["host"], [f"127.0.0.1:{self.fake.port}"])
        for value in seen.get("connection", []):
            self.assertNotIn("x-private", value)

    def test_a_body_arrives_byte_for_byte(self):
        odd = (
            b'{ "unknown": {"b":1,"a":[1e400,-0,0.10,9007199254740993]},\n\t'
            b'"model" : "MODEL", "max_tokens":64,"x":"\\u00e9\\/\\ud83d\\ude00 \\u0041",'
            b'"messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"t",'
            b'"content":"' + b"0123456789abcdef" * 65536 + b'"},'
            b'{"type":"made_up","model":"inner"}]}],"tools":[],"a":1,"a":2}  \n'
        )
        for model, upstream in (
            (b"claude-opus-5-5", b"claude-opus-5-5"),
            (b"renamed", UPSTREAM_MODEL.encode()),
        ):
            with self.subTest(model):
                self.assertEqual(self.ask(odd.replace(b"MODEL", model)).status, 200)
                expected = odd.replace(b"MODEL", upstream)
                last = self.fake.stats()["last"]
                self.assertEqual(last["body_length"], len(expected))
                self.assertEqual(
                    last["body_sha256"], hashlib.sha256(expected).hexdigest()
                )

    def test_a_request_of_claude_code_passes(self):
        session = bodies.new_session()
        headers = bodies.claude_code_headers(session)
        body = bodies.message(stream=True, metadata={"user_id": bodies.user_id(session)})
        answer = self.ask(body, "/v1/messages?beta=true", **headers)
        self.assertEqual(answer.event_names()[-1], "message_stop")
        self.assertEqual(self.fake.last_body(), body)
        self.assertEqual(
            self.seen_headers()["anthropic-beta"], [headers["anthropic-beta"]]
        )

    def test_tool_loops_pass(self):
        self.new_channel(self.gateway, self.fake, ["claude-tools"])
        tools = [{"name": "Bash", "input_schema": {"type": "object"}}]
        body = json.loads(bodies.message("claude-tools", tools=tools))
        calls = self.ask(bodies.as_json(body)).json()["content"][1:]
        results = [
            {"type": "tool_result", "tool_use_id": call["id"], "content": text}
            for call, text in zip(calls, ("one", "two"))
        ]
        body["messages"] += [
            {"role": "assistant", "content": calls},
            {"role": "user", "content": results},
        ]
        final = self.ask(bodies.as_json(body)).json()
        self.assertEqual(final["content"][0]["text"], "The tools said: [one] [two]")

    def test_upstream_errors_pass_unchanged(self):
        for status in (400, 413):
            model = f"claude-fault-status-{status}"
            self.new_channel(self.gateway, self.fake, [model])
            with self.subTest(status):
                answer = self.ask(bodies.message(model))
                expected = self.direct(bodies.message(model))
                self.assertEqual((answer.status, answer.body), (status, expected.body))

    def test_tokens_are_counted(self):
        for path in ("/v1/messages/count_tokens", "/anthropic/v1/messages/count_tokens"):
            with self.subTest(path):
                body = bodies.message()
                answer = self.ask(body, path + "?beta=true")
                self.assertEqual(answer.status, 200)
                self.assertEqual(
                    answer.body, self.direct(body, "/v1/messages/count_tokens").body
                )
                self.assertEqual(
                    self.fake.requests()[-2]["target"], "/v1/messages/count_tokens?beta=true"
                )

    def test_a_keep_alive_connection_serves_many_requests(self):
        with self.gateway.connect() as wire:
            for number in range(20):
                body = bodies.message(text=f"turn {number}", stream=number % 2 == 1)
                answer = wire.request("POST", "/v1/messages", {"x-api-key": self.key}, body)
                self.assertEqual(answer.status, 200)
                self.assertTrue(answer.complete)
        seen = self.fake.requests()
        self.assertLess(len({request["connection"] for request in seen}), 20)


class Models(IntegrationTest):
    def setUp(self):
        super().setUp()
        self.fake = self.start_fake()
        self.gateway = self.start_gateway()
        self.key = self.new_key(self.gateway)
        self.new_channel(self.gateway, self.fake, ["claude-opus-5-5", "claude-haiku-5"])

    def test_models_come_in_the_clients_form(self):
        for path in ("/v1/models?limit=1000", "/anthropic/v1/models"):
            headers = {"x-api-key": self.key, "anthropic-version": "2023-06-01"}
            page = self.gateway.request("GET", path, headers).json()
            ids = {model["id"] for model in page["data"]}
            self.assertEqual(ids, {"claude-opus-5-5", "claude-haiku-5"})
            self.assertEqual({model["type"] for model in page["data"]}, {"model"})
            self.assertFalse(page["has_more"])
            self.assertIn(page["first_id"], ids)
            self.assertIn(page["last_id"], ids)
        headers = {"authorization": f"Bearer {self.key}"}
        page = self.gateway.request("GET", "/v1/models", headers).json()
        self.assertEqual(page["object"], "list")
        for model in page["data"]:
            self.assertEqual(model["object"], "model")
            self.assertIsInstance(model["created"], int)

    def test_one_model_is_found_by_its_name_however_it_is_escaped(self):
        """SDKs escape what stands in names; curl users do not."""
        names = ["org/model:free", "claude-opus-4@20250514", "Grüße 100%"]
        self.new_channel(self.gateway, self.fake, names)
        spellings = {
            "org/model:free": ("org/model:free", "org%2Fmodel%3Afree", "org%2fmodel:free"),
            "claude-opus-4@20250514": ("claude-opus-4@20250514", "claude-opus-4%4020250514"),
            "Grüße 100%": ("Gr%C3%BC%C3%9Fe%20100%25",),
            "claude-haiku-5": ("claude-haiku-5", "%63laude-haiku-5"),
        }
        keys = ({"x-api-key": self.key}, {"authorization": f"Bearer {self.key}"})
        asked = [
            (name, prefix + spelt, key | version)
            for name, several in spellings.items()
            for spelt in several
            for prefix in ("/v1/models/", "/anthropic/v1/models/")
            for key in keys
            for version in ({}, {"anthropic-version": "2023-06-01"})
        ]
        for name, path, headers in asked:
            with self.subTest(path, headers=sorted(headers)):
                answer = self.gateway.request("GET", path, headers)
                self.assertEqual(answer.status, 200, answer.body)
                model = answer.json()
                self.assertEqual(model["id"], name)
                is_anthropic = "anthropic-version" in headers or path.startswith("/anthropic")
                self.assertEqual("type" in model, is_anthropic, model)
                self.assertEqual("object" in model, not is_anthropic, model)

    def test_a_model_that_is_not_there_is_said_in_the_clients_form(self):
        for headers in ({"x-api-key": self.key}, {"authorization": f"Bearer {self.key}"}):
            for name in ("nothing", "a%2Fb", "claude-opus-5-5%2F"):
                answer = self.gateway.request("GET", f"/v1/models/{name}", headers)
                self.assertEqual(answer.status, 404)
                self.assertEqual(answer.json()["error"]["code"], "model_not_found")
                answer = self.gateway.request(
                    "GET", f"/v1/models/{name}", {**headers, "anthropic-version": "2023-06-01"}
                )
                self.assertEqual(answer.status, 404)
                self.assertEqual(answer.json()["error"]["type"], "not_found_error")

    def test_models_need_a_key(self):
        self.assertEqual(self.gateway.request("GET", "/v1/models").status, 401)

    def test_disabled_channels_offer_no_models(self):
        channel = self.new_channel(self.gateway, self.fake, ["claude-extra"])
        headers = {"x-api-key": self.key, "anthropic-version": "2023-06-01"}

        def ids():
            page = self.gateway.request("GET", "/v1/models", headers).json()
            return {model["id"] for model in page["data"]}

        self.assertIn("claude-extra", ids())
        self.gateway.admin.post(f"channels/{channel['id']}/disable")
        self.assertNotIn("claude-extra", ids())

    def test_probes_need_no_key(self):
        for method, path in (
            ("HEAD", "/"),
            ("HEAD", "/api/hello"),
            ("GET", "/api/hello"),
        ):
            with self.subTest(f"{method} {path}"):
                self.assertEqual(self.gateway.request(method, path).status, 200)


if __name__ == "__main__":
    unittest.main()
