"""
Vendors' own ways to tell a phone, as their plugins write them: an HTTP request, or lines for Telnet.

`{ip}` in the URL is the phone's address; no other host is spoken to. User and password may stand before it.
"""

import re
from base64 import b64encode
from collections.abc import Sequence
from urllib.parse import unquote, urlsplit

from attrs import field, frozen

from provserver.address import url_host
from provserver.errors import Invalid, NotResynced
from provserver.model import Call
from provserver.sip import digest
from provserver.sip.requests import Login

TELNET_PORT = 23
STEP_S = 5.0  # for the connection, and for each prompt
HOLD_S = 10.0  # after the last line: some phones drop a command whose session ends at once
_METHOD = re.compile("[A-Z]{1,10}")
_QUIET_S = 0.5  # a prompt is what is not followed by more
_MOST_BYTES = 65_536
_IAC, _DONT, _DO, _WONT, _WILL, _SB, _SE = 255, 254, 253, 252, 251, 250, 240  # RFC 854
_ANSWERS = {_DO: _WONT, _WILL: _DONT}  # we can nothing, and want nothing


@frozen
class HttpCall:
    method: str
    url: str  # without user and password
    target: str  # path and query, as digest signs it
    body: bytes = field(repr=False)
    login: Login | None = field(default=None, repr=False)


@frozen
class TelnetCall:
    host: str
    port: int
    lines: tuple[bytes, ...] = field(repr=False)


def read_call(call: Call, ip: str) -> HttpCall | TelnetCall:
    """
    Raises:
        NotResynced: the phone's address is not known.
        Invalid: it is no such URL, or goes to somebody else.
    """
    if not ip:
        raise NotResynced("resync.no-target", "no address of it is known")
    url = call.url.replace("{ip}", url_host(ip))
    try:
        parts = urlsplit(url)
        number = parts.port
    except ValueError:
        raise Invalid("the URL of a call is none") from None
    if parts.hostname != ip.lower() or re.search(r"[^!-~]", url) or not _METHOD.fullmatch(call.method):
        raise Invalid("a call must be a plain request to the phone's own address")
    if parts.scheme == "telnet":
        lines = tuple(line.rstrip(b"\r") for line in call.body.split(b"\n") if line.strip())
        return TelnetCall(ip, number or TELNET_PORT, lines)
    if parts.scheme not in ("http", "https"):
        raise Invalid(f"a call by {parts.scheme[:20]!r}, expected http, https or telnet")
    port = f":{number}" if number else ""
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    login = (unquote(parts.username), unquote(parts.password or "")) if parts.username else None
    return HttpCall(call.method, f"{parts.scheme}://{url_host(ip)}{port}{target}", target, call.body, login)


def authorization(call: HttpCall, challenges: Sequence[str], cnonce: str) -> str:
    """
    Answer a 401: by digest where that is offered, else by basic (RFC 7617).

    Raises:
        NotResynced: we have no password, or know no such way.
    """
    if call.login is None:
        raise NotResynced("resync.refused-login", "the phone asks for a password, and there is none")
    digests = [text for text in challenges if text[:7].lower() == "digest "]
    if digests:
        try:
            return str(
                digest.answer(digest.strongest(digests), *call.login, call.method, call.target, cnonce)
            )
        except Invalid:
            pass  # perhaps it takes basic as well
    if any(text[:5].lower() == "basic" for text in challenges):
        return f"Basic {b64encode(':'.join(call.login).encode()).decode()}"
    raise NotResynced("resync.refused-login", "the phone asks for a login of a kind that is not known")


# --- Telnet ----------------------------------------------------------------------------------------------------


@frozen
class Write:
    data: bytes


@frozen
class Close:
    """Close the connection; `problem` is "" when all lines were sent."""

    problem: str = ""


class Telnet:
    """One session: each line goes out when the phone has shown a prompt. Each method returns what the caller must
    do next; `wake_at` is when `woken` is due (seconds, the caller's clock)."""

    def __init__(self, lines: Sequence[bytes], now: float) -> None:
        self._lines = list(lines)
        self._shown = False  # something, since the last line
        self._command = b""  # of Telnet itself, not yet whole
        self._bytes = 0
        self.wake_at = now + STEP_S

    def fed(self, data: bytes, now: float) -> tuple[Write | Close, ...]:
        self._bytes += len(data)
        if self._bytes > _MOST_BYTES:
            return (Close(f"the phone says over {_MOST_BYTES} bytes"),)
        text, answers = self._split(data)
        if text.strip() and self._lines:
            self._shown = True
            self.wake_at = now + _QUIET_S
        return (Write(answers),) if answers else ()

    def woken(self, now: float) -> tuple[Write | Close, ...]:
        if now < self.wake_at:
            return ()
        if not self._lines:
            return (Close(),)
        if not self._shown:
            return (Close(f"no prompt within {STEP_S:.0f} s"),)
        line, self._shown = self._lines.pop(0), False
        self.wake_at = now + (STEP_S if self._lines else HOLD_S)
        return (Write(line.replace(bytes([_IAC]), bytes([_IAC, _IAC])) + b"\r\n"),)

    def closed(self) -> str:
        """The phone has closed the connection; return the problem, "" where that does not matter any more."""
        return f"the phone closed the connection before {len(self._lines)} lines" if self._lines else ""

    def _split(self, data: bytes) -> tuple[bytes, bytes]:
        """Return the text, and our answers to what Telnet itself asks."""
        data, self._command = self._command + data, b""
        text, answers, at = bytearray(), bytearray(), 0
        while at < len(data):
            if data[at] != _IAC:
                text.append(data[at])
                at += 1
                continue
            length = _length(data[at:])
            if not length:
                self._command = data[at:]
                break
            if data[at + 1] in _ANSWERS:
                answers += bytes([_IAC, _ANSWERS[data[at + 1]], data[at + 2]])
            at += length
        return bytes(text), bytes(answers)


def _length(command: bytes) -> int:
    """Return how long a Telnet command is, 0 where its end has not come yet."""
    kind = command[1] if len(command) > 1 else None
    if kind is None:
        return 0
    if kind == _SB:
        end = command.find(bytes([_IAC, _SE]))
        return end + 2 if end >= 0 else 0
    if kind in (_WILL, _WONT, _DO, _DONT):
        return 3 if len(command) >= 3 else 0
    return 2
