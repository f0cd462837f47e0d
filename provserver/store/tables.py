"""Tables: all documents that can be seen, by id and by their declared indexes, and who holds which unique key."""

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from operator import attrgetter
from typing import cast

import msgspec
from attrs import evolve, frozen

from provserver.errors import NotFound
from provserver.interfaces import D
from provserver.model import (
    Committed,
    Config,
    Delete,
    Device,
    Document,
    Line,
    Pairing,
    Parameter,
    Presence,
    Put,
    Slot,
    Tenant,
    Token,
    Uninstalled,
)
from provserver.store.codec import KINDS, NAMES, noted
from provserver.store.indexes import Index, Order
from provserver.store.table import Mapped, Still, StillMapping, Table

Ref = tuple[type[Document], str]  # kind and id
Holds = frozenset[tuple[str, str]]
NO_HOLDS: Holds = frozenset()


def _field(name: str) -> Callable[[Document], Iterable[str]]:
    """Index by a field; without a value the document is not in the index."""

    def values(document: Document) -> tuple[str, ...]:
        value = getattr(document, name)
        return () if value is None else (value,)

    return values


class _Account(msgspec.Struct, gc=False):
    username: object = None
    auth_username: object = None


_account = msgspec.json.Decoder(_Account).decode


def _usernames(line: Line) -> tuple[str, ...]:
    """Return the names by which a PBX may know the line's account."""
    account = _account(line.account)
    first, second = account.username, account.auth_username
    names = (first,) if second == first else (first, second)
    return tuple([name for name in names if isinstance(name, str)])


_DEVICE_FIELDS = ("mac", "serial", "uuid", "config", "plugin")
INDEXES: Mapping[type[Document], Mapping[str, Callable[..., Iterable[str]]]] = {
    Device: {
        **{name: _field(name) for name in _DEVICE_FIELDS},
        "tenant": lambda device: (device.tenant, *device.guests),  # every tenant that may see it
    },
    Presence: {"ip": _field("ip")},
    Config: {
        "parent": lambda config: config.parents,
        "role": _field("role"),
        "tenant": lambda config: (config.tenant,) if config.tenant else (),  # most are the master's
    },
    Tenant: {
        "parent": lambda tenant: (tenant.parent or "",),
        "key": _field("key"),
        "default_config": _field("default_config"),
    },
    Line: {
        "code": _field("code"),
        "device": lambda line: tuple(seat.device for seat in line.seats),
        "tenant": _field("tenant"),
        "username": _usernames,
    },
    Slot: {
        "all": lambda _: ("",),
        "device": _field("device"),
        "shared": lambda slot: ("",) if slot.shared else (),
    },
    Token: {"digest": _field("digest"), "tenant": _field("tenant")},
    Pairing: {"token": lambda pairing: (pairing.token,)},
    Parameter: {},
    Uninstalled: {"all": lambda _: ("",)},
}


def ref_of(change: Put | Delete) -> Ref:
    if isinstance(change, Put):
        return type(change.document), change.document.id
    return change.kind, change.id


def stamped(change: Put | Delete, seq: int) -> Put | Delete:
    """Return a change with `seq` as the revision of its document."""
    if isinstance(change, Put):
        return Put(evolve(change.document, rev=seq), change.expected, change.holds)
    return change


# What documents can be sorted by without looking at all of them, by the names that clients have for it: a field of
# the document, or of another with its id. Few values in many documents cost little, and so does a value of each.
ORDERS: Mapping[type[Document], Mapping[str, tuple[type[Document], str]]] = {
    Device: {
        "id": (Device, "id"),
        "mac": (Device, "mac"),
        "sn": (Device, "serial"),
        "vendor": (Device, "vendor"),
        "model": (Device, "model"),
        "plugin": (Device, "plugin"),
        "ip": (Presence, "ip"),
        "version": (Presence, "version"),
    },
    Config: {"id": (Config, "id")},
    Line: {"id": (Line, "id")},
}


@frozen
class Copy:
    """All documents of one moment, with the keys they hold."""

    seq: int  # of the last commit in it
    tables: tuple[Still, ...]  # one of each kind
    holds: StillMapping[Ref, tuple[tuple[str, str], ...]]

    def count(self) -> int:
        return sum(table.count for table in self.tables)

    def __iter__(self) -> Iterator[tuple[Document, Iterable[tuple[str, str]]]]:
        for table in self.tables:
            for document in table:
                yield document, self.holds.get((type(document), document.id), ())


class Tables:
    """Before `index` it only takes documents: to read many and then sort them is faster than to keep them sorted."""

    def __init__(self) -> None:
        self.seq = 0  # of the last commit that can be seen
        self._tables: dict[type[Document], Table] = {kind: Table() for kind in KINDS.values()}
        self._indexes: dict[type[Document], dict[str, Index]] = {kind: {} for kind in KINDS.values()}
        # Of each kind its orders, with the table of what they sort by; and those that are sorted by it.
        self._orders: dict[type[Document], dict[str, tuple[Order, Table]]] = {
            kind: {} for kind in KINDS.values()
        }
        self._sorted_by: dict[type[Document], list[tuple[Table, Order]]] = {
            kind: [] for kind in KINDS.values()
        }
        self._holders: dict[tuple[str, str], Ref] = {}
        self._holds: Mapped[Ref, tuple[tuple[str, str], ...]] = Mapped()  # of those that hold something

    def index(self) -> None:
        """Make the indexes and orders of what is here, and keep them from now on."""
        for kind, table in self._tables.items():
            still = table.still()
            slots, documents = array("Q", still.slots()), list(still)
            for name, values_of in INDEXES[kind].items():
                index = self._indexes[kind][name] = Index(values_of)
                index.fill(slots, documents)
            for name, (of, field) in ORDERS.get(kind, {}).items():
                order, by = Order(field), self._tables[of]
                order.fill(slots, documents if by is table else [by.get(one.id) for one in documents])
                self._orders[kind][name] = order, by
                self._sorted_by[of].append((table, order))

    # --- reading -------------------------------------------------------------------------------------------

    def get(self, kind: type[D], doc_id: str) -> D:
        document = self._tables[kind].get(doc_id)
        if document is None:
            raise NotFound(f"there is no {NAMES[kind]} {doc_id!r}")
        return cast(D, document)

    def look(self, ref: Ref) -> Document | None:
        return self._tables[ref[0]].get(ref[1])

    def find(self, kind: type[D], index: str, value: str) -> tuple[D, ...]:
        slots = self._indexes[kind][index].slots(value)
        if not slots:
            return ()
        at = self._tables[kind].at
        found = [cast(D, at(slot)) for slot in slots]
        if len(found) > 1:
            found.sort(key=attrgetter("id"))
        return tuple(found)

    def count(self, kind: type[Document], index: str, value: str) -> int:
        return len(self._indexes[kind][index].slots(value))

    def holder(self, key: tuple[str, str]) -> Ref | None:
        return self._holders.get(key)

    def still(self, kind: type[Document]) -> Still:
        return self._tables[kind].still()

    def slot(self, kind: type[Document], doc_id: str) -> int | None:
        return self._tables[kind].slot(doc_id)

    def named(self, kind: type[Document], index: str, value: str) -> Iterator[str]:
        """Return the ids that an index names for a value, in no order."""
        at = self._tables[kind].at
        return (at(slot).id for slot in self._indexes[kind][index].slots(value))

    def order(self, kind: type[Document], name: str) -> Order | None:
        order, _ = self._orders[kind].get(name, (None, None))
        return order

    def copy(self) -> Copy:
        return Copy(self.seq, tuple(map(self.still, self._tables)), self._holds.still())

    # --- writing -------------------------------------------------------------------------------------------

    def apply(self, committed: Committed) -> None:
        for change in committed.commit.changes:
            self.change(change)
        self.seq = committed.seq

    def load(self, document: Document, holds: Iterable[tuple[str, str]]) -> None:
        """Take a document that is not here yet, before `index`."""
        self._tables[type(document)].put(document)
        if holds:
            self._hold((type(document), document.id), holds)

    def put(self, document: Document) -> None:
        """Show a document; the keys that it holds stay."""
        kind, doc_id = type(document), document.id
        table = self._tables[kind]
        before = table.get(doc_id)
        slot = table.put(document)
        if before is None:
            for index in self._indexes[kind].values():
                index.add(slot, document)
            for order, of in self._orders[kind].values():
                order.add(slot, document if of is table else of.get(doc_id))
        else:
            for index in self._indexes[kind].values():
                index.move(slot, before, document)
        for other, order in self._sorted_by[kind]:
            if before is None and other is table:
                continue
            at = other.slot(doc_id)
            if at is not None:
                order.move(at, before, document)

    def remove(self, kind: type[Document], doc_id: str) -> None:
        table = self._tables[kind]
        slot, before = table.slot(doc_id), table.get(doc_id)
        if slot is None or before is None:
            return
        for index in self._indexes[kind].values():
            index.remove(slot, before)
        for order, of in self._orders[kind].values():
            order.remove(slot, of.get(doc_id))
        table.remove(doc_id)
        for other, order in self._sorted_by[kind]:
            at = other.slot(doc_id)
            if at is not None:
                order.move(at, before, None)

    def change(self, change: Put | Delete) -> None:
        ref = ref_of(change)
        if isinstance(change, Put):
            self.put(change.document)
            self._hold(ref, change.holds)
        else:
            self.remove(*ref)
            self._hold(ref, NO_HOLDS)

    def note(self, presence: Presence) -> bytes:
        """Show what was seen, over whatever revision there is; return it as it is written."""
        before = self.look((Presence, presence.id))
        rev = before.rev if before else 0
        shown, text = noted(presence if presence.rev == rev else evolve(presence, rev=rev))
        self.put(shown)
        return text

    def _hold(self, ref: Ref, holds: Iterable[tuple[str, str]]) -> None:
        """A document holds what its last Put said: what is no longer said is free for others."""
        for key in self._holds.pop(ref, ()):
            if self._holders.get(key) == ref:  # else another change of the same commit took it over
                del self._holders[key]
        if holds:
            self._holds.put(ref, tuple(holds))
            for key in holds:
                self._holders[key] = ref
