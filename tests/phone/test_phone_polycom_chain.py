"""Polycom phones boot from provd itself: every model, with every vendor folder loaded."""

import json
import os

from attrs import evolve
from twisted.trial.unittest import SynchronousTestCase

from provserver.model import Answer, Device, Presence, Sighting
from provserver.phone.profiles import PROFILES
from provserver.phone.values import Fetch, Memory, Phone
from tests.phone.folders import free_path
from tests.phone.whole_provd import KEY, LOADED, MARKED, SERVER, Provd

VVX410 = Phone("polycom", "VVX410", "64:16:7f:a1:b2:c3", "5.9.2")
OWN = "64167fa1b2c3-user.cfg"


class PolycomChainTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.provd = Provd(free_path(self))

    def test_every_model_waits_and_then_becomes_its_users(self) -> None:
        """With the plugin of its firmware: the slot at first, then all accounts and keys that it has room for, and no
        problem. What the phone says it has is counted by tables of its own."""
        for number, (model, version) in enumerate(PROFILES["polycom"].models.items(), 1):
            with self.subTest(model=model):
                phone = Phone("polycom", model, f"00:04:f2:00:00:{number:02x}", version)
                ip = f"10.0.1.{number}"
                booted, _ = self.provd.boot(phone, ip=ip)
                self.assertEqual((booted.provisioned, booted.problems), (True, ()))
                (account,) = booted.display.accounts
                self.assertRegex(account.label, MARKED)
                device = self.provd.device(phone)
                self.assertEqual(
                    (device.vendor, device.model, device.config and device.config[:8]),
                    ("Polycom", model, "autoprov"),
                )
                self.assertTrue((device.plugin or "").startswith("polycom-"))
                self.assertTrue(version.startswith((device.plugin or "")[8:13].rstrip("B")), device.plugin)

                self.provd.put(evolve(device, config="users"))
                booted, _ = self.provd.boot(phone, booted.memory, ip)
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
        """The master file under the phone's own name, its own file, the common one, and no firmware; all else is not
        there, which it expects. The application is told that nothing has changed since the updater asked."""
        _, told = self.provd.boot(VVX410)
        self.assertEqual(
            told,
            [
                ("64167fa1b2c3.cfg", 200),
                ("PUT 64167fa1b2c3-boot.log", 204),
                ("64167fa1b2c3.cfg", 304),
                (OWN, 200),
                ("common.cfg", 200),
                ("64167fa1b2c3-phone.cfg", 404),
                ("64167fa1b2c3-web.cfg", 404),
                ("64167fa1b2c3-license.cfg", 404),
                ("000000000000-license.cfg", 404),
                ("64167fa1b2c3-directory.xml", 404),
                ("000000000000-directory.xml", 404),
                ("PUT 64167fa1b2c3-app.log", 204),
            ],
        )

    def test_firmware_is_fetched_where_it_is_wanted(self) -> None:
        """It lies there for both, but only one plugin may upgrade."""
        state = free_path(self)
        for release in ("5.9.2", "6.4.6"):
            image = state / "files" / f"polycom-{release}" / "sip.ld"
            image.parent.mkdir(parents=True)
            image.write_bytes(b"firmware")
            os.utime(image, (0, 0))
        self.provd = Provd(state, upgrades=frozenset({"polycom-5.9.2"}))
        _, told = self.provd.boot(VVX410)
        self.assertEqual(told[1:3], [("3111-46162-001.sip.ld", 404), ("sip.ld", 200)])
        newer = Phone("polycom", "VVX450", "64:16:7f:a1:b2:c5", "6.4.6")
        _, told = self.provd.boot(newer, ip="10.0.0.8")
        self.assertNotIn("sip.ld", dict(told))
        fetched = self.provd.asked(Fetch("x", f"{SERVER}sip.ld", {"User-Agent": tagged(newer)}), "10.0.0.8")
        self.assertEqual(fetched.status, 404)

    def test_a_second_boot_changes_nothing(self) -> None:
        """All files are as they were, so a check-sync would not start the phone anew."""
        booted, _ = self.provd.boot(VVX410)
        again, told = self.provd.boot(VVX410, booted.memory)
        self.assertEqual({status for name, status in told if name in (OWN, "common.cfg")}, {304})
        self.assertEqual(again.display, booted.display)
        self.provd.put(evolve(self.provd.device(VVX410), config="users"))
        _, told = self.provd.boot(VVX410, again.memory)
        self.assertIn((OWN, 200), told)

    def test_the_application_says_the_firmware_and_the_plugin_follows(self) -> None:
        """The updater does not: the newest plugin is taken until the application has spoken, once and for all."""
        phone = evolve(VVX410, version="5.4.3.1014")
        plugins = []
        script = PROFILES["polycom"].boot(phone, SERVER, Memory())
        fetch = next(script)
        while fetch.name != OWN:
            fetch = script.send(self.provd.asked(fetch, "10.0.0.7"))
            plugins.append(self.provd.device(phone).plugin)
        script.close()
        self.assertEqual(plugins, ["polycom-5.9.2", "polycom-5.9.2", "polycom-5.4.3"])
        self.provd.boot(phone)
        device = self.provd.device(phone)
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
        booted, told = self.provd.boot(VVX410, ip="192.0.2.7", server=f"{SERVER}{KEY}/")
        self.assertTrue(booted.provisioned)
        self.assertIn((OWN, 200), told)
        booted, told = self.provd.boot(VVX410, ip="192.0.2.7")
        self.assertEqual({status for _, status in told}, {404})

    def test_another_phones_file_is_not_there(self) -> None:
        """A phone that is known gets its own alone."""
        self.provd.boot(VVX410)
        other = evolve(VVX410, mac="64:16:7f:a1:b2:c4")
        self.provd.boot(other, ip="10.0.0.8")
        fetched = self.provd.asked(Fetch("x", f"{SERVER}{OWN}", {"User-Agent": tagged(other)}), "10.0.0.8")
        self.assertEqual(fetched.status, 404)

    def test_a_phone_writes_its_log(self) -> None:
        """Where uploads are taken, under its own name and no other's."""
        self.provd.boot(VVX410)
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
        self.assertEqual((upload.device, upload.name), (self.provd.device(VVX410).id, "64167fa1b2c3-app.log"))


def tagged(phone: Phone) -> str:
    """Return the User-Agent of a phone that was told `device.prov.tagSerialNo`."""
    serial = f" (SN:{phone.mac.replace(':', '')}) Type"
    return PROFILES["polycom"].user_agent(phone).replace(" Type", serial)
