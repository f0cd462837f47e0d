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

Where secrets are sealed (`sealing.py`), a `document` lacks them, and beside it stands `"sealed":"KEY.DATA"`, which is
`{"document":{…},"holds":[…]}` of what is missing.

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
from provserver.store.codec import KINDS, NAMES, checked, joined, parted, read, written
from provserver.store.sealing import CLEAR, Seal

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
    sealed: str = ""
    delete: str = ""
    id: str = ""

    def value(self, common: dict[Any, Any] | None, seal: Seal) -> Put | Delete:
        if self.delete:
            return Delete(KINDS[self.delete], self.id)
        document, holds = self.opened(common, seal)
        return Put(document, None, frozenset(holds))

    def opened(
        self, common: dict[Any, Any] | None, seal: Seal
    ) -> tuple[Document, tuple[tuple[str, str], ...]]:
        """Return what is put, with its secrets."""
        text, holds = opened(self.put, self.document, self.sealed, seal)
        return read(self.put, text, common), _shared(self.holds + holds, common or {})


class _Secrets(Struct, forbid_unknown_fields=True):
    """What is sealed."""

    document: Raw
    holds: tuple[tuple[str, str], ...] = ()


class _Named(Struct):
    id: str


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

    def committed(self, common: dict[Any, Any] | None = None, seal: Seal = CLEAR) -> Committed | None:
        """
        Return the commit that it holds, if it holds one; `common` as `codec.read` has it.

        Raises:
            ValueError, KeyError: it is not understood. Locked: its secrets are sealed with another key.
        """
        if self.changes is UNSET:
            return None
        changes = tuple(change.value(common, seal) for change in self.changes)
        return Committed(self.seq, self.at, Commit(changes, self.who, self.why))

    def presences(self, common: dict[Any, Any] | None = None) -> tuple[Document, ...]:
        return tuple(read(NAMES[Presence], text, common) for text in self.noted)


_encode = msgspec.json.Encoder().encode
_header = msgspec.json.Decoder(Header).decode
_change = msgspec.json.Decoder(Change).decode
_line = msgspec.json.Decoder(Line).decode
_secrets = msgspec.json.Decoder(_Secrets).decode
_named = msgspec.json.Decoder(_Named).decode


# --- writing -----------------------------------------------------------------------------------------------


def sealed(rest: bytes) -> bytes:
    """Return a line: its checksum before `rest`, which is an object without its opening brace."""
    return b'%s%08x",%s\n' % (_START, zlib.crc32(rest), rest)


def header(file: str, seq: int, **more: int) -> bytes:
    return sealed(_encode({"format": FORMAT, "file": file, "seq": seq, **more})[1:])


def commit_part(at: float, who: str, why: str, changes: Iterable[bytes]) -> bytes:
    """
    Return what a line says of a commit; `changes` are its `change_part`s.

    Raises:
        Invalid: it holds a text that cannot be written.
    """
    try:
        head = (_encode(at), _encode(who), _encode(why))
    except ValueError as problem:
        raise Invalid(f"this cannot be written: {problem}") from None
    return b',"at":%s,"who":%s,"why":%s,"changes":[%s]' % (*head, b",".join(changes))


def change_part(change: Put | Delete, seal: Seal = CLEAR) -> bytes:
    """
    Return what a line says of one change.

    Raises:
        Invalid: it holds a document or a text that cannot be written.
    """
    try:
        if isinstance(change, Put):
            return _put_part(checked(change.document), change.document, change.holds, seal)
        return _encode({"delete": NAMES[change.kind], "id": change.id})
    except ValueError as problem:
        raise Invalid(f"this cannot be written: {problem}") from None


def noted_part(presences: Iterable[bytes]) -> bytes:
    return b',"noted":[%s]' % b",".join(presences)


def line(seq: int, durable: int, part: bytes = b"") -> bytes:
    return sealed(b'"seq":%d,"durable":%d%s}' % (seq, durable, part))


def document_line(document: Document, holds: Iterable[tuple[str, str]], seal: Seal = CLEAR) -> bytes:
    text = b"" if seal.is_on else written(document)
    return sealed(_put_part(text, document, holds, seal)[1:])


def document_part(document: Document, seal: Seal) -> bytes:
    """Return the members that say what a document is: `"document":{…}`, and its secrets if they are sealed."""
    return _members(b"" if seal.is_on else written(document), document, (), seal)


def _put_part(text: bytes, document: Document, holds: Iterable[tuple[str, str]], seal: Seal) -> bytes:
    return b'{"put":"%s",%s}' % (NAMES[type(document)].encode(), _members(text, document, holds, seal))


def _members(text: bytes, document: Document, holds: Iterable[tuple[str, str]], seal: Seal) -> bytes:
    """`text` is the document as it is written where nothing is sealed. Unique keys are sealed with the rest: one of
    them is a tenant's provisioning key."""
    held = b',"holds":%s' % _encode(sorted(holds)) if holds else b""
    if seal.is_on:
        text, secrets = parted(document)
        if secrets:
            inner = b'{"document":%s%s}' % (secrets, held)
            held = b',"sealed":%s' % _encode(seal.sealed(inner, _name(NAMES[type(document)], document.id)))
    return b'"document":%s%s' % (text, held)


def _name(kind: str, doc_id: str) -> str:
    return f"{kind} {doc_id!r}"


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


def read_document(
    text: bytes, common: dict[Any, Any], seal: Seal = CLEAR
) -> tuple[Document, Iterable[tuple[str, str]]]:
    """
    Read a line of a snapshot: a document, and what it holds; `common` as `codec.read` has it.

    Raises:
        Torn; ValueError, KeyError: it is whole, and not understood. Locked: its secrets are sealed with another key.
    """
    change = _change(checked_line(text))
    if not change.put:
        raise ValueError("a snapshot holds only documents")
    return change.opened(common, seal)


def opened(
    kind: str, document: Raw, sealed_text: str, seal: Seal
) -> tuple[bytes | Raw, tuple[tuple[str, str], ...]]:
    """Return a document as it is written where nothing is sealed, and the unique keys that were sealed with it."""
    if not sealed_text:
        return document, ()
    secrets = _secrets(seal.opened(sealed_text, _name(kind, _named(document).id)))
    return joined(bytes(document), bytes(secrets.document)), secrets.holds


def _shared(holds: Iterable[tuple[str, str]], common: dict[Any, Any]) -> tuple[tuple[str, str], ...]:
    return tuple([(sys.intern(name), common.get(value, value)) for name, value in holds]) if holds else ()
