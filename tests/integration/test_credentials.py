"""Several credentials in one channel: a session keeps its own, each rests and dies alone, and what an
upstream has refused stays out until the operator acts."""

import json
import re
import unittest

import bodies
from harness import IntegrationTest, wait_until
from stub_provider import json_answer

MODEL = "claude-several"
ANSWER = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": MODEL,
    "content": [{"type": "text", "text": "yes"}],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage": {"input_tokens": 5, "output_tokens": 2, "cache_creation_input_tokens": 2000},
}


def key_in(head):
    return re.search(r"^x-api-key: (.*)$", head, re.I | re.M)[1].strip()


class Credentials(IntegrationTest):
    NAMES = ("one", "two", "three")

    def setUp(self):
        super().setUp()
        self.faults = {}  # by credential: status and error type
        self.served = []  # the credentials of good answers
        self.stub = self.start_stub(self.answer)
        self.gateway = self.start_gateway()
        self.key = self.new_key(self.gateway)
        keys = {name: f"sk-secret-of-{name}-of-the-channel" for name in self.NAMES}
        self.secrets |= set(keys.values())
        self.names = {value: name for name, value in keys.items()}
        self.channel = self.gateway.admin.create_channel(
            self.stub.url,
            [MODEL],
            api_key=None,
            credentials=[{"name": name, "value": value} for name, value in keys.items()],
        )["id"]

    def answer(self, head, body):
        name = self.names[key_in(head)]
        if name in self.faults:
            status, kind = self.faults[name]
            error = {"type": "error", "error": {"type": kind, "message": f"{kind} of {name}"}}
            return json_answer(status, error, [("retry-after", "30")] if status == 429 else ())
        self.served.append(name)
        return json_answer(200, ANSWER)

    def ask(self, session=None):
        headers = {"x-api-key": self.key}
        if session:
            headers["AH-Trace-Id"] = session
        return self.gateway.request("POST", "/v1/messages", headers, bodies.message(MODEL))

    def served_by(self, session=None):
        answer = self.ask(session)
        self.assertEqual(answer.status, 200, answer.body)
        return self.served[-1]

    def credential(self, name):
        listed = self.gateway.admin.items(f"channels/{self.channel}/credentials")
        (found,) = [c for c in listed if c["name"] == name]
        return found

    def wait_benched(self, name):
        def stored():
            audit = self.gateway.admin.get("audit")["items"]
            return any(
                line["action"] == "credential.bench" and line["target"] == self.credential(name)["id"]
                for line in audit
            )

        wait_until(stored, f"{name} is benched durably")

    def benched(self):
        page = self.gateway.request("GET", "/metrics").body.decode()
        return [
            float(line.rsplit(" ", 1)[1])
            for line in page.splitlines()
            if line.startswith("axonhub_credentials_benched{")
        ]

    def kill_and_restart(self):
        self.gateway.kill()
        self.gateway = self.gateway.restarted()
        self.adopt(self.gateway)

    def test_a_session_keeps_its_credential_and_sessions_spread(self):
        homes = {}
        for number in range(24):
            session = f"s{number}"
            homes[session] = self.served_by(session)
            self.assertEqual(self.served_by(session), homes[session])
        self.assertEqual(set(homes.values()), set(self.NAMES))
        # Also where the session's own is not to be had: all its requests go to the same other one.
        self.faults["one"] = (429, "rate_limit_error")
        moved = [s for s, name in homes.items() if name == "one"]
        for session in moved:
            others = {self.served_by(session) for _ in range(4)}
            self.assertEqual(len(others), 1, "its cache would be scattered")
        for session in set(homes) - set(moved):
            self.assertEqual(self.served_by(session), homes[session], "nobody else is concerned")

    def test_a_rate_limit_of_one_is_seen_by_no_client(self):
        for name in ("one", "two"):
            self.faults[name] = (429, "rate_limit_error")
        for number in range(6):
            self.assertEqual(self.served_by(f"s{number}"), "three")
        self.assertEqual(self.credential("one")["status"], "cooling")
        self.assertEqual(self.credential("three")["status"], "ok")
        self.faults["three"] = (429, "rate_limit_error")
        answer = self.ask("last")
        self.assertEqual(answer.status, 429, answer.body)
        self.assertGreater(int(answer.header("retry-after")), 0)

    def test_many_limited_ones_hide_no_healthy_channel(self):
        fake = self.start_fake()
        for number in range(3):  # with the others: more than a request has attempts
            name = f"more-{number}"
            value = f"sk-secret-of-{name}-of-the-channel"
            self.secrets.add(value)
            self.names[value] = name
            self.gateway.admin.post(
                f"channels/{self.channel}/credentials", {"name": name, "value": value}
            )
        for name in self.names.values():
            self.faults[name] = (429, "rate_limit_error")
        self.new_channel(self.gateway, fake, [MODEL], priority=1)
        answer = self.ask("s")
        self.assertEqual(answer.status, 200, answer.body)
        reasons = [a["reason"] for a in self.gateway.admin.record(answer)["attempts"]]
        self.assertEqual(reasons, ["rate_limited", "rate_limited", "ok"])

    def test_a_refused_one_is_out_alone_for_good_until_one_call(self):
        session = "s"
        own = self.served_by(session)
        for status, kind in ((401, "authentication_error"), (402, "billing_error")):
            with self.subTest(status):
                own = self.served_by(session)
                self.faults[own] = (status, kind)
                other = self.served_by(session)
                self.assertNotEqual(other, own)
                self.assertEqual(self.served_by(session), other, "the session has moved for good")
                for name in self.NAMES:
                    state = self.credential(name)["status"]
                    self.assertEqual(state, "invalid" if name == own else "ok", name)
                self.wait_benched(own)
                self.assertEqual(self.benched(), [1])
                self.kill_and_restart()
                found = self.credential(own)
                self.assertEqual((found["status"], found["reason"]), ("invalid", f"{kind} of {own}"))
                self.assertEqual(self.benched(), [1])
                self.assertNotEqual(self.served_by(session), own)
                del self.faults[own]
                path = f"channels/{self.channel}/credentials/{found['id']}"
                restored = self.gateway.admin.post(f"{path}/enable")
                self.assertEqual((restored["status"], restored["reason"]), ("ok", None))
                self.assertEqual(self.benched(), [0])
                self.kill_and_restart()
                self.assertEqual(self.credential(own)["status"], "ok")
                used = {self.served_by(f"fresh {number}") for number in range(30)}
                self.assertIn(own, used)

    def test_a_new_value_is_tried_at_once(self):
        name = self.served_by("s")
        for each in self.NAMES:
            self.faults[each] = (401, "authentication_error")
        self.assertIn(self.ask("s").status, (500, 529), "never a 401: the client's key is fine")
        found = self.credential(name)
        self.assertEqual(found["status"], "invalid")
        del self.faults[name]
        value = "sk-another-secret-of-the-channel"
        self.secrets.add(value)
        self.names[value] = name
        path = f"channels/{self.channel}/credentials/{found['id']}"
        changed = self.gateway.admin.patch(path, {"value": value})
        self.assertEqual(changed["status"], "ok")
        self.assertEqual(self.served_by("s"), name)
        self.assertEqual(key_in(self.stub.heads[-1]), value)

    def test_a_session_survives_the_end_of_its_credential(self):
        own = self.served_by("s")
        self.gateway.admin.delete(
            f"channels/{self.channel}/credentials/{self.credential(own)['id']}"
        )
        other = self.served_by("s")
        self.assertNotEqual(other, own)
        self.assertEqual({self.served_by("s") for _ in range(4)}, {other})
        binding = self.gateway.admin.trace("s")["binding"]
        self.assertEqual(binding["credential_id"], self.credential(other)["id"])


if __name__ == "__main__":
    unittest.main()
