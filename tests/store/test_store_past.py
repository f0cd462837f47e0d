"""the past: how much of it is kept."""

from twisted.trial.unittest import SynchronousTestCase

from provserver.errors import Lost
from provserver.model import Commit, Committed, Config, Put
from provserver.store.past import Past


def committed(seq: int, *doc_ids: str) -> Committed:
    changes = tuple(Put(Config(doc_id, rev=seq), None) for doc_id in doc_ids)
    return Committed(seq, float(seq), Commit(changes, "who", "why"))


def seqs(past: Past, doc_id: str) -> list[int]:
    return [one.seq for one in past.of((Config, doc_id), 100)]


class PastTests(SynchronousTestCase):
    def test_the_oldest_commits_go_when_there_are_too_many_changes(self) -> None:
        """Old versions of 100,000 documents must not fill the memory."""
        past = Past(most_changes=4)
        for seq in range(1, 7):
            past.add(committed(seq, "a", f"b{seq}"))
        self.assertEqual(seqs(past, "a"), [6, 5])
        self.assertEqual([seqs(past, f"b{seq}") for seq in (4, 5)], [[], [5]])

    def test_a_commit_larger_than_all_that_is_kept_is_not_kept(self) -> None:
        """An import of everything is one commit."""
        past = Past(most_changes=4)
        past.add(committed(1, "a"))
        past.add(committed(2, *"abcdefgh"))
        self.assertEqual(seqs(past, "a"), [])
        past.add(committed(3, "a"))
        self.assertEqual(seqs(past, "a"), [3])

    def test_a_commit_that_changes_a_document_twice_is_one_entry(self) -> None:
        """The history lists commits."""
        past = Past(most_changes=4)
        past.add(committed(1, "a", "a"))
        self.assertEqual(seqs(past, "a"), [1])

    def test_who_watches_from_too_long_ago_is_told_so(self) -> None:
        """It must read everything anew rather than miss a change."""
        past = Past(most_changes=4)
        past.begins(7)
        self.assertRaises(Lost, past.watch, 6, print)
        past.watch(7, lambda _: None)
        for seq in range(8, 14):
            past.add(committed(seq, "a"))
        for since in (7, 8):
            self.assertRaises(Lost, past.watch, since, print)
        told: list[Committed] = []
        past.watch(9, told.append)
        self.assertEqual([one.seq for one in told], [10, 11, 12, 13])
