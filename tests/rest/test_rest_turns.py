"""Turns: REST and the phones share one reactor, and the phones come first."""

from collections.abc import Callable

from twisted.internet.interfaces import IDelayedCall
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from provserver.rest.turns import Turns


class TurningClock(Clock):
    """A clock whose calls wait for the next turn, whatever time it is."""

    def __init__(self) -> None:
        super().__init__()
        self.due: list[Callable[[], object]] = []

    def callLater(
        self,
        delay: float,
        callable: Callable[..., object],  # noqa: A002 - Twisted's name
        *args: object,
        **kw: object,
    ) -> IDelayedCall:
        self.due.append(callable)
        return super().callLater(delay, callable, *args, **kw)


class TurnsTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = TurningClock()
        self.turns = Turns(self.clock)
        self.done: list[int] = []

    def run_one(self, number: int, takes_s: float = 0.001) -> None:
        def work() -> None:
            self.clock.rightNow += takes_s
            self.done.append(number)

        self.turns.run(work)

    def turn(self) -> None:
        """A reactor runs what is due, and what that asks for in the turn after; `Clock.advance` would run it now."""
        due, self.clock.due = self.clock.due, []
        for function in due:
            function()

    def test_a_request_is_answered_at_once(self) -> None:
        """An idle server adds no wait."""
        self.run_one(1)
        self.assertEqual(self.done, [1])

    def test_a_crowd_is_spread_over_turns_in_order(self) -> None:
        """Between two turns the reactor looks at the phones; nobody overtakes."""
        for number in range(8):
            self.run_one(number)
        self.assertEqual(self.done, [0, 1, 2])
        self.turn()
        self.assertEqual(self.done, [0, 1, 2, 3, 4, 5])
        self.run_one(8)
        self.assertEqual(len(self.done), 6)
        self.turn()
        self.assertEqual(self.done, list(range(9)))

    def test_a_long_one_costs_its_own_turn_only(self) -> None:
        """What was used up is forgotten with the turn."""
        self.run_one(1, takes_s=1.0)
        self.run_one(2)
        self.assertEqual(self.done, [1])
        self.turn()
        self.turn()
        self.run_one(3)
        self.assertEqual(self.done, [1, 2, 3])
        self.turn()
        self.turn()
        self.assertEqual(self.clock.due, [])
