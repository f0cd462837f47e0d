"""Claiming: what goes wrong once the line sits on its phone makes no failure of the claim."""

from attrs import frozen

from provserver.model import Call, Device, Line, Notify, Seat, Settings
from provserver.pbx.interfaces import Claimed
from tests.fakes.vendors import Acme, AcmePlugin
from tests.test_claiming import ClaimCase, line


@frozen
class Broken(AcmePlugin):
    def resync(self, device: Device, settings: Settings) -> Notify | Call | None:
        raise ZeroDivisionError


class MeanwhileTests(ClaimCase):
    def test_a_bug_of_a_plugin_does_not_undo_a_claim(self) -> None:
        """The code is spent: who heard of an error would dial it again, and hear that it was used."""
        self.office.plugins.take((Acme(plugins=(Broken("acme-2"),)),))
        self.office.put(line("l1"))
        self.boot()
        self.assertEqual(self.claim(), Claimed(self.device().id, "internal", "l1"))
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)
        self.assertEqual(self.resyncs.begun, [])
        self.assertEqual(self.boot(), "l1")  # after a restart by hand

    def test_the_phone_that_a_line_has_left_is_gone(self) -> None:
        """It was deleted in the same moment: there is nobody to be told, and the new phone has the line."""
        self.office.put(line("l1", when_taken="move", seats=(Seat("deleted", 1),)))
        self.boot()
        self.assertEqual(self.claim(), Claimed(self.device().id, "started", "l1"))
        self.assertEqual([begun.device for begun in self.resyncs.begun], [self.device().id])
        self.assertEqual([seat.device for seat in self.store.get(Line, "l1").seats], [self.device().id])
