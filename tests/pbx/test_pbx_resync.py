"""Who tells a phone, and the clock of the closed loops."""

from typing import cast

from attrs import evolve
from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer
from zope.interface.verify import verifyObject

from provserver.errors import NotResynced
from provserver.interfaces import IResync, Told
from provserver.model import Answer, Call, Device, Notify, Sighting, Step
from provserver.pbx.interfaces import INotifier, IResyncs, Target
from provserver.pbx.resync import Pbx, ResyncLoop, Teller, own_file

D1 = Device("d1", tenant="anna")
NOTIFY = Notify("check-sync")
SIGHTING = Sighting("http", 0.0, "10.0.0.7", "http://10.0.0.1:8667")
FETCHED = Answer("file", (Step("find", "find.found", ("a.cfg", "device")),), "d1")


@implementer(INotifier)
class Notifier:
    """Keeps what it was asked."""

    def __init__(self) -> None:
        self.told: list[Target] = []
        self.life: list[str] = []

    def notify(self, target: Target, notify: Notify) -> Deferred[Told]:
        self.told.append(target)
        return succeed("answered")

    def start(self) -> None:
        self.life.append("start")

    def stop(self) -> Deferred[None]:
        self.life.append("stop")
        return succeed(None)


class TellerTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.of_anna, self.of_bob, self.direct = Notifier(), Notifier(), Notifier()
        self.called: list[tuple[Call, str]] = []
        self.pbxes = {
            "a": Pbx(self.of_anna, frozenset({"anna"})),
            "b": Pbx(self.of_bob, frozenset({"bob"})),
        }

    def teller(self) -> Teller:
        def call(how: Call, ip: str) -> Deferred[Told]:
            self.called.append((how, ip))
            return succeed("sent")

        known = Target("ap0017", "", "10.0.0.7", ("ap0017", "x"))
        return Teller(self.pbxes, self.direct, call, lambda device: known)

    def test_a_phone_is_told_by_the_pbx_of_its_tenant(self) -> None:
        """With its contact, which only the caller knows."""
        teller = self.teller()
        verifyObject(IResync, teller)
        self.assertEqual(self.successResultOf(teller.tell(D1, NOTIFY, "sip:a@b")), "answered")
        teller.tell(evolve(D1, tenant="bob"), NOTIFY)
        teller.tell(evolve(D1, tenant="carl"), NOTIFY)
        self.assertEqual(self.of_anna.told, [Target("ap0017", "sip:a@b", "10.0.0.7", ("ap0017", "x"))])
        self.assertEqual((len(self.of_bob.told), len(self.direct.told)), (1, 1))

    def test_a_pbx_of_no_tenant_is_everybodys(self) -> None:
        """The office with one PBX."""
        self.pbxes = {"all": Pbx(self.of_anna)}
        self.teller().tell(D1, NOTIFY)
        self.assertEqual(len(self.of_anna.told), 1)

    def test_a_call_goes_to_the_phones_address(self) -> None:
        """No PBX is asked."""
        call = Call("http://{ip}/reboot")
        self.assertEqual(self.successResultOf(self.teller().tell(D1, call)), "sent")
        self.assertEqual((self.called, self.of_anna.told), ([(call, "10.0.0.7")], []))

    def test_all_are_started_and_stopped(self) -> None:
        """A connection that is left open keeps a test or a process alive."""
        teller = self.teller()
        teller.start()
        self.successResultOf(teller.stop())
        for notifier in (self.of_anna, self.of_bob, self.direct):
            self.assertEqual(notifier.life, ["start", "stop"])


@implementer(IResync)
class Tells:
    """Answers each telling as it is set."""

    def __init__(self) -> None:
        self.outcome: Told | Exception | Deferred[Told] = "sent"
        self.told: list[tuple[str, str]] = []

    def tell(self, device: Device, how: Notify | Call, contact: str = "") -> Deferred[Told]:
        self.told.append((device.id, contact))
        if isinstance(self.outcome, Exception):
            return fail(self.outcome)
        return self.outcome if isinstance(self.outcome, Deferred) else succeed(self.outcome)


class LoopTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock, self.tells = Clock(), Tells()
        self.states: list[Told] = []
        self.loop = self.made()

    def made(self, problem: Exception | None = None) -> ResyncLoop:
        def how_of(device_id: str) -> tuple[Device, Notify]:
            if problem:
                raise problem
            return Device(device_id), NOTIFY

        clock = cast(IReactorTime, self.clock)
        return ResyncLoop(self.tells, how_of, clock, lambda: 0.0, per_s=10.0)

    def begin(self, device: str = "d1", call: str = "") -> Deferred[None]:
        return self.loop.begin(device, "sip:a@b", call, self.states.append)

    def tearDown(self) -> None:
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_from_the_telling_to_the_fetch(self) -> None:
        """Each state is told; the fetch ends it."""
        verifyObject(IResyncs, self.loop)
        self.tells.outcome = "answered"
        done = self.begin()
        self.assertEqual((self.tells.told, self.states), ([("d1", "sip:a@b")], ["answered"]))
        self.assertNoResult(done)
        self.loop.saw(SIGHTING, FETCHED)
        self.successResultOf(done)

    def test_all_who_asked_are_told_the_end(self) -> None:
        """Two administrators, one phone."""
        done = [self.begin(), self.begin(), self.loop.begin("d1")]
        self.assertEqual(len(self.tells.told), 1)
        self.loop.saw(SIGHTING, FETCHED)
        for each in done:
            self.successResultOf(each)

    def test_it_waits_for_the_end_of_the_call(self) -> None:
        """And five seconds at most."""
        for end, after in ((True, 0), (False, 5)):
            self.tells.told.clear()
            done = self.begin(call="c1")
            self.assertEqual(self.tells.told, [])
            if end:
                self.loop.hung_up("c1")
            self.clock.advance(after)
            self.assertEqual(len(self.tells.told), 1)
            self.loop.saw(SIGHTING, FETCHED)
            self.successResultOf(done)

    def test_a_pbx_that_is_down_is_asked_again(self) -> None:
        """It comes back, and the phone with it."""
        self.tells.outcome = NotResynced("pbx.away", "no connection")
        done = self.begin()
        self.tells.outcome = "sent"
        self.clock.advance(30)
        self.assertEqual(len(self.tells.told), 2)
        self.loop.saw(SIGHTING, FETCHED)
        self.successResultOf(done)

    def test_what_stops_it_is_said(self) -> None:
        """With the reason, to all who asked."""
        self.tells.outcome = NotResynced("resync.not-understood", "489 Bad Event")
        problem = self.failureResultOf(self.begin(), NotResynced).value
        self.assertEqual(
            (getattr(problem, "reason_id", ""), str(problem)), ("resync.not-understood", "489 Bad Event")
        )

    def test_a_device_that_cannot_be_told_at_all(self) -> None:
        """Its vendor has no way, or its config is gone by now."""
        self.loop = self.made(NotResynced("resync.by-hand", "restart it by hand"))
        problem = self.failureResultOf(self.begin(), NotResynced).value
        self.assertEqual(getattr(problem, "reason_id", ""), "resync.by-hand")

    def test_a_bug_ends_it(self) -> None:
        """Nobody waits for ever."""
        self.tells.outcome = ZeroDivisionError()
        self.failureResultOf(self.begin(), NotResynced)
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)

    def test_a_phone_that_never_fetches(self) -> None:
        """Told three times, in half an hour; then it is said."""
        done = self.begin()
        self.clock.pump([60.0] * 31)
        problem = self.failureResultOf(done, NotResynced).value
        self.assertEqual(getattr(problem, "reason_id", ""), "resync.not-fetched")
        self.assertEqual(len(self.tells.told), 3)

    def test_many_are_spread(self) -> None:
        """Ten a second, whoever asks for how many."""
        done = [self.begin(f"d{number}") for number in range(25)]
        self.assertEqual(len(self.tells.told), 1)
        self.clock.pump([0.05] * 20)
        self.assertLessEqual(len(self.tells.told), 11)
        self.clock.pump([0.05] * 60)
        self.assertEqual(len(self.tells.told), 25)
        self.loop.stop()
        for each in done:
            self.failureResultOf(each, NotResynced)

    def test_who_watches_is_told_how_each_ended(self) -> None:
        """Once each, whoever asked; what is under way is counted by its state."""
        ended: list[tuple[str, str]] = []
        self.loop.watch(lambda device, reason_id: ended.append((device, reason_id)))
        self.begin(), self.begin(), self.begin("d2").addErrback(lambda _: None)
        self.assertEqual(self.loop.tally(), {"waiting": 1, "sent": 1, "answered": 0})
        self.loop.saw(SIGHTING, FETCHED)
        self.loop.stop()
        self.assertEqual(ended, [("d1", ""), ("d2", "resync.stopped")])
        self.assertEqual(self.loop.tally(), {"waiting": 0, "sent": 0, "answered": 0})

    def test_a_stop_while_a_phone_is_being_told(self) -> None:
        """The late answer is nobody's."""
        late: Deferred[Told] = Deferred()
        self.tells.outcome = late
        done = self.begin()
        self.loop.stop()
        self.failureResultOf(done, NotResynced)
        late.callback("sent")


class OwnFileTests(SynchronousTestCase):
    def test_what_proves_a_fetch(self) -> None:
        """Only the phone's own file is made of its config; a common one says only that it boots."""
        self.assertTrue(own_file(FETCHED))
        for answer in (
            Answer("file", (Step("find", "find.found", ("y.cfg", "common")),), "d1"),
            Answer("nothing", FETCHED.steps, "d1"),
            Answer("noted", (), "d1"),
            Answer("file", (Step("find", "find.url", ("http://x",)),), "d1"),
        ):
            self.assertFalse(own_file(answer))

    def test_another_phones_fetch_is_no_proof(self) -> None:
        """Nor one of a phone that nobody told."""
        clock = Clock()
        loop = ResyncLoop(Tells(), lambda _: (D1, NOTIFY), cast(IReactorTime, clock), lambda: 0.0, 10.0)
        done = loop.begin("d1")
        loop.saw(SIGHTING, evolve(FETCHED, device="d2"))
        loop.saw(SIGHTING, evolve(FETCHED, device=None))
        self.assertNoResult(done)
        loop.stop()
        self.failureResultOf(done, NotResynced)
