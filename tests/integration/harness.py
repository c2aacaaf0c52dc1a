"""Starts the real programs and checks, after each test, how they ended.

The programs come from the environment: AXONHUB_BINARY and FAKE_PROVIDER. AXONHUB_TEST_PATIENCE
multiplies all deadlines; AXONHUB_TEST_LONG=1 has tests of outages and of memory take the numbers of
their promises, which needs a minute more.
"""

import json
import os
import shutil
import signal
import statistics
import tempfile
import time
import unittest

import certificates
from admin import Admin
from processes import PATIENCE, Process, wait_until
from stub_provider import StubProvider
from wire import Closed, Wire

__all__ = ["PATIENCE", "Closed", "FakeProvider", "Gateway", "IntegrationTest", "wait_until"]

ADMIN_TOKEN = "admin-token-that-must-stay-secret-5f1d"
PROVIDER_KEY = "sk-provider-key-that-must-stay-secret-77aa"


def program(variable):
    path = os.environ.get(variable)
    if not path or not os.access(path, os.X_OK):
        raise AssertionError(f"{variable} names no program: {path!r}")
    return path


class FakeProvider(Process):
    """A provider; see tests/support/fake_provider."""

    def __init__(self, name="fake", tls=None, *arguments):
        command = [program("FAKE_PROVIDER"), "--name", name, *arguments]
        if tls:
            command += ["--tls-cert", tls[0], "--tls-key", tls[1]]
        super().__init__(command)
        self.name = name
        self.tls = None
        if tls:
            self.tls = certificates.trust_all()
        self.port = self.wait_for_line(
            lambda line: json.loads(line).get("port"), "the fake provider's port"
        )

    @property
    def url(self):
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    def request(self, method, target, headers=None, body=None):
        """Asks the provider itself, as the gateway would."""
        headers = {"x-api-key": "direct", **(headers or {})}
        with Wire(self.port, tls=self.tls) as wire:
            return wire.request(method, target, headers, body)

    def _control(self, method, path, body=None):
        data = json.dumps(body).encode() if body is not None else None
        with Wire(self.port, tls=self.tls) as wire:
            response = wire.request(method, f"/__fake/{path}", None, data)
        if response.status != 200:
            raise AssertionError(f"{path}: {response.body!r}")
        return response

    def stats(self):
        return self._control("GET", "stats").json()

    def requests(self):
        return self._control("GET", "requests").json()

    def last_body(self):
        return self._control("GET", "last_body").body

    def config(self, **settings):
        """fault, for, path, delta_count, delta_bytes, stamp, interval_ms, delay_ms, headers, and tool:
        the `name` that models with tools call, and the two `inputs`."""
        self._control("POST", "config", settings)

    def reset(self):
        self._control("POST", "reset", {})


class Gateway(Process):
    """The gateway on a free port of this machine."""

    def __init__(self, db_path, env=None, arguments=(), token=ADMIN_TOKEN):
        self.db_path = db_path
        self.token = token
        self.env = dict(env or {})
        self.arguments = list(arguments)
        self.tls = None
        self.any_exit_code = False  # True where a test forces an end that is not clean
        variables = {
            "PATH": os.environ.get("PATH", ""),
            "HOME": db_path,
            "AXONHUB_SERVER_HOST": "127.0.0.1",
            "AXONHUB_SERVER_PORT": "0",
            "AXONHUB_DB_PATH": db_path,
            "AXONHUB_LOG_LEVEL": "debug",
        }
        if token:
            variables["AXONHUB_ADMIN_TOKEN"] = token
        for name, value in os.environ.items():
            if name.endswith("SAN_OPTIONS") or name == "LD_LIBRARY_PATH":
                variables[name] = value
        variables.update(self.env)
        super().__init__([program("AXONHUB_BINARY"), "serve", *self.arguments], variables)
        self.listening = self.wait_for_line(self._listening, "the gateway's port", 20)
        self.port = self.listening["port"]

    @staticmethod
    def _listening(line):
        try:
            event = json.loads(line)
        except ValueError:
            return None
        return event if event.get("event") == "listening" else None

    def wait_ready(self, tls=None):
        self.tls = tls

        def ready():
            try:
                return self.request("GET", "/readyz").status == 200
            except (Closed, OSError):
                return False

        wait_until(ready, "/readyz answers 200", 20)
        return self

    @property
    def admin(self):
        return Admin(self.port, self.token, self.tls)

    def connect(self, timeout=15.0):
        return Wire(self.port, tls=self.tls, name="localhost", timeout=timeout)

    def request(self, method, target, headers=None, body=None):
        with self.connect() as wire:
            return wire.request(method, target, headers, body)

    def stop(self, seconds=20.0):
        """Ends it as a service manager does; its exit code must be 0."""
        if self.is_running():
            self.signal(signal.SIGTERM)
        code = self.wait(seconds)
        if code != 0:
            raise AssertionError(f"the gateway ended with {code}:\n{self.output()}")

    def restarted(self, env=None):
        """Another gateway on the same data; this one must have ended."""
        return Gateway(
            self.db_path, {**self.env, **(env or {})}, self.arguments, self.token
        ).wait_ready(self.tls)


class IntegrationTest(unittest.TestCase):
    """Starts what a test asks for and ends it, with these checks on the gateway: it ends with 0,
    no sanitizer complained, and no secret is in its output."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="axonhub-test-")
        self.addCleanup(shutil.rmtree, self.folder, True)
        self.secrets = {ADMIN_TOKEN, PROVIDER_KEY}
        self.gateways = []

    def start_fake(self, name="fake", tls=None, *arguments):
        fake = FakeProvider(name, tls, *arguments)
        self.addCleanup(fake.kill)
        return fake

    def start_stub(self, answer):
        """A provider whose every answer `answer(head, body)` makes."""
        stub = StubProvider(answer)
        self.addCleanup(stub.close)
        return stub

    def start_gateway(self, env=None, tls=None, arguments=(), token=ADMIN_TOKEN):
        db_path = os.path.join(self.folder, f"db{len(self.gateways)}")
        os.mkdir(db_path)
        gateway = Gateway(db_path, env, arguments, token)
        self.adopt(gateway)
        return gateway.wait_ready(tls)

    def adopt(self, gateway):
        """Has the gateway ended and checked with the test."""
        self.gateways.append(gateway)
        self.addCleanup(self._end, gateway)

    def _end(self, gateway):
        killed = gateway.popen.poll() == -signal.SIGKILL
        try:
            if not killed and not gateway.any_exit_code:
                gateway.stop()
        finally:
            gateway.kill()
            self.check_output(gateway)

    def assert_quick(self, gateway, ask, seconds):
        """`ask(number)` takes less than `seconds` longer than a question that needs nothing, asked
        just before it: what a busy machine takes, it takes from both. The median of 15."""
        extra = []
        for number in range(15):
            began = time.monotonic()
            gateway.request("GET", "/livez")
            between = time.monotonic()
            ask(number)
            extra.append((time.monotonic() - between) - (between - began))
        self.assertLess(statistics.median(extra), seconds, extra)

    def check_output(self, gateway):
        reports = gateway.sanitizer_reports()
        self.assertFalse(reports, gateway.output())
        output = gateway.output()
        for secret in self.secrets:
            self.assertNotIn(secret, output, "a secret is in the log")

    def new_key(self, gateway, **more):
        """A client key whose secret must never be logged; the secret."""
        key = gateway.admin.create_key(**more)["key"]
        self.secrets.add(key)
        return key

    def new_channel(self, gateway, fake, models, **more):
        more.setdefault("api_key", PROVIDER_KEY)
        return gateway.admin.create_channel(fake.url, models, **more)
