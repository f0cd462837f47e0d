"""the store under whatever a disk can do, in any order: what was acknowledged stays, what was refused does not."""

import errno
import random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from twisted.internet.task import Clock
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from provserver.errors import StoreFull
from provserver.model import Committed, Config, Presence
from provserver.store.journal import JournalStore
from tests.fakes.disk import FakeDisk
from tests.store.pairs import numbers, opened, pair
from tests.store.threads import at_once

_MOST = 45
COMMIT, NOTE, WAIT, RESTART, KILL, POWER = "commit", "note", "wait", "restart", "kill", "power"
FAULTS = st.tuples(
    st.sampled_from(("write", "sync", "create", "rename", "sync_names", "append", "remove", "cut")),
    st.sampled_from((errno.EIO, errno.ENOSPC, errno.EROFS)),
    st.integers(0, 6),  # operations of that kind that still succeed
    st.integers(1, 4),  # how many then fail
)
STEPS = st.one_of(
    st.just((COMMIT,)), st.just((COMMIT,)), st.just((COMMIT,)), st.just((NOTE,)), st.just((WAIT,)),
    st.just((RESTART,)), st.just((KILL,)), st.tuples(st.just(POWER), st.integers(0, 999)),
    st.tuples(st.just("room"), st.one_of(st.none(), st.integers(0, 900))), st.tuples(st.just("fault"), FAULTS),
)  # fmt: skip


class Office:
    """A store, its disk, and what its clients were told."""

    def __init__(self, compact_bytes: int) -> None:
        self.clock = Clock()
        self.disk = FakeDisk()
        self.acknowledged: set[int] = set()
        self.refused: set[int] = set()
        self.asked = 0
        self._compact_bytes = compact_bytes
        self.store = self.start()

    def start(self) -> JournalStore:
        return opened(self.disk, self.clock, at_once, self._compact_bytes)

    def commit(self) -> None:
        number, self.asked = self.asked, self.asked + 1
        self.store.commit(pair(number)).addCallbacks(
            self._done, self._refused, callbackArgs=(number,), errbackArgs=(number,)
        )

    def _done(self, _: Committed, number: int) -> None:
        self.acknowledged.add(number)

    def _refused(self, failure: Failure, number: int) -> None:
        failure.trap(StoreFull)
        self.refused.add(number)

    def fails(self, fault: tuple[str, int, int, int]) -> None:
        operation, problem, first, times = fault
        left = [first, times]

        def before(doing: str, _: str) -> None:
            if doing == operation:
                if left[0]:
                    left[0] -= 1
                elif left[1]:
                    left[1] -= 1
                    raise OSError(problem, "failed on purpose")

        self.disk.before = before

    def healthy(self) -> None:
        self.disk.before = lambda operation, name: None
        self.disk.room = None

    def restart(self, disk: FakeDisk) -> None:
        self.disk = disk
        self.store = self.start()


class FaultTests(SynchronousTestCase):
    @given(st.lists(STEPS, min_size=1, max_size=25), st.sampled_from((1, 400, 10**9)))
    @settings(max_examples=300, deadline=None, derandomize=True, database=None,
              suppress_health_check=list(HealthCheck))  # fmt: skip
    def test_any_order_of_faults(self, steps: list[tuple[object, ...]], compact_bytes: int) -> None:
        """Nobody thinks of all the ways in which a disk fails; a machine can try them."""
        office = Office(compact_bytes)
        for step in steps:
            self.take(office, step)
            found = numbers(office.store)
            self.assertLessEqual(office.acknowledged, found)
            self.assertEqual(office.store.seq >= len(office.acknowledged), True)
        office.healthy()
        office.clock.advance(10)
        office.commit()
        self.assertIn(office.asked - 1, office.acknowledged, "it did not recover by itself")
        self.assertEqual(numbers(opened(FakeDisk(office.disk.files))), numbers(office.store))
        history = self.successResultOf(office.store.history(Config, f"a{office.asked - 1}", 9))
        self.assertEqual(len(history), 1)

    def take(self, office: Office, step: tuple[object, ...]) -> None:
        match step:
            case ("commit",):
                if office.asked < _MOST:
                    office.commit()
            case ("note",):
                office.store.note(Presence(f"p{office.asked}", ip="10.0.0.7"), at_once=True)
            case ("wait",):
                office.clock.advance(3)
            case ("restart",):
                self.successResultOf(office.store.close())
                office.healthy()
                office.restart(FakeDisk(office.disk.files))
            case ("kill",):
                office.healthy()
                office.restart(FakeDisk(office.disk.files))
            case ("power", int(seed)):
                office.healthy()
                office.restart(office.disk.after_power_loss(random.Random(seed)))
            case ("room", room):
                office.disk.room = room  # type: ignore[assignment]  # as STEPS has it
            case ("fault", fault):
                office.fails(fault)  # type: ignore[arg-type]  # as FAULTS has it
            case _:
                raise AssertionError(step)

    def test_a_sync_that_failed_took_the_pages_with_it(self) -> None:
        """Linux forgets what it could not write: a second sync of that file succeeds, and proves nothing. Who trusted
        it would lose this commit with the next loss of power."""
        office = Office(10**9)
        office.commit()
        office.fails(("sync", errno.EIO, 0, 1))
        office.commit()
        self.assertEqual(office.refused, {1})
        office.clock.advance(1)
        office.commit()
        self.assertEqual(office.acknowledged, {0, 2})
        for seed in range(50):
            survived = opened(office.disk.after_power_loss(random.Random(seed)))
            self.assertEqual(numbers(survived), {0, 2})
