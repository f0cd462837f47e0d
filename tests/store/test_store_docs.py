"""docs/operations.md: its tests exist, and its journal is one."""

import re
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from provserver.store.lines import read_header, read_line

ROOT = Path(__file__).resolve().parent.parent.parent
TEXT = (ROOT / "docs/operations.md").read_text()


class OperationsTests(SynchronousTestCase):
    def test_every_line_of_the_table_names_tests_that_exist(self) -> None:
        """A promise that nothing proves is none."""
        known = set[str]()
        for path in (ROOT / "tests").rglob("*.py"):
            known.update(re.findall(r"def (test_\w+)", path.read_text()))
        rows = [line for line in TEXT.partition("| fault |")[2].splitlines()[2:] if line.startswith("|")]
        self.assertGreater(len(rows), 12)
        for row in TEXT.partition("## When something breaks")[2].partition("\n## ")[0].splitlines():
            if row.startswith("|") and not row.startswith(("| fault", "| ---")):
                named = re.findall(r"`(test_\w+)`", row)
                self.assertTrue(named, row)
                for name in named:
                    self.assertIn(name, known)

    def test_the_journal_that_is_shown_is_one(self) -> None:
        """Its checksums are right, and each line is understood."""
        shown = re.search(r"```jsonl\n(.*?)```", TEXT, re.DOTALL)
        assert shown
        first, *rest = shown[1].encode().splitlines(keepends=True)
        self.assertEqual(read_header(first).file, "journal")
        lines = [read_line(text) for text in rest]
        self.assertEqual([line.seq for line in lines], [1, 2, 3, 4, 5])
        self.assertEqual([line.is_end() for line in lines], [False, False, False, True, True])
