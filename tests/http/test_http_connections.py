"""http.connections: places, turns and patience."""

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from provserver.http.connections import Connections, Turn


class Connected:
    """Keeps what it was told."""

    def __init__(self, name: str = "") -> None:
        self.name = name
        self.told: list[str] = []

    def expire(self) -> None:
        self.told.append("expire")

    def leave(self) -> None:
        self.told.append("leave")

    def abort(self) -> None:
        self.told.append("abort")


class ConnectionsTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.connections = Connections(most=3, idle_s=30, clock=self.clock)

    def admitted(self, count: int) -> list[Connected]:
        found = [Connected(str(number)) for number in range(count)]
        for one in found:
            self.assertTrue(self.connections.admit(one))
            self.clock.advance(1)
        return found

    def test_patience_counts_from_the_last_turn(self) -> None:
        """Of those that let us wait, each is told once per patience, the oldest first."""
        first, second, third = self.admitted(3)
        self.connections.turn(first, Turn.OURS)
        self.clock.pump([1] * 27)
        self.connections.turn(second, Turn.QUIET)
        self.clock.pump([1] * 6)
        self.assertEqual((first.told, second.told, third.told), ([], [], ["expire"]))
        self.clock.pump([1] * 30)
        self.assertEqual((first.told, second.told, third.told), ([], ["expire"], ["expire"] * 2))

    def test_who_takes_what_was_sent_has_more_patience(self) -> None:
        """A large file over a thin line."""
        (one,) = self.admitted(1)
        self.connections.turn(one, Turn.SENDING)
        self.clock.pump([1] * 119)
        self.assertEqual(one.told, [])
        self.clock.pump([1] * 4)
        self.assertEqual(one.told, ["expire"])

    def test_room_is_made_by_the_longest_quiet_only(self) -> None:
        """Never by one that waits for us, or is being sent something."""
        ours, sending, quiet = self.admitted(3)
        self.connections.turn(ours, Turn.OURS)
        self.connections.turn(sending, Turn.SENDING)
        self.assertTrue(self.connections.admit(Connected()))
        self.assertEqual((ours.told, sending.told, quiet.told), ([], [], ["abort"]))
        self.assertFalse(self.connections.admit(Connected()))  # the new one is quiet for no time yet
        self.assertEqual(len(self.connections), 3)

    def test_strangers_and_the_lost_have_no_turn(self) -> None:
        """One that was turned away, or made room, still tells of its end."""
        (one,) = self.admitted(1)
        self.connections.lost(one)
        self.connections.lost(one)
        self.connections.turn(one, Turn.OURS)
        self.connections.lost(Connected())
        self.assertEqual(len(self.connections), 0)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_the_sweep_begins_again_with_the_next(self) -> None:
        """It rests when the last has gone."""
        for _ in range(2):
            (one,) = self.admitted(1)
            self.assertEqual(len(self.clock.getDelayedCalls()), 1)
            self.connections.lost(one)
            self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_the_end_waits_for_the_last(self) -> None:
        """All are asked to leave; after the time they are told to be gone."""
        first, second = self.admitted(2)
        finished = self.connections.finish(5)
        self.assertEqual((first.told, second.told), (["leave"], ["leave"]))
        self.assertFalse(self.connections.admit(Connected()))
        self.connections.lost(first)
        self.clock.advance(5)
        self.assertEqual((first.told, second.told), (["leave"], ["leave", "abort"]))
        self.assertNoResult(finished)
        self.connections.lost(second)
        self.successResultOf(finished)
        self.assertEqual(self.clock.getDelayedCalls(), [])
