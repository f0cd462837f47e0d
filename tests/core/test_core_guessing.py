"""Guessing: who dials wrong codes is made slow and then locked, and nobody else is."""

from twisted.trial.unittest import SynchronousTestCase

from provserver.core.guessing import Guesser, Guesses, GuessLimits
from provserver.errors import TooManyTries

ANNA = Guesser("d1", "10.0.0.7", "master")
LIMITS = GuessLimits(per_phone=5, per_source=20, locked_s=600.0)


class GuessingTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.guesses = Guesses(LIMITS)

    def wrong(self, count: int, who: Guesser = ANNA, now: float = 0.0) -> list[float]:
        """Return the delays of so many wrong codes."""
        return [self.guesses.begin(who, now) for _ in range(count)]

    def test_the_first_try_is_not_delayed(self) -> None:
        """Nearly everybody dials the right code."""
        self.assertEqual(self.wrong(1), [0.0])

    def test_each_wrong_code_doubles_the_delay(self) -> None:
        """The caller hears it, and a program loses its speed."""
        self.assertEqual(self.wrong(5), [0.0, 0.5, 1.0, 2.0, 4.0])

    def test_a_phone_is_locked(self) -> None:
        """After the last wrong code for a time, and that is told."""
        self.wrong(5)
        problem = self.assertRaises(TooManyTries, self.guesses.begin, ANNA, 10.0)
        self.assertEqual((problem.reason_id, problem.retry_s), ("claim.locked", 590))
        self.assertEqual(self.wrong(1, now=600.0), [0.0])

    def test_trying_again_does_not_prolong_the_lock(self) -> None:
        """Somebody who waits as he was told must get in."""
        self.wrong(5)
        for now in range(1, 600, 50):
            self.assertRaises(TooManyTries, self.guesses.begin, ANNA, float(now))
        self.assertEqual(self.wrong(1, now=600.0), [0.0])

    def test_a_right_code_is_no_guess(self) -> None:
        """Nor is one that was not looked at."""
        for _ in range(100):
            self.guesses.begin(ANNA, 0.0)
            self.guesses.excuse(ANNA)
        self.assertEqual(self.wrong(1), [0.0])
        self.guesses.excuse(Guesser("nobody", "10.0.0.9"))

    def test_many_at_once_do_not_get_around_it(self) -> None:
        """A try counts from its beginning, whatever becomes of those before."""
        self.wrong(5)  # none of them has ended
        self.assertRaises(TooManyTries, self.guesses.begin, ANNA, 0.0)

    def test_others_are_not_locked(self) -> None:
        """Else one phone could lock a company."""
        self.wrong(5)
        self.assertEqual(self.wrong(1, Guesser("d2", "10.0.0.8", "master")), [0.0])

    def test_a_source_is_locked_later(self) -> None:
        """Behind one address there may be many phones, and somebody who takes one after the other."""
        for n in range(20):
            self.guesses.begin(Guesser(f"d{n}", "10.0.0.7"), float(n))
        self.assertRaises(TooManyTries, self.guesses.begin, Guesser("d99", "10.0.0.7"), 20.0)
        self.assertEqual(self.guesses.begin(Guesser("d99", "10.0.0.8"), 20.0), 0.0)
        self.assertEqual(self.guesses.begin(Guesser("d99", "10.0.0.7"), 619.0), 0.5)

    def test_without_a_phone_the_source_is_delayed(self) -> None:
        """Who says no name is not faster for it."""
        source = Guesser("", "10.0.0.7", "")
        self.assertEqual(self.wrong(3, source), [0.0, 0.5, 1.0])
        self.assertEqual(self.wrong(3, Guesser()), [0.0, 0.0, 0.0])

    def test_a_crowd_delays_all_and_locks_nobody(self) -> None:
        """Guesses from a thousand addresses make each a little slower, within bounds."""
        guesses = Guesses(GuessLimits())
        for n in range(50):
            guesses.begin(Guesser(f"d{n}", f"10.0.0.{n}", "anna"), 0.0)
        self.assertEqual(guesses.begin(Guesser("d99", "10.0.1.1", "anna"), 0.0), 0.5)
        self.assertEqual(guesses.begin(Guesser("d98", "10.0.1.1", "ben"), 0.0), 0.0)
        for n in range(5_000):
            guesses.begin(Guesser(f"x{n}", f"10.1.0.{n}", f"tenant-{n}"), 0.0)
        self.assertEqual(guesses.begin(Guesser("d97", "10.0.1.2", "ben"), 0.0), 4.0)

    def test_memory_is_bounded(self) -> None:
        """Addresses are easily made up."""
        for n in range(25_000):
            self.guesses.begin(Guesser(f"d{n}", f"source-{n}", f"tenant-{n}"), 0.0)
        kept = [len(tallies._tallies) for tallies in (self.guesses._phones, self.guesses._sources)]
        self.assertEqual(kept, [20_000, 20_000])
