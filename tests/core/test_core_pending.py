"""pending: new phones beyond the limits wait, for a while, and a flood pushes out only its own."""

from twisted.trial.unittest import SynchronousTestCase

from provserver.core.learn import Learnt, discover
from provserver.core.pending import PendingDevices
from provserver.errors import NotFound
from provserver.model import Facts


def learnt(number: int) -> Learnt:
    facts = Facts(mac=f"00:ac:ed:00:{number // 256:02x}:{number % 256:02x}", vendor="Acme")
    return discover(facts, f"id-{number}", "master", "acme-2", None)


class PendingTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.pending = PendingDevices(most=4, keep_s=100)

    def ids(self, at: float = 0.0) -> list[str]:
        return [one.device.id for one in self.pending.listed(at)]

    def test_the_last_heard_of_is_first(self) -> None:
        """It is the one that somebody stands before."""
        for at in (1, 2, 3):
            self.pending.add(learnt(at), "10.0.0.7", at)
        again = learnt(1)
        self.pending.add(again, "10.0.0.7", 4.0)
        self.assertEqual(self.ids(4.0), ["id-1", "id-3", "id-2"])
        first = self.pending.listed(4.0)[0]
        self.assertEqual((first.since, first.last, first.until, first.ip), (1, 4.0, 104.0, "10.0.0.7"))

    def test_it_keeps_the_id_that_it_was_shown_with(self) -> None:
        """An administrator approves what he has seen, though the phone has come again since."""
        one = learnt(1)
        self.pending.add(one, "10.0.0.7", 0.0)
        other = discover(Facts(mac=one.device.mac), "another-id", "master", None, None)
        self.pending.add(other, "10.0.0.7", 1.0)
        self.assertEqual(self.pending.named("id-1", 1.0).learnt, one)
        self.assertRaises(NotFound, self.pending.named, "another-id", 1.0)

    def test_who_is_not_heard_of_any_more_goes(self) -> None:
        """Whether somebody looks or not."""
        self.pending.add(learnt(1), "10.0.0.7", 0.0)
        self.pending.add(learnt(2), "10.0.0.7", 50.0)
        self.assertEqual(self.ids(99.0), ["id-2", "id-1"])
        self.assertRaises(NotFound, self.pending.named, "id-1", 100.0)
        self.assertEqual(self.ids(100.0), ["id-2"])
        self.assertEqual(len(self.pending), 1)

    def test_a_flood_pushes_out_its_own(self) -> None:
        """The phone of the office that is being set up stays in sight."""
        self.pending.add(learnt(1), "10.0.0.7", 0.0)
        for number in range(100, 200):
            self.pending.add(learnt(number), "10.6.6.6", 1.0)
        self.assertEqual(self.ids(1.0), ["id-199", "id-198", "id-197", "id-1"])
        self.pending.add(learnt(2), "10.0.0.8", 2.0)
        self.assertEqual(self.ids(2.0), ["id-2", "id-199", "id-198", "id-1"])

    def test_forgotten_ones_leave_nothing(self) -> None:
        """Neither an id nor a count."""
        for number in range(4):
            self.pending.add(learnt(number), f"10.0.0.{number}", 0.0)
        for number in range(4):
            self.pending.forget(learnt(number).who)
            self.assertRaises(NotFound, self.pending.named, f"id-{number}", 0.0)
        self.pending.forget("nobody")
        self.assertEqual((self.ids(), len(self.pending)), ([], 0))

    def test_none_are_kept_where_none_are_wanted(self) -> None:
        """The setting may be 0."""
        pending = PendingDevices(most=0)
        pending.add(learnt(1), "10.0.0.7", 0.0)
        self.assertEqual(pending.listed(0.0), ())
