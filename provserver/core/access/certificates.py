"""Which MAC addresses a client certificate names. Manufacturers write them in many ways."""

import re
from collections.abc import Iterable

from provserver.address import normal_mac

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
# `001565AABBCC`, `00:15:65:aa:bb:cc`, `CP-8841-SEP001122334455`, `0011.2233.4455`; never part of a longer number
_MAC = re.compile(
    r"(?<![0-9a-f])(?<![^a-z][0-9a-f]{2}:)"
    r"(?:[0-9a-f]{2}([:. -]?)(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}|[0-9a-f]{4}([.-])[0-9a-f]{4}\2[0-9a-f]{4})"
    r"(?![0-9a-f]|:[0-9a-f]{2})",
    re.IGNORECASE,
)
_NONE = "0" * 12


def macs_in(names: Iterable[str]) -> frozenset[str]:
    """Return the MAC addresses, in normal form, in the subject and the alternative names of a certificate."""
    found = (match[0] for name in names for match in _MAC.finditer(_UUID.sub(" ", name)))
    digits = (re.sub("[^0-9a-fA-F]", "", text) for text in found)
    return frozenset(normal_mac(text) for text in digits if text != _NONE)
