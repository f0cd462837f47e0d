"""Selecting: a selector over the tables, by an index where one fits, else over all documents in slices."""

import heapq
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from functools import partial
from itertools import chain
from operator import itemgetter
from typing import Generic, cast

from attrs import frozen
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime

from provserver.interfaces import D
from provserver.model import Config, Device, Document, Json, Line, Presence
from provserver.store.query import Query, View, compile_selector, sort_key
from provserver.store.tables import INDEXES, Tables

_SLICE_S = 0.005
_RUN = 256  # documents sorted or passed over at once, in well under a slice
_MOST_NAMED = 10_000  # of an index: to gather more takes too long for one slice


@frozen
class _By:
    """Documents with a wire key's value have the ids of what an index of `kind` names for that value."""

    kind: type[Document]
    index: str


# The keys of the wire that an index serves. The index only says which documents may match: each is still looked
# at as the selector sees it.
_SERVED: Mapping[type[Document], Mapping[str, _By]] = {
    Device: {
        "mac": _By(Device, "mac"),
        "sn": _By(Device, "serial"),
        "uuid": _By(Device, "uuid"),
        "config": _By(Device, "config"),
        "plugin": _By(Device, "plugin"),
        "tenant_uuid": _By(Device, "tenant"),
        "ip": _By(Presence, "ip"),
    },
    Config: {"role": _By(Config, "role")},
    Line: {"code": _By(Line, "code"), "tenant_uuid": _By(Line, "tenant")},
}
# Keys of which the index alone says what matches. Every list of devices asks for the tenant: no view need be made of
# those that it may not see, and a guest sees a device of which the view names the owner.
_INDEX_SAYS: Mapping[type[Document], frozenset[str]] = {
    Device: frozenset(("tenant_uuid",)),
    Line: frozenset(("tenant_uuid",)),
}
_IN_LISTS: Mapping[type[Document], frozenset[str]] = {Device: frozenset(("mac", "ip", "sn"))}


@frozen
class Page:
    sort: str  # a key, `-key` for descending, or ""
    skip: int
    limit: int  # 0 is none


def select(
    tables: Tables,
    clock: IReactorTime,
    kind: type[D],
    selector: Json,
    view: Callable[[D], View],
    page: Page,
) -> Deferred[tuple[D, ...]]:
    """As `IStore.select`. The first slice is done at once, so that what is quick has fired already."""
    found: list[D] = []
    steps = _steps(tables, kind, selector, view, page)
    done: Deferred[tuple[D, ...]] = Deferred(lambda _: steps.close())

    def work() -> None:
        began = clock.seconds()
        try:
            for document in steps:
                if document is not None:
                    found.append(document)
                if not 0 <= clock.seconds() - began < _SLICE_S:  # a clock that goes back ends the slice too
                    clock.callLater(0, work)
                    return
        except Exception:
            done.errback()  # whatever it is, in a later slice nobody else would tell who waits
        else:
            if not done.called:  # else it was cancelled
                done.callback(tuple(found))

    work()
    return done


def _steps(
    tables: Tables, kind: type[D], selector: Json, view: Callable[[D], View], page: Page
) -> Generator[D | None, None, None]:
    """Go through the documents of this moment: each step gives a document of the page, or None."""
    search = _Search(tables, kind, compile_selector(selector, _IN_LISTS.get(kind, ())), view)
    skip = max(page.skip, 0)
    descending = page.sort.startswith("-")
    order = tables.order(kind, page.sort.removeprefix("-")) if page.sort else None
    wanted = skip + page.limit if page.limit > 0 else 0
    if order and search.is_faster_in_order(wanted or search.most):
        passed = skip if search.takes_all else 0
        matching, skip = search.matching(order.still(descending, passed)), skip - passed
    elif page.sort:
        matching = search.sorted(sort_key(page.sort.removeprefix("-")), descending, wanted)
    else:
        matching = search.matching(search.candidates())
    at = 0
    for document in matching:
        at += document is not None
        yield document if at > skip else None
        if at - skip >= page.limit > 0:
            return


class _Search(Generic[D]):
    """A selector over the documents of one moment."""

    def __init__(self, tables: Tables, kind: type[D], query: Query, view: Callable[[D], View]) -> None:
        self._tables = tables
        self._kind = kind
        self._view = view
        self._exact = query.exact
        self._still = tables.still(kind)
        self._named = self._named_least()
        self.most = self._named[0] if self._named else self._still.count
        said = query.only & _INDEX_SAYS.get(kind, frozenset())
        self._said = [
            (INDEXES[kind][_SERVED[kind][key].index], query.exact[key])
            for key in said
            if not self._is_of_all(key)
        ]
        self._query = query.but(said)
        self.takes_all = not self._said and not self._query.conditions

    def is_faster_in_order(self, wanted: int) -> bool:
        """Say whether it is less work to go through all in their order until so many match, than to look at those
        that may match and sort them."""
        return self.most > _MOST_NAMED or wanted * self._still.count <= self.most**2

    def candidates(self) -> Iterable[int]:
        """Return the slots of all documents that may match, the oldest first."""
        if self._named is None or self.most > _MOST_NAMED:
            return self._still.slots()
        slots = (self._tables.slot(self._kind, doc_id) for doc_id in set(self._named[1]))
        return sorted(slot for slot in slots if slot is not None)

    def matching(self, slots: Iterable[int]) -> Iterator[D | None]:
        """Give each that matches, and None from time to time for those that do not."""
        asks, matches, view = bool(self._query.conditions), self._query.matches, self._view
        for document in self._likely(slots):
            if document is None or not asks or matches(view(document)):
                yield document
            else:
                yield None

    def sorted(self, key: Callable[[View], str], descending: bool, wanted: int) -> Iterator[D | None]:
        """Sort in short runs and merge them: 100,000 documents at once would take far more than a slice. `wanted` are
        the first ones that matter, 0 is all."""
        slots = self.candidates()
        if descending:
            slots = reversed(list(slots))  # what is equal comes the other way round too
        by_key = partial(sorted, key=itemgetter(0), reverse=descending)
        runs: list[list[tuple[str, D]]] = []
        run: list[tuple[str, D]] = []
        for document in self._likely(slots):
            if document is not None and self._query.matches(seen := self._view(document)):
                run.append((key(seen), document))
            if len(run) == _RUN:
                if runs and 0 < wanted <= _RUN:
                    runs[-1] = by_key(runs[-1] + run)[:wanted]
                else:
                    runs.append(by_key(run))
                run = []
            yield None
        runs.append(by_key(run))
        for _, document in heapq.merge(*runs, key=itemgetter(0), reverse=descending):
            yield document

    def _likely(self, slots: Iterable[int]) -> Iterator[D | None]:
        """Give each that matches as far as can be told without its view, and None now and then for the others."""
        at, passed = self._still.at, 0
        for slot in slots:
            document = cast(D, at(slot))
            if all(not texts.isdisjoint(values_of(document)) for values_of, texts in self._said):
                yield document
            else:
                passed += 1
                if passed % _RUN == 0:
                    yield None

    def _named_least(self) -> tuple[int, Iterable[str]] | None:
        """Return how many documents may match by the id or the index that names the fewest, and their ids."""
        if "id" in self._exact:
            return len(self._exact["id"]), self._exact["id"]
        served = [(self._count(key), key) for key in _SERVED.get(self._kind, {}) if key in self._exact]
        if not served:
            return None
        count, key = min(served)
        by = _SERVED[self._kind][key]
        ids = (self._tables.named(by.kind, by.index, text) for text in self._exact[key])
        return count, chain.from_iterable(ids)

    def _count(self, key: str) -> int:
        return sum(self._counts(key))

    def _is_of_all(self, key: str) -> bool:
        """Say whether one of the texts that a key asks for is every document's."""
        return self._still.count in self._counts(key)

    def _counts(self, key: str) -> list[int]:
        by = _SERVED[self._kind][key]
        return [self._tables.count(by.kind, by.index, text) for text in self._exact[key]]
