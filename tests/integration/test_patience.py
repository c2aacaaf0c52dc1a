"""How long an upstream may take for what, and that what goes on is left alone."""

import json
import socket
import threading
import time
import unittest
from datetime import datetime

import bodies
import grammar
from harness import PATIENCE, IntegrationTest, wait_until
from stub_provider import narrow_listener, raw_answer

MODEL = "claude-opus-5-5"


def event(value):
    return f"event: {value['type']}\ndata: {json.dumps(value)}\n\n".encode()


MESSAGE = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": MODEL,
    "content": [],
    "stop_reason": None,
    "stop_sequence": None,
    "usage": {"input_tokens": 1, "output_tokens": 1},
}
MESSAGE_START = event({"type": "message_start", "message": MESSAGE})
TEXT = {"type": "text", "text": ""}
BLOCK_START = event({"type": "content_block_start", "index": 0, "content_block": TEXT})
DELTA = {"type": "text_delta", "text": "slow"}
TEXT_DELTA = event({"type": "content_block_delta", "index": 0, "delta": DELTA})
END = {"stop_reason": "end_turn", "stop_sequence": None}
MESSAGE_END = (
    event({"type": "content_block_stop", "index": 0})
    + event({"type": "message_delta", "delta": END, "usage": {"output_tokens": 2}})
    + event({"type": "message_stop"})
)


class DeafProvider:
    """Accepts connections and reads none of what is sent."""

    def __init__(self):
        self._listener = narrow_listener()
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._peers = []
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def _accept(self):
        while True:
            try:
                self._peers.append(self._listener.accept()[0])
            except OSError:
                return

    def close(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)
        for peer in self._peers:
            peer.close()


class Patience(IntegrationTest):
    def start(self, **variables):
        self.gateway = self.start_gateway(variables)
        self.key = self.new_key(self.gateway)

    def ask(self, body, **headers):
        return self.gateway.request(
            "POST", "/v1/messages", {"x-api-key": self.key, **headers}, body
        )

    def record_of(self, answer):
        return self.gateway.admin.get(f"requests/{answer.header('x-axonhub-request-id')}")

    def reasons(self, answer):
        return [a["reason"] for a in self.record_of(answer)["attempts"]]

    def test_an_upstream_that_takes_no_more_of_the_request_is_left(self):
        self.start(AXONHUB_UPSTREAM_WRITE_STALL="500ms")
        deaf = DeafProvider()
        self.addCleanup(deaf.close)
        fake = self.start_fake()
        self.new_channel(self.gateway, deaf, [MODEL], priority=0)
        self.new_channel(self.gateway, fake, [MODEL], priority=1)
        for stream in (True, False):
            with self.subTest(stream=stream):
                text = [{"role": "user", "content": "x" * (12 << 20)}]
                answer = self.ask(bodies.message(MODEL, stream=stream, messages=text))
                self.assertEqual(answer.status, 200, answer.body[:200])
                self.assertEqual(self.reasons(answer), ["first_byte_timeout", "ok"])

    def test_a_stream_that_goes_on_may_take_longer_than_a_whole_answer(self):
        self.start(AXONHUB_UPSTREAM_TOTAL_TIMEOUT="1s")
        fake = self.start_fake()
        self.new_channel(self.gateway, fake, [MODEL])
        fake.config(interval_ms=100, delta_count=25)
        answer = self.ask(bodies.message(MODEL, stream=True))
        grammar.check_anthropic(answer.events())
        self.assertGreater(self.record_of(answer)["duration_ms"], 2000)
        self.assertEqual(self.reasons(answer), ["ok"])

    def test_a_stream_of_nothing_but_pings_ends(self):
        self.start(AXONHUB_UPSTREAM_TOTAL_TIMEOUT="1s")
        head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n"

        def pings():
            yield head + MESSAGE_START + BLOCK_START
            while not over.wait(0.1):
                yield b'event: ping\ndata: {"type":"ping"}\n\n'

        class Endless(list):
            def __iter__(self):
                return pings()

        over = threading.Event()
        self.addCleanup(over.set)
        stub = self.start_stub(lambda *_: Endless())
        self.new_channel(self.gateway, stub, [MODEL])
        answer = self.ask(bodies.message(MODEL, stream=True))
        self.assertTrue(grammar.ends_with_error(answer.events()), answer.body)
        self.assertEqual(self.reasons(answer), ["stall"])

    def dripping(self, before, slow, after=b""):
        """A provider that sends `slow` byte by byte, for 1.2 seconds in all."""
        head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n"
        over = threading.Event()
        self.addCleanup(over.set)

        class Drops(list):
            def __iter__(self):
                yield head + before
                for at in range(len(slow)):
                    over.wait(1.2 / len(slow))
                    yield slow[at : at + 1]
                yield after

        return self.start_stub(lambda *_: Drops())

    def test_a_stream_that_drips_before_it_begins_is_left(self):
        self.start(AXONHUB_UPSTREAM_EVENT_TIMEOUT="500ms")
        stub = self.dripping(b"", MESSAGE_START)
        fake = self.start_fake()
        self.new_channel(self.gateway, stub, [MODEL], priority=0)
        self.new_channel(self.gateway, fake, [MODEL], priority=1)
        answer = self.ask(bodies.message(MODEL, stream=True))
        grammar.check_anthropic(answer.events())
        self.assertEqual(self.reasons(answer), ["first_event_timeout", "ok"])

    def test_a_stream_that_drips_after_it_began_is_kept_and_its_channel_is_slow(self):
        self.start(AXONHUB_UPSTREAM_EVENT_TIMEOUT="500ms")
        stub = self.dripping(MESSAGE_START + BLOCK_START, TEXT_DELTA, MESSAGE_END)
        self.new_channel(self.gateway, stub, [MODEL])
        answer = self.ask(bodies.message(MODEL, stream=True))
        grammar.check_anthropic(answer.events())
        attempts = self.record_of(answer)["attempts"]
        self.assertEqual([(a["reason"], a["slow"]) for a in attempts], [("ok", True)])

    def test_a_channel_may_take_longer_for_a_whole_answer(self):
        self.start(AXONHUB_UPSTREAM_TOTAL_TIMEOUT="500ms")
        fake = self.start_fake()
        self.new_channel(self.gateway, fake, [MODEL], timeouts={"total_ms": 20_000})
        fake.config(delay_ms=1500)
        answer = self.ask(bodies.message(MODEL))
        self.assertEqual(answer.status, 200, answer.body)

    def test_a_channel_that_may_take_less_time_is_left_for_the_next(self):
        self.start()
        slow, quick = self.start_fake("slow"), self.start_fake("quick")
        self.new_channel(
            self.gateway, slow, [MODEL], priority=0, timeouts={"total_ms": 300}
        )
        self.new_channel(self.gateway, quick, [MODEL], priority=1)
        slow.config(fault="hang")
        answer = self.ask(bodies.message(MODEL))
        self.assertEqual(answer.status, 200, answer.body)
        self.assertEqual(self.reasons(answer), ["total_timeout", "ok"])

    def test_two_dead_channels_do_not_hide_the_third(self):
        self.start()
        fakes = [self.start_fake(f"fake{n}") for n in range(3)]
        for priority, fake in enumerate(fakes):
            self.new_channel(self.gateway, fake, [MODEL], priority=priority)
        for fault in ("reset", "status-500"):
            for dead in fakes[:2]:
                dead.config(fault=fault)
            with self.subTest(fault):
                answer = self.ask(bodies.message(MODEL))
                self.assertEqual(answer.status, 200, answer.body)
                self.assertEqual(self.reasons(answer)[-1], "ok")

    def test_the_next_channel_is_asked_within_50_ms(self):
        self.start()
        dead, well = self.start_fake("dead"), self.start_fake("well")
        self.new_channel(self.gateway, dead, [MODEL], priority=0)
        self.new_channel(self.gateway, well, [MODEL], priority=1)
        dead.config(fault="reset")
        gaps = []
        for number in range(4):
            answer = self.ask(bodies.message(MODEL), **{"AH-Trace-Id": f"s{number}"})
            self.assertEqual(answer.status, 200, answer.body)
            began = [
                datetime.fromisoformat(a["started_at"])
                for a in self.record_of(answer)["attempts"]
            ]
            gaps.append((began[-1] - began[0]).total_seconds())
        # The least, so that a busy machine does not decide: nothing waits on purpose.
        self.assertLess(min(gaps), 0.05)


class SlowClients(IntegrationTest):
    """They take their time over an answer of 16 MB."""

    def setUp(self):
        super().setUp()
        said = {**MESSAGE, "content": [{"type": "text", "text": "y" * (16 << 20)}]}
        self.said = json.dumps(said).encode()
        stub = self.start_stub(lambda head, body: raw_answer(200, "application/json", self.said))
        self.gateway = self.start_gateway({"AXONHUB_SERVER_LIMITS_CLIENT_WRITE_STALL": "500ms"})
        self.key = self.new_key(self.gateway)
        self.new_channel(self.gateway, stub, [MODEL])

    def test_who_accepts_something_gets_everything(self):
        with socket.socket() as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
            client.connect(("127.0.0.1", self.gateway.port))
            body = bodies.message(MODEL)
            head = f"POST /v1/messages HTTP/1.1\r\nhost: x\r\nx-api-key: {self.key}\r\n"
            head += f"connection: close\r\ncontent-length: {len(body)}\r\n\r\n"
            client.sendall(head.encode() + body)
            got = bytearray()
            client.settimeout(15 * PATIENCE)
            while piece := client.recv(256 * 1024, socket.MSG_WAITALL):
                got += piece
                time.sleep(0.02)  # more than a second in all
        self.assertEqual(len(got.partition(b"\r\n\r\n")[2]), len(self.said))

    def test_who_accepts_nothing_is_left(self):
        with self.gateway.connect() as wire:
            headers = {"x-api-key": self.key}
            wire.send_request("POST", "/v1/messages", headers, bodies.message(MODEL))

            def is_left():
                found = self.gateway.admin.items("requests")
                return found and found[0]["status"] == "cancelled"

            wait_until(is_left, "the answer ends")


class Drain(IntegrationTest):
    """Keys may have a stream read to its end for its usage after their client has left."""

    def setUp(self):
        super().setUp()
        self.fake = self.start_fake()
        self.gateway = self.start_gateway({"AXONHUB_SERVER_LIMITS_CLIENT_GONE_DRAIN": "2s"})
        self.new_channel(self.gateway, self.fake, [MODEL])

    def leave_a_stream(self, policy):
        headers = {"x-api-key": self.new_key(self.gateway, on_client_gone=policy)}
        body = bodies.message(MODEL, stream=True)
        wire = self.gateway.connect()
        wire.send_request("POST", "/v1/messages", headers, body)
        wire.read_until(b"content_block_delta")
        wire.close()

    def record(self):
        """Of the stream that was left."""

        def ended():
            return [
                r for r in self.gateway.admin.items("requests") if r["status"] == "cancelled"
            ]

        wait_until(ended, "the record is there")
        return self.gateway.admin.get(f"requests/{ended()[0]['id']}")

    def test_drain_learns_the_whole_usage(self):
        self.fake.config(delta_count=30)
        headers = {"x-api-key": self.new_key(self.gateway)}
        body = bodies.message(MODEL, stream=True)
        whole = self.gateway.request("POST", "/v1/messages", headers, body)
        whole = self.gateway.admin.get(f"requests/{whole.header('x-axonhub-request-id')}")
        self.fake.config(interval_ms=20, delta_count=30)
        self.leave_a_stream("drain")
        record = self.record()
        self.assertEqual((record["status"], record["reason"]), ("cancelled", "client_gone"))
        self.assertEqual(self.fake.stats()["aborted"], 0)
        self.assertEqual(record["usage"], whole["usage"])
        self.assertEqual(record["cost"], whole["cost"])

    def test_cancel_does_not(self):
        self.fake.config(interval_ms=20, delta_count=1000)
        self.leave_a_stream("cancel")
        record = self.record()
        self.assertEqual((record["status"], record["reason"]), ("cancelled", "client_gone"))
        wait_until(lambda: self.fake.stats()["aborted"] == 1, "the upstream is cancelled")

    def test_drain_has_a_limit(self):
        self.fake.config(interval_ms=100, delta_count=10_000)
        began = time.monotonic()
        self.leave_a_stream("drain")
        wait_until(lambda: self.fake.stats()["aborted"] == 1, "the upstream is cancelled", 20)
        self.assertGreater(time.monotonic() - began, 1.5)
        self.assertEqual(self.record()["status"], "cancelled")


if __name__ == "__main__":
    unittest.main()
