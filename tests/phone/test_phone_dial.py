"""A phone dials, is told to restart, and answers whatever else it is asked."""

from twisted.internet.defer import Deferred

from provserver.phone.sip.agent import Manners
from provserver.phone.sip.line import LISTEN_S
from provserver.phone.sip.messages import Login
from provserver.sip.message import Request
from tests.phone import sip_pbx
from tests.phone.sip_pbx import PHONE, Phone, PhoneCase

URI = "sip:ap0017@192.168.7.31:5062;line=1"
CHECK_SYNC = ("Event", "check-sync;reboot=true")


class Dialling(PhoneCase):
    def setUp(self) -> None:
        super().setUp()
        self.start(sip_pbx.identity(), sip_pbx.identity("ap0018", 2))
        self.phone.told.clear()
        self.registrar.asked.clear()

    def dial(self, number: str = "482913") -> "Deferred[None]":
        return Deferred.fromCoroutine(self.phone.agent.lines[0].dial(number))

    def said(self) -> list[str]:
        return [text.removeprefix("account 1 (ap0017): ") for text in self.phone.told]


class DialTests(Dialling):
    def test_a_call_from_the_code_to_the_end(self) -> None:
        """The password is given, the answer acknowledged, and the PBX hangs up when its prompt is over."""
        done = self.dial()
        self.net.run()
        first, ack, again, last = self.registrar.asked
        self.assertEqual(
            (first.uri, first.first("Content-Type")), ("sip:482913@192.0.2.20", "application/sdp")
        )
        self.assertIn("c=IN IP4 192.168.7.31", again.body.decode())
        self.assertEqual([each.method for each in (ack, last)], ["ACK", "ACK"])
        self.assertEqual((again.cseq[0], last.cseq, last.uri), (2, (2, "ACK"), "sip:192.0.2.20"))
        self.assertNoResult(done)
        bye = self.registrar.request("BYE", URI, call_id=first.first("Call-ID"))
        ended = self.registrar.socket.ask(bye, PHONE)
        self.net.run()
        self.successResultOf(done)
        self.assertEqual(self.successResultOf(ended).status, 200)
        self.assertEqual(
            self.said(), ["dials 482913", "482913: 200 So, listens", "482913: the other side has hung up"]
        )
        self.stop()

    def test_a_refusal_is_shown_in_the_pbx_s_words(self) -> None:
        """Kamailio plays no prompt: its words are all that the user gets."""
        for status in (404, 486, 503):
            self.registrar.says["INVITE"] = (status, ())
            self.successResultOf(self.run_for(self.dial()))
            self.assertEqual(self.said()[-1], f"482913: {status} So")
        self.stop()

    def test_a_pbx_that_does_not_hang_up(self) -> None:
        """After a minute the user does."""
        done = self.dial()
        self.net.run(LISTEN_S + 1)
        self.successResultOf(done)
        self.assertEqual(self.registrar.methods()[-1], "BYE")
        self.assertEqual(self.said()[-1], "482913: hung up after 60 s")
        self.stop()

    def test_a_pbx_that_is_silent_or_odd(self) -> None:
        """No answer, and a 200 that names no contact: each is told, and ends the call."""
        self.registrar.says["INVITE"] = None
        done = self.dial()
        self.net.run(33)
        self.successResultOf(done)
        self.assertEqual(self.said()[-1], "482913: no answer")
        self.registrar.says["INVITE"] = (202, ())
        self.successResultOf(self.run_for(self.dial()))
        self.assertIn("482913: not a sip: URI", self.said()[-1])
        self.stop()

    def run_for(self, done: "Deferred[None]") -> "Deferred[None]":
        self.net.run()
        return done


class ToldTests(Dialling):
    def ask(self, asked: Request, login: Login | None = None) -> int:
        done = Deferred.fromCoroutine(self.registrar.socket.ask_with(login, asked, PHONE))
        self.net.run()
        return self.successResultOf(done).status

    def notify(self, uri: str = URI, event: tuple[str, str] = CHECK_SYNC, login: Login | None = None) -> int:
        return self.ask(self.registrar.request("NOTIFY", uri, event), login)

    def test_a_phone_is_told_to_restart(self) -> None:
        """Once is enough, however often it is told; who waits for it need not be there first."""
        self.assertEqual([self.notify(), self.notify()], [200, 200])
        self.assertTrue(self.successResultOf(Deferred.fromCoroutine(self.phone.agent.told(10))))
        self.assertEqual(
            self.phone.told[0], "NOTIFY check-sync;reboot=true from 192.0.2.20:5060: 200, restarts"
        )
        self.stop()

    def test_a_phone_that_is_not_told(self) -> None:
        """It waits for so long and no longer."""
        told = Deferred.fromCoroutine(self.phone.agent.told(10))
        self.net.run(9.5)
        self.assertNoResult(told)
        self.net.run(1)
        self.assertFalse(self.successResultOf(told))
        self.stop()

    def test_any_account_is_told_by_its_own_user(self) -> None:
        """Also where the registrar left the phone's own parameter out; nobody else's user is it."""
        for uri, status in (
            ("sip:ap0018@192.168.7.31:5062", 200),
            ("sip:ap0017@192.168.7.31:5062;line=9", 200),
            ("sip:ap0019@192.168.7.31:5062", 404),
            ("sip:192.168.7.31:5062", 404),
        ):
            self.assertEqual(self.notify(uri), status, uri)
        self.stop()

    def test_another_event_is_not_its_own(self) -> None:
        """A vendor's phones obey one event: Cisco's 8945 is not told by check-sync."""
        for event, status in (("message-summary", 489), ("", 489), ("Check-Sync", 200)):
            self.assertEqual(self.notify(event=("Event", event)), status)
        self.assertIn("489, not its event", self.phone.told[0])
        self.stop()

    def test_a_strict_phone_asks_who_that_is(self) -> None:
        """And restarts for who has the account's password alone (pbx-facts section 8.2)."""
        self.stop()
        super(Dialling, self).setUp()
        self.phone = Phone(self.net, Manners(strict=True))
        self.start(sip_pbx.identity())
        told = Deferred.fromCoroutine(self.phone.agent.told(3600))
        for login in (None, Login("ap0017", "wrong"), Login("provd", "s3cret")):
            self.assertEqual(self.notify(login=login), 401)
        self.assertNoResult(told)
        self.assertEqual(self.notify(login=Login("ap0017", "s3cret")), 200)
        self.assertTrue(self.successResultOf(told))
        self.stop()

    def test_what_else_a_phone_is_asked(self) -> None:
        """It is busy for who calls, there for who looks, and knows of no such call."""
        for method, status in (("OPTIONS", 200), ("INVITE", 486), ("BYE", 481), ("SUBSCRIBE", 405)):
            self.assertEqual(self.ask(self.registrar.request(method, URI)), status)
        self.assertEqual(self.phone.told, [])
        self.stop()

    def test_what_is_no_sip_is_not_answered(self) -> None:
        """A stray packet, half a message, an answer to nothing, a URI that is none, a parameter that is none."""
        whole = (
            b"NOTIFY sip:ap0017@x SIP/2.0\r\nVia: x\r\nFrom: a\r\nTo: b\r\nCall-ID: c\r\nCSeq: 1 NOTIFY\r\n"
        )
        self.net.heard.clear()
        for data in (
            b"",
            b"\r\n\r\n",
            b"\xff" * 100,
            whole,
            whole.replace(b"sip:ap0017@x", b"tel:1") + b"\r\n",
            whole + b'Event: x;"\r\n\r\n',
            whole.replace(b"NOTIFY sip:ap0017@x SIP/2.0", b"SIP/2.0 200 OK") + b"\r\n",
        ):
            self.net.send(data, ("192.0.2.99", 5060), PHONE)
            self.net.run(0.1)
        self.assertEqual([to for _, to, _ in self.net.heard], [PHONE] * 7)
        self.stop()

    def test_an_answer_that_cannot_be_sent(self) -> None:
        """A packet from port 0: the system refuses, and the phone goes on."""
        self.net.callLater(0, self.net.udp[PHONE].protocol.datagramReceived, *self.packet("192.0.2.99", 0))
        self.net.run(0.1)
        self.assertEqual(self.notify(), 200)
        self.stop()

    def packet(self, ip: str, port: int) -> tuple[bytes, tuple[str, int]]:
        lines = (
            "OPTIONS sip:x SIP/2.0",
            "Via: x",
            "From: a",
            "To: b",
            "Call-ID: c",
            "CSeq: 1 OPTIONS",
            "",
            "",
        )
        return "\r\n".join(lines).encode(), (ip, port)
