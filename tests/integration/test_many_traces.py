"""Sessions that nobody comes back to leave the memory again."""

import os
import socket
import threading
import time
import unittest

import bodies
from harness import PATIENCE, IntegrationTest, wait_until
from test_conversion_streams import resident

MODEL = "claude-opus-5-5"
SLOW = bool(os.environ.get("AXONHUB_TEST_LONG"))
# The promise is about 100,000. Without leaving, as few as in the usual run would take twice what is
# allowed.
TRACES = 100_000 if SLOW else 16_000
ALLOWED = 20 << 20
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
                "AXONHUB_SERVER_THREADS": "2",  # each keeps some memory of its own
            }
        )
        key = self.new_key(gateway)
        self.new_channel(gateway, fake, [MODEL])
        if PATIENCE == 1:
            self.touch(gateway, key, [0])
        else:  # a sanitizer keeps what was freed, up to a limit that this many reach
            self.touch_all(gateway, key, TRACES, TRACES + 1)
        start = resident(gateway.pid)
        began = time.monotonic()
        self.touch_all(gateway, key, TRACES, 1)
        took = time.monotonic() - began
        full = resident(gateway.pid)

        def is_back():
            return resident(gateway.pid) < start + ALLOWED

        wait_until(is_back, "the memory is back", 40)
        if SLOW:
            after = self.idle_memory(gateway)
            print(
                f"\n{TRACES} traces in {took:.1f} s: {start >> 20} MiB before, "
                f"{full >> 20} MiB with them, {after >> 20} MiB after their idle time"
            )

    def idle_memory(self, gateway):
        """The memory when it has stopped to shrink, well after all traces' idle time."""
        seen = [resident(gateway.pid)]

        def has_settled():
            time.sleep(0.25)
            seen.append(resident(gateway.pid))
            return len(seen) > 16 and abs(seen[-1] - seen[-9]) < 1 << 20

        wait_until(has_settled, "the memory settles", 30)
        return seen[-1]


if __name__ == "__main__":
    unittest.main()
