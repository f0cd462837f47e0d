"""SIP PnP on the phone's side: one SUBSCRIBE to a multicast group, and what comes of it."""

from attrs import frozen

from provserver.errors import Invalid
from provserver.phone.fetching import origin, resolve
from provserver.phone.values import Phone
from provserver.sip.message import Request, Response, message_bytes, read_message, response
from provserver.sip.uri import quoted, read_value

_PAUSES_S = (0.5, 1.0, 2.0, 1.5)  # after each SUBSCRIBE; phones look for some 5 s, then boot on
SEARCH_S = sum(_PAUSES_S)
_MOST_BYTES = 4_096  # the 200 to a NOTIFY copies much of it
_URL_TYPE = "application/url"

Address = tuple[str, int]


@frozen
class Heard:
    """What a packet was, in words, and what it is answered."""

    text: str
    answer: bytes | None = None


class Search:
    """
    A phone that looks for its server. It takes the first URL that it is told (`url`, a folder), and says 200 to
    every NOTIFY of its own. `subscribe` is sent first and after each of `pauses_s`, until there is a URL.
    """

    pauses_s = _PAUSES_S

    def __init__(self, phone: Phone, vendor: str, group: Address, token: str, own: Address) -> None:
        self.url: str | None = None
        self._vendor = vendor
        self._call_id = f"{token}@{own[0]}"
        self._tag = token
        self.subscribe = message_bytes(self._subscribe(phone, own, group))

    def heard(self, data: bytes) -> Heard | None:
        """Return None for what is not of this search."""
        if len(data) > _MOST_BYTES:
            return None
        try:
            message = read_message(data)
        except Invalid:
            return None
        if message.first("Call-ID") != self._call_id:
            return None
        if isinstance(message, Response):
            return Heard(f"{message.status} {message.reason}")
        if message.method != "NOTIFY":
            return None
        return Heard(f"NOTIFY {self._told(message)}", message_bytes(response(message, 200, "OK", self._tag)))

    def _told(self, notify: Request) -> str:
        if self.url is not None:
            return "once more"
        try:
            if read_value(notify.first("Content-Type"))[0].lower() != _URL_TYPE:
                return f"without {_URL_TYPE}"
            url = resolve("", notify.body.decode().strip())
        except (Invalid, UnicodeDecodeError) as problem:
            return f"of no use: {problem}"
        self.url = url if url.endswith("/") else f"{url}/"
        return shown(self.url)

    def _subscribe(self, phone: Phone, own: Address, group: Address) -> Request:
        ip, port = own
        host = group[0]
        me = f"sip:MAC%3a{phone.mac.replace(':', '').upper()}@{host}"
        words = (("vendor", self._vendor), ("model", phone.model), ("version", phone.version))
        event = "".join(f";{name}={quoted(word)}" for name, word in words)
        headers = (
            ("Via", f"SIP/2.0/UDP {ip}:{port};branch=z9hG4bK{self._tag};rport"),
            ("Max-Forwards", "1"),
            ("From", f"<{me}>;tag={self._tag}"),
            ("To", f"<{me}>"),
            ("Call-ID", self._call_id),
            ("CSeq", "1 SUBSCRIBE"),
            ("Contact", f"<sip:{ip}:{port}>"),
            ("Event", f'ua-profile;profile-type="device"{event}'),
            ("Expires", "0"),
            ("Accept", _URL_TYPE),
        )
        return Request("SUBSCRIBE", me, headers=headers)


def shown(url: str) -> str:
    """Return what may be shown of a URL that a server told: its path may hold a key."""
    return origin(url) if url == f"{origin(url)}/" else f"{origin(url)}/…/"
