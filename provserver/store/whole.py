"""A whole store on disk, while no provd runs on it or beside one that does: what `provd-store` does with it."""

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from attrs import evolve, frozen

from provserver.errors import Damaged, Invalid, Locked
from provserver.model import Commit, Committed, Document, Put
from provserver.store.codec import KINDS, NAMES, checked
from provserver.store.disk import IDisk, buffered, write_whole
from provserver.store.history import HISTORY, History
from provserver.store.lines import Torn, checked_line
from provserver.store.reading import JOURNAL, SNAPSHOT, Found, files_named, read_folder
from provserver.store.sealing import CLEAR, Seal
from provserver.store.segments import Segments
from provserver.store.tables import Copy, Holds, Tables
from provserver.store.upgrading import upgrade
from provserver.store.watchers import Watchers

_TRIES = 20
T = TypeVar("T")


@frozen
class Whole:
    """
    All that a folder holds. `sizes`: bytes of its files; `odd`: lines of the history that cannot be read; `sealed`:
    lines in which secrets are.
    """

    found: Found
    copy: Copy
    sizes: Mapping[str, int]
    odd: int = 0
    sealed: int = 0

    def counts(self) -> dict[str, int]:
        return {name: table.count for name, table in zip(KINDS, self.copy.tables, strict=True)}


def read(disk: IDisk, seal: Seal = CLEAR) -> Whole:
    """
    Read a store; a provd that runs on it may go on.

    Raises:
        Damaged; Locked; Invalid: there is no store.
        OSError.
    """
    return _again(lambda: _read(disk, seal), disk)


def _read(disk: IDisk, seal: Seal) -> Whole:
    names = disk.names()
    if not (files_named(SNAPSHOT, names) or files_named(JOURNAL, names)):
        raise Invalid(f"there is no store in {disk.shown()}")
    tables = Tables()
    found = read_folder(disk, tables, Watchers(0), seal)
    sizes, odd, sealed = {}, 0, 0
    for name in names:
        is_history = name.startswith(f"{HISTORY}-")
        sizes[name] = 0
        for text in disk.lines(name):
            sizes[name] += len(text)
            odd += is_history and text != b"\n" and not _is_line(text)
            sealed += b',"sealed":"' in text
    return Whole(found, tables.copy(), sizes, odd, sealed)


def _is_line(text: bytes) -> bool:
    try:
        checked_line(text)
    except Torn:
        return False
    return True


def _again(read: Callable[[], T], disk: IDisk) -> T:
    """A running provd removes files that a snapshot has made superfluous: then the snapshot is there to be read."""
    for _ in range(_TRIES):
        names = disk.names()
        try:
            return read()
        except FileNotFoundError:
            pass
        except Damaged:
            if names == disk.names():
                raise
    return read()


def backup(disk: IDisk, to: IDisk, seal: Seal = CLEAR) -> Whole:
    """
    Copy a store, also of a running provd: what was acknowledged before this was called is in the copy.

    Raises:
        Invalid: there is something already; there is no store.
        Damaged, Locked: what was copied cannot be read. OSError.
    """
    if set(to.names()) - {"lock"}:
        raise Invalid(f"there is something in {to.shown()} already")

    def emptied() -> None:
        for name in to.names():
            if name != "lock":
                to.remove(name)

    def copied() -> None:
        emptied()
        for name in _ordered(disk.names()):
            write_whole(to, name, buffered(text for text in disk.lines(name) if text.endswith(b"\n"))).close()

    _again(copied, disk)
    try:
        return read(to, seal)
    except Locked:
        emptied()
        raise


def _ordered(names: Iterable[str]) -> list[str]:
    """A line is in the journals before it is in the history, and may be in both."""
    names = tuple(names)
    histories = [name for name in names if name.startswith(f"{HISTORY}-") and name.endswith(".jsonl")]
    return [*files_named(SNAPSHOT, names).values(), *files_named(JOURNAL, names).values(), *histories]


def compact(disk: IDisk, seal: Seal = CLEAR, everything: bool = False) -> tuple[Whole, Whole]:
    """
    Write a snapshot of a store that nobody uses, and let it begin a new journal; return it before and after.
    `everything`: no line stays as it was sealed, or not sealed, before. Raises: as `read`.
    """
    upgrade(disk)
    before = read(disk, seal)
    history = History(disk, lambda: 0.0, seal)
    if everything or before.found.seq != before.found.snapshot:
        segments = Segments(disk, history, seal)
        segments.resume(before.found)
        segments.anew(before.found.seq, before.found.seq, before.copy)
        segments.close()
    if everything:
        history.sealed_anew()
    return before, read(disk, seal)


def fill(disk: IDisk, puts: Iterable[Put], who: str, why: str, at: float, seal: Seal = CLEAR) -> Whole:
    """
    Let a store that nobody uses hold these documents and nothing else, as one change.

    Raises:
        Invalid: a document that cannot be, two with one id, two that hold the same key. Nothing has changed then.
        Damaged, Locked: what was there cannot be read. OSError.
    """
    tables = Tables()
    upgrade(disk)
    found = read_folder(disk, Tables(), Watchers(0), seal)
    seq = found.seq + 1
    done: list[Put] = []
    for put in puts:
        document = evolve(put.document, rev=seq)
        _check(document, put.holds, tables)
        tables.load(document, put.holds)
        done.append(Put(document, None))
    tables.seq = seq
    history = History(disk, lambda: at, seal)
    segments = Segments(disk, history, seal)
    segments.resume(found)
    segments.anew(seq, found.seq, tables.copy())
    segments.close()
    history.keep([Committed(seq, at, Commit(tuple(done), who, why))])
    return read(disk, seal)


def _check(document: Document, holds: Holds, tables: Tables) -> None:
    name = f"{NAMES[type(document)]} {document.id!r}"
    checked(document)
    if tables.look((type(document), document.id)):
        raise Invalid(f"there are two of {name}")
    for key in holds:
        if tables.holder(key):
            raise Invalid(f"another holds the {key[0]} of {name}")
