"""Tables: all documents that can be seen, by id and by their declared indexes, and who holds which unique key."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import cast

from attrs import evolve, frozen

from provserver.errors import NotFound
from provserver.interfaces import D
from provserver.model import Commit, Committed, Config, Delete, Device, Document, Presence, Put, Tenant
from provserver.store.codec import KINDS, NAMES, noted

Ref = tuple[type[Document], str]  # kind and id
Holds = frozenset[tuple[str, str]]
NO_HOLDS: Holds = frozenset()


def _field(name: str) -> Callable[[Document], Iterable[str]]:
    """Index by a field; without a value the document is not in the index."""

    def values(document: Document) -> tuple[str, ...]:
        value = getattr(document, name)
        return () if value is None else (value,)

    return values


_DEVICE_FIELDS = ("mac", "serial", "uuid", "config", "plugin", "tenant")
INDEXES: Mapping[type[Document], Mapping[str, Callable[..., Iterable[str]]]] = {
    Device: {name: _field(name) for name in _DEVICE_FIELDS},
    Presence: {"ip": _field("ip")},
    Config: {"parent": lambda config: config.parents, "role": _field("role")},
    Tenant: {"parent": lambda tenant: (tenant.parent or "",), "key": _field("key")},
}


def ref_of(change: Put | Delete) -> Ref:
    if isinstance(change, Put):
        return type(change.document), change.document.id
    return change.kind, change.id


def stamped(commit: Commit, seq: int) -> Commit:
    """Return a commit with `seq` as the revision of its documents."""
    changes = tuple(
        evolve(change, document=evolve(change.document, rev=seq)) if isinstance(change, Put) else change
        for change in commit.changes
    )
    return evolve(commit, changes=changes)


class _Index:
    """Ids by value. A value that only one document has, as most have, costs no set."""

    def __init__(self, values_of: Callable[..., Iterable[str]]) -> None:
        self.values_of = values_of
        self._ids: dict[str, str | set[str]] = {}

    def ids(self, value: str) -> Collection[str]:
        ids = self._ids.get(value, ())
        return (ids,) if isinstance(ids, str) else ids

    def move(self, doc_id: str, before: Document | None, after: Document | None) -> None:
        old = self.values_of(before) if before else ()
        new = self.values_of(after) if after else ()
        if old != new:
            for value in old:
                self._remove(value, doc_id)
            for value in new:
                self._add(value, doc_id)

    def _add(self, value: str, doc_id: str) -> None:
        ids = self._ids.setdefault(value, doc_id)
        if isinstance(ids, set):
            ids.add(doc_id)
        elif ids != doc_id:
            self._ids[value] = {ids, doc_id}

    def _remove(self, value: str, doc_id: str) -> None:
        ids = self._ids.get(value)
        if isinstance(ids, set) and len(ids) > 1:
            ids.discard(doc_id)
        else:
            self._ids.pop(value, None)  # a value may stand twice in one document


@frozen
class Copy:
    """All documents of one moment, with the keys they hold: documents never change, so a thread may write it."""

    seq: int  # of the last commit in it
    tables: tuple[tuple[Document, ...], ...]  # one of each kind
    holds: Mapping[Ref, Holds]

    def count(self) -> int:
        return sum(map(len, self.tables))

    def __iter__(self) -> Iterator[tuple[Document, Holds]]:
        for table in self.tables:
            for document in table:
                yield document, self.holds.get((type(document), document.id), NO_HOLDS)


class Tables:
    def __init__(self) -> None:
        self.seq = 0  # of the last commit that can be seen
        self._documents: dict[type[Document], dict[str, Document]] = {kind: {} for kind in KINDS.values()}
        self._indexes = {
            kind: {name: _Index(values_of) for name, values_of in INDEXES[kind].items()}
            for kind in KINDS.values()
        }
        self._holders: dict[tuple[str, str], Ref] = {}
        self._holds: dict[Ref, Holds] = {}  # only of those that hold something

    def get(self, kind: type[D], doc_id: str) -> D:
        document = self._documents[kind].get(doc_id)
        if document is None:
            raise NotFound(f"there is no {NAMES[kind]} {doc_id!r}")
        return cast(D, document)

    def look(self, ref: Ref) -> Document | None:
        return self._documents[ref[0]].get(ref[1])

    def find(self, kind: type[D], index: str, value: str) -> tuple[D, ...]:
        documents = cast(dict[str, D], self._documents[kind])
        ids = self._indexes[kind][index].ids(value)
        return tuple(documents[doc_id] for doc_id in (sorted(ids) if len(ids) > 1 else ids))

    def count(self, kind: type[Document], index: str, value: str) -> int:
        return len(self._indexes[kind][index].ids(value))

    def all(self, kind: type[D]) -> list[D]:
        return cast(list[D], list(self._documents[kind].values()))

    def holder(self, key: tuple[str, str]) -> Ref | None:
        return self._holders.get(key)

    def apply(self, committed: Committed) -> None:
        for change in committed.commit.changes:
            self.change(change)
        self.seq = committed.seq

    def put(self, document: Document) -> None:
        """Show a document; the keys that it holds stay."""
        self._replace((type(document), document.id), document)

    def change(self, change: Put | Delete) -> None:
        ref = ref_of(change)
        if isinstance(change, Put):
            self.put(change.document)
            self._hold(ref, change.holds)
        else:
            self._replace(ref, None)
            self._hold(ref, NO_HOLDS)

    def note(self, presence: Presence) -> bytes:
        """Show what was seen, over whatever revision there is; return it as it is written."""
        before = self.look((Presence, presence.id))
        rev = before.rev if before else 0
        shown, text = noted(presence if presence.rev == rev else evolve(presence, rev=rev))
        self.put(shown)
        return text

    def copy(self) -> Copy:
        tables = tuple(tuple(table.values()) for table in self._documents.values())
        return Copy(self.seq, tables, dict(self._holds))

    def _replace(self, ref: Ref, document: Document | None) -> None:
        kind, doc_id = ref
        table = self._documents[kind]
        before = table.get(doc_id)
        for index in self._indexes[kind].values():
            index.move(doc_id, before, document)
        if document:
            table[doc_id] = document
        else:
            table.pop(doc_id, None)

    def _hold(self, ref: Ref, holds: Holds) -> None:
        """A document holds what its last Put said: what is no longer said is free for others."""
        before = self._holds.pop(ref, NO_HOLDS)
        for key in before:
            if self._holders.get(key) == ref:  # else another change of the same commit took it over
                del self._holders[key]
        if holds:
            self._holds[ref] = holds
            self._holders.update(dict.fromkeys(holds, ref))
