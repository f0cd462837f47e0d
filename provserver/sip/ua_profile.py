"""
SIP PnP as messages: a phone subscribes by multicast to its own profile, and is notified of a URL.

RFC 6080 is stricter than phones are. They expect 200 and NOTIFY from the address that heard them, at the address
that they sent from, whatever Via and Contact say; their MAC stands in the user part of From.
"""

import re

from attrs import frozen

from provserver.address import normal_mac
from provserver.errors import Invalid
from provserver.model import Sighting
from provserver.sip.message import Request, Response, has_tag, listed, read_message, response
from provserver.sip.uri import read_name_addr, read_value, written_uri

GROUP = "224.0.1.75"  # sip.mcast.net
PORT = 5060
URL_TYPE = "application/url"

Address = tuple[str, int]

_PROFILES = ("device", "application", "")  # AudioCodes says `application`
_MAC = re.compile(r"(?:mac[:=])?([0-9a-f]{12}|[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5})", re.IGNORECASE)
_MOST_BYTES = 4_096  # of a datagram; phones send some 700
_MOST_WORDS = 200  # characters of vendor, model and version together


@frozen
class Subscribe:
    """A phone that asks for its server. `user_agent` is `<vendor> <model> <version>` of its Event header, which
    identify reads as it reads any User-Agent; what has no vendor there has the text of the header User-Agent."""

    request: Request
    source: Address
    contact: str  # a URI, as it was written
    mac: str  # "" where the phone does not say
    user_agent: str

    @property
    def id(self) -> tuple[Address, str, str]:
        """Return what repetitions of it have in common."""
        return self.source, self.request.first("Call-ID"), self.request.first("CSeq")


def read_subscribe(request: Request, source: Address) -> Subscribe | None:
    """Return what a request asks for, None where it is for somebody else. Raises: Invalid."""
    event, params = read_value(request.first("Event"))
    if request.method != "SUBSCRIBE" or event.lower() != "ua-profile":
        return None
    if params.get("profile-type", "").lower() not in _PROFILES:
        return None
    if has_tag(request.first("To")):
        return None  # it goes on with a subscription, and ours end at once
    contact = next(iter(listed(request.all("Contact"))), "")
    words = [params.get(name, "") for name in ("vendor", "model", "version")]
    said = " ".join(word for word in words if word) if words[0] else request.first("User-Agent")
    if len(said) > _MOST_WORDS:
        raise Invalid(f"a name of {len(said)} characters, the most is {_MOST_WORDS}")
    return Subscribe(request, source, written_uri(contact), _mac(request), said)


def sighting(subscribe: Subscribe, at: float, address: str) -> Sighting:
    """`address` is ours, on the interface that heard it."""
    ip, _ = subscribe.source
    return Sighting("sip", at, ip, f"sip://{address}", mac=subscribe.mac, user_agent=subscribe.user_agent)


def ok(subscribe: Subscribe, address: Address, tag: str) -> Response:
    ip, port = address
    headers = (("Contact", f"<sip:{ip}:{port}>"), ("Expires", "0"))
    return response(subscribe.request, 200, "OK", tag, headers, subscribe.source)


def notify(subscribe: Subscribe, url: bytes, address: Address, tag: str, branch: str) -> Request:
    """Return what tells a phone its URL; `tag` is that of the 200."""
    ip, port = address
    asked = subscribe.request
    return Request(
        "NOTIFY",
        subscribe.contact,
        headers=(
            ("Via", f"SIP/2.0/UDP {ip}:{port};branch={branch};rport"),
            ("Max-Forwards", "1"),  # it goes no further than the phone's own network
            ("From", f"{asked.first('To')};tag={tag}"),
            ("To", asked.first("From")),
            ("Call-ID", asked.first("Call-ID")),
            ("CSeq", "1 NOTIFY"),
            ("Contact", f"<sip:{ip}:{port}>"),
            ("Event", asked.first("Event")),
            ("Subscription-State", "terminated;reason=timeout"),
            ("Content-Type", URL_TYPE),
        ),
        body=url,
    )


def read_packet(data: bytes) -> Request | Response | None:
    """Return a message, None where a phone only keeps its NAT open. Raises: Invalid."""
    if len(data) > _MOST_BYTES:  # the answer copies much of it
        raise Invalid(f"a message of {len(data)} bytes, the most is {_MOST_BYTES}")
    return read_message(data) if data.strip(b"\r\n\0") else None


def _mac(request: Request) -> str:
    """Return the MAC of the user part: `MAC%3a000413922D24`, `MAC=00:a8:59:00:00:01`; AudioCodes has none."""
    for text in (request.first("From"), f"<{request.uri}>"):
        try:
            found = _MAC.fullmatch(read_name_addr(text).uri.user)
            if found:
                return normal_mac(found[1])
        except Invalid:
            continue
    return ""
