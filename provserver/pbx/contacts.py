"""
Where one binding of a phone is: a contact.

It is the URI as the phone registered it, with its own parameters. Where the phone's packets come from another address
(it is behind a NAPT, and the PBX did not rewrite its contact) that is added as Kamailio writes it, in a parameter
`;alias=198.51.100.7~41234~1`: address, port, and 1 for UDP, 2 for TCP, 3 for TLS.
"""

import re
from ipaddress import ip_address
from typing import Literal

from attrs import evolve, frozen

from provserver.address import url_host
from provserver.errors import Invalid
from provserver.sip.uri import Uri, read_name_addr, read_uri

Transport = Literal["udp", "tcp", "tls"]
TRANSPORTS: tuple[Transport, ...] = (
    "udp",
    "tcp",
    "tls",
)  # in the order of Kamailio's numbers, which begin with 1
SIP_PORT, SIPS_PORT = 5060, 5061
_LABEL = "[0-9A-Za-z](?:[0-9A-Za-z-]{0,61}[0-9A-Za-z])?"
_NAME = re.compile(rf"(?=.{{1,253}}$)(?:{_LABEL}\.)*{_LABEL}\.?")  # RFC 1123 section 2.1
_OF_OTHERS = ("alias", "x-ast-orig-host")  # parameters that a proxy added, which the phone never saw


@frozen
class Contact:
    uri: Uri  # as the phone knows itself
    host: str  # where its packets come from; IPv6 without brackets
    port: int
    transport: Transport


def read_contact(text: str) -> Contact:
    """Read a URI, or a whole Contact header. Raises: Invalid."""
    if re.search(r"[\x00-\x1f\x7f]", text):
        raise Invalid(f"a contact with a control character: {text[:60]!r}")
    uri = read_uri(text) if text.lower().startswith(("sip:", "sips:")) else read_name_addr(text).uri
    own = evolve(uri, params={name: value for name, value in uri.params.items() if name not in _OF_OTHERS})
    if alias := uri.params.get("alias"):
        return _aliased(own, alias)
    if not is_host(own.host.strip("[]")):
        raise Invalid(f"a contact at {own.host[:60]!r}, expected an address or a host name")
    transport = _transport(own)
    port = own.port or (SIPS_PORT if transport == "tls" else SIP_PORT)
    return Contact(own, own.host.strip("[]"), port, transport)


def is_host(text: str) -> bool:
    """Say whether it is an address without brackets, or a name. Nothing else may be looked up: for a label of over 63
    letters Twisted's resolver never answers."""
    try:
        ip_address(text)
    except ValueError:
        return _NAME.fullmatch(text) is not None
    return True


def contact_at(contact: str, ip: str, port: int) -> str:
    """
    Return a contact whose packets come from this address.

    Raises:
        Invalid: the contact or the address is none.
    """
    read = read_contact(contact)
    return str(_uri_at(read.uri, Contact(read.uri, _host(ip), _port(str(port)), read.transport)))


def rewritten(contact: Contact) -> Uri:
    """Return the URI with the address that packets must go to, as a PBX that rewrites contacts has it."""
    return evolve(contact.uri, host=url_host(contact.host), port=contact.port)


def aliased(contact: Contact) -> Uri:
    """Return the URI as a proxy that knows `alias` wants it."""
    return _uri_at(contact.uri, contact)


def _uri_at(uri: Uri, at: Contact) -> Uri:
    """Add an alias, where the URI does not lead there by itself."""
    if read_contact(str(uri)) == at:
        return uri
    number = TRANSPORTS.index(at.transport) + 1
    return evolve(uri, params={**uri.params, "alias": f"{at.host}~{at.port}~{number}"})


def _aliased(uri: Uri, alias: str) -> Contact:
    host, _, rest = alias.partition("~")
    port, _, number = rest.partition("~")
    if number not in ("1", "2", "3"):
        raise Invalid(f"alias {alias[:60]!r}, expected like 198.51.100.7~41234~1")
    return Contact(uri, _host(host), _port(port), TRANSPORTS[int(number) - 1])


def _transport(uri: Uri) -> Transport:
    if uri.scheme == "sips":
        return "tls"
    said = uri.params.get("transport", "udp").lower()
    for transport in TRANSPORTS:
        if transport == said:
            return transport
    raise Invalid(f"transport {said[:20]!r}, expected {', '.join(TRANSPORTS)}")


def _host(text: str) -> str:
    try:
        return str(ip_address(text.strip("[]")))
    except ValueError:
        raise Invalid(f"not an address: {text[:60]!r}") from None


def _port(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:6]) <= 65_535):
        raise Invalid(f"not a port: {text[:20]!r}")
    return int(text)
