"""tftp.reading, tftp.wheel, tftp.timers: packets that are shared, timers that cost nothing to move."""

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
from provserver.tftp.packet import data_packet
from provserver.tftp.reading import CHUNK, Body, Disk, Source
from provserver.tftp.session import Session
from provserver.tftp.timers import Timers
from provserver.tftp.wheel import TimerWheel
from tests.tftp.lab import in_this_thread

BODY = os.urandom(2 * CHUNK + 1000)
BLKSIZE = 1024
EACH = CHUNK // BLKSIZE  # blocks of a chunk
BLOCKS = len(BODY) // BLKSIZE + 1


def packets(first: int, count: int, blksize: int = BLKSIZE, body: bytes = BODY) -> list[bytes]:
    """Return the DATA packets of a body."""
    blocks = range(first, first + count)
    return [data_packet(block, body[(block - 1) * blksize : block * blksize]) for block in blocks]


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

    def open(self, blksize: int = BLKSIZE) -> Source:
        source = self.successResultOf(Deferred.fromCoroutine(self.disk.open(self.content, False)))
        source.cut(blksize)
        return source

    def ready(self, source: Source, first: int, count: int = 1) -> Deferred[None]:
        return Deferred.fromCoroutine(source.ready(first, count))

    def descriptors(self) -> int:
        return sum(
            os.path.realpath(f"/proc/self/fd/{fd}") == str(self.place.resolve())
            for fd in os.listdir("/proc/self/fd")
        )

    def test_packets_are_read_in_chunks_and_across_them(self) -> None:
        """The first of a chunk has to wait, the others do not."""
        source = self.open()
        self.assertEqual(source.size, len(BODY))
        self.assertIsNone(source.datagrams(1, 1))
        self.successResultOf(self.ready(source, 1))
        self.assertEqual(source.datagrams(1, 1), packets(1, 1))
        self.assertEqual(source.datagrams(2, 5), packets(2, 5))
        self.assertEqual(source.datagrams(EACH - 3, 10), packets(EACH - 3, 10))
        self.assertEqual(source.datagrams(BLOCKS - 2, 3), packets(BLOCKS - 2, 3))
        source.close()

    def test_every_block_of_a_file_is_there_whatever_their_length(self) -> None:
        """Also the empty one behind a whole number of blocks, and those of a file with nothing in it."""
        for size in (
            0,
            1,
            8,
            511 * 8,
            512 * 8,
            512 * 8 + 1,
            1428 * 183,
            1428 * 183 + 1,
            65_464 * 4,
            len(BODY),
        ):
            self.place.write_bytes(BODY[:size])
            for blksize in (8, 512, 1428, 65_464):
                source, blocks = self.open(blksize), size // blksize + 1
                got: list[bytes] = []
                for first in range(1, blocks + 1, 64):
                    count = min(64, blocks + 1 - first)
                    self.successResultOf(self.ready(source, first, count))
                    got += source.datagrams(first, count) or ()
                self.assertEqual(got, packets(1, blocks, blksize, BODY[:size]), (size, blksize))
                source.close()

    def test_a_window_may_be_longer_than_a_chunk(self) -> None:
        """Of blocks of 64 KB four are a chunk, and an administrator may allow long windows."""
        source = self.open(65_464)
        self.successResultOf(self.ready(source, 1, 9))
        self.assertEqual(source.datagrams(1, 9), packets(1, 9, 65_464))
        source.close()

    def test_tiny_blocks_are_cut_in_small_parts(self) -> None:
        """Packets of 8 bytes take ten times their data in memory, and cutting many of them takes time."""
        source = self.open(8)
        self.successResultOf(self.ready(source, 1))
        self.assertEqual(source.datagrams(512, 1), packets(512, 1, 8))
        source.close()
        self.assertEqual(self.asked.count("_read"), 2)  # that part, and the next ahead

    def test_the_next_chunk_is_read_ahead(self) -> None:
        """When the transfer gets there it is in memory."""
        source = self.open()
        self.successResultOf(self.ready(source, 1))
        source.datagrams(1, 1)
        self.assertEqual(self.asked, ["_open", "_read", "_read"])
        self.assertEqual(source.datagrams(EACH + 1, 1), packets(EACH + 1, 1))
        source.close()

    def test_all_who_read_one_file_share_it(self) -> None:
        """1,000 phones and one firmware: one descriptor, one read of each chunk; closed after the last."""
        first, second = self.open(), self.open()
        self.assertEqual(self.descriptors(), 1)
        self.hold = True
        both = [self.ready(source, 1) for source in (first, second)]
        self.assertEqual(len(self.held), 1)
        self.release()
        for waiting in both:
            self.successResultOf(waiting)
        mine, others = (source.datagrams(1, 1) or () for source in (first, second))
        self.assertIs(mine[0], others[0])
        first.close()
        self.assertEqual(self.descriptors(), 1)
        self.release()
        second.close()
        self.assertEqual(self.descriptors(), 0)

    def test_blocks_of_another_length_are_other_packets(self) -> None:
        """One phone grants itself 1428 bytes, the next 512: each gets its own."""
        first, second = self.open(512), self.open(1428)
        for source, blksize in ((first, 512), (second, 1428)):
            self.successResultOf(self.ready(source, 1))
            self.assertEqual(source.datagrams(2, 2), packets(2, 2, blksize))
            source.close()

    def test_what_is_kept_is_bounded_and_what_is_used_is_held(self) -> None:
        """A cache that is too small must not make a transfer turn in circles."""
        self.disk = Disk(self.run_in_thread, most_bytes=1)
        source = self.open()
        self.successResultOf(self.ready(source, EACH, 2))
        self.assertEqual(source.datagrams(EACH, 2), packets(EACH, 2))
        source.close()

    def test_a_file_that_is_replaced_is_another_file(self) -> None:
        """Whoever reads the old one goes on with it; who comes now gets the new one."""
        old = self.open()
        other = self.place.with_suffix(".new")
        other.write_bytes(b"new")
        other.rename(self.place)
        new = self.open()
        for source in (old, new):
            self.successResultOf(self.ready(source, 1))
        self.assertEqual(old.datagrams(1, 1), packets(1, 1))
        self.assertEqual(new.datagrams(1, 1), [data_packet(1, b"new")])
        old.close()
        new.close()

    def test_a_file_that_was_cut_short_is_an_error(self) -> None:
        """Its bytes were promised not to change; rather none than wrong ones. What is read ahead fails in silence."""
        source = self.open()
        os.truncate(self.place, CHUNK + 10)
        self.successResultOf(self.ready(source, 1))
        self.assertEqual(source.datagrams(1, 1), packets(1, 1))
        self.failureResultOf(self.ready(source, EACH + 1), OSError)
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
        waiting = self.ready(source, 1)
        source.close()
        self.assertEqual(self.descriptors(), 1)
        self.release()
        self.successResultOf(waiting)
        self.assertEqual(self.descriptors(), 0)

    def test_a_body_is_always_ready(self) -> None:
        """What was rendered is in memory."""
        body = Body(b"abcde")
        body.cut(2)
        self.successResultOf(Deferred.fromCoroutine(body.ready(1, 3)))
        self.assertEqual((body.size, body.datagrams(3, 1)), (5, (data_packet(3, b"e"),)))
        self.assertEqual(body.datagrams(1, 3), packets(1, 3, 2, b"abcde"))
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
