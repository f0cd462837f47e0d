"""the store and a disk that takes nothing: changes are refused, reading goes on, and it recovers by itself."""

import errno
from collections.abc import Iterator

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from provserver.errors import StoreFull
from provserver.model import Commit, Config, Delete, Presence
from tests.fakes.disk import FakeDisk
from tests.store.pairs import failing, failing_disk, needed, numbers, opened, pair
from tests.store.threads import ByHand


class FullDiskTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.disk = FakeDisk()
        self.store = opened(self.disk, self.clock)
        self.successResultOf(self.store.commit(pair(0)))

    def full(self, number: int) -> str:
        return str(self.failureResultOf(self.store.commit(pair(number)), StoreFull).value)

    def test_a_full_disk_refuses_changes_until_there_is_room_again(self) -> None:
        """507, and reading goes on; nobody has to restart anything."""
        for room in (0, 1, 100, 299):
            self.disk.room = room
            self.assertIn("No space left", self.full(1))
            self.assertIn("No space left", self.full(1))
            self.store.get(Config, "a0")
            self.disk.room = None
            self.full(1)
            self.clock.advance(1)
            self.successResultOf(
                self.store.commit(Commit((Delete(Config, "a1"), Delete(Config, "b1")), "", ""))
            )
        self.successResultOf(self.store.commit(pair(2)))
        self.assertEqual(numbers(opened(FakeDisk(self.disk.files))), {0, 2})

    def test_each_way_to_fail_ends_in_one_answer_and_a_file_that_is_not_written_again(self) -> None:
        """After a failed sync nobody knows what is on disk: a second one that succeeds would prove nothing."""
        for operation, number in (
            ("write", errno.EIO),
            ("sync", errno.EIO),
            ("sync", errno.ENOSPC),
            ("write", errno.EROFS),
        ):
            disk, clock = FakeDisk(), Clock()
            store = opened(disk, clock)
            store.commit(pair(0))
            with failing_disk(disk, operation, "journal-0", number):
                self.failureResultOf(store.commit(pair(1)), StoreFull)
            disk.done.clear()
            self.failureResultOf(store.commit(pair(1)), StoreFull)
            clock.advance(1)
            self.successResultOf(store.commit(pair(1)))
            self.assertNotIn(("write", "journal-0.jsonl"), disk.done)
            self.assertNotIn(("sync", "journal-0.jsonl"), disk.done)
            self.assertEqual(set(needed(disk)), {"journal-2.jsonl", "snapshot-2.jsonl"})
            self.assertIn(b'"seq":3,"durable":2', disk.files["journal-2.jsonl"])
            self.assertEqual(numbers(opened(FakeDisk(disk.files))), {0, 1})

    def test_what_was_refused_does_not_come_back(self) -> None:
        """Neither from the page cache after a restart, nor half of it."""
        for operation in ("write", "sync"):
            disk = FakeDisk()
            threads = ByHand()
            store = opened(disk, run=threads)
            store.commit(pair(0))
            threads.run()
            done = [store.commit(pair(number)) for number in (1, 2, 3)]
            failed = iter(["once"])

            def once(doing: str, on: str, operation: str = operation, failed: Iterator[str] = failed) -> None:
                if doing == operation and next(failed, None):
                    raise OSError(errno.EIO, "failed on purpose")

            disk.before = once
            threads.run_all()
            for one in done:
                self.failureResultOf(one, StoreFull)
            self.assertEqual(numbers(store), {0})
            self.assertEqual(numbers(opened(FakeDisk(disk.files))), {0})

    def test_it_tries_again_less_and_less_often(self) -> None:
        """A disk that is full for a night is not filled with attempts."""
        self.disk.room = 0
        self.full(1)
        tried = []
        for second in range(60):
            self.disk.done.clear()
            self.clock.advance(1)
            if any(operation == "create" for operation, _ in self.disk.done):
                tried.append(second + 1)
        self.assertEqual(tried[:6], [1, 3, 7, 15, 23, 31])
        self.disk.room = None
        self.clock.advance(8)
        self.successResultOf(self.store.commit(pair(1)))
        self.assertEqual(set(needed(self.disk)), {"journal-2.jsonl", "snapshot-2.jsonl"})

    def test_it_tries_again_also_where_the_clock_was_set_back(self) -> None:
        """Else changes would be refused until the clock has caught up."""
        self.disk.room = 0
        self.full(1)
        self.disk.room = None
        self.clock.rightNow -= 3600
        self.clock.advance(5)
        self.full(1)
        self.clock.advance(1)
        self.successResultOf(self.store.commit(pair(1)))

    def test_it_may_fail_anywhere_while_it_begins_anew(self) -> None:
        """Each step of it, one after the other, is tried again; a start in between finds everything."""
        for operation, name in (
            ("create", "snapshot"), ("write", "snapshot"), ("sync", "snapshot"), ("rename", "snapshot"),
            ("sync_names", ""), ("create", "journal"), ("sync", "journal"), ("rename", "journal"), ("remove", ""),
        ):  # fmt: skip
            disk, clock = FakeDisk(), Clock()
            store = opened(disk, clock)
            store.commit(pair(0))
            with failing_disk(disk, "sync", "journal-0", errno.EIO):
                self.failureResultOf(store.commit(pair(1)), StoreFull)
            with failing_disk(disk, operation, name, errno.EIO):
                clock.advance(1)
            self.assertEqual(numbers(opened(FakeDisk(disk.files))), {0}, operation)
            clock.advance(2)
            self.successResultOf(store.commit(pair(1)))
            self.assertEqual(numbers(opened(FakeDisk(disk.files))), {0, 1}, operation)

    def test_notes_are_kept_until_they_can_be_written(self) -> None:
        """Phones are served meanwhile, and what was seen of them is not forgotten; the newest counts."""
        disk, clock, threads = FakeDisk(), Clock(), ByHand()
        store = opened(disk, clock, threads)
        disk.room = 0
        store.note(Presence("d2", ip="10.0.0.2"))
        store.note(Presence("d1", ip="10.0.0.1"), at_once=True)
        store.note(Presence("d1", ip="10.0.0.3"))
        threads.run_all()
        store.note(Presence("d3", ip="10.0.0.4"), at_once=True)
        self.assertEqual((store.get(Presence, "d1").ip, threads.names()), ("10.0.0.3", []))
        disk.room = None
        for _ in range(6):
            clock.advance(1)
            threads.run_all()
        again = opened(FakeDisk(disk.files))
        self.assertEqual(
            [again.get(Presence, f"d{at}").ip for at in (1, 2, 3)], ["10.0.0.3", "10.0.0.2", "10.0.0.4"]
        )
        journal = disk.files["journal-1.jsonl"]
        self.assertEqual(journal.count(b'"ip":"10.0.0.3"'), 1)
        self.assertNotIn(b"10.0.0.1", journal)

    def test_close_of_a_store_that_refuses_ends(self) -> None:
        """SIGTERM ends the process, whatever the disk does."""
        self.disk.room = 0
        self.full(1)
        self.successResultOf(self.store.close())
        self.assertEqual((self.clock.getDelayedCalls(), self.disk.locked), ([], False))

    def test_close_ends_also_if_its_own_line_cannot_be_written(self) -> None:
        """All that was acknowledged is on disk without it."""
        self.disk.room = 0
        self.successResultOf(self.store.close())
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.disk.room = None
        self.assertEqual(numbers(opened(FakeDisk(self.disk.files))), {0})

    def test_a_failure_during_a_compaction_waits_for_its_end(self) -> None:
        """Two snapshots at once would remove each other's files."""
        disk, clock, threads = FakeDisk(), Clock(), ByHand()
        store = opened(disk, clock, threads, compact_bytes=300)
        store.commit(pair(0))
        threads.run()
        refused = store.commit(pair(1))
        with failing_disk(disk, "create", "journal-1", errno.ENOSPC):
            threads.run(1)
        self.failureResultOf(refused, StoreFull)
        clock.advance(1)
        self.assertEqual(threads.names(), ["snapshot"])
        threads.run()
        clock.advance(1)
        self.assertEqual(threads.names(), ["anew"])
        threads.run()
        store.commit(pair(1))
        threads.run_all()
        self.assertEqual(numbers(opened(FakeDisk(disk.files))), {0, 1})

    def test_a_start_on_a_full_disk_serves_what_is_there(self) -> None:
        """The first thing that is tried when a disk is full is a restart."""
        journal = self.disk.files["journal-0.jsonl"]
        for files in ({"journal-0.jsonl": journal + b"torn"}, {}):
            disk, clock = FakeDisk(files), Clock()
            disk.room = 0
            store = opened(disk, clock)
            self.assertEqual(numbers(store), {0} if files else set())
            self.failureResultOf(store.commit(pair(1)), StoreFull)
            disk.room = None
            clock.advance(1)
            self.successResultOf(store.commit(pair(1)))
            self.assertEqual(numbers(opened(FakeDisk(disk.files))), numbers(store))

    def test_a_bug_in_writing_is_logged_as_one_and_refuses_too(self) -> None:
        """Nothing may be acknowledged that was not written."""

        def bug(operation: str, name: str) -> None:
            raise ZeroDivisionError

        self.disk.before = bug
        self.full(1)
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)
        self.disk.before = failing("never", "")
        self.clock.advance(1)
        self.successResultOf(self.store.commit(pair(1)))
