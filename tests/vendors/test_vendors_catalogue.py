"""A plugin server that is asked for its list: right, wrong, slow and endless ones."""

from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.error import ConnectionLost, DNSLookupError
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.client import ResponseDone
from twisted.web.iweb import IAgent
from zope.interface import implementer
from zope.interface.verify import verifyObject

from provserver.errors import Unreachable
from provserver.interfaces import ICatalogue
from provserver.vendors.catalogue import HttpCatalogue


class FakeResponse:
    def __init__(self, code: int, chunks: tuple[bytes, ...], end: BaseException | None) -> None:
        self.code = code
        self._chunks = chunks
        self._end = end
        self.transport = StringTransport()

    def deliverBody(self, protocol: Any) -> None:
        protocol.makeConnection(self.transport)
        for chunk in self._chunks:
            protocol.dataReceived(chunk)
        if self._end or self.transport.disconnecting or self.transport.disconnected:
            protocol.connectionLost(Failure(self._end or ConnectionLost()))


@implementer(IAgent)
class FakeAgent:
    def __init__(self, answer: Callable[[], Deferred[Any]]) -> None:
        self._answer = answer
        self.asked: list[tuple[bytes, bytes]] = []

    def request(
        self, method: bytes, uri: bytes, headers: Any = None, bodyProducer: Any = None
    ) -> Deferred[Any]:
        self.asked.append((method, uri))
        return self._answer()


class HttpCatalogueTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.told: list[int] = []

    def fetch(self, answer: Callable[[], Deferred[Any]], url: str = "http://h/stable/") -> Deferred[None]:
        self.agent = FakeAgent(answer)
        catalogue = HttpCatalogue(self.agent, self.clock)
        verifyObject(ICatalogue, catalogue)
        return catalogue.fetch(url, self.told.append)

    def fetched(self, code: int, *chunks: bytes, end: BaseException | None = None) -> Deferred[None]:
        self.response = FakeResponse(code, chunks, end or ResponseDone())
        return self.fetch(lambda: succeed(self.response))

    def test_a_list_that_can_be_had(self) -> None:
        """Its bytes are told as they come; with or without a slash at the URL's end it is the same file."""
        self.assertIsNone(self.successResultOf(self.fetched(200, b'{"wazo-x-1": {"ver', b'sion": "1"}}')))
        self.assertEqual(self.told, [18, 30])
        self.assertEqual(self.agent.asked, [(b"GET", b"http://h/stable/plugins.db")])
        self.fetch(lambda: succeed(FakeResponse(200, (b"{}",), ResponseDone())), "http://h/stable")
        self.assertEqual(self.agent.asked, [(b"GET", b"http://h/stable/plugins.db")])
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_what_is_no_list(self) -> None:
        """A page that greets, a login form, half a file."""
        for code, body, end in (
            (404, b"{}", None),
            (301, b"{}", None),
            (200, b"<html>", None),
            (200, b"[]", None),
            (200, b'{"a": 1}', None),
            (200, b"", None),
            (200, b"\xff\xfe", None),
            (200, b'{"a"', ConnectionLost()),
        ):
            problem = self.failureResultOf(self.fetched(code, body, end=end), Unreachable)
            self.assertIn("plugin server", str(problem.value))
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_a_server_that_cannot_be_reached(self) -> None:
        """The text does not repeat the URL, which may hold a password."""
        url = "http://ann:secret@h/"
        for problem in (DNSLookupError(), ValueError("ann:secret")):
            fetching = self.fetch(lambda problem=problem: fail(problem), url)  # type: ignore[misc]  # lambda
            text = str(self.failureResultOf(fetching, Unreachable).value)
            self.assertIn(type(problem).__name__, text)
            self.assertNotIn("secret", text)

    def test_a_server_that_says_nothing(self) -> None:
        """Clients wait five seconds for a wrong server to be told (contract section 8.1)."""
        cancelled: list[Deferred[Any]] = []
        fetching = self.fetch(lambda: Deferred(cancelled.append))
        self.clock.advance(3.9)
        self.assertNoResult(fetching)
        self.clock.advance(0.2)
        self.failureResultOf(fetching, Unreachable)
        self.assertEqual(len(cancelled), 1)

    def test_a_server_that_stops_in_the_middle(self) -> None:
        """Its connection is closed."""
        response = FakeResponse(200, (b"{",), None)
        fetching = self.fetch(lambda: succeed(response))
        self.clock.advance(5)
        self.failureResultOf(fetching, Unreachable)
        self.assertTrue(response.transport.disconnecting or response.transport.disconnected)

    def test_a_server_that_never_stops(self) -> None:
        """More than any list has is not kept."""
        response = FakeResponse(200, (b"x" * (1 << 20),) * 5, None)
        self.failureResultOf(self.fetch(lambda: succeed(response)), Unreachable)
