"""Selecting: a selector over the tables, by an index where one fits, else over all documents in slices."""

import heapq
from collections.abc import Callable, Collection, Generator, Iterator, Mapping
from operator import itemgetter
from typing import cast

from attrs import frozen
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime

from provserver.interfaces import D
from provserver.model import Config, Device, Document, Json, Presence, Tenant
from provserver.store.query import Query, SortKey, View, compile_selector, sort_key
from provserver.store.tables import Tables

_SLICE_S = 0.005
_RUN = 256  # documents sorted at once, in well under a slice


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
    Presence: {},
    Config: {"role": _By(Config, "role")},
    Tenant: {},
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
    query = compile_selector(selector, _IN_LISTS.get(kind, ()))
    documents = _candidates(tables, kind, query)
    matching = _sorted(documents, query, view, page.sort) if page.sort else _matching(documents, query, view)
    at, skip = 0, max(page.skip, 0)
    for document in matching:
        if document is None:
            yield None
            continue
        at += 1
        yield document if at > skip else None
        if at - skip >= page.limit > 0:
            return


def _candidates(tables: Tables, kind: type[D], query: Query) -> list[D]:
    """Return all documents that may match: by the id or the index that names the fewest, else all there are."""
    if "id" in query.exact:
        return _existing(tables, kind, query.exact["id"])
    served = [
        (sum(tables.count(by.kind, by.index, text) for text in query.exact[key]), key)
        for key, by in _SERVED.get(kind, {}).items()
        if key in query.exact
    ]
    if not served:
        return tables.all(kind)
    _, key = min(served)
    by = _SERVED[kind][key]
    ids = {document.id for text in query.exact[key] for document in tables.find(by.kind, by.index, text)}
    return _existing(tables, kind, ids)


def _existing(tables: Tables, kind: type[D], ids: Collection[str]) -> list[D]:
    documents = (tables.look((kind, doc_id)) for doc_id in sorted(ids))
    return [cast(D, document) for document in documents if document is not None]


def _matching(documents: list[D], query: Query, view: Callable[[D], View]) -> Iterator[D | None]:
    for document in documents:
        yield document if query.matches(view(document)) else None


def _sorted(documents: list[D], query: Query, view: Callable[[D], View], sort: str) -> Iterator[D | None]:
    """Sort in short runs and merge them: sorting 100,000 documents at once would take far more than a slice."""
    descending = sort.startswith("-")
    key = sort_key(sort.removeprefix("-"))
    runs: list[list[tuple[SortKey, D]]] = [[]]
    for document in documents:
        seen = view(document)
        if query.matches(seen):
            runs[-1].append((key(seen), document))
        if len(runs[-1]) == _RUN:
            runs[-1].sort(key=itemgetter(0), reverse=descending)
            runs.append([])
        yield None
    runs[-1].sort(key=itemgetter(0), reverse=descending)
    for _, document in heapq.merge(*runs, key=itemgetter(0), reverse=descending):
        yield document
