"""Claims, resets and slots on the wire, and their shapes."""

from collections.abc import Iterable, Mapping

from msgspec import UNSET, Struct, UnsetType

from provserver.address import normal_ip
from provserver.core.mark import LENGTH, LETTERS
from provserver.errors import Invalid
from provserver.model import Slot
from provserver.pbx.interfaces import Calling, Claimed
from provserver.rest.codec.values import text

_LONGEST = 512
Text = str | UnsetType


class ClaimFields(Struct):
    """`slot`, `mark` and `ip` name the phone; `contact` is where it is told to restart, and names nobody."""

    code: str
    slot: Text | None = UNSET
    mark: Text | None = UNSET
    ip: Text | None = UNSET
    contact: Text | None = UNSET


class ClaimOrder(Struct):
    claim: ClaimFields


class ClaimedFields(Struct):
    """`resync` is `started`, or the reason_id why the phone must be restarted by hand."""

    outcome: str
    device: str
    line: str
    resync: str


class ClaimAnswer(Struct):
    claim: ClaimedFields


class Nothing(Struct):
    """An object; what is in it does not matter."""


class ResetFields(Struct):
    outcome: str
    device: str
    resync: str


class ResetAnswer(Struct):
    reset: ResetFields


class SlotFields(Struct):
    username: str
    password: str


class PoolFields(Struct):
    """As `provd-pbx --json` prints it; other names are passed over."""

    slots: list[SlotFields]
    registrar: Text = UNSET
    port: int | UnsetType = UNSET
    shared: bool | UnsetType = UNSET


class PoolOrder(Struct):
    slots: PoolFields


class ShownSlot(Struct):
    username: str
    device: str | None
    position: int | None


class ShownPool(Struct):
    registrar: str
    port: int
    shared: bool
    slots: list[ShownSlot]


class PoolAnswer(Struct):
    slots: ShownPool


def read_claim(document: Mapping[str, object]) -> tuple[str, Calling]:
    """
    Return the code, and what is said of the phone.

    Raises:
        Invalid: naming the field.
    """
    for name in document:
        if name not in ("code", "slot", "mark", "ip", "contact"):
            raise Invalid("expected code, slot, mark, ip and contact only", name[:60])
    values = {name: _text(document, name) for name in ("code", "slot", "mark", "ip", "contact")}
    if not values["code"]:
        raise Invalid("missing: expected a provisioning code", "code")
    mark = values["mark"].upper()
    if mark and (len(mark) != LENGTH or not set(mark) <= set(LETTERS)):
        raise Invalid(f"expected {LENGTH} of {LETTERS}", "mark")
    ip = _read_ip(values["ip"]) if values["ip"] else ""
    return values["code"], Calling(slot=values["slot"], mark=mark, ip=ip, contact=values["contact"])


def claimed_document(claimed: Claimed) -> dict[str, object]:
    return {
        "outcome": "ok",
        "device": claimed.device,
        **({"line": claimed.line} if claimed.line else {}),
        "resync": claimed.resync,
    }


def slots_document(slots: Iterable[Slot]) -> dict[str, object]:
    """What all have in common is told of the first: they were set together."""
    slots = tuple(slots)
    first = slots[0] if slots else Slot("")
    return {
        "registrar": first.registrar,
        "port": first.port,
        "shared": first.shared,
        "slots": [
            {
                "username": slot.id,
                "device": slot.device,
                "position": slot.position if slot.device else None,
            }
            for slot in slots
        ],
    }


def _read_ip(value: str) -> str:
    try:
        return normal_ip(value)
    except Invalid as problem:
        raise Invalid(problem.text, "ip") from None


def _text(document: Mapping[str, object], name: str) -> str:
    value = text(document, name) or ""
    if len(value) > _LONGEST or not value.isprintable():
        raise Invalid(f"expected at most {_LONGEST} printable characters", name)
    return value
