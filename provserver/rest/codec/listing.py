"""What a list is asked for (contract section 10): selector, fields, order and page."""

import base64
from collections.abc import Mapping
from typing import Any

from attrs import frozen

from provserver.errors import Invalid
from provserver.rest.codec.values import NotJson, kind, read_json


@frozen
class Listing:
    selector: Mapping[str, object]
    fields: tuple[str, ...] | None  # None: all
    sort: str  # a key, `-key` for descending, or ""
    skip: int
    limit: int  # 0: none
    unread: str = ""  # the parameter that could not be read, and was left aside as the contract says

    def speaks_of(self, field: str) -> bool:
        """Say whether finding or ordering the documents takes this field."""
        return field in self.selector or self.sort.removeprefix("-") == field

    def shows(self, field: str) -> bool:
        return self.fields is None or field in self.fields


def read_listing(query: Mapping[str, str]) -> Listing:
    """
    Read the parameters of a list. `q64` wins over `q`; what is not readable counts as not given.

    Raises:
        Invalid: the selector is JSON, but no object.
    """
    name = "q64" if "q64" in query else "q"
    unread = ""
    selector: object = {}
    if query.get(name):
        try:
            selector = read_json(base64.b64decode(query[name]) if name == "q64" else query[name].encode())
        except (NotJson, ValueError):
            unread = name
    if not isinstance(selector, dict):
        raise Invalid(f"expected a selector like {{…}}, got {kind(selector)}", name)
    sort = query.get("sort", "")
    return Listing(
        selector,
        tuple(query["fields"].split(",")) if "fields" in query else None,
        f"-{sort}" if sort and query.get("sort_ord") == "DESC" else sort,
        _count(query.get("skip", "")),
        _count(query.get("limit", "")),
        unread,
    )


def projected(document: Mapping[str, Any], fields: tuple[str, ...] | None) -> Mapping[str, Any]:
    """Return the fields asked for, `a.b` being b in a; the id always, and what is missing not."""
    if fields is None:
        return document
    chosen: dict[str, Any] = {"id": document["id"]}
    for path in fields:
        *parents, last = path.split(".")
        source: Any = document
        for name in parents:
            source = source.get(name) if isinstance(source, dict) else None
        if isinstance(source, dict) and last in source:
            target = chosen
            for name in parents:
                target = target.setdefault(name, {})
            target[last] = source[last]
    return chosen


def _count(text: str) -> int:
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 10 else 0
