"""the Provisioner: waiting, committing, and edits."""

import gc
from collections.abc import Callable
from typing import cast

from attrs import evolve
from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from provserver.errors import Conflict, Forbidden, Invalid, NotFound, StoreFull
from provserver.interfaces import IProvisioner, IStore
from provserver.model import Commit, Committed, Config, Delete, Device, Presence, Put, Tenant
from tests.fakes.office import KEY, MAC, Office, json_of, own_config

FILE = "00aced000001.cfg"


class HeldStore:
    """The office's store, but its commits wait for `release`, or fail as told."""

    def __init__(self) -> None:
        self.inner: IStore | None = None
        self.held: list[tuple[Commit, Deferred[Committed]]] = []
        self.failing: list[Exception] = []
        self.commits: list[Commit] = []

    def __getattr__(self, name: str) -> Callable[..., object]:
        attribute: Callable[..., object] = getattr(self.inner, name)
        return attribute

    def commit(self, commit: Commit) -> Deferred[Committed]:
        self.commits.append(commit)
        waiting: Deferred[Committed] = Deferred()
        if self.failing:
            waiting.errback(self.failing.pop(0))
        else:
            self.held.append((commit, waiting))
        return waiting

    def release(self) -> None:
        assert self.inner
        held, self.held = self.held, []
        for commit, waiting in held:
            self.inner.commit(commit).chainDeferred(waiting)


class DiscoveryTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.held = HeldStore()
        self.office = Office(store=cast(IStore, self.held))
        self.held.inner = self.office.memory

    def test_it_provides_its_interface(self) -> None:
        """REST and the shells know only the interface."""
        verifyObject(IProvisioner, self.office.provisioner)

    def test_all_sightings_of_one_new_phone_wait_for_one_commit(self) -> None:
        """A phone asks for three files at once; it must become one device, and no answer comes before the disk."""
        answers = [self.office.asked(path=path) for path in (FILE, "common.cfg", FILE)]
        self.assertEqual(len(self.held.commits), 1)
        for answer in answers:
            self.assertNoResult(answer)
        self.held.release()
        devices = {self.successResultOf(answer).device for answer in answers}
        self.assertEqual(len(devices), 1)
        self.assertEqual(len(self.held.commits), 1)

    def test_different_phones_do_not_wait_for_each_other(self) -> None:
        """Group commit lives from many commits in flight."""
        self.office.asked(path=FILE)
        self.office.asked(user_agent="acme A60 2.1 00:ac:ed:00:00:02", path="00aced000002.cfg")
        self.assertEqual(len(self.held.commits), 2)

    def test_on_a_conflict_it_decides_anew(self) -> None:
        """Another node discovered the same phone first: its device is used."""
        self.held.failing.append(Conflict("discovered"))
        self.office.put(
            Device("theirs", mac=MAC, vendor="Acme", model="A60", plugin="acme-2", config="c1"),
            own_config("c1"),
        )
        made = self.office.provisioner.explain(self.office.sighting(path=FILE))
        answer = self.office.asked(path=FILE)
        self.office.clock.advance(1)
        self.assertEqual(self.successResultOf(answer).device, "theirs")
        self.assertEqual(made.device, "theirs")

    def test_a_conflict_that_stays_ends(self) -> None:
        """Whatever holds the key: the phone is told to come again, the process does not spin."""
        self.held.failing.extend(Conflict("again") for _ in range(50))
        asked = self.office.asked(path=FILE)
        for _ in range(10):
            self.office.clock.advance(1)
        self.assertEqual(self.successResultOf(asked).outcome, "busy")
        self.assertLess(len(self.held.commits), 10)

    def test_a_full_disk_is_busy_for_a_new_phone_and_nothing_for_a_known_one(self) -> None:
        """Known phones ring whatever happens to the disk (design section 4)."""
        self.held.failing.append(StoreFull("no space left"))
        answer = self.successResultOf(self.office.asked(path=FILE))
        self.assertEqual(
            (answer.outcome, answer.steps[-1].reason_id, answer.device), ("busy", "learn.not-stored", None)
        )
        self.assertGreater(answer.retry_s, 0)
        self.office.put(Device("d1", mac=MAC, config="c1"), own_config("c1"))
        self.held.failing.append(StoreFull("no space left"))
        answer = self.successResultOf(self.office.asked(path=FILE))
        self.assertEqual((answer.outcome, answer.device), ("file", "d1"))

    def test_those_who_waited_for_a_commit_that_failed_try_themselves(self) -> None:
        """One phone's bad luck must not leave its other requests hanging."""
        first, second = self.office.asked(path=FILE), self.office.asked(path=FILE)
        self.held.failing.append(StoreFull("no space left"))
        _, waiting = self.held.held.pop()
        waiting.errback(StoreFull("no space left"))
        for answer in (first, second):
            self.assertEqual(self.successResultOf(answer).outcome, "busy")


class GarbageTests(SynchronousTestCase):
    def test_no_answer_leaves_work_for_the_garbage_collector(self) -> None:
        """Cycles of some hundred objects a millisecond make it stop the reactor again and again."""
        office = Office()
        office.answer(path=FILE)
        self.addCleanup(gc.enable)
        for ip, path in (
            ("10.0.0.7", FILE),
            ("10.0.0.7", "x/y"),
            ("198.51.100.7", FILE),
            ("198.51.100.8", "x/y"),
        ):
            office.answer(path=path, ip=ip)
            gc.collect()
            gc.disable()
            office.answer(path=path, ip=ip)
            self.assertEqual(gc.collect(), 0, (ip, path))


class TimelineTests(SynchronousTestCase):
    def test_it_tells_what_was_asked_and_why_it_was_answered_so(self) -> None:
        """The administrator's first question is "what did the phone do?"."""
        office = Office()
        device = office.answer(path=FILE).device or ""
        office.clock.advance(5)
        office.answer(path="x/y")
        newest, oldest = office.provisioner.timeline(device)
        self.assertEqual((newest.path, newest.answer.outcome, newest.ip), ("x/y", "nothing", "10.0.0.7"))
        self.assertEqual((oldest.path, oldest.at, oldest.protocol), (FILE, newest.at - 5, "http"))
        assert oldest.answer.file
        self.assertIsNone(oldest.answer.file.body)
        self.assertRaises(NotFound, office.provisioner.timeline, "nobody")

    def test_a_key_is_not_in_it(self) -> None:
        """Timelines are read by people who may not know the key."""
        office = Office()
        office.put(Tenant("master", name="master", key=KEY))
        device = office.answer(path=f"{KEY}/{FILE}").device or ""
        self.assertNotIn(KEY, repr(office.provisioner.timeline(device)))


class StatusTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.office = Office()
        self.device = Device(
            "d1", mac=MAC, vendor="Acme", model="A60", plugin="acme-2", config="c1", tenant="master"
        )
        self.office.put(self.device, own_config("c1"))

    def test_configured(self) -> None:
        """It is computed, never stored: it can not be out of date."""
        status = self.office.provisioner.status(self.device)
        self.assertEqual((status.configured, status.steps, status.twins), (True, (), ()))

    def test_each_reason_against_it(self) -> None:
        """The reason is what the administrator needs; several are told together."""
        for changes, reasons in (
            ({"plugin": "gone"}, ["choose.not-loaded"]),
            ({"plugin": None}, ["choose.not-loaded"]),
            ({"config": None}, ["render.no-config"]),
            ({"config": "missing", "plugin": "gone"}, ["choose.not-loaded", "render.config-missing"]),
        ):
            status = self.office.provisioner.status(evolve(self.device, **changes))
            self.assertFalse(status.configured)
            self.assertEqual([step.reason_id for step in status.steps], reasons)

    def test_twins_and_settings_that_the_phone_will_not_see(self) -> None:
        """Both are no errors, and both explain a phone that does not do as it should."""
        self.office.put(
            evolve(self.device, id="d2"), Config("c1", raw=json_of({"locale": "fr_FR", "exten_dnd": "*25"}))
        )
        status = self.office.provisioner.status(self.device)
        self.assertEqual(status.twins, ("d2",))
        reasons = {step.values[0]: step.reason_id for step in status.ignored}
        self.assertEqual(reasons["exten_dnd"], "render.ignored")
        self.assertNotIn("locale", reasons)


class ChangeTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.office = Office()
        self.store = self.office.memory

    def change(self, *changes: Put | Delete) -> Deferred[Committed]:
        return self.office.provisioner.change(Commit(changes, "token:test", "test"))

    def test_a_wrong_raw_config_is_refused_with_its_field(self) -> None:
        """Nothing of the commit happens."""
        config = Config("c1", raw=json_of({"sip_dtmf_mode": "morse"}))
        problem = self.failureResultOf(self.change(Put(Config("c0"), 0), Put(config, 0)), Invalid)
        self.assertIn("sip_dtmf_mode", problem.value.field)
        self.assertRaises(NotFound, self.store.get, Config, "c0")

    def test_a_deleted_device_takes_its_presence_and_its_transient_config_along(self) -> None:
        """Otherwise orphans pile up for ever."""
        device = self.office.answer(path=FILE).device or ""
        config = self.store.get(Device, device).config or ""
        self.successResultOf(self.change(Delete(Device, device)))
        for kind, doc_id in ((Device, device), (Presence, device), (Config, config)):
            self.assertRaises(NotFound, self.store.get, kind, doc_id)

    def test_a_transient_config_stays_while_another_device_uses_it(self) -> None:
        """Two devices may share a config."""
        device = self.store.get(Device, self.office.answer(path=FILE).device or "")
        self.office.put(evolve(device, id="other", mac=None))
        self.successResultOf(self.change(Put(evolve(device, config="c1"), None)))
        self.store.get(Config, device.config or "")
        self.successResultOf(self.change(Delete(Device, "other")))
        self.assertRaises(NotFound, self.store.get, Config, device.config or "")

    def test_a_config_that_is_not_deletable_stays(self) -> None:
        """The contract's 403."""
        self.office.put(Config("keep", deletable=False))
        self.failureResultOf(self.change(Delete(Config, "keep")), Forbidden)
        self.store.get(Config, "keep")

    def test_what_does_not_exist_cannot_be_deleted_or_have_no_name(self) -> None:
        """404 and 400."""
        self.failureResultOf(self.change(Delete(Device, "nobody")), NotFound)
        self.failureResultOf(self.change(Put(Device(""), 0)), Invalid)

    def test_a_key_belongs_to_one_tenant(self) -> None:
        """A key names a tenant; two would share their phones' secrets."""
        self.successResultOf(self.change(Put(Tenant("master", name="m", key=KEY), None)))
        self.successResultOf(self.change(Put(Tenant("master", name="again", key=KEY), None)))
        self.failureResultOf(self.change(Put(Tenant("anna", parent="master", key=KEY), None)), Invalid)

    def test_a_stale_revision_is_a_conflict_at_once(self) -> None:
        """The client read something else than what is there now."""
        self.office.put(Config("c1"))
        rev = self.store.get(Config, "c1").rev
        self.failureResultOf(self.change(Put(Config("c1"), rev - 1)), Conflict)
        self.failureResultOf(self.change(Put(Config("c1"), 0)), Conflict)

    def test_a_conflict_that_nobody_asked_for_is_tried_again(self) -> None:
        """Two clients write one document at once without revisions: both succeed, one after the other."""
        held = HeldStore()
        office = Office(store=cast(IStore, held))
        held.inner = office.memory
        held.failing.extend([Conflict("under way"), Conflict("under way")])
        done = office.provisioner.change(Commit((Put(Config("c1"), None),), "token:test", "test"))
        for _ in range(3):
            office.clock.advance(1)
        held.release()
        self.successResultOf(done)
        self.assertEqual(len(held.commits), 3)
        self.assertEqual(office.clock.getDelayedCalls(), [])

    def test_autocreate(self) -> None:
        """Clients find waiting phones by the id's first letters; it inherits all from the template."""
        name = self.successResultOf(self.office.provisioner.autocreate("token:test"))
        self.assertTrue(name.startswith("autoprov"))
        self.assertEqual(self.store.get(Config, name).parents, ("autoprov",))
        self.office.memory.commit(Commit((Put(Config("autoprov"), None),), "test", "no role any more"))
        self.failureResultOf(self.office.provisioner.autocreate("token:test"), Invalid)

    def test_raw_config_is_merged(self) -> None:
        """Base, ancestors, own."""
        self.office.put(own_config("c1", parents=("base",)), Config("base", raw=json_of({"locale": "fr_FR"})))
        raw = self.office.provisioner.raw_config("c1")
        for part in (
            b'"locale":"fr_FR"',
            b'"username":"anna"',
            b'"http_base_url":"http://10.0.0.1:8667"',
            b'"ip":"10.0.0.1"',
        ):
            self.assertIn(part, raw)
        self.assertRaises(NotFound, self.office.provisioner.raw_config, "nobody")
