"""NOTIFYs on loopback, over UDP, TCP and TLS: answers, challenges, silence, and sockets that are closed again."""

import itertools
import socket
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock, deferLater
from twisted.trial.unittest import TestCase
from zope.interface.verify import verifyObject

from provserver.errors import NotResynced
from provserver.interfaces import Told
from provserver.model import Notify
from provserver.pbx.contacts import Transport
from provserver.pbx.interfaces import INotifier, Target
from provserver.pbx.notify import SipNotifier
from provserver.pbx.sip_notify import Hop, Registrar
from provserver.pbx.tls import Tls
from tests.pbx.certificates import Authority
from tests.pbx.sip_phone import REACTOR, Phone, on_tcp, on_udp
from tests.sip.sip_messages import answer_to

NOTIFY = Notify("check-sync")
SLOT = Target("ap0017", login=("ap0017", "x"))


class Timed:
    """The reactor with a clock of the test's."""

    def __init__(self) -> None:
        self.clock = Clock()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.clock if name in ("callLater", "seconds") else REACTOR, name)


class NotifierCase(TestCase):
    timeout = 20

    def made(
        self, registrar: Registrar | None, tls: Tls | None = None, reactor: Any = REACTOR
    ) -> SipNotifier:
        tokens = itertools.count(1)
        notifier = SipNotifier(reactor, registrar, tls, frozenset(), lambda: f"token{next(tokens)}")
        notifier.start()
        self.addCleanup(notifier.stop)
        return notifier

    def through(self, port: int, transport: Transport = "udp", host: str = "127.0.0.1") -> Registrar:
        return Registrar(Hop(host, port, transport), "pbx.example.org", ("provd", "y"))

    async def refused(self, told: Deferred[Told]) -> str:
        problem: Any = await self.assertFailure(told, NotResynced)
        return str(problem.reason_id)


class UdpTests(NotifierCase):
    async def test_a_phone_answers(self) -> None:
        """Through the registrar, by its account."""
        phone = Phone(200)
        notifier = self.made(self.through(on_udp(self, phone)))
        verifyObject(INotifier, notifier)
        self.assertEqual(await notifier.notify(SLOT, NOTIFY), "answered")
        self.assertTrue(phone.heard[0].startswith(b"NOTIFY sip:ap0017@pbx.example.org SIP/2.0\r\n"))

    async def test_a_name_is_looked_up(self) -> None:
        """Proxies have names; one that nobody has is said."""
        phone = Phone(200)
        notifier = self.made(self.through(on_udp(self, phone), host="localhost"))
        self.assertEqual(await notifier.notify(SLOT, NOTIFY), "answered")
        lost = self.made(self.through(5060, host="pbx.invalid"))
        self.assertEqual(await self.refused(lost.notify(SLOT, NOTIFY)), "resync.unreachable")

    async def test_a_proxy_and_the_phone_ask_for_passwords(self) -> None:
        """407, then 401, then 200."""
        phone = Phone(407, 401, 200)
        notifier = self.made(self.through(on_udp(self, phone)))
        self.assertEqual(await notifier.notify(SLOT, NOTIFY), "answered")
        self.assertIn(b"CSeq: 3 NOTIFY", phone.heard[2])

    async def test_a_wrong_password(self) -> None:
        """Asked twice is refused."""
        notifier = self.made(self.through(on_udp(self, Phone(401))))
        self.assertEqual(await self.refused(notifier.notify(SLOT, NOTIFY)), "resync.refused-login")

    async def test_one_of_several_phones_behind_one_address(self) -> None:
        """The contact goes out with its alias, for the proxy to take off."""
        phone = Phone(200)
        notifier = self.made(self.through(on_udp(self, phone)))
        contact = "sip:ap0017@192.168.7.31:5060;alias=198.51.100.7~41234~1"
        await notifier.notify(Target("ap0017", contact), NOTIFY)
        self.assertTrue(phone.heard[0].startswith(f"NOTIFY {contact} SIP/2.0\r\n".encode()))

    async def test_directly_to_a_contact(self) -> None:
        """Without a registrar: to where its packets come from. Garbage in between is not minded."""
        phone = Phone(200)
        port = on_udp(self, phone)
        notifier = self.made(None)
        contact = f"sip:ap0017@192.168.7.31:5060;alias=127.0.0.1~{port}~1"
        self.assertEqual(await notifier.notify(Target("ap0017", contact), NOTIFY), "answered")
        ours = phone.heard[0].split(b"Via: SIP/2.0/UDP 127.0.0.1:")[1].partition(b";")[0]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.sendto(b"nonsense", ("127.0.0.1", int(ours)))
            sock.sendto(phone.heard[0], ("127.0.0.1", int(ours)))
        self.assertEqual(await notifier.notify(Target("ap0017", contact), NOTIFY), "answered")

    async def test_a_phone_that_never_answers(self) -> None:
        """Eleven packets in 32 s, then it is said; nothing is left."""
        phone, timed = Phone(0), Timed()
        notifier = self.made(self.through(on_udp(self, phone)), reactor=timed)
        told = notifier.notify(SLOT, NOTIFY)
        await phone.asked(1)
        again = phone.asked(11)
        timed.clock.pump([0.5] * 70)
        self.assertEqual(await self.refused(told), "resync.no-answer")
        await again
        self.assertEqual(len(set(phone.heard)), 1)
        self.assertEqual(timed.clock.getDelayedCalls(), [])

    async def test_what_cannot_be_sent(self) -> None:
        """No way there, a URI that is none, a device that nobody has seen."""
        notifier = self.made(None)
        for target, reason_id in (
            (Target("", "", "255.255.255.255"), "resync.unreachable"),
            (Target("", "nonsense"), "resync.unfit"),
            (Target("", "sip:a@127.0.0.1:9;x=%\x01"), "resync.unfit"),
            (Target(), "resync.no-target"),
            (Target("", "sip:a@127.0.0.1;transport=tls"), "resync.unreachable"),
            (Target("", f"sip:a@{'x' * 64}.example"), "resync.unfit"),
            (Target("", "sip:a@xn--a;transport=tcp"), "resync.unreachable"),
        ):
            self.assertEqual(await self.refused(notifier.notify(target, NOTIFY)), reason_id, target)
        told = notifier.notify(Target("", "", "127.0.0.1"), Notify("check\r\nsync"))
        self.assertEqual(await self.refused(told), "resync.unfit")

    async def test_a_stop_tells_who_waits(self) -> None:
        """And what comes after it is refused."""
        phone = Phone(0)
        notifier = self.made(self.through(on_udp(self, phone)))
        told = notifier.notify(SLOT, NOTIFY)
        await phone.asked(1)
        await notifier.stop()
        self.assertEqual(await self.refused(told), "resync.stopped")
        self.assertEqual(await self.refused(notifier.notify(SLOT, NOTIFY)), "resync.stopped")


class StreamTests(NotifierCase):
    async def test_one_connection_serves_many(self) -> None:
        """Those who come while it is being made wait for the same."""
        phone = Phone(200)
        port, lines = on_tcp(self, phone)
        notifier = self.made(self.through(port, "tcp"))
        told = [notifier.notify(SLOT, NOTIFY) for _ in range(5)]
        for each in told:
            self.assertEqual(await each, "answered")
        self.assertEqual(await notifier.notify(SLOT, NOTIFY), "answered")
        self.assertEqual((len(lines), len(phone.heard)), (1, 6))
        self.assertIn(b"Via: SIP/2.0/TCP 127.0.0.1:", phone.heard[0])

    async def test_a_challenge_over_tcp(self) -> None:
        """On the same connection."""
        phone = Phone(401, 200)
        port, lines = on_tcp(self, phone)
        self.assertEqual(await self.made(self.through(port, "tcp")).notify(SLOT, NOTIFY), "answered")
        self.assertEqual((len(lines), len(phone.heard)), (1, 2))

    async def test_nobody_listens(self) -> None:
        """All who wait are told; the next one tries anew."""
        with socket.socket() as sock:
            sock.bind(("127.0.0.1", 0))
            port = sock.getsockname()[1]
        notifier = self.made(self.through(port, "tcp"))
        told = [notifier.notify(SLOT, NOTIFY) for _ in range(3)]
        for each in told:
            self.assertEqual(await self.refused(each), "resync.unreachable")

    async def test_it_disconnects_in_the_middle(self) -> None:
        """Whoever waits is told; the next one gets a new connection."""
        phone = Phone(0, 200)
        port, lines = on_tcp(self, phone)
        notifier = self.made(self.through(port, "tcp"))
        told = notifier.notify(SLOT, NOTIFY)
        await phone.asked(1)
        lines[0].transport.abortConnection()
        self.assertEqual(await self.refused(told), "resync.unreachable")
        self.assertEqual(await notifier.notify(SLOT, NOTIFY), "answered")
        self.assertEqual(len(lines), 2)

    async def test_a_dead_connection_is_not_used_again(self) -> None:
        """Nobody says that it is dead: after 32 s without a word it is, and whoever comes then gets a new one."""
        phone, timed = Phone(0, 0, 200), Timed()
        port, lines = on_tcp(self, phone)
        notifier = self.made(self.through(port, "tcp"), reactor=timed)
        first = notifier.notify(SLOT, NOTIFY)
        await phone.asked(1)
        timed.clock.advance(10.0)
        second = notifier.notify(SLOT, NOTIFY)
        await phone.asked(2)
        timed.clock.pump([0.5] * 44)
        self.assertEqual(await self.refused(first), "resync.no-answer")
        self.assertEqual(await self.refused(second), "resync.no-answer")
        self.assertEqual(await notifier.notify(SLOT, NOTIFY), "answered")
        self.assertEqual([line.open for line in lines], [False, True])

    async def test_a_phone_that_is_silent_costs_no_connection(self) -> None:
        """The proxy answers for others meanwhile, so the connection is not dead."""
        phone, timed = Phone(0, 200), Timed()
        port, lines = on_tcp(self, phone)
        notifier = self.made(self.through(port, "tcp"), reactor=timed)
        silent = notifier.notify(SLOT, NOTIFY)
        await phone.asked(1)
        timed.clock.advance(10.0)
        self.assertEqual(await notifier.notify(SLOT, NOTIFY), "answered")
        timed.clock.pump([0.5] * 44)
        self.assertEqual(await self.refused(silent), "resync.no-answer")
        self.assertEqual(await notifier.notify(SLOT, NOTIFY), "answered")
        self.assertEqual(len(lines), 1)

    async def test_what_is_no_sip(self) -> None:
        """A web server on the port: the connection ends, and so does the waiting."""
        phone = Phone(0)
        port, lines = on_tcp(self, phone)
        notifier = self.made(self.through(port, "tcp"))
        told = notifier.notify(SLOT, NOTIFY)
        await phone.asked(1)
        lines[0].transport.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        self.assertEqual(await self.refused(told), "resync.misunderstood")

    async def test_an_idle_connection_is_closed(self) -> None:
        """But not while somebody waits."""
        phone, timed = Phone(200, 0), Timed()
        port, lines = on_tcp(self, phone)
        notifier = self.made(self.through(port, "tcp"), reactor=timed)
        self.assertEqual(await notifier.notify(SLOT, NOTIFY), "answered")
        timed.clock.advance(50)
        told = notifier.notify(SLOT, NOTIFY)
        await phone.asked(2)
        timed.clock.advance(10)
        lines[0].transport.write(
            answer_to(phone.heard[1], 200, "OK").removesuffix(b"\r\n") + b"Content-Length: 0\r\n\r\n"
        )
        self.assertEqual(await told, "answered")
        timed.clock.advance(60)
        while lines[0].open:
            await deferLater(REACTOR, 0.01)
        self.assertEqual(timed.clock.getDelayedCalls(), [])

    async def test_a_stop_while_it_connects(self) -> None:
        """192.0.2.1 is nobody's: the connection is never made."""
        notifier = self.made(self.through(5060, "tcp", "192.0.2.1"))
        told = notifier.notify(SLOT, NOTIFY)
        await notifier.stop()
        self.assertEqual(await self.refused(told), "resync.unreachable")
        self.assertEqual(await self.refused(notifier.notify(SLOT, NOTIFY)), "resync.stopped")


class TlsTests(NotifierCase):
    def setUp(self) -> None:
        self.authority = Authority()

    async def told(self, name: str, authorities: str) -> Told:
        phone = Phone(200)
        port, _ = on_tcp(self, phone, self.authority.server("pbx.example.org"))
        notifier = self.made(self.through(port, "tls"), Tls(name, authorities))
        return await notifier.notify(SLOT, NOTIFY)

    async def test_a_certificate_that_is_right(self) -> None:
        """Its name and who signed it."""
        self.assertEqual(await self.told("pbx.example.org", self.authority.pem), "answered")

    async def test_certificates_that_are_not(self) -> None:
        """For another name, of another authority, of none that the system knows."""
        for name, authorities in (
            ("other.example.org", self.authority.pem),
            ("pbx.example.org", Authority().pem),
            ("pbx.example.org", ""),
        ):
            problem: Any = await self.assertFailure(
                Deferred.fromCoroutine(self.told(name, authorities)), NotResynced
            )
            self.assertEqual(problem.reason_id, "resync.unreachable")
            self.assertRegex(str(problem), "TLS|certificate")
