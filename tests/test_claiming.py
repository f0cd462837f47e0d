"""Claiming: from a dialled code to a user's phone, and back."""

from typing import Any

from attrs import evolve, frozen
from twisted.internet.defer import Deferred, fail
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from provserver.claiming import Claiming
from provserver.errors import NotAssociated, NotClaimed, NotResynced, ProvdError, StoreFull, TooManyTries
from provserver.model import (
    Call,
    Commit,
    Committed,
    Config,
    Device,
    Line,
    Notify,
    Seat,
    Settings,
    Slot,
    Tenant,
)
from provserver.pbx.interfaces import Calling, Claimed, Ended, IClaims
from tests.core.test_core_waiting import POOL, gateway
from tests.fakes.office import MAC, json_of
from tests.fakes.rest import RestOffice
from tests.fakes.vendors import Acme, AcmePlugin

FILE, CODE = "00aced000001.cfg", "482913"
CONTACT = "sip:ap0000@198.51.100.7:41234"


@frozen
class Told(AcmePlugin):
    def resync(self, device: Device, settings: Settings) -> Notify | Call | None:
        return Notify("check-sync")


def line(line_id: str, code: str | None = CODE, tenant: str = "master", **fields: Any) -> Line:
    account = {"username": line_id, "password": f"pw-{line_id}", "proxy_ip": "10.0.0.2"}
    return Line(line_id, tenant=tenant, account=json_of(account), code=code, **fields)


class ClaimCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.office = RestOffice()
        self.store = self.office.store
        self.claims = self.office.claims
        self.resyncs = self.office.resyncs
        self.office.plugins.take((Acme(plugins=(Told("acme-2"),)),))
        self.office.put(*POOL, Tenant("anna", parent="master"))

    def boot(self, mac: str = MAC, ip: str = "10.0.0.7") -> str:
        """A phone fetches its file; return the user in it."""
        path = f"{mac.replace(':', '')}.cfg"
        answer = self.office.answer(path=path, user_agent=f"acme A60 2.1 {mac}", ip=ip)
        assert answer.file and answer.file.body, answer.steps
        said = dict(text.split(" = ", 1) for text in answer.file.body.decode().splitlines())
        return said["user"]

    def device(self, mac: str = MAC) -> Device:
        return self.store.find(Device, "mac", mac)[0]

    def claim(self, code: str = CODE, **calling: Any) -> Claimed:
        calling = {"slot": "ap0000", "call": "c1", "contact": CONTACT, **calling}
        return self.successResultOf(self.claims.claim(code, Calling(**calling)))

    def refused(self, code: str = CODE, wait_s: float = 0.0, **calling: Any) -> ProvdError:
        asked = self.claims.claim(code, Calling(**({"slot": "ap0000"} | calling)))
        if wait_s:
            self.assertNoResult(asked)
            self.office.clock.advance(wait_s)
        problem: ProvdError = self.failureResultOf(asked, ProvdError).value
        return problem


class ClaimTests(ClaimCase):
    def test_the_whole_story(self) -> None:
        """A phone waits by its slot, its user dials, and after the restart it is the user's phone."""
        verifyObject(IClaims, self.claims)
        self.office.put(line("l1"))
        self.assertEqual(self.boot(), "ap0000")
        device = self.device()
        self.assertEqual(self.claim(), Claimed(device.id, "started", "l1"))
        (begun,) = self.resyncs.begun
        self.assertEqual((begun.device, begun.contact, begun.call), (device.id, CONTACT, "c1"))
        self.claims.hung_up("c1")
        self.assertEqual(self.resyncs.ended, ["c1"])
        self.assertEqual(self.boot(), "l1")
        self.assertIsNone(self.store.get(Slot, "ap0000").device)
        self.assertIsNone(self.store.get(Line, "l1").code)

    def test_who_watches_is_told_how_each_ended(self) -> None:
        """What was done or why it was not, of a bug too."""
        ended: list[Ended] = []
        self.claims.watch(ended.append)
        self.office.put(line("l1"))
        self.boot()
        self.refused(slot="")
        done = self.claim()
        given_back = self.successResultOf(self.claims.give_back(done.device, "anna"))
        self.patch(self.claims, "_store", None)
        self.failureResultOf(self.claims.claim(CODE, Calling(slot="ap0000")), AttributeError)
        self.assertEqual(
            ended,
            [
                Ended("claim", None, "phone.none"),
                Ended("claim", done),
                Ended("reset", given_back),
                Ended("claim", None, "internal"),
            ],
        )

    def test_the_device_comes_to_the_line_s_tenant(self) -> None:
        """From the master tenant, where new phones are."""
        self.office.put(line("l1", tenant="anna"))
        self.boot()
        self.claim()
        self.assertEqual(self.device().tenant, "anna")

    def test_a_phone_of_another_tenant_is_refused(self) -> None:
        """And nothing has changed: the code can be dialled at the right phone."""
        self.office.put(line("l1", tenant="anna"), Tenant("ben", parent="master"))
        self.boot()
        self.office.put(evolve(self.device(), tenant="ben"))
        seq = self.store.seq
        self.assertEqual(self.refused().reason_id, "phone.other-tenant")
        self.assertEqual((self.store.seq, self.resyncs.begun), (seq, []))

    def test_a_used_code(self) -> None:
        """It is told apart from one that never was; a line that keeps its code can be claimed again."""
        self.office.put(line("l1"), line("l2", "111222", keeps_code=True, when_taken="add"))
        self.boot()
        self.boot("00:ac:ed:00:00:02")
        self.claim()
        self.assertEqual(self.refused(slot="ap0001").reason_id, "code.used")
        self.office.clock.advance(600)
        self.claim("111222", slot="ap0001")
        self.boot("00:ac:ed:00:00:03")
        self.claim("111222", slot="ap0002")
        self.assertEqual(len(self.store.get(Line, "l2").seats), 2)

    def test_spent_codes_are_forgotten_one_day(self) -> None:
        """What is remembered to say so is bounded."""
        for n in range(10_001):
            self.claims._note_spent(line("l1", f"{n:06}"))
        self.boot()
        self.assertEqual(self.refused("000000").reason_id, "code.unknown")
        self.assertEqual(self.refused("000001", wait_s=0.5).reason_id, "code.used")

    def test_two_phones_dial_one_code(self) -> None:
        """At the same moment: one gets it."""
        self.office.put(line("l1"))
        self.boot()
        self.boot("00:ac:ed:00:00:02")
        self.refused("000000", slot="ap0001")  # so that the second one waits
        second = self.claims.claim(CODE, Calling(slot="ap0001"))
        self.claim()
        self.office.clock.advance(0.5)
        problem = self.failureResultOf(second, NotClaimed).value
        self.assertEqual(problem.reason_id, "code.used")

    def test_a_phone_that_got_its_user_meanwhile(self) -> None:
        """Two calls of one phone, the first of them slow: the second user does not come beside the first."""
        self.office.put(line("l1"), line("l2", "111222"))
        self.boot()
        self.refused("000000")
        first = self.claims.claim(CODE, Calling(slot="ap0000"))
        self.successResultOf(self.office.associations.associate("l2", self.device().id, 1, "test"))
        self.office.clock.advance(0.5)
        self.failureResultOf(first, NotClaimed)
        self.assertEqual(self.store.get(Line, "l1").seats, ())

    def test_a_line_that_moves(self) -> None:
        """The phone that it leaves waits again, and both are told."""
        self.office.put(line("l1", keeps_code=True, when_taken="move"))
        self.boot()
        self.claim()
        first = self.device()
        self.boot("00:ac:ed:00:00:02")
        self.claim(slot="ap0001", call="c2")
        second = self.device("00:ac:ed:00:00:02")
        self.assertEqual(
            [(begun.device, begun.contact) for begun in self.resyncs.begun[1:]],
            [(first.id, ""), (second.id, CONTACT)],
        )
        self.assertEqual(self.store.get(Line, "l1").seats, (Seat(second.id, 1),))

    def test_a_line_that_sits_already(self) -> None:
        """Unless the line says otherwise it stays where it is."""
        self.office.put(Device("d9", tenant="master"), line("l1", seats=(Seat("d9", 1),)))
        self.boot()
        self.assertEqual(self.refused().reason_id, "line.taken")

    def test_a_phone_that_must_be_restarted_by_hand(self) -> None:
        """The claim succeeds, and says so."""
        self.office.plugins.take((Acme(),))
        self.office.put(line("l1"))
        self.boot()
        self.assertEqual(self.claim().resync, "resync.by-hand")
        self.assertEqual(self.resyncs.begun, [])

    def test_a_resync_that_stops(self) -> None:
        """The call has ended long ago; nobody is to be told, and nothing is left in the air."""
        self.office.put(line("l1"))
        self.boot()
        self.claim()
        self.resyncs.begun[0].done.errback(NotResynced("resync.not-fetched", "it fetches nothing"))

    def test_a_full_disk(self) -> None:
        """The code is not spent, and no phone is told of what was not stored."""
        self.office.put(line("l1"))
        self.boot()

        def full(commit: Commit) -> Deferred[Committed]:
            return fail(StoreFull("no space left on device"))

        self.patch(self.office.memory, "commit", full)
        self.assertEqual(self.refused().reason_id, "store.full")
        self.assertEqual((self.store.get(Line, "l1").code, self.resyncs.begun), (CODE, []))

    def test_without_a_slot_a_phone_sits_at_its_first_line(self) -> None:
        """A second code at the same phone finds nobody waiting, instead of a free line of it."""
        self.office.put(
            *(evolve(slot, device="others", given=2e9) for slot in POOL), line("l1"), line("l2", "111222")
        )
        self.boot()
        mark = self.office.waiting.marks.of(self.device().id)
        self.claim(slot="", mark=mark)
        self.assertEqual(self.store.get(Line, "l1").seats, (Seat(self.device().id, 1),))
        self.assertEqual(self.refused("111222", slot="", mark=mark).reason_id, "phone.none")


class GatewayTests(ClaimCase):
    def setUp(self) -> None:
        super().setUp()
        self.office.plugins.take((Acme(plugins=(gateway(3),)),))
        self.office.put(line("l1"), line("l2", "111222", tenant="anna"), line("l3", "333444"))
        self.office.answer(path=FILE)

    def test_codes_land_at_the_ports_where_they_are_dialled(self) -> None:
        """In any order, of any tenant, for as long as ports wait."""
        for slot, code in (("ap0002", CODE), ("ap0000", "111222"), ("ap0001", "333444")):
            self.office.answer(path=FILE)
            self.claim(code, slot=slot)
        seats = [self.store.get(Line, f"l{n}").seats[0].position for n in (1, 2, 3)]
        self.assertEqual(seats, [3, 1, 2])
        self.assertEqual(self.device().guests, ("anna",))
        self.assertEqual(self.store.find(Slot, "device", self.device().id), ())
        self.assertEqual(self.refused("999999", slot="ap0000").reason_id, "phone.none")

    def test_without_a_slot_the_first_free_port_is_taken(self) -> None:
        """The mark names the whole gateway."""
        mark = self.office.waiting.marks.of(self.device().id)
        self.claim(CODE, slot="", mark=mark)
        self.claim("111222", slot="", mark=mark)
        self.assertEqual([self.store.get(Line, f"l{n}").seats[0].position for n in (1, 2)], [1, 2])


class GuessingTests(ClaimCase):
    def setUp(self) -> None:
        super().setUp()
        self.office.put(line("l1"))
        self.boot()

    def test_wrong_codes_are_slow_then_locked(self) -> None:
        """Also the right one comes too late then, for a time."""
        for wait_s in (0.0, 0.5, 1.0, 2.0, 4.0):
            self.assertEqual(self.refused("000000", wait_s).reason_id, "code.unknown")
        problem = self.refused()
        self.assertEqual((problem.reason_id, type(problem)), ("claim.locked", TooManyTries))
        self.office.clock.advance(600)
        self.assertEqual(self.claim().line, "l1")

    def test_another_phone_is_not_locked(self) -> None:
        """Nor slowed down."""
        for wait_s in (0.0, 0.5, 1.0, 2.0, 4.0):
            self.refused("000000", wait_s)
        self.boot("00:ac:ed:00:00:02")
        self.assertEqual(self.claim(slot="ap0001").line, "l1")

    def test_without_a_phone_no_code_is_looked_at(self) -> None:
        """Who has no phone that waits learns of no code whether it is one, and locks nobody."""
        for code in ("000000", CODE):
            self.assertEqual(self.refused(code, slot="ap0003").reason_id, "phone.none")
        self.assertEqual(self.claim().line, "l1")

    def test_what_is_no_guess_does_not_count(self) -> None:
        """A line that sits elsewhere, a hundred times."""
        self.office.put(Device("d9", tenant="master"), line("l9", "999888", seats=(Seat("d9", 1),)))
        for _ in range(100):
            self.assertEqual(self.refused("999888").reason_id, "line.taken")
        self.assertEqual(self.claim().line, "l1")

    def test_codes_of_other_tenants_are_unknown(self) -> None:
        """A PBX that may speak for one tenant cannot even ask whether they exist."""
        problem = self.refused(tenants=frozenset({"anna"}))
        self.assertEqual(problem.reason_id, "code.unknown")


class ResetTests(ClaimCase):
    def setUp(self) -> None:
        super().setUp()
        self.office.put(line("l1", keeps_code=True))
        self.boot()
        self.claim()
        self.boot()

    def reset(self, pin: str = "9486", account: str = "l1", **calling: Any) -> Deferred[Claimed]:
        return self.claims.reset(pin, Calling(account=account, call="c2", contact=CONTACT, **calling))

    def refusal(self, asked: Deferred[Claimed]) -> str:
        problem: ProvdError = self.failureResultOf(asked, ProvdError).value
        return problem.reason_id

    def test_a_phone_is_given_back(self) -> None:
        """Its lines are taken off, it is told after the call, and it waits again."""
        done = self.successResultOf(self.reset())
        self.assertEqual(done, Claimed(self.device().id, "started"))
        self.assertEqual((self.resyncs.begun[-1].contact, self.resyncs.begun[-1].call), (CONTACT, "c2"))
        self.assertEqual(self.store.get(Line, "l1").seats, ())
        self.assertEqual(self.boot(), "ap0001")
        self.assertEqual(self.claim(slot="ap0001").line, "l1")

    def test_a_wrong_pin_is_a_guess(self) -> None:
        """It is slow, then locked; the phone keeps its user."""
        for wait_s in (0.0, 0.5, 1.0, 2.0, 4.0):
            asked = self.reset("9487")
            self.office.clock.advance(wait_s)
            self.assertEqual(self.refusal(asked), "claim.wrong-pin")
        self.assertEqual(self.refusal(self.reset()), "claim.locked")
        self.assertEqual(len(self.store.get(Line, "l1").seats), 1)

    def test_pins_that_are_odd(self) -> None:
        """Whatever was dialled."""
        for wait_s, pin in ((0.0, ""), (0.5, "٩٤٨٦"), (1.0, "9486 ")):
            asked = self.reset(pin)
            self.office.clock.advance(wait_s)
            self.assertEqual(self.refusal(asked), "claim.wrong-pin")

    def test_an_account_that_no_phone_has(self) -> None:
        """A waiting phone has nothing to give back; the caller's number names nobody."""
        for account in ("ap0001", "", "nobody"):
            self.assertEqual(self.refusal(self.reset(account=account, slot="l1")), "phone.none")

    def test_without_a_pin_nobody_can(self) -> None:
        """The default: a code that all users know should not take phones away."""
        self.patch(self.claims, "_reset_pin", "")
        self.assertEqual(self.refusal(self.reset("")), "claim.no-reset")

    def test_over_rest_no_pin_is_asked(self) -> None:
        """The token says who may."""
        done = self.successResultOf(self.claims.give_back(self.device().id, "token:anna"))
        self.assertEqual(done.resync, "started")
        config = self.store.get(Config, self.device().config or "")
        self.assertTrue(config.transient)


class WiringTests(SynchronousTestCase):
    def test_refusals_of_an_association_can_be_spoken_too(self) -> None:
        """They are reasons as well."""
        self.assertEqual(NotAssociated("line.taken", "x").reason_id, "line.taken")
        self.assertTrue(issubclass(TooManyTries, NotClaimed))
        self.assertTrue(IClaims.implementedBy(Claiming))
