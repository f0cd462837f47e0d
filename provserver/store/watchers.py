"""Watchers: those who are told of every commit, in order, each once."""

from collections import deque
from collections.abc import Callable

from twisted.logger import Logger

from provserver.errors import Lost
from provserver.model import Committed

_MOST_CHANGES = 2_000  # kept for those who come late: what they hold on to are old versions of documents


class Watchers:
    def __init__(self, most_changes: int = _MOST_CHANGES) -> None:
        self._most_changes = most_changes
        self._commits: deque[Committed] = deque()
        self._changes = 0
        self._lost = 0  # the newest commit that is no longer kept
        self._watchers: list[_Watcher] = []

    def begins(self, seq: int) -> None:
        """Say that what came up to `seq` is not kept here."""
        self._lost = seq

    def add(self, committed: Committed) -> None:
        """Keep a commit for a while, and tell of it."""
        self._commits.append(committed)
        self._changes += len(committed.commit.changes)
        while self._changes > self._most_changes:
            oldest = self._commits.popleft()
            self._changes -= len(oldest.commit.changes)
            self._lost = oldest.seq
        for watcher in self._watchers:
            watcher.waiting.append(committed)
        for watcher in tuple(self._watchers):  # only now: telling one may make the next commit
            watcher.tell()

    def watch(self, since: int, tell: Callable[[Committed], None]) -> None:
        """Raises: Lost."""
        if since < self._lost:
            raise Lost(f"commits up to {self._lost} are no longer kept, and {since} was asked for")
        watcher = _Watcher(tell)
        self._watchers.append(watcher)
        watcher.waiting.extend(kept for kept in self._commits if kept.seq > since)
        watcher.tell()


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
