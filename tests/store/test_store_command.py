"""provd-store: what it prints is what an administrator has to go by."""

import io
import json
import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from provserver.errors import Conflict, Damaged
from provserver.model import Commit, Config, Delete, Device, Parameter, Presence, Put, Tenant
from provserver.store import whole
from provserver.store.command import main
from provserver.store.disk import Disk
from provserver.store.journal import JournalStore
from provserver.store.lines import sealed
from tests.fakes.disk import FakeDisk
from tests.store.contract_case import DEVICE, MAC, json_of, putting
from tests.store.pairs import opened, pair
from tests.store.threads import at_once

HOLDS = frozenset((("discovered", MAC),))


class CommandCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.state = Path(self.mktemp())
        self.state.mkdir()
        self.out, self.err = io.StringIO(), io.StringIO()
        self.patch(sys, "stderr", self.err)

    def run_command(self, *argv: object, state: Path | None = None, sent: bytes = b"") -> tuple[int, str]:
        """Return the exit status, and what it printed where it should."""
        out = io.TextIOWrapper(io.BytesIO(), write_through=True)
        self.patch(sys, "stdout", out)
        self.patch(sys, "stdin", io.TextIOWrapper(io.BytesIO(sent)))
        self.err.seek(0)
        self.err.truncate()
        status = main(["--state", str(state or self.state), *map(str, argv)])
        printed = out.buffer.getvalue().decode()
        self.assertEqual(status != 0, bool(self.err.getvalue()), self.err.getvalue())
        return status, printed if status == 0 else self.err.getvalue()

    def done(self, *argv: object, state: Path | None = None, sent: bytes = b"") -> str:
        status, printed = self.run_command(*argv, state=state, sent=sent)
        self.assertEqual(status, 0, printed)
        return printed

    def refused(self, *argv: object, state: Path | None = None, sent: bytes = b"") -> str:
        """Return the one line that says why."""
        status, printed = self.run_command(*argv, state=state, sent=sent)
        self.assertEqual(status, 1)
        self.assertTrue(printed.startswith("provd-store: ") and printed.count("\n") == 1, printed)
        return printed

    def opened(self, state: Path | None = None, compact_bytes: int = 10**9) -> JournalStore:
        disk = Disk((state or self.state) / "store")
        store = JournalStore(disk, Clock(), at_once, compact_bytes)
        store.load()
        self.addCleanup(store.close)
        return store

    def filled(self) -> JournalStore:
        store = self.opened()
        raw = json_of({"locale": "fr_FR", "sip_lines": {"1": {"password": "s3cret"}}})
        for commit in (
            Commit((Put(DEVICE, 0, HOLDS),), "anna", "a test"),
            putting(
                Config("c1", parents=("base",), raw=raw),
                Tenant("t1", name="master"),
                Config("c10"),
                Config("c9"),
            ),
            putting(Presence("d1", ip="10.0.0.7", fetched={"a": "b"})),
        ):
            self.successResultOf(store.commit(commit))
        return store

    def close(self, store: JournalStore) -> None:
        self.successResultOf(store.close())


class CheckTests(CommandCase):
    def test_a_whole_store_is_counted(self) -> None:
        """With status 0, for a cron job."""
        self.close(self.filled())
        printed = self.done("check")
        self.assertIn(f"{self.state}/store is whole: everything up to line 5 can be read (format 1)", printed)
        for line in (
            "device              1",
            "config              3",
            "presence            1",
            "tenant              1",
        ):
            self.assertIn(line, printed)
        self.assertNotIn("parameter", printed)

    def test_a_damaged_one_is_status_1_with_file_and_line(self) -> None:
        """The sentence that a start would end with."""
        self.close(self.filled())
        path = self.state / "store/journal-0.jsonl"
        path.write_bytes(path.read_bytes().replace(b"S1", b"S2", 1))
        self.assertIn(f"{path}: line 2: ", self.refused("check"))
        self.assertIn(f"{path}: line 2: ", self.refused("export"))

    def test_it_looks_and_touches_nothing(self) -> None:
        """Not even where there is nothing, or while provd runs."""
        self.assertIn("there is no folder", self.refused("check"))
        self.assertFalse((self.state / "store").exists())
        (self.state / "store").mkdir()
        self.assertIn("there is no store", self.refused("check"))
        self.filled()
        before = {path: path.read_bytes() for path in (self.state / "store").iterdir()}
        self.done("check")
        self.assertEqual({path: path.read_bytes() for path in (self.state / "store").iterdir()}, before)

    def test_a_torn_end_and_odd_lines_of_the_history_are_told(self) -> None:
        """Neither is damage, but somebody may wonder."""
        self.filled()
        with (self.state / "store/journal-0.jsonl").open("ab") as file:
            file.write(b'{"crc":"0')
        (self.state / "store/history-00.jsonl").write_bytes(sealed(b'"format":1}') + b"\ntorn\ntorn\n")
        printed = self.done("check")
        self.assertIn("journal-0.jsonl ends in line 5 with what is just being written, or was never", printed)
        self.assertIn("2 lines of the history cannot be read", printed)


class ExportTests(CommandCase):
    def test_an_export_is_readable_and_always_in_the_same_order(self) -> None:
        """`git diff` of two exports shows what changed, and nothing else."""
        store = self.filled()
        before = self.done("export")
        self.assertIn('   "mac": "00:15:65:4a:a9:37",\n', before)
        whole = json.loads(before)
        self.assertEqual(whole["provd"], 1)
        self.assertEqual([config["id"] for config in whole["config"]], ["c1", "c10", "c9"])
        self.assertEqual(whole["device"][0]["holds"], [["discovered", MAC]])
        self.assertNotIn("rev", before)
        self.successResultOf(store.commit(putting(Config("c9"), Config("c10", role="x"))))
        after = self.done("export")
        changed = set(after.splitlines()) - set(before.splitlines())
        self.assertEqual(changed, {'   "role": "x"', '   "id": "c10",'})

    def test_what_is_only_seen_can_be_left_out(self) -> None:
        """It changes with every boot."""
        self.filled()
        self.assertNotIn("10.0.0.7", self.done("export", "--no-presence"))

    def test_a_file_is_for_nobody_elses_eyes(self) -> None:
        """SIP passwords are in it."""
        self.filled()
        before = os.umask(0)
        self.addCleanup(os.umask, before)
        path = self.state / "all.json"
        self.assertEqual(self.done("export", path), "")
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)
        self.assertEqual(path.read_text(), self.done("export"))

    def test_what_was_exported_can_be_imported_and_exported_again(self) -> None:
        """Nothing is lost on the way, but revisions."""
        store = self.filled()
        self.successResultOf(store.commit(putting(Parameter("locale", value="fr_FR"), Config("ü\n"))))
        exported = self.done("export").encode()
        other = Path(self.mktemp())
        printed = self.done("import", "-", state=other, sent=exported)
        self.assertIn("config              4", printed)
        self.assertEqual(self.done("export", state=other).encode(), exported)
        again = self.opened(other)
        self.assertEqual(again.get(Config, "c1").raw, store.get(Config, "c1").raw)
        taken = Commit((Put(Device("d9"), 0, HOLDS),), "", "")
        self.failureResultOf(again.commit(taken), Conflict)
        (first,) = self.successResultOf(again.history(Device, "d1", 9))
        self.assertEqual((first.commit.who, first.commit.why), ("provd-store", "import -"))


class ImportTests(CommandCase):
    def test_documents_are_replaced_only_when_told_so_and_then_kept(self) -> None:
        """Who types the wrong directory loses nothing."""
        store = self.filled()
        path = self.state / "all.json"
        path.write_bytes(b'{"provd":1,"config":[{"id":"new"}]}')
        self.assertIn("belongs to another provd that runs", self.refused("import", "--replace", path))
        self.close(store)
        self.assertIn("holds 6 documents. With --replace", self.refused("import", path))
        printed = self.done("import", "--replace", path)
        self.assertIn(f"what was there is kept in {self.state}/store-before-6", printed)
        self.assertEqual(json.loads(self.done("export"))["device"], [])
        again = self.opened()
        self.assertGreater(again.get(Config, "new").rev, 5)
        (self.state / "old").mkdir()
        (self.state / "store-before-6").rename(self.state / "old/store")
        self.assertIn("device              1", self.done("check", state=self.state / "old"))

    def test_an_empty_store_may_be_filled(self) -> None:
        """A provd that was only started and stopped is no obstacle; nor is one whose documents are all deleted."""
        store = self.opened()
        self.successResultOf(store.commit(putting(Config("c1"))))
        self.successResultOf(store.commit(Commit((Delete(Config, "c1"),), "", "")))
        self.close(store)
        self.done("import", "-", sent=b'{"provd":1,"config":[{"id":"c2"}]}')

    def test_what_is_no_export_changes_nothing(self) -> None:
        """And is told in one line."""
        for sent, word in (
            (b"", "not a JSON document"),
            (b"[]", "not a JSON document"),
            (b'{"config":[]}', "no export"),
            (b'{"provd":2}', "form 1"),
            (b'{"provd":1,"robot":[]}', "robot"),
            (b'{"provd":1,"config":{}}', "not a JSON document"),
            (b'{"provd":1,"config":[{"id":"c1"},{"id":7}]}', "config: number 2"),
            (b'{"provd":1,"config":[{"id":"c1","legs":4}]}', "legs"),
            (b'{"provd":1,"config":[{"role":"x"}]}', "config: number 1"),
            (b'{"provd":1,"config":[{"id":"c1"},{"id":"c1"}]}', "two of config 'c1'"),
            (b'{"provd":1,"tenant":[{"id":"a","holds":[["key","k"]]},{"id":"b","holds":[["key","k"]]}]}', "key of"),
            (b'{"provd":1,"tenant":[{"id":"a","holds":[["key"]]}]}', "tenant: number 1"),
            (b'{"provd":1,"config":[{"id":"c1","raw":[]}]}', "config"),
        ):  # fmt: skip
            other = Path(self.mktemp())
            self.assertIn(word, self.refused("import", "-", state=other, sent=sent))
            self.assertIn("there is no ", self.refused("check", state=other))

    def test_it_wants_one_source(self) -> None:
        """Not none, not two."""
        self.assertIn("either", self.refused("import"))
        self.assertIn("either", self.refused("import", "x", "--from-wazo", "y"))
        self.assertIn("nobody.json", self.refused("import", "nobody.json"))


class BackupTests(CommandCase):
    def test_a_running_provd_is_backed_up_and_goes_on(self) -> None:
        """The copy holds all that was acknowledged before, and its history; and can be started."""
        store = self.filled()
        target = Path(self.mktemp())
        printed = self.done("backup", target)
        self.assertIn(f"{target} is a whole copy up to line 3", printed)
        self.successResultOf(store.commit(putting(Config("later"))))
        self.assertIn("config              3", self.done("check", state=target))
        copy = self.opened(target)
        self.assertEqual(copy.get(Device, "d1"), store.get(Device, "d1"))
        self.assertEqual(len(self.successResultOf(copy.history(Device, "d1", 9))), 1)
        for path in (target / "store").iterdir():
            self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)

    def test_what_is_just_being_written_is_not_copied(self) -> None:
        """The copy is clean: nobody has to wonder about a torn line in it."""
        self.filled()
        with (self.state / "store/journal-0.jsonl").open("ab") as file:
            file.write(b'{"crc":"0')
        target = Path(self.mktemp())
        self.done("backup", target)
        self.assertNotIn("ends in line", self.done("check", state=target))

    def test_nothing_is_written_over(self) -> None:
        """Yesterday's backup may be the good one."""
        self.close(self.filled())
        target = Path(self.mktemp())
        self.done("backup", target)
        self.assertIn("there is something in", self.refused("backup", target))

    def test_a_damaged_store_is_not_called_a_backup(self) -> None:
        """It would be found out when it is needed."""
        self.close(self.filled())
        path = self.state / "store/journal-0.jsonl"
        path.write_bytes(path.read_bytes().replace(b"S1", b"S2", 1))
        target = Path(self.mktemp())
        self.assertIn(f"{target}/store/journal-0.jsonl: line 2", self.refused("backup", target))


class CompactTests(CommandCase):
    def test_a_store_is_one_snapshot_afterwards(self) -> None:
        """With all that was there, and its history."""
        store = self.filled()
        self.assertIn("belongs to another provd", self.refused("compact"))
        self.close(store)
        for _ in range(2):
            self.assertIn("MB before", self.done("compact"))
        names = {
            path.name for path in (self.state / "store").iterdir() if not path.name.startswith("history")
        }
        self.assertEqual(names, {"journal-5.jsonl", "snapshot-5.jsonl", "lock"})
        again = self.opened()
        self.assertEqual(again.get(Device, "d1"), store.get(Device, "d1"))
        self.assertEqual(len(self.successResultOf(again.history(Device, "d1", 9))), 1)


class WhileItRunsTests(SynchronousTestCase):
    """What a running provd does between two reads of the command."""

    def setUp(self) -> None:
        self.disk = FakeDisk()
        self.store = opened(self.disk, compact_bytes=600)
        for number in range(3):
            self.successResultOf(self.store.commit(pair(number)))
        self.times = 0

    def changing(self, act: Callable[[], object], times: int = 1) -> None:
        """Do something just before a snapshot is read."""

        def before(operation: str, name: str) -> None:
            if operation == "read" and name.startswith("snapshot") and self.times < times:
                self.times += 1
                self.disk.before = lambda operation, name: None
                try:
                    act()
                finally:
                    self.disk.before = before

        self.disk.before = before

    def compact(self) -> None:
        for number in range(3, 9):
            self.successResultOf(self.store.commit(pair(number)))

    def test_a_snapshot_that_is_removed_meanwhile_is_looked_for_anew(self) -> None:
        """A compaction ended: there is another one."""
        self.changing(self.compact)
        self.assertEqual(whole.read(self.disk).counts()["config"], 18)
        self.assertEqual(self.times, 1)

    def test_a_backup_begins_anew_then(self) -> None:
        """And what it had copied is no part of it."""
        self.changing(self.compact)
        target = FakeDisk()
        self.assertEqual(whole.backup(self.disk, target).counts()["config"], 18)
        names = [name for name in target.names() if name.startswith("snapshot")]
        self.assertEqual(len(names), 1)

    def test_a_store_that_never_stands_still_is_given_up(self) -> None:
        """Rather than to try for ever."""

        def vanish() -> None:
            raise FileNotFoundError

        self.changing(vanish, times=10**6)
        self.assertRaises(FileNotFoundError, whole.read, self.disk)
        self.assertLess(self.times, 100)

    def test_what_looks_damaged_while_files_change_is_read_again(self) -> None:
        """A list of files may be older than the files."""
        real, old = self.disk.names, iter(range(3))

        def names() -> tuple[str, ...]:
            is_old = next(old, None) is not None
            return tuple(name for name in real() if not (is_old and name.startswith("snapshot")))

        self.disk.names = names  # type: ignore[method-assign]  # what another process does meanwhile
        self.assertEqual(whole.read(self.disk).counts()["config"], 6)
        damaged = {**self.disk.files, "journal-2.jsonl": b"torn\n"}
        self.assertRaises(Damaged, whole.read, FakeDisk(damaged))
