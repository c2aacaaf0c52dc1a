"""Claude Code as its users run it, in a home of its own.

CLAUDE_CODE_VERSION chooses among the versions of package.json.
"""

import json
import os
import platform
import subprocess
import time
from dataclasses import dataclass

from harness import PATIENCE

VERSION = os.environ.get("CLAUDE_CODE_VERSION", "2.1.330")
MODULES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "node_modules")

# What the two versions ask for when nobody chooses a model.
DEFAULT_MODELS = ["claude-opus-5-5", "claude-opus-4-8"]


def program():
    """The native program inside the packages: their install scripts need not have run."""
    machine = {"x86_64": "x64", "aarch64": "arm64"}[platform.machine()]
    package = os.path.join("@anthropic-ai", f"claude-code-linux-{machine}")
    own = os.path.join(MODULES, f"claude-code-{VERSION}", "node_modules", package)
    for folder in (own, os.path.join(MODULES, package)):
        about = os.path.join(folder, "package.json")
        if os.path.exists(about):
            with open(about, encoding="utf-8") as file:
                if json.load(file)["version"] == VERSION:
                    return os.path.join(folder, "claude")
    raise AssertionError(f"Claude Code {VERSION} is not installed: tests/clients/run does that")


@dataclass
class Answer:
    code: int
    text: str
    errors: str
    seconds: float

    def json(self):
        """What `--output-format json` prints."""
        return json.loads(self.text)


class ClaudeCode:
    """One user's Claude Code: its settings and sessions live in `folder`."""

    def __init__(self, folder, key):
        self.home = os.path.join(folder, "home")
        self.work = os.path.join(folder, "work")
        os.makedirs(self.home)
        os.makedirs(self.work)
        self.variables = {
            "PATH": os.environ["PATH"],
            "HOME": self.home,
            "LANG": "C.UTF-8",
            "ANTHROPIC_AUTH_TOKEN": key,
            "CLAUDE_CODE_MAX_RETRIES": "2",
            "DISABLE_AUTOUPDATER": "1",
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        }

    def ask(self, base_url, prompt, *arguments, **variables):
        """Runs it once without a terminal. A variable that is None is not set."""
        env = {**self.variables, "ANTHROPIC_BASE_URL": base_url, **variables}
        start = time.monotonic()
        done = subprocess.run(
            [program(), "-p", prompt, *arguments],
            env={name: value for name, value in env.items() if value is not None},
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

    def gateway_models(self):
        """The models that it learned from the gateway, or None."""
        path = os.path.join(self.home, ".claude", "cache", "gateway-models.json")
        if not os.path.exists(path):
            return None
        with open(path, encoding="utf-8") as file:
            return [model["id"] for model in json.load(file)["models"]]
