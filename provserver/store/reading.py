"""
Reading a store's folder at start: the newest snapshot, then the journals that follow it.

    snapshot-40.jsonl   all documents as of line 40
    journal-40.jsonl    the lines after 40
    journal-95.jsonl    the lines after 95: a compaction had begun, and its snapshot-95 is not there yet

Whatever was acknowledged must come back. A journal may end torn; that is harmless where nothing shows that the torn
line was on disk once: no later line's `durable`, no later journal.
"""

from collections.abc import Callable, Iterable
from functools import partial
from itertools import chain
from typing import Any

from attrs import evolve, frozen

from provserver.errors import Damaged, Invalid
from provserver.store.disk import IDisk
from provserver.store.lines import Header, Line, Torn, read_document, read_header, read_line
from provserver.store.sealing import CLEAR, Seal
from provserver.store.tables import Tables
from provserver.store.watchers import Watchers

SNAPSHOT, JOURNAL = "snapshot", "journal"
_ADVICE = "Nothing was changed. Put the folder back from a backup"
_NOT_UNDERSTOOD = (ValueError, KeyError)  # ValueError: also msgspec's own


@frozen
class Tail:
    """The end of the last journal, which was never acknowledged."""

    name: str
    begin: int  # bytes before it
    line: int


@frozen
class Found:
    """What a folder holds. `seq` is the number of its last line; `clean`: that line is the end of a clean stop."""

    seq: int = 0
    clean: bool = True
    journals: tuple[str, ...] = ()
    journal_bytes: int = 0
    snapshot: int = 0
    snapshot_bytes: int = 0
    tail: Tail | None = None


def file_name(file: str, seq: int) -> str:
    return f"{file}-{seq}.jsonl"


def files_named(file: str, names: Iterable[str]) -> dict[int, str]:
    """Return the snapshots or the journals among the names, by the line that they follow, in order."""
    parts = ((name.removeprefix(f"{file}-").removesuffix(".jsonl"), name) for name in names)
    found = {int(seq): name for seq, name in parts if seq.isdecimal() and file_name(file, int(seq)) == name}
    return dict(sorted(found.items()))


def read_folder(disk: IDisk, tables: Tables, watchers: Watchers, seal: Seal = CLEAR) -> Found:
    """
    Fill `tables` and `watchers` with what the folder holds.

    Raises:
        Damaged: something that was acknowledged cannot be read, or a newer version wrote it.
        Locked: secrets are sealed with a key that `seal` has not.
        OSError.
    """
    names = disk.names()
    snapshot = max(files_named(SNAPSHOT, names), default=0)
    found = Found(snapshot, snapshot=snapshot)
    common: dict[Any, Any] = {}
    if snapshot:
        size = _read_snapshot(disk, file_name(SNAPSHOT, snapshot), snapshot, tables, common, seal)
        found = evolve(found, snapshot_bytes=size)
    watchers.begins(tables.seq)
    journals = [(seq, name) for seq, name in files_named(JOURNAL, names).items() if seq >= snapshot]
    for seq, name in journals:
        if seq != found.seq:
            raise Damaged(
                f"{disk.shown(name)}: line 1: it follows line {seq} of the store, but what is here ends with line "
                f"{found.seq}: a file is missing or not whole. {_ADVICE}."
            )
        reader = _Reader(disk, name, seq, is_last=name == journals[-1][1])
        reader.read(partial(_apply, tables, watchers, common, seal))
        found = evolve(
            found,
            seq=reader.seq,
            clean=reader.clean,
            journals=(*found.journals, name),
            journal_bytes=found.journal_bytes + reader.size,
            tail=reader.tail,
        )
    return found


def _apply(tables: Tables, watchers: Watchers, common: dict[Any, Any], seal: Seal, line: Line) -> None:
    committed = line.committed(common, seal)
    if committed:
        tables.apply(committed)
        watchers.add(committed)
    for presence in line.presences(common):
        tables.put(presence)


def _read_snapshot(
    disk: IDisk, name: str, seq: int, tables: Tables, common: dict[Any, Any], seal: Seal
) -> int:
    lines = disk.lines(name)
    first = next(lines, b"")
    header = _first_line(disk, name, SNAPSHOT, seq, first)
    number, size = 1, len(first)
    for text in lines:
        number, size = number + 1, size + len(text)
        try:
            tables.load(*read_document(text, common, seal))
        except Torn:
            raise _damaged(disk, name, number, "it is not as it was written") from None
        except _NOT_UNDERSTOOD as problem:
            raise _damaged(disk, name, number, f"it cannot be understood ({problem})") from None
    if number != header.documents + 1:
        raise _damaged(disk, name, number, f"{header.documents} documents should follow the first line")
    tables.seq = header.commit
    return size


def _first_line(disk: IDisk, name: str, file: str, seq: int, text: bytes) -> Header:
    """A file gets its name when it is on disk with its first line: that line is never torn."""
    try:
        header = read_header(text)
    except Invalid as problem:
        raise Damaged(f"{disk.shown(name)}: line 1: {problem}") from None
    except (Torn, *_NOT_UNDERSTOOD):
        raise _damaged(disk, name, 1, "it is not as it was written") from None
    if (header.file, header.seq) != (file, seq):
        raise _damaged(disk, name, 1, f"it is of {file_name(header.file, header.seq)}")
    return header


def _damaged(disk: IDisk, name: str, number: int, what: str) -> Damaged:
    return Damaged(f"{disk.shown(name)}: line {number}: {what}. {_ADVICE}.")


class _Reader:
    """Reads one journal, and then says how it ended."""

    def __init__(self, disk: IDisk, name: str, seq: int, is_last: bool) -> None:
        self.seq = seq
        self.size = 0
        self.clean = True
        self.tail: Tail | None = None
        self._disk = disk
        self._name = name
        self._is_last = is_last

    def read(self, apply: Callable[[Line], None]) -> None:
        texts = self._disk.lines(self._name)
        first = next(texts, b"")
        _first_line(self._disk, self._name, JOURNAL, self.seq, first)
        self.size = len(first)
        for number, text in enumerate(texts, 2):
            try:
                line = read_line(text)
                if line.seq != self.seq + 1:
                    raise Torn
                apply(line)
            except Torn:
                self.tail = Tail(self._name, self.size, number)
                self._check_tail(self.tail, chain((text,), texts))
                return
            except _NOT_UNDERSTOOD as problem:
                what = f"it cannot be understood ({problem})"
                raise _damaged(self._disk, self._name, number, what) from None
            self.size += len(text)
            self.seq = line.seq
            self.clean = line.is_end()

    def _check_tail(self, tail: Tail, texts: Iterable[bytes]) -> None:
        """Pages reach the disk in any order: whole lines may follow a torn one, and say what was on disk."""
        durable = 0
        for text in texts:
            try:
                durable = max(durable, read_line(text).durable)
            except (Torn, *_NOT_UNDERSTOOD):
                continue
        if durable > self.seq or not self._is_last:
            raise Damaged(
                f"{self._disk.shown(tail.name)}: line {tail.line}: it is not as it was written, and line "
                f"{self.seq + 1} of the store was on disk. {_ADVICE}, or cut the file before this line (byte "
                f"{tail.begin}) and lose it and all that follows."
            )
