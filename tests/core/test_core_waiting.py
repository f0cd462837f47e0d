"""Waiting phones: what their files say, and when."""

import json
from typing import Any

from attrs import evolve, frozen
from twisted.internet.defer import Deferred, fail
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer

from provserver.core.surroundings import compiled
from provserver.core.waiting import MOST_PORTS, Waiting, line_of, ports_that_wait
from provserver.errors import StoreFull
from provserver.interfaces import IVendorPlugin
from provserver.model import (
    Answer,
    Commit,
    Committed,
    Config,
    Delete,
    Device,
    Document,
    Json,
    Presence,
    Put,
    Settings,
    Slot,
    Tenant,
)
from tests.fakes.office import KEY, MAC, Office, json_of, own_config
from tests.fakes.vendors import Acme, AcmePlugin

FILE = "00aced000001.cfg"
POOL = tuple(Slot(f"ap{n:04}", password=f"secret{n:04}", registrar="192.0.2.20", port=5060) for n in range(4))


@implementer(IVendorPlugin)
@frozen
class Gateway(AcmePlugin):
    """Its file tells of every port."""

    def values(self, rule: Any, device: Device | None, settings: Settings, today: Any) -> Any:
        lines = {port: dict(line) for port, line in settings.lines.items()}
        return {**super().values(rule, device, settings, today), "label": json.dumps(lines)}


def gateway(lines: int = 3, kind: str = "gateway", protocol: str = "sip") -> Gateway:
    said = {"capabilities": {"Acme, A60, 2.1": {"lines": lines, "type": kind, "protocol": protocol}}}
    return Gateway("acme-2", info=Json(json.dumps(said).encode()))


def reasons(answer: Answer) -> list[str]:
    return [step.reason_id for step in answer.steps]


class WaitingCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.office = Office()

    def fetch(self, **fields: Any) -> tuple[dict[str, str], Answer]:
        """Return what the phone's file says, and the answer."""
        answer = self.office.answer(path=FILE, **fields)
        assert answer.file and answer.file.body is not None, reasons(answer)
        lines = answer.file.body.decode().splitlines()
        return dict(line.split(" = ", 1) for line in lines), answer

    def device(self) -> Device:
        return self.office.store.find(Device, "mac", MAC)[0]

    def mark(self) -> str:
        return self.office.waiting.marks.of(self.device().id)


class PhoneTests(WaitingCase):
    def test_without_a_pool_it_has_the_shared_account_and_its_mark(self) -> None:
        """A small office sets nothing up; the mark tells its phones apart."""
        said, answer = self.fetch()
        self.assertEqual((said["user"], said["password"]), ("waiting", "autoprov-secret"))
        self.assertEqual(said["label"], f"Waiting {self.mark()}")
        self.assertEqual([reason for reason in reasons(answer) if reason.startswith("slots.")], [])

    def test_with_a_pool_it_has_a_slot(self) -> None:
        """Stored before the phone hears of it, and the same at the next boot."""
        self.office.put(*POOL)
        said, answer = self.fetch()
        self.assertEqual((said["user"], said["password"]), ("ap0000", "secret0000"))
        self.assertIn("slots.given", reasons(answer))
        slot = self.office.store.get(Slot, "ap0000")
        self.assertEqual((slot.device, slot.position), (self.device().id, 1))
        seq = self.office.store.seq
        again, answer = self.fetch()
        self.assertEqual((again, self.office.store.seq), (said, seq))
        self.assertIn("slots.kept", reasons(answer))
        self.assertEqual(self.office.store.get(Presence, self.device().id).username, "ap0000")

    def test_device_and_slot_are_one_commit(self) -> None:
        """A boot storm of new phones costs one write each."""
        self.office.put(*POOL)
        seq = self.office.store.seq
        self.fetch()
        self.assertEqual(self.office.store.seq, seq + 1)

    def test_a_common_file_gives_nothing(self) -> None:
        """Slots go to who asks for its own file: scanners shall not empty the pool."""
        self.office.put(*POOL)
        self.office.answer(path="common.cfg")
        self.assertEqual(self.office.store.find(Slot, "device", self.device().id), ())

    def test_explain_says_the_same_and_gives_nothing(self) -> None:
        """Who asks why a phone has no account must not take one."""
        self.office.put(*POOL)
        answer = self.office.provisioner.explain(self.office.sighting(path=FILE))
        self.assertIn("slots.given", reasons(answer))
        self.assertIsNone(self.office.store.get(Slot, "ap0000").device)

    def test_an_exhausted_pool(self) -> None:
        """The phone boots all the same, and the timeline says why it has no account of its own."""
        self.office.put(evolve(POOL[0], device="other", given=self.office.clock.seconds()))
        said, answer = self.fetch()
        self.assertEqual(said["user"], "waiting")
        self.assertIn("slots.exhausted", reasons(answer))

    def test_one_account_for_all(self) -> None:
        """`provd-pbx --shared`: it is written into the files, and given to nobody."""
        self.office.put(Slot("autoprov", password="of-all-phones", registrar="192.0.2.20", shared=True))
        said, answer = self.fetch()
        self.assertEqual((said["user"], said["password"]), ("autoprov", "of-all-phones"))
        self.assertEqual(said["label"], f"Waiting {self.mark()}")
        self.assertIn("slots.shared", reasons(answer))
        self.assertIsNone(self.office.store.get(Slot, "autoprov").device)

    def test_a_user_s_phone_has_neither(self) -> None:
        """Its slot went back when its config came."""
        self.office.put(*POOL)
        self.fetch()
        device = self.device()
        commit = Commit((_put(evolve(device, config="anna")), _put(own_config("anna"))), "test", "associated")
        self.successResultOf(self.office.provisioner.change(commit))
        said, _ = self.fetch()
        self.assertEqual((said["user"], said["label"]), ("anna", "Anna"))
        self.assertIsNone(self.office.store.get(Slot, "ap0000").device)
        self.assertEqual(self.office.waiting.marks.devices(self.office.waiting.marks.of(device.id)), ())

    def test_a_phone_that_comes_back_waits_again(self) -> None:
        """Reset: another slot, since somebody else may have had the first meanwhile; the mark is the same."""
        self.test_a_user_s_phone_has_neither()
        config_id = self.successResultOf(self.office.provisioner.autocreate("test"))
        self.office.put(evolve(self.device(), config=config_id))
        said, _ = self.fetch()
        self.assertEqual((said["user"], said["label"]), ("ap0001", f"Waiting {self.mark()}"))
        self.assertEqual(self.office.waiting.marks.devices(self.mark()), (self.device().id,))

    def test_who_may_not_have_secrets_gets_no_slot(self) -> None:
        """From elsewhere without a key nothing is given and nothing is told."""
        self.office.put(Tenant("master", name="master", key=KEY), *POOL)
        self.fetch()
        device_id = self.device().id
        self.office.put(evolve(self.office.store.get(Slot, "ap0000"), device=None))
        answer = self.office.answer(path=FILE, ip="203.0.113.5")
        self.assertEqual(answer.outcome, "nothing")
        self.assertEqual(self.office.store.find(Slot, "device", device_id), ())

    def test_a_full_disk(self) -> None:
        """A slot that could not be stored is not told to anybody; a phone that has one is served."""
        self.office.put(*POOL)
        memory = self.office.memory
        self.fetch()
        self.office.put(evolve(memory.get(Slot, "ap0000"), device=None))

        def full(commit: Commit) -> Deferred[Committed]:
            return fail(StoreFull("no space left on device"))

        self.patch(memory, "commit", full)
        answer = self.office.answer(path=FILE)
        self.assertEqual((answer.outcome, reasons(answer)[-1]), ("busy", "learn.not-stored"))

    def test_a_device_that_is_deleted_gives_all_back(self) -> None:
        """Its slot and its mark."""
        self.office.put(*POOL)
        self.fetch()
        device, mark = self.device(), self.mark()
        commit = Commit((Delete(Device, device.id),), "test", "gone")
        self.successResultOf(self.office.provisioner.change(commit))
        self.assertIsNone(self.office.store.get(Slot, "ap0000").device)
        self.assertEqual(self.office.waiting.marks.devices(mark), ())


class GatewayTests(WaitingCase):
    def setUp(self) -> None:
        super().setUp()
        self.office.provisioner.use(compiled((Acme(plugins=(gateway(),)),)))

    def ports(self) -> dict[str, tuple[str, str]]:
        """Return user and display name of each port."""
        lines = json.loads(self.fetch()[0]["label"])
        return {port: (line["username"], line.get("display_name", "")) for port, line in lines.items()}

    def test_each_port_has_a_slot(self) -> None:
        """A code that is dialled at port 3 names port 3."""
        self.office.put(*POOL)
        name = f"Waiting {self.office.waiting.marks.of('x')}"
        ports = self.ports()
        self.assertEqual([user for user, _ in ports.values()], ["ap0000", "ap0001", "ap0002"])
        self.assertEqual({len(said) for _, said in ports.values()}, {len(name)})

    def test_ports_go_on_waiting_beside_a_user_s(self) -> None:
        """The file has the user's line and the other ports' slots, with the servers of waiting phones."""
        self.office.put(*POOL)
        self.ports()
        raw = {"sip_lines": {"2": {"username": "anna", "proxy_ip": "10.0.0.2"}}}
        device = self.device()
        changes = (_put(evolve(device, config="anna")), _put(Config("anna", raw=json_of(raw))))
        self.successResultOf(self.office.provisioner.change(Commit(changes, "test", "associated")))
        name = f"Waiting {self.mark()}"
        self.assertEqual(self.ports(), {"1": ("ap0000", name), "2": ("anna", ""), "3": ("ap0002", name)})
        lines = json.loads(self.fetch()[0]["label"])
        self.assertEqual((lines["1"]["proxy_ip"], lines["2"]["proxy_ip"]), ("192.0.2.20", "10.0.0.2"))
        self.assertEqual(self.office.waiting.marks.devices(self.mark()), (device.id,))

    def test_a_template_that_is_wrong_does_not_harm_a_user(self) -> None:
        """Only the waiting ports lose what they would have had of it."""
        self.test_ports_go_on_waiting_beside_a_user_s()
        broken = Config("autoprov", raw=json_of({"sip_lines": {"1": {"proxy_port": 0}}}), role="autocreate")
        self.office.put(
            broken, *(evolve(slot, registrar="") for slot in self.office.store.find(Slot, "all", ""))
        )
        self.assertEqual(self.ports()["2"], ("anna", ""))
        self.assertEqual(self.ports()["1"][0], "ap0000")

    def test_what_the_pool_lacks_one_account_fills(self) -> None:
        """Where there is such an account."""
        self.office.put(POOL[0], Slot("autoprov", password="of-all-phones", shared=True))
        self.assertEqual([user for user, _ in self.ports().values()], ["ap0000", "autoprov", "autoprov"])


class StartTests(WaitingCase):
    def test_marks_are_known_after_a_restart(self) -> None:
        """Phones that wait do not fetch anything because provd was restarted: their marks must lead back at once."""
        self.office.put(*POOL)
        self.fetch()
        self.office.put(
            Device("gw", config="anna", tenant="master"), evolve(POOL[3], device="gw", position=2)
        )
        again = Waiting(self.office.store, self.office.resolver, b"key of marks", keep_s=1.0)
        for device_id in (self.device().id, "gw"):
            self.assertEqual(again.marks.devices(again.marks.of(device_id)), (device_id,))
        self.assertEqual(again.slots.give("new", 1, 0.0).slots[0].id, "ap0001")


class PortsTests(SynchronousTestCase):
    def test_ports_that_wait(self) -> None:
        """One user comes to a phone, however many lines it has; to each port of a gateway one comes."""
        device = Device("d1", model="A60")
        for kind, lines, ports in (
            ("deskphone", 16, 1),
            ("gateway", 8, 8),
            ("ata", 2, 2),
            ("dect", 1_000, MOST_PORTS),
            ("conference", 3, 1),
        ):
            self.assertEqual(ports_that_wait(gateway(lines, kind), device), ports, kind)
        self.assertEqual(ports_that_wait(gateway(8), Device("d1", model="A99")), 1)
        self.assertEqual(ports_that_wait(gateway(8, protocol="sccp"), device), 0)
        self.assertEqual(ports_that_wait(None, device), 1)


class LineTests(SynchronousTestCase):
    def test_the_servers_of_the_config_go_first(self) -> None:
        """The administrator has said them; else they are the pool's."""
        slot = evolve(POOL[0], port=5070)
        account = {"username": "ap0000", "auth_username": "ap0000", "password": "secret0000"}
        pool = {
            "proxy_ip": "192.0.2.20",
            "registrar_ip": "192.0.2.20",
            "proxy_port": 5070,
            "registrar_port": 5070,
        }
        for slot_, base, expected in (
            (slot, {}, {**pool, **account}),
            (slot, {"number": "1", "username": "x", "password": "y"}, {"number": "1", **pool, **account}),
            (evolve(slot, port=0), {}, {"proxy_ip": "192.0.2.20", "registrar_ip": "192.0.2.20", **account}),
            (slot, {"registrar_ip": "r"}, {**pool, "registrar_ip": "r", **account}),
            (slot, {"proxy_ip": "p", "proxy_port": 1}, {"proxy_ip": "p", "proxy_port": 1, **account}),
            (evolve(slot, registrar=""), {}, account),
        ):
            self.assertEqual(line_of(slot_, base), expected)


def _put(document: Document) -> Put:
    return Put(document, None)
