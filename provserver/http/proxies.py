"""
Who and where the phone is, where proxies stand between it and us.

X-Forwarded-For and Forwarded (RFC 7239) say its address, X-Forwarded-Proto and X-Forwarded-Port where it asked,
X-SSL-Client-Verify and X-SSL-Client-S-DN its certificate. Only a trusted proxy is listened to.
"""

import re
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from attrs import frozen

from provserver.address import Networks, normal_ip, url_host
from provserver.errors import Invalid
from provserver.http.subject import names_in

_NODE = re.compile(r"\[([^\]]*)\](?::\d+)?|([^:]*)(?::\d+)?")  # `[2001:db8::1]:4711`, `192.0.2.7:4711`
_PORT = re.compile(r"[1-9]\d{0,4}", re.ASCII)
_LAST_PORT = 65535
_PAIR = re.compile(r'[ \t]*(?:([^\s=;,"]+)=("(?:[^"\\]|\\.)*"|[^\s=;,"]*))?[ \t]*([;,]|\Z)')


@frozen
class Proxies:
    """`certificates`: they write X-SSL-Client-Verify and X-SSL-Client-S-DN over whatever a phone sends in them."""

    trusted: Networks
    certificates: bool = False


@frozen
class Origin:
    """`unknown_proxy`: somebody forwarded the request whose word counts nothing; `ip` is then the peer's."""

    ip: str
    unknown_proxy: bool = False
    vouched: bool = False  # a trusted proxy says who it is, so its other headers count as well


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
    return Origin(peer, unknown_proxy=True) if phone is None or phones else Origin(phone, vouched=True)


def asked_base(base: str, headers: Mapping[str, str]) -> str:
    """
    Return where a phone asked, by the word of a trusted proxy: `base` is our end of the proxy's connection.

    Only from plain to TLS: what came by https must not be sent elsewhere, and nobody can lead a phone the other way.
    """
    if headers.get("x-forwarded-proto", "").strip().lower() != "https":
        return base
    host = url_host(urlsplit(base).hostname or "")
    port = headers.get("x-forwarded-port", "").strip()
    is_other = _PORT.fullmatch(port) and int(port) <= _LAST_PORT and port != "443"
    return f"https://{host}:{port}" if is_other else f"https://{host}"


def forwarded_certificate(headers: Mapping[str, str]) -> tuple[str, ...]:
    """Return the names in the certificate that a trusted proxy has verified, as nginx says it."""
    if headers.get("x-ssl-client-verify", "").strip() != "SUCCESS":
        return ()
    return names_in(headers.get("x-ssl-client-s-dn", "").strip())


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
