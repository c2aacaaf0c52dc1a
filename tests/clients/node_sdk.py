"""The official SDKs in Node.js, each behind a script that does one thing and prints JSON."""

import json
import os
import subprocess

from client_test import ClientTest
from harness import PATIENCE

HERE = os.path.dirname(os.path.abspath(__file__))


class NodeTest(ClientTest):
    script = ""

    def node(self, action, argument=None, **variables):
        """What the script printed; it had nothing else to say."""
        done = subprocess.run(
            ["node", self.script, action, json.dumps(argument or {})],
            env={"PATH": os.environ["PATH"], "HOME": self.folder, **variables},
            cwd=HERE,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60 * PATIENCE,
            check=False,
        )
        self.assertEqual((done.returncode, done.stderr.decode()), (0, ""))
        return json.loads(done.stdout)
