"""A client that leaves frees its upstream; a stop waits for those that stay."""

import signal
import statistics
import time
import unittest

import bodies
import grammar
from harness import Closed, IntegrationTest, wait_until

MODEL = "claude-opus-5-5"


class ClientGone(IntegrationTest):
    def setUp(self):
        super().setUp()
        self.fake = self.start_fake()
        self.gateway = self.start_gateway()
        self.key = self.new_key(self.gateway)
        self.new_channel(self.gateway, self.fake, [MODEL])

    def start(self, stream=True, key=None):
        wire = self.gateway.connect()
        body = bodies.message(MODEL, stream=stream)
        wire.send_request("POST", "/v1/messages", {"x-api-key": key or self.key}, body)
        return wire

    def assert_aborted(self, count=1):
        wait_until(
            lambda: self.fake.stats()["aborted"] == count, "the upstream request is cancelled", 2
        )
        self.assertEqual(self.fake.stats()["in_flight"], 0)

    def assert_all_cancelled(self):
        """The record is written when nothing more comes of a request."""

        def ended():
            requests = self.gateway.admin.items("requests")
            return requests and all(r["status"] == "cancelled" for r in requests)

        wait_until(ended, "the record says cancelled")

    def test_a_client_that_leaves_a_stream_cancels_it(self):
        self.fake.config(interval_ms=50, delta_count=1000)
        for leave in ("close", "reset"):
            with self.subTest(leave):
                self.fake.config(interval_ms=50, delta_count=1000)
                wire = self.start()
                wire.read_until(b"content_block_delta")
                getattr(wire, leave)()
                self.assert_aborted()
                self.fake.reset()

    def test_a_client_that_leaves_before_the_first_byte_cancels(self):
        for fault in ("hang", "hang-head"):
            for stream in (True, False):
                with self.subTest(fault, stream=stream):
                    self.fake.config(fault=fault)
                    wire = self.start(stream)
                    wait_until(lambda: self.fake.stats()["in_flight"] == 1, "it runs")
                    wire.close()
                    self.assert_aborted()
                    self.assert_all_cancelled()
                    self.assertEqual(self.fake.stats()["requests"], 1, "and is not retried")
                    self.fake.reset()

    def test_it_is_not_taken_to_another_channel(self):
        other = self.start_fake("other")
        self.new_channel(self.gateway, other, [MODEL], priority=1)
        self.fake.config(fault="hang")
        wire = self.start()
        wait_until(lambda: self.fake.stats()["in_flight"] == 1, "it runs")
        wire.close()
        self.assert_all_cancelled()
        self.assertEqual(self.fake.stats()["requests"], 1)
        self.assertEqual(other.stats()["requests"], 0)

    def test_its_upstream_is_closed_at_once(self):
        """Within 100 ms more than the provider needs to say so; the median of 15."""
        self.fake.config(fault="hang")
        extra = []
        for number in range(15):
            wire = self.start()
            wait_until(lambda: self.fake.stats()["in_flight"] == 1, "it runs")
            asked = time.monotonic()
            self.fake.stats()
            left = time.monotonic()
            wire.close()
            self.assert_aborted(number + 1)
            extra.append((time.monotonic() - left) - 2 * (left - asked))
        self.assertLess(statistics.median(extra), 0.1, extra)

    def test_a_client_that_leaves_is_on_record_as_cancelled(self):
        self.fake.config(interval_ms=50, delta_count=1000)
        wire = self.start()
        wire.read_until(b"content_block_delta")
        wire.close()
        self.assert_aborted()
        self.assert_all_cancelled()

    def test_leaving_is_not_held_against_the_channel(self):
        for _ in range(20):
            self.fake.config(fault="hang")
            wire = self.start()
            wait_until(lambda: self.fake.stats()["in_flight"] == 1, "it runs")
            wire.close()
            self.assert_aborted()
            self.fake.reset()
        with self.start() as wire:
            answer = wire.read_response()
        self.assertEqual(answer.status, 200)
        grammar.check_anthropic(answer.events())

    def test_many_that_leave_at_once_leave_nothing_behind(self):
        self.fake.config(interval_ms=20, delta_count=1000)
        wires = [self.start() for _ in range(50)]
        for wire in wires:
            wire.read_until(b"message_start")
        for wire in wires:
            wire.close()
        self.assert_aborted(50)
        wait_until(
            lambda: self.fake.stats()["connections_open"] == 0, "all upstream connections closed"
        )


class Stop(IntegrationTest):
    def setUp(self):
        super().setUp()
        self.fake = self.start_fake()
        self.gateway = self.start_gateway()
        self.key = self.new_key(self.gateway)
        self.new_channel(self.gateway, self.fake, [MODEL])

    def start(self):
        wire = self.gateway.connect()
        body = bodies.message(MODEL, stream=True)
        wire.send_request("POST", "/v1/messages", {"x-api-key": self.key}, body)
        return wire

    def refuses(self):
        try:
            with self.gateway.connect(1.0) as other:
                return other.request("GET", "/readyz").status == 503
        except (Closed, OSError):
            return True

    def test_a_stop_lets_running_streams_end(self):
        self.fake.config(interval_ms=50, delta_count=30)
        with self.start() as wire:
            response = wire.read_head()
            events = wire.read_events(response)
            first = next(events)
            idle = self.gateway.connect()
            self.gateway.signal(signal.SIGTERM)
            self.assertTrue(idle.is_closed_by_peer(), "idle connections close at once")
            grammar.check_anthropic([first, *events])
            self.assertTrue(response.complete)
        self.assertEqual(self.gateway.wait(), 0)

    def test_a_stop_accepts_nobody_new(self):
        self.fake.config(interval_ms=50, delta_count=30)
        with self.start() as wire:
            wire.read_until(b"message_start")
            self.gateway.signal(signal.SIGTERM)

            wait_until(self.refuses, "new connections are refused")
            wire.read_until(b"message_stop")
        self.assertEqual(self.gateway.wait(), 0)

    def test_a_second_stop_ends_at_once(self):
        self.fake.config(interval_ms=1000, delta_count=1000)
        with self.start() as wire:
            wire.read_until(b"message_start")
            self.gateway.signal(signal.SIGTERM)
            wait_until(self.refuses, "the first signal is heard")
            self.assertTrue(self.gateway.is_running(), "it drains")
            self.gateway.any_exit_code = True
            self.gateway.signal(signal.SIGTERM)
            self.gateway.wait(5)

    def test_a_stop_waits_no_longer_than_told(self):
        gateway = self.start_gateway({"AXONHUB_SERVER_DRAIN_TIMEOUT": "500ms"})
        key = self.new_key(gateway)
        self.new_channel(gateway, self.fake, [MODEL])
        self.fake.config(interval_ms=1000, delta_count=1000)
        with gateway.connect() as wire:
            body = bodies.message(MODEL, stream=True)
            wire.send_request("POST", "/v1/messages", {"x-api-key": key}, body)
            wire.read_until(b"content_block_start")
            gateway.any_exit_code = True
            gateway.signal(signal.SIGTERM)
            with self.assertRaises(Closed):
                wire.read_until(b"message_stop")
            gateway.wait(10)

    def test_an_idle_gateway_stops_quickly(self):
        self.gateway.stop(3)

    def test_an_interrupt_stops_too(self):
        self.gateway.signal(signal.SIGINT)
        self.assertEqual(self.gateway.wait(5), 0)


if __name__ == "__main__":
    unittest.main()
