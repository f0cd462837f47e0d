"""The past: the last commits, for the history of a document and for those who watch."""

from collections import deque
from collections.abc import Callable

from twisted.logger import Logger

from provserver.errors import Lost
from provserver.model import Committed
from provserver.store.masking import masked
from provserver.store.tables import Ref, ref_of

_MOST_OF_ONE = 20  # commits kept of a document
_MOST_CHANGES = 50_000  # kept in all: what they hold on to are old versions of documents


class Past:
    """
    In memory: the journal has all of it until the next compaction, so that after a restart it begins there.
    The histories on disk are to come (#5); they take the place of `_of`.
    """

    def __init__(self, most_changes: int = _MOST_CHANGES) -> None:
        self._most_changes = most_changes
        self._commits: deque[Committed] = deque()
        self._changes = 0
        self._lost = 0  # the newest commit that is no longer kept
        self._of: dict[Ref, tuple[Committed, ...]] = {}
        self._watchers: list[_Watcher] = []

    def begins(self, seq: int) -> None:
        """Say that what came up to `seq` is not kept here."""
        self._lost = seq

    def add(self, committed: Committed) -> None:
        """Remember a commit, and tell of it."""
        self._commits.append(committed)
        self._changes += len(committed.commit.changes)
        for ref in {ref_of(change) for change in committed.commit.changes}:
            self._of[ref] = (*self._of.get(ref, ())[1 - _MOST_OF_ONE :], committed)
        while self._changes > self._most_changes:
            self._forget(self._commits.popleft())
        for watcher in self._watchers:
            watcher.waiting.append(committed)
        for watcher in tuple(self._watchers):  # only now: telling one may make the next commit
            watcher.tell()

    def of(self, ref: Ref, most: int) -> tuple[Committed, ...]:
        """Return the last commits that touched a document, newest first, masked."""
        newest_first = self._of.get(ref, ())[::-1]
        return tuple(masked(committed) for committed in newest_first[: max(most, 0)])

    def watch(self, since: int, tell: Callable[[Committed], None]) -> None:
        """Raises: Lost."""
        if since < self._lost:
            raise Lost(f"commits up to {self._lost} are no longer kept, and {since} was asked for")
        watcher = _Watcher(tell)
        self._watchers.append(watcher)
        watcher.waiting.extend(kept for kept in self._commits if kept.seq > since)
        watcher.tell()

    def _forget(self, oldest: Committed) -> None:
        self._changes -= len(oldest.commit.changes)
        self._lost = oldest.seq
        for ref in {ref_of(change) for change in oldest.commit.changes}:
            kept = tuple(committed for committed in self._of.get(ref, ()) if committed is not oldest)
            if kept:
                self._of[ref] = kept
            else:
                self._of.pop(ref, None)


class _Watcher:
    """Tells in order, each once, also where telling makes the next commit."""

    _log = Logger()

    def __init__(self, tell: Callable[[Committed], None]) -> None:
        self._tell = tell
        self.waiting: deque[Committed] = deque()
        self._telling = False

    def tell(self) -> None:
        if self._telling:
            return
        self._telling = True
        while self.waiting:
            try:
                self._tell(self.waiting.popleft())
            except Exception:
                # The commit has happened: neither its caller nor the other watchers may suffer from a bug here.
                self._log.failure("a watcher of the store failed")
        self._telling = False
