"""Snom's phones boot from provd itself: every model, with every vendor folder loaded."""

import json

from attrs import evolve
from twisted.trial.unittest import SynchronousTestCase

from provserver.model import Device, Presence
from provserver.phone.profiles import PROFILES
from provserver.phone.values import Memory, Phone
from tests.phone.folders import free_path
from tests.phone.whole_provd import KEY, LOADED, MARKED, SERVER, Provd

D785 = Phone("snom", "D785", "00:04:13:92:2d:24", "10.1.215.13")
M900 = Phone("snom", "M900", "00:04:13:b6:06:80", "07.40.0104")
OWN = "000413922D24.xml"


class SnomChainTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.provd = Provd(free_path(self))

    def test_every_model_waits_and_then_becomes_its_users(self) -> None:
        """With the plugin of its firmware: the slot at first, then all identities and keys that it has room for, and
        no problem. What the phone says it has is counted by tables of its own."""
        for number, (model, version) in enumerate(PROFILES["snom"].models.items(), 1):
            with self.subTest(model=model):
                phone = Phone("snom", model, f"00:04:13:00:00:{number:02x}", version)
                ip = f"10.0.1.{number}"
                booted, _ = self.provd.boot(phone, ip=ip)
                self.assertEqual((booted.provisioned, booted.problems), (True, ()))
                (account,) = booted.display.accounts
                self.assertRegex(account.label, MARKED)
                device = self.provd.device(phone)
                self.assertEqual(
                    (device.vendor, device.model, device.plugin), ("Snom", model, f"snom-{version}")
                )
                self.assertEqual(device.config and device.config[:8], "autoprov")

                self.provd.put(evolve(device, config="users"))
                booted, _ = self.provd.boot(phone, booted.memory, ip)
                self.assertEqual((booted.provisioned, booted.problems), (True, ()))
                is_base = model.startswith("M") and model != "MP"
                self.assertEqual(booted.display.language, "Francais" if is_base else "Français")
                self.assertEqual(booted.display.time_zone, "" if is_base else "USA-5")
                told = self.capabilities(device)
                self.assertEqual(len(booted.display.accounts), min(told["lines"], 20))
                # The users' config has 200 keys, and those of modules go on from the phone's own.
                keys = 200 if told["expansion_modules"] else told["function_keys"]
                self.assertEqual(len(booted.display.keys), keys)

    def capabilities(self, device: Device) -> dict[str, int]:
        told = json.loads(LOADED.plugins[device.plugin or ""].info)["capabilities"]
        found: dict[str, int] = next(each for key, each in told.items() if key.split(", ")[1] == device.model)
        return found

    def test_what_is_asked_and_answered(self) -> None:
        """Two containers, what they name, the device's own settings last, and the list of images, which is empty."""
        _, told = self.provd.boot(D785)
        self.assertEqual(
            told,
            [
                ("snomD785.htm", 200),
                ("snomD785-000413922D24.htm", 200),
                ("snom-general.xml", 200),
                ("snomD785.xml", 200),
                ("gui_lang.xml", 200),
                ("web_lang.xml", 200),
                (OWN, 200),
                ("snomD785-firmware.xml", 200),
            ],
        )

    def test_a_base_reads_its_images_first(self) -> None:
        """As its firmware wants them: by the end `.htm` with 7.40, and `.xml` with 5.20."""
        for phone, name in (
            (M900, "snomM900-firmware.htm"),
            (evolve(M900, version="05.20.0001", mac="00:04:13:b6:06:81"), "snomM900-firmware.xml"),
        ):
            digits = phone.mac.replace(":", "").upper()
            booted, told = self.provd.boot(phone)
            self.assertTrue(booted.provisioned)
            containers = [("snomM900.htm", 200), (f"snomM900-{digits}.htm", 200)]
            own = [(name, 200), ("snom-general.xml", 200), ("snomM900.xml", 200), (f"{digits}.xml", 200)]
            self.assertEqual(told[:6], [*containers, *own])

    def test_a_second_boot_changes_nothing(self) -> None:
        """All files are as they were, so a check-sync would not start the phone anew."""
        booted, _ = self.provd.boot(D785)
        again, told = self.provd.boot(D785, booted.memory)
        self.assertEqual({status for _, status in told}, {304})
        self.assertEqual(again.display, booted.display)

    def test_a_user_leaves_nothing_behind(self) -> None:
        """Reset to autoprov, the phone has one identity, no key and the default of all that the user had chosen."""
        booted, _ = self.provd.boot(D785)
        waiting = self.provd.device(D785)
        self.provd.put(evolve(waiting, config="users"))
        user, _ = self.provd.boot(D785, booted.memory)
        self.assertEqual(len(user.display.accounts), 12)
        self.provd.put(waiting)
        reset, _ = self.provd.boot(D785, user.memory)
        self.assertEqual(reset.display, booted.display)
        self.assertFalse([value for value in reset.memory.settings.values() if value == "pw"])

    def test_the_first_file_without_a_mac_makes_no_device(self) -> None:
        """Old firmware does not say it in its User-Agent; the second container has it in its name."""
        script = PROFILES["snom"].boot(D785, SERVER, Memory())
        fetch = next(script)
        bare = {"User-Agent": "Mozilla/4.0 (compatible; snom320-SIP 8.4.18 1.1.3-s)"}
        self.assertEqual(self.provd.asked(evolve(fetch, headers=bare), "10.0.0.7").status, 200)
        self.assertEqual(self.provd.store.find(Device, "mac", D785.mac), ())
        second = evolve(fetch, url=f"{SERVER}snom320-000413922D24.htm", headers=bare)
        self.assertIn(b"/000413922D24.xml", self.provd.asked(second, "10.0.0.7").body)
        device = self.provd.device(D785)
        self.assertEqual((device.model, device.plugin), ("320", "snom-8.7.5.35"))
        self.assertEqual(self.provd.store.get(Presence, device.id).version, "8.4.18")

    def test_firmware_without_xml_gets_nothing(self) -> None:
        """It could not read it."""
        booted, told = self.provd.boot(evolve(D785, model="320", version="6.5.20"))
        self.assertEqual({status for _, status in told}, {404})
        self.assertFalse(booted.provisioned)

    def test_a_hosted_phone_needs_the_key_for_everything(self) -> None:
        """The containers carry it on into every address."""
        booted, told = self.provd.boot(D785, ip="192.0.2.7", server=f"{SERVER}{KEY}/")
        self.assertTrue(booted.provisioned)
        self.assertIn((OWN, 200), told)
        self.assertEqual(booted.memory.settings["setting_server"], f"{SERVER}{KEY}/")
        booted, told = self.provd.boot(D785, ip="192.0.2.7")
        self.assertEqual({status for _, status in told}, {404})

    def test_another_phones_files_are_not_there(self) -> None:
        """A phone that is known gets its own alone."""
        self.provd.boot(D785)
        other = evolve(D785, mac="00:04:13:92:2d:25")
        self.provd.boot(other, ip="10.0.0.8")
        script = PROFILES["snom"].boot(other, SERVER, Memory())
        fetch = next(script)
        for name in (OWN, "snomD785-000413922D24.htm"):
            self.assertEqual(self.provd.asked(evolve(fetch, url=SERVER + name), "10.0.0.8").status, 404, name)
