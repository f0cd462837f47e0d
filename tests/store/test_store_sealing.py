"""sealing: with a key file no secret lies on the disk in clear text, and nothing is lost by it."""

import itertools

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from provserver.errors import Damaged, Locked
from provserver.interfaces import IStore
from provserver.model import Commit, Config, Device, Parameter, Presence, Put, Tenant, Token
from provserver.store import whole
from provserver.store.history import History
from provserver.store.journal import JournalStore
from provserver.store.lines import sealed
from provserver.store.sealing import CLEAR, KEY_BYTES, Seal, name_of
from tests.contracts import store as contract
from tests.fakes.disk import FakeDisk
from tests.store.contract_case import json_of, putting
from tests.store.pairs import pair
from tests.store.threads import at_once

KEY, OTHER_KEY = b"k" * KEY_BYTES, b"o" * KEY_BYTES
SECRETS = (
    Tenant("t1", name="master", key="hush-key"),
    Config("c1", raw=json_of({"locale": "fr_FR", "sip_lines": {"1": {"password": "hush1"}}})),
    Config("c2", raw=json_of({"X_unknown": "hush2"}), other=json_of({"X_note": "hush3"})),
    Device(
        "d1", mac="00:15:65:4a:a9:37", options=json_of({"pin": "hush4"}), passwords=json_of({"p": "hush5"})
    ),
    Parameter("http_proxy", value="http://anna:hush6@proxy"),
    Token("k1", name="Anna", digest="hush7"),
    Config("c3", parents=("c1",)),
)
HOLDS = frozenset((("key", "hush-key"),))


def counting(number: int = 1) -> Seal:
    """Return a seal whose random bytes are numbers."""
    numbers = itertools.count(number)
    return Seal(KEY, random=lambda size: next(numbers).to_bytes(size, "big"))


def sealing_store(
    disk: FakeDisk, seal: Seal, clock: Clock | None = None, compact_bytes: int = 10**9
) -> JournalStore:
    store = JournalStore(disk, clock or Clock(), at_once, compact_bytes, seal)
    store.load()
    return store


def filled(disk: FakeDisk, seal: Seal, compact_bytes: int = 10**9) -> None:
    store = sealing_store(disk, seal, compact_bytes=compact_bytes)
    for document in SECRETS:
        holds = HOLDS if isinstance(document, Tenant) else frozenset()
        store.commit(Commit((Put(document, 0, holds),), "anna", "a test"))
    store.note(Presence("d1", ip="10.0.0.7"), at_once=True)
    store.close()


def in_clear(disk: FakeDisk) -> list[str]:
    return [name for name, text in disk.files.items() if b"hush" in text]


class SealedContractTests(contract.StoreContract):
    """Whoever uses the store notices nothing."""

    def provider(self) -> IStore:
        return sealing_store(FakeDisk(), counting(), self.clock)

    def closed(self, store: IStore) -> None:
        assert isinstance(store, JournalStore)
        self.successResultOf(store.close())

    def tearDown(self) -> None:
        assert isinstance(self.store, JournalStore)
        self.store.close()
        self.assertEqual(self.clock.getDelayedCalls(), [])


class SealedStoreTests(SynchronousTestCase):
    def check(self, store: JournalStore) -> None:
        for document in SECRETS:
            found = store.get(type(document), document.id)
            for name in ("raw", "options", "passwords", "other", "key", "value", "digest", "mac", "parents"):
                self.assertEqual(getattr(found, name, None), getattr(document, name, None))
        self.assertEqual([tenant.id for tenant in store.find(Tenant, "key", "hush-key")], ["t1"])
        refused = store.commit(Commit((Put(Tenant("t2"), 0, HOLDS),), "anna", ""))
        self.failureResultOf(refused)

    def test_no_secret_is_on_the_disk_and_all_come_back(self) -> None:
        """Who steals a backup gets no SIP password: neither from the journal, nor a snapshot, nor the history. Names
        of clients' own fields need not be known for it."""
        for compact_bytes in (1, 10**9):
            disk = FakeDisk()
            filled(disk, counting(), compact_bytes)
            self.assertEqual(in_clear(disk), [])
            everything = b"".join(disk.files.values())
            self.assertIn(b"00:15:65:4a:a9:37", everything)
            self.assertIn(b"snapshot" if compact_bytes == 1 else b"journal", everything)
            self.assertEqual("history" in "".join(disk.files), compact_bytes == 1)
            store = sealing_store(disk, Seal(KEY))
            self.check(store)
            history = self.successResultOf(store.history(Config, "c1", 9))
            (change,) = history[0].commit.changes
            assert isinstance(change, Put) and isinstance(change.document, Config)
            self.assertIn(b"fr_FR", change.document.raw)
            self.assertNotIn(b"hush", change.document.raw)
            store.close()

    def test_without_the_key_nothing_starts_and_nothing_is_touched(self) -> None:
        """A provd that went on without its secrets would serve phones files without passwords."""
        for compact_bytes in (1, 10**9):
            disk = FakeDisk()
            filled(disk, Seal(KEY), compact_bytes)
            before = {name: bytes(text) for name, text in disk.files.items()}
            for seal, told in ((CLEAR, "none is given"), (Seal(OTHER_KEY), name_of(OTHER_KEY))):
                with self.assertRaises(Locked) as caught:
                    sealing_store(disk, seal)
                self.assertIn(f"sealed with key {name_of(KEY)}", str(caught.exception))
                self.assertIn(told, str(caught.exception))
                self.assertIn("store.key_file", str(caught.exception))
                disk.unlock()
            self.assertEqual({name: bytes(text) for name, text in disk.files.items()}, before)

    def test_what_was_written_before_the_key_is_sealed_by_the_next_snapshot(self) -> None:
        """Switching it on takes no more than a restart."""
        disk = FakeDisk()
        filled(disk, CLEAR)
        self.assertNotEqual(in_clear(disk), [])
        store = sealing_store(disk, Seal(KEY), compact_bytes=1)
        self.check(store)
        store.commit(putting(Config("c9")))
        store.close()
        self.assertEqual(in_clear(disk), [])
        self.check(sealing_store(disk, Seal(KEY)))

    def test_text_of_a_client_is_never_taken_for_something_sealed(self) -> None:
        """Else whoever may write a display name could keep provd from starting."""
        for seal in (CLEAR, Seal(KEY)):
            disk = FakeDisk()
            store = sealing_store(disk, seal)
            raw = json_of({"X_a": "0123abcd.AAAA", "sealed": f"{name_of(KEY)}.AAAA", "X_b": {"sealed": "x"}})
            store.commit(putting(Config("sealed", raw=raw), Tenant("t", name=f"{name_of(KEY)}.AAAA")))
            store.close()
            self.assertEqual(sealing_store(disk, seal).get(Config, "sealed").raw, raw)

    def test_what_was_sealed_for_one_document_opens_in_no_other(self) -> None:
        """Who can write to the disk, but has no key, must not give a phone another one's password."""
        seal = counting()
        sealed = seal.sealed(b"hush", "config 'c1'")
        self.assertEqual(Seal(OTHER_KEY, KEY).opened(sealed, "config 'c1'"), b"hush")
        for broken, of in (
            (sealed, "config 'c2'"),
            (sealed, "device 'c1'"),
            (sealed[:-4], "config 'c1'"),
            (sealed[:-1] + "!", "config 'c1'"),
            (f"{name_of(KEY)}.", "config 'c1'"),
            (f"{name_of(KEY)}.AAAA", "config 'c1'"),
            (name_of(KEY), "config 'c1'"),
        ):
            self.assertRaises(ValueError, seal.opened, broken, of)

    def test_a_secret_that_was_changed_on_disk_is_told_with_its_file_and_line(self) -> None:
        """A right checksum is no proof: whoever changes a line can make it anew."""
        for compact_bytes, name in ((1, "snapshot"), (10**9, "journal")):
            disk = FakeDisk()
            filled(disk, Seal(KEY), compact_bytes)
            (path,) = [one for one in disk.files if one.startswith(name)]
            texts = bytes(disk.files[path]).splitlines(keepends=True)
            number = next(at for at, text in enumerate(texts) if b'"config"' in text)
            rest = texts[number][len(b'{"crc":"00000000",') : -1]
            texts[number] = sealed(rest.replace(b"config", b"tenant").replace(b'"parents":["c1"],', b""))
            changed = FakeDisk()
            file = changed.create(path)
            file.write(b"".join(texts))
            file.sync()
            for other in disk.files:
                if other != path:
                    changed.create(other).write(bytes(disk.files[other]))
            with self.assertRaises(Damaged) as caught:
                sealing_store(changed, Seal(KEY))
            self.assertIn(f"{path}: line {number + 1}: it cannot be understood", str(caught.exception))

    def test_no_two_are_sealed_with_the_same_random_bytes(self) -> None:
        """With GCM two texts under one nonce tell each other."""
        seal = Seal(KEY)
        self.assertEqual(len({seal.sealed(b"hush", "x") for _ in range(1000)}), 1000)

    def test_a_part_of_the_history_under_an_older_key_costs_itself_alone(self) -> None:
        """A rotation that was killed half-way must not take the rest of the history away."""
        disk = FakeDisk()
        filled(disk, Seal(KEY), compact_bytes=1)
        self.assertEqual(History(disk, lambda: 0.0, Seal(OTHER_KEY)).of((Config, "c1"), 10**9, 9), ())


class CompactTests(SynchronousTestCase):
    """What `provd-store compact` does to a whole store."""

    def copy(self, disk: FakeDisk, seal: Seal) -> dict[str, int]:
        return whole.read(disk, seal).counts()

    def test_it_seals_everything_also_where_there_is_nothing_to_compact(self) -> None:
        """The administrator who has just switched it on wants to see it done."""
        for compact_bytes in (1, 10**9):
            disk = FakeDisk()
            filled(disk, CLEAR, compact_bytes)
            whole.compact(disk)
            before, after = whole.compact(disk, Seal(KEY), everything=True)
            self.assertEqual((in_clear(disk), before.sealed), ([], 0))
            self.assertGreater(after.sealed, len(SECRETS) - 2)
            self.assertEqual(before.counts(), after.counts())
            self.assertEqual(after.odd, 0)

    def test_another_key_takes_the_place_of_the_first(self) -> None:
        """Who leaves may have copied the key."""
        disk = FakeDisk()
        filled(disk, Seal(KEY), compact_bytes=1)
        counts = self.copy(disk, Seal(KEY))
        whole.compact(disk, Seal(OTHER_KEY, KEY), everything=True)
        self.assertEqual(self.copy(disk, Seal(OTHER_KEY)), counts)
        self.assertFalse(any(name_of(KEY).encode() in text for text in disk.files.values()))
        self.assertEqual(len(History(disk, lambda: 0.0, Seal(OTHER_KEY)).of((Config, "c1"), 10**9, 9)), 1)
        whole.compact(disk, Seal(None, OTHER_KEY), everything=True)
        self.assertEqual(self.copy(disk, CLEAR), counts)

    def test_killed_at_any_moment_both_keys_together_open_it(self) -> None:
        """A rotation takes a while, and power fails when it likes."""
        for stop in range(0, 60, 3):
            disk = FakeDisk()
            filled(disk, Seal(KEY), compact_bytes=1)
            counts = self.copy(disk, Seal(KEY))
            left = stop

            def before(_doing: str, _on: str) -> None:
                nonlocal left
                left -= 1
                if left < 0:
                    raise OSError(5, "killed on purpose")

            disk.before = before
            try:
                whole.compact(disk, Seal(OTHER_KEY, KEY), everything=True)
            except OSError:
                pass
            disk.before = lambda _doing, _on: None
            whole.compact(disk, Seal(OTHER_KEY, KEY), everything=True)
            self.assertEqual(self.copy(disk, Seal(OTHER_KEY)), counts)

    def test_a_copy_is_sealed_as_the_original_is(self) -> None:
        """A backup leaves the machine."""
        disk, to = FakeDisk(), FakeDisk()
        filled(disk, Seal(KEY))
        whole.backup(disk, to, Seal(KEY))
        self.assertEqual(in_clear(to), [])
        self.assertRaises(Locked, whole.read, to)
        whole.fill(to, [Put(document, None) for document in SECRETS], "anna", "import", 0.0, Seal(KEY))
        self.assertEqual(in_clear(to), [])

    def test_a_store_without_secrets_needs_no_key(self) -> None:
        """There is nothing to open."""
        disk = FakeDisk()
        store = sealing_store(disk, Seal(KEY))
        store.commit(putting(Device("d2"), Config("c3", parents=("c1",))))
        store.close()
        self.assertEqual(whole.read(disk).sealed, 0)
        self.successResultOf(sealing_store(FakeDisk(), Seal(KEY)).commit(pair(1)))
