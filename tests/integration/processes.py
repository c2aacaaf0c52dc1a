"""Child processes of a test: started on free ports, watched, and never left behind."""

import ctypes
import json
import os
import signal
import subprocess
import threading
import time

# Slow builds (sanitizers, a busy machine) get all deadlines multiplied.
PATIENCE = float(os.environ.get("AXONHUB_TEST_PATIENCE", "1"))

SANITIZER_MARKS = (
    "ERROR: AddressSanitizer",
    "ERROR: LeakSanitizer",
    "WARNING: ThreadSanitizer",
    "runtime error:",
)


def wait_until(condition, what, seconds=10.0):
    """Asks `condition` until it is truthy and returns that; fails after the deadline."""
    deadline = time.monotonic() + seconds * PATIENCE
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds * PATIENCE:.1f} s: {what}")
        time.sleep(0.005)


def _die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


class Process:
    """One child whose standard output and error are collected line by line."""

    def __init__(self, arguments, env=None):
        self.popen = subprocess.Popen(
            arguments,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            preexec_fn=_die_with_parent,
        )
        self.lines = []
        self.errors = []
        self._readers = [
            threading.Thread(target=self._collect, args=(pipe, lines), daemon=True)
            for pipe, lines in (
                (self.popen.stdout, self.lines),
                (self.popen.stderr, self.errors),
            )
        ]
        for reader in self._readers:
            reader.start()

    @staticmethod
    def _collect(pipe, lines):
        for line in pipe:
            lines.append(line.decode("utf-8", "replace").rstrip("\n"))
        pipe.close()

    @property
    def pid(self):
        return self.popen.pid

    def is_running(self):
        return self.popen.poll() is None

    def output(self):
        """Everything it wrote so far."""
        return "\n".join(self.lines + self.errors)

    def log_events(self, name=None):
        """The JSON lines of its log, or those with that event."""
        events = []
        for line in list(self.lines):
            try:
                event = json.loads(line)
            except ValueError:
                continue
            if isinstance(event, dict) and name in (None, event.get("event")):
                events.append(event)
        return events

    def wait_for_line(self, accept, what, seconds=10.0):
        """The first line that `accept` turns into something truthy."""

        def look():
            for line in list(self.lines):
                value = accept(line)
                if value:
                    return value
            if not self.is_running():
                raise AssertionError(
                    f"ended with {self.popen.returncode} before {what}:\n{self.output()}"
                )
            return None

        return wait_until(look, what, seconds)

    def signal(self, number):
        self.popen.send_signal(number)

    def wait(self, seconds=10.0):
        """Its exit code; killed and failed when it does not end by itself."""
        try:
            code = self.popen.wait(seconds * PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(
                f"process {self.pid} did not end:\n{self.output()}"
            ) from None
        self._join()
        return code

    def kill(self):
        if self.is_running():
            self.popen.kill()
        self.popen.wait()
        self._join()

    def _join(self):
        for reader in self._readers:
            reader.join(5)

    def sanitizer_reports(self):
        return [
            line
            for line in self.lines + self.errors
            if any(mark in line for mark in SANITIZER_MARKS)
        ]
