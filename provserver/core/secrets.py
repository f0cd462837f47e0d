"""
Secrets: which values they are, and what stands in their place for whoever may not see them. There is no other table.

A field of a document says in its metadata that it is a secret (`model/words.py`). In a `Json` field the names tell:
those that `raw_config/fields.py` marks, and of what clients add of their own whatever sounds like a secret. The
password in a URL is one wherever it stands.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import attrs
import msgspec

from provserver.errors import Invalid
from provserver.model import Document, Json
from provserver.model.words import MARKED, WHOLE
from provserver.raw_config.fields import FIELDS, TABLES

D = TypeVar("D", bound=Document)

MASK = "***"
SEE_SECRETS = "provd.secrets.read"  # the ACL of whoever sees secrets; `#` and `provd.#` have it
_NAMES = frozenset(
    name
    for fields in (FIELDS, *(table.fields for table in TABLES.values()))
    for name, field in fields.items()
    if field.secret
)
_SOUNDS = re.compile("passw|passphrase|secret|token|private_?key|api_?key|credential", re.IGNORECASE)
_NOTHING_KEPT = f"{MASK} stands for a secret that is kept, and none is kept here"
_EMPTY: tuple[object, ...] = (None, "", [], {})
_URL_PASSWORD = re.compile(r"(://[^/\s:@?#]*:)[^/\s]+@")
_ON_THE_WIRE = {"raw": "raw_config.", "other": ""}  # how clients write the paths in a `Json` field


def is_secret(name: str) -> bool:
    """Say whether what has this name is a secret."""
    return name in _NAMES or _SOUNDS.search(name) is not None


def without_passwords(text: str) -> str:
    """Mask the passwords of URLs: `http://anna:hush@proxy:3128` gives `http://anna:***@proxy:3128`."""
    return _URL_PASSWORD.sub(rf"\1{MASK}@", text) if "@" in text else text


def masked(document: D) -> D:
    """Return a document without its secrets."""
    return attrs.evolve(
        document, **{name: _masked_field(value, mark) for name, value, mark in _marked(document)}
    )


def masked_json(text: Json) -> Json:
    """Return a raw config, or another object of a client, without its secrets."""
    tree = msgspec.json.decode(text)
    todo = [tree]
    while todo:
        holder = todo.pop()
        for name, value in _items(holder):
            shown = _shown(name, value)
            if shown is not value:
                holder[name] = shown
            elif isinstance(value, dict | list):
                todo.append(value)
    return Json(msgspec.json.encode(tree))


def restored(document: D, kept: D | None) -> D:
    """
    Return what somebody means who was shown `masked(kept)` and sends it back changed: a mask stands for what is kept
    in its place.

    Raises:
        Invalid: nothing is kept there; the field is named.
    """
    changed: dict[str, Any] = {}
    for name, value, mark in _marked(document):
        before = getattr(kept, name, None)
        if isinstance(value, bytes):
            changed[name] = _restored_json(
                Json(value), Json(before or b"{}"), _ON_THE_WIRE.get(name, f"{name}.")
            )
        elif value is not None:
            changed[name] = restored_text(value, before, whole=mark == WHOLE, path=name)
    return attrs.evolve(document, **changed)


def restored_text(value: str, kept: str | None, whole: bool, path: str) -> str:
    """Do the same for a text that is a secret, or (not `whole`) may have one in it. Raises: Invalid."""
    if kept and value == (MASK if whole else without_passwords(kept)):
        return kept
    if _is_mask(value, whole):
        raise Invalid(_NOTHING_KEPT, path)
    return value


def _restored_json(text: Json, kept: Json, path: str) -> Json:
    if text.find(MASK.encode()) < 0:
        return text
    tree = msgspec.json.decode(text)
    todo: list[tuple[Any, Any, str]] = [(tree, msgspec.json.decode(kept), path)]
    while todo:
        holder, before, at = todo.pop()
        for name, value in _items(holder):
            old = _member(before, name)
            if isinstance(value, dict | list):
                todo.append((value, old, f"{at}{name}."))
            elif old not in _EMPTY and value == _shown(name, old):
                holder[name] = old
            elif isinstance(value, str) and _is_mask(value, _is_secret(name)):
                raise Invalid(_NOTHING_KEPT, f"{at}{name}")
    return Json(msgspec.json.encode(tree))


def _is_mask(value: str, whole: bool) -> bool:
    return (whole and value == MASK) or f":{MASK}@" in value


def _is_secret(name: str | int) -> bool:
    return isinstance(name, str) and is_secret(name)


def _marked(document: Document) -> Iterable[tuple[str, Any, str]]:
    """Give name, value and mark of the fields that are, or may hold, secrets."""
    for field in attrs.fields(type(document)):
        if MARKED in field.metadata:
            yield field.name, getattr(document, field.name), field.metadata[MARKED]


def _masked_field(value: Any, mark: str) -> Any:
    if isinstance(value, bytes):
        return masked_json(Json(value))
    if not value:
        return value
    return MASK if mark == WHOLE else without_passwords(value)


def _shown(name: str | int, value: object) -> object:
    """Return a member of an object or a list as it may be seen: the very same if it is no secret."""
    if _is_secret(name) and value not in _EMPTY:
        return MASK
    return without_passwords(value) if isinstance(value, str) else value


def _items(holder: Any) -> list[tuple[Any, Any]]:
    return list(
        holder.items() if isinstance(holder, dict) else enumerate(holder) if isinstance(holder, list) else ()
    )


def _member(holder: object, name: str | int) -> object:
    if isinstance(holder, Mapping):
        return holder.get(name)
    if isinstance(holder, list) and isinstance(name, int) and name < len(holder):
        return holder[name]
    return None
