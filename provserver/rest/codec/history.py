"""The history on the wire."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from provserver.model import Committed
from provserver.rest.codec.explaining import time_text


class Change(Struct):
    """`document` as it was afterwards, without secrets; null where it was deleted."""

    at: str
    who: str
    why: str
    rev: int
    document: dict[str, Any] | None


class Changes(Struct):
    history: list[Change]


def change_document(committed: Committed, document: Mapping[str, object] | None) -> dict[str, object]:
    return {
        "at": time_text(committed.at),
        "who": committed.commit.who,
        "why": committed.commit.why,
        "rev": committed.seq,
        "document": document,
    }
