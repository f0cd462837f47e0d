"""Indexes: from a value to the slots of the documents that have it, and slots in the order of a value."""

from array import array
from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter

from provserver.model import Document
from provserver.store.query import SortKey, natural
from provserver.store.table import Table


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
        old = self._values_of(before) if before else ()
        new = self._values_of(after) if after else ()
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
    Slots sorted by a text that each document has, or another document with its id; equal ones by slot. What is
    in it must be where `of` finds it whenever something is added or taken out.
    """

    def __init__(self, table: Table, of: Table, field: str) -> None:
        self._table = table
        self._of = None if of is table else of
        self._field = field
        self._slots: array[int] = array("Q")

    def text(self, document: Document | None) -> str | None:
        """Return what a document of `of` is sorted by."""
        text: str | None = getattr(document, self._field, None)
        return text

    def fill(self, slots: Sequence[int], documents: Iterable[Document]) -> None:
        """Take all there are."""
        text = attrgetter(self._field)
        if self._of is not None:
            others = map(self._of.get, map(attrgetter("id"), documents))
            texts = [None if other is None else text(other) for other in others]
        else:
            texts = list(map(text, documents))
        keys = {text: natural(text) for text in set(texts)}
        by_key = sorted(range(len(texts)), key=[keys[text] for text in texts].__getitem__)
        self._slots = array("Q", (slots[at] for at in by_key))

    def add(self, slot: int) -> None:
        insort(self._slots, slot, key=self._place)

    def remove(self, slot: int) -> None:
        del self._slots[bisect_left(self._slots, self._place(slot), key=self._place)]

    def still(self) -> "array[int]":
        return self._slots[:]

    def _place(self, slot: int) -> tuple[SortKey, int]:
        return natural(self._text_at(slot)), slot

    def _text_at(self, slot: int) -> str | None:
        document = self._table.at(slot)
        return self.text(document if self._of is None else self._of.get(document.id))
