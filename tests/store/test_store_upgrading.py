"""upgrading: older files are kept, then brought to this format step by step."""

from collections.abc import Callable, Mapping
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from provserver.errors import Damaged
from provserver.store import journal, upgrading
from provserver.store.lines import FORMAT, sealed
from provserver.store.upgrading import Line
from tests.fakes.disk import FakeDisk, Killed
from tests.store.pairs import numbers, opened, pair


def sealed_as(version: int, text: bytes) -> bytes:
    """Return a file as a provd wrote it whose format was `version`: there, `config` was called `layer`."""
    lines = []
    for line in text.splitlines(keepends=True):
        if line == b"\n":  # what the history has between two batches
            lines.append(line)
            continue
        rest = line[len(b'{"crc":"00000000",') : -1]
        rest = rest.replace(b'"format":%d' % FORMAT, b'"format":%d' % version)
        lines.append(sealed(rest.replace(b'"config"', b'"layer"' if version == FORMAT - 1 else b'"sheet"')))
    return b"".join(lines)


def renaming(old: str, new: str) -> Callable[[str, Line], Line]:
    def step(file: str, line: Line) -> Line:
        for change in (line, *line.get("changes", ())):
            for field in ("put", "kind", "delete"):
                if change.get(field) == old:
                    change[field] = new
        return line

    return step


STEPS: Mapping[int, Callable[[str, Line], Line]] = {
    FORMAT - 2: renaming("sheet", "layer"),
    FORMAT - 1: renaming("layer", "config"),
}


class UpgradingTests(SynchronousTestCase):
    def setUp(self) -> None:
        disk = FakeDisk()
        store = opened(disk, compact_bytes=600)
        for number in range(3):
            self.successResultOf(store.commit(pair(number)))
        self.now = disk.files
        self.assertEqual({name.partition("-")[0] for name in self.now}, {"snapshot", "journal", "history"})
        known: Any = upgrading.upgrade
        self.patch(journal, "upgrade", lambda disk: known(disk, STEPS))

    def old(self, version: int) -> dict[str, bytes]:
        return {name: sealed_as(version, text) for name, text in self.now.items()}

    def test_an_old_store_is_brought_to_this_format_step_by_step(self) -> None:
        """And as it was it stays beside: a downgrade puts it back."""
        for version in (FORMAT - 1, FORMAT - 2):
            disk = FakeDisk(self.old(version))
            self.assertEqual(numbers(opened(disk)), {0, 1, 2})
            for name, text in self.old(version).items():
                self.assertEqual(disk.files[f"format-{version}-of-{name}"], text)
                self.assertEqual(disk.files[name], self.now[name])
            self.assertEqual(numbers(opened(FakeDisk(disk.files))), {0, 1, 2})

    def test_killed_at_any_moment_it_goes_on_at_the_next_start(self) -> None:
        """Some files are new then, some old; and what is kept is still the old one."""
        version = FORMAT - 2
        for at in range(200):
            disk = FakeDisk(self.old(version))
            left = iter(range(at))

            def count(operation: str, name: str, left: Any = left) -> None:
                if next(left, None) is None:
                    raise Killed

            disk.before = count
            try:
                opened(disk)
                break
            except Killed:
                again = FakeDisk(disk.files)
                self.assertEqual(numbers(opened(again)), {0, 1, 2})
                for name, text in self.old(version).items():
                    self.assertEqual(again.files[f"format-{version}-of-{name}"], text)
        self.assertGreater(at, 20)

    def test_a_torn_end_stays_one(self) -> None:
        """It was never acknowledged, in whatever format."""
        old = self.old(FORMAT - 1)
        disk = FakeDisk({**old, "journal-2.jsonl": old["journal-2.jsonl"][:-9]})
        self.assertEqual(numbers(opened(disk)), {0, 1})

    def test_a_line_that_no_step_can_take_refuses_the_start(self) -> None:
        """It says which line; nothing has been made anew."""

        def step(file: str, line: Line) -> Line:
            return {**line, "seq": line["never"]}

        old = self.old(FORMAT - 1)
        disk = FakeDisk(old)
        with self.assertRaises(Damaged) as raised:
            upgrading.upgrade(disk, {FORMAT - 1: step})
        self.assertIn("line 1: it cannot be upgraded", str(raised.exception))
        self.assertEqual({name: text for name, text in disk.files.items() if name in old}, old)

    def test_what_has_no_step_or_is_of_the_future_is_left_to_the_reader(self) -> None:
        """Who refuses it, and says what to start."""
        for version in (FORMAT - 3, FORMAT + 1):
            disk = FakeDisk(self.old(version))
            with self.assertRaises(Damaged) as raised:
                opened(disk)
            self.assertIn(f"format {version} is not known here", str(raised.exception))
            self.assertEqual(disk.files, self.old(version))

    def test_other_files_are_nobodys_business(self) -> None:
        """Whatever lies in the folder."""
        others = {
            "notes.txt": b"x", "journal-x.txt": b"", "journal-9.jsonl.tmp": b"half", "history-zz.jsonl": b"torn",
            "snapshot-.jsonl": sealed(b"[]"), "cut-7-of-journal-0.jsonl": b"torn",
            "history-yy.jsonl": sealed(b'"a":1}'),
        }  # fmt: skip
        disk = FakeDisk({**self.now, **others})
        upgrading.upgrade(disk, STEPS)
        self.assertEqual(disk.files, {**self.now, **others})
