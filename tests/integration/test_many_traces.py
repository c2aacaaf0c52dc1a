"""Sessions that nobody comes back to leave the memory again."""

import os
import socket
import threading
import time
import unittest

import bodies
from harness import IntegrationTest, wait_until
from test_conversion_streams import resident

MODEL = "claude-opus-5-5"
SLOW = bool(os.environ.get("AXONHUB_TEST_LONG"))
# The promise is about 100,000; the usual run checks the mechanism.
TRACES = 100_000 if SLOW else 8_000
CONNECTIONS, AT_ONCE = 8, 20


class ManyTraces(IntegrationTest):
    def touch(self, gateway, key, numbers):
        """One request for each session, on one connection, some of them on their way at once."""
        body = bodies.message(MODEL)
        head = (
            f"POST /v1/messages HTTP/1.1\r\nhost: x\r\nx-api-key: {key}\r\n"
            f"content-length: {len(body)}\r\nAH-Trace-Id: session-"
        ).encode()
        with socket.create_connection(("127.0.0.1", gateway.port), 60) as wire:
            for start in range(0, len(numbers), AT_ONCE):
                some = numbers[start : start + AT_ONCE]
                wire.sendall(b"".join(b"%s%d\r\n\r\n%s" % (head, n, body) for n in some))
                got = b""
                while got.count(b'"stop_reason":"end_turn"') < len(some):
                    more = wire.recv(1 << 18)
                    assert more, got[-500:]
                    got += more
                assert got.count(b"HTTP/1.1 200 ") == len(some), got[:500]

    def touch_all(self, gateway, key, count, first=0):
        errors = []

        def run(part):
            try:
                self.touch(gateway, key, range(first + part, first + count, CONNECTIONS))
            except Exception as error:  # shown by the test
                errors.append(error)

        threads = [threading.Thread(target=run, args=(n,)) for n in range(CONNECTIONS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(errors, [])

    def test_idle_sessions_leave_no_memory_behind(self):
        fake = self.start_fake("fake", None, "--no-record")
        fake.config(delta_count=1)
        gateway = self.start_gateway(
            {
                "AXONHUB_AFFINITY_TTL": "2s",
                "AXONHUB_SERVER_TRACE_TTL": "2s",
                "AXONHUB_LOG_LEVEL": "info",
            }
        )
        key = self.new_key(gateway)
        self.new_channel(gateway, fake, [MODEL])
        self.touch_all(gateway, key, 2000)  # pools, buffers and pages of the store
        time.sleep(3)
        start = resident(gateway.pid)
        began = time.monotonic()
        self.touch_all(gateway, key, TRACES, 2000)
        took = time.monotonic() - began
        full = resident(gateway.pid)
        allowed = 20 << 20
        lowest = [full]

        def is_back():
            lowest[0] = min(lowest[0], resident(gateway.pid))
            time.sleep(0.1)
            return lowest[0] < start + allowed

        try:
            wait_until(is_back, "the memory is back", 20)
        finally:
            print(
                f"\n{TRACES} traces in {took:.1f} s: {start >> 20} MiB before, {full >> 20} MiB "
                f"with them, {lowest[0] >> 20} MiB {time.monotonic() - began - took:.1f} s later"
            )


if __name__ == "__main__":
    unittest.main()
