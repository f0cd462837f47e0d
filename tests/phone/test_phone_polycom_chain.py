"""Polycom phones boot from provd itself: every model, with every vendor folder loaded."""

import itertools
import json
from collections.abc import Sequence
from pathlib import Path

from attrs import evolve
from twisted.internet.task import Clock, deferLater
from twisted.trial.unittest import SynchronousTestCase

from provserver.address import Networks
from provserver.core.limits import Admission, Buckets, NatWatch
from provserver.core.render import Renderer
from provserver.core.resolve import Resolver
from provserver.core.surroundings import Surroundings, compiled
from provserver.core.timeline import Timelines
from provserver.model import Answer, Commit, Config, Device, Json, Presence, Put, Sighting, Tenant
from provserver.phone.profiles import PROFILES
from provserver.phone.values import Booted, Fetch, Fetched, Memory, Phone
from provserver.provisioner import Provisioner
from provserver.store.memory import MemoryStore
from provserver.vendors.files import LocalFiles
from provserver.vendors.loader import load
from tests.phone.folders import free_path

ROOT = Path(__file__).resolve().parents[2]
SERVER = "http://10.0.0.1:8667/"
KEY = "Key-of-master"
VVX410 = Phone("polycom", "VVX410", "64:16:7f:a1:b2:c3", "5.9.2")
OWN = "64167fa1b2c3-user.cfg"
LOADED = load([ROOT / "plugins"], None)
LINE = {
    "username": "u1001",
    "password": "pw",
    "display_name": "Alice",
    "number": "1001",
    "proxy_ip": "10.0.0.2",
}
KEYS = {"1": {"type": "blf", "value": "1010", "label": "Bob"}, "2": {"type": "park", "value": "701"}}
USERS = {
    "sip_lines": {str(at): {**LINE, "number": str(1000 + at)} for at in range(1, 21)},
    "funckeys": {str(at): KEYS[str(at % 2 + 1)] for at in range(1, 201)},
    "timezone": "America/New_York",
    "locale": "fr_CA",
}


class Provd:
    """The Provisioner over a store in memory and the vendor folders on disk."""

    def __init__(self, state: Path) -> None:
        self.clock = Clock()
        self.clock.advance(1_800_000_000)
        autoprov = {
            "sip_lines": {
                "1": {
                    "username": "ap0017",
                    "password": "pw-slot",
                    "display_name": "Waiting",
                    "proxy_ip": "10.0.0.2",
                }
            }
        }
        self.store = MemoryStore(
            (
                Tenant("master", name="master", key=KEY),
                Config("defaultconfigdevice"),
                Config("autoprov", parents=("defaultconfigdevice",), raw=_json(autoprov), role="autocreate"),
                Config("users", parents=("defaultconfigdevice",), raw=_json(USERS)),
            ),
            clock=self.clock,
        )
        files = LocalFiles(state)
        files.refresh(LOADED)
        nat = NatWatch()
        around = Surroundings(
            store=self.store,
            files=files,
            renderer=Renderer(files.template, 1_000_000),
            resolver=Resolver({}, 69),
            allowed=Networks(["10.0.0.0/8"]),
            is_nat=nat.is_nat,
            admission=Admission(Buckets(1000, 60), Buckets(1000, 60), most_waiting=1000),
            advertised_url=None,
            http_port=8667,
            uploads_by=frozenset({"http"}),
        )
        ids = itertools.count(1)
        self.provisioner = Provisioner(
            compiled(LOADED.vendors),
            around,
            nat,
            Timelines(20, 1_000_000),
            SERVER,
            new_id=lambda: f"{next(ids):032x}",
            pause=lambda seconds: deferLater(self.clock, seconds),
        )
        self.answers: list[Answer] = []

    def asked(self, fetch: Fetch, ip: str) -> Fetched:
        """Answer as the HTTP shell does."""
        self.clock.advance(1)
        sighting = Sighting(
            "http",
            self.clock.seconds(),
            ip,
            SERVER.rstrip("/"),
            fetch.url.removeprefix(SERVER),
            user_agent=fetch.headers["User-Agent"],
        )
        told: list[Answer] = []
        self.provisioner.answer(sighting).addCallback(told.append)
        (answer,) = told
        self.answers.append(answer)
        file = answer.file
        if file is None:
            return Fetched(404)
        if fetch.headers.get("If-None-Match") == file.etag:
            return Fetched(304)
        assert file.body is not None
        return Fetched(200, {"etag": file.etag}, file.body)

    def put(self, device: Device) -> None:
        self.store.commit(Commit((Put(device, None),), "test", "set up"))


class PolycomChainTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.provd = Provd(free_path(self))

    def boot(
        self, phone: Phone, memory: Memory | None = None, ip: str = "10.0.0.7", server: str = SERVER
    ) -> tuple[Booted, Sequence[tuple[str, int]]]:
        """Return what the phone has become, and its files with how they were answered."""
        script = PROFILES["polycom"].boot(phone, server, memory or Memory())
        told = []
        fetch = next(script)
        while True:
            fetched = self.provd.asked(fetch, ip)
            told.append((fetch.name, fetched.status))
            try:
                fetch = script.send(fetched)
            except StopIteration as done:
                booted: Booted = done.value
                return booted, told

    def device(self, phone: Phone) -> Device:
        (device,) = self.provd.store.find(Device, "mac", phone.mac)
        return device

    def test_every_model_waits_and_then_becomes_its_users(self) -> None:
        """With the plugin of its firmware: the slot at first, then all accounts and keys that it has room for, and no
        problem. What the phone says it has is counted by tables of its own."""
        for number, (model, version) in enumerate(PROFILES["polycom"].models.items(), 1):
            with self.subTest(model=model):
                phone = Phone("polycom", model, f"00:04:f2:00:00:{number:02x}", version)
                ip = f"10.0.1.{number}"
                booted, _ = self.boot(phone, ip=ip)
                self.assertEqual((booted.provisioned, booted.problems), (True, ()))
                self.assertEqual([account.label for account in booted.display.accounts], ["Waiting"])
                device = self.device(phone)
                self.assertEqual(
                    (device.vendor, device.model, device.config and device.config[:8]),
                    ("Polycom", model, "autoprov"),
                )
                self.assertTrue((device.plugin or "").startswith("polycom-"))
                self.assertTrue(version.startswith((device.plugin or "")[8:13].rstrip("B")), device.plugin)

                self.provd.put(evolve(device, config="users"))
                booted, _ = self.boot(phone, booted.memory, ip)
                self.assertEqual((booted.provisioned, booted.problems), (True, ()))
                self.assertEqual(booted.display.language, "French_France")
                self.assertIn("UTC-5, summer time from the second Sunday of March", booted.display.time_zone)
                capabilities = self.capabilities(device)
                self.assertEqual(len(booted.display.accounts), capabilities["lines"])
                modules = capabilities["expansion_modules"]
                self.assertEqual(len(booted.display.keys), capabilities["function_keys"] + 40 * modules)

    def capabilities(self, device: Device) -> dict[str, int]:
        plugin = LOADED.plugins[device.plugin or ""]
        told = json.loads(plugin.info)["capabilities"]
        found: dict[str, int] = next(each for key, each in told.items() if key.split(", ")[1] == device.model)
        return found

    def test_what_is_asked_and_answered(self) -> None:
        """The master file under the phone's own name, its own file, the common one; all else is not there, which it
        expects. The application is told that nothing has changed since the updater asked."""
        _, told = self.boot(VVX410)
        self.assertEqual(
            told,
            [
                ("64167fa1b2c3.cfg", 200),
                ("3111-46162-001.sip.ld", 404),
                ("sip.ld", 404),
                ("64167fa1b2c3.cfg", 304),
                (OWN, 200),
                ("common.cfg", 200),
                ("64167fa1b2c3-phone.cfg", 404),
                ("64167fa1b2c3-web.cfg", 404),
                ("64167fa1b2c3-license.cfg", 404),
                ("000000000000-license.cfg", 404),
                ("64167fa1b2c3-directory.xml", 404),
                ("000000000000-directory.xml", 404),
            ],
        )

    def test_a_second_boot_changes_nothing(self) -> None:
        """All files are as they were, so a check-sync would not start the phone anew."""
        booted, _ = self.boot(VVX410)
        again, told = self.boot(VVX410, booted.memory)
        self.assertEqual({status for name, status in told if name in (OWN, "common.cfg")}, {304})
        self.assertEqual(again.display, booted.display)
        self.provd.put(evolve(self.device(VVX410), config="users"))
        _, told = self.boot(VVX410, again.memory)
        self.assertIn((OWN, 200), told)

    def test_the_application_says_the_firmware_and_the_plugin_follows(self) -> None:
        """The updater does not: the newest plugin is taken until the application has spoken, once and for all."""
        phone = evolve(VVX410, version="5.4.3.1014")
        plugins = []
        script = PROFILES["polycom"].boot(phone, SERVER, Memory())
        fetch = next(script)
        while fetch.name != OWN:
            fetch = script.send(self.provd.asked(fetch, "10.0.0.7"))
            plugins.append(self.device(phone).plugin)
        script.close()
        self.assertEqual(plugins, ["polycom-5.9.2"] * 3 + ["polycom-5.4.3"])
        self.boot(phone)
        device = self.device(phone)
        self.assertEqual(device.plugin, "polycom-5.4.3")
        self.assertEqual(self.provd.store.get(Presence, device.id).version, "5.4.3.1014")

    def test_a_phone_that_knows_the_master_file_alone_gets_it(self) -> None:
        """DHCP names `000000000000.cfg`: no MAC is in it. Only the phone's own file makes it a device."""
        fetched = self.provd.asked(
            Fetch("x", f"{SERVER}000000000000.cfg", {"User-Agent": PROFILES["polycom"].user_agent(VVX410)}),
            "10.0.0.7",
        )
        self.assertIn(b"[PHONE_MAC_ADDRESS]-user.cfg", fetched.body)
        self.assertEqual(self.provd.store.find(Device, "mac", VVX410.mac), ())

    def test_a_hosted_phone_needs_the_key_for_everything(self) -> None:
        """All names are below the folder of the master file, and with it below the key."""
        booted, told = self.boot(VVX410, ip="192.0.2.7", server=f"{SERVER}{KEY}/")
        self.assertTrue(booted.provisioned)
        self.assertIn((OWN, 200), told)
        booted, told = self.boot(VVX410, ip="192.0.2.7")
        self.assertEqual({status for _, status in told}, {404})

    def test_another_phones_file_is_not_there(self) -> None:
        """A phone that is known gets its own alone."""
        self.boot(VVX410)
        other = evolve(VVX410, mac="64:16:7f:a1:b2:c4")
        self.boot(other, ip="10.0.0.8")
        fetched = self.provd.asked(Fetch("x", f"{SERVER}{OWN}", {"User-Agent": tagged(other)}), "10.0.0.8")
        self.assertEqual(fetched.status, 404)

    def test_a_phone_writes_its_log(self) -> None:
        """Where uploads are taken, under its own name and no other's."""
        self.boot(VVX410)
        answers: list[Answer] = []
        for name in ("64167fa1b2c3-app.log", "64167fa1b2c4-app.log", "64167fa1b2c3-calls.xml"):
            sighting = Sighting(
                "http",
                self.provd.clock.seconds(),
                "10.0.0.7",
                SERVER.rstrip("/"),
                name,
                method="PUT",
                user_agent=tagged(VVX410),
            )
            self.provd.provisioner.answer(sighting).addCallback(answers.append)
        self.assertEqual([answer.outcome for answer in answers], ["noted", "nothing", "nothing"])
        upload = answers[0].upload
        assert upload
        self.assertEqual((upload.device, upload.name), (self.device(VVX410).id, "64167fa1b2c3-app.log"))


def tagged(phone: Phone) -> str:
    """Return the User-Agent of a phone that was told `device.prov.tagSerialNo`."""
    serial = f" (SN:{phone.mac.replace(':', '')}) Type"
    return PROFILES["polycom"].user_agent(phone).replace(" Type", serial)


def _json(value: object) -> Json:
    return Json(json.dumps(value).encode())
