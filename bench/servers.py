"""The programs that are measured, on one core, and the provider behind them, on another."""

import json
import os
import pathlib
import shutil
import socket
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "tests" / "integration"))

from admin import Admin
from bodies import MODEL
from processes import Process, wait_until
from wire import Closed, Wire

MEASURED_CORE = 0
OTHER_CORE = min(1, os.cpu_count() - 1)
ADMIN_TOKEN = "admin-token-of-the-benchmark"
PAGE = os.sysconf("SC_PAGE_SIZE")
TICKS = os.sysconf("SC_CLK_TCK")


def on_core(core, *command):
    return ["taskset", "-c", str(core), *map(str, command)]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def json_member(name):
    """Accepts a JSON line that has this member, and gives its value."""

    def accept(line):
        try:
            return json.loads(line).get(name)
        except (ValueError, AttributeError):
            return None

    return accept


class Server(Process):
    """A process with a port and a client key, and what it has used of the machine."""

    key = "any"
    port = 0

    def cpu_seconds(self):
        """User and system time of all its threads, those that ended too; steps of 10 ms."""
        fields = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def resident_bytes(self):
        pages = pathlib.Path(f"/proc/{self.pid}/statm").read_text().split()[1]
        return int(pages) * PAGE

    def stop(self):
        if self.is_running():
            self.popen.terminate()
        self.wait()


class Provider(Server):
    """The fake provider, which keeps no records here."""

    def __init__(self, build):
        super().__init__(on_core(OTHER_CORE, build / "fake_provider", "--no-record"))
        self.port = self.wait_for_line(json_member("port"), "the provider's port")

    def config(self, **settings):
        """delta_count, interval_ms, stamp: see tests/support/fake_provider."""
        with Wire(self.port) as wire:
            response = wire.request("POST", "/__fake/config", None, json.dumps(settings).encode())
        assert response.status == 200, response.body


class Nginx(Server):
    name = "nginx"

    def __init__(self, folder, provider):
        self.port = free_port()
        text = (HERE / "nginx.conf").read_text()
        for word, value in (("FOLDER", folder), ("PORT", self.port), ("PROVIDER", provider.port)):
            text = text.replace(f"@{word}@", str(value))
        config = folder / "nginx.conf"
        config.write_text(text)
        program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
        assert program, "nginx is not installed"
        super().__init__(
            on_core(MEASURED_CORE, program, "-p", folder, "-e", "stderr", "-c", config)
        )
        wait_until(self._listens, "nginx listens")

    def _listens(self):
        if not self.is_running():
            raise AssertionError(f"nginx ended:\n{self.output()}")
        try:
            Wire(self.port).close()
            return True
        except OSError:
            return False


class Gateway(Server):
    """The gateway as it is shipped, with a store of its own, one channel and one key."""

    name = "gateway"

    def __init__(self, folder, provider, build):
        store = folder / "store"
        store.mkdir()
        variables = {
            "PATH": os.environ["PATH"],
            "AXONHUB_SERVER_HOST": "127.0.0.1",
            "AXONHUB_SERVER_PORT": "0",
            "AXONHUB_DB_PATH": str(store),
            "AXONHUB_ADMIN_TOKEN": ADMIN_TOKEN,
            "AXONHUB_SERVER_DRAIN_TIMEOUT": "2s",
        }
        super().__init__(on_core(MEASURED_CORE, build / "axonhub", "serve"), variables)
        self.port = self.wait_for_line(self._listening, "the gateway's port")
        wait_until(self._is_ready, "/readyz answers 200")
        self._set_up(provider)

    @staticmethod
    def _listening(line):
        is_listening = json_member("event")(line) == "listening"
        return json_member("port")(line) if is_listening else None

    def _is_ready(self):
        try:
            with Wire(self.port) as wire:
                return wire.request("GET", "/readyz").status == 200
        except (Closed, OSError):
            return False

    def _set_up(self, provider):
        admin = Admin(self.port, ADMIN_TOKEN)
        channel = admin.post(
            "channels",
            {
                "name": "bench",
                "type": "anthropic",
                "api_key": "sk-bench",
                "base_url": f"http://127.0.0.1:{provider.port}",
                "allow_private_network": True,
                "supported_models": [MODEL],
            },
        )
        admin.post(f"channels/{channel['id']}/enable")
        self.key = admin.create_key(name="bench")["key"]
