"""The site of phones in memory: a provisioner that answers as told, phones that send bytes and read replies."""

import email.message
import email.parser
from collections.abc import Callable
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any, TypeVar

from attrs import frozen
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.defer import Deferred, fail, maybeDeferred, succeed
from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.internet.interfaces import ITCPTransport
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import directlyProvides

from provserver.address import Networks
from provserver.http.channel import PhoneChannel
from provserver.http.phones import phone_site
from provserver.http.proxies import Proxies
from provserver.interfaces import IUploads
from provserver.model import Answer, File, Sighting
from provserver.settings import Limits
from tests.fakes.provisioner import AnswersOnly

T = TypeVar("T")

AT = 1_800_000_000.0
GET = b"GET /a.cfg HTTP/1.1\r\nHost: provd\r\n\r\n"
BODY = b"account.1.label = Anna\n" * 10
TEXT = File("a.cfg", "text/plain; charset=utf-8", "e7a9", len(BODY), AT - 3600, body=BODY)
NOTHING = Answer("nothing", ())
_BUFFER = 65536  # what a transport of Twisted holds before it says stop


def served(file: File = TEXT) -> Answer:
    return Answer("file", (), file=file)


class ScriptedProvisioner(AnswersOnly):
    """Gives `answer_with`, or calls it where it is a function, and keeps what it was asked."""

    def __init__(self) -> None:
        self.answer_with: Answer | Deferred[Answer] | Exception | Callable[[Sighting], Answer] = served()
        self.then: list[Answer] = []  # for the requests after the next
        self.asked: list[Sighting] = []

    def answer(self, sighting: Sighting) -> Deferred[Answer]:
        self.asked.append(sighting)
        told = self.answer_with
        if self.then:
            self.answer_with = self.then.pop(0)
        if isinstance(told, Exception):
            return fail(told)
        if isinstance(told, Deferred):
            return told
        return succeed(told if isinstance(told, Answer) else told(sighting))


class Threads:
    """Where the disk is read: at once, or held until `run` when a test wants to come in between."""

    def __init__(self) -> None:
        self.hold = False
        self.held: list[Callable[[], object]] = []

    def __call__(self, work: Callable[[], T], /) -> Deferred[T]:
        if not self.hold:
            return maybeDeferred(work)
        waiting: Deferred[T] = Deferred()
        self.held.append(lambda: maybeDeferred(work).chainDeferred(waiting))
        return waiting

    def run(self) -> None:
        held, self.held = self.held, []
        for work in held:
            work()


@frozen
class Response:
    status: int
    headers: email.message.Message
    body: bytes
    version: str


class Wire(StringTransport):
    """
    A TCP transport as the reactor's: it says stop when it holds much that the phone does not take, closes when
    that is gone, and tells its protocol on a later turn.
    """

    def __init__(self, clock: Clock, host: Any, peer: Any) -> None:
        super().__init__(host, peer, lenient=True)
        directlyProvides(self, ITCPTransport)
        self.taking = True
        self.half_closed = False
        self.aborted = False
        self._clock = clock
        self._untaken = 0
        self._paused = False
        self._due = False
        self.protocol: PhoneChannel | None = None

    def setTcpNoDelay(self, enabled: bool) -> None: ...

    def write(self, data: bytes) -> None:
        if not self.connected or self.half_closed:
            return
        super().write(data)
        self._untaken += len(data)
        if self._untaken > _BUFFER and self.producer:
            self._paused = True
            self.producer.pauseProducing()
        if self.taking and not self._due:
            self._due = True
            self._clock.callLater(0, self.take)

    def writeSequence(self, data: Any) -> None:
        for part in data:
            self.write(part)

    def take(self) -> None:
        """Let the phone take all that is waiting for it."""
        self._untaken = 0
        self._due = False
        if self._paused and self.producer:
            self._paused = False
            self.producer.resumeProducing()
        elif self.disconnecting:
            self.lost(ConnectionDone())

    def loseConnection(self) -> None:
        self.disconnecting = True
        if self.taking or not self._untaken:
            self._clock.callLater(0, self.take)

    def abortConnection(self) -> None:
        self.aborted = self.disconnecting = True
        self._clock.callLater(0, self.lost, ConnectionLost())

    def loseWriteConnection(self) -> None:
        self.half_closed = True

    def lost(self, why: Exception) -> None:
        if self.connected:
            self.connected = False
            if self.producer:
                self.producer.stopProducing()
            assert self.protocol
            self.protocol.connectionLost(Failure(why))


class Phone:
    """One connection. `settle` lets the reactor do all that is due now."""

    def __init__(self, site: "Site", host: Any, peer: Any) -> None:
        self.clock = site.clock
        self.wire = Wire(site.clock, host, peer)
        self.channel = site.factory.buildProtocol(None)
        self.wire.protocol = self.channel
        self.channel.makeConnection(self.wire)

    def settle(self) -> "Phone":
        for _ in range(20):
            self.clock.advance(0)
        return self

    def send(self, data: bytes) -> "Phone":
        if self.wire.connected and self.wire.producerState == "producing":
            self.channel.dataReceived(data)
        return self.settle()

    def hang_up(self) -> None:
        self.wire.lost(ConnectionDone())

    def finish_asking(self) -> None:
        """Close our direction, as `shutdown(SHUT_WR)` does."""
        self.channel.readConnectionLost()
        self.settle()

    @property
    def closed(self) -> bool:
        return not self.wire.connected or self.wire.half_closed

    @property
    def sent(self) -> bytes:
        return bytes(self.wire.value())

    def responses(self, *methods: str) -> list[Response]:
        """Return all replies so far; `methods` of those that are not answers to GET."""
        found: list[Response] = []
        rest = self.sent
        while rest:
            method = methods[len(found)] if len(found) < len(methods) else "GET"
            response, rest = parsed(rest, method)
            found.append(response)
        return found

    def response(self, method: str = "GET") -> Response:
        (only,) = self.responses(method)
        return only


def parsed(data: bytes, method: str = "GET") -> tuple[Response, bytes]:
    """Read one reply strictly; return it and what follows."""
    head, separator, rest = data.partition(b"\r\n\r\n")
    assert separator, data
    status_line, _, fields = head.decode("latin-1").partition("\r\n")
    version, status, reason = status_line.split(" ", 2)
    assert version in ("HTTP/1.0", "HTTP/1.1"), status_line
    assert reason, status_line
    headers = email.parser.Parser().parsestr(fields)
    assert not headers.defects, headers.defects
    bodiless = method == "HEAD" or status in ("204", "304", "100")
    assert "Transfer-Encoding" not in headers
    length = 0 if bodiless else int(headers["Content-Length"])
    assert len(rest) >= length, (length, rest)
    return Response(int(status), headers, rest[:length], version), rest[length:]


class Site:
    def __init__(self, trusted: tuple[str, ...] = (), uploads: IUploads | None = None, **limits: int) -> None:
        self.clock = Clock()
        self.clock.advance(AT)
        self.provisioner = ScriptedProvisioner()
        self.threads = Threads()
        self.factory = phone_site(
            self.provisioner,
            Proxies(Networks(trusted)),
            Limits(**limits),
            self.clock,
            self.threads,
            uploads=uploads,
        )

    def phone(self, ip: str = "10.0.0.7", at: str = "10.0.0.1", port: int = 8667) -> Phone:
        kind = IPv6Address if ":" in ip else IPv4Address
        return Phone(self, kind("TCP", at, port), kind("TCP", ip, 40000))

    def ask(self, request: bytes = GET, method: str = "GET", **phone: Any) -> Response:
        """Return the reply to one request of a new phone."""
        return self.phone(**phone).send(request).response(method)

    @property
    def sighting(self) -> Sighting:
        (only,) = self.provisioner.asked
        return only


def folder(test: SynchronousTestCase) -> Path:
    """Return a folder that is gone after the test."""
    path = Path(mkdtemp())
    test.addCleanup(rmtree, path)
    return path


def request(*lines: str, line: str = "GET /a.cfg HTTP/1.1") -> bytes:
    return "\r\n".join((line, "Host: provd", *lines, "", "")).encode("latin-1")
