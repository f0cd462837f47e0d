"""A request that is repeated: 0.5, 1, 2, 4, 4, ... seconds, 32 in all (RFC 3261 section 17.1.2)."""

from twisted.trial.unittest import SynchronousTestCase

from provserver.sip.transaction import NonInvite


def sent_again_at(transaction: NonInvite, until: float = 100.0) -> list[float]:
    """Wake a transaction when it is due, until it is over; return when the request was sent again."""
    times = []
    while transaction.outcome == "waiting" and transaction.wake_at < until:
        now = transaction.wake_at
        if transaction.woken(now):
            times.append(now)
    return times


class NonInviteTests(SynchronousTestCase):
    def test_it_doubles_its_pauses_and_gives_up(self) -> None:
        """A phone that is gone costs ten repetitions, and no more."""
        transaction = NonInvite(now=0.0)
        self.assertEqual(sent_again_at(transaction), [0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5])
        self.assertEqual(transaction.outcome, "no answer")
        self.assertFalse(transaction.woken(33.0))

    def test_a_final_answer_ends_it(self) -> None:
        """Whatever it says: 200, 401 and 489 are all answers."""
        for status in (200, 401, 489, 603):
            transaction = NonInvite(now=10.0)
            transaction.answered(status)
            self.assertEqual(transaction.outcome, "answered")
            self.assertFalse(transaction.woken(10.5))

    def test_a_provisional_answer_makes_it_patient(self) -> None:
        """Somebody is there and works on it: one repetition each 4 s is enough."""
        transaction = NonInvite(now=0.0)
        transaction.answered(100)
        self.assertEqual(sent_again_at(transaction), [0.5, 4.5, 8.5, 12.5, 16.5, 20.5, 24.5, 28.5])

    def test_too_early_is_not_due(self) -> None:
        """A timer that serves many wakes all of them."""
        transaction = NonInvite(now=0.0)
        self.assertFalse(transaction.woken(0.4))
        self.assertEqual(transaction.wake_at, 0.5)
