"""The phone on real connections over loopback, with servers that behave and servers that do not."""

from collections.abc import Sequence

from twisted.internet.defer import ensureDeferred
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import (
    IAddress,
    IHostnameResolver,
    IHostResolution,
    IResolutionReceiver,
    ITCPTransport,
)
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase, TestCase
from zope.interface import implementer

from provserver.phone.http_client import ANSWER_S, HttpClient, HttpExchange
from provserver.phone.values import Fetch, Fetched, Unreachable
from tests.phone.loopback import CLOCK, TCP, closed_port, serve, serve_bytes

HEAD = b"HTTP/1.1 200 OK\r\n"


@implementer(IHostnameResolver, IHostResolution)
class NoNames:
    """A resolver that finds nothing."""

    name = ""

    def resolveHostName(
        self,
        resolutionReceiver: IResolutionReceiver,
        hostName: str,
        portNumber: int = 0,
        addressTypes: Sequence[type[IAddress]] | None = None,
        transportSemantics: str = "TCP",
    ) -> IHostResolution:
        resolutionReceiver.resolutionBegan(self)
        resolutionReceiver.resolutionComplete()
        return self

    def cancel(self) -> None:
        """It is over at once: there is nothing to cancel."""


def fetch_of(url: str) -> Fetch:
    return Fetch("a.cfg", url, {"User-Agent": "Yealink SIP-T46S"})


class HttpClientTests(TestCase):
    async def fetched(self, url: str, source: str = "") -> Fetched:
        return await HttpClient(CLOCK, source).fetch(fetch_of(url))

    async def test_a_file_comes_with_its_headers(self) -> None:
        """Against Twisted's own server, which is what provd answers with."""
        url, files = serve(self, {"a.cfg": b"abc"})
        fetched = await self.fetched(f"{url}a.cfg")
        self.assertEqual((fetched.status, fetched.body), (200, b"abc"))
        self.assertIn("etag", fetched.headers)
        self.assertEqual(files.asked, [("127.0.0.1", "a.cfg", "Yealink SIP-T46S")])

    async def test_it_asks_from_an_address_of_its_own(self) -> None:
        """So that many phones in one process are many to the server."""
        url, files = serve(self, {})
        await self.fetched(f"{url}a.cfg", source="127.0.0.5")
        self.assertEqual(files.asked[0][0], "127.0.0.5")

    async def test_a_server_that_does_not_close_is_closed_upon(self) -> None:
        """The length says where the answer ends; waiting for more would cost the time limit."""
        url = serve_bytes(self, lambda transport: transport.write(HEAD + b"Content-Length: 3\r\n\r\nabc"))
        self.assertEqual((await self.fetched(url)).body, b"abc")

    async def test_a_body_without_end_is_cut(self) -> None:
        """A server that never stops sending costs 8 MiB and no more."""

        def flood(transport: ITCPTransport) -> None:
            transport.write(HEAD + b"\r\n" + bytes(9 * 1024 * 1024))

        self.assertEqual(
            await self.fetched(serve_bytes(self, flood)), Fetched(200, problem="more than 8 MiB")
        )

    async def test_a_wrong_length_is_told(self) -> None:
        """The file is half: better none."""

        def half(transport: ITCPTransport) -> None:
            transport.write(HEAD + b"Content-Length: 30\r\n\r\nabc")
            transport.loseConnection()

        self.assertEqual(await self.fetched(serve_bytes(self, half)), Fetched(200, problem="cut off"))

    async def test_a_connection_that_closes_without_a_word_is_told(self) -> None:
        """Somebody was there: this is an answer, if a bad one, and no network error."""
        url = serve_bytes(self, lambda transport: transport.loseConnection())
        self.assertEqual(await self.fetched(url), Fetched(0, problem="closed without an answer"))

    async def unreachable(self, url: str, source: str = "") -> str:
        problem = await self.assertFailure(ensureDeferred(self.fetched(url, source)), Unreachable)
        return str(problem)

    async def test_nobody_listening_is_one_clear_line(self) -> None:
        """It is what a newcomer meets first: it says what to try."""
        url = await closed_port()
        self.assertEqual(
            await self.unreachable(f"{url}k3y/a.cfg"),
            f"cannot reach {url[:-1]}: connection refused. Is provd running? try: make run",
        )

    async def test_a_foreign_source_address_is_one_clear_line(self) -> None:
        """An address of another machine, or IPv6 to an IPv4 server."""
        url, _ = serve(self, {})
        for source in ("192.0.2.77", "::1"):
            with self.subTest(source=source):
                self.assertIn(f"cannot ask from {source}: not an", await self.unreachable(url, source))

    async def test_a_name_that_does_not_exist_is_one_clear_line(self) -> None:
        """The resolver is asked here, not the network."""
        before = TCP.installNameResolver(NoNames())
        self.addCleanup(TCP.installNameResolver, before)
        self.assertIn(
            "cannot reach http://provd.invalid: no such host", await self.unreachable("http://provd.invalid/")
        )

    async def test_whatever_else_the_network_says_is_told(self) -> None:
        """From loopback there is no way to another network: the system's own words are shown."""
        problem = await self.unreachable("http://192.0.2.1/", source="127.0.0.1")
        self.assertIn("cannot reach http://192.0.2.1: An error occurred while connecting: 22", problem)


class SilentServerTests(SynchronousTestCase):
    def test_a_server_that_never_answers_is_given_up(self) -> None:
        """The connection is dropped, and what is shown says after what time."""
        for said, status in ((b"", 0), (HEAD + b"Content-Length: 9\r\n\r\nabc", 200)):
            with self.subTest(said=said):
                clock, transport = Clock(), StringTransport()
                exchange = HttpExchange(fetch_of("http://192.0.2.1/"), clock)
                exchange.makeConnection(transport)
                exchange.dataReceived(said)
                clock.advance(ANSWER_S)
                self.assertTrue(transport.disconnected)
                exchange.connectionLost(Failure(ConnectionDone()))
                fetched = self.successResultOf(exchange.fetched)
                self.assertEqual(fetched, Fetched(status, problem=f"not whole after {ANSWER_S} s"))

    def test_what_comes_after_the_answer_is_not_looked_at(self) -> None:
        """The first whole answer counts, and its timer ends with the connection."""
        clock, transport = Clock(), StringTransport()
        exchange = HttpExchange(fetch_of("http://192.0.2.1/"), clock)
        exchange.makeConnection(transport)
        exchange.dataReceived(HEAD + b"Content-Length: 3\r\n\r\nabc")
        exchange.dataReceived(HEAD + b"Content-Length: 3\r\n\r\ndef")
        exchange.connectionLost(Failure(ConnectionDone()))
        self.assertEqual(self.successResultOf(exchange.fetched).body, b"abc")
        self.assertEqual(clock.getDelayedCalls(), [])
