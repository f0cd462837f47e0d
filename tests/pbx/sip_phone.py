"""The other end of a NOTIFY on loopback: a phone or a proxy that answers as it is told, over UDP, TCP or TLS."""

import re
from collections.abc import Sequence
from typing import Any

from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.protocol import DatagramProtocol, Factory, Protocol, connectionDone
from twisted.python.failure import Failure
from twisted.trial.unittest import TestCase

from tests.sip.sip_messages import answer_to

REACTOR: Any = reactor
CHALLENGE = 'Digest realm="pbx", nonce="n1", algorithm=MD5, qop="auth"'


class Phone(DatagramProtocol):
    """Gives the answers in their order, the last one again and again; status 0 is silence. `heard` are whole
    messages."""

    def __init__(self, *answers: int) -> None:
        self._answers: Sequence[int] = answers
        self.heard: list[bytes] = []
        self._waiting: list[tuple[int, Deferred[None]]] = []

    def asked(self, number: int) -> Deferred[None]:
        """Fire when so many messages were heard."""
        done: Deferred[None] = Deferred()
        self._waiting.append((number, done))
        return done

    def answer(self, message: bytes) -> bytes:
        status = self._answers[min(len(self.heard), len(self._answers) - 1)]
        self.heard.append(message)
        for number, done in self._waiting:
            if number == len(self.heard):
                done.callback(None)
        if status == 0:
            return b""
        name = {401: "WWW-Authenticate", 407: "Proxy-Authenticate"}.get(status)
        said = answer_to(message, status, "So").removesuffix(b"\r\n")
        more = f"{name}: {CHALLENGE}\r\n".encode() if name else b""
        return said + more + b"Content-Length: 0\r\n\r\n"

    def datagramReceived(self, datagram: bytes, addr: tuple[str, int]) -> None:
        transport: Any = self.transport
        if said := self.answer(datagram):
            transport.write(said, addr)


class Line(Protocol):
    """One connection to a Phone."""

    transport: Any

    def __init__(self, phone: Phone, lines: list["Line"]) -> None:
        self.open = True
        self._phone = phone
        self._rest = b""
        lines.append(self)

    def dataReceived(self, data: bytes) -> None:
        self._rest += data
        while found := re.match(rb"(?s)(.*?\r\n\r\n)", self._rest):
            self._rest = self._rest[found.end() :]
            self.transport.write(self._phone.answer(found[1]))

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.open = False


def on_udp(case: TestCase, phone: Phone, host: str = "127.0.0.1") -> int:
    port = REACTOR.listenUDP(0, phone, interface=host)
    case.addCleanup(port.stopListening)
    return int(port.getHost().port)


def on_tcp(case: TestCase, phone: Phone, tls: Any = None) -> tuple[int, list[Line]]:
    lines: list[Line] = []
    factory = Factory.forProtocol(lambda: Line(phone, lines))
    if tls:
        port = REACTOR.listenSSL(0, factory, tls, interface="127.0.0.1")
    else:
        port = REACTOR.listenTCP(0, factory, interface="127.0.0.1")
    case.addCleanup(port.stopListening)
    case.addCleanup(lambda: [line.transport.abortConnection() for line in lines if line.open])
    return int(port.getHost().port), lines
