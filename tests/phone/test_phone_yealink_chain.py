"""Yealink phones of every generation boot from provd itself: every model, with every vendor folder loaded."""

import json

from attrs import evolve
from twisted.trial.unittest import SynchronousTestCase

from provserver.model import Device, Presence
from provserver.phone.profiles import PROFILES
from provserver.phone.profiles.yealink.models import generation
from provserver.phone.values import Phone
from tests.phone.folders import free_path
from tests.phone.whole_provd import KEY, LOADED, MARKED, SERVER, Provd

T46S = Phone("yealink", "T46S", "00:15:65:4a:a9:37", "66.86.0.15")
OWN = "0015654aa937.cfg"
OLDER = {  # phones that are still about, with the plugin that serves them
    ("T46S", "66.81.0.110"): "yealink-v81",
    ("T46S", "66.82.0.30"): "yealink-v82",
    ("T46S", "66.83.0.35"): "yealink-v83",
    ("T46S", "66.84.0.125"): "yealink-v84",
    ("T46S", "66.85.0.5"): "yealink-v85",
    ("T46G", "28.80.0.95"): "yealink-v80",
    ("T28P", "2.70.0.140"): "yealink-v73",
    ("W52P", "25.73.0.40"): "yealink-v73",
    ("W52P", "25.80.0.15"): "yealink-v80",
    ("W60B", "77.83.0.85"): "yealink-v83",
    ("W70B", "146.85.0.40"): "yealink-v85",
    ("W80DM", "103.83.0.122"): "yealink-v83",
    ("W90DM", "130.85.0.44"): "yealink-v85",
    ("T53", "95.84.0.125"): "yealink-v84",
}


class YealinkChainTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.provd = Provd(free_path(self))

    def test_every_model_waits_and_then_becomes_its_users(self) -> None:
        """With the plugin of its firmware: the slot at first, then all accounts and keys that it has room for, and no
        problem. What the phone says it has is counted by tables of its own."""
        newest = {
            (model, version): f"yealink-v{generation(version)}"
            for model, version in PROFILES["yealink"].models.items()
        }
        for number, ((model, version), plugin) in enumerate({**newest, **OLDER}.items(), 1):
            with self.subTest(model=model, version=version):
                phone = Phone("yealink", model, f"00:15:65:00:00:{number:02x}", version)
                ip = f"10.0.1.{number}"
                booted, _ = self.provd.boot(phone, ip=ip)
                self.assertEqual((booted.provisioned, booted.problems), (True, ()))
                (account,) = booted.display.accounts
                self.assertRegex(account.label, MARKED)
                self.assertEqual(account.server, "10.0.0.2:5060")
                self.assertTrue(account.password_set)
                device = self.provd.device(phone)
                self.assertEqual((device.vendor, device.model, device.plugin), ("Yealink", model, plugin))

                self.provd.put(evolve(device, config="users"))
                booted, _ = self.provd.boot(phone, booted.memory, ip)
                self.assertEqual((booted.provisioned, booted.problems), (True, ()))
                self.assertEqual(booted.display.language, "French")
                self.assertIn("UTC-5, summer time from the second Sunday", booted.display.time_zone)
                told = self.capabilities(device)
                self.assertEqual(len(booted.display.accounts), min(told["lines"] or 20, 20))
                # The users' config has 200 keys, and those of modules go on from the phone's own.
                keys = 200 if told["expansion_modules"] else told["function_keys"]
                keys = 15 + 3 * 60 if model == "T43U" else keys
                self.assertEqual(len(booted.display.keys), keys)

    def capabilities(self, device: Device) -> dict[str, int]:
        told = json.loads(LOADED.plugins[device.plugin or ""].info)["capabilities"]
        rows = [each for key, each in told.items() if key.split(", ")[1] == device.model]
        return rows[0] if rows else {"lines": 6, "function_keys": 16, "expansion_modules": 0}

    def test_what_is_asked_and_answered(self) -> None:
        """No boot files, then the platform's file, the phone's own, and the soft keys that it names."""
        _, told = self.provd.boot(T46S)
        self.assertEqual(
            told,
            [
                ("0015654aa937.boot", 404),
                ("y000000000000.boot", 404),
                ("y000000000066.cfg", 200),
                (OWN, 200),
                ("directory_setting.xml", 200),
            ],
        )

    def test_old_firmware_asks_for_no_boot_file(self) -> None:
        """Before V81 there are none; a T28P's common file has the name that means "all" elsewhere."""
        _, told = self.provd.boot(evolve(T46S, model="T28P", version="2.73.0.50"))
        self.assertEqual(told, [("y000000000000.cfg", 200), (OWN, 200), ("directory_setting.xml", 200)])
        _, told = self.provd.boot(evolve(T46S, model="W52P", version="25.80.0.15", mac="00:15:65:4a:a9:38"))
        self.assertEqual(told, [("y000000000025.cfg", 200), ("0015654aa938.cfg", 200)])

    def test_a_second_boot_changes_nothing(self) -> None:
        """All files are as they were, so a check-sync would not start the phone anew."""
        booted, _ = self.provd.boot(T46S)
        again, told = self.provd.boot(T46S, booted.memory)
        self.assertEqual({status for _, status in told}, {304, 404})
        self.assertEqual(again.display, booted.display)

    def test_a_user_leaves_nothing_behind(self) -> None:
        """Reset to autoprov, the phone has one account, no key but that account's, and no language of the user's."""
        booted, _ = self.provd.boot(T46S)
        waiting = self.provd.device(T46S)
        self.provd.put(evolve(waiting, config="users"))
        user, _ = self.provd.boot(T46S, booted.memory)
        self.assertEqual(len(user.display.accounts), 16)
        self.provd.put(evolve(self.provd.device(T46S), config=waiting.config))
        again, _ = self.provd.boot(T46S, user.memory)
        self.assertEqual(again.display, booted.display)

    def test_an_upgrade_of_the_phone_changes_the_plugin_by_hand_alone(self) -> None:
        """A phone's files must not change their form under it because it was upgraded; what is new is offered."""
        old = evolve(T46S, version="66.84.0.125")
        booted, _ = self.provd.boot(old)
        again, _ = self.provd.boot(T46S, booted.memory)
        self.assertEqual(self.provd.device(T46S).plugin, "yealink-v84")
        self.assertTrue(again.provisioned)

    def test_the_key_stays_in_all_urls(self) -> None:
        """A phone of a provider asks below the tenant's key, and is sent there again by its own file."""
        booted, told = self.provd.boot(T46S, server=f"{SERVER}{KEY}/")
        self.assertTrue(booted.provisioned)
        self.assertEqual(told[-1], ("directory_setting.xml", 200))
        self.assertEqual(booted.memory.settings["static.auto_provision.server.url"], f"{SERVER}{KEY}/")
        (presence,) = self.provd.store.find(Presence, "ip", "10.0.0.7")
        self.assertEqual((presence.version, presence.username), ("66.86.0.15", "ap0017"))
