"""
Lines: what stands in the store's files. Each line is a JSON object that begins with the checksum of its rest.

A journal (`durable`: the last line that was on disk when this one was written):

    {"crc":"…","format":1,"file":"journal","seq":40}
    {"crc":"…","seq":41,"durable":40,"at":1.8e9,"who":"provd","why":"…","changes":[
        {"put":"device","document":{"id":"d1","rev":41,…},"holds":[["discovered","00:15:…"]]},
        {"delete":"config","id":"c1"}]}
    {"crc":"…","seq":42,"durable":41,"noted":[{"id":"d1","ip":"10.0.0.7",…}]}
    {"crc":"…","seq":43,"durable":42}    (twice, at a stop: all before is on disk)

A snapshot (`commit`: the last commit in it; `documents`: how many lines follow):

    {"crc":"…","format":1,"file":"snapshot","seq":40,"commit":38,"documents":2}
    {"crc":"…","put":"device","document":{…},"holds":[…]}

A kill or a loss of power leaves a torn line. A line that is whole but cannot be understood is never that.
"""

import sys
import zlib
from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from provserver.errors import Invalid
from provserver.model import Commit, Committed, Delete, Document, Presence, Put
from provserver.store.codec import KINDS, NAMES, checked, read, written

FORMAT = 1
_START = b'{"crc":"'
_HEAD = len(_START) + len('00000000",')


class Torn(Exception):
    """A line is not as it was written."""


class Header(Struct, forbid_unknown_fields=True):
    crc: str
    format: int
    file: str
    seq: int
    commit: int = 0
    documents: int = 0
    kept: int = 0  # of a history


class Change(Struct, forbid_unknown_fields=True):
    """One change; in a snapshot, where it is always a Put, a line."""

    crc: str = ""
    put: str = ""
    document: Raw = Raw(b"null")
    holds: tuple[tuple[str, str], ...] = ()
    delete: str = ""
    id: str = ""

    def value(self, common: dict[Any, Any] | None) -> Put | Delete:
        if self.delete:
            return Delete(KINDS[self.delete], self.id)
        return Put(read(self.put, self.document, common), None, frozenset(_shared(self.holds, common or {})))


class Line(Struct, forbid_unknown_fields=True):
    crc: str
    seq: int
    durable: int
    at: float = 0.0
    who: str = ""
    why: str = ""
    changes: tuple[Change, ...] | UnsetType = UNSET
    noted: tuple[Raw, ...] = ()

    def is_end(self) -> bool:
        """Say whether it only tells what is on disk, as the last line before a stop does."""
        return self.changes is UNSET and not self.noted

    def committed(self, common: dict[Any, Any] | None = None) -> Committed | None:
        """Return the commit that it holds, if it holds one; `common` as `codec.read` has it."""
        if self.changes is UNSET:
            return None
        changes = tuple(change.value(common) for change in self.changes)
        return Committed(self.seq, self.at, Commit(changes, self.who, self.why))

    def presences(self, common: dict[Any, Any] | None = None) -> tuple[Document, ...]:
        return tuple(read(NAMES[Presence], text, common) for text in self.noted)


_encode = msgspec.json.Encoder().encode
_header = msgspec.json.Decoder(Header).decode
_change = msgspec.json.Decoder(Change).decode
_line = msgspec.json.Decoder(Line).decode


# --- writing -----------------------------------------------------------------------------------------------


def sealed(rest: bytes) -> bytes:
    """Return a line: its checksum before `rest`, which is an object without its opening brace."""
    return b'%s%08x",%s\n' % (_START, zlib.crc32(rest), rest)


def header(file: str, seq: int, **more: int) -> bytes:
    return sealed(_encode({"format": FORMAT, "file": file, "seq": seq, **more})[1:])


def commit_part(committed: Committed) -> bytes:
    """
    Return what a line says of a commit.

    Raises:
        Invalid: it holds a document or a text that cannot be written.
    """
    commit = committed.commit
    try:
        who, why = _encode(commit.who), _encode(commit.why)
        changes = b",".join(map(_change_part, commit.changes))
    except ValueError as problem:
        raise Invalid(f"this cannot be written: {problem}") from None
    return b',"at":%s,"who":%s,"why":%s,"changes":[%s]' % (_encode(committed.at), who, why, changes)


def noted_part(presences: Iterable[bytes]) -> bytes:
    return b',"noted":[%s]' % b",".join(presences)


def line(seq: int, durable: int, part: bytes = b"") -> bytes:
    return sealed(b'"seq":%d,"durable":%d%s}' % (seq, durable, part))


def document_line(document: Document, holds: Iterable[tuple[str, str]]) -> bytes:
    return sealed(_put_part(written(document), document, holds)[1:])


def _change_part(change: Put | Delete) -> bytes:
    if isinstance(change, Put):
        return _put_part(checked(change.document), change.document, change.holds)
    return _encode({"delete": NAMES[change.kind], "id": change.id})


def _put_part(text: bytes, document: Document, holds: Iterable[tuple[str, str]]) -> bytes:
    held = b',"holds":%s' % _encode(sorted(holds)) if holds else b""
    return b'{"put":"%s","document":%s%s}' % (NAMES[type(document)].encode(), text, held)


# --- reading -----------------------------------------------------------------------------------------------


def checked_line(text: bytes) -> bytes:
    """Raises: Torn."""
    if not text.endswith(b"\n") or text[:_HEAD] != b'%s%08x",' % (_START, zlib.crc32(text[_HEAD:-1])):
        raise Torn
    return text


def read_header(text: bytes) -> Header:
    """Raises: Torn; Invalid: a format that this version does not know."""
    found = msgspec.json.decode(checked_line(text), type=dict[str, object])
    if found.get("format") != FORMAT:
        raise Invalid(
            f"format {found.get('format')} is not known here, only {FORMAT}: start the version of provd that "
            "wrote it, or a newer one"
        )
    return _header(text)


def read_line(text: bytes) -> Line:
    """Raises: Torn; ValueError: it is whole, and not understood."""
    return _line(checked_line(text))


def read_document(text: bytes, common: dict[Any, Any]) -> tuple[Document, Iterable[tuple[str, str]]]:
    """
    Read a line of a snapshot: a document, and what it holds; `common` as `codec.read` has it.

    Raises:
        Torn; ValueError, KeyError: it is whole, and not understood.
    """
    change = _change(checked_line(text))
    if not change.put:
        raise ValueError("a snapshot holds only documents")
    document = read(change.put, change.document, common)
    return document, _shared(change.holds, common)


def _shared(holds: Iterable[tuple[str, str]], common: dict[Any, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((sys.intern(name), common.get(value, value)) for name, value in holds)
