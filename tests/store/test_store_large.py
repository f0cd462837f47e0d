"""Large commits: made ready in slices, in order, and whole."""

from collections.abc import Iterator

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from provserver.errors import Closed, Conflict, Invalid, NotFound, StoreFull
from provserver.model import NOTHING, Commit, Committed, Config, Json, Presence, Put
from provserver.store.journal import JournalStore
from provserver.store.lines import change_part
from provserver.store.sliced import Sliced
from tests.fakes.disk import FakeDisk
from tests.store.contract_case import DEVICE, putting
from tests.store.pairs import opened
from tests.store.threads import ByHand

MANY = 200


class SlowClock(Clock):
    """Time passes whenever somebody looks at it, as if each portion of work took 3 ms."""

    def seconds(self) -> float:
        self.rightNow += 0.003
        return self.rightNow

    def turn(self) -> bool:
        """Run what is due now, and nothing of what that makes due; say whether there was something."""
        due = [call for call in self.calls if call.getTime() <= self.rightNow]
        for call in due:
            self.calls.remove(call)
            call.called = 1
            call.func(*call.args, **call.kw)
        return bool(due)


def many(prefix: str = "m") -> Commit:
    return Commit(tuple(Put(Config(f"{prefix}{number}"), 0) for number in range(MANY)), "anna", "bulk")


class LargeCommitTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = SlowClock()
        self.threads = ByHand()
        self.disk = FakeDisk()
        self.store: JournalStore = opened(self.disk, self.clock, self.threads)

    def turns(self) -> int:
        """Run all that is due, and say how many turns it took."""
        turns = 0
        while self.clock.turn() or self.threads.waiting:
            turns += 1
            self.threads.run_all()
        return turns

    def test_it_is_made_ready_in_slices(self) -> None:
        """Thousands of lines took half a second of one turn, in which no phone was answered."""
        done = self.store.commit(many())
        self.assertEqual(self.threads.names(), [])
        self.assertGreater(self.turns(), 3)
        committed = self.successResultOf(done)
        self.assertEqual(len(committed.commit.changes), MANY)
        self.assertEqual({change.document.rev for change in committed.commit.changes}, {committed.seq})  # type: ignore[union-attr]  # all are Puts
        self.assertEqual(opened(self.disk).get(Config, f"m{MANY - 1}").rev, committed.seq)

    def test_others_come_after_it_in_the_order_in_which_they_came(self) -> None:
        """Each with the next number; one of them sees what those before it have claimed."""
        told: list[int] = []

        def tell(committed: Committed) -> None:
            told.append(committed.seq)

        for commit in (putting(Config("first")), many(), putting(Config("next")), many("n"), putting(DEVICE)):
            self.store.commit(commit).addCallback(tell)
        late = self.store.commit(Commit((Put(Config("m3"), 0),), "", ""))
        self.assertNoResult(late)
        self.turns()
        self.assertEqual(told, [1, 2, 3, 4, 5])
        self.failureResultOf(late, Conflict)
        self.assertEqual(self.store.get(Config, "next").rev, 3)

    def test_nobody_sees_a_part_of_it(self) -> None:
        """Whenever somebody looks, all is there or nothing."""
        self.store.commit(many())
        seen = set()
        while self.clock.turn() or self.threads.waiting:
            if self.threads.waiting:
                self.threads.run()
            seen.add(sum(self.has(f"m{number}") for number in range(MANY)))
        self.assertEqual(seen, {0, MANY})

    def has(self, config_id: str) -> bool:
        try:
            self.store.get(Config, config_id)
        except NotFound:
            return False
        return True

    def test_a_wrong_document_at_its_end_refuses_it(self) -> None:
        """Nothing of it has happened, its number is another's, and those behind it go on."""
        changes = (*many().changes, Put(Config("bad", raw=Json(b"{")), 0))
        refused = self.store.commit(Commit(changes, "", ""))
        behind = self.store.commit(many())
        self.turns()
        self.failureResultOf(refused, Invalid)
        self.assertEqual(self.successResultOf(behind).seq, 1)

    def test_a_bug_is_told_to_whoever_waits(self) -> None:
        """And the store goes on."""
        broken = self.store.commit(Commit((*many().changes, "no change"), "", ""))  # type: ignore[arg-type]
        behind = self.store.commit(putting(DEVICE))
        self.turns()
        self.failureResultOf(broken, AttributeError)
        self.successResultOf(behind)

    def test_what_is_seen_meanwhile_is_written_after_it(self) -> None:
        """A note would take its number. A lease is written as soon as it is ready, a sighting with the next batch."""
        self.store.commit(many())
        self.store.note(Presence("d1", ip="10.0.0.1"), at_once=True)
        self.assertEqual(self.threads.names(), [])
        self.turns()
        again = opened(self.disk)
        self.assertEqual((again.seq, again.get(Presence, "d1").ip), (1, "10.0.0.1"))

    def test_a_stop_waits_for_it(self) -> None:
        """It was taken, so it is written."""
        done = self.store.commit(many())
        closed = self.store.close()
        self.failureResultOf(self.store.commit(putting(DEVICE)), Closed)
        self.assertNoResult(closed)
        self.turns()
        self.successResultOf(done)
        self.successResultOf(closed)
        self.assertEqual(opened(self.disk).get(Config, "m0").rev, 1)

    def test_a_disk_that_fails_meanwhile_refuses_it(self) -> None:
        """As it refuses those behind it."""
        first = self.store.commit(putting(DEVICE))
        large, behind = self.store.commit(many()), self.store.commit(putting(Config("c")))
        self.disk.room = 0
        self.turns()
        for one in (first, large, behind):
            self.failureResultOf(one, StoreFull)
        self.disk.room = None
        self.clock.rightNow += 2
        self.turns()
        again = self.store.commit(many())
        self.turns()
        self.successResultOf(again)


class SortedTests(SynchronousTestCase):
    def test_lists_are_in_order_at_once_and_nothing_is_left_to_do(self) -> None:
        """What is put off for ten thousand devices is one long turn in the end."""
        clock = Clock()
        store = opened(FakeDisk(), clock)
        configs = tuple(Put(Config(f"c{number * 7919 % 1_500}"), 0) for number in range(1_500))
        self.successResultOf(store.commit(Commit(configs, "anna", "bulk")))
        self.assertEqual(clock.getDelayedCalls(), [])
        found = self.successResultOf(store.select(Config, NOTHING, lambda one: {"id": one.id}, "id", 0, 0))
        self.assertEqual([one.id for one in found], [f"c{number}" for number in range(1_500)])


class SlicedTests(SynchronousTestCase):
    def test_short_works_are_done_at_once(self) -> None:
        """A commit as most are waits for no turn."""
        clock, done = Clock(), []
        sliced = Sliced(clock, lambda: done.append("idle"))

        def work(name: str) -> Iterator[None]:
            yield
            done.append(name)

        sliced.add(work("a"))
        sliced.add(work("b"))
        self.assertEqual(done, ["a", "idle", "b", "idle"])
        self.assertFalse(sliced.busy)
        self.assertEqual(clock.getDelayedCalls(), [])

    def test_a_clock_that_goes_back_ends_a_slice_too(self) -> None:
        """Else the slice would last until the clock has caught up."""
        clock = Clock()
        clock.advance(100)

        def work() -> Iterator[None]:
            clock.rightNow = 50
            yield

        sliced = Sliced(clock, lambda: None)
        sliced.add(work())
        self.assertTrue(sliced.busy)
        clock.advance(0)
        self.assertFalse(sliced.busy)


class ChangePartTests(SynchronousTestCase):
    def test_what_cannot_be_written_is_refused_by_change(self) -> None:
        """A unique key may hold what no JSON can."""
        with self.assertRaises(Invalid):
            change_part(Put(Config("c"), 0, frozenset({("code", "\ud800")})))
