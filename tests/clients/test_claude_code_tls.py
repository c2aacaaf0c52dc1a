"""Claude Code over HTTPS with a certificate that no public authority signed."""

import os
import shutil
import subprocess
import unittest

import certificates
from client_test import ClientTest, posts


class Https(ClientTest):
    def setUp(self):
        super(ClientTest, self).setUp()
        self.certificate, key_file = certificates.make(self.folder, "localhost")
        self.gateway = self.start_gateway(
            {
                "AXONHUB_SERVER_TLS_CERT_FILE": self.certificate,
                "AXONHUB_SERVER_TLS_KEY_FILE": key_file,
            },
            tls=certificates.trust(self.certificate),
        )
        self.key = self.new_key(self.gateway)
        self.fake, _ = self.start_channel()
        self.claude = self.start_claude()

    def ask(self, **variables):
        return self.claude.ask(self.url(), "hi", **variables)

    def bundle(self):
        """The system's authorities with the gateway's certificate among them."""
        bundle = os.path.join(self.folder, "bundle.crt")
        with open(bundle, "wb") as out:
            for path in ("/etc/ssl/certs/ca-certificates.crt", self.certificate):
                if os.path.exists(path):
                    with open(path, "rb") as part:
                        shutil.copyfileobj(part, out)
        return bundle

    def store(self):
        """A folder of authorities as the system keeps them: files named by their hash."""
        folder = os.path.join(self.folder, "store")
        os.mkdir(folder)
        command = ["openssl", "x509", "-noout", "-hash", "-in", self.certificate]
        name = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
        shutil.copy(self.certificate, os.path.join(folder, f"{name}.0"))
        return folder

    def test_an_extra_authority_is_trusted(self):
        self.assert_answered(self.ask(NODE_EXTRA_CA_CERTS=self.certificate))

    def test_the_systems_authorities_are_trusted(self):
        # It reads the system's store beside its own list; these two name another place for it.
        self.assert_answered(self.ask(SSL_CERT_FILE=self.bundle()))
        self.assert_answered(self.ask(SSL_CERT_DIR=self.store()))

    def test_without_that_nothing_is_sent(self):
        for variables in ({}, {"SSL_CERT_FILE": self.bundle(), "CLAUDE_CODE_CERT_STORE": "bundled"}):
            answer = self.ask(CLAUDE_CODE_MAX_RETRIES="0", **variables)
            self.assertNotEqual(answer.code, 0)
            self.assertIn("certificate", answer.text)
        self.assertEqual(posts(self.fake), [])
        self.assert_answered(self.ask(NODE_EXTRA_CA_CERTS=self.certificate))


if __name__ == "__main__":
    unittest.main()
