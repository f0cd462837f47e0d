"""Slots: one for each port that waits, none given twice, and the one longest unused first."""

from attrs import evolve
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from provserver.core.slots import SlotPool, freed
from provserver.model import Commit, Committed, Config, Delete, Device, Document, Presence, Put, Slot
from provserver.store.memory import MemoryStore
from tests.fakes.office import SEEDS, json_of

DAY_S = 86_400.0
NOW = 100 * DAY_S


def slots(count: int) -> tuple[Slot, ...]:
    return tuple(Slot(f"ap{n:04}", password=f"secret{n:04}", given=float(n)) for n in range(count))


class PoolCase(SynchronousTestCase):
    def make(self, *documents: Document) -> None:
        self.store = MemoryStore((*SEEDS, *documents), Clock())
        self.pool = SlotPool(self.store, keep_s=DAY_S)
        self.store.watch(0, self.committed)

    def committed(self, committed: Committed) -> None:
        for change in committed.commit.changes:
            self.pool.changed(change)

    def commit(self, *changes: Put | Delete) -> None:
        self.successResultOf(self.store.commit(Commit(changes, "test", "test")))

    def give(self, device_id: str, ports: int = 1, at: float = NOW) -> list[tuple[str, int]]:
        """Give, and return the slots of the device with their positions."""
        given = self.pool.give(device_id, ports, at)
        self.commit(*given.puts)
        return [(slot.id, slot.position) for slot in given.slots]


class GivingTests(PoolCase):
    def test_each_phone_has_one_of_its_own(self) -> None:
        """A secret that two have proves nothing."""
        self.make(*slots(3))
        self.assertEqual(self.give("d1"), [("ap0000", 1)])
        self.assertEqual(self.give("d2"), [("ap0001", 1)])
        slot = self.store.get(Slot, "ap0001")
        self.assertEqual((slot.device, slot.position, slot.given), ("d2", 1, NOW))

    def test_a_phone_keeps_its_slot(self) -> None:
        """It is registered by it; another one at each fetch would make it restart for nothing."""
        self.make(*slots(3))
        self.give("d1")
        again = self.pool.give("d1", 1, NOW + 1)
        self.assertEqual(([slot.id for slot in again.slots], again.puts, again.lacking), (["ap0000"], (), 0))

    def test_nothing_is_given_by_asking(self) -> None:
        """*Explain* asks the same question."""
        self.make(*slots(2))
        self.assertEqual(self.pool.give("d1", 1, NOW), self.pool.give("d1", 1, NOW))
        self.assertIsNone(self.store.get(Slot, "ap0000").device)

    def test_each_port_of_a_gateway_has_one(self) -> None:
        """A code dialled at port 3 must land at port 3."""
        self.make(*slots(5))
        self.assertEqual(self.give("gw", 3), [("ap0000", 1), ("ap0001", 2), ("ap0002", 3)])

    def test_a_port_that_lacks_one_gets_it_later(self) -> None:
        """The pool grew meanwhile; the other ports keep theirs."""
        self.make(*slots(2))
        given = self.pool.give("gw", 4, NOW)
        self.assertEqual((len(given.puts), given.lacking), (2, 2))
        self.commit(*given.puts, Put(Slot("zz1"), 0))
        self.assertEqual(self.give("gw", 4), [("ap0000", 1), ("ap0001", 2), ("zz1", 3)])

    def test_two_at_once_get_two(self) -> None:
        """While one commit is under way the next phone is offered another slot: the same would cost it a conflict."""
        self.make(*slots(2))
        first = self.pool.give("d1", 1, NOW)
        with self.pool.leaving(first.puts):
            second = self.pool.give("d2", 1, NOW)
            self.assertEqual([slot.id for slot in second.slots], ["ap0001"])
            with self.pool.leaving(second.puts):
                self.assertEqual(self.pool.give("d3", 1, NOW).lacking, 1)
        self.assertEqual([slot.id for slot in self.pool.give("d3", 1, NOW).slots], ["ap0000"])

    def test_an_empty_pool_lacks(self) -> None:
        """Offices without slots go on with the one account of the config."""
        self.make()
        given = self.pool.give("d1", 1, NOW)
        self.assertEqual((given.slots, given.puts, given.lacking), ((), (), 1))

    def test_a_shared_account_is_given_to_nobody(self) -> None:
        """It is everybody's."""
        self.make(Slot("autoprov", shared=True))
        self.assertEqual(self.pool.give("d1", 1, NOW).lacking, 1)

    def test_slots_that_come_and_go(self) -> None:
        """The administrator set another pool while provd runs."""
        self.make(*slots(2))
        self.commit(Delete(Slot, "ap0000"), Put(Slot("new", given=-1.0), 0))
        self.assertEqual(self.give("d1"), [("new", 1)])
        self.assertEqual(self.give("d2"), [("ap0001", 1)])
        self.commit(Delete(Slot, "new"), Delete(Slot, "unheard-of"))
        self.assertEqual(self.give("d3"), [])

    def test_what_the_store_says_is_more_than_what_is_remembered(self) -> None:
        """A commit can be seen a moment before it is told of."""
        self.store = MemoryStore((*SEEDS, *slots(2)), Clock())
        self.pool = SlotPool(self.store, DAY_S)  # nobody tells it
        self.assertEqual(self.give("d1"), [("ap0000", 1)])
        self.assertEqual(self.give("d2"), [("ap0001", 1)])
        self.commit(Delete(Slot, "ap0000"), Delete(Slot, "ap0001"))
        self.assertEqual(self.give("d3"), [])


class ReuseTests(PoolCase):
    def test_a_phone_that_is_long_gone_loses_its_slot(self) -> None:
        """Phones that wait in a drawer must not keep the pool from those on the desks; the longest unseen goes
        first."""
        taken = [
            Slot(f"ap{n:04}", device=f"d{n}", given=NOW - (30 - n) * DAY_S) for n in range(3)
        ]  # d0 has its slot the longest
        self.make(*taken, Presence("d0", seen=NOW), Presence("d1", seen=NOW - 3 * DAY_S))
        self.assertEqual(self.give("new"), [("ap0002", 1)])  # never seen since it was given
        self.assertEqual(self.give("newer"), [("ap0001", 1)])
        self.assertEqual(self.give("newest"), [])
        self.assertEqual(self.store.get(Slot, "ap0000").device, "d0")

    def test_who_lost_its_slot_gets_another(self) -> None:
        """It comes back from its drawer: it boots, and fetches its files."""
        self.make(Slot("ap0000", device="d0"), Presence("d0", seen=NOW - 2 * DAY_S))
        self.give("new")
        self.commit(Put(Slot("ap0001"), 0))
        self.assertEqual(self.give("d0"), [("ap0001", 1)])

    def test_free_ones_go_first(self) -> None:
        """Nobody loses anything without need."""
        self.make(Slot("ap0000", device="d0", given=0.0), Slot("ap0001", given=NOW - 1))
        self.assertEqual(self.give("new"), [("ap0001", 1)])

    def test_one_that_is_leaving_is_not_offered_twice(self) -> None:
        """As with free ones."""
        self.make(Slot("ap0000", device="d0", given=0.0))
        first = self.pool.give("d1", 1, NOW)
        with self.pool.leaving(first.puts):
            self.assertEqual(self.pool.give("d2", 1, NOW).lacking, 1)

    def test_a_turn_looks_at_so_many_only(self) -> None:
        """20,000 phones that were all seen today must not stop the reactor; the next turn looks on."""
        taken = [Slot(f"s{n:04}", device=f"d{n}", given=0.0) for n in range(2_500)]
        seen = [Presence(f"d{n}", seen=NOW) for n in range(2_499)]
        self.make(*taken, *seen)
        self.assertEqual(self.pool.give("new", 1, NOW).lacking, 1)
        self.assertEqual(self.give("new"), [("s2499", 1)])


class FreedTests(PoolCase):
    def setUp(self) -> None:
        self.make(
            Slot("ap0001", device="d1", given=10.0),
            Slot("ap0011", device="gw", position=1),
            Slot("ap0012", device="gw", position=2),
            Device("d1", config="waits", tenant="master"),
            Device("gw", config="waits-too", tenant="master"),
            Config("waits", parents=("autoprov",), transient=True),
            Config("waits-too", parents=("autoprov",), transient=True),
            Presence("d1", seen=50.0),
        )

    def freed(self, *changes: Put | Delete) -> list[str]:
        return [put.document.id for put in freed(changes, self.store)]

    def device(self, device_id: str, **changed: str) -> Put:
        return Put(evolve(self.store.get(Device, device_id), **changed), None)  # type: ignore[arg-type]

    def lines(self, config_id: str, *ports: str, protocol: str = "SIP") -> Put:
        raw = {"protocol": protocol, "sip_lines": {port: {"username": "anna"} for port in ports}}
        return Put(Config(config_id, raw=json_of(raw)), None)

    def test_a_device_that_is_deleted(self) -> None:
        """All of its slots come back, as they were last seen, so that they are the last to be given."""
        self.assertEqual(self.freed(Delete(Device, "gw")), ["ap0011", "ap0012"])
        (put,) = freed([Delete(Device, "d1")], self.store)
        self.assertEqual(put.document, evolve(self.store.get(Slot, "ap0001"), device=None, given=50.0))
        self.assertEqual(put.expected, put.document.rev)

    def test_a_phone_with_a_user(self) -> None:
        """Its line sits where it waited, whoever made its config."""
        self.assertEqual(self.freed(self.device("d1", config="anna"), self.lines("anna", "1")), ["ap0001"])

    def test_ports_that_go_on_waiting(self) -> None:
        """Further codes are taken while a gateway has such ports."""
        self.assertEqual(self.freed(self.device("gw", config="g"), self.lines("g", "2")), ["ap0012"])

    def test_a_config_that_changes(self) -> None:
        """The second line of a gateway comes into the config that it has already."""
        self.commit(self.device("gw", config="g"), self.lines("g"))
        self.assertEqual(self.freed(self.lines("g", "1")), ["ap0011"])

    def test_a_phone_of_another_protocol(self) -> None:
        """SCCP has no SIP lines, and waits for no code."""
        self.assertEqual(
            self.freed(self.device("d1", config="s"), self.lines("s", protocol="SCCP")), ["ap0001"]
        )

    def test_what_frees_nothing(self) -> None:
        """Clients name a config before they make it; a phone that waits may be renamed."""
        odd = Put(Config("odd", raw=json_of({"sip_lines": {}})), None)
        for changes in (
            (self.device("d1", config="to-come"),),
            (self.device("d1", config="odd"), odd),
            (self.device("d1", model="A60"),),
            (Put(Device("other", tenant="master"), 0),),
            (Delete(Config, "waits-too"),),
            (Delete(Slot, "ap0001"),),
        ):
            self.assertEqual(self.freed(*changes), [])


class TallyTests(PoolCase):
    def test_given_and_free_are_counted(self) -> None:
        """A pool that runs out is seen before it has; a shared slot is nobody's."""
        self.make(*slots(3), Slot("shared", shared=True))
        self.assertEqual(self.pool.tally(), {"given": 0, "free": 3})
        self.give("d1")
        self.assertEqual(self.pool.tally(), {"given": 1, "free": 2})
