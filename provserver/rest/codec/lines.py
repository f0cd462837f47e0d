"""Lines on the wire. They are ours; the account has the names that `sip_lines` of a raw config has."""

from collections.abc import Mapping
from typing import Any, get_args

import msgspec
from attrs import evolve
from msgspec import UNSET, Struct, UnsetType

from provserver.core.secrets import masked, restored
from provserver.errors import Invalid
from provserver.model import Json, Line, WhenTaken
from provserver.rest.codec.times import read_time, time_text
from provserver.rest.codec.values import flag, kind, text, write_json

_WRITABLE = ("account", "keeps_code", "when_taken", "code_expires_at", "template", "options")
_OURS = ("id", "tenant_uuid", "code", "devices")  # may be sent back as they were read
_CHOICES: tuple[str, ...] = get_args(WhenTaken)


class SeatFields(Struct):
    device: str
    position: int


class LineFields(Struct):
    """A SIP account that a user brings to a phone by its code."""

    account: dict[str, Any] | UnsetType = UNSET
    id: str | UnsetType = UNSET
    tenant_uuid: str | UnsetType = UNSET
    code: str | UnsetType | None = UNSET
    code_expires_at: str | UnsetType | None = UNSET
    keeps_code: bool | UnsetType = UNSET
    when_taken: str | UnsetType = UNSET
    template: str | UnsetType | None = UNSET
    options: dict[str, Any] | UnsetType = UNSET
    devices: list[SeatFields] | UnsetType = UNSET


class OneLine(Struct):
    line: LineFields


class Lines(Struct):
    """With `fields` only those that were asked for."""

    lines: list[dict[str, Any]]


class CodeWish(Struct):
    expires_at: str | UnsetType | None = UNSET


class CodeOrder(Struct):
    code: CodeWish


class Code(Struct):
    code: str
    expires_at: str | None


class CodeAnswer(Struct):
    code: Code


class Position(Struct):
    """Without a position it is the one that the line has there, else the first that is free."""

    position: int | UnsetType | None = UNSET


class Association(Struct):
    device: str
    line: str
    position: int


class AssociationAnswer(Struct):
    association: Association


class BulkOrder(Struct):
    lines: list[LineFields]
    dry_run: bool | UnsetType = UNSET


class BulkLine(Struct):
    row: int
    id: str | None  # null on a dry run, where provd would choose it
    code: str | None
    is_new: bool


class RefusedRow(Struct):
    row: int
    reason_id: str
    message: str
    field: str | UnsetType = UNSET


class Bulk(Struct):
    dry_run: bool
    lines: list[BulkLine]
    refused: list[RefusedRow]


class BulkAnswer(Struct):
    bulk: Bulk


def line_document(line: Line, with_secrets: bool) -> dict[str, object]:
    """The code is no secret to whoever may read lines: it is there to be handed out."""
    shown = line if with_secrets else masked(line)
    return {
        "id": line.id,
        "tenant_uuid": line.tenant,
        "account": msgspec.json.decode(shown.account),
        "code": line.code,
        "code_expires_at": time_text(line.code_expires),
        "keeps_code": line.keeps_code,
        "when_taken": line.when_taken,
        "template": line.template,
        "options": msgspec.json.decode(shown.options),
        "devices": [{"device": seat.device, "position": seat.position} for seat in line.seats],
    }


def read_line(document: Mapping[str, object], before: Line) -> Line:
    """
    Return the line that a client describes; what it leaves out stays as before. Whether account and options are
    right is not looked at.

    Raises:
        Invalid: a field has a value that it cannot have, or is none of a line's.
    """
    for name in document:
        if name not in (*_WRITABLE, *_OURS):
            raise Invalid(f"expected {', '.join(_WRITABLE)} only", name[:60])
    line = evolve(
        before,
        account=_object(document, "account", before.account),
        options=_object(document, "options", before.options),
        keeps_code=flag(document, "keeps_code", False) if "keeps_code" in document else before.keeps_code,
        when_taken=_when_taken(document, before),
        template=text(document, "template") if "template" in document else before.template,
        code_expires=read_time(document, "code_expires_at", before.code_expires),
        **_code(document, before),
    )
    return restored(line, before)


def read_position(body: object) -> int | None:
    """Raises: Invalid."""
    if not isinstance(body, dict):
        raise Invalid(f'expected {{"position": 1}} or {{}}, got {kind(body)}')
    position = body.get("position")
    if position is not None and (not isinstance(position, int) or isinstance(position, bool) or position < 1):
        raise Invalid("expected a whole number from 1", "position")
    return position


def _object(document: Mapping[str, object], name: str, before: Json) -> Json:
    if name not in document:
        return before
    value = document[name]
    if not isinstance(value, dict):
        raise Invalid(f"expected an object, got {kind(value)}", name)
    return write_json(value)


def _when_taken(document: Mapping[str, object], before: Line) -> WhenTaken:
    value = document.get("when_taken", before.when_taken)
    for choice in get_args(WhenTaken):
        if value == choice:
            taken: WhenTaken = choice
            return taken
    raise Invalid(f"expected one of {', '.join(_CHOICES)}", "when_taken")


def _code(document: Mapping[str, object], before: Line) -> dict[str, Any]:
    """Codes are made by provd. A client may send back the one that it read, and take it away by null."""
    if "code" not in document or document["code"] == before.code:
        return {}
    if document["code"] is not None:
        raise Invalid("codes are made by provd: POST …/code makes a new one, null takes it away", "code")
    return {"code": None}
