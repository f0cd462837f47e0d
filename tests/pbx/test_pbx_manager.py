"""A connection to a PBX that is commanded over TCP: its login, its life, and what NOTIFYs come to."""

from typing import cast

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from provserver.errors import NotResynced
from provserver.interfaces import Told
from provserver.model import Notify
from provserver.pbx import ami, esl
from provserver.pbx.interfaces import INotifier, Target
from provserver.pbx.manager import ManagerNotifier
from provserver.pbx.session import ANSWER_S, LOGIN_S, PING_EVERY_S, Fields
from tests.pbx.managers import SECRET, Asterisk, FreeSwitch, Pbx

NOTIFY = Notify("check-sync")
SLOT = Target("ap0017")


def asterisk_fields(target: Target, notify: Notify) -> Fields:
    return ami.notify_fields(target, notify, frozenset())


def freeswitch_fields(target: Target, notify: Notify) -> Fields:
    return esl.notify_fields(target, notify, frozenset(), "internal", "pbx")


class ManagerCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.pbx: Pbx = Asterisk()
        self.notifier = self.made()

    def made(self, secret: str = SECRET) -> ManagerNotifier:
        return ManagerNotifier(
            "office",
            self.pbx,
            lambda: ami.AmiDialect("provd", secret),
            asterisk_fields,
            cast(IReactorTime, self.clock),
            lambda: 1.0,
        )

    def start(self, secret: str = SECRET) -> None:
        self.notifier = self.made(secret)
        self.notifier.start()
        self.addCleanup(self.stop)

    def stop(self) -> None:
        self.successResultOf(self.notifier.stop())
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def told(self, target: Target = SLOT) -> Deferred[Told]:
        return self.notifier.notify(target, NOTIFY)

    def refused(self, told: Deferred[Told]) -> str:
        problem = self.failureResultOf(told, NotResynced).value
        assert isinstance(problem, NotResynced)
        return problem.reason_id


class NotifyTests(ManagerCase):
    def test_it_is_sent_and_never_more(self) -> None:
        """Asterisk says so of a dead port too: only the fetch proves anything."""
        self.start()
        verifyObject(INotifier, self.notifier)
        self.assertEqual(self.successResultOf(self.told()), "sent")
        self.assertEqual(self.successResultOf(self.told(Target("", "sip:x@198.51.100.7:9"))), "sent")
        self.assertIn(
            "Action: PJSIPNotify\r\nEndpoint: ap0017\r\nVariable: Event=check-sync", self.pbx.heard[1]
        )

    def test_what_asterisk_refuses(self) -> None:
        """An endpoint that is unknown, and a module that is not loaded."""
        self.start()
        self.assertEqual(self.refused(self.told(Target("nobody"))), "pbx.refused")
        assert isinstance(self.pbx, Asterisk)
        self.pbx.loaded = False
        self.assertEqual(self.refused(self.told()), "pbx.refused")

    def test_what_cannot_be_said(self) -> None:
        """It is refused before anything is written; the connection lives on."""
        self.start()
        heard = len(self.pbx.heard)
        self.assertEqual(self.refused(self.told(Target("a\nb"))), "resync.unfit")
        self.assertEqual(self.refused(self.told(Target("a", "nonsense"))), "resync.unfit")
        told = self.notifier.notify(SLOT, Notify("x", b"\xff", "text/plain"))
        self.assertEqual(self.refused(told), "resync.unfit")
        self.assertEqual(self.refused(self.told(Target())), "resync.no-target")
        self.assertEqual(len(self.pbx.heard), heard)
        self.assertEqual(self.successResultOf(self.told()), "sent")

    def test_many_go_one_after_the_other(self) -> None:
        """The Manager takes one action at a time; answers are in order."""
        self.start()
        self.pbx.mute = True
        waiting = [self.told() for _ in range(3)]
        self.assertEqual(len(self.pbx.heard), 2)
        self.pbx.mute = False
        self.pbx.answer(self.pbx.heard[1])
        self.assertEqual([self.successResultOf(each) for each in waiting], ["sent"] * 3)

    def test_freeswitch(self) -> None:
        """The same life, other words."""
        self.pbx = FreeSwitch()
        self.notifier = ManagerNotifier(
            "fs",
            self.pbx,
            lambda: esl.EslDialect(SECRET),
            freeswitch_fields,
            cast(IReactorTime, self.clock),
            lambda: 1.0,
        )
        self.notifier.start()
        self.addCleanup(self.stop)
        self.assertEqual(self.successResultOf(self.told()), "sent")
        self.clock.advance(PING_EVERY_S)
        self.assertEqual(self.pbx.heard[-1], "noevents")


class LifeTests(ManagerCase):
    def test_before_the_start(self) -> None:
        """Nothing is queued for a PBX that may never come."""
        self.assertEqual(self.refused(self.told()), "pbx.away")
        self.successResultOf(self.notifier.stop())

    def test_a_pbx_that_is_down_is_tried_again_and_again(self) -> None:
        """After longer and longer pauses, at most a minute; who asks meanwhile is told so at once."""
        self.pbx.away = True
        self.start()
        times = []
        for second in range(200):
            before = self.pbx.connections
            self.clock.advance(1)
            if self.pbx.connections > before:
                times.append(second + 1)
        self.assertEqual(times, [1, 3, 7, 15, 31, 63, 123, 183])
        self.assertEqual(self.refused(self.told()), "pbx.away")
        self.pbx.away = False
        self.clock.advance(60)
        self.assertEqual(self.successResultOf(self.told()), "sent")

    def test_jitter_shortens_a_pause_by_half_at_most(self) -> None:
        """A restarted PBX is not met by all its clients in one moment."""
        self.pbx.away = True
        self.notifier = ManagerNotifier(
            "o",
            self.pbx,
            lambda: ami.AmiDialect("", ""),
            asterisk_fields,
            cast(IReactorTime, self.clock),
            lambda: 0.0,
        )
        self.notifier.start()
        self.addCleanup(self.stop)
        self.clock.advance(0.5)
        self.assertEqual(self.pbx.connections, 2)

    def test_a_wrong_password(self) -> None:
        """It is tried again, in case the administrator mends it; the reason is in the answer."""
        self.start("wrong")
        problem = self.failureResultOf(self.told(), NotResynced).value
        self.assertIn("Authentication failed", str(problem))
        self.clock.advance(1)
        self.assertEqual(self.pbx.connections, 2)

    def test_a_pbx_that_never_greets(self) -> None:
        """Something listens, and says nothing."""
        self.pbx.mute = True
        self.start()
        self.clock.advance(LOGIN_S)
        self.assertEqual(self.pbx.closed_by_us, 1)
        self.assertIn("no answer", str(self.failureResultOf(self.told(), NotResynced).value))

    def test_what_is_no_pbx(self) -> None:
        """A web server on the port."""
        self.pbx.mute = True
        self.start()
        self.pbx.say(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        self.assertEqual(self.pbx.closed_by_us, 1)
        self.assertIn("no Asterisk", str(self.failureResultOf(self.told(), NotResynced).value))

    def test_it_disconnects_in_the_middle(self) -> None:
        """Whoever waits is told; the next one is served by the next connection."""
        self.start()
        self.pbx.mute = True
        waiting = [self.told(), self.told()]
        self.pbx.go()
        self.assertEqual([self.refused(each) for each in waiting], ["pbx.gone"] * 2)
        self.assertEqual(self.refused(self.told()), "pbx.away")
        self.pbx.mute = False
        self.clock.advance(1)
        self.assertEqual(self.successResultOf(self.told()), "sent")

    def test_it_goes_before_the_login(self) -> None:
        """It restarts, or takes no more connections."""
        self.pbx.mute = True
        self.start()
        self.pbx.go()
        self.assertIn("closed", str(self.failureResultOf(self.told(), NotResynced).value))

    def test_a_slow_pbx_is_given_up(self) -> None:
        """An answer that comes later could be taken for the next one's: the connection is closed."""
        self.start()
        self.pbx.mute = True
        waiting = self.told()
        self.clock.advance(ANSWER_S)
        self.assertEqual((self.refused(waiting), self.pbx.closed_by_us), ("pbx.no-answer", 1))

    def test_a_quiet_connection_is_pinged(self) -> None:
        """A firewall forgets what is quiet; a PBX that died without a word is found out."""
        self.start()
        for _ in range(3):
            self.clock.advance(PING_EVERY_S)
        self.assertEqual([heard.split("\r\n")[0] for heard in self.pbx.heard[1:]], ["Action: Ping"] * 3)
        self.pbx.mute = True
        self.clock.advance(PING_EVERY_S)
        self.clock.advance(ANSWER_S)
        self.assertEqual(self.pbx.closed_by_us, 1)

    def test_unasked_answers_are_passed_over(self) -> None:
        """Nothing that a PBX says without need may end the connection."""
        self.start()
        self.pbx.say(b"Response: Success\r\nActionID: provd-0\r\n\r\n")
        self.pbx.say(b"Event: Shutdown\r\n\r\n")
        self.assertEqual(self.successResultOf(self.told()), "sent")

    def test_a_stop_ends_everything(self) -> None:
        """While it connects, while it pauses, while it logs in, while somebody waits."""
        self.pbx.slow = True
        self.start()
        self.stop()
        self.pbx.slow, self.pbx.away = False, True
        self.start()
        self.stop()
        self.pbx.away, self.pbx.mute = False, True
        self.start()
        self.successResultOf(self.notifier.stop())
        self.pbx.mute = False
        self.start()
        self.pbx.mute = True
        waiting = self.told()
        self.stop()
        self.assertEqual(self.refused(waiting), "resync.stopped")
