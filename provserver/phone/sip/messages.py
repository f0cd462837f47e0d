"""The requests that a phone makes, and what it reads out of the answers. Pure: values in, messages out."""

from collections.abc import Sequence

from attrs import evolve, field, frozen

from provserver.errors import Invalid
from provserver.sip import digest
from provserver.sip.message import Headers, Request, Response, listed
from provserver.sip.uri import Uri, quoted, read_name_addr, read_uri, written_uri

BRANCH = "z9hG4bK"  # how every branch begins (RFC 3261 section 8.1.1.7)
_AUTH = {401: ("WWW-Authenticate", "Authorization"), 407: ("Proxy-Authenticate", "Proxy-Authorization")}


@frozen
class Login:
    user: str
    password: str = field(repr=False)


@frozen
class Party:
    """Who speaks, and at which registrar: what stands in From."""

    user: str
    registrar: str  # `192.0.2.20:5060`
    display_name: str = ""

    def __str__(self) -> str:
        name = f"{quoted(self.display_name)} " if self.display_name else ""
        return f"{name}<{self.uri}>"

    @property
    def uri(self) -> Uri:
        return sip_uri(self.user, self.registrar)


@frozen
class Dialog:
    """A call that stands, as the one who began it sees it (RFC 3261 section 12.1.2)."""

    target: str  # where to send: the other side's contact
    route: tuple[str, ...]
    headers: Headers  # From, To, Call-ID

    def request(self, method: str, cseq: int) -> Request:
        routes = tuple(("Route", route) for route in self.route)
        more = (("CSeq", f"{cseq} {method}"), ("Max-Forwards", "70"))
        return Request(method, self.target, headers=(*routes, *self.headers, *more))


def sip_uri(user: str, server: str) -> Uri:
    """`sip:ap0017@192.0.2.20`; the usual port is left out. Raises: Invalid."""
    uri = read_uri(f"sip:{server}")
    return evolve(uri, user=user, port=None if uri.port == 5060 else uri.port)


def request(
    method: str,
    uri: str,
    from_: str,
    to: str,
    call_id: str,
    cseq: int,
    *more: tuple[str, str],
    body: bytes = b"",
) -> Request:
    """Return a request without Via, which is the socket's. `from_` has its tag."""
    headers = (
        ("Max-Forwards", "70"),
        ("From", from_),
        ("To", to),
        ("Call-ID", call_id),
        ("CSeq", f"{cseq} {method}"),
        *more,
    )
    return Request(method, uri, headers=headers, body=body)


def with_via(asked: Request, local: str, branch: str) -> Request:
    via = ("Via", f"SIP/2.0/UDP {local};branch={branch};rport")
    return evolve(asked, headers=(via, *asked.headers))


def with_password(asked: Request, response: Response, login: Login, cnonce: str) -> Request | None:
    """Return the request to be sent again where a password was asked for; None where it was not, or not so that it
    can be given. `asked` is without Via; the number of its CSeq grows by one."""
    if response.status not in _AUTH:
        return None
    theirs, ours = _AUTH[response.status]
    try:
        challenge = digest.strongest(response.all(theirs))
    except Invalid:
        return None
    number, method = asked.cseq
    said = digest.answer(challenge, login.user, login.password, method, asked.uri, cnonce)
    headers = tuple(
        (name, f"{number + 1} {method}" if name == "CSeq" else value) for name, value in asked.headers
    )
    return evolve(asked, headers=(*headers, (ours, str(said))))


def acknowledged(invite: Request, response: Response) -> Request:
    """Return the ACK of an answer that is no 2xx (RFC 3261 section 17.1.1.3)."""
    number, _ = invite.cseq
    headers = (
        ("Via", invite.first("Via")),
        ("Max-Forwards", "70"),
        ("From", invite.first("From")),
        ("To", response.first("To")),
        ("Call-ID", invite.first("Call-ID")),
        ("CSeq", f"{number} ACK"),
    )
    return Request("ACK", invite.uri, headers=headers)


def dialog(response: Response) -> Dialog:
    """Return the call that a 2xx to an INVITE began. Raises: Invalid: it has no contact."""
    target = written_uri(response.first("Contact"))
    route = tuple(reversed(listed(response.all("Record-Route"))))
    kept = tuple((name, response.first(name)) for name in ("From", "To", "Call-ID"))
    return Dialog(target, route, kept)


def offer(ip: str, port: int) -> bytes:
    """Return the least of an SDP that a PBX takes (RFC 4566): G.711 at an address."""
    family = "IP6" if ":" in ip else "IP4"
    lines = (
        "v=0",
        f"o=- 0 0 IN {family} {ip}",
        "s=-",
        f"c=IN {family} {ip}",
        "t=0 0",
        f"m=audio {port} RTP/AVP 8 0",
        "a=rtpmap:8 PCMA/8000",
        "a=rtpmap:0 PCMU/8000",
    )
    return "".join(f"{line}\r\n" for line in lines).encode()


def bindings(response: Response) -> Sequence[tuple[Uri, int | None]]:
    """Return the contacts that a registrar lists, each with its seconds. What cannot be read is passed over."""
    found = []
    for text in listed(response.all("Contact")):
        try:
            contact = read_name_addr(text)
        except Invalid:
            continue
        found.append((contact.uri, seconds(contact.params.get("expires", ""))))
    return found


def granted_s(response: Response, contact: Uri, asked_s: int) -> int:
    """Return for how long a registrar keeps a contact. One that it has rewritten is known by being the only one."""
    listed_ones = bindings(response)
    own = [each for uri, each in listed_ones if (uri.host, uri.port) == (contact.host, contact.port)]
    given = own or [each for _, each in listed_ones if len(listed_ones) == 1]
    for each in (*given, seconds(response.first("Expires"))):
        if each is not None:
            return each
    return asked_s


def seconds(text: str) -> int | None:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
