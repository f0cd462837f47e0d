"""noting: what is seen of phones is written in batches, and after nothing that ends it."""

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from provserver.errors import NotFound
from provserver.model import Commit, Config, Delete, Presence
from provserver.store.journal import JournalStore
from tests.fakes.disk import FakeDisk
from tests.store.contract_case import putting
from tests.store.pairs import opened
from tests.store.threads import ByHand


class NotingTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.threads = ByHand()
        self.disk = FakeDisk()
        self.store = opened(self.disk, self.clock, self.threads)

    def on_disk(self) -> JournalStore:
        return opened(FakeDisk(self.disk.files))

    def test_notes_are_written_every_five_seconds_in_one_line(self) -> None:
        """A boot storm costs no sync a phone."""
        for number in range(50):
            self.store.note(Presence(f"d{number}", ip=f"10.0.0.{number}"))
            self.store.note(Presence(f"d{number}", ip=f"10.0.1.{number}"))
        self.clock.advance(4.9)
        self.assertEqual(self.threads.names(), [])
        self.clock.advance(0.1)
        self.threads.run()
        self.assertEqual(self.on_disk().get(Presence, "d7").ip, "10.0.1.7")
        (journal,) = self.disk.files.values()
        self.assertEqual(journal.count(b"\n"), 2)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_a_clock_that_is_set_back_delays_nothing(self) -> None:
        """What was seen is written within five seconds by whatever clock."""
        self.clock.advance(7200)
        self.store.note(Presence("d1", ip="10.0.0.1"))
        self.clock.rightNow -= 3600
        self.store.note(Presence("d2", ip="10.0.0.2"))
        self.clock.advance(5)
        self.threads.run_all()
        self.assertEqual(
            [self.on_disk().get(Presence, f"d{at}").ip for at in (1, 2)], ["10.0.0.1", "10.0.0.2"]
        )

    def test_very_many_notes_are_several_lines(self) -> None:
        """No line that a start must hold in memory whole grows without end."""
        for number in range(2500):
            self.store.note(Presence(f"d{number}"))
        self.clock.advance(5)
        self.threads.run_all()
        (journal,) = self.disk.files.values()
        self.assertEqual(journal.count(b"\n"), 4)
        self.assertEqual(self.on_disk().get(Presence, "d2499").id, "d2499")

    def test_a_lease_is_written_at_once_also_while_others_are_being_written(self) -> None:
        """It proves an address: a restart must not forget it."""
        self.store.note(Presence("d1", ip="10.0.0.1"), at_once=True)
        self.store.note(Presence("d1", ip="10.0.0.2"), at_once=True)
        self.assertEqual(self.threads.names(), ["write"])
        self.threads.run()
        self.assertEqual(self.on_disk().get(Presence, "d1").ip, "10.0.0.1")
        self.threads.run()
        self.assertEqual(self.on_disk().get(Presence, "d1").ip, "10.0.0.2")
        self.clock.advance(5)
        self.assertEqual((self.threads.names(), self.clock.getDelayedCalls()), ([], []))

    def test_a_deleted_device_is_not_seen_again(self) -> None:
        """A phone asks while its device is being deleted: no restart brings its presence back."""
        self.store.commit(putting(Presence("d1")))
        self.threads.run_all()
        self.store.note(Presence("d1", ip="10.0.0.1"))
        self.store.commit(Commit((Delete(Presence, "d1"),), "", ""))
        self.store.note(Presence("d1", ip="10.0.0.2"), at_once=True)
        self.threads.run_all()
        self.clock.advance(5)
        self.threads.run_all()
        self.assertRaises(NotFound, self.store.get, Presence, "d1")
        self.assertRaises(NotFound, self.on_disk().get, Presence, "d1")

    def test_a_note_is_held_back_while_its_document_changes(self) -> None:
        """What is read after a restart is what was seen before it."""
        self.store.commit(putting(Presence("d1", version="1"), Config("c1")))
        self.store.note(Presence("d1", ip="10.0.0.1"), at_once=True)
        self.store.note(Presence("d2", ip="10.0.0.2"), at_once=True)
        self.threads.run_all()
        self.assertEqual(self.store.get(Presence, "d1"), Presence("d1", rev=1, version="1"))
        self.store.note(Presence("d1", ip="10.0.0.3"))
        self.clock.advance(5)
        self.threads.run_all()
        for store in (self.store, self.on_disk()):
            self.assertEqual(store.get(Presence, "d1"), Presence("d1", rev=1, ip="10.0.0.3"))
            self.assertEqual(store.get(Presence, "d2").ip, "10.0.0.2")
