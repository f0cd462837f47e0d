"""JSON and its values: what every document is read with."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from provserver.errors import Invalid
from provserver.model import Json

_MOST_DEPTH = 64  # far above any real document, far below what decoders and encoders can take
_ID = re.compile(r"[ -.0-~]{1,255}")  # printable ASCII without `/`
_KINDS = {dict: "an object", list: "a list", str: "text", bool: "true or false", type(None): "null"}


class NotJson(Invalid):
    """The body is no JSON document that can be taken."""

    reason_id = "invalid.json"


class Missing(Invalid):
    """The body lacks the one name that it should have."""

    reason_id = "invalid.missing"


def read_json(body: bytes) -> object:
    """Raises: NotJson."""
    try:
        value = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise NotJson(f"Invalid JSON document: {problem}") from None
    openings = body.count(b"{") + body.count(b"[")  # few: it cannot be deep, and need not be walked through
    if openings > _MOST_DEPTH and _deeper(value, _MOST_DEPTH):
        raise NotJson(f"Invalid JSON document: nested more than {_MOST_DEPTH} deep")
    return value


def write_json(document: object) -> Json:
    return Json(msgspec.json.encode(document))


def _deeper(value: object, most: int) -> bool:
    level: list[Any] = [value]  # objects and lists that lie equally deep
    for _ in range(most):
        level = [inner for outer in level for inner in _inner(outer) if isinstance(inner, dict | list)]
    return bool(level)


def _inner(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def enclosed(body: object, name: str) -> Mapping[str, object]:
    """
    Return the object in `{"device": {…}}`.

    Raises:
        Missing: the name is not there.
        Invalid: it, or the body, is no object.
    """
    if not isinstance(body, dict):
        raise Invalid(f'expected {{"{name}": {{…}}}}, got {kind(body)}')
    if name not in body:
        raise Missing(f'Missing "{name}" key', name)
    inner: object = body[name]
    if not isinstance(inner, dict):
        raise Invalid(f"expected an object, got {kind(inner)}", name)
    return inner


def read_id(body: object) -> str:
    """
    Return the id in `{"id": ID}`, which names something that is there.

    Raises:
        Invalid: there is none, or it is no text.
    """
    value = body.get("id") if isinstance(body, dict) else None
    if value is None:
        raise Invalid('Missing "id" key')
    if not isinstance(value, str):
        raise Invalid(f"expected text, got {kind(value)}", "id")
    return value


def kind(value: object) -> str:
    """Say what a value is without telling it: it may be a secret."""
    return _KINDS.get(type(value), "a number")


def text(document: Mapping[str, object], name: str) -> str | None:
    """Return text, None where there is none; clients write numbers too. Raises: Invalid."""
    value = document.get(name)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if value is None or isinstance(value, str):
        return value or None
    raise Invalid(f"expected text, got {kind(value)}", name)


def flag(document: Mapping[str, object], name: str, default: bool) -> bool:
    """Raises: Invalid."""
    value = document.get(name)
    if value is None:
        return default
    if isinstance(value, bool):
        return value
    raise Invalid(f"expected true or false, got {kind(value)}", name)


def id_of(document: Mapping[str, object]) -> str | None:
    """
    Return the id that a client chose for a new document, if it did.

    Raises:
        Invalid: it is not 1 to 255 printable ASCII characters, holds a `/`, or is `.` or `..`. Such ids make
            trouble in somebody's URL or file system, even though they are neither here.
    """
    value = document.get("id")
    if value is None:
        return None
    if not isinstance(value, str):
        raise Invalid(f"expected text, got {kind(value)}", "id")
    if not _ID.fullmatch(value) or value in (".", ".."):
        raise Invalid(f"expected 1 to 255 printable ASCII characters without /, got {value[:60]!r}", "id")
    return value
