"""A session with a PBX, as values: what the connection's tests cannot see."""

from twisted.trial.unittest import SynchronousTestCase

from provserver.errors import Invalid
from provserver.pbx import session as module
from provserver.pbx.ami import AmiDialect
from provserver.pbx.session import Ready, Replied, Reply, Send, Session

LOGGED_IN = b"Response: Success\r\nActionID: provd-0\r\n\r\n"
PING = (("Action", "Ping"),)


class SessionTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.session = Session(AmiDialect("provd", "s3cret"), now=0.0)

    def log_in(self) -> None:
        self.session.fed(b"Asterisk Call Manager/11.0.0\r\n", 0.0)
        self.session.fed(LOGGED_IN, 0.0)

    def test_what_is_asked_before_the_login_waits_for_it(self) -> None:
        """Nothing may go out before it."""
        self.assertEqual(self.session.ask(1, PING, 0.0), ())
        (login,) = self.session.fed(b"Asterisk Call Manager/11.0.0\r\n", 0.0)
        assert isinstance(login, Send)
        self.assertIn(b"Login", login.data)
        ready, sent = self.session.fed(LOGGED_IN, 1.0)
        self.assertEqual(ready, Ready())
        self.assertEqual(sent, Send(b"Action: Ping\r\nActionID: provd-1\r\n\r\n"))

    def test_too_early_is_not_due(self) -> None:
        """A timer that fires early ends nothing."""
        self.assertEqual(self.session.woken(9.9), ())

    def test_an_answer_to_nothing(self) -> None:
        """The last one again, after it was answered."""
        self.log_in()
        self.session.ask(1, PING, 1.0)
        answer = b"Response: Success\r\nActionID: provd-1\r\n\r\n"
        self.assertEqual(self.session.fed(answer, 1.0), (Replied(1, Reply(True, "")),))
        self.assertEqual(self.session.fed(answer, 1.0), ())

    def test_there_is_an_end_to_waiting(self) -> None:
        """A PBX that hangs must not cost memory without bound."""
        self.log_in()
        for token in range(module._MOST_WAITING):
            self.session.ask(token, PING, 1.0)
        self.assertEqual(
            self.session.ask(99_999, PING, 1.0), (Replied(99_999, Reply(False, "too many wait for the PBX")),)
        )

    def test_what_cannot_be_written_is_refused_at_once(self) -> None:
        """Not when its turn comes, in the middle of others."""
        self.assertRaises(Invalid, self.session.ask, 1, (("Action", "a\nb"),), 0.0)
