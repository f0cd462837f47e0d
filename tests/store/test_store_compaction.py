"""compaction: the journal becomes a snapshot while commits go on."""

from twisted.trial.unittest import SynchronousTestCase

from provserver.model import Committed, Config
from provserver.store.journal import JournalStore
from tests.fakes.disk import FakeDisk
from tests.store.pairs import failing, needed, numbers, opened, pair
from tests.store.threads import ByHand


class CompactionTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.disk = FakeDisk()
        self.threads = ByHand()
        self.store = opened(self.disk, run=self.threads, compact_bytes=600)

    def commit(self, number: int) -> list[Committed]:
        done: list[Committed] = []
        self.store.commit(pair(number)).addCallback(done.append)
        return done

    def test_commits_go_on_during_a_compaction_and_every_state_can_be_started_from(self) -> None:
        """A snapshot of 100,000 devices takes seconds, in which phones are new."""
        for number in range(2):
            self.commit(number)
            self.threads.run()
        self.assertEqual(self.threads.names(), ["snapshot"])
        during = self.commit(2)
        self.threads.run(1)
        self.assertEqual(len(during), 1)
        self.assertEqual(numbers(opened(FakeDisk(self.disk.files))), {0, 1, 2})
        self.threads.run()
        self.assertEqual(set(needed(self.disk)), {"journal-2.jsonl", "snapshot-2.jsonl"})
        self.assertEqual(numbers(opened(FakeDisk(self.disk.files))), {0, 1, 2})

    def test_a_compaction_may_end_before_the_next_commit(self) -> None:
        """Then there is no journal yet, which is as good as an empty one."""
        for number in range(2):
            self.commit(number)
            self.threads.run()
        self.threads.run()
        self.assertEqual(set(needed(self.disk)), {"snapshot-2.jsonl"})
        self.assertEqual(numbers(opened(FakeDisk(self.disk.files))), {0, 1})
        self.commit(2)
        self.threads.run()
        self.assertEqual(numbers(opened(FakeDisk(self.disk.files))), {0, 1, 2})

    def test_the_journal_grows_as_large_as_the_snapshot(self) -> None:
        """Else a large store would write its snapshot again for every few changes."""
        for number in range(20):
            self.commit(number)
            self.threads.run_all()
        snapshots = sum(operation == "rename" and "snapshot" in name for operation, name in self.disk.done)
        self.assertLess(snapshots, 6)

    def test_one_that_fails_is_told_of_and_tried_again_later(self) -> None:
        """Changes are still taken: only the journal grows."""
        for number in range(2):
            self.commit(number)
            self.threads.run()
        self.disk.before = failing("write", "snapshot-2")
        self.threads.run()
        self.assertEqual(self.disk.names(), ("journal-0.jsonl",))
        self.disk.before = failing("never", "")
        done = [self.commit(number) for number in range(2, 5)]
        self.threads.run_all()
        self.assertEqual([len(one) for one in done], [1, 1, 1])
        self.assertEqual(len([name for name in self.disk.names() if name.startswith("snapshot")]), 1)
        self.assertEqual(numbers(opened(FakeDisk(self.disk.files))), set(range(5)))

    def test_a_stop_gives_up_the_snapshot_that_is_being_written(self) -> None:
        """SIGTERM must not wait for 100,000 devices; what was acknowledged is in the journals, history too."""
        for steps in range(2):
            disk, threads = FakeDisk(), ByHand()
            store = opened(disk, run=threads, compact_bytes=600)
            for number in range(2):
                store.commit(pair(number))
                threads.run()
            if steps:  # the snapshot is on disk, and the journal is being made history

                def closing(
                    operation: str, name: str, disk: FakeDisk = disk, store: JournalStore = store
                ) -> None:
                    if operation == "read" and name.startswith("journal"):
                        disk.before = failing("never", "")
                        store.close()

                disk.before = closing
            closed = store.close() if not steps else None
            threads.run_all()
            self.successResultOf(closed or store.close())
            self.assertEqual("snapshot-2.jsonl" in disk.names(), bool(steps))
            self.assertFalse(any(name.endswith(".tmp") for name in disk.names()))
            self.assertIn("journal-0.jsonl", disk.names())
            again = opened(FakeDisk(disk.files))
            self.assertEqual(numbers(again), {0, 1})
            self.assertEqual(len(self.successResultOf(again.history(Config, "a1", 9))), 1)
