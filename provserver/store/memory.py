"""A store in memory, for tests and for whatever needs no disk. It keeps every promise but durability."""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from itertools import islice

from attrs import evolve
from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.interfaces import IReactorTime
from zope.interface import implementer

from provserver.errors import Closed, Conflict, Invalid
from provserver.interfaces import D, IStore
from provserver.model import Commit, Committed, Document, Json, Presence
from provserver.store.claims import Claims
from provserver.store.history import MOST_OF_ONE, touching
from provserver.store.lines import change_part, commit_part
from provserver.store.selecting import Page, select
from provserver.store.tables import Tables, stamped
from provserver.store.watchers import Watchers

_MOST_COMMITS = 1000  # remembered as history
_FIRST = 1  # the revision of the documents of the beginning: 0 would say that there is none


@implementer(IStore)
class MemoryStore:
    """Its commits have happened when `commit` returns."""

    def __init__(self, documents: Iterable[Document], clock: IReactorTime) -> None:
        """The documents are there as if commits that nobody saw had written them; `seq` is 0 all the same."""
        self._clock = clock
        self._tables = Tables()
        self._claims = Claims(self._tables)
        self._watchers = Watchers()
        self._commits: deque[Committed] = deque(maxlen=_MOST_COMMITS)
        self._closed = False
        self._last = _FIRST
        for document in documents:
            self._tables.put(evolve(document, rev=document.rev or _FIRST))
            self._last = max(self._last, document.rev)
        self._tables.index()

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

    def commit(self, commit: Commit) -> Deferred[Committed]:
        if self._closed:
            return fail(Closed("the store is closed"))
        seq = self._last + 1
        changes = tuple(stamped(change, seq) for change in commit.changes)
        committed = Committed(seq, self._clock.seconds(), evolve(commit, changes=changes))
        try:  # what the journal could not write is refused here too
            commit_part(committed.at, commit.who, commit.why, map(change_part, changes))
            self._claims.claim(committed.commit)
        except (Conflict, Invalid) as problem:
            return fail(problem)
        self._claims.settle(committed.commit)
        self._last = seq
        self._tables.apply(committed)
        self._commits.append(committed)
        self._watchers.add(committed)
        return succeed(committed)

    def note(self, presence: Presence, at_once: bool = False) -> None:  # noqa: ARG002 - nothing is written here
        self._tables.note(presence)

    def history(self, kind: type[D], doc_id: str, most: int) -> Deferred[tuple[Committed, ...]]:
        touched = (touching(committed, (kind, doc_id)) for committed in reversed(self._commits))
        return succeed(tuple(islice(filter(None, touched), min(max(most, 0), MOST_OF_ONE))))

    def watch(self, since: int, tell: Callable[[Committed], None]) -> None:
        self._watchers.watch(since, tell)

    def close(self) -> Deferred[None]:
        """Refuse commits from now on; what is here can still be read."""
        self._closed = True
        return succeed(None)
