"""A table: the documents of one kind, so that a moment of all of them can be kept at no cost."""

from collections.abc import Hashable, Iterator, Sequence
from typing import Generic, TypeVar

from attrs import frozen

from provserver.model import Document

_BITS = 8
_PAGE = 1 << _BITS  # documents that are copied together
_EMPTY: list[Document | None] = [None] * _PAGE
_PARTS = 256

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


@frozen
class Still:
    """The documents of one moment. It never changes, so that a thread or a later turn may read it."""

    count: int
    pages: tuple[list[Document | None], ...]

    def at(self, slot: int) -> Document:
        document = self.pages[slot >> _BITS][slot & (_PAGE - 1)]
        assert document is not None
        return document

    def slots(self) -> Iterator[int]:
        for number, page in enumerate(self.pages):
            first = number << _BITS
            for at, document in enumerate(page):
                if document is not None:
                    yield first + at

    def __iter__(self) -> Iterator[Document]:
        for page in self.pages:
            for document in page:
                if document is not None:
                    yield document


class Table:
    """
    Documents lie in slots: each keeps its slot while it exists, and a newer one has a higher slot. Slots lie in
    pages, and a page that a `Still` has too is copied before it is written.
    """

    def __init__(self) -> None:
        self._slots: dict[str, int] = {}
        self._pages: list[list[Document | None]] = []
        self._own: set[int] = set()  # pages that no Still has
        self._end = 0

    def __len__(self) -> int:
        return len(self._slots)

    def slot(self, doc_id: str) -> int | None:
        return self._slots.get(doc_id)

    def get(self, doc_id: str) -> Document | None:
        slot = self._slots.get(doc_id)
        return None if slot is None else self._pages[slot >> _BITS][slot & (_PAGE - 1)]

    def at(self, slot: int) -> Document:
        document = self._pages[slot >> _BITS][slot & (_PAGE - 1)]
        assert document is not None
        return document

    def put(self, document: Document) -> int:
        """Write a document over the one that has its id, or into a new slot; return the slot."""
        slot = self._slots.get(document.id)
        if slot is None:
            slot = self._slots[document.id] = self._end
            self._end += 1
            if slot >> _BITS == len(self._pages):
                self._pages.append(_EMPTY)
        self._writable(slot >> _BITS)[slot & (_PAGE - 1)] = document
        return slot

    def remove(self, doc_id: str) -> None:
        slot = self._slots.pop(doc_id)
        page = self._writable(slot >> _BITS)
        page[slot & (_PAGE - 1)] = None
        if not any(page):  # slots are never used again: what is left of such a page is its number
            self._pages[slot >> _BITS] = _EMPTY
            self._own.discard(slot >> _BITS)

    def still(self) -> Still:
        self._own.clear()
        return Still(len(self._slots), tuple(self._pages))

    def _writable(self, number: int) -> list[Document | None]:
        if number not in self._own:
            self._own.add(number)
            self._pages[number] = self._pages[number].copy()
        return self._pages[number]


@frozen
class StillMapping(Generic[K, V]):
    """A mapping of one moment, which never changes."""

    parts: Sequence[dict[K, V]]

    def get(self, key: K, default: V) -> V:
        return self.parts[hash(key) % _PARTS].get(key, default)


class Mapped(Generic[K, V]):
    """A mapping in parts: one that a `StillMapping` has too is copied before it is written."""

    def __init__(self) -> None:
        self._parts: list[dict[K, V]] = [{} for _ in range(_PARTS)]
        self._own: set[int] = set()

    def put(self, key: K, value: V) -> None:
        self._writable(key)[key] = value

    def pop(self, key: K, default: V) -> V:
        known = self._parts[hash(key) % _PARTS]
        return self._writable(key).pop(key) if key in known else default

    def still(self) -> StillMapping[K, V]:
        self._own.clear()
        return StillMapping(tuple(self._parts))

    def _writable(self, key: K) -> dict[K, V]:
        number = hash(key) % _PARTS
        if number not in self._own:
            self._own.add(number)
            self._parts[number] = self._parts[number].copy()
        return self._parts[number]
