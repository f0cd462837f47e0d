"""the store, killed or without power before any operation of its disk: nothing acknowledged is lost."""

import contextlib
import random
from collections.abc import Callable

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from provserver.model import Committed, Presence
from tests.fakes.disk import FakeDisk, Killed
from tests.store.pairs import numbers, opened, pair
from tests.store.threads import ByHand


class Worker:
    """Commits pairs, one after the other or several in flight, and remembers what was acknowledged."""

    def __init__(self, disk: FakeDisk, compact_bytes: int) -> None:
        self.disk = disk
        self.acknowledged: set[int] = set()
        self.asked: set[int] = set()
        self._compact_bytes = compact_bytes

    def work(self, first: int, last: int) -> None:
        """Raises: Killed, when the disk does."""
        threads = ByHand()
        store = opened(self.disk, Clock(), threads, self._compact_bytes)
        for number in range(first, last):
            self.asked.add(number)
            store.commit(pair(number)).addCallback(self._acknowledge, number)
            if number % 3 == 2:
                store.note(Presence("d1", ip=f"10.0.0.{number}"), at_once=True)
                threads.run(-1)  # a snapshot may wait while groups are written
                threads.run_all()
        threads.run_all()
        store.close()
        threads.run_all()

    def _acknowledge(self, _: Committed, number: int) -> None:
        self.acknowledged.add(number)


class KillTests(SynchronousTestCase):
    def dying(self, at: int, work: Callable[[FakeDisk], None], disk: FakeDisk) -> bool:
        """Kill the process before its operation number `at`; say whether it got that far."""
        left = iter(range(at))

        def count(operation: str, name: str) -> None:
            if operation != "read" and next(left, None) is None:
                raise Killed

        disk.before = count
        with contextlib.suppress(Killed):
            work(disk)
            return False
        return True

    def check(self, survived: FakeDisk, worker: Worker) -> None:
        store = opened(survived)
        found = numbers(store)
        self.assertLessEqual(worker.acknowledged, found)
        self.assertLessEqual(found, worker.asked)
        self.assertEqual(self.successResultOf(store.commit(pair(49))).seq, store.seq)
        self.successResultOf(store.close())
        self.assertEqual(numbers(opened(survived)), found | {49})

    def test_killed_before_any_operation_of_the_disk(self) -> None:
        """With compactions on the way; the next start has all that was acknowledged, and goes on."""
        operations = 0
        while True:
            disk = FakeDisk()
            worker = Worker(disk, compact_bytes=800)
            died = self.dying(operations, lambda _, worker=worker: worker.work(0, 15), disk)  # type: ignore[misc]
            self.check(FakeDisk(disk.files), worker)
            if not died:
                break
            operations += 1
        self.assertGreater(operations, 50)

    def test_power_is_lost_before_any_operation_of_the_disk(self) -> None:
        """Only what was synced is sure to survive; of the rest any page, in any order, and any name."""
        operations, died = 0, True
        while died:
            for seed in range(4):
                disk = FakeDisk()
                worker = Worker(disk, compact_bytes=800)
                died = self.dying(operations, lambda _, worker=worker: worker.work(0, 15), disk)  # type: ignore[misc]
                self.check(disk.after_power_loss(random.Random(seed)), worker)
            operations += 1

    def test_it_is_killed_again_while_it_recovers(self) -> None:
        """A machine that loses power once often loses it twice."""
        for first in range(8, 60, 7):
            for second in range(12):
                disk = FakeDisk()
                worker = Worker(disk, compact_bytes=800)
                self.dying(first, lambda _, worker=worker: worker.work(0, 15), disk)  # type: ignore[misc]
                chance = random.Random(first * 100 + second)
                again = disk.after_power_loss(chance)
                worker.disk = again
                self.dying(second, lambda _, worker=worker: worker.work(15, 18), again)  # type: ignore[misc]
                self.check(again.after_power_loss(chance), worker)

    def test_what_a_start_shows_is_on_disk(self) -> None:
        """A kill leaves lines that only the system's memory holds: once they are read, no power loss may take them
        back."""
        for operation in range(4, 40):
            disk = FakeDisk()
            worker = Worker(disk, compact_bytes=800)
            self.dying(operation, lambda _, worker=worker: worker.work(0, 15), disk)  # type: ignore[misc]
            disk.before = lambda operation, name: None
            found = numbers(opened(disk))
            for seed in range(4):
                self.assertEqual(numbers(opened(disk.after_power_loss(random.Random(seed)))), found)
