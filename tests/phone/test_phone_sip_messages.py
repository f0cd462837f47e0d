"""What a phone writes and reads in SIP."""

from twisted.trial.unittest import SynchronousTestCase

from provserver.errors import Invalid
from provserver.phone.sip.doorkeeper import Doorkeeper
from provserver.phone.sip.messages import (
    Login,
    Party,
    bindings,
    dialog,
    granted_s,
    offer,
    request,
    seconds,
    sip_uri,
    with_password,
    with_via,
)
from provserver.sip.message import Request, Response, message_bytes, read_message, response
from provserver.sip.uri import Uri

CHALLENGE = 'Digest realm="pbx", nonce="n1", algorithm=MD5, qop="auth"'
CONTACT = Uri("sip", "ap0017", "192.168.7.31", 5060, {"line": "1"})


def register() -> Request:
    return request("REGISTER", "sip:192.0.2.20", "<sip:a@x>;tag=1", "<sip:a@x>", "c1", 3, ("Expires", "300"))


def answered(*headers: tuple[str, str], status: int = 200) -> Response:
    return response(with_via(register(), "192.168.7.31:5060", "z9hG4bK1"), status, "So", "t", headers)


class PartyTests(SynchronousTestCase):
    def test_a_display_name_is_quoted(self) -> None:
        """A quote in it ends nothing; without a name there is none."""
        self.assertEqual(
            str(Party("ap0017", "192.0.2.20:5060", 'Wait "4F"')), '"Wait \\"4F\\"" <sip:ap0017@192.0.2.20>'
        )
        self.assertEqual(str(Party("a", "[2001:db8::1]:5070")), "<sip:a@[2001:db8::1]:5070>")

    def test_a_number_with_signs(self) -> None:
        """`*` may stand in a user part, `#` may not."""
        self.assertEqual(str(sip_uri("*48#", "pbx.example")), "sip:*48%23@pbx.example")

    def test_no_server(self) -> None:
        """What a file holds may be anything."""
        for server in ("", "a b", "registrar_ip & <", "x:99999", "x>;y"):
            self.assertRaises(Invalid, sip_uri, "a", server)


class PasswordTests(SynchronousTestCase):
    login = Login("ap0017", "s3cret")

    def test_it_is_given_where_it_is_asked_for(self) -> None:
        """By registrar or proxy, each with its own header; the number of the request grows."""
        for status, theirs, ours in (
            (401, "WWW-Authenticate", "Authorization"),
            (407, "Proxy-Authenticate", "Proxy-Authorization"),
        ):
            again = with_password(register(), answered((theirs, CHALLENGE), status=status), self.login, "c")
            assert again
            self.assertEqual(again.cseq, (4, "REGISTER"))
            self.assertIn('username="ap0017", realm="pbx"', again.first(ours))

    def test_it_is_not_given_otherwise(self) -> None:
        """Nobody asks, or not so that it could be given."""
        for refused in (
            answered(status=403),
            answered(status=401),
            answered(("WWW-Authenticate", 'Basic realm="x"'), status=401),
        ):
            self.assertIsNone(with_password(register(), refused, self.login, "c"))

    def test_it_is_no_part_of_what_is_shown(self) -> None:
        """Also of a bug report."""
        self.assertNotIn("s3cret", repr(self.login))


class RegisteredTests(SynchronousTestCase):
    def test_all_contacts_are_listed(self) -> None:
        """In one line or in several; what cannot be read is passed over."""
        said = answered(
            ("Contact", "<sip:a@192.0.2.1:1>;expires=60, <sip:a@192.0.2.2:2>"),
            ("Contact", "<sip:a@192.0.2.3:3"),
        )
        self.assertEqual(
            [(uri.host, s) for uri, s in bindings(said)], [("192.0.2.1", 60), ("192.0.2.2", None)]
        )

    def test_for_how_long(self) -> None:
        """Its own contact's time, the only one's where it was rewritten, the header's, else what was asked."""
        own, other = "<sip:ap0017@192.168.7.31:5060;line=1>", "<sip:ap0017@198.51.100.7:41234>"
        for contacts, expires, granted in (
            (f"{other};expires=7, {own};expires=60", "9", 60),
            (f"{other};expires=70", "9", 70),
            (f"{other};expires=70, {other};expires=80", "9", 9),
            (f"{own}", "x", 300),
            ("", "", 300),
        ):
            said = answered(("Contact", contacts), ("Expires", expires))
            self.assertEqual(granted_s(said, CONTACT, 300), granted, contacts)

    def test_seconds(self) -> None:
        """Digits and nothing else, and not so many that nobody could wait for it."""
        for text, expected in (
            ("60", 60),
            (" 0 ", 0),
            ("", None),
            ("-1", None),
            ("1e3", None),
            ("9" * 10, None),
            ("²", None),
        ):
            self.assertEqual(seconds(text), expected)


class DialogTests(SynchronousTestCase):
    def test_a_call_goes_on_where_the_other_side_says(self) -> None:
        """Its contact is asked, by the way that the answer came, in turn (RFC 3261 section 12.1.2)."""
        said = answered(("Contact", "<sip:pbx@192.0.2.20;x=1>"), ("Record-Route", "<sip:p1;lr>, <sip:p2;lr>"))
        bye = dialog(said).request("BYE", 5)
        self.assertEqual((bye.method, bye.uri, bye.cseq), ("BYE", "sip:pbx@192.0.2.20;x=1", (5, "BYE")))
        self.assertEqual(bye.all("Route"), ("<sip:p2;lr>", "<sip:p1;lr>"))
        self.assertEqual(bye.first("To"), "<sip:a@x>;tag=t")

    def test_an_answer_without_a_contact(self) -> None:
        """Nobody could hang up."""
        self.assertRaises(Invalid, dialog, answered())

    def test_an_offer(self) -> None:
        """Each line ends as RFC 4566 wants it."""
        for ip, family in (("192.0.2.1", "IP4"), ("2001:db8::1", "IP6")):
            lines = offer(ip, 11_784).decode().split("\r\n")
            self.assertEqual((lines[0], lines[3], lines[-1]), ("v=0", f"c=IN {family} {ip}", ""))


class DoorkeeperTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.numbers = iter(range(10_000))
        self.keeper = Doorkeeper("pbx", lambda: f"n{next(self.numbers)}")

    def user(self, login: Login, header: tuple[str, str], uri: str = "") -> str | None:
        """Answer a challenge; `uri`: another than was asked for."""
        made = with_password(register(), answered(header, status=401), login, "c")
        assert made
        said = read_message(message_bytes(with_via(made, "x", "b")))
        assert isinstance(said, Request)
        asked = Request(said.method, uri or said.uri, headers=said.headers)
        return self.keeper.user_of(asked, {"anna": "s3cret"}.get)

    def test_who_has_the_password_is_believed(self) -> None:
        """For the very request that it was given for."""
        self.assertEqual(self.user(Login("anna", "s3cret"), self.keeper.challenge()), "anna")
        for login, uri in (
            (Login("anna", "x"), ""),
            (Login("ben", "s3cret"), ""),
            (Login("anna", "s3cret"), "sip:y"),
        ):
            self.assertIsNone(self.user(login, self.keeper.challenge(), uri))

    def test_who_says_nothing_or_answers_another_question_is_not(self) -> None:
        """A challenge of somebody else's, one that is long ago, no header, or a broken one."""
        self.assertIsNone(self.user(Login("anna", "s3cret"), ("WWW-Authenticate", CHALLENGE)))
        first = self.keeper.challenge()
        for _ in range(1_000):
            self.keeper.challenge()
        self.assertIsNone(self.user(Login("anna", "s3cret"), first))
        self.assertIsNone(self.keeper.user_of(register(), {"anna": "s3cret"}.get))
