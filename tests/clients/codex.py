"""The Codex CLI as its users run it, in a home of its own."""

import os
import platform
import re
import subprocess
import time

from claude_code import MODULES, Answer
from harness import PATIENCE

# A model whose abilities Codex knows; for another one it warns.
MODEL = "gpt-5.5"

SETTINGS = """model = "{model}"
model_provider = "gateway"
check_for_update_on_startup = false

[analytics]
enabled = false

[model_providers.gateway]
name = "gateway"
base_url = "{base_url}"
env_key = "GATEWAY_KEY"
wire_api = "responses"
http_headers = {{ {headers} }}
"""


def program():
    """The native program inside the packages: the launcher needs it anyway."""
    machine = platform.machine()
    name = {"x86_64": "x64", "aarch64": "arm64"}[machine]
    vendor = os.path.join(MODULES, "@openai", f"codex-linux-{name}", "vendor")
    path = os.path.join(vendor, f"{machine}-unknown-linux-musl", "bin", "codex")
    if not os.path.exists(path):
        raise AssertionError("Codex is not installed: tests/clients/run does that")
    return path


class Codex:
    """One user's Codex: its settings and sessions live in `folder`."""

    def __init__(self, folder, key):
        self.home = os.path.join(folder, "home")
        self.work = os.path.join(folder, "work")
        self.key = key
        for path in (os.path.join(self.home, ".codex"), self.work, os.path.join(folder, "tmp")):
            os.makedirs(path)
        self.variables = {
            "PATH": os.environ["PATH"],
            "HOME": self.home,
            "TMPDIR": os.path.join(folder, "tmp"),  # it warns of a home among temporary files
            "LANG": "C.UTF-8",
            "GATEWAY_KEY": key,
        }

    def ask(self, base_url, prompt, *arguments, headers=None):
        """Runs it once without a terminal: `codex exec ARGUMENTS PROMPT`. Further headers go with
        each of its requests."""
        extra = ", ".join(f'"{name}" = "{value}"' for name, value in (headers or {}).items())
        with open(os.path.join(self.home, ".codex", "config.toml"), "w", encoding="utf-8") as file:
            file.write(SETTINGS.format(model=MODEL, base_url=base_url, headers=extra))
        # Its own sandbox needs user namespaces, which a container may forbid.
        command = [program(), "exec", "--skip-git-repo-check", "--sandbox", "danger-full-access"]
        start = time.monotonic()
        done = subprocess.run(
            [*command, *arguments, prompt],
            env=self.variables,
            cwd=self.work,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60 * PATIENCE,
            check=False,
        )
        return Answer(
            done.returncode,
            done.stdout.decode("utf-8", "replace"),
            done.stderr.decode("utf-8", "replace"),
            time.monotonic() - start,
        )


def session_of(answer):
    """The session that its log names."""
    return re.search(r"session id: (\S+)", answer.errors).group(1)


def complaints(answer):
    """The lines of its log in which something did not go as usual."""
    words = ("warn", "error", "reconnect", "retry", "failed", "fallback")
    return [l for l in answer.errors.splitlines() if any(w in l.lower() for w in words)]
