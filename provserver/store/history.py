"""
The history: the last commits of each document, on disk, without secrets.

What the journals hold is history as it stands there. Before a journal is removed, its commits are added to 256 files,
`history-00.jsonl` to `history-ff.jsonl`, each of a part of all documents; a line is what one commit did to one
document, and secrets are masked:

    {"crc":"…","format":1,"file":"history","seq":63,"kept":1840}    (`kept`: bytes of the file when it was last made)
    {"crc":"…","seq":41,"at":1.8e9,"who":"token:Anna","why":"PUT …","kind":"config","id":"c1","document":{…}}
    {"crc":"…","seq":95,"at":1.8e9,"who":"phone:10.0.0.7","why":"…","kind":"config","id":"c1"}    (deleted)

Nothing is read of it at start and nothing of it is kept in memory. All of it blocks, and is run in a thread.
"""

import time
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from provserver.errors import Invalid, Locked
from provserver.model import Commit, Committed, Delete, Put
from provserver.store.codec import KINDS, NAMES, read
from provserver.store.disk import IDisk, buffered, write_whole
from provserver.store.lines import (
    Torn,
    checked_line,
    document_part,
    header,
    opened,
    read_header,
    read_line,
    sealed,
)
from provserver.store.masking import masked
from provserver.store.reading import JOURNAL, files_named
from provserver.store.sealing import CLEAR, Seal
from provserver.store.tables import Ref, ref_of

HISTORY = "history"
MOST_OF_ONE = 20  # commits kept of a document
KEPT_DELETED_S = 90 * 86_400  # how long that of a deleted document is kept
_BATCH_BYTES = 4 * 1024 * 1024  # gathered before it is written
_SMALL = 64 * 1024  # a file below that is not worth making anew
_BREATH = 50  # commits: about a millisecond's work
_BREATH_S = 0.0005
_UNREADABLE = (Torn, ValueError, KeyError, Locked)


class Entry(Struct, forbid_unknown_fields=True):
    crc: str
    seq: int
    at: float
    who: str
    why: str
    kind: str
    id: str
    document: Raw | UnsetType = UNSET
    sealed: str = ""

    def committed(self, seal: Seal) -> Committed:
        change: Put | Delete = Delete(KINDS[self.kind], self.id)
        if self.document is not UNSET:
            text, _ = opened(self.kind, self.document, self.sealed, seal)
            change = Put(read(self.kind, text), None)
        return Committed(self.seq, self.at, Commit((change,), self.who, self.why))


_encode = msgspec.json.Encoder().encode
_entry = msgspec.json.Decoder(Entry).decode


class History:
    def __init__(self, disk: IDisk, now: Callable[[], float], seal: Seal = CLEAR) -> None:
        self._disk = disk
        self._now = now
        self._seal = seal

    def of(self, ref: Ref, until: int, most: int) -> tuple[Committed, ...]:
        """
        Return what the last commits up to number `until` did to a document, newest first, masked.

        Raises:
            OSError.
        """
        found: dict[int, Committed] = {}
        for name in files_named(JOURNAL, self._disk.names()).values():
            # One that is gone by now has become a part of the file that is read last.
            with suppress(FileNotFoundError):
                for committed in self._mentions(name, ref):
                    if one := touching(committed, ref):
                        found[one.seq] = one
        with suppress(FileNotFoundError):
            for entry in self._entries(file_of(ref)):
                if (entry.kind, entry.id) == (NAMES[ref[0]], ref[1]):
                    with suppress(*_UNREADABLE):
                        found.setdefault(entry.seq, entry.committed(self._seal))
        newest = sorted((seq for seq in found if seq <= until), reverse=True)
        return tuple(found[seq] for seq in newest[: min(max(most, 0), MOST_OF_ONE)])

    def keep(self, commits: Iterable[Committed]) -> None:
        """
        Add commits; they may be there already. When this returns they are on disk.

        Raises:
            OSError: some of it may be there.
        """
        touched: set[str] = set()
        batch: dict[str, list[bytes]] = defaultdict(list)
        size = 0
        for number, committed in enumerate(commits):
            for ref, one in _by_document(committed):
                line = entry_line(one, self._seal)
                batch[file_of(ref)].append(line)
                size += len(line)
                if size > _BATCH_BYTES:
                    touched |= self._append(batch)
                    size = 0
            if number % _BREATH == 0:
                time.sleep(_BREATH_S)  # else the reactor gets Python's lock only every 5 ms
        for name in touched | self._append(batch):
            self._sync(name)
        self._disk.sync_names()

    def sealed_anew(self) -> None:
        """
        Write all of it with the seal of this object, which can open it. What cannot be read is left out.

        Raises:
            OSError: the files that were not written anew are as they were.
        """
        for name in self._disk.names():
            if name.startswith(f"{HISTORY}-") and name.endswith(".jsonl"):
                lines: list[bytes] = []
                for entry in self._entries(name):
                    with suppress(*_UNREADABLE):
                        lines.append(entry_line(entry.committed(self._seal), self._seal))
                write_whole(self._disk, name, buffered([_header(name, sum(map(len, lines))), *lines])).close()

    def commits(self, journals: Iterable[str], until: int) -> Iterator[Committed]:
        """Read what journals hold up to number `until`, without what cannot be read."""
        for name in journals:
            for text in self._disk.lines(name):
                with suppress(*_UNREADABLE):
                    committed = read_line(text).committed(seal=self._seal)
                    if committed and committed.seq <= until:
                        yield committed

    def _mentions(self, journal: str, ref: Ref) -> Iterator[Committed]:
        """Read the lines that name the id, which is found faster than all are understood."""
        name = b'"id":%s' % _encode(ref[1])
        for text in self._disk.lines(journal):
            if name in text:
                with suppress(*_UNREADABLE):
                    if committed := read_line(text).committed(seal=self._seal):
                        yield committed

    def _entries(self, name: str) -> Iterator[Entry]:
        """A line that is torn was never needed: the journal that it came from is still there."""
        for text in self._disk.lines(name):
            with suppress(*_UNREADABLE):
                yield _entry(checked_line(text))

    def _append(self, batch: dict[str, list[bytes]]) -> set[str]:
        """A crash may leave half a line: a line break before the next one keeps it from spoiling that too."""
        names = set(self._disk.names())
        for name, lines in batch.items():
            file = self._disk.append(name) if name in names else self._disk.create(name)
            try:
                file.write(b"\n".join((b"" if file.size else _header(name, 0), b"".join(lines))))
            finally:
                file.close()
        touched = set(batch)
        batch.clear()
        return touched

    def _sync(self, name: str) -> None:
        """Return when a file is on disk; where it may be half of what it was, make it anew without what is no longer
        kept."""
        file = self._disk.append(name)
        try:
            if file.size <= max(_SMALL, 2 * self._kept_before(name)):
                file.sync()
                return
        finally:
            file.close()
        kept = self._kept(self._disk.lines(name))
        write_whole(self._disk, name, buffered([_header(name, sum(map(len, kept))), *kept])).close()

    def _kept_before(self, name: str) -> int:
        try:
            return read_header(next(self._disk.lines(name))).kept
        except (*_UNREADABLE, Invalid):
            return 0

    def _kept(self, lines: Iterable[bytes]) -> list[bytes]:
        by_document: dict[tuple[str, str], dict[int, bytes]] = defaultdict(dict)
        gone: dict[tuple[str, str], float] = {}
        for text in lines:
            with suppress(*_UNREADABLE):
                entry = _entry(checked_line(text))
                ref = (entry.kind, entry.id)
                by_document[ref][entry.seq] = text
                gone.pop(ref, None)
                if entry.document is UNSET:
                    gone[ref] = entry.at
        now = self._now()
        return [
            texts[seq]
            for ref, texts in by_document.items()
            for seq in sorted(texts)[-MOST_OF_ONE:]
            if ref not in gone or now - gone[ref] < KEPT_DELETED_S
        ]


def touching(committed: Committed, ref: Ref) -> Committed | None:
    """Return of a commit what it did to one document, masked; others may be another tenant's."""
    changes = [change for change in committed.commit.changes if ref_of(change) == ref]
    return _with(committed, changes[-1]) if changes else None


def _by_document(committed: Committed) -> Iterator[tuple[Ref, Committed]]:
    last = {ref_of(change): change for change in committed.commit.changes}
    return ((ref, _with(committed, change)) for ref, change in last.items())


def _with(committed: Committed, change: Put | Delete) -> Committed:
    commit = Commit((masked(change),), committed.commit.who, committed.commit.why)
    return Committed(committed.seq, committed.at, commit)


def entry_line(committed: Committed, seal: Seal = CLEAR) -> bytes:
    """Write a commit that has one change, masked already."""
    (change,) = committed.commit.changes
    kind, doc_id = ref_of(change)
    values: tuple[object, ...] = (
        committed.seq, committed.at, committed.commit.who, committed.commit.why, NAMES[kind], doc_id,
    )  # fmt: skip
    document = b",%s" % document_part(change.document, seal) if isinstance(change, Put) else b""
    return sealed(
        b'"seq":%s,"at":%s,"who":%s,"why":%s,"kind":%s,"id":%s%s}' % (*map(_encode, values), document)
    )


def file_of(ref: Ref) -> str:
    return f"{HISTORY}-{zlib.crc32(f'{NAMES[ref[0]]} {ref[1]}'.encode()) & 255:02x}.jsonl"


def _header(name: str, kept: int) -> bytes:
    return header(HISTORY, int(name[len(HISTORY) + 1 :].partition(".")[0], 16), kept=kept)
