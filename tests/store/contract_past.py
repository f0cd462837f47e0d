"""The contract of IStore: history and watching."""

from attrs import evolve

from provserver.model import (
    Committed,
    Config,
    Delete,
    Device,
    Presence,
    Put,
    Tenant,
)
from tests.store.contract_case import DEVICE, StoreCase, json_of, nested, putting


class PastContract(StoreCase):
    def test_the_history_has_who_and_why_newest_first(self) -> None:
        """It is the audit log."""
        for number in range(25):
            self.put(evolve(DEVICE, model=f"T{number}"))
        self.put(Config("c1"))
        history = self.successResultOf(self.store.history(Device, "d1", 3))
        models = [change.document.model for one in history for change in one.commit.changes]  # type: ignore[union-attr]
        self.assertEqual(models, ["T24", "T23", "T22"])
        self.assertEqual({(one.commit.who, one.commit.why) for one in history}, {("test", "set up")})
        self.assertEqual(len(self.successResultOf(self.store.history(Device, "d1", 100))), 20)
        for most in (0, -1):
            self.assertEqual(self.successResultOf(self.store.history(Device, "d1", most)), ())
        self.assertEqual(self.successResultOf(self.store.history(Device, "nobody", 9)), ())

    def test_no_secret_is_in_the_history(self) -> None:
        """Whoever may read what changed may not read the passwords."""
        raw = {
            "admin_password": "hush1", "sip_local_key": "hush2", "locale": "fr_FR", "user_password": "",
            "sip_lines": {"1": {"password": "hush3", "username": "anna", "X_secret": "hush4"}},
            "sip_servers_root_and_intermediate_certificates": ["hush5"], "list": [{"Password": "hush6"}],
        }  # fmt: skip
        key = frozenset((("key", "hush7"),))
        self.commit(
            Put(Config("c1", raw=json_of(raw), other=json_of({"X_password": "hush8"})), 0),
            Put(Tenant("t1", key="hush7"), 0, key),
            Put(Tenant("t2"), 0),
            Delete(Device, "nobody"),
        )
        (committed,) = self.successResultOf(self.store.history(Config, "c1", 9))
        (change,) = committed.commit.changes
        assert isinstance(change, Put) and isinstance(change.document, Config)
        text = repr(committed) + (change.document.raw + change.document.other).decode()
        self.assertNotIn("hush", text)
        for known in ("anna", "fr_FR", '"user_password":""'):
            self.assertIn(known, text)
        self.assertEqual(self.store.get(Config, "c1").raw, json_of(raw))

    def test_the_deepest_document_has_a_history(self) -> None:
        """What was accepted can be shown."""
        self.put(Config("c1", raw=json_of(nested(99))))
        (committed,) = self.successResultOf(self.store.history(Config, "c1", 1))
        (change,) = committed.commit.changes
        assert isinstance(change, Put)
        self.assertEqual(change.document, self.store.get(Config, "c1"))

    def test_who_watches_is_told_of_every_commit_in_order(self) -> None:
        """Caches forget what has changed, and nobody may be told twice."""
        first = self.put(DEVICE)
        told: list[int] = []
        late: list[int] = []
        self.store.watch(0, lambda committed: told.append(committed.seq))
        second = self.put(DEVICE)
        self.store.watch(first.seq, lambda committed: late.append(committed.seq))
        self.store.note(Presence("d1"))
        third = self.put(DEVICE)
        self.assertEqual(told, [first.seq, second.seq, third.seq])
        self.assertEqual(late, [second.seq, third.seq])

    def test_who_is_told_can_see_it_already(self) -> None:
        """A cache that fills itself anew must not fill itself with what was before."""
        seen: list[object] = []
        self.store.watch(
            0, lambda one: seen.append((one.seq, self.store.seq, self.store.get(Device, "d1").rev))
        )
        seq = self.put(DEVICE).seq
        self.assertEqual(seen, [(seq, seq, seq)])

    def test_a_watcher_may_commit_and_a_bad_one_harms_nobody(self) -> None:
        """The order stays, also for who is told while the next one happens."""
        told: list[int] = []

        def again(committed: Committed) -> None:
            if len(told) < 3:
                self.store.commit(putting(Config(f"c{committed.seq}")))

        def bad(committed: Committed) -> None:
            raise ZeroDivisionError

        self.store.watch(0, bad)
        self.store.watch(0, again)
        self.store.watch(0, lambda committed: told.append(committed.seq))
        self.put(DEVICE)
        self.assertEqual(told, sorted(set(told)))
        self.assertEqual(told[-1], self.store.seq)
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), len(told))
