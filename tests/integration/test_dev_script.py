"""./dev refuses what it does not know before it installs or builds anything."""

import pathlib
import subprocess
import tempfile
import unittest

DEV = pathlib.Path(__file__).resolve().parents[2] / "dev"
COMMANDS = "deps build run demo test asan tsan fuzz bench check fmt".split()


def dev(*arguments):
    """Runs the script as someone would who stands in another folder."""
    with tempfile.TemporaryDirectory() as elsewhere:
        return subprocess.run(
            [DEV, *arguments],
            cwd=elsewhere,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
        )


class DevScript(unittest.TestCase):
    def test_explains_every_command(self):
        said = dev("help")
        self.assertEqual(said.returncode, 0, said.stderr)
        explained = [line.split()[0] for line in said.stdout.splitlines() if line[2:3].isalpha()]
        self.assertEqual([name for name in COMMANDS if name not in explained], [])

    def test_refuses_what_it_does_not_know(self):
        for arguments in (
            ["brew"],
            ["build", "fast"],
            ["test", "luck"],
            ["asan", "luck"],
            ["fuzz", "long"],
            ["fuzz", "20", "luck"],
        ):
            with self.subTest(arguments=arguments):
                said = dev(*arguments)
                self.assertEqual(said.returncode, 1)
                self.assertIn(arguments[-1], said.stderr.splitlines()[-1])

    def test_has_no_mistake_in_its_grammar(self):
        for script in (DEV, DEV.parent / ".ci" / "run"):
            read = subprocess.run(["bash", "-n", script], capture_output=True, text=True)
            self.assertEqual((read.returncode, read.stderr), (0, ""))


if __name__ == "__main__":
    unittest.main()
