"""The phone's TFTP over real sockets on loopback, and what it does when nothing comes."""

from typing import Any, cast

from twisted.internet import error
from twisted.internet.defer import Deferred, ensureDeferred, fail, succeed
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase, TestCase

from provserver.phone.tftp_client import TRIES, WAIT_S, TftpClient, TftpExchange
from provserver.phone.tftp_message import Download
from provserver.phone.values import Fetch, Fetched, Unreachable
from tests.phone.loopback import TCP
from tests.phone.tftp_table import serve_tftp

SERVER = ("192.0.2.1", 69)
PEER = ("192.0.2.1", 4711)
FILE = bytes(range(256)) * 20


class Wire:
    """A datagram transport in memory."""

    def __init__(self, broken: OSError | None = None) -> None:
        self.sent: list[tuple[bytes, tuple[str, int]]] = []
        self._broken = broken

    def write(self, data: bytes, to: tuple[str, int]) -> None:
        if self._broken:
            raise self._broken
        self.sent.append((data, to))


class TftpExchangeTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock, self.wire = Clock(), Wire()
        self.exchange = TftpExchange(Download("a.cfg"), SERVER, self.clock)
        self.exchange.makeConnection(cast(Any, self.wire))

    def test_nobody_there_is_found_out(self) -> None:
        """The request goes out five times, then it is over, and no timer is left."""
        self.clock.pump([WAIT_S] * TRIES)
        self.assertEqual([to for _, to in self.wire.sent], [SERVER] * TRIES)
        self.assertIsNone(self.successResultOf(self.exchange.fetched))
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_a_server_that_falls_silent_is_an_answer(self) -> None:
        """Somebody was there: what is shown says so. Each packet has all its tries."""
        self.clock.pump([WAIT_S] * (TRIES - 1))
        self.exchange.datagramReceived(b"\0\3\0\1" + bytes(512), PEER)
        self.clock.pump([WAIT_S] * TRIES)
        self.assertEqual(self.wire.sent[TRIES:], [(b"\0\4\0\1", PEER)] * TRIES)
        self.assertEqual(
            self.successResultOf(self.exchange.fetched), Fetched(0, problem="no more within 5 s")
        )

    def test_repetitions_alone_do_not_keep_it_waiting(self) -> None:
        """A server that sends its first block for ever makes no progress."""
        for _ in range(TRIES):
            self.exchange.datagramReceived(b"\0\3\0\1" + bytes(512), PEER)
            self.clock.advance(WAIT_S)
        self.assertEqual(
            self.successResultOf(self.exchange.fetched), Fetched(0, problem="no more within 5 s")
        )

    def test_only_the_port_that_answered_counts(self) -> None:
        """The first packet fixes the server's port; another port of it is told, another host is not heard."""
        self.exchange.datagramReceived(b"\0\3\0\1" + bytes(512), PEER)
        self.exchange.datagramReceived(b"\0\3\0\2", ("192.0.2.1", 4712))
        self.exchange.datagramReceived(b"\0\3\0\2", ("192.0.2.66", 4711))
        self.assertNoResult(self.exchange.fetched)
        self.assertEqual(self.wire.sent[2:], [(b"\0\5\0\5unknown transfer id\0", ("192.0.2.1", 4712))])
        self.exchange.datagramReceived(b"\0\3\0\2", PEER)
        self.assertEqual(
            self.successResultOf(self.exchange.fetched), Fetched(200, body=bytes(512), said="received")
        )
        self.exchange.datagramReceived(b"\0\3\0\2", PEER)
        self.exchange.stopProtocol()
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_nonsense_fixes_no_port(self) -> None:
        """Who guesses the phone's port must not be able to take the transfer over with one byte."""
        self.exchange.datagramReceived(b"\0", ("192.0.2.1", 666))
        self.exchange.datagramReceived(b"\0\3\0\1abc", PEER)
        fetched = self.successResultOf(self.exchange.fetched)
        assert fetched
        self.assertEqual(fetched.body, b"abc")

    def test_a_network_that_is_down_ends_it(self) -> None:
        """The system says so at once, and the error is told once."""
        exchange = TftpExchange(Download("a.cfg"), SERVER, self.clock)
        exchange.makeConnection(cast(Any, Wire(OSError(101, "Network is unreachable"))))
        self.failureResultOf(exchange.fetched, OSError)
        self.clock.pump([WAIT_S] * TRIES)


class NoPorts:
    """A reactor without UDP, whose resolver is asked first."""

    def __init__(self, resolved: Deferred[str]) -> None:
        self._resolved = resolved

    def resolve(self, name: str) -> Deferred[str]:
        return self._resolved

    def listenUDP(self, port: int, protocol: object, interface: str) -> None:
        raise error.CannotListenError(interface, port, OSError())


class TftpClientTests(TestCase):
    async def fetched(self, url: str, source: str = "") -> Fetched:
        return await TftpClient(TCP, source).fetch(Fetch("a.cfg", url))

    async def unreachable(self, client: TftpClient, url: str) -> str:
        return str(await self.assertFailure(ensureDeferred(client.fetch(Fetch("a", url))), Unreachable))

    async def test_a_file_comes(self) -> None:
        """From an address of the phone's own, so that many phones in one process are many to the server."""
        url, table = serve_tftp(self, {"k3y/a.cfg": FILE})
        self.assertEqual(
            await self.fetched(f"{url}k3y/a.cfg", "127.0.0.5"), Fetched(200, body=FILE, said="received")
        )
        self.assertEqual(table.asked, [("127.0.0.5", "k3y/a.cfg")])

    async def test_a_file_that_is_not_there(self) -> None:
        """It is an answer like any other."""
        url, _ = serve_tftp(self, {})
        self.assertEqual((await self.fetched(f"{url}a.cfg")).status, 404)

    async def test_a_lost_packet_is_asked_for_again(self) -> None:
        """One of the server's packets is lost: after a second the phone sends its ACK again, and the server the
        block."""
        url, _ = serve_tftp(self, {"a.cfg": FILE}, lose=lambda number: number == 3)
        self.assertEqual((await self.fetched(f"{url}a.cfg")).body, FILE)

    async def test_names_on_the_wire_are_without_escapes(self) -> None:
        """What stands in a URL as `%20` is a blank to TFTP; a name that it cannot hold is not asked for."""
        url, table = serve_tftp(self, {})
        await self.fetched(f"{url}a%20b(c).bin")
        self.assertEqual(table.asked[0][1], "a b(c).bin")
        self.assertEqual((await self.fetched(f"{url}a%00b")).problem, "not a name of a file: 'a\\x00b'")

    async def test_a_foreign_source_address_is_one_clear_line(self) -> None:
        """An address of another machine, or IPv6 to an IPv4 server."""
        url, _ = serve_tftp(self, {})
        for source, text in (
            ("192.0.2.77", "cannot ask from 192.0.2.77: not an address"),
            ("::1", "cannot ask from ::1: not an address"),
        ):
            with self.subTest(source=source):
                self.assertIn(text, await self.unreachable(TftpClient(TCP, source), url + "a"))

    async def test_what_the_network_says_is_told(self) -> None:
        """From loopback there is no way to another network: the system's own words are shown."""
        problem = await self.unreachable(TftpClient(TCP, "127.0.0.1"), "tftp://192.0.2.1/a")
        self.assertIn("cannot reach tftp://192.0.2.1: Invalid argument", problem)

    async def test_names_are_looked_up(self) -> None:
        """The resolver is asked here, not the network."""
        nobody = TftpClient(NoPorts(fail(error.DNSLookupError())), "")
        self.assertEqual(
            await self.unreachable(nobody, "tftp://provd.invalid/a"),
            "cannot reach tftp://provd.invalid: no such host",
        )
        found = TftpClient(NoPorts(succeed("192.0.2.1")), "192.0.2.7")
        self.assertIn("cannot ask from 192.0.2.7", await self.unreachable(found, "tftp://provd.invalid/a"))


class NobodyThereTests(SynchronousTestCase):
    def test_nobody_listening_is_one_clear_line(self) -> None:
        """It is what a newcomer meets first: it says what to look for."""
        clock = Clock()

        class Reactor:
            def __getattr__(self, name: str) -> Any:
                return getattr(clock, name)

            def listenUDP(self, port: int, protocol: TftpExchange, interface: str) -> "Reactor":
                protocol.makeConnection(cast(Any, Wire()))
                return self

            def stopListening(self) -> None:
                """Nothing is open."""

        fetching = ensureDeferred(TftpClient(Reactor(), "").fetch(Fetch("a", "tftp://[::1]:69/k3y/a")))
        clock.pump([WAIT_S] * TRIES)
        problem = self.failureResultOf(fetching, Unreachable)
        self.assertEqual(
            problem.getErrorMessage(),
            "cannot reach tftp://[::1]:69: no answer within 5 s. Is provd running? It prints its TFTP port when it "
            "starts",
        )
