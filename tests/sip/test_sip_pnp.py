"""The shell of SIP PnP: who is heard, the clock, the log; its sockets on loopback."""

from typing import Any, cast

from twisted.internet.defer import Deferred
from twisted.internet.protocol import DatagramProtocol
from twisted.internet.task import Clock
from twisted.logger import ILogObserver, globalLogPublisher
from twisted.trial.unittest import SynchronousTestCase, TestCase

from provserver.address import Networks
from provserver.errors import Held
from provserver.model import Answer
from provserver.sip.multicast import interface_addresses, open_sockets
from provserver.sip.pnp import PnpInterface, PnpServer
from tests.sip.pnp_fakes import GIVEN, LOOPBACK, REACTOR, URL, OneAnswer, Wire, free_port, serve_pnp
from tests.sip.sip_messages import OURS, SOURCE, answer_to, subscribe

LOCAL = Networks(["192.168.0.0/16"])


class PnpInterfaceTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock, self.wire = Clock(), Wire()
        self.log: list[dict[str, Any]] = []
        observer = cast(ILogObserver, self.log.append)
        globalLogPublisher.addObserver(observer)
        self.addCleanup(globalLogPublisher.removeObserver, observer)

    def interface(self, provisioner: OneAnswer) -> PnpInterface:
        made = PnpInterface(OURS, provisioner, LOCAL, self.clock, lambda: "t1")
        made.makeConnection(cast(Any, self.wire))
        return made

    def logged(self) -> list[str]:
        return [event["log_format"].format(**event) for event in self.log if "log_format" in event]

    def test_a_phone_is_answered_and_the_timer_ends(self) -> None:
        """The sighting is the chain's; 200 and NOTIFY go out at once; the phone's 200 stops the repetition."""
        provisioner = OneAnswer()
        interface = self.interface(provisioner)
        interface.datagramReceived(subscribe(), SOURCE)
        self.assertEqual([(seen.protocol, seen.ip) for seen in provisioner.seen], [("sip", SOURCE[0])])
        self.assertEqual([to for _, to in self.wire.sent], [SOURCE, SOURCE])
        self.clock.advance(0.5)
        self.assertEqual(self.wire.sent[2], self.wire.sent[1])
        interface.datagramReceived(answer_to(self.wire.sent[1][0]), SOURCE)
        self.clock.pump([1.0] * 40)
        self.assertEqual(len(self.wire.sent), 3)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_the_log_names_the_device_and_no_url(self) -> None:
        """A URL may hold a tenant's key."""
        self.interface(OneAnswer()).datagramReceived(subscribe(), SOURCE)
        self.assertEqual(self.logged(), ["SIP PnP: told d1 at 192.168.7.31 its URL"])
        self.assertNotIn(URL.decode(), str(self.log))

    def test_nobody_beyond_the_allowed_networks_is_heard(self) -> None:
        """Whatever they send, it costs neither a decision nor a line in the log."""
        provisioner = OneAnswer()
        interface = self.interface(provisioner)
        for data in (subscribe(), b"nonsense"):
            interface.datagramReceived(data, ("203.0.113.9", 5060))
        self.assertEqual((provisioner.seen, self.wire.sent, self.logged()), ([], [], []))

    def test_a_slow_chain_is_waited_for(self) -> None:
        """A new device is on disk before its phone is answered; repetitions in the meantime ask nothing."""
        waiting: Deferred[Answer] = Deferred()
        provisioner = OneAnswer(waiting)
        interface = self.interface(provisioner)
        interface.datagramReceived(subscribe(), SOURCE)
        interface.datagramReceived(subscribe(), SOURCE)
        self.assertEqual((len(provisioner.seen), self.wire.sent), (1, []))
        waiting.callback(GIVEN)
        self.assertEqual(len(self.wire.sent), 2)

    def test_an_answer_after_the_end_is_dropped(self) -> None:
        """provd stops while a device is being made: nothing is sent, and no timer is left."""
        waiting: Deferred[Answer] = Deferred()
        interface = self.interface(OneAnswer(waiting))
        interface.datagramReceived(subscribe(), SOURCE)
        interface.doStop()
        waiting.callback(GIVEN)
        self.assertEqual((self.wire.sent, self.clock.getDelayedCalls()), ([], []))

    def test_stopping_cancels_the_timer(self) -> None:
        """Nothing runs after the end."""
        interface = self.interface(OneAnswer())
        interface.datagramReceived(subscribe(), SOURCE)
        self.assertEqual(len(self.clock.getDelayedCalls()), 1)
        interface.doStop()
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_a_bug_in_the_chain_is_logged_and_survived(self) -> None:
        """The phone gets no answer, as from a server that does not know it; it may ask again."""
        provisioner = OneAnswer(ZeroDivisionError())
        interface = self.interface(provisioner)
        interface.datagramReceived(subscribe(), SOURCE)
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)
        self.assertEqual(self.wire.sent, [])
        interface.datagramReceived(subscribe(), SOURCE)
        self.assertEqual((len(provisioner.seen), len(self.flushLoggedErrors(ZeroDivisionError))), (2, 1))

    def test_nonsense_is_one_line_a_minute(self) -> None:
        """A network full of it must not fill the disk."""
        interface = self.interface(OneAnswer())
        for _ in range(5):
            interface.datagramReceived(b"nonsense", SOURCE)
        self.clock.advance(60.0)
        interface.datagramReceived(subscribe(Contact=""), SOURCE)
        first, second = self.logged()
        self.assertIn("1 datagrams of no use, the last of 192.168.7.31: a message without", first)
        self.assertIn("5 datagrams of no use, the last of 192.168.7.31: not a sip: URI: ''", second)

    def test_a_network_that_is_down_is_a_warning(self) -> None:
        """The next repetition may get through."""
        interface = self.interface(OneAnswer())
        self.wire.broken = OSError(101, "Network is unreachable")
        interface.datagramReceived(subscribe(), SOURCE)
        self.assertIn("Network is unreachable", self.logged()[1])
        self.wire.broken = None
        self.clock.advance(0.5)
        self.assertEqual(len(self.wire.sent), 1)
        interface.doStop()


class Phone(DatagramProtocol):
    """Sends one SUBSCRIBE and hears two answers."""

    def __init__(self, to: tuple[str, int]) -> None:
        self._to = to
        self.heard: list[tuple[bytes, tuple[str, int]]] = []
        self.done: Deferred[None] = Deferred()

    def startProtocol(self) -> None:
        assert self.transport is not None
        self.transport.write(subscribe(), self._to)

    def datagramReceived(self, datagram: bytes, addr: tuple[str, int]) -> None:
        self.heard.append((datagram, addr))
        if len(self.heard) == 2:
            self.done.callback(None)


class PnpServerTests(TestCase):
    async def test_it_answers_from_the_address_that_it_is_given(self) -> None:
        """Over real sockets; multicast itself is tried in a network of its own."""
        group = serve_pnp(self)
        phone = Phone(group)
        listening = REACTOR.listenUDP(0, phone, interface="127.0.0.1")
        self.addCleanup(listening.stopListening)
        await phone.done
        self.assertEqual([source for _, source in phone.heard], [group] * 2)
        self.assertIn(b"\r\n\r\n" + URL, phone.heard[1][0])

    async def test_stopped_is_stopped(self) -> None:
        """The port is free again, and nothing is left in the reactor."""
        port = free_port()
        server = PnpServer(REACTOR, [open_sockets("127.0.0.7", port)], OneAnswer(), LOOPBACK, lambda: "t1")
        server.start()
        await server.stop()
        open_sockets("127.0.0.7", port).close()


class SocketsTests(SynchronousTestCase):
    def test_a_port_that_is_taken_is_told(self) -> None:
        """A PBX on the same machine has port 5060 already: one clear line."""
        port = free_port()
        first = open_sockets("127.0.0.7", port)
        self.addCleanup(first.close)
        problem = self.assertRaises(Held, open_sockets, "127.0.0.7", port)
        self.assertEqual(
            str(problem), f"SIP PnP: cannot listen on 127.0.0.7 port {port}: Address already in use"
        )

    def test_a_foreign_address_is_told(self) -> None:
        """An address that this machine does not have."""
        self.assertIn("192.0.2.7 port 5060", str(self.assertRaises(Held, open_sockets, "192.0.2.7")))

    def test_loopback_is_no_interface_with_phones(self) -> None:
        """What is found by itself is where phones are."""
        self.assertNotIn("127.0.0.1", interface_addresses())
