"""Requests as a client sends them: repeated until they are answered, and once more with credentials."""

from collections.abc import Mapping

from twisted.trial.unittest import SynchronousTestCase

from provserver.errors import Invalid
from provserver.sip.digest import Challenge, fits, read_credentials, secret
from provserver.sip.message import Request, Response, read_message
from provserver.sip.requests import NO_ANSWER, Asked, Ended, Login, Requests, Send
from tests.sip.sip_messages import answer_to

HEADERS = (
    ("From", "<sip:provd@pbx>;tag=1"),
    ("To", "<sip:ap0017@pbx>"),
    ("Call-ID", "1@192.0.2.10"),
    ("Event", "check-sync"),
)


def asked(logins: Mapping[int, Login] | None = None) -> Asked:
    return Asked("NOTIFY", "sip:ap0017@pbx", HEADERS, b"", logins or {})


def answer(sent: Send, status: int, *headers: tuple[str, str]) -> Response:
    read = read_message(answer_to(sent.data, status))
    assert isinstance(read, Response)
    return Response(read.status, read.reason, headers=(*read.headers, *headers))


def request(sent: object) -> Request:
    assert isinstance(sent, Send)
    read = read_message(sent.data)
    assert isinstance(read, Request)
    return read


class RequestsTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.requests = Requests("udp", "192.0.2.10:5060")

    def ask(self, token: str = "t1", logins: Mapping[int, Login] | None = None, now: float = 0.0) -> Send:
        (sent,) = self.requests.ask(token, asked(logins), now)
        assert isinstance(sent, Send)
        return sent

    def test_a_request(self) -> None:
        """What every request must have (RFC 3261 section 8.1.1), and the answer to our port."""
        read = request(self.ask())
        self.assertEqual(read.first("Via"), "SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bKt1x1;rport")
        self.assertEqual((read.cseq, read.first("Max-Forwards")), ((1, "NOTIFY"), "70"))
        self.assertEqual(read.first("Event"), "check-sync")

    def test_a_final_answer_ends_it(self) -> None:
        """And a second one is nobody's any more."""
        sent = self.ask()
        response = answer(sent, 200)
        self.assertEqual(self.requests.heard(answer(sent, 100), 0.1), ())
        self.assertEqual(self.requests.heard(response, 0.2), (Ended("t1", response),))
        self.assertEqual(self.requests.heard(response, 0.3), ())
        self.assertIsNone(self.requests.wake_at)

    def test_over_udp_it_is_repeated(self) -> None:
        """The same bytes; after 32 s it has ended (RFC 3261 section 17.1.2)."""
        sent = self.ask(now=10.0)
        times: list[float] = []
        ended: tuple[object, ...] = ()
        while (now := self.requests.wake_at) is not None:
            todo = self.requests.woken(now)
            times += [now for each in todo if each == sent]
            ended = tuple(each for each in todo if each != sent)
        self.assertEqual(times, [10.5, 11.5, 13.5, 17.5, 21.5, 25.5, 29.5, 33.5, 37.5, 41.5])
        self.assertEqual(ended, (Ended("t1", None, NO_ANSWER),))

    def test_over_tcp_it_is_waited_for(self) -> None:
        """TCP repeats by itself."""
        self.requests = Requests("tcp", "192.0.2.10:5060")
        sent = self.ask()
        self.assertIn(b"SIP/2.0/TCP", sent.data)
        done: list[object] = []
        while (now := self.requests.wake_at) is not None:
            done += self.requests.woken(now)
        self.assertEqual(done, [Ended("t1", None, NO_ANSWER)])

    def test_many_at_once(self) -> None:
        """Each has its own clock and its own answer."""
        first, second = self.ask("t1", now=0.0), self.ask("t2", now=0.2)
        self.assertEqual(self.requests.woken(0.5), (first,))
        self.requests.heard(answer(first, 200), 0.6)
        self.assertEqual(self.requests.woken(0.7), (second,))
        self.requests.forget("t2")
        self.assertIsNone(self.requests.wake_at)

    def test_an_answer_to_something_else(self) -> None:
        """Another branch, another method, another number, a Via of somebody else."""
        sent = self.ask()
        for old, new in (
            (b"z9hG4bKt1x1", b"z9hG4bKt9x1"),
            (b"z9hG4bKt1x1", b"z9hG4bKt1x2"),
            (b"z9hG4bKt1x1", b"t1"),
            (b"1 NOTIFY", b"2 NOTIFY"),
            (b"1 NOTIFY", b"1 INVITE"),
        ):
            read = read_message(answer_to(sent.data).replace(old, new))
            assert isinstance(read, Response)
            self.assertEqual(self.requests.heard(read, 0.1), ())

    def test_what_cannot_be_written(self) -> None:
        """A line break would be a header more; nothing is left of it."""
        self.assertRaises(Invalid, self.requests.ask, "t1", Asked("NOTIFY", "sip:a b", HEADERS), 0.0)
        self.assertIsNone(self.requests.wake_at)


class CredentialsTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.requests = Requests("udp", "192.0.2.10:5060")
        self.challenge = Challenge("pbx", "n1")

    def asked(self, logins: Mapping[int, Login]) -> Send:
        (sent,) = self.requests.ask("t1", asked(logins), 0.0)
        assert isinstance(sent, Send)
        return sent

    def challenged(self, sent: Send, status: int) -> Send | Ended:
        name = {401: "WWW-Authenticate", 407: "Proxy-Authenticate"}[status]
        (done,) = self.requests.heard(answer(sent, status, (name, str(self.challenge))), 1.0)
        return done

    def test_a_challenge_is_answered_once(self) -> None:
        """With the next CSeq and a new branch; a second challenge means that the password is wrong."""
        again = self.challenged(self.asked({401: ("anna", "s3cret")}), 401)
        read = request(again)
        credentials = read_credentials(read.first("Authorization"))
        stored = secret("MD5", "anna", "pbx", "s3cret")
        self.assertTrue(fits(credentials, self.challenge, stored, "NOTIFY", "sip:ap0017@pbx"))
        self.assertEqual(read.cseq, (2, "NOTIFY"))
        self.assertIn("z9hG4bKt1x2", read.first("Via"))
        assert isinstance(again, Send)
        ended = self.challenged(again, 401)
        assert isinstance(ended, Ended) and ended.response
        self.assertEqual(ended.response.status, 401)

    def test_a_proxy_and_then_the_phone(self) -> None:
        """Each has its own password, and the proxy wants its own again."""
        second = self.challenged(self.asked({401: ("ap0017", "x"), 407: ("provd", "y")}), 407)
        assert isinstance(second, Send)
        third = self.challenged(second, 401)
        read = request(third)
        self.assertEqual(read_credentials(read.first("Authorization")).username, "ap0017")
        self.assertEqual(read_credentials(read.first("Proxy-Authorization")).username, "provd")
        self.assertEqual(read.cseq, (3, "NOTIFY"))

    def test_without_a_password_the_challenge_is_the_answer(self) -> None:
        """The caller says what is missing."""
        ended = self.challenged(self.asked({407: ("provd", "y")}), 401)
        self.assertIsInstance(ended, Ended)

    def test_a_challenge_that_cannot_be_answered(self) -> None:
        """Basic, or an algorithm that nobody has."""
        sent = self.asked({401: ("anna", "s3cret")})
        (ended,) = self.requests.heard(answer(sent, 401, ("WWW-Authenticate", 'Basic realm="x"')), 1.0)
        assert isinstance(ended, Ended)
        self.assertIn("no challenge", ended.reason)

    def test_no_password_in_a_trace(self) -> None:
        """A repr ends up in logs."""
        self.assertNotIn("s3cret", repr(asked({401: ("anna", "s3cret")})))
