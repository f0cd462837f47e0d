"""Vendors' own ways, on loopback: forms and their passwords, Telnet, and phones that are gone or slow."""

import socket
from typing import Any, cast

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase, TestCase

from provserver.errors import NotResynced
from provserver.interfaces import Told
from provserver.model import Call
from provserver.pbx.call import HTTP_S, TelnetSession, VendorCalls
from provserver.pbx.vendor_calls import HOLD_S, STEP_S, TelnetCall
from tests.pbx.certificates import Authority
from tests.pbx.sip_phone import REACTOR

IP = "127.0.0.1"


class Web(Protocol):
    """A phone's web server: gives the answers in their order, each to a whole request on a connection."""

    transport: Any

    def __init__(self, answers: list[bytes], heard: list[bytes]) -> None:
        self._answers = answers
        self._heard = heard
        self._rest = b""

    def dataReceived(self, data: bytes) -> None:
        self._rest += data
        head, end, body = self._rest.partition(b"\r\n\r\n")
        if end and (b"Content-Length: 14" not in head or len(body) == 14):
            self._heard.append(self._rest)
            answer = self._answers.pop(0)
            if answer != b"silence":
                self.transport.write(answer)
                self.transport.loseConnection()


class HttpTests(TestCase):
    timeout = 20

    def serve(self, *answers: bytes, tls: Any = None) -> int:
        self.heard: list[bytes] = []
        self.answers = list(answers)
        factory = Factory.forProtocol(lambda: Web(self.answers, self.heard))
        port = (
            REACTOR.listenSSL(0, factory, tls, interface=IP)
            if tls
            else REACTOR.listenTCP(0, factory, interface=IP)
        )
        self.addCleanup(port.stopListening)
        return int(port.getHost().port)

    def call(self, call: Call, answer_s: float = HTTP_S) -> Deferred[Told]:
        return VendorCalls(REACTOR, lambda: "c1", answer_s).carry_out(call, IP)

    async def refused(self, call: Call, answer_s: float = HTTP_S) -> str:
        problem: Any = await self.assertFailure(self.call(call, answer_s), NotResynced)
        return str(problem.reason_id)

    async def test_a_form_with_a_password(self) -> None:
        """Zenitel's reboot: first without the password, which is for whoever asks for it."""
        port = self.serve(
            b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=x\r\n\r\n",
            b"HTTP/1.1 200 OK\r\n\r\nok",
        )
        call = Call(f"http://admin:alphaadmin@{{ip}}:{port}/goform/zForm_send_cmd", "POST", b"message=Reboot")
        self.assertEqual(await self.call(call), "answered")
        self.assertTrue(self.heard[0].startswith(b"POST /goform/zForm_send_cmd HTTP/1.1\r\n"))
        self.assertNotIn(b"Authorization", self.heard[0])
        self.assertIn(b"Authorization: Basic YWRtaW46YWxwaGFhZG1pbg==", self.heard[1])
        self.assertIn(b"Content-Type: application/x-www-form-urlencoded", self.heard[1])
        self.assertTrue(self.heard[1].endswith(b"\r\n\r\nmessage=Reboot"))

    async def test_a_redirection_is_an_answer_and_not_followed(self) -> None:
        """It could lead anywhere."""
        port = self.serve(b"HTTP/1.1 302 Found\r\nLocation: http://10.0.0.8/\r\nContent-Length: 0\r\n\r\n")
        self.assertEqual(await self.call(Call(f"http://{{ip}}:{port}/reboot")), "answered")
        self.assertEqual(len(self.heard), 1)

    async def test_a_phone_that_restarts_before_it_has_answered(self) -> None:
        """Some do; whether it was the call, the fetch will show."""
        for answer in (b"", b"HTTP/1.1 200 OK\r\nContent-"):
            port = self.serve(answer)
            self.assertEqual(await self.call(Call(f"http://{{ip}}:{port}/")), "sent")

    async def test_refusals(self) -> None:
        """A wrong password, a page that is not there, a login of another kind."""
        twice = b"HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=x\r\nContent-Length: 0\r\n\r\n"
        for answers, reason_id in (
            ((twice, twice), "resync.refused-login"),
            ((b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n",), "resync.refused-login"),
            ((b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n",), "resync.refused"),
            ((b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n",), "resync.refused"),
            ((b"HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n",), "resync.refused-login"),
        ):
            port = self.serve(*answers)
            self.assertEqual(await self.refused(Call(f"http://a:b@{{ip}}:{port}/")), reason_id)

    async def test_nobody_is_there(self) -> None:
        """The phone is off, or its web server."""
        with socket.socket() as sock:
            sock.bind((IP, 0))
            port = sock.getsockname()[1]
        self.assertEqual(await self.refused(Call(f"http://{{ip}}:{port}/")), "resync.unreachable")
        self.assertEqual(await self.refused(Call(f"telnet://{{ip}}:{port}/")), "resync.unreachable")
        self.assertEqual(await self.refused(Call("http://example.org/")), "resync.unfit")

    async def test_a_slow_phone_is_given_up(self) -> None:
        """It took the connection and says nothing."""
        port = self.serve(b"silence")
        self.assertEqual(await self.refused(Call(f"http://{{ip}}:{port}/"), 0.2), "resync.no-answer")

    async def test_a_certificate_of_the_phones_own(self) -> None:
        """There is nothing to check it by."""
        port = self.serve(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", tls=Authority().server("phone"))
        self.assertEqual(await self.call(Call(f"https://{{ip}}:{port}/reboot")), "answered")

    async def test_telnet(self) -> None:
        """The connection as a whole; what it says in detail is below."""
        factory = Factory.forProtocol(Prompt)
        port = REACTOR.listenTCP(0, factory, interface=IP)
        self.addCleanup(port.stopListening)
        call = Call(f"telnet://{{ip}}:{port.getHost().port}", body=b"reset soft\n")
        self.assertEqual(await self.call(call), "sent")
        self.assertEqual(await self.refused(Call(call.url, body=b"too\nmany\n")), "resync.refused")


class Prompt(Protocol):
    """Asks for one line, and closes."""

    transport: Any

    def connectionMade(self) -> None:
        self.transport.write(b"> ")

    def dataReceived(self, data: bytes) -> None:
        self.transport.loseConnection()


class TelnetSessionTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock, self.written, self.aborted = Clock(), bytearray(), False
        self.session = TelnetSession(
            TelnetCall(IP, 23, (b"000000", b"reset soft")), cast(IReactorTime, self.clock)
        )
        self.session.makeConnection(cast(Any, self))

    def write(self, data: bytes) -> None:
        self.written += data

    def abortConnection(self) -> None:
        self.aborted = True
        self.session.connectionLost()

    def tearDown(self) -> None:
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_a_session(self) -> None:
        """Two prompts, two lines, and then it is held."""
        for prompt in (b"Password ? ", b"Login accepted\r\n> "):
            self.session.dataReceived(prompt)
            self.clock.advance(0.5)
        self.assertEqual(bytes(self.written), b"000000\r\nreset soft\r\n")
        self.assertNoResult(self.session.ended)
        self.clock.advance(HOLD_S)
        self.assertEqual((self.successResultOf(self.session.ended), self.aborted), ("", True))

    def test_no_prompt(self) -> None:
        """The connection ends, and the reason is told."""
        self.clock.advance(STEP_S)
        self.assertIn("no prompt", self.successResultOf(self.session.ended))

    def test_the_phone_closes(self) -> None:
        """Before all was said."""
        self.session.connectionLost()
        self.assertIn("closed", self.successResultOf(self.session.ended))
