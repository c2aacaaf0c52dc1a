"""What was acknowledged is there after a kill; what is best effort is there within its time."""

import time
import unittest

import bodies
from harness import PATIENCE, PROVIDER_KEY, Gateway, IntegrationTest

MODEL = "claude-opus-5-5"


class Restart(IntegrationTest):
    def setUp(self):
        super().setUp()
        self.fakes = [self.start_fake(f"fake{number}") for number in range(3)]
        self.gateway = self.start_gateway()

    def kill_and_restart(self):
        self.gateway.kill()
        self.gateway = self.gateway.restarted()
        self.adopt(self.gateway)

    def ask(self, key, **headers):
        return self.gateway.request(
            "POST", "/v1/messages", {"x-api-key": key, **headers}, bodies.message(MODEL)
        )

    def test_what_was_acknowledged_survives_a_kill(self):
        for number, fake in enumerate(self.fakes):
            admin = self.gateway.admin
            project = admin.post("projects", {"name": f"project {number}"})
            channel = self.new_channel(self.gateway, fake, [MODEL], priority=-number)
            key = self.new_key(self.gateway, project=project["id"])
            self.kill_and_restart()
            self.assertEqual(self.ask(key).status, 200)
            admin = self.gateway.admin
            self.assertEqual(fake.stats()["requests"], 1, "the newest channel serves")
            self.assertEqual(admin.get(f"channels/{channel['id']}")["status"], "enabled")
            self.assertEqual(
                admin.get(f"projects/{project['id']}")["name"], f"project {number}"
            )

    def test_deletions_survive_a_kill(self):
        admin = self.gateway.admin
        self.new_channel(self.gateway, self.fakes[0], [MODEL])
        created = admin.create_key("to delete")
        self.secrets.add(created["key"])
        self.assertEqual(self.ask(created["key"]).status, 200)
        admin.delete(f"keys/{created['id']}")
        self.kill_and_restart()
        self.assertEqual(self.ask(created["key"]).status, 401)

    def test_a_burst_of_writes_survives_up_to_the_last_answer(self):
        for round_number in range(5):
            admin = self.gateway.admin
            created = [
                admin.post("projects", {"name": f"burst {round_number} {number}"})["id"]
                for number in range(5)
            ]
            self.kill_and_restart()
            known = {p["id"] for p in self.gateway.admin.items("projects")}
            self.assertLessEqual(set(created), known)

    def test_a_binding_survives_a_kill_one_second_after_the_answer(self):
        first, *others = [
            self.new_channel(self.gateway, fake, [MODEL], name=fake.name, enable=fake is self.fakes[0])
            for fake in self.fakes
        ]
        key = self.new_key(self.gateway)
        sessions = [bodies.new_session() for _ in range(10)]
        for session in sessions:
            self.assertEqual(self.ask(key, **{"x-claude-code-session-id": session}).status, 200)
        kill_at = time.monotonic() + 1.0 * PATIENCE
        for channel in others:  # without a binding, most sessions would now go there
            self.gateway.admin.post(f"channels/{channel['id']}/enable")
        time.sleep(max(0, kill_at - time.monotonic()))  # the promised time, not a guess
        self.kill_and_restart()
        for session in sessions:
            binding = self.gateway.admin.trace(session)["binding"]
            self.assertEqual(binding["channel_id"], first["id"])
            self.assertEqual(self.ask(key, **{"x-claude-code-session-id": session}).status, 200)
        self.assertEqual([fake.stats()["requests"] for fake in self.fakes], [20, 0, 0])

    def test_a_kill_under_load_leaves_a_store_that_opens(self):
        self.fakes[0].config(delta_count=50, interval_ms=5)
        self.new_channel(self.gateway, self.fakes[0], [MODEL])
        key = self.new_key(self.gateway)
        for round_number in range(3):
            wires = []
            for number in range(10):
                wire = self.gateway.connect()
                wire.send_request(
                    "POST",
                    "/v1/messages",
                    {"x-api-key": key, "AH-Trace-Id": f"load {round_number} {number}"},
                    bodies.message(MODEL, stream=True),
                )
                wires.append(wire)
            for wire in wires:
                wire.read_until(b"content_block_delta")
            start = time.monotonic()
            self.kill_and_restart()
            self.assertLess(time.monotonic() - start, 4 * PATIENCE)
            for wire in wires:
                wire.close()
            self.assertEqual(self.ask(key).status, 200)
            running = self.gateway.admin.get("requests", status="in_progress")["items"]
            self.assertEqual(running, [], "nothing runs for ever in the records")

    def test_a_wrong_master_key_refuses_to_start(self):
        gateway = self.start_gateway({"AXONHUB_MASTER_KEY": "one-master-key-of-32-characters!"})
        self.new_channel(gateway, self.fakes[0], [MODEL])
        gateway.stop()
        with self.assertRaises(AssertionError):
            gateway.restarted({"AXONHUB_MASTER_KEY": "other-master-key-of-32-character"})

    def test_provider_keys_still_work_after_a_restart(self):
        self.new_channel(self.gateway, self.fakes[0], [MODEL])
        key = self.new_key(self.gateway)
        self.kill_and_restart()
        self.assertEqual(self.ask(key).status, 200)
        seen = dict(self.fakes[0].stats()["last"]["headers"])
        self.assertEqual(seen["x-api-key"], PROVIDER_KEY)

    def test_two_processes_cannot_share_a_store(self):
        with self.assertRaises(AssertionError):
            Gateway(self.gateway.db_path)
        self.new_channel(self.gateway, self.fakes[0], [MODEL])
        self.assertEqual(self.ask(self.new_key(self.gateway)).status, 200)


if __name__ == "__main__":
    unittest.main()
