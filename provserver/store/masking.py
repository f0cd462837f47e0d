"""Masking: a document as the history may show it, its secrets replaced."""

from typing import Any

import attrs
import msgspec
from attrs import evolve

from provserver.model import Delete, Document, Json, Parameter, Put, Tenant
from provserver.raw_config.fields import FIELDS, TABLES

MASK = "***"
_NAMES = frozenset(
    name for fields in (FIELDS, *(table.fields for table in TABLES.values())) for name in fields
    if fields[name].secret
)  # fmt: skip
_PARTS = ("password", "secret")  # in the names of what clients add of their own


def masked(change: Put | Delete) -> Put | Delete:
    """Return a change without secrets. The unique keys go too: one of them is a tenant's provisioning key."""
    return Put(_document(change.document), change.expected) if isinstance(change, Put) else change


def _document(document: Document) -> Document:
    changed: dict[str, Any] = {
        field.name: _json(getattr(document, field.name))
        for field in attrs.fields(type(document))
        if field.type is Json
    }
    if isinstance(document, Tenant) and document.key:
        changed["key"] = MASK
    if isinstance(document, Parameter) and "@" in (document.value or ""):  # a proxy's password
        changed["value"] = MASK
    return evolve(document, **changed)


def _json(text: Json) -> Json:
    value = msgspec.json.decode(text)
    todo = [value]
    while todo:
        holder = todo.pop()
        if isinstance(holder, dict):
            holder.update((name, MASK) for name, member in holder.items() if _is_secret(name, member))
            todo.extend(holder.values())
        elif isinstance(holder, list):
            todo.extend(holder)
    return Json(msgspec.json.encode(value))


def _is_secret(name: str, value: object) -> bool:
    if value is None or value == "":
        return False
    return name in _NAMES or any(part in name.lower() for part in _PARTS)
