"""the history: who changed what, and when; on disk, for as long as it is useful, whatever happens to the disk."""

import errno
import random

from attrs import evolve
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from provserver.model import Commit, Committed, Config, Delete, Device, Document, Presence, Put
from provserver.store.history import KEPT_DELETED_S, MOST_OF_ONE, file_of
from provserver.store.journal import JournalStore
from tests.fakes.disk import FakeDisk
from tests.store.contract_case import DEVICE, json_of, putting
from tests.store.pairs import failing_disk, opened
from tests.store.threads import ByHand

FILE = file_of((Device, "d1"))


def changed(number: int) -> Commit:
    return Commit((Put(evolve(DEVICE, model=f"T{number}"), None),), f"who{number}", f"why{number}")


class HistoryTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.clock.advance(1_800_000_000)
        self.disk = FakeDisk()

    def opened(self, compact_bytes: int = 1) -> JournalStore:
        return opened(self.disk, self.clock, compact_bytes=compact_bytes)

    def history(
        self, store: JournalStore, kind: type[Document] = Device, doc_id: str = "d1"
    ) -> tuple[Committed, ...]:
        history: tuple[Committed, ...] = self.successResultOf(store.history(kind, doc_id, 100))
        return history

    def models(self, store: JournalStore) -> list[str | None]:
        found = []
        for one in self.history(store):
            (change,) = one.commit.changes
            if isinstance(change, Put):
                assert isinstance(change.document, Device)
                found.append(change.document.model)
            else:
                found.append(None)
        return found

    def test_it_outlives_compactions_and_restarts(self) -> None:
        """Whoever asks why a phone changed asks days later."""
        for compact_bytes in (1, 700, 10**9):
            self.disk = FakeDisk()
            for number in range(0, 12, 3):
                store = self.opened(compact_bytes)
                for more in range(3):
                    self.successResultOf(store.commit(changed(number + more)))
                expected = [f"T{at}" for at in reversed(range(number + 3))]
                self.assertEqual(self.models(store), expected)
                self.successResultOf(store.close())
                self.assertEqual(self.models(self.opened(compact_bytes)), expected)
            newest = self.history(store)[0]
            self.assertEqual(
                (newest.commit.who, newest.commit.why, newest.at), ("who11", "why11", 1_800_000_000)
            )

    def test_the_last_twenty_of_a_document_are_kept(self) -> None:
        """A document that changes every minute must not fill the disk."""
        store = self.opened(4000)
        big = evolve(DEVICE, options=json_of({"filling": "x" * 5000}))
        for number in range(100):
            self.successResultOf(store.commit(putting(evolve(big, model=f"T{number}"))))
        self.assertEqual(self.models(store), [f"T{at}" for at in reversed(range(80, 100))])
        self.assertLess(len(self.disk.files[FILE]), 3 * MOST_OF_ONE * 5200)
        lines = self.disk.files[FILE].count(b'"kind":"device"')
        self.assertTrue(MOST_OF_ONE <= lines < 3 * MOST_OF_ONE, lines)

    def test_no_secret_is_in_its_files(self) -> None:
        """Nobody needs an old password, except who should not have it."""
        store = self.opened()
        raw = json_of(
            {"admin_password": "hush1", "sip_lines": {"1": {"password": "hush2", "username": "anna"}}}
        )
        self.successResultOf(store.commit(putting(Config("c1", raw=raw))))
        self.successResultOf(store.commit(changed(1)))
        text = b"".join(text for name, text in self.disk.files.items() if name.startswith("history-"))
        self.assertIn(b"anna", text)
        self.assertNotIn(b"hush", text)

    def test_it_tells_only_of_the_document_that_was_asked_for(self) -> None:
        """One commit may change documents of two tenants."""
        for compact_bytes in (1, 10**9):
            self.disk = FakeDisk()
            store = self.opened(compact_bytes)
            self.successResultOf(store.commit(putting(DEVICE, Config("d1"), Config("c1", role="x"), DEVICE)))
            ((change,),) = [one.commit.changes for one in self.history(store)]
            assert isinstance(change, Put)
            self.assertIsInstance(change.document, Device)
            self.assertEqual(len(self.history(store, Config, "d1")), 1)

    def test_of_a_deleted_document_it_is_kept_for_a_season(self) -> None:
        """Who deleted it is the question that is asked most; but phones that come and go leave nothing for ever."""
        store = self.opened()
        self.successResultOf(store.commit(changed(0)))
        self.successResultOf(store.commit(Commit((Delete(Device, "d1"),), "anna", "because")))
        newest = self.history(store)[0]
        self.assertEqual((newest.commit.who, newest.commit.changes), ("anna", (Delete(Device, "d1"),)))
        others = [doc_id for doc_id in map(str, range(9999)) if file_of((Device, doc_id)) == FILE]
        for waited_s, times, left in ((KEPT_DELETED_S - 10, 1, 2), (20, 3, 0)):
            self.clock.advance(waited_s)
            for doc_id in others * times:
                filling = Device(doc_id, model=str(waited_s), options=json_of({"filling": "x" * 9000}))
                self.successResultOf(store.commit(putting(filling)))
            self.assertEqual(len(self.history(store)), left)
        self.successResultOf(store.commit(changed(5)))
        self.assertEqual(self.models(store), ["T5"])

    def test_what_is_only_seen_is_not_in_it(self) -> None:
        """A phone boots every day."""
        store = self.opened()
        self.successResultOf(store.commit(changed(0)))
        store.note(Presence("d1", ip="10.0.0.7"), at_once=True)
        self.assertEqual(self.history(store, Presence), ())

    def test_a_clock_that_goes_back_changes_no_order(self) -> None:
        """The order is that of the commits; `at` is only what the clock said."""
        store = self.opened(600)
        for number in range(6):
            self.successResultOf(store.commit(changed(number)))
            self.clock.rightNow -= 3600
        self.assertEqual(self.models(store), [f"T{at}" for at in reversed(range(6))])
        self.assertEqual(self.models(self.opened()), self.models(store))

    def test_an_id_may_be_anything(self) -> None:
        """It is found by its text in the line."""
        for compact_bytes in (1, 10**9):
            self.disk = FakeDisk()
            store = self.opened(compact_bytes)
            for doc_id in ('a"b', "ü\n", "\\", "d"):
                self.successResultOf(store.commit(putting(Device(doc_id, model='"id":"d1"'))))
            for doc_id in ('a"b', "ü\n", "\\", "d"):
                self.assertEqual(len(self.history(store, Device, doc_id)), 1)
            self.assertEqual(self.history(store), ())

    def test_what_is_asked_while_it_is_written_is_whole(self) -> None:
        """A journal may become a part of the history between two lines of an answer."""
        threads = ByHand()
        store = opened(self.disk, self.clock, threads, compact_bytes=300)
        for number in range(3):
            store.commit(changed(number))
            threads.run(-1)
        self.assertEqual(threads.names(), ["snapshot"])
        real, names = self.disk.lines, []

        def reading(name: str) -> object:
            names.append(name)
            if names == ["journal-0.jsonl"]:
                del threads.waiting[1:]
                threads.run()
            return real(name)

        asked = store.history(Device, "d1", 9)
        self.disk.lines = reading  # type: ignore[method-assign,assignment]  # what another thread does meanwhile
        threads.run(-1)
        self.assertEqual([one.seq for one in self.successResultOf(asked)], [3, 2, 1])
        self.assertNotIn("journal-0.jsonl", self.disk.names())

    def test_one_question_is_answered_after_the_other(self) -> None:
        """A busy audit must not take all threads: commits need one."""
        threads = ByHand()
        store = opened(self.disk, self.clock, threads)
        asked = [store.history(Device, "d1", 9) for _ in range(3)]
        store.commit(changed(1))
        self.assertEqual(threads.names(), ["of", "write"])
        threads.run_all()
        for one in asked:
            self.assertEqual(self.successResultOf(one), ())

    def test_what_was_refused_is_no_history(self) -> None:
        """Also where the journal could not even be cut: the disk has it, but it has never happened."""
        store = self.opened(10**9)
        self.successResultOf(store.commit(changed(0)))

        def broken(operation: str, name: str) -> None:
            if operation in ("sync", "cut") and name.startswith("journal-0"):
                raise OSError(errno.EIO, "failed on purpose")

        self.disk.before = broken
        self.failureResultOf(store.commit(changed(1)))
        self.assertIn(b"T1", self.disk.files["journal-0.jsonl"])
        self.assertEqual(self.models(store), ["T0"])
        self.disk.before = lambda operation, name: None
        self.clock.advance(1)
        self.successResultOf(store.commit(changed(2)))
        self.assertEqual(self.models(store), ["T2", "T0"])

    def test_while_it_cannot_be_written_the_journals_stay(self) -> None:
        """Nothing of it is lost by a disk that is full for a while."""
        for operation in ("create", "append", "write", "sync"):
            self.disk = FakeDisk()
            store = self.opened(10**9)
            for number in range(3):
                self.successResultOf(store.commit(changed(number)))
            store = self.opened(1)
            with failing_disk(self.disk, operation, "history-", errno.ENOSPC):
                self.successResultOf(store.commit(changed(3)))
                self.assertIn("journal-0.jsonl", self.disk.names())
                self.assertEqual(self.models(store), ["T3", "T2", "T1", "T0"], operation)
                self.successResultOf(store.commit(changed(4)))
            for number in range(5, 9):
                self.successResultOf(store.commit(changed(number)))
            self.assertNotIn("journal-0.jsonl", self.disk.names(), operation)
            self.assertEqual(self.models(store), [f"T{at}" for at in reversed(range(9))], operation)

    def test_power_loss_takes_nothing_that_was_acknowledged(self) -> None:
        """The audit log is as durable as what it tells of."""
        for seed in range(60):
            chance = random.Random(seed)
            self.disk = FakeDisk()
            done = 0
            for _ in range(6):
                store = self.opened(chance.choice((1, 300, 900, 5000)))
                for _ in range(chance.randrange(8)):
                    self.successResultOf(store.commit(changed(done)))
                    done += 1
                self.disk = self.disk.after_power_loss(chance)
                expected = [f"T{at}" for at in reversed(range(done))][:MOST_OF_ONE]
                self.assertEqual(self.models(self.opened()), expected, seed)

    def test_a_file_of_it_that_is_damaged_costs_its_lines_alone(self) -> None:
        """It is no reason to refuse a start, nor an answer."""
        store = self.opened()
        for number in range(4):
            self.successResultOf(store.commit(changed(number)))
        text = self.disk.files[FILE]
        for at in range(0, len(text), 7):
            damaged = text[:at] + b"\xff" + text[at + 1 :]
            self.disk = FakeDisk({**self.disk.files, FILE: damaged})
            models = self.models(self.opened())
            self.assertEqual(models[0], "T3")
            self.assertGreaterEqual(len(models), 2)
