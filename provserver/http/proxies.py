"""Which address is the phone's, where proxies stand between it and us: X-Forwarded-For and Forwarded (RFC 7239)."""

import re
from collections.abc import Iterable, Mapping

from attrs import frozen

from provserver.address import Networks, normal_ip
from provserver.errors import Invalid

_NODE = re.compile(r"\[([^\]]*)\](?::\d+)?|([^:]*)(?::\d+)?")  # `[2001:db8::1]:4711`, `192.0.2.7:4711`
_PAIR = re.compile(r'[ \t]*(?:([^\s=;,"]+)=("(?:[^"\\]|\\.)*"|[^\s=;,"]*))?[ \t]*([;,]|\Z)')


@frozen
class Origin:
    """`unknown_proxy`: somebody forwarded the request whose word counts nothing; `ip` is then the peer's."""

    ip: str
    unknown_proxy: bool = False


def origin(peer: str, trusted: Networks, headers: Mapping[str, str]) -> Origin:
    """
    Return whom a request comes from. `headers` by lower-case name, several lines joined with commas.

    Each proxy appends the address that it saw, so the list is read from the right for as long as the addresses
    are trusted proxies; the first other one is the phone's. If all are trusted it is the leftmost. Where an
    address on the way cannot be read, or the two headers name different phones (a proxy that writes one of
    them passes the other on as the phone sent it), nothing is believed.
    """
    hops = []
    if "x-forwarded-for" in headers:
        hops.append(headers["x-forwarded-for"].split(","))
    if "forwarded" in headers:
        hops.append(_forwarded(headers["forwarded"]))
    if not hops:
        return Origin(peer)
    if peer not in trusted:
        return Origin(peer, unknown_proxy=True)
    phones = {_phone(reversed(addresses), trusted) for addresses in hops}
    phone = phones.pop()
    return Origin(peer, unknown_proxy=True) if phone is None or phones else Origin(phone)


def _phone(hops: Iterable[str], trusted: Networks) -> str | None:
    """Return the first address, nearest proxy first, that is no trusted proxy's; None if one is unreadable."""
    ip = None
    for hop in hops:
        ip = _address(hop.strip())
        if ip is None or ip not in trusted:
            break
    return ip


def _address(node: str) -> str | None:
    match = _NODE.fullmatch(node)
    try:
        return normal_ip((match[1] or match[2] or "") if match else node)
    except Invalid:
        return None


def _forwarded(text: str) -> list[str]:
    """Return the `for` of each element; the empty text where there is none, or for what cannot be read."""
    nodes: list[str] = []
    pairs: list[tuple[str, str]] = []
    at, end = 0, ","
    while end:
        match = _PAIR.match(text, at)
        if match is None:
            return [""]
        name, value, end = match.groups()
        if name:
            pairs.append((name.lower(), value))
        if end != ";" and pairs:
            found = [value.strip('"') for name, value in pairs if name == "for"]
            nodes.append(found[0] if len(found) == 1 else "")
            pairs = []
        at = match.end()
    return nodes
