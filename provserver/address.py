"""How addresses and paths are written: one normal form for each, made at the edge."""

import ipaddress
import re
from collections.abc import Iterable
from functools import lru_cache

from provserver.errors import Invalid

_MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}")
_REMEMBERED = 4_096  # addresses
_MOST_PATH = 1024  # characters; the longest path known of a phone has under 200


def normal_mac(text: str) -> str:
    """
    Return a MAC address as six lower-case pairs: `001B4411-3AB7`, `0:1b:44:11:3a:b7` give `00:1b:44:11:3a:b7`.

    Groups between colons, dashes, dots or blanks may lack their leading zero (ISC dhcpd writes them so).

    Raises:
        Invalid: it is not twelve hex digits, or it is all zeros, which phones write for "none".
    """
    groups = re.split(r"[:.\- ]", text.strip().lower())
    digits = "".join(group.zfill(2) if len(groups) == 6 else group for group in groups)
    if not re.fullmatch(r"[0-9a-f]{12}", digits) or digits == "000000000000":
        raise Invalid(f"not a MAC address: {text[:60]!r}")
    return ":".join(digits[at : at + 2] for at in range(0, 12, 2))


def is_normal_mac(text: str) -> bool:
    return _MAC.fullmatch(text) is not None


def normal_ip(text: str) -> str:
    """
    Return an address in the one form that is compared: `::ffff:10.0.0.7` gives `10.0.0.7`.

    Raises:
        Invalid: it is neither an IPv4 nor an IPv6 address. A zone (`%eth0`) is dropped.
    """
    try:
        address = ipaddress.ip_address(text.strip().partition("%")[0])
    except ValueError:
        raise Invalid(f"not an IP address: {text[:60]!r}") from None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(address)


class Networks:
    """A set of networks that answers fast whether an address lies in one of them: phones ask again and again."""

    def __init__(self, networks: Iterable[str]) -> None:
        """Raises: Invalid, naming what is no network."""
        self._networks = []
        self._has = lru_cache(_REMEMBERED)(self._looked_up)
        for text in networks:
            try:
                self._networks.append(ipaddress.ip_network(text, strict=False))
            except ValueError:
                raise Invalid(f"not a network: {text!r}; write it like 10.0.0.0/8 or fd00::/8") from None

    def __contains__(self, ip: object) -> bool:
        return self._has(str(ip))

    def _looked_up(self, ip: str) -> bool:
        try:
            address = ipaddress.ip_address(ip)
        except ValueError:
            return False
        return any(address in network for network in self._networks)

    def __repr__(self) -> str:
        return f"Networks({', '.join(map(str, self._networks))})"


def url_host(ip: str) -> str:
    """Return an address as it stands in a URL: `fd00::1` gives `[fd00::1]`."""
    return f"[{ip}]" if ":" in ip else ip


def normal_path(text: str) -> str:
    """
    Return a path as plugins see it: no leading or doubled `/`, no `.`, and `..` resolved without ever leaving
    the root (some phones send `/../SEP….cnf.xml` literally).

    Raises:
        Invalid: it holds a NUL, or is longer than 1,024 characters.
    """
    if "\0" in text:
        raise Invalid("a path with a NUL")
    if len(text) > _MOST_PATH:
        raise Invalid(f"a path of {len(text)} characters, the most is {_MOST_PATH}")
    parts: list[str] = []
    for part in text.split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)
