"""packaging: what `pip install .` puts on a machine is the whole product."""

import shutil
import sys
import tempfile
import unittest
from pathlib import Path

from tests.e2e.server import FREE_PORTS, ROOT, Provd, run

USER_AGENT = "Yealink SIP-T46S 66.86.0.15 00:15:65:4a:a9:37"
LEFT_OUT = shutil.ignore_patterns(
    ".venv", ".git", "var", "build", "*.egg-info", "__pycache__", ".*_cache", "test_*"
)


class InstallTests(unittest.TestCase):
    def test_a_fresh_environment_has_twistd_with_provd_and_its_vendors(self) -> None:
        """Without the checkout: the vendor folders and templates must have come along."""
        folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, folder)
        shutil.copytree(ROOT, folder / "source", ignore=LEFT_OUT)
        binaries = folder / "venv" / "bin"
        for command in (
            (sys.executable, "-m", "venv", str(folder / "venv")),
            (
                str(binaries / "pip"),
                "install",
                "--quiet",
                "--disable-pip-version-check",
                str(folder / "source"),
            ),
        ):
            status, text = run(*command, cwd=folder)
            self.assertEqual(status, 0, text)
        shutil.rmtree(folder / "source")

        status, text = run(str(binaries / "twistd"), "--help", cwd=folder)
        self.assertRegex(text, r"\bprovd +The phone provisioning server")
        status, text = run(str(binaries / "provd-phone"), "--help", cwd=folder)
        self.assertEqual(status, 0, text)

        state = folder / "var"
        twistd = (str(binaries / "twistd"), "-n", "--pidfile=", "provd", "--state", str(state))
        with Provd(state, command=(*twistd, *FREE_PORTS)) as provd:
            status, body = provd.phone("/0015654aa937.cfg", USER_AGENT)
            self.assertEqual(status, 200)
            self.assertTrue(body.startswith(b"#!version:1.0.0.1\n"))
