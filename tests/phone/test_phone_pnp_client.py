"""The phone's search over real sockets on loopback, and its clock."""

from typing import Any, cast

from attrs import evolve
from twisted.internet.defer import ensureDeferred
from twisted.internet.protocol import DatagramProtocol
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase, TestCase

from provserver.phone.pnp_client import PnpExchange, search
from provserver.phone.pnp_message import Search
from provserver.phone.values import Unreachable
from tests.phone.loopback import TCP
from tests.phone.pnp_told import GROUP, PHONE, told
from tests.phone.scripted import T46S
from tests.sip.pnp_fakes import given, serve_pnp

URL = b"http://127.0.0.1:8667/"


class Socket:
    """Only the options of a socket."""

    def setsockopt(self, *option: object) -> None:
        self.option = option


class Host:
    port = PHONE[1]


class Wire:
    """A multicast transport in memory."""

    def __init__(self, broken: OSError | None = None) -> None:
        self.socket = Socket()
        self.sent: list[tuple[bytes, tuple[str, int]]] = []
        self.broken = broken

    def getHost(self) -> Host:
        return Host()

    def write(self, data: bytes, to: tuple[str, int]) -> None:
        if self.broken:
            raise self.broken
        self.sent.append((data, to))


class PnpExchangeTests(SynchronousTestCase):
    def exchange(self, wire: Wire) -> PnpExchange:
        self.clock = Clock()
        self.rows: list[str] = []
        made = PnpExchange(
            T46S,
            "Yealink",
            PHONE[0],
            GROUP,
            "tok1",
            self.clock,
            lambda at, text: self.rows.append(f"{at} {text}"),
        )
        made.makeConnection(cast(Any, wire))
        return made

    def test_it_asks_for_five_seconds(self) -> None:
        """Four times, each a little later; then the phone would boot on."""
        wire = Wire()
        exchange = self.exchange(wire)
        self.clock.pump([0.5] * 10)
        self.failureResultOf(exchange.found, Unreachable)
        times = ("0.0", "0.5", "1.5", "3.5")
        self.assertEqual(self.rows, [f"{at} SUBSCRIBE  to 224.0.1.75:5060" for at in times])
        self.assertEqual({to for _, to in wire.sent}, {GROUP})
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_it_asks_on_its_own_interface(self) -> None:
        """A machine may have many; the phone is on one."""
        wire = Wire()
        self.exchange(wire)
        self.assertEqual(wire.socket.option[-1], bytes([192, 168, 7, 31]))

    def test_the_url_ends_the_search(self) -> None:
        """The NOTIFY is answered first; whatever comes later is not heard."""
        wire = Wire()
        exchange = self.exchange(wire)
        _, notify = told(exchange.search, URL)
        exchange.datagramReceived(b"nonsense", ("192.168.7.66", 5060))
        exchange.datagramReceived(notify, ("192.168.7.2", 5060))
        self.assertEqual(self.successResultOf(exchange.found), URL.decode())
        self.assertEqual(wire.sent[-1][1], ("192.168.7.2", 5060))
        self.assertEqual(self.rows[-1], "0.0 NOTIFY http://127.0.0.1:8667  from 192.168.7.2:5060")
        exchange.datagramReceived(notify, ("192.168.7.2", 5060))
        self.assertEqual(len(wire.sent), 2)
        exchange.stopProtocol()
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_a_notify_without_url_is_waited_on(self) -> None:
        """Another server may know better."""
        exchange = self.exchange(Wire())
        exchange.datagramReceived(told(exchange.search, b"x")[1], ("192.168.7.2", 5060))
        self.assertNoResult(exchange.found)

    def test_a_network_that_is_down_ends_it(self) -> None:
        """At the first packet or later, and once."""
        self.failureResultOf(self.exchange(Wire(OSError(101, "down"))).found, OSError)
        wire = Wire()
        exchange = self.exchange(wire)
        _, notify = told(exchange.search, URL)
        wire.broken = OSError(101, "down")
        exchange.datagramReceived(notify, ("192.168.7.2", 5060))
        self.failureResultOf(exchange.found, OSError)
        self.assertEqual(self.clock.getDelayedCalls(), [])


class Silent(DatagramProtocol):
    """Hears everything and says nothing."""

    noisy = False


class SearchTests(TestCase):
    async def test_provd_is_found(self) -> None:
        """Both sides over real sockets; the group is an address of loopback here."""
        group = serve_pnp(self, given(URL))
        rows: list[str] = []
        url = await search(TCP, T46S, "Yealink", group, "tok1", lambda at, text: rows.append(text))
        self.assertEqual(url, URL.decode())
        self.assertEqual(
            [row.partition("  ")[0] for row in rows], ["SUBSCRIBE", "200 OK", "NOTIFY http://127.0.0.1:8667"]
        )

    async def test_nobody_there_is_one_clear_line(self) -> None:
        """It says what to look for."""
        self.patch(Search, "pauses_s", (0.01,))
        port = TCP.listenUDP(0, Silent(), interface="127.0.0.1")
        self.addCleanup(port.stopListening)
        group = ("127.0.0.1", port.getHost().port)
        asking = ensureDeferred(search(TCP, T46S, "Yealink", group, "t", lambda at, text: None))
        problem = await self.assertFailure(asking, Unreachable)
        self.assertEqual(str(problem), "nobody told a URL within 5 s. Is SIP PnP on?")

    async def test_a_foreign_source_address_is_one_clear_line(self) -> None:
        """An address that no interface here has."""
        phone = evolve(T46S, source="192.0.2.77")
        asking = ensureDeferred(search(TCP, phone, "Yealink", GROUP, "t", lambda at, text: None))
        problem = await self.assertFailure(asking, Unreachable)
        self.assertIn("cannot ask 224.0.1.75 from 192.0.2.77: ", str(problem))

    async def test_what_the_network_says_is_told(self) -> None:
        """From loopback there is no way to another network."""
        phone = evolve(T46S, source="127.0.0.1")
        asking = ensureDeferred(
            search(TCP, phone, "Yealink", ("192.0.2.1", 5060), "t", lambda at, text: None)
        )
        problem = await self.assertFailure(asking, Unreachable)
        self.assertIn("cannot ask 192.0.2.1 from 127.0.0.1: ", str(problem))
