"""A device's token on the wire: what a client says of it, and sees."""

import re
from collections.abc import Mapping

from msgspec import UNSET, Struct, UnsetType

from provserver.core.secrets import masked
from provserver.errors import Invalid
from provserver.model import Device, Pairing
from provserver.rest.codec.explaining import time_text
from provserver.rest.codec.values import kind

MOST_S = 30 * 86_400
_TOKEN = re.compile("[0-9A-Za-z_-]{22,128}")  # 128 bits where each character is random


class PairingFields(Struct):
    """`username` and `token` are for HTTP digest; the token alone is an element of the URL too."""

    username: str
    token: str
    open_until: str | None


class OnePairing(Struct):
    pairing: PairingFields


class Window(Struct):
    seconds: int | UnsetType = UNSET


class NewWindow(Struct):
    pairing: Window


class ChosenToken(Struct):
    token: str


class Chosen(Struct):
    pairing: ChosenToken


def pairing_document(device: Device, pairing: Pairing, with_secrets: bool, at: float) -> dict[str, object]:
    token = (pairing if with_secrets else masked(pairing)).token
    return {
        "username": (device.mac or device.id).replace(":", ""),
        "token": token,
        "open_until": time_text(pairing.open_until) if at < pairing.open_until else None,
    }


def read_seconds(document: Mapping[str, object], default: int) -> int:
    """Return for how long a window is to be open. Raises: Invalid."""
    seconds = document.get("seconds", default)
    if type(seconds) is not int or not 1 <= seconds <= MOST_S:
        raise Invalid(f"expected a whole number from 1 to {MOST_S}", "pairing.seconds")
    return seconds


def read_token(document: Mapping[str, object]) -> str:
    """Return the token that an administrator chose. Raises: Invalid, which does not tell it."""
    token = document.get("token")
    if not isinstance(token, str):
        raise Invalid(f"expected text, got {kind(token)}", "pairing.token")
    if not _TOKEN.fullmatch(token):
        raise Invalid("expected 22 to 128 letters, digits, - and _", "pairing.token")
    return token
