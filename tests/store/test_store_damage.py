"""the store's files, torn or changed: a torn end is cut, anything else refuses the start and says where."""

from twisted.trial.unittest import SynchronousTestCase

from provserver.errors import Damaged
from provserver.store.lines import sealed
from tests.fakes.disk import FakeDisk
from tests.store.pairs import needed, numbers, opened, pair
from tests.store.threads import ByHand


class TornTests(SynchronousTestCase):
    """A journal of three groups; the last one is one line, or two."""

    def setUp(self) -> None:
        self.disk = FakeDisk()
        threads = ByHand()
        store = opened(self.disk, run=threads)
        for number in range(2):
            store.commit(pair(number))
            threads.run()
        self.before = len(self.disk.files["journal-0.jsonl"])
        for number in (2, 3, 4):
            store.commit(pair(number))
        threads.run_all()
        self.name, self.journal = "journal-0.jsonl", self.disk.files["journal-0.jsonl"]

    def line_of(self, at: int) -> int:
        return self.journal.count(b"\n", 0, at) + 1

    def test_a_journal_may_end_at_any_byte_of_its_last_group(self) -> None:
        """What is whole stays, what is torn is cut, kept aside and told of, and the store goes on."""
        lines = [len(line) for line in self.journal.splitlines(keepends=True)]
        ends = [sum(lines[: count + 1]) for count in range(len(lines))]
        for size in range(self.before, len(self.journal)):
            disk = FakeDisk({self.name: self.journal[:size]})
            store = opened(disk)
            whole = sum(end <= size for end in ends) - 1
            self.assertEqual(numbers(store), set(range(whole)), size)
            begin = ends[whole]
            kept = disk.files.get(f"cut-{begin}-of-{self.name}", b"")
            self.assertEqual(kept, self.journal[begin:size])
            self.successResultOf(store.commit(pair(9)))
            self.assertEqual(numbers(opened(FakeDisk(disk.files))), {*range(whole), 9})

    def test_a_bit_that_changed_below_the_last_group_is_refused(self) -> None:
        """It was acknowledged: to drop it silently would be the reference's mistake. Nothing is touched."""
        safe = self.journal.rindex(b"\n", 0, self.journal.index(b'"durable":3')) + 1
        for at in range(safe):
            for bit in (0x01, 0x20, 0x80):
                damaged = bytearray(self.journal)
                damaged[at] ^= bit
                disk = FakeDisk({self.name: bytes(damaged)})
                with self.assertRaises(Damaged) as raised:
                    opened(disk)
                text = str(raised.exception)
                self.assertIn(f"/fake/{self.name}: line {self.line_of(at)}: ", text)
                self.assertIn("backup", text)
                self.assertEqual(disk.files, {self.name: bytes(damaged)})

    def test_after_a_stop_all_of_it_is_below(self) -> None:
        """The last line of a stop says that everything before it was on disk."""
        store = opened(self.disk)
        self.successResultOf(store.close())
        journal = self.disk.files[self.name]
        end = journal.rindex(b"{", 0, journal.rindex(b"{"))
        for at in range(end):
            damaged = bytearray(journal)
            damaged[at] ^= 0x01
            self.assertRaises(Damaged, opened, FakeDisk({self.name: bytes(damaged)}))

    def test_lines_that_are_missing_or_doubled_are_refused(self) -> None:
        """An editor, a copy that was joined: the numbers follow each other or something is lost."""
        lines = self.journal.splitlines(keepends=True)
        for wrong in (
            [0, 2, 3, 4, 5],
            [0, 1, 2, 4],
            [0, 1, 3, 4, 5],
            [0, 1, 1, 2, 3, 4, 5],
            [0, 2, 1, 3, 4, 5],
            [1, 2, 3],
            [],
        ):
            disk = FakeDisk({self.name: b"".join(lines[at] for at in wrong)})
            self.assertRaises(Damaged, opened, disk)

    def test_a_line_that_is_whole_but_strange_is_refused(self) -> None:
        """A torn line has a wrong checksum; this one was written so, by whatever."""
        for rest in (
            b"}",
            b"not json",
            b'"seq":6,"durable":5,"changes":[{"put":"robot","document":{"id":"r"}}]}',
            b'"seq":6,"durable":5,"changes":[{"put":"device","document":{"id":"r","legs":4}}]}',
            b'"seq":6,"durable":5,"changes":[{"put":"device"}]}',
            b'"seq":6,"durable":5,"noted":[1]}',
            b'"seq":6,"durable":5,"new":1}',
        ):
            disk = FakeDisk({self.name: self.journal + sealed(rest)})
            with self.assertRaises(Damaged) as raised:
                opened(disk)
            self.assertIn(f"/fake/{self.name}: line 7", str(raised.exception))


class FileTests(SynchronousTestCase):
    def compacted(self) -> FakeDisk:
        """Return a snapshot of two commits and a journal of a third."""
        disk = FakeDisk()
        store = opened(disk, compact_bytes=600)
        for number in range(3):
            self.successResultOf(store.commit(pair(number)))
        disk = FakeDisk(needed(disk))
        self.assertEqual(disk.names(), ("journal-2.jsonl", "snapshot-2.jsonl"))
        return disk

    def test_a_snapshot_that_changed_is_refused(self) -> None:
        """It got its name when all of it was on disk."""
        files = self.compacted().files
        snapshot = files["snapshot-2.jsonl"]
        for at in range(len(snapshot)):
            damaged = bytearray(snapshot)
            damaged[at] ^= 0x01
            with self.assertRaises(Damaged) as raised:
                opened(FakeDisk({**files, "snapshot-2.jsonl": bytes(damaged)}))
            line = snapshot.count(b"\n", 0, at) + 1
            self.assertIn(f"/fake/snapshot-2.jsonl: line {line}: ", str(raised.exception))
        for size in range(len(snapshot)):
            self.assertRaises(Damaged, opened, FakeDisk({**files, "snapshot-2.jsonl": snapshot[:size]}))

    def test_a_snapshot_holds_only_documents(self) -> None:
        """Each line as it should be, and as many as the first one says."""
        files = self.compacted().files
        lines = files["snapshot-2.jsonl"].splitlines(keepends=True)
        for wrong in (
            [*lines, lines[-1]],
            [*lines[:-1], sealed(b'"delete":"config","id":"a1"}')],
            [*lines[:-1], sealed(b'"put":"robot","document":{"id":"a1"}}')],
            [lines[0], lines[0], *lines[2:]],
        ):
            self.assertRaises(Damaged, opened, FakeDisk({**files, "snapshot-2.jsonl": b"".join(wrong)}))

    def test_a_file_that_is_missing_is_missed(self) -> None:
        """What a later file says was there, and is not, is not silently forgotten."""
        files = self.compacted().files
        self.assertRaises(Damaged, opened, FakeDisk({"journal-2.jsonl": files["journal-2.jsonl"]}))
        other = {"journal-3.jsonl": files["journal-2.jsonl"], "snapshot-2.jsonl": files["snapshot-2.jsonl"]}
        self.assertRaises(Damaged, opened, FakeDisk(other))
        renamed = {"journal-3.jsonl": files["journal-2.jsonl"], "snapshot-3.jsonl": files["snapshot-2.jsonl"]}
        self.assertRaises(Damaged, opened, FakeDisk(renamed))

    def test_a_torn_journal_with_another_after_it_is_refused(self) -> None:
        """The next one was only begun when all of this one was on disk."""
        disk = FakeDisk()
        threads = ByHand()
        store = opened(disk, run=threads, compact_bytes=1)
        for number in range(2):
            store.commit(pair(number))
            threads.run(-1)
        files = {name: text for name, text in disk.files.items() if name.startswith("journal")}
        self.assertEqual(set(files), {"journal-0.jsonl", "journal-1.jsonl"})
        self.assertEqual(numbers(opened(FakeDisk(files))), {0, 1})
        first = files["journal-0.jsonl"]
        for torn in (first[:-1], first[:-20], first[: first.index(b"\n") + 1], first + b"{"):
            self.assertRaises(Damaged, opened, FakeDisk({**files, "journal-0.jsonl": torn}))

    def test_a_format_of_the_future_is_refused(self) -> None:
        """A downgrade must not throw away what it does not know."""
        files = self.compacted().files
        for name, file in (("journal-2.jsonl", "journal"), ("snapshot-2.jsonl", "snapshot")):
            rest = files[name].split(b"\n", 1)[1]
            head = sealed(b'"format":2,"file":"%s","seq":2,"new":{}}' % file.encode())
            with self.assertRaises(Damaged) as raised:
                opened(FakeDisk({**files, name: head + rest}))
            for word in (f"/fake/{name}", "format 2", "newer"):
                self.assertIn(word, str(raised.exception))

    def test_a_first_line_that_is_none_is_refused(self) -> None:
        """Whatever else lies there under our name."""
        files = self.compacted().files
        for name in files:
            for head in (
                b"",
                b"\n",
                b"x\n",
                sealed(b'"format":1}'),
                sealed(b"[]"),
                sealed(b'"format":1,"x":2}'),
            ):
                rest = files[name].split(b"\n", 1)[1]
                self.assertRaises(Damaged, opened, FakeDisk({**files, name: head + rest}))

    def test_what_was_never_finished_is_removed(self) -> None:
        """A kill in a compaction must not cost space for ever."""
        files = {**self.compacted().files, "snapshot-9.jsonl.tmp": b"half", "snapshot-1.jsonl": b"old"}
        disk = FakeDisk({**files, "journal-0.jsonl": b"of which the history is not kept yet"})
        store = opened(disk, compact_bytes=1)
        self.assertEqual(disk.names(), ("journal-0.jsonl", "journal-2.jsonl", "snapshot-2.jsonl"))
        for number in range(9):
            store.commit(pair(number))
        self.assertEqual(len(needed(disk)), 2)
