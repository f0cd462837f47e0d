"""tftp.reading, tftp.wheel, tftp.timers: chunks that are shared, timers that cost nothing to move."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from attrs import define, field
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from provserver.tftp.errors import TftpRefusal
from provserver.tftp.interfaces import Content
from provserver.tftp.reading import CHUNK, Body, Disk, Source
from provserver.tftp.session import Session
from provserver.tftp.timers import Timers
from provserver.tftp.wheel import TimerWheel
from tests.tftp.lab import in_this_thread

BODY = os.urandom(CHUNK) + os.urandom(CHUNK) + os.urandom(1000)


class DiskTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.asked: list[str] = []
        self.held: list[Callable[[], object]] = []
        self.hold = False
        self.disk = Disk(self.run_in_thread)
        self.place = Path(self.mktemp())
        self.place.write_bytes(BODY)
        self.content = Content("fw", place=str(self.place))

    def run_in_thread(self, function: Callable[..., Any], *arguments: Any) -> Deferred[Any]:
        self.asked.append(function.__name__)
        if not self.hold:
            return in_this_thread(function, *arguments)
        waiting: Deferred[Any] = Deferred()
        self.held.append(lambda: in_this_thread(function, *arguments).chainDeferred(waiting))
        return waiting

    def release(self) -> None:
        held, self.held = self.held, []
        for go_on in held:
            go_on()

    def open(self) -> Source:
        return self.successResultOf(Deferred.fromCoroutine(self.disk.open(self.content, False)))

    def ready(self, source: Source, start: int, end: int) -> Deferred[None]:
        return Deferred.fromCoroutine(source.ready(start, end))

    def descriptors(self) -> int:
        return sum(
            os.path.realpath(f"/proc/self/fd/{fd}") == str(self.place.resolve())
            for fd in os.listdir("/proc/self/fd")
        )

    def test_bytes_are_read_in_chunks_and_across_them(self) -> None:
        """The first read of a chunk has to wait, the others do not."""
        source = self.open()
        self.assertEqual(source.size, len(BODY))
        self.assertIsNone(source.read(0, 512))
        self.successResultOf(self.ready(source, 0, 512))
        self.assertEqual(source.read(0, 512), BODY[:512])
        across = (CHUNK - 100, CHUNK + 100)
        self.assertEqual(source.read(*across), BODY[slice(*across)])
        self.assertEqual(source.read(2 * CHUNK + 900, 2 * CHUNK + 2000), BODY[2 * CHUNK + 900 :])
        self.assertEqual(source.read(len(BODY), len(BODY) + 512), b"")
        source.close()

    def test_the_next_chunk_is_read_ahead(self) -> None:
        """When the transfer gets there it is in memory."""
        source = self.open()
        self.successResultOf(self.ready(source, 0, 1))
        source.read(0, 1)
        self.assertEqual(self.asked, ["_open", "_read", "_read"])
        self.assertEqual(source.read(CHUNK, CHUNK + 1), BODY[CHUNK : CHUNK + 1])
        source.close()

    def test_all_who_read_one_file_share_it(self) -> None:
        """1,000 phones and one firmware: one descriptor, one read of each chunk; closed after the last."""
        first, second = self.open(), self.open()
        self.assertEqual(self.descriptors(), 1)
        self.hold = True
        both = [self.ready(source, 0, 512) for source in (first, second)]
        self.assertEqual(len(self.held), 1)
        self.release()
        for waiting in both:
            self.successResultOf(waiting)
        self.assertEqual(second.read(0, 512), BODY[:512])
        first.close()
        self.assertEqual(self.descriptors(), 1)
        self.release()
        second.close()
        self.assertEqual(self.descriptors(), 0)

    def test_what_is_kept_is_bounded_and_what_is_used_is_held(self) -> None:
        """A cache that is too small must not make a transfer turn in circles."""
        self.disk = Disk(self.run_in_thread, most_bytes=1)
        source = self.open()
        self.successResultOf(self.ready(source, CHUNK - 1, CHUNK + 1))
        self.assertEqual(source.read(CHUNK - 1, CHUNK + 1), BODY[CHUNK - 1 : CHUNK + 1])
        source.close()

    def test_a_file_that_is_replaced_is_another_file(self) -> None:
        """Whoever reads the old one goes on with it; who comes now gets the new one."""
        old = self.open()
        other = self.place.with_suffix(".new")
        other.write_bytes(b"new")
        other.rename(self.place)
        new = self.open()
        for source in (old, new):
            self.successResultOf(self.ready(source, 0, 3))
        self.assertEqual((old.read(0, 3), new.read(0, 3)), (BODY[:3], b"new"))
        old.close()
        new.close()

    def test_a_file_that_was_cut_short_is_an_error(self) -> None:
        """Its bytes were promised not to change; rather none than wrong ones. What is read ahead fails in silence."""
        source = self.open()
        os.truncate(self.place, CHUNK + 10)
        self.successResultOf(self.ready(source, 0, 1))
        self.assertEqual(source.read(0, 1), BODY[:1])
        self.failureResultOf(self.ready(source, CHUNK, CHUNK + 1), OSError)
        source.close()

    def test_what_is_no_file_is_refused(self) -> None:
        """A FIFO would hold a thread until somebody writes to it."""
        fifo = self.mktemp()
        os.mkfifo(fifo)
        for place, code in ((fifo, 0), ("/", 0), ("/nonexistent", 1)):
            opening = Deferred.fromCoroutine(self.disk.open(Content("x", place=place), False))
            self.assertEqual(self.failureResultOf(opening, TftpRefusal).value.code, code, place)

    def test_a_reader_that_leaves_while_its_chunk_is_read_does_no_harm(self) -> None:
        """The descriptor stays open for the thread."""
        source = self.open()
        self.hold = True
        waiting = self.ready(source, 0, 1)
        source.close()
        self.assertEqual(self.descriptors(), 1)
        self.release()
        self.successResultOf(waiting)
        self.assertEqual(self.descriptors(), 0)

    def test_a_body_is_always_ready(self) -> None:
        """What was rendered is in memory."""
        body = Body(b"abc")
        self.successResultOf(Deferred.fromCoroutine(body.ready(0, 3)))
        self.assertEqual((body.size, body.read(1, 9)), (3, b"bc"))
        body.close()


class WheelTests(SynchronousTestCase):
    def test_things_come_when_they_are_due_and_in_order(self) -> None:
        """Never early, at most a tick late."""
        wheel: TimerWheel[str] = TimerWheel(0.01)
        self.assertFalse(wheel)
        for at, name in ((0.5, "c"), (0.101, "a"), (0.109, "b"), (900.0, "d")):
            wheel.put(name, at)
        self.assertEqual([wheel.due(now) for now in (0.1, 0.11, 0.3, 0.5)], [[], ["a", "b"], [], ["c"]])
        self.assertTrue(wheel)

    def test_a_clock_that_jumps_costs_nothing(self) -> None:
        """A laptop wakes up after a night."""
        wheel: TimerWheel[str] = TimerWheel(0.01)
        wheel.put("a", 1.0)
        self.assertEqual(wheel.due(1e9), ["a"])
        self.assertFalse(wheel)


@define(eq=False)
class Sleeper:
    """All of a session that the timers see: transfer, link and port in one."""

    wake_at: float
    over: bool = False
    woken_at: list[float] = field(factory=list)
    polled: int = 0
    answered: bool = False  # an answer waits in the port
    ends_as: str = ""

    @property
    def transfer(self) -> "Sleeper":
        return self

    link = port = transfer

    def poll(self) -> None:
        self.polled += 1
        if self.answered:
            self.wake_at += 1.0
            self.answered = False

    def woken(self, now: float) -> None:
        self.woken_at.append(now)
        self.wake_at = now + 0.5

    def end(self, outcome: str, detail: str) -> None:
        self.over, self.ends_as = True, f"{outcome}: {detail}"


class Buggy(Sleeper):
    def woken(self, now: float) -> None:
        raise RuntimeError("a bug")


class TimersTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.step = 0.0  # that a look at the time takes
        self.more = 0.0
        self.timers = Timers(self.clock, self.seconds)

    def seconds(self) -> float:
        self.more += self.step
        return float(self.clock.seconds()) + self.more

    def watch(self, *sleepers: Sleeper) -> None:
        for sleeper in sleepers:
            self.timers.watch(cast(Session, sleeper))

    def advance(self, seconds: float) -> None:
        for _ in range(round(seconds / 0.01)):
            self.clock.advance(0.01)

    def test_a_session_is_woken_when_it_wants_it_until_it_is_over(self) -> None:
        """Moving `wake_at` is all that a packet does."""
        sleeper = Sleeper(0.1)
        self.watch(sleeper)
        self.advance(0.05)
        sleeper.wake_at = 0.3
        self.advance(0.3)
        self.assertEqual([round(at, 2) for at in sleeper.woken_at], [0.3])
        sleeper.over = True
        self.advance(1)
        self.assertEqual((len(sleeper.woken_at), self.clock.getDelayedCalls()), (1, []))

    def test_what_has_arrived_is_heard_before_a_timeout_is_believed(self) -> None:
        """While we were busy, the answer came: nothing was missed, and nothing is sent again."""
        sleeper = Sleeper(0.1, answered=True)
        self.watch(sleeper)
        self.advance(0.5)
        self.assertEqual((sleeper.polled, sleeper.woken_at), (1, []))
        self.timers.stop()

    def test_most_transfers_never_get_a_timer(self) -> None:
        """They are over before the first tick."""
        sleeper = Sleeper(0.25, over=True)
        self.watch(sleeper)
        self.advance(0.02)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_many_timers_do_not_make_one_long_turn(self) -> None:
        """10,000 phones lose their power at once: the rest is woken in the next ticks, and nobody is forgotten."""
        sleepers = [Sleeper(0.1) for _ in range(100)]
        self.watch(*sleepers)
        self.advance(0.09)
        self.step = 0.001
        at_once = []
        for _ in range(30):
            self.clock.advance(0.01)
            at_once.append(sum(map(len, (sleeper.woken_at for sleeper in sleepers))))
        self.assertLess(at_once[0], 10)
        self.assertGreaterEqual(min(len(sleeper.woken_at) for sleeper in sleepers), 1)
        self.timers.stop()
        self.timers.stop()
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_a_bug_in_one_transfer_does_not_stop_the_clock(self) -> None:
        """It ends that transfer, and is logged."""
        good, bad = Sleeper(0.1), Buggy(0.1)
        self.watch(bad, good)
        self.advance(0.2)
        self.assertEqual((len(good.woken_at), bad.ends_as), (1, "failed: a bug"))
        self.assertEqual(len(self.flushLoggedErrors(RuntimeError)), 1)
        self.timers.stop()
