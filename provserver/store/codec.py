"""
Documents as JSON, as the store's files hold them: `{"id":"d1","rev":7,"mac":"00:15:65:4a:a9:37",…}`.

The names are those of `model.py`, and what is at its default is left out; a `Json` field stands in it as the object
that it is. A new kind of document is a row of KINDS.
"""

import sys
from collections.abc import Callable, Mapping
from math import isfinite
from operator import attrgetter
from typing import Any

import attrs
import msgspec
from msgspec import UNSET, Raw, UnsetType

from provserver.errors import Invalid
from provserver.model import (
    NOTHING,
    Config,
    Device,
    Document,
    Json,
    Line,
    Pairing,
    Parameter,
    Presence,
    Slot,
    Tenant,
    Token,
    Uninstalled,
)
from provserver.model.words import MARKED

KINDS: Mapping[str, type[Document]] = {
    "device": Device,
    "presence": Presence,
    "config": Config,
    "tenant": Tenant,
    "line": Line,
    "slot": Slot,
    "token": Token,
    "pairing": Pairing,
    "parameter": Parameter,
    "uninstalled": Uninstalled,
}
NAMES: Mapping[type[Document], str] = {kind: name for name, kind in KINDS.items()}
_EMPTY = (NOTHING, None, "")
_MOST_DEEP = 100  # objects and lists in each other, in one Json
_REPEATED = frozenset(
    ("vendor", "model", "plugin", "tenant", "added", "role", "version")
)  # few different texts
# What documents have in common: a start gives equal ones the same value, which is a tenth of the memory.
_COMMON = _REPEATED | {"id", "mac", "config", "ip", "proven_ip", "other", "parents"}


class _Form:
    """How one kind is written and read."""

    def __init__(self, kind: type[Document]) -> None:
        fields = attrs.fields(attrs.resolve_types(kind))
        self._kind = kind
        # `rev` and `other`, which every kind has, are given by name
        positional = [field.name for field in fields if not field.kw_only]
        self._names = (*positional, "rev", "other")
        self.json_names = tuple(field.name for field in fields if field.type is Json)
        self._json_at = tuple(map(self._names.index, self.json_names))
        self._repeated_at = tuple(at for at, name in enumerate(self._names) if name in _REPEATED)
        self._common_at = tuple(at for at, name in enumerate(self._names) if name in _COMMON)
        self._empty = {field.name: field.default for field in fields if MARKED in field.metadata}
        self._secret_names = tuple(self._empty)
        self._mappings = tuple(field.name for field in fields if isinstance(field.default, attrs.Factory))  # type: ignore[arg-type]  # a class at run time
        self._struct = msgspec.defstruct(
            kind.__name__,
            [self._field(field) for field in fields],
            kw_only=True,
            omit_defaults=True,
            forbid_unknown_fields=True,
            gc=False,
        )
        self._values: Callable[[Any], tuple[Any, ...]] = attrgetter(*self._names)
        self._encode = msgspec.json.Encoder().encode
        self._decode: Callable[[bytes | Raw], Any] = msgspec.json.Decoder(self._struct).decode

    def _field(self, field: "attrs.Attribute[Any]") -> Any:
        if field.type is Json:
            return field.name, Raw | UnsetType, UNSET
        if field.default is attrs.NOTHING:
            return field.name, field.type
        if field.name in self._mappings:
            return field.name, dict[str, str], msgspec.field(default_factory=dict)
        return field.name, field.type, field.default

    def written(self, document: Document) -> bytes:
        values = {name: getattr(document, name) for name in self._names}
        for name in self.json_names:
            values[name] = Raw(values[name]) if values[name] != NOTHING else UNSET
        for name in self._mappings:
            values[name] = dict(values[name])
        return self._encode(self._struct(**values))

    def parted(self, document: Document) -> tuple[bytes, bytes]:
        found = {
            name: value for name in self._secret_names if (value := getattr(document, name)) not in _EMPTY
        }
        if not found:
            return self.written(document), b""
        rest = attrs.evolve(document, **{name: self._empty[name] for name in found})
        secrets = {name: Raw(value) if isinstance(value, bytes) else value for name, value in found.items()}
        return self.written(rest), self._encode(secrets)

    def read(self, text: bytes | Raw, common: dict[Any, Any] | None) -> Document:
        values = list(self._values(self._decode(text)))
        for at in self._json_at:
            values[at] = NOTHING if values[at] is UNSET else bytes(values[at])
        if common is None:
            for at in self._repeated_at:
                if values[at] is not None:
                    values[at] = sys.intern(values[at])
        else:
            shared = common.setdefault
            for at in self._common_at:
                if (value := values[at]) is not None:
                    values[at] = shared(value, value)
        other, rev = values.pop(), values.pop()
        return self._kind(*values, rev=rev, other=other)


_FORMS: Mapping[type[Document], _Form] = {kind: _Form(kind) for kind in KINDS.values()}


def written(document: Document) -> bytes:
    """Write a document that was stored before, or read: it can be written."""
    return _FORMS[type(document)].written(document)


def parted(document: Document) -> tuple[bytes, bytes]:
    """Write a document as two objects: without all that is or may hold a secret, and only that (b"": there is none).
    `joined` makes of both what `written` gives."""
    return _FORMS[type(document)].parted(document)


def joined(text: bytes, secrets: bytes) -> bytes:
    return text[:-1] + b"," + secrets[1:]


def checked(document: Document) -> bytes:
    """
    Write a new document, and make sure that it can be read again: what cannot would refuse the next start.

    Raises:
        Invalid: a text that is none (a lone surrogate), a `Json` that is not one compact object, a number that JSON
            cannot hold.
    """
    form = _FORMS[type(document)]
    try:
        text = form.written(document)
        if b"\n" in text or form.read(text, None) != document:
            raise ValueError("it reads differently than it was written")
        for name in form.json_names:
            _check_depth(msgspec.json.decode(getattr(document, name), type=dict[str, object]))
    except (ValueError, TypeError, RecursionError) as problem:
        raise Invalid(f"{NAMES[type(document)]} {document.id!r} cannot be written: {problem}") from None
    return text


def _check_depth(value: object) -> None:
    """Whoever reads it later may have less of Python's stack left than there is now."""
    level: list[Any] = [value]
    for _ in range(_MOST_DEEP):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return
    raise ValueError(f"an object more than {_MOST_DEEP} deep")


def noted(presence: Presence) -> tuple[Presence, bytes]:
    """Return what was seen as it can be written, and write it: a phone's odd bytes (lone surrogates) become `?`."""
    if not isfinite(presence.seen):
        presence = attrs.evolve(presence, seen=0.0)
    try:
        return presence, written(presence)
    except UnicodeEncodeError:
        texts = {
            field.name: _clean(value)
            for field in attrs.fields(Presence)
            if isinstance(value := getattr(presence, field.name), str)
        }
        fetched = {_clean(name): _clean(etag) for name, etag in presence.fetched.items()}
        presence = attrs.evolve(presence, **{**texts, "fetched": fetched})  # type: ignore[arg-type]  # by name
        return presence, written(presence)


def _clean(text: str) -> str:
    return text.encode(errors="replace").decode()


def read(name: str, text: bytes | Raw, common: dict[Any, Any] | None = None) -> Document:
    """
    Read a document; `common` gathers what documents read with it may share.

    Raises:
        ValueError (also of msgspec); KeyError: a kind that is none.
    """
    return _FORMS[KINDS[name]].read(text, common)
