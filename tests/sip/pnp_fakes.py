"""What the tests of SIP PnP share: a chain with one answer, a wire in memory, and a provd that answers."""

import socket
from typing import Any

from twisted.internet import reactor
from twisted.internet.defer import Deferred, fail, succeed
from twisted.trial.unittest import TestCase

from provserver.address import Networks
from provserver.model import Answer, File, Sighting
from provserver.sip.multicast import open_sockets
from provserver.sip.pnp import PnpServer
from tests.fakes.provisioner import AnswersOnly

REACTOR: Any = reactor
LOOPBACK = Networks(["127.0.0.0/8"])
URL = b"http://192.168.7.2:8667/"


def url_file(body: bytes | None = URL, media_type: str = "application/url") -> File:
    return File("url", media_type, "etag", len(body or b""), 0.0, body)


def given(url: bytes) -> Answer:
    """Return the chain's answer to a phone that is told this URL."""
    return Answer("file", (), "d1", url_file(url))


GIVEN = given(URL)


class OneAnswer(AnswersOnly):
    """Answers every sighting alike, and keeps them."""

    def __init__(self, answer: Answer | Deferred[Answer] | Exception = GIVEN) -> None:
        self._answer = answer
        self.seen: list[Sighting] = []

    def answer(self, sighting: Sighting) -> Deferred[Answer]:
        self.seen.append(sighting)
        if isinstance(self._answer, Exception):
            return fail(self._answer)
        return self._answer if isinstance(self._answer, Deferred) else succeed(self._answer)


class Wire:
    """A datagram transport in memory; `broken` makes it fail as the system would."""

    def __init__(self) -> None:
        self.sent: list[tuple[bytes, tuple[str, int]]] = []
        self.broken: OSError | None = None

    def write(self, data: bytes, to: tuple[str, int]) -> None:
        if self.broken:
            raise self.broken
        self.sent.append((data, to))


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.7", 0))
        return int(sock.getsockname()[1])


def serve_pnp(case: TestCase, answer: Answer = GIVEN) -> tuple[str, int]:
    """Answer all phones alike for the time of a test, on an address of loopback; return it as the group."""
    group = ("127.0.0.7", free_port())
    server = PnpServer(REACTOR, [open_sockets(*group)], OneAnswer(answer), LOOPBACK, lambda: "t1")
    server.start()
    case.addCleanup(server.stop)
    return group
