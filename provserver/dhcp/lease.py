"""
What a DHCP server tells of a lease, as its hooks send it over REST (`dev_mgr/dhcpinfo`) and over the lease socket:

    {"dhcp_info": {"op": "commit", "ip": "10.0.0.7", "mac": "0:15:65:4a:a9:37", "options": ["06063.69.73.63.6f"]}}

An option is its code in three decimal digits, then its bytes in hex with dots between: the one above is option 60,
"cisco". ISC dhcpd writes neither MAC addresses nor bytes with leading zeros.
"""

import re
from collections.abc import Mapping

from provserver.address import normal_ip, normal_mac
from provserver.errors import Invalid
from provserver.model import Sighting

_OPTION = re.compile(r"([0-9]{3})((?:[0-9a-fA-F]{1,2}(?:\.[0-9a-fA-F]{1,2})*)?)")
_LAST_CODE = 255
_NUMBER = re.compile(r"0[xX][0-9a-fA-F]{1,8}|0[0-7]{0,11}|[1-9][0-9]{0,9}")
_BITS = 32


def lease_of(event: object, at: float, base: str) -> Sighting | None:
    """
    Return the sighting that an event is, None for the end of a lease, of which nothing follows. `base` is the
    sighting's.

    Raises:
        Invalid: a part is missing or wrong; the field is named.
    """
    info = event.get("dhcp_info") if isinstance(event, dict) else None
    if not isinstance(info, dict):
        raise Invalid("expected an object", "dhcp_info")
    op = info.get("op")
    if op not in ("commit", "expiry", "release"):
        raise Invalid(f"invalid operation value {_shown(op)}; expected commit, expiry or release", "op")
    ip = _ip(_text(info, "ip"))
    if op != "commit":
        return None
    mac = _mac(_text(info, "mac"))
    return Sighting("dhcp", at, ip, base, mac=mac, options=_options(info.get("options")))


def _text(info: Mapping[str, object], name: str) -> str:
    value = info.get(name)
    if not isinstance(value, str):
        raise Invalid(f"expected text, got {_shown(value)}", name)
    return value


def _ip(text: str) -> str:
    """Return an address in its normal form; it may be written as `inet_aton` takes it: `10.9` is 10.0.0.9."""
    try:
        return normal_ip(_dotted(text) or text)
    except Invalid as problem:
        raise Invalid(problem.text, "ip") from None


def _dotted(text: str) -> str | None:
    """Return what `inet_aton` (POSIX) reads as four decimal numbers: the last number fills all that is left, and
    each may be decimal, octal (`010`) or hex (`0xa`)."""
    parts = text.split(".")
    if len(parts) > 4 or not all(_NUMBER.fullmatch(part) for part in parts):
        return None
    *first, last = (_number(part) for part in parts)
    left = _BITS - 8 * len(first)
    if last >> left or any(number > 255 for number in first):
        return None
    address = sum(number << _BITS - 8 * (place + 1) for place, number in enumerate(first)) + last
    return ".".join(str(byte) for byte in address.to_bytes(4, "big"))


def _number(text: str) -> int:
    if text[:2] in ("0x", "0X"):
        return int(text, 16)
    return int(text, 8) if text.startswith("0") else int(text)


def _mac(text: str) -> str:
    try:
        return normal_mac(text)
    except Invalid as problem:
        raise Invalid(problem.text, "mac") from None


def _options(given: object) -> dict[int, bytes]:
    if not isinstance(given, list):
        raise Invalid(f"expected a list like ['06063.69.73.63.6f'], got {_shown(given)}", "options")
    options: dict[int, bytes] = {}
    for at, text in enumerate(given):
        match = _OPTION.fullmatch(text) if isinstance(text, str) else None
        if match is None or int(match[1]) > _LAST_CODE:
            wanted = "a code in three digits, then bytes in hex with dots between"
            raise Invalid(f"expected {wanted}, got {_shown(text)}", f"options.{at}")
        digits = match[2].split(".") if match[2] else []
        options[int(match[1])] = bytes(int(pair, 16) for pair in digits)
    return options


def _shown(value: object) -> str:
    return "nothing" if value is None else repr(value)[:60]
