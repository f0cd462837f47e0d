"""The one contract test of IStore: every provider's own test inherits it."""

from attrs import evolve
from zope.interface.verify import verifyObject

from provserver.errors import Closed, Invalid, NotFound
from provserver.interfaces import IStore
from provserver.model import (
    Commit,
    Config,
    Delete,
    Device,
    Document,
    Json,
    Presence,
    Put,
    Tenant,
)
from tests.store import contract_past, contract_select
from tests.store.contract_case import DEVICE, MAC, OTHER_MAC, json_of, nested, putting


class StoreContract(contract_past.PastContract, contract_select.SelectContract):
    # --- reading -------------------------------------------------------------------------------------------

    def test_it_provides_the_interface(self) -> None:
        """The chain relies on nothing else."""
        verifyObject(IStore, self.store)

    def test_what_is_not_there_is_not_found(self) -> None:
        """And an index knows nothing of it."""
        self.assertRaises(NotFound, self.store.get, Device, "d1")
        self.assertEqual(self.store.find(Device, "mac", MAC), ())
        self.assertEqual((self.store.count(Device, "mac", MAC), self.store.seq), (0, 0))

    def test_every_declared_index_finds(self) -> None:
        """No request of a phone may scan."""
        documents: tuple[Document, ...] = (
            DEVICE, Presence("d1", ip="10.0.0.7"), Config("c1", parents=("base", "x"), role="autocreate"),
            Tenant("t1", parent="t0", key="Key-of-t1"), Tenant("t0"),
        )  # fmt: skip
        self.put(*documents)
        for kind, index, value, doc_id in (
            (Device, "mac", MAC, "d1"), (Device, "serial", "S1", "d1"), (Device, "uuid", "u1", "d1"),
            (Device, "config", "c1", "d1"), (Device, "plugin", "yealink-v86", "d1"), (Device, "tenant", "t1", "d1"),
            (Presence, "ip", "10.0.0.7", "d1"), (Config, "parent", "base", "c1"), (Config, "parent", "x", "c1"),
            (Config, "role", "autocreate", "c1"), (Tenant, "parent", "t0", "t1"), (Tenant, "parent", "", "t0"),
            (Tenant, "key", "Key-of-t1", "t1"),
        ):  # fmt: skip
            found = self.store.find(kind, index, value)
            self.assertEqual(found, (self.store.get(kind, doc_id),), (kind, index))
            self.assertEqual(self.store.count(kind, index, value), 1)

    def test_an_index_follows_every_change(self) -> None:
        """A stale entry would hand a phone another phone's file."""
        self.put(evolve(DEVICE, id="d3"), evolve(DEVICE, id="d1"), evolve(DEVICE, id="d2"))
        self.assertEqual([found.id for found in self.store.find(Device, "mac", MAC)], ["d1", "d2", "d3"])
        self.put(evolve(DEVICE, id="d2", mac=OTHER_MAC), evolve(DEVICE, id="d1", mac=None))
        self.assertEqual([found.id for found in self.store.find(Device, "mac", MAC)], ["d3"])
        self.assertEqual([found.id for found in self.store.find(Device, "mac", OTHER_MAC)], ["d2"])
        self.commit(Delete(Device, "d3"), Delete(Device, "d2"))
        for mac in (MAC, OTHER_MAC):
            self.assertEqual(
                (self.store.find(Device, "mac", mac), self.store.count(Device, "mac", mac)), ((), 0)
            )
        self.put(Config("c", parents=("a", "a", "b")))
        self.put(Config("c", parents=("b",)))
        self.assertEqual(self.store.find(Config, "parent", "a"), ())
        self.assertEqual(self.store.count(Config, "parent", "b"), 1)

    # --- commits -------------------------------------------------------------------------------------------

    def test_a_commit_gives_its_number_to_its_documents(self) -> None:
        """`rev` is what ETags and `expected` are made of."""
        committed = self.put(DEVICE, Config("c1"))
        self.assertEqual(self.store.get(Device, "d1"), evolve(DEVICE, rev=committed.seq))
        self.assertEqual(self.store.get(Config, "c1").rev, committed.seq)
        self.assertEqual((self.store.seq, committed.at), (committed.seq, 1_800_000_000))
        self.assertEqual((committed.commit.who, committed.commit.why), ("test", "set up"))
        again = self.put(DEVICE)
        self.assertGreater(again.seq, committed.seq)

    def test_expected_is_the_revision_or_0_for_none(self) -> None:
        """Of two who change one document the second must see what the first did."""
        rev = self.commit(Put(DEVICE, 0)).seq
        for stale in (0, rev - 1, rev + 1):
            if stale != rev:
                self.assertIn("d1", self.refused(Put(Config("c9"), 0), Put(DEVICE, stale)))
                self.refused(Delete(Device, "d1", stale))
        self.assertRaises(NotFound, self.store.get, Config, "c9")
        newer = self.commit(Put(evolve(DEVICE, model="T46S"), rev)).seq
        self.commit(Delete(Device, "d1", newer))
        self.refused(Put(DEVICE, newer))
        self.commit(Put(DEVICE, 0))
        self.commit(Put(DEVICE, None))

    def test_to_delete_what_is_not_there_changes_nothing(self) -> None:
        """With a revision it is a conflict: somebody else deleted it."""
        self.commit(Delete(Device, "nobody"), Delete(Device, "nobody", 0))
        self.assertIn("nobody", self.refused(Delete(Device, "nobody", 7)))

    def test_the_changes_of_one_commit_follow_each_other(self) -> None:
        """What follows from two changes may be the same third one."""
        self.put(Config("c1"))
        self.commit(Delete(Config, "c1"), Delete(Config, "c1"), Put(Config("c1", role="x"), 0))
        self.assertEqual(self.store.get(Config, "c1").role, "x")
        self.refused(Put(Config("c2"), 0), Put(Config("c2"), 0))

    def test_a_unique_key_has_one_holder(self) -> None:
        """Of two who discover a phone only one makes a device of it."""
        mine = frozenset((("discovered", MAC),))
        self.commit(Put(DEVICE, 0, mine))
        self.assertIn("d1", self.refused(Put(evolve(DEVICE, id="d2"), 0, mine)))
        self.refused(
            Put(Config("a"), 0, frozenset((("x", "1"),))), Put(Config("b"), 0, frozenset((("x", "1"),)))
        )
        self.commit(Put(DEVICE, None, mine))

    def test_a_unique_key_is_free_when_its_holder_no_longer_says_it(self) -> None:
        """A deleted phone that is plugged in again is discovered again."""
        mine = frozenset((("discovered", MAC),))
        self.commit(Put(DEVICE, 0, mine))
        self.commit(Delete(Device, "d1"))
        self.commit(Put(evolve(DEVICE, id="d2"), 0, mine))
        self.commit(Put(evolve(DEVICE, id="d2", mac=OTHER_MAC), None))
        self.commit(Put(evolve(DEVICE, id="d3"), 0, mine))

    def test_two_documents_can_swap_their_keys_in_one_commit(self) -> None:
        """What counts is who holds what afterwards, not the order in which it is said."""
        a, b = frozenset((("key", "a"),)), frozenset((("key", "b"),))
        self.commit(Put(Tenant("t1", key="a"), 0, a), Put(Tenant("t2", key="b"), 0, b))
        self.commit(Put(Tenant("t1", key="b"), None, b), Put(Tenant("t2", key="a"), None, a))
        self.assertIn("t1", self.refused(Put(Tenant("t3"), 0, b)))
        self.assertIn("t2", self.refused(Put(Tenant("t3"), 0, a)))

    def test_what_could_not_be_read_again_is_invalid(self) -> None:
        """One such document on disk would refuse the next start."""
        for document in (
            Device("\udcff"),
            Device("d1", model="T46S\udc80"),
            Config("c1", raw=Json(b'{"a":')),
            Config("c1", raw=Json(b"[1]")),
            Config("c1", raw=Json(b'{"a":\n1}')),
            Config("c1", raw=Json(b'{"a":"\xff"}')),
            Config("c1", raw=Json(b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}")),
            Config("c1", raw=json_of(nested(100))),
            Config("c1", other=json_of({"a": [nested(50), 1, nested(99)]})),
            Presence("d1", seen=float("nan")),
            Config("c1", parents=("a", 1)),  # type: ignore[arg-type]  # on purpose
        ):
            self.failureResultOf(self.store.commit(putting(Config("fine"), document)), Invalid)
        self.failureResultOf(self.store.commit(Commit((), "phone:\udcff", "")), Invalid)
        self.failureResultOf(self.store.commit(Commit((Delete(Device, "\udcff"),), "", "")), Invalid)
        self.assertRaises(NotFound, self.store.get, Config, "fine")
        self.put(Config("fine"))

    def test_a_document_may_hold_whatever_json_can(self) -> None:
        """Clients send names in every script, and their own fields come back to the byte."""
        raw = json_of({"display_name": 'Zoë "\\\u2028\U0001f4de', "n": [1.5, None, True, 2**63]})
        self.put(
            Config("c/ü\n", raw=raw, other=Json(b'{"X": "kept as it came"}'), transient=True, deletable=False)
        )
        config = self.store.get(Config, "c/ü\n")
        self.assertEqual((config.raw, config.other), (raw, b'{"X": "kept as it came"}'))

    def test_after_close_commits_are_refused_and_reading_goes_on(self) -> None:
        """Transfers under way still end."""
        self.put(DEVICE)
        self.closed(self.store)
        self.failureResultOf(self.store.commit(putting(DEVICE)), Closed)
        self.assertEqual(self.store.get(Device, "d1").mac, MAC)

    # --- what is seen --------------------------------------------------------------------------------------

    def test_a_note_is_visible_at_once_and_no_commit(self) -> None:
        """A boot changes no revision, and the next request of the phone is known by its address."""
        self.put(DEVICE, Presence("d1", ip="10.0.0.1"))
        seq, rev = self.store.seq, self.store.get(Presence, "d1").rev
        self.store.note(Presence("d1", ip="10.0.0.7", fetched={"a.cfg": "etag"}))
        self.store.note(Presence("d2", ip="10.0.0.8"), at_once=True)
        self.assertEqual(self.store.find(Presence, "ip", "10.0.0.1"), ())
        (found,) = self.store.find(Presence, "ip", "10.0.0.7")
        self.assertEqual(found, Presence("d1", rev=rev, ip="10.0.0.7", fetched={"a.cfg": "etag"}))
        self.assertEqual((self.store.seq, self.store.get(Presence, "d2").rev), (seq, 0))
        self.assertEqual(len(self.successResultOf(self.store.history(Presence, "d1", 9))), 1)

    def test_a_note_of_odd_bytes_is_written_with_question_marks(self) -> None:
        """A phone's request must not make the batch fail that other phones are in."""
        self.store.note(Presence("d1", version="1.\udcff", fetched={"\udc80.cfg": "x"}, seen=float("inf")))
        presence = self.store.get(Presence, "d1")
        self.assertEqual((presence.version, presence.fetched, presence.seen), ("1.?", {"?.cfg": "x"}, 0.0))
