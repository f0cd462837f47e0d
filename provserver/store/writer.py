"""The writer: gathers lines into groups, each written and synced at once, and knows what to do when that fails."""

from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

from attrs import frozen
from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure

from provserver.store.reading import Found
from provserver.store.segments import Segments
from provserver.store.tables import Copy

_PAUSES_S = (1.0, 2.0, 4.0, 8.0)  # before each try to write again; the last one stays


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
    One thread writes and syncs whatever has gathered while it wrote the group before; then the lines of the group
    are settled, in order. After a failure nothing is written until a new snapshot and journal are on disk.
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

    def idle(self) -> Deferred[None]:
        """Fire when nothing is under way."""
        if not self._busy():
            return succeed(None)
        waiting: Deferred[None] = Deferred()
        self._waiting.append(waiting)
        return waiting

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
        if self._writing or not self._queue:
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
        for entry in group:
            entry.settled("")
        self._writing = False
        self._compact()
        self._write()
        self._tell_idle()

    def _failed(self, group: list[_Entry], failure: Failure) -> None:
        refused = [*group, *self._queue]
        self._queue = []
        self._writing = False
        self._refuse(failure)
        for entry in refused:
            entry.settled(self.refuses)
        self._tell_idle()

    # --- snapshots -----------------------------------------------------------------------------------------

    def _compact(self) -> None:
        """Write a snapshot of this moment, in which nothing is being written; what follows goes to a new journal."""
        large = self._journal_bytes >= max(self._compact_bytes, self._segments.snapshot_bytes)
        if not large or self._copying:
            return
        self._copying = True
        self._begin_after = self._durable
        self._journal_bytes = 0
        self._run(self._segments.snapshot, self._durable, self._copy()).addErrback(
            self._not_compacted
        ).addCallback(self._copied)

    def _not_compacted(self, failure: Failure) -> None:
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
        if self._copying:  # a compaction that began before the failure
            self._retry = self._clock.callLater(_PAUSES_S[0], self._begin_anew)
            return
        self._copying = True
        self._run(self._segments.anew, self._last, self._copy()).addCallbacks(
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
        return self._writing or self._copying or bool(self._queue)

    def _tell_idle(self) -> None:
        while self._waiting and not self._busy():
            self._waiting.pop(0).callback(None)
