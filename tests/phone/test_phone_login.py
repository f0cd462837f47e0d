"""The phone's password for its server, against provd itself."""

from twisted.internet.protocol import Factory, Protocol
from twisted.trial.unittest import SynchronousTestCase, TestCase

from provserver.core.access.policy import Policy
from provserver.http.messages import Reply
from provserver.model import Proof
from provserver.phone.http_client import HttpClient
from provserver.phone.login import Login
from provserver.phone.values import Fetch, Fetched
from tests.phone.loopback import CLOCK, TCP
from tests.security.outside import FILE, TOKEN, Outside

ASKED = Fetch(FILE, f"http://provd/{FILE}?a=b", {"User-Agent": "acme A60 2.1"})
LOGIN = Login("00aced000001", TOKEN, new_cnonce=lambda: "c")


def fetched(reply: Reply) -> Fetched:
    offered = "\n".join(value for name, value in reply.headers if name == "WWW-Authenticate")
    return Fetched(reply.status, {"www-authenticate": offered}, reply.body)


class LoginTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.office = Outside(Policy(elsewhere=Proof.TOKEN), TOKEN)

    def test_it_answers_what_provd_asks(self) -> None:
        """Server and phone read the same RFC."""
        asked = fetched(self.office.http(f"/{FILE}?a=b"))
        answer = LOGIN.answer(ASKED, asked)
        assert answer
        self.assertIn("SHA-256", answer.headers["Authorization"])
        reply = self.office.http(f"/{FILE}?a=b", headers={"authorization": answer.headers["Authorization"]})
        self.assertEqual(reply.status, 200)

    def test_what_asks_for_no_digest_is_not_answered(self) -> None:
        """A phone that sent its password to whoever asks for Basic would give it away."""
        for status, offered in ((200, ""), (404, ""), (401, ""), (401, "Basic realm=x"), (403, "Digest x")):
            self.assertIsNone(LOGIN.answer(ASKED, Fetched(status, {"www-authenticate": offered})))

    def test_no_repr_shows_the_password(self) -> None:
        """It would come into the next traceback."""
        self.assertNotIn(TOKEN, repr(LOGIN))


class _Asks(Protocol):
    """Says 401 until there is an Authorization."""

    def dataReceived(self, data: bytes) -> None:
        assert self.transport
        if b"Authorization: Digest" in data:
            self.transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc")
        else:
            lines = (
                "HTTP/1.1 401 Unauthorized",
                "Content-Length: 0",
                'WWW-Authenticate: Digest realm="provd", nonce="n", algorithm=SHA-256, qop="auth"',
                'WWW-Authenticate: Digest realm="provd", nonce="n", algorithm=MD5, qop="auth"',
            )
            self.transport.write("\r\n".join((*lines, "", "")).encode())
        self.transport.loseConnection()


class FetchTests(TestCase):
    async def test_a_file_is_asked_for_again_with_the_password(self) -> None:
        """Once; without a password the 401 is the answer."""
        port = TCP.listenTCP(0, Factory.forProtocol(_Asks), interface="127.0.0.1")
        self.addCleanup(port.stopListening)
        fetch = Fetch("a.cfg", f"http://127.0.0.1:{port.getHost().port}/a.cfg")
        self.assertEqual((await HttpClient(CLOCK, "", LOGIN).fetch(fetch)).body, b"abc")
        self.assertEqual((await HttpClient(CLOCK, "").fetch(fetch)).status, 401)
