"""Following: whatever a commit changes, each device and its config stay true to the lines that sit on it."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import cast

from attrs import evolve

from provserver.core.association.building import LINES, Seated, built, seated
from provserver.core.association.seating import made_waiting, without
from provserver.core.reading import found
from provserver.interfaces import D, IStore
from provserver.model import Commit, Config, Delete, Device, Document, Line, Put, Tenant

_AT_ONCE = 100  # devices of one commit: more would keep phones waiting
Change = Put | Delete
_Ref = tuple[type[Document], str]


def followed(commit: Commit, store: IStore, new_id: Callable[[], str]) -> list[Change]:
    """
    Return a commit's changes with what its lines bring about: a device that is deleted, or that somebody gave another
    config, loses its lines; one whose lines have changed gets its config made anew, and its guests.
    """
    touched = tuple(dict.fromkeys(_touched(commit, store)))
    if not touched:
        return list(commit.changes)
    after = _After(commit, store)
    for device_id in touched:
        is_gone = after.found(Device, device_id) is None
        if is_gone or _was_taken_over(device_id, after, store):
            for _, line in after.lines_on(device_id):
                if is_gone or not after.changes_itself(Line, line.id):
                    after.put(without(line, device_id), line.rev)
    for device_id in touched:
        device = after.found(Device, device_id)
        if device:
            _settle(device, after, new_id)
    return after.changes


def rebuilt(tenant_id: str, store: IStore, new_id: Callable[[], str]) -> Iterator[tuple[Change, ...]]:
    """
    Give the commits, some of them empty, that make the configs of devices anew where the default config or the
    templates of a tenant are others now; each is made of what is there when the one before has happened.
    """
    owned = (device.id for device in store.find(Device, "tenant", tenant_id))
    seats = (seat.device for line in store.find(Line, "tenant", tenant_id) for seat in line.seats)
    devices = iter(dict.fromkeys((*owned, *seats)))
    while portion := tuple(islice(devices, _AT_ONCE)):
        there = (device for device_id in portion if (device := found(store, Device, device_id)))
        puts = (Put(device, device.rev) for device in there)
        yield tuple(put for put in puts if len(followed(Commit((put,), "", ""), store, new_id)) > 1)


def _touched(commit: Commit, store: IStore) -> Iterator[str]:
    """Give the devices that a commit may have to do with."""
    for change in commit.changes:
        kind, doc_id = _ref(change)
        if kind is Device:
            yield doc_id
        elif kind is Line:
            before = found(store, Line, doc_id) if change.expected != 0 else None
            now = change.document if isinstance(change, Put) else None
            for line in (before, now):
                if isinstance(line, Line):
                    yield from (seat.device for seat in line.seats)
        elif kind is Config:
            yield from _with_guests_of(doc_id, store)


def _with_guests_of(config_id: str, store: IStore) -> Iterator[str]:
    """Give the devices on which a tenant is guest whose default config this is: its servers are in the accounts."""
    for tenant in store.find(Tenant, "default_config", config_id):
        for line in store.find(Line, "tenant", tenant.id):
            for seat in line.seats:
                device = found(store, Device, seat.device)
                if device and device.tenant != tenant.id:
                    yield device.id


def _was_taken_over(device_id: str, after: "_After", store: IStore) -> bool:
    """Say whether a device loses the config of its lines to one that somebody gave it."""
    before, now = found(store, Device, device_id), after.found(Device, device_id)
    if before is None or now is None or before.config == now.config:
        return False
    config = found(store, Config, before.config)
    return config is not None and config.role == LINES


def _settle(device: Device, after: "_After", new_id: Callable[[], str]) -> None:
    lines = after.lines_on(device.id)
    config = after.found(Config, device.config)
    has_lines_config = config is not None and config.role == LINES
    if lines:
        guests = tuple(sorted({line.tenant for _, line in lines} - {device.tenant}))
        config_id = config.id if config and has_lines_config else new_id()
        wanted = built(config_id, device, lines, after.tenant, after.config)
        if config is None or evolve(wanted, rev=config.rev) != config:
            after.put(wanted, config.rev if config and has_lines_config else 0)
        after.put_changed(evolve(device, config=config_id, guests=guests))
    elif has_lines_config:
        waiting, new_config = made_waiting(evolve(device, guests=()), after.store, new_id)
        if new_config:
            after.put(new_config, 0)
        after.put_changed(waiting)


class _After:
    """The documents as a commit would leave them, and the changes that grow meanwhile."""

    def __init__(self, commit: Commit, store: IStore) -> None:
        self.store = store
        self.changes: list[Change] = list(commit.changes)
        self._at: dict[_Ref, int] = {_ref(change): at for at, change in enumerate(self.changes)}
        self._own = frozenset(self._at)
        self._put_on: dict[str, set[str]] = {}  # device -> lines that the commit writes, and that sit there
        for change in self.changes:
            if isinstance(change, Put):
                self._note_seats(change.document)

    def changes_itself(self, kind: type[Document], doc_id: str) -> bool:
        """Say whether the commit was asked to change a document."""
        return (kind, doc_id) in self._own

    def found(self, kind: type[D], doc_id: str | None) -> D | None:
        at = self._at.get((kind, doc_id or ""))
        if at is None:
            return found(self.store, kind, doc_id)
        change = self.changes[at]
        return cast(D, change.document) if isinstance(change, Put) else None

    def tenant(self, tenant_id: str) -> Tenant | None:
        return self.found(Tenant, tenant_id)

    def config(self, config_id: str) -> Config | None:
        return self.found(Config, config_id)

    def lines_on(self, device_id: str) -> Seated:
        return seated(device_id, self._lines(device_id))

    def put(self, document: Document, expected: int | None) -> None:
        """Write a document; one that the commit writes already keeps the revision that was asked for."""
        self._note_seats(document)
        ref = (type(document), document.id)
        at = self._at.get(ref)
        if at is None:
            self._at[ref] = len(self.changes)
            self.changes.append(Put(document, expected))
        else:
            change = self.changes[at]
            assert isinstance(change, Put)
            self.changes[at] = evolve(change, document=document)

    def put_changed(self, device: Device) -> None:
        if device != self.found(Device, device.id):
            self.put(device, device.rev)

    def _note_seats(self, document: Document) -> None:
        if isinstance(document, Line):
            for seat in document.seats:
                self._put_on.setdefault(seat.device, set()).add(document.id)

    def _lines(self, device_id: str) -> Iterable[Line]:
        known = {line.id for line in self.store.find(Line, "device", device_id)}
        known |= self._put_on.get(device_id, set())
        return [line for line_id in known if (line := self.found(Line, line_id))]


def _ref(change: Change) -> _Ref:
    if isinstance(change, Put):
        return type(change.document), change.document.id
    return change.kind, change.id
