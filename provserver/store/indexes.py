"""Indexes: from a value to the slots of the documents that have it, and slots in the order of a value."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter

from provserver.model import Document
from provserver.store.query import natural

_MOST_NEW = 10_000  # merged at once: each time costs a look at all the others
_FEW = 16  # below that to insert each costs less than to copy all


class Index:
    """Slots by value, the oldest first. A value that only one document has, as most have, costs no array."""

    def __init__(self, values_of: Callable[..., Iterable[str]]) -> None:
        self._values_of = values_of
        self._slots: dict[str, int | array[int]] = {}

    def fill(self, slots: Iterable[int], documents: Iterable[Document]) -> None:
        """Take all there are; a document with a higher slot comes later."""
        known, values_of = self._slots, self._values_of
        for slot, document in zip(slots, documents, strict=True):
            for value in values_of(document):
                others = known.get(value)
                if others is None:
                    known[value] = slot
                elif isinstance(others, int):
                    self._add(value, slot)
                elif others[-1] != slot:
                    others.append(slot)

    def slots(self, value: str) -> Sequence[int]:
        slots = self._slots.get(value, ())
        return (slots,) if isinstance(slots, int) else slots

    def move(self, slot: int, before: Document | None, after: Document | None) -> None:
        old = self._values_of(before) if before is not None else ()
        new = self._values_of(after) if after is not None else ()
        if old != new:
            for value in old:
                self._remove(value, slot)
            for value in new:
                self._add(value, slot)

    def _add(self, value: str, slot: int) -> None:
        slots = self._slots.setdefault(value, slot)
        if isinstance(slots, int):
            if slots != slot:  # a value may stand twice in one document
                self._slots[value] = array("Q", sorted((slots, slot)))
        elif slots[-1] < slot:
            slots.append(slot)
        else:
            at = bisect_left(slots, slot)
            if at == len(slots) or slots[at] != slot:
                slots.insert(at, slot)

    def _remove(self, value: str, slot: int) -> None:
        slots = self._slots.get(value)
        if isinstance(slots, array) and len(slots) > 1:
            at = bisect_left(slots, slot)
            if at < len(slots) and slots[at] == slot:
                del slots[at]
        else:
            self._slots.pop(value, None)


class Order:
    """
    Slots sorted by a text that each document has, or another document with its id; equal ones by slot. The keys lie
    beside them, so that to find a place touches no document. New ones wait for `take_new`, or until somebody asks:
    one by one they would move all that lies behind them.
    """

    def __init__(self, field: str) -> None:
        self._text: Callable[[Document], str | None] = attrgetter(field)
        self._keys: list[str] = []
        self._slots: array[int] = array("Q")
        self._new: list[tuple[str, int]] = []

    def fill(self, slots: Sequence[int], sorted_by: Iterable[Document | None]) -> None:
        """Take all there are."""
        texts = list(map(self._text_of, sorted_by))
        key_of = {text: natural(text) for text in set(texts)}
        keys = [key_of[text] for text in texts]
        in_order = sorted(range(len(keys)), key=keys.__getitem__)
        self._keys = [keys[at] for at in in_order]
        self._slots = array("Q", (slots[at] for at in in_order))

    def add(self, slot: int, by: Document | None) -> None:
        self._new.append((natural(self._text_of(by)), slot))
        if len(self._new) == _MOST_NEW:
            self.take_new()

    def remove(self, slot: int, by: Document | None) -> None:
        self._delete(natural(self._text_of(by)), slot)

    def move(self, slot: int, before: Document | None, after: Document | None) -> None:
        old, new = self._text_of(before), self._text_of(after)
        if old != new:
            self._delete(natural(old), slot)
            self._insert(natural(new), slot)

    def still(self) -> "array[int]":
        self.take_new()
        return self._slots[:]

    def take_new(self) -> None:
        new, self._new = sorted(self._new), []
        if len(new) < _FEW:
            for key, slot in new:
                self._insert(key, slot)
            return
        keys: list[str] = []
        slots: array[int] = array("Q")
        done = 0
        for key, slot in new:
            at = self._place(key, slot, done)
            keys += self._keys[done:at]
            keys.append(key)
            slots += self._slots[done:at]
            slots.append(slot)
            done = at
        self._keys = keys + self._keys[done:]
        self._slots = slots + self._slots[done:]

    def _text_of(self, document: Document | None) -> str | None:
        return None if document is None else self._text(document)

    def _insert(self, key: str, slot: int) -> None:
        at = self._place(key, slot)
        self._keys.insert(at, key)
        self._slots.insert(at, slot)

    def _delete(self, key: str, slot: int) -> None:
        self.take_new()
        at = self._place(key, slot)
        del self._keys[at]
        del self._slots[at]

    def _place(self, key: str, slot: int, start: int = 0) -> int:
        first = bisect_left(self._keys, key, start)
        if first == len(self._keys) or self._keys[first] != key:
            return first
        return bisect_left(self._slots, slot, first, bisect_right(self._keys, key, first))
