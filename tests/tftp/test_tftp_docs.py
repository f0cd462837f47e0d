"""docs/tftp.md: every test that it names is there."""

import re
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

ROOT = Path(__file__).resolve().parents[2]


class DocumentationTests(SynchronousTestCase):
    def test_every_test_that_is_named_exists(self) -> None:
        """A proof that was renamed away would be none."""
        named = set(re.findall(r"`(test_\w+)`", (ROOT / "docs/tftp.md").read_text()))
        self.assertGreater(len(named), 40)
        files = [*(ROOT / "tests/tftp").glob("*.py"), *(ROOT / "tests/contracts").glob("tftp*.py")]
        files.append(ROOT / "tests/e2e/test_e2e_tftp.py")
        defined = {name for file in files for name in re.findall(r"def (test_\w+)\(", file.read_text())}
        self.assertEqual(named - defined, set())
