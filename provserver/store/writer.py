"""The writer: gathers lines into groups, each written and synced at once, and knows what to do when that fails."""

from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

from attrs import frozen
from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure

from provserver.store.reading import Found
from provserver.store.segments import Abandoned, Segments
from provserver.store.tables import Copy

_PAUSES_S = (1.0, 2.0, 4.0, 8.0)  # before each try to write again; the last one stays
_SLICE_S = 0.003


class RunInThread(Protocol):
    """Shaped as `deferToThread`."""

    def __call__(self, function: Callable[..., Any], /, *args: object) -> "Deferred[Any]": ...


@frozen
class _Entry:
    seq: int
    part: bytes
    settled: Callable[[str], None]


class Writer:
    """
    One thread writes and syncs whatever has gathered while it wrote the group before; the lines of that one are
    settled meanwhile, in order, and in slices: what a thousand commits bring about would be a long turn. After a
    failure nothing is written until a new snapshot and journal are on disk.
    """

    _log = Logger()

    def __init__(
        self,
        segments: Segments,
        clock: IReactorTime,
        run_in_thread: RunInThread,
        copy: Callable[[], Copy],
        compact_bytes: int,
    ) -> None:
        self.refuses = ""  # why nothing can be written now
        self._segments = segments
        self._clock = clock
        self._run = run_in_thread
        self._copy = copy
        self._compact_bytes = compact_bytes
        self._journal_bytes = 0  # since the last snapshot
        self._last = self._durable = 0  # numbers of lines: given, and on disk
        self._clean = True  # the last line says that all before it is on disk
        self._queue: list[_Entry] = []
        self._writing = False
        self._to_settle: deque[tuple[_Entry, str]] = deque()
        self._settling = False
        self._copying = False  # a snapshot is being written
        self._begin_after: int | None = None
        self._failures = 0
        self._retry: IDelayedCall | None = None
        self._waiting: list[Deferred[None]] = []

    def begin(self, found: Found) -> None:
        """Go on after what was read. Where the disk takes nothing, what was read can be read all the same."""
        self._last = self._durable = found.seq
        self._clean = found.clean
        self._journal_bytes = found.journal_bytes
        try:
            self._segments.resume(found)
        except OSError as problem:
            self._refuse(Failure(problem))

    @property
    def next_seq(self) -> int:
        return self._last + 1

    def add(self, part: bytes, settled: Callable[[str], None]) -> None:
        """Write a line with the number `next_seq`. `settled` is told "", or why the line is not written."""
        if self.refuses:
            settled(self.refuses)
            return
        self._last += 1
        self._queue.append(_Entry(self._last, part, settled))
        self._write()

    def mind_the_clock(self) -> None:
        """Try again soon, also where the clock was set back: Twisted's timers wait until it has caught up."""
        if self._retry and self._retry.getTime() - self._clock.seconds() > _PAUSES_S[-1]:
            self._retry.reset(_PAUSES_S[0])

    def idle(self) -> Deferred[None]:
        """Fire when nothing is under way."""
        if not self._busy():
            return succeed(None)
        waiting: Deferred[None] = Deferred()
        self._waiting.append(waiting)
        return waiting

    def hurry(self) -> None:
        """Give up the snapshot that is being written: there will be another."""
        self._segments.abandon()

    async def close(self) -> None:
        """
        Say in last lines what is on disk, so that later damage of it is not taken for a torn end. Two, since one
        byte, the line break between, may spoil one and what stands before it.
        """
        await self.idle()
        if not (self._clean or self.refuses):
            self.add(b"", lambda _: None)
            self.add(b"", lambda _: None)
            await self.idle()
        self._stop_retrying()
        self._segments.close()

    # --- groups --------------------------------------------------------------------------------------------

    def _write(self) -> None:
        if self._writing or not self._queue or (self._settling and self._is_large()):
            return
        group, self._queue = self._queue, []
        self._writing = True
        parts = [(entry.seq, entry.part) for entry in group]
        self._run(self._segments.write, self._begin_after, self._durable, parts).addCallbacks(
            partial(self._written, group), partial(self._failed, group)
        )

    def _written(self, group: list[_Entry], size: int) -> None:
        self._durable = group[-1].seq
        self._clean = not group[-1].part
        self._begin_after = None
        self._journal_bytes += size
        self._to_settle.extend((entry, "") for entry in group)
        self._writing = False
        if (
            not self._is_large()
        ):  # else a snapshot comes before the next line, and before it what there is to settle
            self._write()
        self._settle()

    def _failed(self, group: list[_Entry], failure: Failure) -> None:
        self._writing = False
        self._refuse(failure)
        self._to_settle.extend((entry, self.refuses) for entry in (*group, *self._queue))
        self._queue = []
        self._settle()

    def _settle(self) -> None:
        """Tell in order what became of each line; the rest is told in later turns."""
        if self._settling:
            return
        self._settling = True
        began = self._clock.seconds()
        while self._to_settle:
            entry, problem = self._to_settle.popleft()
            entry.settled(problem)
            if not 0 <= self._clock.seconds() - began < _SLICE_S and self._to_settle:
                self._clock.callLater(0, self._settle_on)
                return
        self._settling = False
        if not self._writing:
            self._compact()
            self._write()
        self._tell_idle()

    def _settle_on(self) -> None:
        self._settling = False
        self._settle()

    # --- snapshots -----------------------------------------------------------------------------------------

    def _compact(self) -> None:
        """Write a snapshot of this moment, in which nothing is being written; what follows goes to a new journal."""
        if not self._is_large():
            return
        self._copying = True
        self._begin_after = self._durable
        self._journal_bytes = 0
        self._run(self._segments.snapshot, self._durable, self._copy()).addErrback(
            self._not_compacted
        ).addCallback(self._copied)

    def _is_large(self) -> bool:
        large = self._journal_bytes >= max(self._compact_bytes, self._segments.snapshot_bytes)
        return large and not (self._copying or self.refuses)

    def _not_compacted(self, failure: Failure) -> None:
        if failure.check(Abandoned):
            return
        self._log.warn(
            "the store's journal could not be compacted and goes on growing: {problem}", problem=failure.value
        )

    def _copied(self, _: object) -> None:
        self._copying = False
        self._tell_idle()

    # --- after a failure -----------------------------------------------------------------------------------

    def _refuse(self, failure: Failure) -> None:
        self.refuses = f"the disk takes nothing more: {failure.value}"
        pause_s = _PAUSES_S[min(self._failures, len(_PAUSES_S) - 1)]
        self._failures += 1
        self._log.error(
            "the store refuses changes, and will try again in {pause_s} s: {problem}",
            pause_s=pause_s,
            problem=failure.value,
        )
        if not isinstance(failure.value, OSError):
            self._log.failure("a bug in writing", failure)
        self._retry = self._clock.callLater(pause_s, self._begin_anew)

    def _begin_anew(self) -> None:
        self._retry = None
        if self._copying or self._to_settle:  # a compaction that began before the failure, or a long group
            self._retry = self._clock.callLater(_PAUSES_S[0], self._begin_anew)
            return
        self._copying = True
        self._run(self._segments.anew, self._last, self._durable, self._copy()).addCallbacks(
            self._begun, self._refuse
        ).addCallback(self._copied)

    def _begun(self, _: object) -> None:
        self._durable = self._last
        self._clean = True
        self._begin_after = None
        self._journal_bytes = 0
        self._failures = 0
        self.refuses = ""
        self._log.info("the store takes changes again")

    def _stop_retrying(self) -> None:
        if self._retry:
            self._retry.cancel()
            self._retry = None

    # --- waiting -------------------------------------------------------------------------------------------

    def _busy(self) -> bool:
        return self._writing or self._copying or self._settling or bool(self._queue or self._to_settle)

    def _tell_idle(self) -> None:
        while self._waiting and not self._busy():
            self._waiting.pop(0).callback(None)
