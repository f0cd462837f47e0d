"""Association: who may sit where, and the config that a device has of its lines."""

import json
from typing import Any

from attrs import evolve
from twisted.internet.defer import Deferred, succeed
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from provserver.associating import Associations
from provserver.core.access.pairing import Windows
from provserver.core.access.policy import DEFAULT
from provserver.core.association.building import LINES
from provserver.core.association.ports import UNKNOWN, Ports, ports_of
from provserver.core.association.seating import is_free
from provserver.errors import Conflict, Forbidden, Invalid, NotAssociated, NotFound, ProvdError
from provserver.interfaces import IAssociations
from provserver.model import (
    Associated,
    Commit,
    Committed,
    Config,
    Delete,
    Device,
    Line,
    Presence,
    Put,
    Seat,
    Tenant,
)
from tests.fakes.office import Office, json_of
from tests.fakes.plugins import MemoryPlugins
from tests.fakes.vendors import Acme

MAC = "00:ac:ed:00:00:01"


def line(line_id: str, tenant: str = "anna", **more: Any) -> Line:
    """Return a line with the user name and password of its id; its code is made of it too."""
    account = {"username": line_id, "password": f"pw-{line_id}", **more.pop("account", {})}
    options = json_of(more.pop("options", {}))
    code = more.pop("code", f"{int.from_bytes(line_id.encode()) % 1_000_000:06}")
    return Line(line_id, tenant=tenant, account=json_of(account), options=options, code=code, **more)


def phone(device_id: str, tenant: str = "master", model: str = "A60", **more: Any) -> Device:
    known = {"config": f"autoprov-{device_id}", "vendor": "Acme", "model": model, "plugin": "acme-2"}
    return Device(device_id, tenant=tenant, **{**known, **more})


def waiting(device_id: str) -> Config:
    return Config(f"autoprov-{device_id}", parents=("autoprov",), transient=True)


class AssociationCase(SynchronousTestCase):
    """The tenants anna and bert beneath the master; p1, p2 (six lines) and the gateway g1 (eight) wait."""

    def setUp(self) -> None:
        self.office = Office()
        self.store = self.office.memory
        plugins = MemoryPlugins((Acme(),), self.store, self.office.provisioner.use)
        windows = Windows(DEFAULT, 3_600, self.new_id)
        self.associations = Associations(
            self.office.provisioner, self.store, plugins, windows, self.new_id, self.office.clock.seconds
        )
        self.ids = 0
        self.office.put(
            Tenant("anna", parent="master", default_config="annas", templates=("desk", "boss")),
            Tenant("bert", parent="master", default_config="berts"),
            Config("annas", raw=json_of({"sip_proxy_ip": "10.0.0.1", "locale": "fr_FR"}), tenant="anna"),
            Config("berts", raw=json_of({"sip_proxy_ip": "10.9.9.9", "sip_proxy_port": 5070}), tenant="bert"),
            Config("desk", raw=json_of({"timezone": "Europe/Paris"}), tenant="anna"),
            Config("boss", raw=json_of({"timezone": "Asia/Tokyo"}), tenant="anna"),
        )
        for device in (phone("p1"), phone("p2"), phone("g1", model="G8")):
            self.office.put(device, waiting(device.id))

    def new_id(self) -> str:
        self.ids += 1
        return f"{self.ids:032x}"

    def done(self, deferred: Deferred[Any]) -> Any:
        for _ in range(50):
            self.office.clock.advance(0.1)
        return self.successResultOf(deferred)

    def put(self, *lines: Line) -> None:
        self.change(*(Put(one, 0) for one in lines))

    def change(self, *changes: Put | Delete) -> None:
        self.done(self.office.provisioner.change(Commit(changes, "test", "test")))

    def seat(
        self, line_id: str, device_id: str, position: int | None = None, spend: bool = False
    ) -> Associated:
        result = self.done(self.associations.associate(line_id, device_id, position, "test", spend))
        assert isinstance(result, Associated)
        return result

    def refused(self, line_id: str, device_id: str, position: int | None = None, spend: bool = False) -> str:
        """Return the reason; nothing has changed."""
        before = self.store.seq
        deferred = self.associations.associate(line_id, device_id, position, "test", spend)
        self.assertEqual(self.store.seq, before)
        problem: ProvdError = self.failureResultOf(deferred, ProvdError).value
        return problem.reason_id

    def device(self, device_id: str) -> Device:
        return self.store.get(Device, device_id)

    def line(self, line_id: str) -> Line:
        return self.store.get(Line, line_id)

    def config(self, device_id: str) -> Config:
        return self.store.get(Config, self.device(device_id).config or "")

    def raw(self, device_id: str) -> Any:
        """Return the merged raw config."""
        return json.loads(self.office.provisioner.raw_config(self.device(device_id).config or ""))

    def users(self, device_id: str) -> dict[str, str]:
        return {at: account["username"] for at, account in self.raw(device_id)["sip_lines"].items()}


class SeatingTests(AssociationCase):
    def test_it_provides_its_interface(self) -> None:
        """Claims rely on it."""
        verifyObject(IAssociations, self.associations)

    def test_a_line_makes_a_waiting_phone_its_users(self) -> None:
        """The phone moves from the master tenant to the line's, and gets account, registrar and locale of there."""
        self.put(line("l1"))
        self.assertEqual(self.seat("l1", "p1"), Associated("p1", "l1", 1))
        self.assertEqual(self.device("p1").tenant, "anna")
        self.assertEqual(self.line("l1").seats, (Seat("p1", 1),))
        raw = self.raw("p1")
        self.assertEqual(raw["sip_lines"], {"1": {"username": "l1", "password": "pw-l1"}})
        self.assertEqual((raw["sip_proxy_ip"], raw["locale"], raw["protocol"]), ("10.0.0.1", "fr_FR", "SIP"))

    def test_it_is_one_commit(self) -> None:
        """Nobody, and no crash, ever sees a half: line, device, new config and the end of the old one."""
        self.put(line("l1"))
        before = self.store.seq
        self.seat("l1", "p1", spend=True)
        self.assertEqual(self.store.seq, before + 1)
        self.assertRaises(NotFound, self.store.get, Config, "autoprov-p1")
        config = self.config("p1")
        self.assertEqual((config.role, config.tenant, config.transient), (LINES, "", False))
        self.assertEqual({one.rev for one in (config, self.device("p1"), self.line("l1"))}, {before + 1})

    def test_the_code_is_spent_on_use_unless_it_is_kept(self) -> None:
        """Who sees the code afterwards can do nothing with it, and it is free for others."""
        self.put(line("l1", code_expires=5.0), line("l2", keeps_code=True, code="482913"))
        self.seat("l1", "p1", spend=True)
        self.seat("l2", "p1", spend=True)
        self.assertEqual((self.line("l1").code, self.line("l1").code_expires), (None, None))
        self.assertEqual(self.line("l2").code, "482913")
        self.put(line("l3", code=line("l1").code))
        self.assertEqual(self.refused("l1", "p2", spend=True), "code.used")

    def test_positions(self) -> None:
        """Without one it is the first that is free; where the line sits already it stays or moves."""
        self.put(*(line(f"l{number}") for number in range(1, 8)))
        self.assertEqual(self.seat("l1", "p1", 2).position, 2)
        self.assertEqual(self.seat("l2", "p1").position, 1)
        self.assertEqual(self.seat("l3", "p1").position, 3)
        self.assertEqual(self.seat("l1", "p1").position, 2)
        self.assertEqual(self.seat("l1", "p1", 6).position, 6)
        self.assertEqual(self.seat("l4", "p1").position, 2)
        self.assertEqual(self.users("p1"), {"1": "l2", "2": "l4", "3": "l3", "6": "l1"})
        for wanted, reason in (
            (6, "phone.position-taken"),
            (7, "phone.no-position"),
            (-1, "phone.no-position"),
        ):
            self.assertEqual(self.refused("l5", "p1", wanted), reason)
        self.seat("l5", "p1")
        self.seat("l6", "p1")
        self.assertEqual(self.refused("l7", "p1"), "phone.full")

    def test_a_refusal_names_the_number_of_lines(self) -> None:
        """An administrator should not have to look it up."""
        self.office.put(phone("p3", model="A20", config=None))
        self.put(*(line(f"l{number}") for number in range(1, 4)))
        self.seat("l1", "p3")
        self.seat("l2", "p3")
        failure = self.failureResultOf(self.associations.associate("l3", "p3", None, "test"), NotAssociated)
        self.assertIn("2", str(failure.value))

    def test_other_tenants_phones_are_refused(self) -> None:
        """Bert's line brings him no phone of Anna's, nor one of the master's that has a user."""
        self.put(line("a1"), line("b1", "bert"), line("m1", "master"))
        self.seat("a1", "p1")
        self.seat("m1", "p2")
        for device_id in ("p1", "p2"):
            self.assertEqual(self.refused("b1", device_id), "phone.other-tenant")
        self.assertEqual(self.device("p2").tenant, "master")

    def test_what_others_configure_is_left_alone(self) -> None:
        """Where another system manages configs nothing gets in its way, even if the config is still to come."""
        self.put(line("l1"))
        self.office.put(
            Config("own"), phone("p3", "anna", config="own"), phone("p4", "anna", config="to-come")
        )
        for device_id in ("p3", "p4"):
            self.assertEqual(self.refused("l1", device_id), "phone.provisioned")
        self.office.put(phone("p5", config="autoprov"), phone("p6", config=None))
        self.put(line("l2"))
        for line_id, device_id in (("l1", "p5"), ("l2", "p6")):
            self.seat(line_id, device_id)
        self.assertEqual(self.store.get(Config, "autoprov").role, "autocreate")

    def test_a_line_that_is_taken(self) -> None:
        """Refused, moved (the old phone waits again) or added, as the line says."""
        self.put(line("l1"), line("l2", when_taken="move"), line("l3", when_taken="add"))
        for line_id in ("l1", "l2", "l3"):
            self.seat(line_id, "p1")
        self.assertEqual(self.refused("l1", "p2"), "line.taken")
        self.seat("l2", "p2")
        self.seat("l3", "p2")
        self.assertEqual(self.users("p1"), {"1": "l1", "3": "l3"})
        self.assertEqual(self.users("p2"), {"1": "l2", "2": "l3"})
        self.put(line("l4", when_taken="move"))
        self.office.put(phone("p3"), waiting("p3"))
        self.seat("l4", "p3")
        self.seat("l4", "p1")
        self.assertTrue(is_free(self.device("p3"), self.store))
        self.assertEqual(self.device("p3").tenant, "anna")

    def test_no_sip_no_line(self) -> None:
        """A phone that speaks SCCP alone would ignore the account."""
        self.put(line("l1"))
        self.office.put(phone("p3", model="C5", config=None))
        self.assertEqual(self.refused("l1", "p3"), "phone.not-sip")

    def test_nobody_and_nothing(self) -> None:
        """404 is what REST makes of it."""
        self.put(line("l1"))
        for line_id, device_id in (("none", "p1"), ("l1", "none")):
            self.assertEqual(self.refused(line_id, device_id), "not-found")
        self.failureResultOf(self.associations.release("l1", "p1", "test"), NotFound)
        self.failureResultOf(self.associations.reset("none", "test"), NotFound)

    def test_two_at_once_for_one_position(self) -> None:
        """One is too late and says so: never do two lines sit at one position."""
        self.put(line("l1"), line("l2"), line("l3"))
        first = self.associations.associate("l1", "p1", 1, "test")
        second = self.associations.associate("l2", "p1", 1, "test")
        third = self.associations.associate("l3", "p1", None, "test")
        self.assertEqual(self.done(first).position, 1)
        self.assertEqual(self.failureResultOf(second, NotAssociated).value.reason_id, "phone.position-taken")
        self.assertEqual(self.done(third).position, 2)

    def test_two_at_once_for_one_line(self) -> None:
        """A code dialled on two phones at the same moment makes one of them ready."""
        self.put(line("l1"))
        first = self.associations.associate("l1", "p1", None, "test", spend=True)
        second = self.associations.associate("l1", "p2", None, "test", spend=True)
        self.assertEqual(self.done(first).device, "p1")
        self.assertEqual(self.failureResultOf(second, NotAssociated).value.reason_id, "code.used")
        self.assertTrue(is_free(self.device("p2"), self.store))


class RacingTests(AssociationCase):
    """Others write too: a second server on the same store, REST, the phone itself."""

    def setUp(self) -> None:
        super().setUp()
        self.put(line("l1"))

    def raced(self, times: int) -> Deferred[Associated]:
        """Seat l1 on p1 while somebody else changes p1 so many times just before the commit."""
        change, left = self.office.provisioner.change, iter(range(times))

        def slower(commit: Commit) -> Deferred[Committed]:
            if next(left, None) is not None:
                self.office.put(evolve(self.device("p1"), serial=f"S{self.store.seq}"))
            return change(commit)

        self.patch(self.office.provisioner, "change", slower)
        return self.associations.associate("l1", "p1", None, "test")

    def test_it_decides_anew(self) -> None:
        """What the other wrote stays, and the line sits."""
        self.assertEqual(self.done(self.raced(2)), Associated("p1", "l1", 1))
        self.assertIsNotNone(self.device("p1").serial)

    def test_one_change_of_a_device_at_a_time(self) -> None:
        """Who waits decides by what the first has left, and other devices do not wait."""
        change, slow = self.office.provisioner.change, [Deferred[None]()]

        def slower(commit: Commit) -> Deferred[Committed]:
            wait = slow.pop() if slow else succeed(None)
            return wait.addCallback(lambda _: change(commit))

        self.patch(self.office.provisioner, "change", slower)
        (disk,) = slow
        self.office.put(line("l2"), line("l3"))
        first, second = (self.associations.associate(name, "p1", None, "test") for name in ("l1", "l2"))
        self.seat("l3", "p2")
        self.assertNoResult(second)
        disk.callback(None)
        self.assertEqual((self.done(first).position, self.done(second).position), (1, 2))

    def test_it_does_not_try_for_ever(self) -> None:
        """Then it is a conflict, and nothing half-done remains; the next try finds its way."""
        deferred = self.raced(5)
        for _ in range(50):
            self.office.clock.advance(0.1)
        self.failureResultOf(deferred, Conflict)
        self.assertEqual(self.line("l1").seats, ())
        self.seat("l1", "p1")


class GatewayTests(AssociationCase):
    def test_two_tenants_on_one_gateway(self) -> None:
        """The first one's it becomes, the second is its guest, with the registrar of its own tenant on its port."""
        self.put(line("a1"), line("b1", "bert", options={"admin_password": "of-bert", "locale": "de_DE"}))
        self.seat("a1", "g1", 1)
        self.seat("b1", "g1", 7)
        device = self.device("g1")
        self.assertEqual((device.tenant, device.guests), ("anna", ("bert",)))
        raw = self.raw("g1")
        self.assertEqual(raw["sip_lines"]["1"]["username"], "a1")
        guest = raw["sip_lines"]["7"]
        self.assertEqual(
            (guest["proxy_ip"], guest["proxy_port"], guest["password"]), ("10.9.9.9", 5070, "pw-b1")
        )
        self.assertEqual((raw["sip_proxy_ip"], raw["locale"]), ("10.0.0.1", "fr_FR"))
        self.assertNotIn("admin_password", raw)
        self.done(self.associations.release("b1", "g1", "test"))
        self.assertEqual(self.device("g1").guests, ())

    def test_a_guests_registrar_may_move(self) -> None:
        """When the guest's default config changes, so does its account on the gateway, and no other phone's."""
        self.put(line("a1"), line("b1", "bert"), line("b2", "bert"))
        self.seat("a1", "g1")
        self.seat("b1", "g1")
        self.seat("b2", "p1")
        own = self.config("p1").rev
        self.change(Put(Config("berts", raw=json_of({"sip_proxy_ip": "10.8.8.8"}), tenant="bert"), None))
        accounts = self.raw("g1")["sip_lines"]
        self.assertEqual((accounts["2"]["proxy_ip"], accounts["1"].get("proxy_ip")), ("10.8.8.8", None))
        self.assertEqual(self.config("p1").rev, own)
        self.assertEqual(self.raw("p1")["sip_proxy_ip"], "10.8.8.8")

    def test_a_guest_without_a_default_config(self) -> None:
        """Its account says all there is to say."""
        self.office.put(Tenant("carl", parent="master"))
        self.put(line("a1"), line("c1", "carl", account={"proxy_ip": "10.3.3.3"}))
        self.seat("a1", "g1")
        self.seat("c1", "g1")
        self.assertEqual(self.raw("g1")["sip_lines"]["2"]["proxy_ip"], "10.3.3.3")

    def test_the_owner_may_be_the_last_to_leave(self) -> None:
        """A gateway keeps its tenant, and guests stay guests."""
        self.put(line("a1"), line("b1", "bert"))
        self.seat("a1", "g1")
        self.seat("b1", "g1")
        self.done(self.associations.release("a1", "g1", "test"))
        self.assertEqual((self.device("g1").tenant, self.device("g1").guests), ("anna", ("bert",)))
        self.assertEqual(self.users("g1"), {"2": "b1"})


class BuildingTests(AssociationCase):
    def test_templates_and_options(self) -> None:
        """Default config, templates, options, account: each over the one before, the first line over later ones."""
        self.put(
            line("l1", template="desk", options={"funckeys": {"1": {"type": "park"}}, "locale": "es_ES"}),
            line(
                "l2",
                template="boss",
                options={
                    "funckeys": {"1": {"type": "blf", "value": "9"}, "2": {"type": "blf", "value": "8"}},
                    "locale": "it_IT",
                    "sip_srtp_mode": "required",
                },
            ),
        )
        self.seat("l2", "p1", 2)
        self.assertEqual(self.raw("p1")["timezone"], "Asia/Tokyo")
        self.seat("l1", "p1", 1)
        raw = self.raw("p1")
        self.assertEqual(
            (raw["timezone"], raw["locale"], raw["sip_srtp_mode"]), ("Europe/Paris", "es_ES", "required")
        )
        self.assertEqual(raw["funckeys"]["1"]["type"], "park")
        self.assertEqual(raw["funckeys"]["2"], {"type": "blf", "value": "8", "line": 2})
        self.assertEqual(self.config("p1").parents, ("defaultconfigdevice", "annas", "boss", "desk"))

    def test_a_tenant_that_is_gone(self) -> None:
        """A device whose tenant somebody deleted under it still has what all devices have."""
        self.put(line("l1"))
        self.seat("l1", "p1")
        self.office.put(Tenant("anna", parent="master"))
        self.store.commit(Commit((Delete(Tenant, "anna"),), "test", "test"))
        self.change(Put(self.device("p1"), None))
        self.assertEqual(self.config("p1").parents, ("defaultconfigdevice",))

    def test_a_phone_fetches_its_users_file(self) -> None:
        """All of it is for this: what the phone gets is the line's account."""
        self.assertEqual(self.office.answer(path="00aced000001.cfg").outcome, "file")
        (device,) = (one for one in self.office.devices() if one.mac == MAC)
        self.put(line("l1"))
        self.seat("l1", device.id)
        answer = self.office.answer(path="00aced000001.cfg")
        assert answer.file and answer.file.body
        self.assertIn("user = l1\npassword = pw-l1\n", answer.file.body.decode())


class FollowingTests(AssociationCase):
    def setUp(self) -> None:
        super().setUp()
        self.put(line("a1"), line("a2"), line("b1", "bert"))
        for line_id in ("a1", "a2", "b1"):
            self.seat(line_id, "g1")

    def test_the_last_line_off_makes_it_wait(self) -> None:
        """It gets an autoprov config of its own, which goes with it, and its old one is gone."""
        self.seat_alone()
        old = self.device("p1").config
        self.done(self.associations.release("l9", "p1", "test"))
        device = self.device("p1")
        self.assertEqual((device.tenant, self.line("l9").seats), ("anna", ()))
        self.assertEqual(self.config("p1").parents, ("autoprov",))
        self.assertTrue(self.config("p1").transient)
        self.assertRaises(NotFound, self.store.get, Config, old)

    def seat_alone(self) -> None:
        self.put(line("l9"))
        self.seat("l9", "p1")

    def test_reset(self) -> None:
        """All lines off, the device keeps its tenant; again it changes nothing."""
        self.done(self.associations.reset("g1", "test"))
        device = self.device("g1")
        self.assertEqual((device.tenant, device.guests), ("anna", ()))
        self.assertTrue(is_free(device, self.store))
        self.assertEqual([self.line(name).seats for name in ("a1", "a2", "b1")], [(), (), ()])
        before = self.store.seq
        self.done(self.associations.reset("g1", "test"))
        self.assertEqual(self.store.seq, before)

    def test_reset_of_what_others_configured(self) -> None:
        """It waits; the config stays, for it is not ours."""
        self.office.put(Config("own"), phone("p3", "anna", config="own"))
        self.done(self.associations.reset("p3", "test"))
        self.assertTrue(is_free(self.device("p3"), self.store))
        self.store.get(Config, "own")

    def test_reset_of_a_device_whose_config_is_lost(self) -> None:
        """However it came to that, a reset brings it back."""
        self.store.commit(Commit((Delete(Config, self.device("g1").config or ""),), "test", "test"))
        self.put(line("l9"))
        self.assertEqual(self.refused("l9", "g1"), "phone.provisioned")
        self.done(self.associations.reset("g1", "test"))
        self.assertTrue(is_free(self.device("g1"), self.store))
        self.assertEqual((self.line("a1").seats, self.config("g1").parents), ((), ("autoprov",)))

    def test_without_a_template_a_device_waits_without_config(self) -> None:
        """The next sighting gives it one, once there is a template again."""
        self.store.commit(Commit((Delete(Config, "autoprov"),), "test", "test"))
        self.done(self.associations.reset("g1", "test"))
        self.assertIsNone(self.device("g1").config)
        self.office.put(Config("own"), phone("p3", "anna", config="own"))
        self.done(self.associations.reset("p3", "test"))
        self.assertIsNone(self.device("p3").config)

    def test_a_changed_line_changes_its_devices(self) -> None:
        """In the same commit: a new password reaches the phone at its next request."""
        before = self.store.seq
        new = line("a2", account={"password": "new"}, code=None, seats=self.line("a2").seats)
        self.change(Put(new, self.line("a2").rev))
        self.assertEqual(self.store.seq, before + 1)
        self.assertEqual(self.raw("g1")["sip_lines"]["2"]["password"], "new")

    def test_a_changed_code_leaves_them_alone(self) -> None:
        """The device is no other, and its ETag does not move."""
        before = self.device("g1").rev, self.config("g1").rev
        self.change(Put(line("a2", code="482913", seats=self.line("a2").seats), None))
        self.assertEqual((self.device("g1").rev, self.config("g1").rev), before)

    def test_a_deleted_line_leaves_its_devices(self) -> None:
        """With it goes the guest."""
        self.change(Delete(Line, "b1"), Delete(Line, "a1"))
        self.assertEqual(self.users("g1"), {"2": "a2"})
        self.assertEqual(self.device("g1").guests, ())

    def test_a_deleted_device_frees_its_lines(self) -> None:
        """They can be dialled on the next one."""
        config = self.device("g1").config
        self.office.put(Presence("g1"))
        self.change(Delete(Device, "g1"))
        self.assertEqual([self.line(name).seats for name in ("a1", "a2", "b1")], [(), (), ()])
        self.assertRaises(NotFound, self.store.get, Config, config)
        self.assertEqual(self.line("a1").code, line("a1").code)

    def test_a_device_and_its_line_deleted_at_once(self) -> None:
        """Whatever the order."""
        self.change(Delete(Line, "a1"), Delete(Device, "g1"), Delete(Line, "b1"))
        self.assertEqual(self.line("a2").seats, ())

    def test_two_devices_of_one_line_deleted_at_once(self) -> None:
        """Neither brings the other's seat back."""
        self.put(line("l9", when_taken="add"))
        self.seat("l9", "p1")
        self.seat("l9", "p2")
        self.change(Delete(Device, "p1"), Delete(Device, "p2"))
        self.assertEqual(self.line("l9").seats, ())

    def test_who_gives_it_another_config_takes_it_over(self) -> None:
        """A client that manages configs wins: the lines are free, and the config of the lines is gone."""
        self.seat_alone()
        old = self.device("p1").config
        self.office.put(Config("own"))
        self.change(Put(phone("p1", "anna", config="own"), None))
        self.assertEqual((self.device("p1").config, self.line("l9").seats), ("own", ()))
        self.assertRaises(NotFound, self.store.get, Config, old)

    def test_nobody_else_writes_such_a_config(self) -> None:
        """It would be overwritten with the next line: better told now."""
        config = self.config("g1")
        asked: tuple[Put | Delete, ...] = (
            Put(Config(config.id), None),
            Put(Config("mine", role=LINES), 0),
            Delete(Config, config.id),
        )
        for change in asked:
            self.failureResultOf(self.office.provisioner.change(Commit((change,), "test", "test")), Forbidden)

    def test_another_devices_config_is_no_way_in(self) -> None:
        """Two devices with one such config would share passwords: the second one waits."""
        self.change(Put(phone("p2", "bert", config=self.device("g1").config), None))
        self.assertTrue(is_free(self.device("p2"), self.store))
        self.assertEqual(self.users("g1"), {"1": "a1", "2": "a2", "3": "b1"})

    def test_codes_are_unique(self) -> None:
        """Also where a line is written because its device went."""
        self.change(Delete(Device, "g1"))
        twin = Commit((Put(line("twin", "bert", code=line("a1").code), 0),), "test", "test")
        deferred = self.office.provisioner.change(twin)
        for _ in range(50):
            self.office.clock.advance(0.1)
        self.failureResultOf(deferred, Conflict)


class CheckTests(AssociationCase):
    def test_bad_lines(self) -> None:
        """The field that is wrong is named as clients know it, and nothing is stored."""
        bad: tuple[tuple[Line, str], ...] = (
            (line("l1", "nobody"), "tenant_uuid"),
            (line("l1", code="12345"), "code"),
            (line("l1", code="12345x"), "code"),
            (line("l1", code="١٢٣٤٥٦"), "code"),
            (line("l1", account={"username": ""}), "account.username"),
            (line("l1", account={"proxy_port": 70_000}), "account.proxy_port"),
            (line("l1", account={"dtmf_mode": "x"}), "account.dtmf_mode"),
            (line("l1", options={"funckeys": {"1": {"type": "x"}}}), "options.funckeys.1.type"),
            (line("l1", options={"sip_lines": {}}), "options.sip_lines"),
            (line("l1", options={"nonsense": 1}), "options.nonsense"),
            (line("l1", seats=tuple(Seat("p1", at) for at in range(1, 60))), "devices"),
            (line(""), "id"),
        )
        before = self.store.seq
        for wrong, field in bad:
            commit = Commit((Put(wrong, 0),), "test", "test")
            problem = self.failureResultOf(self.office.provisioner.change(commit), Invalid).value
            self.assertEqual(problem.field, field)
        self.assertEqual(self.store.seq, before)


class PortsTests(SynchronousTestCase):
    def test_what_a_plugin_says(self) -> None:
        """By model, in whatever case; of what nobody knows no limit is known."""
        plugin = Acme().plugins[1]

        def of(model: str) -> Ports:
            return ports_of(plugin, phone("p", model=model))

        self.assertEqual(of("a60"), Ports(6))
        self.assertEqual(of("G8"), Ports(8, shared=True))
        self.assertEqual(of("C5"), Ports(1, sip=False))
        self.assertEqual((of(""), of("T99"), ports_of(None, phone("p"))), (UNKNOWN, UNKNOWN, UNKNOWN))
