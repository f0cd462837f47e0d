"""A NOTIFY of provd itself: its way, its headers, and what answers mean."""

from twisted.trial.unittest import SynchronousTestCase

from provserver.errors import NotResynced
from provserver.model import Notify
from provserver.pbx.interfaces import Target
from provserver.pbx.sip_notify import Hop, Registrar, check, request, way
from provserver.sip.message import Response
from provserver.sip.requests import Ended

PROXY = Hop("192.0.2.20", 5060, "udp")
KAMAILIO = Registrar(PROXY, "pbx.example.org", ("provd", "y"))
NONE: frozenset[str] = frozenset()
LAN = ("sip:ap0017@10.0.0.7", "sip:ap0017@10.0.0.7")
LAN6 = ("sip:anonymous@[fd00::7]", "sip:anonymous@[fd00::7]")
CONTACT = "sip:ap0017@192.168.7.31:5060;line=1;alias=198.51.100.7~41234~1"


class WayTests(SynchronousTestCase):
    def test_each_way(self) -> None:
        """URI of the request, URI of To, next hop."""
        for target, registrar, uri, to, hop in (
            (Target("ap0017"), KAMAILIO, "sip:ap0017@pbx.example.org", "sip:ap0017@pbx.example.org", PROXY),
            (Target("ap0017", CONTACT), KAMAILIO, CONTACT, "sip:ap0017@192.168.7.31:5060;line=1", PROXY),
            (Target("", "sip:a@10.0.0.7"), KAMAILIO, "sip:a@10.0.0.7", "sip:a@10.0.0.7", PROXY),
            (
                Target("ap0017", CONTACT),
                None,
                "sip:ap0017@192.168.7.31:5060;line=1",
                "sip:ap0017@192.168.7.31:5060;line=1",
                Hop("198.51.100.7", 41234, "udp"),
            ),
            (Target("ap0017", "", "10.0.0.7"), None, *LAN, Hop("10.0.0.7", 5060, "udp")),
            (Target("", "", "fd00::7"), None, *LAN6, Hop("fd00::7", 5060, "udp")),
        ):
            how = way(target, registrar, NONE)
            self.assertEqual((str(how.uri), str(how.to), how.hop), (uri, to, hop))

    def test_nothing_known(self) -> None:
        """Without a registrar an account alone leads nowhere; a shared one never names one phone."""
        shared = frozenset({"autoprov"})
        for target, registrar, reason_id in (
            (Target("ap0017"), None, "resync.no-target"),
            (Target(), KAMAILIO, "resync.no-target"),
            (Target("autoprov"), KAMAILIO, "resync.shared-account"),
        ):
            problem = self.assertRaises(NotResynced, way, target, registrar, shared)
            self.assertEqual(problem.reason_id, reason_id)


class RequestTests(SynchronousTestCase):
    def test_what_a_phone_sees(self) -> None:
        """As in pbx-facts section 8.1."""
        target = Target("ap0017", login=("ap0017", "x"))
        asked = request(
            way(target, KAMAILIO, NONE),
            target,
            Notify("check-sync;reboot=true"),
            KAMAILIO,
            "192.0.2.10:5060",
            "t1",
        )
        self.assertEqual(
            asked.headers,
            (
                ("From", "<sip:provd@pbx.example.org>;tag=t1f"),
                ("To", "<sip:ap0017@pbx.example.org>"),
                ("Call-ID", "t1@192.0.2.10:5060"),
                ("Contact", "<sip:provd@192.0.2.10:5060>"),
                ("Event", "check-sync;reboot=true"),
                ("Subscription-State", "terminated"),
            ),
        )
        self.assertEqual(asked.logins, {407: ("provd", "y"), 401: ("ap0017", "x")})

    def test_a_body_has_its_type(self) -> None:
        """Cisco's service-control."""
        target = Target("", "", "10.0.0.7")
        how = way(target, None, NONE)
        asked = request(
            how, target, Notify("service-control", b"action=restart", "text/plain"), None, "h", "t"
        )
        self.assertEqual((asked.headers[-1], asked.body), (("Content-Type", "text/plain"), b"action=restart"))
        self.assertEqual((asked.logins, asked.headers[0]), ({}, ("From", "<sip:provd@h>;tag=tf")))

    def test_a_proxy_may_ask_by_401(self) -> None:
        """Where nothing is known of the phone's own password."""
        target = Target("ap0017")
        asked = request(way(target, KAMAILIO, NONE), target, Notify("x"), KAMAILIO, "h", "t")
        self.assertEqual(asked.logins[401], ("provd", "y"))


class CheckTests(SynchronousTestCase):
    def test_each_answer(self) -> None:
        """pbx-facts section 8.2, and what is left."""
        for status in (200, 202, 299):
            check(Ended("t", Response(status, "OK", headers=())))
        for status, reason_id in (
            (300, "resync.refused"),
            (401, "resync.refused-login"),
            (407, "resync.refused-login"),
            (403, "resync.refused"),
            (404, "resync.not-registered"),
            (405, "resync.not-understood"),
            (408, "resync.no-answer"),
            (480, "resync.not-registered"),
            (481, "resync.not-understood"),
            (482, "resync.not-understood"),
            (489, "resync.not-understood"),
            (500, "pbx.refused"),
            (503, "pbx.refused"),
            (603, "pbx.refused"),
        ):
            problem = self.assertRaises(NotResynced, check, Ended("t", Response(status, "So", headers=())))
            self.assertEqual(problem.reason_id, reason_id)
            self.assertIn(str(status), str(problem))
        problem = self.assertRaises(NotResynced, check, Ended("t", None, "no answer within 32 s"))
        self.assertEqual((problem.reason_id, str(problem)), ("resync.no-answer", "no answer within 32 s"))
