"""the watchers: how far back they may begin."""

from twisted.trial.unittest import SynchronousTestCase

from provserver.errors import Lost
from provserver.model import Commit, Committed, Config, Put
from provserver.store.watchers import Watchers


def committed(seq: int, *doc_ids: str) -> Committed:
    changes = tuple(Put(Config(doc_id, rev=seq), None) for doc_id in doc_ids)
    return Committed(seq, float(seq), Commit(changes, "who", "why"))


class WatchersTests(SynchronousTestCase):
    def test_who_watches_from_too_long_ago_is_told_so(self) -> None:
        """It must read everything anew rather than miss a change; old versions must not fill the memory."""
        watchers = Watchers(most_changes=4)
        watchers.begins(7)
        self.assertRaises(Lost, watchers.watch, 6, print)
        watchers.watch(7, lambda _: None)
        for seq in range(8, 14):
            watchers.add(committed(seq, "a"))
        for since in (7, 8):
            self.assertRaises(Lost, watchers.watch, since, print)
        told: list[Committed] = []
        watchers.watch(9, told.append)
        self.assertEqual([one.seq for one in told], [10, 11, 12, 13])

    def test_a_commit_larger_than_all_that_is_kept_is_told_but_not_kept(self) -> None:
        """An import of everything is one commit."""
        watchers = Watchers(most_changes=4)
        told: list[Committed] = []
        watchers.watch(0, told.append)
        watchers.add(committed(1, *"abcdefgh"))
        self.assertEqual([one.seq for one in told], [1])
        self.assertRaises(Lost, watchers.watch, 0, print)
        watchers.watch(1, print)
