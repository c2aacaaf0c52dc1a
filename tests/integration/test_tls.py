"""TLS on both sides."""

import os
import shutil
import signal
import socket
import ssl
import unittest

import bodies
import certificates
from harness import Closed, IntegrationTest, wait_until
from wire import Wire

MODEL = "claude-opus-5-5"
CLIENT_HELLO_START = bytes.fromhex("16030100c8010000c403")


class Listener(IntegrationTest):
    def setUp(self):
        super().setUp()
        self.cert, self.key_file = certificates.make(self.folder, "localhost")
        self.fake = self.start_fake()
        self.gateway = self.start_gateway(
            {
                "AXONHUB_SERVER_TLS_CERT_FILE": self.cert,
                "AXONHUB_SERVER_TLS_KEY_FILE": self.key_file,
            },
            tls=certificates.trust(self.cert),
        )
        self.key = self.new_key(self.gateway)
        self.new_channel(self.gateway, self.fake, [MODEL])

    def ask(self, tls=None, stream=True):
        with Wire(self.gateway.port, tls=tls or self.gateway.tls, name="localhost") as wire:
            return wire.request(
                "POST",
                "/v1/messages",
                {"x-api-key": self.key},
                bodies.message(MODEL, stream=stream, text="x" * 100_000),
            )

    def test_it_serves_https(self):
        self.assertEqual(self.gateway.listening["scheme"], "https")
        for stream in (False, True):
            answer = self.ask(stream=stream)
            self.assertEqual(answer.status, 200)
            self.assertTrue(answer.complete)

    def test_clients_silent_in_the_handshake_hold_nobody_up(self):
        silent = [socket.create_connection(("127.0.0.1", self.gateway.port)) for _ in range(8)]
        for number, client in enumerate(silent):
            client.sendall(CLIENT_HELLO_START[:number])
        for _ in range(8):  # as many connections again: every thread gets one
            self.assertEqual(self.ask().status, 200)
        for client in silent:
            client.close()

    def test_plain_http_gets_no_answer_that_works(self):
        with Wire(self.gateway.port) as wire:
            wire.send_request("GET", "/readyz")
            try:
                self.assertEqual(wire.read_response().status, 400)
            except (Closed, AssertionError):
                pass
        self.assertEqual(self.ask().status, 200)

    def test_old_versions_are_refused(self):
        old = certificates.trust(self.cert)
        old.set_ciphers("ALL:@SECLEVEL=0")
        old.minimum_version = ssl.TLSVersion.TLSv1
        old.maximum_version = ssl.TLSVersion.TLSv1_1
        with self.assertRaises((ssl.SSLError, ConnectionError)):
            self.ask(old)

    def test_a_new_certificate_is_taken_without_a_restart(self):
        with Wire(self.gateway.port, tls=self.gateway.tls, name="localhost") as before:
            os.mkdir(os.path.join(self.folder, "new"))
            cert, key = certificates.make(os.path.join(self.folder, "new"), "localhost")
            shutil.copy(key, self.key_file)
            shutil.copy(cert, self.cert)
            self.gateway.signal(signal.SIGHUP)
            fresh = certificates.trust(self.cert)

            def works():
                try:
                    return self.ask(fresh).status == 200
                except ssl.SSLError:
                    return False

            wait_until(works, "the new certificate is shown")
            self.assertEqual(before.request("GET", "/readyz").status, 200)
            self.gateway.tls = fresh

    def test_a_broken_certificate_keeps_the_old_one(self):
        with open(self.cert, encoding="utf-8") as file:
            good = file.read()
        with open(self.cert, "w", encoding="utf-8") as file:
            file.write("no certificate")
        errors = len(self.gateway.lines)
        self.gateway.signal(signal.SIGHUP)
        wait_until(
            lambda: any('"error"' in line for line in self.gateway.lines[errors:]),
            "the log tells about it",
        )
        self.assertEqual(self.ask().status, 200)
        with open(self.cert, "w", encoding="utf-8") as file:
            file.write(good)


class Upstream(IntegrationTest):
    def setUp(self):
        super().setUp()
        self.gateway = self.start_gateway()
        self.key = self.new_key(self.gateway)

    def provider(self, name):
        folder = os.path.join(self.folder, name)
        os.mkdir(folder)
        pair = certificates.make(folder, name)
        with open(pair[0], encoding="utf-8") as file:
            return self.start_fake("fake", pair), file.read()

    def ask(self, model):
        return self.gateway.request(
            "POST", "/v1/messages", {"x-api-key": self.key}, bodies.message(model, stream=True)
        )

    def test_a_channel_may_trust_its_own_authority(self):
        fake, authority = self.provider("127.0.0.1")
        self.new_channel(self.gateway, fake, [MODEL], ca_certificates=authority)
        answer = self.ask(MODEL)
        self.assertEqual(answer.status, 200, answer.body)
        self.assertEqual(answer.event_names()[-1], "message_stop")

    def test_unknown_authorities_are_refused(self):
        fake, _ = self.provider("127.0.0.1")
        channel = self.new_channel(self.gateway, fake, [MODEL])
        answer = self.ask(MODEL)
        self.assertIn(answer.status, (500, 502, 503, 529))
        self.assertEqual(fake.stats()["requests"], 0)
        result = self.gateway.admin.post(f"channels/{channel['id']}/test", {})
        self.assertEqual((result["ok"], result["stage"]), (False, "tls"))

    def test_wrong_names_are_refused(self):
        fake, authority = self.provider("localhost")
        channel = self.new_channel(self.gateway, fake, [MODEL], ca_certificates=authority)
        self.assertIn(self.ask(MODEL).status, (500, 502, 503, 529))
        self.assertEqual(fake.stats()["requests"], 0)
        result = self.gateway.admin.post(f"channels/{channel['id']}/test", {})
        self.assertEqual((result["ok"], result["stage"]), (False, "tls"))

    def test_tls_never_falls_back_to_plain_text(self):
        plain = self.start_fake()
        self.gateway.admin.create_channel(plain.url.replace("http:", "https:"), [MODEL])
        self.assertIn(self.ask(MODEL).status, (500, 502, 503, 529))
        self.assertEqual(plain.stats()["by_path"], {})

    def test_a_truncated_stream_is_no_end(self):
        fake, authority = self.provider("127.0.0.1")
        model = "claude-fault-cut-5"
        self.new_channel(self.gateway, fake, [model], ca_certificates=authority)
        names = self.ask(model).event_names()
        self.assertEqual(names[-1], "error")
        self.assertNotIn("message_stop", names)


if __name__ == "__main__":
    unittest.main()
