"""Indexes: from a value to the slots of the documents that have it, and slots in the order of a value."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import attrgetter

from provserver.model import Document
from provserver.store.query import natural

_BLOCK = 512  # slots: what is copied for a change; twice as many are cut


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

    def add(self, slot: int, document: Document) -> None:
        for value in self._values_of(document):
            self._add(value, slot)

    def remove(self, slot: int, document: Document) -> None:
        for value in self._values_of(document):
            self._remove(value, slot)

    def move(self, slot: int, before: Document, after: Document) -> None:
        old, new = self._values_of(before), self._values_of(after)
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
    beside them, so that to find a place touches no document. Both lie in blocks, so that a change moves no more where
    there are many.
    """

    def __init__(self, field: str) -> None:
        self._text: Callable[[Document], str | None] = attrgetter(field)
        self._keys: list[list[str]] = [[]]
        self._slots: list[array[int]] = [array("Q")]  # each is replaced, never changed: a `still` may have it
        # Of each block but the first: nothing in it lies below, and nothing before it lies there or above.
        self._bound_keys: list[str] = []
        self._bound_slots: list[int] = []

    def fill(self, slots: Sequence[int], sorted_by: Iterable[Document | None]) -> None:
        """Take all there are; before, nothing was here."""
        texts = list(map(self._text_of, sorted_by))
        key_of = {text: natural(text) for text in set(texts)}
        keys = [key_of[text] for text in texts]
        in_order = sorted(range(len(keys)), key=keys.__getitem__)
        self._keys[0] = [keys[at] for at in in_order]
        self._slots[0] = array("Q", [slots[at] for at in in_order])
        self._cut(0)

    def add(self, slot: int, by: Document | None) -> None:
        self._insert(natural(self._text_of(by)), slot)

    def remove(self, slot: int, by: Document | None) -> None:
        self._delete(natural(self._text_of(by)), slot)

    def move(self, slot: int, before: Document | None, after: Document | None) -> None:
        old, new = self._text_of(before), self._text_of(after)
        if old != new:
            self._delete(natural(old), slot)
            self._insert(natural(new), slot)

    def still(self, descending: bool = False, skip: int = 0) -> Iterator[int]:
        """Go through the slots of this moment, without the first `skip`."""
        blocks = self._slots[::-1] if descending else self._slots[:]
        return _through(blocks, -1 if descending else 1, skip)

    def _text_of(self, document: Document | None) -> str | None:
        return None if document is None else self._text(document)

    def _insert(self, key: str, slot: int) -> None:
        number = self._block(key, slot)
        keys, slots = self._keys[number], self._slots[number][:]
        at = _place(keys, slots, key, slot)
        keys.insert(at, key)
        slots.insert(at, slot)
        self._slots[number] = slots
        if len(slots) == 2 * _BLOCK:
            self._cut(number)

    def _delete(self, key: str, slot: int) -> None:
        number = self._block(key, slot)
        keys, slots = self._keys[number], self._slots[number][:]
        at = _place(keys, slots, key, slot)
        del keys[at], slots[at]
        self._slots[number] = slots
        if not slots and self._bound_keys:
            bound = max(number - 1, 0)
            del self._keys[number], self._slots[number], self._bound_keys[bound], self._bound_slots[bound]

    def _block(self, key: str, slot: int) -> int:
        """Return the number of the block in which a slot is, or would be: that of the bounds up to it."""
        return _place(self._bound_keys, self._bound_slots, key, slot + 1)

    def _cut(self, number: int) -> None:
        """Make blocks of a long one; an empty one stays."""
        keys, slots = self._keys[number], self._slots[number]
        begins = range(0, max(len(slots), 1), _BLOCK)
        self._keys[number : number + 1] = [keys[at : at + _BLOCK] for at in begins]
        self._slots[number : number + 1] = [slots[at : at + _BLOCK] for at in begins]
        self._bound_keys[number:number] = [keys[at] for at in begins[1:]]
        self._bound_slots[number:number] = [slots[at] for at in begins[1:]]


def _place(keys: Sequence[str], slots: Sequence[int], key: str, slot: int) -> int:
    """Return how many of those sorted so lie below."""
    first = bisect_left(keys, key)
    if first == len(keys) or keys[first] != key:
        return first
    return bisect_left(slots, slot, first, bisect_right(keys, key, first))


def _through(blocks: Iterable["array[int]"], step: int, skip: int) -> Iterator[int]:
    for block in blocks:
        if skip < len(block):
            yield from block[::step][skip:]
        skip = max(skip - len(block), 0)
