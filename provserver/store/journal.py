"""A store in a folder: documents in memory, every commit on disk before it can be seen (the format: `lines.py`)."""

import gc
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import islice

from attrs import evolve
from twisted.internet.defer import Deferred, DeferredLock, fail
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.internet.task import deferLater
from zope.interface import implementer

from provserver.errors import Closed, StoreFull
from provserver.interfaces import D, IStore
from provserver.model import Commit, Committed, Delete, Json, Presence, Put
from provserver.store.claims import Claims
from provserver.store.disk import IDisk
from provserver.store.garbage import not_searched
from provserver.store.history import History
from provserver.store.lines import change_part, commit_part, noted_part
from provserver.store.reading import read_folder
from provserver.store.sealing import CLEAR, Seal
from provserver.store.segments import Segments
from provserver.store.selecting import Page, select
from provserver.store.sliced import Sliced
from provserver.store.tables import Tables, ref_of, stamped
from provserver.store.upgrading import upgrade
from provserver.store.watchers import Watchers
from provserver.store.writer import RunInThread, Writer

_NOTE_S = 5.0
_NOTES_A_LINE = 1000
_COMPACT_BYTES = 16 * 1024 * 1024
_FREEZE_EVERY = 10_000  # changes
_BREATH = 20  # changes: less than a millisecond's work


@implementer(IStore)
class JournalStore:
    """Between `lock` and the end of `close` the folder belongs to this process."""

    def __init__(
        self,
        disk: IDisk,
        clock: IReactorTime,
        run_in_thread: RunInThread,
        compact_bytes: int = _COMPACT_BYTES,
        seal: Seal = CLEAR,
    ) -> None:
        """The journal is compacted when it is larger than `compact_bytes` and than the snapshot before it."""
        self._disk = disk
        self._seal = seal
        self._clock = clock
        self._tables = Tables()
        self._claims = Claims(self._tables)
        self._watchers = Watchers()
        self._history = History(disk, clock.seconds, seal)
        self._run_in_thread = run_in_thread
        self._asking = DeferredLock()  # one at a time: a busy audit must not keep the writer from its thread
        self._writer = Writer(
            Segments(disk, self._history, seal), clock, run_in_thread, self._tables.copy, compact_bytes
        )
        self._preparing = Sliced(clock, self._all_prepared)
        self._noted: dict[str, bytes] = {}  # what is not written yet
        self._unfrozen = 0
        self._noting = 0  # lines of them that are being written
        self._at_once = False
        self._note_call: IDelayedCall | None = None
        self._end: Deferred[None] | None = None  # of `close`

    # --- start and stop ------------------------------------------------------------------------------------

    def lock(self) -> None:
        """Make the folder where it is missing, and take it. Raises: Held."""
        self._disk.lock()

    def load(self) -> None:
        """
        Read what the folder holds; it blocks, and comes before the reactor runs. An empty folder is an empty store.

        Raises:
            Held: another process has the folder.
            Damaged: what was acknowledged once cannot be read.
            Locked: its secrets are sealed with another key.
        """
        self._disk.lock()
        upgrade(self._disk)
        with not_searched():
            found = read_folder(self._disk, self._tables, self._watchers, self._seal)
            self._tables.index()
        self._freeze_now_and_then(self._tables.copy().count())
        self._writer.begin(found)

    def close(self) -> Deferred[None]:
        """Refuse commits, write what is under way and what is noted, and give the folder free. It does not fail."""
        if self._end is None:
            self._end = Deferred.fromCoroutine(self._close())
        closed: Deferred[None] = Deferred()
        self._end.addBoth(lambda _: closed.callback(None))
        return closed

    async def _close(self) -> None:
        while self._preparing.busy:
            await deferLater(self._clock, 0)
        self._writer.hurry()
        await self._writer.idle()
        self._write_notes()
        if self._note_call:
            self._note_call.cancel()
        await self._writer.close()
        self._disk.unlock()

    # --- reading -------------------------------------------------------------------------------------------

    @property
    def seq(self) -> int:
        return self._tables.seq

    def get(self, kind: type[D], doc_id: str) -> D:
        return self._tables.get(kind, doc_id)

    def find(self, kind: type[D], index: str, value: str) -> tuple[D, ...]:
        return self._tables.find(kind, index, value)

    def count(self, kind: type[D], index: str, value: str) -> int:
        return self._tables.count(kind, index, value)

    def select(
        self,
        kind: type[D],
        selector: Json,
        view: Callable[[D], Mapping[str, object]],
        sort: str,
        skip: int,
        limit: int,
    ) -> Deferred[tuple[D, ...]]:
        return select(self._tables, self._clock, kind, selector, view, Page(sort, skip, limit))

    def history(self, kind: type[D], doc_id: str, most: int) -> Deferred[tuple[Committed, ...]]:
        return self._asking.run(self._run_in_thread, self._history.of, (kind, doc_id), self._tables.seq, most)

    def watch(self, since: int, tell: Callable[[Committed], None]) -> None:
        self._watchers.watch(since, tell)

    # --- commits -------------------------------------------------------------------------------------------

    def commit(self, commit: Commit) -> Deferred[Committed]:
        if self._end is not None:
            return fail(Closed("the store is closed"))
        done: Deferred[Committed] = Deferred()
        self._preparing.add(self._prepared(commit, done))
        return done

    def _prepared(self, commit: Commit, done: Deferred[Committed]) -> Iterator[None]:
        """Make a line of a commit. From its beginning on the line has its number: no other is added meanwhile."""
        if self._writer.refuses:
            self._writer.mind_the_clock()
            done.errback(StoreFull(self._writer.refuses))
            return
        seq, at = self._writer.next_seq, self._clock.seconds()
        changes: list[Put | Delete] = []
        parts: list[bytes] = []
        try:
            for change in commit.changes:
                changes.append(stamped(change, seq))
                parts.append(change_part(changes[-1], self._seal))
                if not len(parts) % _BREATH:
                    yield
            part = commit_part(at, commit.who, commit.why, parts)
            committed = Committed(seq, at, evolve(commit, changes=tuple(changes)))
            self._claims.claim(committed.commit)
        except Exception:  # a bug too: whoever waits hears of it, and the commits behind this one go on
            done.errback()
            return
        self._writer.add(part, partial(self._settled, committed, done))

    def _all_prepared(self) -> None:
        if self._at_once:
            self._write_notes()

    def _settled(self, committed: Committed, done: Deferred[Committed], problem: str) -> None:
        self._claims.settle(committed.commit)
        if problem:
            done.errback(StoreFull(problem))
            return
        self._tables.apply(committed)
        for kind, doc_id in map(ref_of, committed.commit.changes):
            if kind is Presence:
                self._noted.pop(doc_id, None)  # it was noted before this, and this is written
        self._freeze_now_and_then(len(committed.commit.changes))
        self._watchers.add(committed)
        done.callback(committed)

    def _freeze_now_and_then(self, changes: int) -> None:
        """Documents live long and hold nothing that could be garbage, but each full search for garbage looks at all
        that came since the last time: a fifth of a second for 100,000."""
        self._unfrozen += changes
        if self._unfrozen >= _FREEZE_EVERY:
            self._unfrozen = 0
            gc.freeze()

    # --- what is seen --------------------------------------------------------------------------------------

    def note(self, presence: Presence, at_once: bool = False) -> None:
        self._noted[presence.id] = self._tables.note(presence)
        if at_once:
            self._at_once = True
            self._write_notes()
        self._note_later()

    def _note_later(self) -> None:
        if self._note_call and self._note_call.getTime() - self._clock.seconds() > _NOTE_S:
            self._note_call.reset(_NOTE_S)  # the clock was set back
        if self._noted and self._note_call is None and self._end is None:
            self._note_call = self._clock.callLater(_NOTE_S, self._note_now)

    def _note_now(self) -> None:
        self._note_call = None
        self._write_notes()
        self._note_later()

    def _write_notes(self) -> None:
        """Write what is noted, but nothing after a change under way of the same document: it may be its end."""
        if self._noting or self._preparing.busy or self._writer.refuses:
            return
        self._at_once = False
        free = iter([doc_id for doc_id in self._noted if not self._claims.is_claimed((Presence, doc_id))])
        while batch := {doc_id: self._noted.pop(doc_id) for doc_id in islice(free, _NOTES_A_LINE)}:
            self._noting += 1
            self._writer.add(noted_part(batch.values()), partial(self._notes_settled, batch))

    def _notes_settled(self, batch: dict[str, bytes], problem: str) -> None:
        self._noting -= 1
        if problem:
            self._noted = {**batch, **self._noted}  # what was noted since is newer
        if self._at_once:
            self._write_notes()
        self._note_later()
