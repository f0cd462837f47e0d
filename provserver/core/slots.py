"""
Slots: which SIP account of the pool each waiting phone has, one for every port or handset that waits.

`SlotPool` remembers only an order of ids; what a slot is, and who has it, says the store.
"""

from bisect import bisect_left, insort
from collections.abc import Callable, Container, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import islice
from typing import cast

from attrs import evolve, frozen

from provserver.core.merge import merge
from provserver.core.reading import found, is_waiting
from provserver.interfaces import D, IStore
from provserver.model import Config, Delete, Device, Document, Presence, Put, Slot

_MOST_LOOKS = 1_000  # at slots that are not long unused after all, in one turn; the next one looks on


@frozen
class Given:
    """The slots of one device, by position. `puts` must be committed before a phone is told of them."""

    slots: tuple[Slot, ...] = ()
    puts: tuple[Put, ...] = ()
    lacking: int = 0  # ports for which the pool had none


class SlotPool:
    """Free slots, the one longest unused first, and behind them those whose phones were long not seen."""

    def __init__(self, store: IStore, keep_s: float) -> None:
        """`keep_s`: how long a phone that waits must not have been seen before another may get its slot."""
        self._store = store
        self._keep_s = keep_s
        self._free = _Queue()
        self._taken = _Queue()  # by when the phone was seen, as was known lately: it is never less in truth
        self._leaving: set[str] = set()
        for slot in store.find(Slot, "all", ""):
            self._take(slot)

    def changed(self, change: Put | Delete) -> None:
        """Take note of a commit's change, once it can be seen."""
        if isinstance(change, Put):
            if isinstance(change.document, Slot):
                self._drop(change.document.id)
                self._take(change.document)
        elif change.kind is Slot:
            self._drop(change.id)

    def tally(self) -> dict[str, int]:
        """Count the slots that are given and free; a shared one is neither."""
        return {"given": len(self._taken), "free": len(self._free)}

    @contextmanager
    def leaving(self, changes: Iterable[Put]) -> Iterator[None]:
        """Offer the slots in these changes to nobody else while they are being committed."""
        ids = {put.document.id for put in changes if isinstance(put.document, Slot)}
        self._leaving |= ids
        try:
            yield
        finally:
            self._leaving -= ids

    def give(self, device_id: str, ports: int, at: float) -> Given:
        """
        Say which slots the ports 1 to `ports` of a device have, and which it gets now. Nothing is given by that: who
        commits `puts` gives.
        """
        own = {slot.position: slot for slot in self._store.find(Slot, "device", device_id)}
        wanting = [position for position in range(1, ports + 1) if position not in own]
        if not wanting:
            return Given(tuple(own[position] for position in sorted(own)))
        offered = islice(self._offered(at), len(wanting))
        new = [
            evolve(slot, device=device_id, position=position, given=at)
            for position, slot in zip(wanting, offered, strict=False)
        ]
        slots = sorted([*own.values(), *new], key=lambda slot: slot.position)
        return Given(tuple(slots), tuple(Put(slot, slot.rev) for slot in new), len(wanting) - len(new))

    def _offered(self, at: float) -> Iterator[Slot]:
        for _, slot_id in self._free:
            slot = found(self._store, Slot, slot_id)
            if slot and slot.device is None and slot_id not in self._leaving:
                yield slot
        yield from self._unseen(at - self._keep_s)

    def _unseen(self, before: float) -> Iterator[Slot]:
        """Give the slots of waiting phones that were not seen since `before`, the longest unseen first."""
        for known, slot_id in self._taken.first(_MOST_LOOKS):
            slot = found(self._store, Slot, slot_id)
            if known <= before and slot and (seen := _last_seen(slot, self._store)) > known:
                self._taken.put(slot_id, seen)
        for known, slot_id in self._taken.first(_MOST_LOOKS):
            slot = found(self._store, Slot, slot_id)
            is_known = slot and slot.device is not None and _last_seen(slot, self._store) <= known <= before
            if slot and is_known and slot_id not in self._leaving:
                yield slot

    def _take(self, slot: Slot) -> None:
        if not slot.shared:
            (self._free if slot.device is None else self._taken).put(slot.id, slot.given)

    def _drop(self, slot_id: str) -> None:
        self._free.drop(slot_id)
        self._taken.drop(slot_id)


class _Queue:
    """Ids in the order of a time."""

    def __init__(self) -> None:
        self._order: list[tuple[float, str]] = []
        self._times: dict[str, float] = {}

    def __len__(self) -> int:
        return len(self._order)

    def __iter__(self) -> Iterator[tuple[float, str]]:
        return iter(self._order)

    def first(self, most: int) -> list[tuple[float, str]]:
        return self._order[:most]

    def put(self, slot_id: str, at: float) -> None:
        self.drop(slot_id)
        self._times[slot_id] = at
        insort(self._order, (at, slot_id))

    def drop(self, slot_id: str) -> None:
        at = self._times.pop(slot_id, None)
        if at is not None:
            del self._order[bisect_left(self._order, (at, slot_id))]


def freed(changes: Iterable[Put | Delete], store: IStore) -> Iterator[Put]:
    """
    Give back the slots of ports that wait no longer once these changes are made: the device is gone, or a line sits
    there. Each is the last to be given again, since its phone may still be registered by it.
    """
    documents = {_ref(change): change.document if isinstance(change, Put) else None for change in changes}

    def after(kind: type[D], doc_id: str | None) -> D | None:
        if doc_id is not None and (kind, doc_id) in documents:
            return cast(D | None, documents[kind, doc_id])
        return found(store, kind, doc_id)

    devices = [doc_id for kind, doc_id in documents if kind is Device]
    for kind, doc_id in documents:
        if kind is Config:
            devices += [device.id for device in store.find(Device, "config", doc_id)]
    for device_id in dict.fromkeys(devices):
        slots = store.find(Slot, "device", device_id)
        taken = _taken(after(Device, device_id), partial(after, Config), store) if slots else None
        for slot in slots:
            if taken is None or slot.position in taken:
                yield Put(_returned(slot, store), slot.rev)


def _taken(
    device: Device | None, get: Callable[[str], Config | None], store: IStore
) -> Container[int] | None:
    """Return the ports of a device that wait no longer; None is all of them."""
    if device is None:
        return None
    config = get(device.config) if device.config else None
    if config is None or is_waiting(store, config):
        return ()
    merged = merge({}, config.id, get)
    raw = merged.raw if merged else {}
    lines = raw.get("sip_lines")
    return (
        None
        if raw.get("protocol") == "SCCP"
        else {int(port) for port in lines}
        if isinstance(lines, dict)
        else ()
    )


def _returned(slot: Slot, store: IStore) -> Slot:
    return evolve(slot, device=None, position=1, given=_last_seen(slot, store))


def _last_seen(slot: Slot, store: IStore) -> float:
    presence = found(store, Presence, slot.device)
    return max(slot.given, presence.seen if presence else 0.0)


def _ref(change: Put | Delete) -> tuple[type[Document], str]:
    if isinstance(change, Put):
        return type(change.document), change.document.id
    return change.kind, change.id
