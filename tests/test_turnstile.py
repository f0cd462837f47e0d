"""turnstile: a crowd waits for its turn, known phones before it, and nobody for ever."""

from typing import Any

from attrs import evolve
from twisted.internet.defer import Deferred, succeed
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer
from zope.interface.verify import verifyObject

from provserver import turnstile
from provserver.interfaces import IAnswers
from provserver.model import Answer, Sighting
from provserver.turnstile import Turnstile

SIGHTING = Sighting("http", 0.0, "10.0.0.7", "http://provd")
DONE = Answer("nothing", ())


@implementer(IAnswers)
class Slow:
    """Takes a millisecond of the reactor for each answer."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.asked: list[str] = []

    def answer(self, sighting: Sighting) -> Deferred[Answer]:
        self.asked.append(sighting.ip)
        self._clock.rightNow += 0.001
        if sighting.path == "bug":
            raise ZeroDivisionError
        return succeed(DONE)


class TurnstileTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.patch(turnstile, "_SLICE_S", 0.0045)  # five answers
        self.clock = Clock()
        self.inner = Slow(self.clock)
        self.turnstile = Turnstile(self.inner, self.clock, lambda ip, _: ip.startswith("10."))

    def come(self, ip: str, path: str = "") -> Deferred[Answer]:
        return self.turnstile.answer(evolve(SIGHTING, ip=ip, path=path))

    def turn(self) -> list[str]:
        """Let the reactor turn once; return who was asked about."""
        before = len(self.inner.asked)
        due: list[Any] = list(self.clock.getDelayedCalls())
        for call in due:  # what they set is for the next turn, as in a real reactor
            act = call.func
            call.cancel()
            act()
        return self.inner.asked[before:]

    def test_it_provides_its_interface(self) -> None:
        """Shells know only the interface."""
        verifyObject(IAnswers, self.turnstile)

    def test_where_nobody_waits_answers_come_at_once(self) -> None:
        """On a quiet day it costs a phone nothing."""
        for _ in range(3):
            self.assertEqual(self.successResultOf(self.come("192.0.2.1")), DONE)
            self.turn()
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_a_turn_is_short_however_many_ask(self) -> None:
        """Packets of TFTP, leases and REST wait for no crowd."""
        answers = [self.come(f"192.0.2.{number}") for number in range(12)]
        self.assertEqual(len(self.inner.asked), 5)
        self.assertEqual(self.turnstile.waiting, 7)
        self.assertEqual([len(self.turn()) for _ in range(3)], [5, 2, 0])
        for answer in answers:
            self.assertEqual(self.successResultOf(answer), DONE)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_known_phones_come_first(self) -> None:
        """But one answer of four is for the others, so that no crowd of known ones locks them out."""
        for number in range(25):
            self.come(f"192.0.2.{number}")
        self.turn()
        for number in range(5):
            self.come(f"10.0.0.{number}")
        self.assertEqual(len([ip for ip in self.turn() if ip.startswith("10.")]), 4)
        self.assertIn("10.0.0.4", self.turn())

    def test_sources_take_turns(self) -> None:
        """Who asks a thousand times waits, and not the one who asks once behind it."""
        for _ in range(25):
            self.come("203.0.113.9")
        self.come("192.0.2.1")
        self.come("192.0.2.2")
        self.assertEqual(self.turn(), ["203.0.113.9", "192.0.2.1", "192.0.2.2", "203.0.113.9", "203.0.113.9"])

    def test_who_comes_while_others_wait_does_not_pass_them(self) -> None:
        """A new turn has begun, but the crowd was there before."""
        for number in range(20):
            self.come(f"192.0.2.{number}")
        self.turn()
        self.clock.rightNow += 1
        answer = self.come("192.0.2.99")
        self.assertNoResult(answer)

    def test_strangers_by_tftp_wait_for_the_next_turn(self) -> None:
        """Their datagrams are read on: a known phone's may stand behind them in the kernel's queue."""
        answers = [
            self.turnstile.answer(evolve(SIGHTING, ip=ip, protocol="tftp"))
            for ip in ("192.0.2.1", "10.0.0.1")
        ]
        self.assertNoResult(answers[0])
        self.assertNoResult(answers[1])  # somebody waits already, so that it does too, but it comes first
        self.assertEqual(self.turn(), ["10.0.0.1", "192.0.2.1"])

    def test_a_crowd_that_is_too_large_is_sent_away(self) -> None:
        """Known phones are queued all the same."""
        self.patch(turnstile, "_MOST_WAITING", 3)
        answers = [self.come(f"192.0.2.{number}") for number in range(9)]
        self.assertFalse(self.turnstile.admits("192.0.2.99"))
        self.assertTrue(self.turnstile.admits("10.0.0.1"))
        self.assertEqual(self.successResultOf(answers[-1]), Answer("busy", (), retry_s=30))
        known = self.come("10.0.0.1")
        self.assertNoResult(known)
        self.turn()
        self.assertEqual(self.successResultOf(known), DONE)

    def test_a_bug_is_its_own_requests(self) -> None:
        """Those behind it are served."""
        answers = [self.come(f"192.0.2.{number}", "" if number != 6 else "bug") for number in range(8)]
        self.turn()
        self.failureResultOf(answers[6], ZeroDivisionError)
        self.assertEqual(self.successResultOf(answers[7]), DONE)
