"""the store in a folder: what is acknowledged, what is seen when, and what a start finds."""

import gc

from attrs import evolve
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from provserver.errors import Closed, Conflict, Held, Lost, NotFound
from provserver.interfaces import IStore
from provserver.model import Commit, Committed, Config, Delete, Device, Json, Presence, Put, Tenant
from provserver.store.journal import JournalStore
from tests.contracts import store as contract
from tests.fakes.disk import FakeDisk, held_disk
from tests.store.contract_case import DEVICE, MAC, json_of, putting
from tests.store.pairs import opened
from tests.store.threads import ByHand, at_once

HOLDS = frozenset((("discovered", MAC),))


class JournalContractTests(contract.StoreContract):
    def provider(self) -> IStore:
        return opened(FakeDisk(), self.clock)

    def closed(self, store: IStore) -> None:
        assert isinstance(store, JournalStore)
        self.successResultOf(store.close())

    def tearDown(self) -> None:
        assert isinstance(self.store, JournalStore)
        self.store.close()
        self.assertEqual(self.clock.getDelayedCalls(), [])


class RestartTests(SynchronousTestCase):
    def test_everything_comes_back(self) -> None:
        """With its revisions, indexes and unique keys, after a kill as after a stop."""
        for stopped in (False, True):
            disk = FakeDisk()
            store = opened(disk)
            store.commit(Commit((Put(DEVICE, 0, HOLDS), Put(Tenant("t1", key="k"), 0)), "anna", "a test"))
            store.commit(putting(Config("c1", parents=("base",), raw=json_of({"a": "ü"}), transient=True)))
            store.commit(putting(Config("c2")))
            store.commit(Commit((Delete(Config, "c2"),), "anna", ""))
            store.note(Presence("d1", ip="10.0.0.7", seen=7.5, fetched={"a": "b"}), at_once=True)
            if stopped:
                self.successResultOf(store.close())
            again = opened(FakeDisk(disk.files))
            for kind, doc_id in ((Device, "d1"), (Tenant, "t1"), (Config, "c1"), (Presence, "d1")):
                self.assertEqual(again.get(kind, doc_id), store.get(kind, doc_id))
            self.assertRaises(NotFound, again.get, Config, "c2")
            self.assertEqual(again.seq, store.seq)
            self.assertEqual(again.find(Presence, "ip", "10.0.0.7"), (store.get(Presence, "d1"),))
            self.failureResultOf(again.commit(Commit((Put(Device("d2"), 0, HOLDS),), "", "")), Conflict)
            self.assertGreater(self.successResultOf(again.commit(putting(DEVICE))).seq, store.seq)

    def test_a_history_goes_on_and_watchers_know_from_where(self) -> None:
        """The journal has who and why; what a snapshot has swallowed is Lost."""
        disk = FakeDisk()
        store = opened(disk)
        for number in range(3):
            store.commit(Commit((Put(evolve(DEVICE, model=f"T{number}"), None),), f"who{number}", "why"))
        again = opened(FakeDisk(disk.files))
        history = self.successResultOf(again.history(Device, "d1", 2))
        self.assertEqual([(one.seq, one.commit.who) for one in history], [(3, "who2"), (2, "who1")])
        told: list[Committed] = []
        again.watch(1, told.append)
        self.assertEqual([one.seq for one in told], [2, 3])
        compacted = opened(disk, compact_bytes=1)
        compacted.commit(putting(DEVICE))
        late = opened(FakeDisk(disk.files))
        self.assertRaises(Lost, late.watch, 3, print)
        late.watch(4, print)
        self.assertEqual(len(self.successResultOf(late.history(Device, "d1", 9))), 4)

    def test_a_start_without_a_change_writes_nothing(self) -> None:
        """A service that restarts in a loop must not fill the disk."""
        disk = FakeDisk()
        store = opened(disk)
        store.commit(putting(DEVICE))
        self.successResultOf(store.close())
        files = disk.files
        for _ in range(3):
            self.successResultOf(opened(disk).close())
        self.assertEqual(disk.files, files)

    def test_no_number_is_given_twice(self) -> None:
        """Notes take numbers too: an ETag of before must never name something else."""
        disk = FakeDisk()
        store = opened(disk)
        store.commit(putting(DEVICE))
        store.note(Presence("d1"), at_once=True)
        self.successResultOf(store.close())
        again = opened(disk)
        self.assertEqual(again.seq, 1)
        self.assertEqual(self.successResultOf(again.commit(putting(DEVICE))).seq, 5)


class GroupTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.threads = ByHand()
        self.disk = FakeDisk()
        self.store = opened(self.disk, run=self.threads)

    def test_it_provides_the_interface(self) -> None:
        """Also while commits are under way."""
        verifyObject(IStore, self.store)

    def test_what_gathers_while_a_group_is_written_is_one_group(self) -> None:
        """Group commit: one sync for a hundred phones."""
        done = [self.store.commit(putting(Config(f"c{number}"))) for number in range(100)]
        self.assertEqual(self.threads.names(), ["write"])
        self.threads.run()
        self.successResultOf(done[0])
        self.assertNoResult(done[1])
        self.disk.done.clear()
        self.threads.run()
        for one in done[1:]:
            self.successResultOf(one)
        self.assertEqual([operation for operation, _ in self.disk.done], ["write", "sync"])

    def test_nothing_is_visible_before_it_is_on_disk_and_all_just_before_it_is_told(self) -> None:
        """Nobody may read what a crash could take back."""
        self.store.commit(putting(Config("first")))
        seen: list[tuple[int, bool]] = []

        def look(_: object) -> None:
            seen.append((self.store.seq, bool(self.store.find(Config, "role", "last"))))

        self.store.commit(putting(Config("c2"), Config("c3"))).addCallback(look)
        self.store.commit(putting(Config("c4", role="last"))).addCallback(look)
        self.threads.run()
        self.assertRaises(NotFound, self.store.get, Config, "c3")
        self.threads.run()
        self.assertEqual(seen, [(2, False), (3, True)])

    def test_a_document_with_a_change_under_way_is_in_conflict(self) -> None:
        """Whoever comes second decides anew on what the first has done; so with a unique key."""
        first = self.store.commit(Commit((Put(DEVICE, 0, HOLDS),), "", ""))
        for change in (Put(DEVICE, 0), Put(DEVICE, None), Delete(Device, "d1"), Put(Device("d2"), 0, HOLDS)):
            self.failureResultOf(self.store.commit(Commit((change,), "", "")), Conflict)
        self.threads.run()
        self.successResultOf(first)
        gone = self.store.commit(Commit((Delete(Device, "d1"),), "", ""))
        self.failureResultOf(self.store.commit(Commit((Put(Device("d2"), 0, HOLDS),), "", "")), Conflict)
        self.threads.run()
        self.successResultOf(gone)
        self.store.commit(Commit((Put(Device("d2"), 0, HOLDS),), "", ""))
        self.threads.run_all()
        self.assertEqual(self.store.get(Device, "d2").rev, 3)

    def test_a_commit_may_follow_from_a_commit(self) -> None:
        """A callback commits while the rest of its group is still being told."""
        second: list[Deferred[Committed]] = []
        self.store.commit(putting(Config("a"))).addCallback(
            lambda _: second.append(self.store.commit(putting(Config("b"))))
        )
        self.threads.run_all()
        self.assertEqual(self.successResultOf(second[0]).seq, 2)

    def test_a_caller_who_gives_up_harms_nobody(self) -> None:
        """A client that hangs up does not stop the disk."""
        given_up = self.store.commit(putting(Config("a")))
        given_up.addErrback(lambda _: None)
        other = self.store.commit(putting(Config("b")))
        given_up.cancel()
        self.threads.run_all()
        self.successResultOf(other)
        self.store.get(Config, "a")


class StartTests(SynchronousTestCase):
    def test_an_empty_folder_is_an_empty_store(self) -> None:
        """The first start; and a second one before anything was committed."""
        disk = FakeDisk()
        for _ in range(2):
            store = opened(disk)
            self.assertEqual((store.seq, store.find(Tenant, "parent", "")), (0, ()))
            self.successResultOf(store.close())

    def test_another_process_keeps_it_out(self) -> None:
        """Two writers of one journal would destroy it."""
        store = JournalStore(held_disk(pid=4711), Clock(), at_once)
        for start in (store.lock, store.load):
            with self.assertRaises(Held) as raised:
                start()
            self.assertIn("pid 4711", str(raised.exception))

    def test_other_files_are_left_alone(self) -> None:
        """An administrator's copy, a list of files, an earlier tail."""
        names = ("lock", "journal-0.jsonl~", "journal-00.jsonl", "journal-x.jsonl", "notes")
        others = dict.fromkeys(names, b"x")
        disk = FakeDisk(others)
        store = opened(disk, compact_bytes=1)
        store.commit(putting(DEVICE))
        store.commit(putting(DEVICE))
        self.successResultOf(store.close())
        self.assertEqual({name: disk.files.get(name) for name in others}, others)


class CloseTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.threads = ByHand()
        self.disk = FakeDisk()
        self.store = opened(self.disk, self.clock, self.threads)

    def test_it_ends_what_is_under_way_and_writes_what_was_seen(self) -> None:
        """An orderly stop loses nothing at all."""
        first, second = self.store.commit(putting(Config("a"))), self.store.commit(putting(Config("b")))
        self.store.note(Presence("d1", ip="10.0.0.1"))
        closed = [self.store.close(), self.store.close()]
        self.failureResultOf(self.store.commit(putting(Config("c"))), Closed)
        self.assertTrue(self.disk.locked)
        self.threads.run_all()
        for committed in (first, second):
            self.successResultOf(committed)
        for one in closed:
            self.successResultOf(one)
        self.assertFalse(self.disk.locked)
        again = opened(self.disk)
        self.assertEqual((again.get(Presence, "d1").ip, again.seq), ("10.0.0.1", 2))
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_it_waits_for_a_compaction(self) -> None:
        """The folder must not be another process's while this one still writes to it."""
        store = opened(FakeDisk(), self.clock, self.threads, compact_bytes=1)
        store.commit(putting(Config("a", raw=Json(b'{"a":1}'))))
        self.threads.run()
        self.assertEqual(self.threads.names(), ["snapshot"])
        closed = store.close()
        while len(self.threads.waiting) > 1:
            self.threads.run(1)
        self.assertEqual(self.threads.names(), ["snapshot"])
        self.assertNoResult(closed)
        self.threads.run_all()
        self.successResultOf(closed)

    def test_notes_after_close_are_not_written(self) -> None:
        """A transfer that ends late must not leave a timer behind."""
        closed = self.store.close()
        self.threads.run_all()
        self.successResultOf(closed)
        self.store.note(Presence("d1"))
        self.assertEqual((self.clock.getDelayedCalls(), self.threads.names()), ([], []))

    def test_what_a_large_group_brings_about_is_done_in_slices(self) -> None:
        """Five hundred phones that were waiting for one sync are not answered in one turn; the order stays."""
        clock, threads = Clock(), ByHand()
        store = opened(FakeDisk(), clock, threads)
        done: list[int] = []

        def slow(committed: Committed) -> None:
            clock.rightNow += 0.001
            done.append(committed.seq)

        for number in range(10):
            store.commit(putting(Config(f"c{number}"))).addCallback(slow)
        threads.run_all()
        self.assertEqual(done, [1, 2, 3, 4])  # the first was a group of its own
        self.assertRaises(NotFound, store.get, Config, "c9")
        late = store.commit(putting(Config("late")))
        late.addCallback(slow)
        threads.run_all()
        closed = store.close()
        self.assertNoResult(closed)
        for _ in range(9):
            clock.advance(0)
            threads.run_all()
        self.successResultOf(closed)
        self.assertEqual(done, list(range(1, 12)))
        self.assertEqual(clock.getDelayedCalls(), [])

    def test_very_many_changes_are_kept_from_the_search_for_garbage(self) -> None:
        """It would look at all documents again and again, a fifth of a second each time."""
        gc.collect()
        before = gc.get_freeze_count()
        self.addCleanup(gc.unfreeze)
        store = opened(FakeDisk())
        self.successResultOf(store.commit(putting(*(Config(f"c{number}") for number in range(9_999)))))
        self.assertEqual(gc.get_freeze_count(), before)
        self.successResultOf(store.commit(putting(Config("last"))))
        self.assertGreater(gc.get_freeze_count(), before + 9_999)
