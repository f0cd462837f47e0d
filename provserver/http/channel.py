"""The connection of a phone: Twisted's HTTP/1.1 framing, with our limits and our words where it refuses."""
# What Twisted's HTTP lets us override has no types:
# mypy: disable-error-code="no-untyped-call"

from collections.abc import Callable
from functools import cached_property, lru_cache
from http import HTTPStatus
from typing import Any

from attrs import frozen
from OpenSSL import SSL
from twisted.internet.interfaces import IHalfCloseableProtocol, IReactorTime, ITCPTransport
from twisted.web.http import HTTPChannel, Request
from twisted.web.http_headers import Headers
from zope.interface import implementer

from provserver.address import normal_ip, url_host
from provserver.http.connections import Connections, Turn
from provserver.http.messages import Reply, busy, http_date, refusal
from provserver.http.refusals import Refusals
from provserver.settings import Limits

_BUSY_S = 30
_MOST_UNHEARD = 1024 * 1024  # bytes after a refusal: to take more would be work without end
_UPLOADING = (b"PUT", b"POST")

_MALFORMED = refusal(400, "not a well-formed HTTP/1.1 request (RFC 9112)")
_TOO_SLOW = refusal(408, "the request did not arrive in time")
BODY_TOO_LONG = refusal(413, "the body is too long")
_LINE_TOO_LONG = refusal(414, "the request line is too long")
_HEAD_TOO_LONG = refusal(431, "the header fields are too long or too many")
_NO_ROOM = busy(_BUSY_S, refused="there are too many connections")


@frozen
class Shared:
    """What all connections have in common."""

    limits: Limits
    clock: IReactorTime
    connections: Connections
    refusals: Refusals
    certificate_of: Callable[[Any], tuple[str, ...]]  # names that a TLS connection's other end has proved
    new_request: Callable[["PhoneChannel"], Request]
    takes_uploads: bool = False


@implementer(IHalfCloseableProtocol)
class PhoneChannel(HTTPChannel):
    """
    It reads one request after the other: the next one is not looked at before the phone has taken most of the
    last answer, however many it sent, so that what one connection can make us hold is one answer.

    After a refusal it listens until the phone is silent (RFC 9112 section 9.6), or has said far too much: a socket
    closed over unread bytes is reset, and the phone's side may then throw away the answer that says why.
    """

    timeOut = None  # one sweep for all connections instead of a timer each: see `Connections`
    transport: Any
    requestFactory: Any

    def __init__(self, shared: Shared) -> None:
        super().__init__()
        self.shared = shared
        self.requestFactory = lambda channel, _: shared.new_request(channel)
        self.totalHeadersSize = self.MAX_LENGTH = shared.limits.http_header_bytes
        self._answering = False
        self._full = False  # the transport holds more than the phone takes
        self._done: Request | None = None  # answered, but not yet taken by the phone
        self._leaving = False
        self._unheard = 0  # bytes that came after we had said our last
        self._continue_is_due = False  # the phone waits for it before it sends its body

    # --- coming and going ----------------------------------------------------------------------------------

    def connectionMade(self) -> None:
        super().connectionMade()
        host = self.transport.getHost()
        self.peer = normal_ip(self.transport.getPeer().host)
        self.base = _base("https" if self.isSecure() else "http", host.host, host.port)
        if not self.shared.connections.admit(self):
            self._say(_NO_ROOM)
            self.loseConnection()

    def connectionLost(self, reason: Any = None) -> None:
        self._leaving = True
        super().connectionLost(reason)
        self.shared.connections.lost(self)
        if reason and isinstance(
            reason.value, SSL.Error
        ):  # a phone that speaks no TLS of ours, or does not trust us
            why = ", ".join(str(part[-1]) for part in reason.value.args[0])
            self.shared.refusals.tell(self.peer, f"no TLS: {why}")

    @cached_property
    def certificate(self) -> tuple[str, ...]:
        """Known once the first request is there: then the handshake is over."""
        return self.shared.certificate_of(self.transport) if self.isSecure() else ()

    def readConnectionLost(self) -> None:
        """The phone has no more to ask, but may still be reading its answer."""
        self.leave()

    def writeConnectionLost(self) -> None:
        """We have no more to say."""

    def leave(self) -> None:
        self.persistent = False
        if self._leaving:
            self.transport.loseConnection()
        elif not self._answering:
            self.loseConnection()

    def expire(self) -> None:
        if self._leaving or self._full:
            self.abort()
        elif self.requests or self._buffer:
            self.refuse(_TOO_SLOW)
        else:
            self.loseConnection()

    def abort(self) -> None:
        self._leaving = True
        self.transport.abortConnection()

    def loseConnection(self) -> None:
        if not self._leaving:
            self._leaving = True
            super().loseConnection()
            self.shared.connections.turn(self, Turn.QUIET)

    # --- what is refused -----------------------------------------------------------------------------------

    def refuse(self, reply: Reply) -> None:
        """Say why, read no more, and go; for requests that have not come in whole."""
        if self._leaving:
            return
        self._say(reply)
        self.clearLineBuffer()
        can_half_close = ITCPTransport.providedBy(self.transport) and not self.isSecure()
        if not can_half_close:
            self.loseConnection()
            return
        self._leaving = True
        self.transport.unregisterProducer()
        self.transport.loseWriteConnection()
        self.shared.connections.turn(self, Turn.QUIET)

    def _say(self, reply: Reply) -> None:
        self.persistent = False
        if reply.refused:
            self.shared.refusals.tell(self.peer, reply.refused, reply.status)
        phrase = HTTPStatus(reply.status).phrase.encode()
        self.writeHeaders(b"HTTP/1.1", b"%d" % reply.status, phrase, self.header_fields(reply))
        self.write(reply.body)

    def header_fields(self, reply: Reply) -> Headers:
        """Return all fields of a reply; the last one of a connection says that it is."""
        headers = Headers()
        for name, value in reply.headers:
            headers.addRawHeader(name, value)
        headers.setRawHeaders(b"Server", [b"provd"])
        headers.setRawHeaders(b"Date", [http_date(int(self.shared.clock.seconds()))])
        if not self.persistent:
            headers.setRawHeaders(b"Connection", [b"close"])
        return headers

    def dataReceived(self, data: bytes) -> None:
        if not self._leaving:
            super().dataReceived(data)
            return
        self._unheard += len(data)
        if self._unheard > _MOST_UNHEARD:
            self.hold()  # until it is closed

    def lineLengthExceeded(self, line: bytes) -> None:  # noqa: ARG002 - Twisted's signature
        self.refuse(_HEAD_TOO_LONG if self.requests else _LINE_TOO_LONG)

    def headerReceived(self, line: bytes) -> bool:
        try:
            return bool(super().headerReceived(line))
        except ValueError:  # a Content-Length of more digits than Python reads
            self.refuse(BODY_TOO_LONG)
            return False

    def allHeadersReceived(self) -> None:
        uploading = self.shared.takes_uploads and self._command in _UPLOADING
        limits = self.shared.limits
        most = max(limits.upload_bytes, limits.phone_body_bytes) if uploading else limits.phone_body_bytes
        if self.length is not None and self.length > most:
            self.refuse(BODY_TOO_LONG)  # before Twisted says 100 Continue
            return
        super().allHeadersReceived()
        if uploading:
            self.shared.connections.turn(self, Turn.OURS)
            self.requests[-1].body_follows(self._command, self._path, self.length)

    def _send100Continue(self) -> None:
        """Whether it is said for what may be an upload is told by the answer."""
        if self.shared.takes_uploads and self._command in _UPLOADING:
            self._continue_is_due = True
        else:
            super()._send100Continue()

    def take_body(self, upload: bool) -> None:
        """Let the phone send what it has announced. An upload has four times as long as a request."""
        if self._continue_is_due and not self._leaving:
            super()._send100Continue()
        self._continue_is_due = False
        if not self._answering:
            self.shared.connections.turn(self, Turn.SENDING if upload else Turn.QUIET)

    def hold(self) -> None:
        """Read no more, until `release`."""
        self._networkProducer.pauseProducing()

    def release(self) -> None:
        if not self._full and not self._leaving:
            self._networkProducer.resumeProducing()

    def _respondToBadRequestAndDisconnect(self) -> None:
        """All that Twisted refuses comes here; it does not say why."""
        if self._receivedHeaderSize > self.totalHeadersSize:
            self.lineLengthExceeded(b"")
        elif self._receivedHeaderCount > self.maxHeaders:
            self.refuse(_HEAD_TOO_LONG)
        else:
            self.refuse(_MALFORMED)

    # --- whose turn it is ----------------------------------------------------------------------------------

    def allContentReceived(self) -> None:
        if not self._leaving:
            self._answering = True
            self.shared.connections.turn(self, Turn.OURS)
            super().allContentReceived()

    def requestDone(self, request: Request) -> None:
        if self._full:
            self._done = request
            return
        self._done = None
        self._answering = False
        self.shared.connections.turn(self, Turn.QUIET)
        super().requestDone(request)

    def pauseProducing(self) -> None:
        self._full = True
        self.shared.connections.turn(self, Turn.SENDING)
        super().pauseProducing()
        self._networkProducer.pauseProducing()  # Twisted would read on, without bound, until it has answered

    def resumeProducing(self) -> None:
        self._full = False
        self.shared.connections.turn(self, Turn.OURS if self._answering else Turn.QUIET)
        super().resumeProducing()
        if self._done:
            self.requestDone(self._done)


@lru_cache(64)
def _base(scheme: str, host: str, port: int) -> str:
    return f"{scheme}://{url_host(normal_ip(host))}:{port}"
