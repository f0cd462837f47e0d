"""
A whole store as one JSON document that people can read and compare: by kind and id, a field a line.

    {
     "provd": 1,
     "device": [
      {
       "id": "d1",
       "mac": "00:15:65:4a:a9:37",
       …

The names are those of the store's files. Revisions are left out: they say nothing elsewhere.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from attrs import evolve
from msgspec import Raw

from provserver.core.secrets import masked
from provserver.errors import Invalid
from provserver.model import Document, Presence, Put
from provserver.store.codec import KINDS, read, written
from provserver.store.tables import Copy

FORM = 1
_MASKED = "masked"
_encode = msgspec.json.Encoder().encode


def exported(copy: Copy, with_presence: bool = True, is_masked: bool = False) -> Iterator[bytes]:
    """Give the document in pieces; what is only seen of phones changes with every boot. One that is masked has no
    secrets, and is for the eye alone."""
    yield b'{\n "provd": %d' % FORM
    if is_masked:
        yield b',\n "%s": true' % _MASKED.encode()
    for name, table in zip(KINDS, copy.tables, strict=True):
        if KINDS[name] is Presence and not with_presence:
            continue
        yield b',\n "%s": [' % name.encode()
        documents = sorted(table, key=lambda document: document.id)
        for number, document in enumerate(documents):
            holds = copy.holds.get((type(document), document.id), ())
            text = _object(masked(document), ()) if is_masked else _object(document, holds)
            lines = msgspec.json.format(text, indent=1).replace(b"\n", b"\n  ")
            yield (b",\n  " if number else b"\n  ") + lines
        yield b"\n ]" if documents else b"]"
    yield b"\n}\n"


def imported(text: bytes) -> Iterator[Put]:
    """
    Read such a document.

    Raises:
        Invalid: naming what cannot be read.
    """
    for name, documents in _kinds(text).items():
        for number, fields in enumerate(documents, 1):
            try:
                holds = msgspec.json.decode(fields.pop("holds", b"[]"), type=frozenset[tuple[str, str]])
                document = read(name, msgspec.json.format(_encode(fields), indent=-1))
            except ValueError as problem:
                raise Invalid(f"number {number}: {problem}", name) from None
            yield Put(document, None, holds)


def _object(document: Document, holds: Iterable[tuple[str, str]]) -> bytes:
    text = written(evolve(document, rev=0))
    return text[:-1] + b',"holds":%s}' % _encode(sorted(holds)) if holds else text


def _kinds(text: bytes) -> dict[str, list[dict[str, Any]]]:
    try:
        whole = msgspec.json.decode(text, type=dict[str, Raw])
        form = msgspec.json.decode(whole.pop("provd", b"0"), type=int)
        if _MASKED in whole:
            raise Invalid("the secrets in this export are masked: it cannot be imported")
        if form != FORM:
            raise Invalid(f"this is no export of provd in form {FORM}")
        found = {}
        for name, documents in whole.items():
            if name not in KINDS:
                raise Invalid(f"there is no kind {name[:60]!r} of documents")
            found[name] = msgspec.json.decode(documents, type=list[dict[str, Raw]])
    except ValueError as problem:
        raise Invalid(f"not a JSON document that provd-store has exported: {problem}") from None
    return found
