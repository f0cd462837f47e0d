"""docs/words.md: every reason that a claim or a resync may give stands in it."""

import ast
import re
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

ROOT = Path(__file__).resolve().parents[2]
FORM = re.compile(r"(agi|claim|code|line|pbx|phone|resync)\.[a-z-]*[a-z]")
NO_REASON = {"phone.unreachable"}  # of the simulated phone, which has words of its own


class WordsTests(SynchronousTestCase):
    def test_docs_words_lists_every_reason(self) -> None:
        """A dialplan tests them, and whoever writes one must find them."""
        in_code = {
            node.value
            for path in (ROOT / "provserver").rglob("*.py")
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and FORM.fullmatch(node.value)
        }
        _, _, text = (ROOT / "docs/words.md").read_text().partition("## Claims and resyncs")
        listed = re.findall(r"^\| `([a-z]+\.[a-z-]+)` \|", text, re.MULTILINE)
        self.assertEqual(sorted(listed), sorted(in_code - NO_REASON))

    def test_each_outcome_has_its_test(self) -> None:
        """docs/pbx.md says what proves each outcome; a test that was renamed would prove nothing."""
        named = re.findall(r"`(\S+\.py)::(test_\w+)`", (ROOT / "docs/pbx.md").read_text())
        self.assertGreater(len(named), 40)
        for file, test in named:
            self.assertIn(f"def {test}(", (ROOT / "tests" / file).read_text(), file)
