"""Random passwords: each phone its own, made once, and kept whatever config it gets."""

import itertools
import json
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from provserver.core.seeds import passwords, seeds
from provserver.model import Config, Device, Json
from tests.fakes.office import MAC, Office, json_of, own_config


class RandomPasswordsTests(SynchronousTestCase):
    def setUp(self) -> None:
        numbers = itertools.count(1)
        self.office = Office(new_passwords=lambda: json_of(passwords(lambda: f"hush{next(numbers)}")))

    def settings(self, device: Device) -> Any:
        """Return the values of the settings that its files are made from."""
        return self.office.provisioner._settings_of(device).values

    def device(self) -> Device:
        (device,) = self.office.devices()
        return device

    def test_a_new_phone_gets_its_own_and_keeps_them(self) -> None:
        """A password that changed with the next boot, or the first user, would lock out who wrote it down, and us:
        some phones are told to fetch their files by it."""
        self.office.answer()
        device = self.device()
        self.assertEqual(json.loads(device.passwords), {"admin_password": "hush1", "user_password": "hush2"})
        self.assertEqual(self.settings(device)["admin_password"], "hush1")
        self.office.answer()
        self.office.put(own_config("anna"))
        self.office.put(
            Device(device.id, mac=MAC, plugin=device.plugin, config="anna", passwords=device.passwords)
        )
        answer = self.office.answer()
        self.assertEqual(self.device().passwords, device.passwords)
        self.assertEqual(self.settings(self.device())["user_password"], "hush2")
        self.assertNotIn("hush", str(answer) + str(self.office.provisioner.timeline(device.id)))

    def test_what_a_config_says_holds(self) -> None:
        """The administrator's word comes first, wherever it stands."""
        raw = {"admin_password": "said"}
        self.office.put(Config("defaultconfigdevice", raw=json_of(raw)))
        self.office.answer()
        values = self.settings(self.device())
        self.assertEqual((values["admin_password"], values["user_password"]), ("said", "hush2"))

    def test_a_phone_that_was_known_before_gets_them_too(self) -> None:
        """The setting may be switched on later, and a device made over REST is one that was never seen."""
        self.office.put(Device("d1", mac=MAC, tenant="master", vendor="Acme", model="A60", config="autoprov"))
        answer = self.office.answer()
        self.assertEqual(json.loads(self.device().passwords)["admin_password"], "hush1")
        (step,) = [step for step in answer.steps if step.name == "learn"][-1:]
        self.assertEqual((step.reason_id, step.values[-1]), ("learn.filled", "random passwords"))
        self.assertEqual(
            [step.reason_id for step in self.office.answer().steps if step.name == "learn"], ["learn.known"]
        )

    def test_explain_makes_none(self) -> None:
        """It writes nothing."""
        self.office.provisioner.explain(self.office.sighting())
        self.assertEqual(self.office.devices(), [])

    def test_two_phones_have_different_ones_with_one_config(self) -> None:
        """What is remembered of a config must not be another phone's."""
        for number in (1, 2):
            mac = f"00:ac:ed:00:00:0{number}"
            self.office.put(Device(f"d{number}", mac=mac, config="autoprov", tenant="master"))
            self.office.answer(user_agent=f"acme A60 2.1 {mac}", ip=f"10.0.0.{number}")
        values = [self.settings(device)["admin_password"] for device in self.office.devices()]
        self.assertEqual(len(set(values)), 2)

    def test_without_the_setting_there_are_none(self) -> None:
        """Offices that know one password for all their phones go on as before."""
        office = Office()
        office.answer()
        self.assertEqual([device.passwords for device in office.devices()], [Json(b"{}")])


class SeedsTests(SynchronousTestCase):
    def test_with_random_passwords_no_config_sets_any(self) -> None:
        """Else none would ever be used."""
        for with_passwords in (True, False):
            documents = seeds(lambda: "0" * 32, lambda: "hush", with_passwords)
            (config,) = [
                one for one in documents if isinstance(one, Config) and one.id == "defaultconfigdevice"
            ]
            self.assertEqual("admin_password" in json.loads(config.raw), with_passwords)
            self.assertEqual(json.loads(config.raw)["admin_username"], "admin")
