"""What differs from one generation of Yealink's firmware to another, and on DECT bases."""

import json
from collections.abc import Mapping

from attrs import evolve
from twisted.trial.unittest import SynchronousTestCase

from provserver.errors import Unfit
from provserver.interfaces import IVendorPlugin
from provserver.model import Device, Facts
from provserver.vendors.table import FIRMWARE, TablePlugin
from tests.contracts.vendor_settings import KEY_PEM, LINE, ONE_LINE, PEM, Raw, all_keys, all_lines
from tests.plugins.yealink.reading import read_config
from tests.vendors.making import render, settings_of, vendor

Read = Mapping[str, tuple[str, ...]]
FILE = "0015654aa937"


def plugin(generation: int) -> IVendorPlugin:
    return next(each for each in vendor("yealink").plugins if each.id == f"yealink-v{generation}")


def body(
    generation: int, model: str | None, raw: Raw, file: str = f"{FILE}.cfg", firmware: str = ""
) -> bytes:
    device = Device("d1", mac="00:15:65:4a:a9:37", vendor="Yealink", model=model)
    rule = plugin(generation).file_for(file, "GET", Facts(), device)
    assert rule
    settings = settings_of(raw)
    if firmware:
        settings = evolve(settings, values={**settings.values, FIRMWARE: tuple(firmware.split())})
    return render(plugin(generation), rule, device, settings)


def read(generation: int, model: str | None, raw: Raw = ONE_LINE, firmware: str = "") -> Read:
    return read_config(body(generation, model, raw, firmware=firmware))


class NamesTests(SynchronousTestCase):
    def test_old_phones_know_no_prefix(self) -> None:
        """Before V81 `static.network.…` is nothing that a phone knows: its VLAN would never be set."""
        for generation, model in ((73, "T20P"), (73, "W52P"), (80, "T46G"), (80, "W52P")):
            found = read(generation, model, {**ONE_LINE, "vlan_enabled": True, "vlan_id": 7})
            self.assertEqual([key for key in found if key.startswith("static.")], [])
            self.assertEqual(found["network.vlan.internet_port_vid"], ("7",))
        for generation, model in ((81, "T46G"), (84, "T46S"), (87, "T87W"), (81, "W52P"), (87, "W90DM")):
            found = read(generation, model, {**ONE_LINE, "vlan_enabled": True, "vlan_id": 7})
            self.assertEqual(found["static.network.vlan.internet_port_vid"], ("7",))
            self.assertNotIn("network.vlan.internet_port_vid", found)

    def test_every_generation_has_its_own_names(self) -> None:
        """One row of the table each, on the model that shows it: the key that is there, and the one that is not."""
        for generation, model, there, not_there in (
            (81, "T46S", "static.lang.gui", "lang.gui"),
            (82, "T46S", "static.lang.wui", "lang.wui"),
            (83, "T46S", "lang.gui", "static.lang.gui"),
            (81, "W52P", "lang.wui", "static.lang.wui"),
            (85, "W70B", "custom.handset.language", "lang.gui"),
            (85, "W70B", "custom.handset.date_format", "local_time.date_format"),
            (80, "T46G", "syslog.mode", "syslog.enable"),
            (81, "W52P", "static.syslog.enable", "static.syslog.mode"),
            (83, "W60B", "static.syslog.mode", "static.syslog.enable"),
            (84, "T46S", "static.syslog.enable", "static.syslog.mode"),
            (80, "T46G", "syslog.log_level", "syslog.server_port"),
            (80, "T46G", "push_xml.sip_notify", "static.push_xml.sip_notify"),
            (81, "T46G", "call_waiting.enable", "push_xml.sip_notify"),
            (83, "W60B", "call_waiting.enable", "push_xml.sip_notify"),
            (80, "W52P", "voice.tone.country", "call_waiting.enable"),
            (82, "T46S", "features.action_uri.enable", "action_url.dnd_on"),
            (83, "T46S", "action_url.dnd_on", "over_the_air.handset_tip"),
            (85, "W70B", "static.security.user_password", "action_url.dnd_on"),
            (85, "W70B", "static.network.primary_dns", "static.network.vlan.pc_port_enable"),
            (73, "T28P", "account.1.transport", "account.1.sip_server.1.transport_type"),
            (73, "T28P", "account.1.outbound_host", "account.1.outbound_proxy.1.address"),
            (73, "T28P", "account.1.sip_trust_ctrl", "sip.trust_ctrl"),
            (80, "T46G", "account.1.outbound_proxy.2.address", "account.1.outbound_host"),
            (86, "T58W", "account.1.video.vp8.enable", "account.1.transport"),
            (84, "T58", "account.1.codec.g722_1_24kpbs.enable", "account.1.video.vp8.enable"),
        ):
            found = read(generation, model)
            self.assertIn(there, found, (generation, model))
            self.assertNotIn(not_there, found, (generation, model))

    def test_a_blf_is_picked_up_in_all_generations(self) -> None:
        """Old phones look at one key, newer ones at another."""
        raw = {**ONE_LINE, "exten_pickup_call": "*8", "funckeys": {"1": {"type": "blf", "value": "1010"}}}
        for generation, model, old in ((73, "T20P", True), (82, "T46S", True), (83, "T46S", False)):
            found = read(generation, model, raw)
            self.assertEqual(found["linekey.1.extension"], ("*8",))
            self.assertIs("linekey.1.pickup_value" in found, old, generation)


class SizesTests(SynchronousTestCase):
    def test_memory_keys_come_between_line_keys_and_modules(self) -> None:
        """A T28P has six line keys and ten more: key 7 is the first of those."""
        found = read(73, "T28P", {**ONE_LINE, "funckeys": {"7": {"type": "park", "value": "701"}}})
        self.assertEqual(found["memorykey.1.value"], ("701",))
        self.assertEqual(len([key for key in found if key.startswith("memorykey.") and ".type" in key]), 10)
        self.assertNotIn("memorykey.11.type", found)

    def test_the_same_model_may_have_other_keys_with_other_firmware(self) -> None:
        """A CP960 has keys on its screen with V80 alone."""
        for generation, keys in ((80, 30), (83, 0), (85, 0)):
            found = read(generation, "CP960", all_keys())
            self.assertEqual(
                len([key for key in found if key.startswith("memorykey.") and ".type" in key]), keys
            )
            capabilities = json.loads(plugin(generation).info)["capabilities"]
            told = next(of["function_keys"] for key, of in capabilities.items() if ", CP960, " in key)
            self.assertEqual(told, keys, generation)

    def test_old_phones_count_accounts_from_0_for_blf_alone(self) -> None:
        """A T38G that watches for account 1 would watch for its second."""
        keys = {"1": {"type": "blf", "value": "1", "line": 1}, "2": {"type": "speeddial", "value": "2"}}
        for model, lines in (("T38G", ("0", "1")), ("T28P", ("1", "1"))):
            found = read(73, model, {**ONE_LINE, "funckeys": keys})
            self.assertEqual((*found["linekey.1.line"], *found["linekey.2.line"]), lines, model)

    def test_what_is_told_is_what_is_written(self) -> None:
        """One table for both: accounts and keys of every model of every generation."""
        for generation in (73, *range(80, 88)):
            for key, told in json.loads(plugin(generation).info)["capabilities"].items():
                model = key.split(", ")[1]
                found = read(generation, model)
                accounts = [key for key in found if key.startswith("account.") and key.endswith(".enable")]
                numbers = {key.split(".")[1] for key in accounts}
                self.assertEqual(len(numbers), told["lines"] or 1, key)
                keys = [key for key in found if key.startswith(("linekey.", "memorykey."))]
                self.assertEqual(len([key for key in keys if key.endswith(".type")]), told["function_keys"])
                modules = {key.split(".")[1] for key in found if key.startswith("expansion_module.")}
                self.assertEqual(len(modules), told["expansion_modules"], key)


class BasesTests(SynchronousTestCase):
    def test_a_base_has_no_keys(self) -> None:
        """Its handsets have, and nobody can set them from here."""
        found = read(85, "W70B", all_keys())
        self.assertFalse([key for key in found if "linekey" in key or "expansion" in key])
        self.assertEqual(found["static.auto_provision.handset_configured.enable"], ("1",))

    def test_a_system_names_each_server_once(self) -> None:
        """Accounts point at a template; lines at the same server share one, densely numbered."""
        lines = {
            "1": LINE,
            "2": {**LINE, "proxy_ip": "192.0.2.11"},
            "4": LINE,
            "5": {**LINE, "proxy_port": 5070},
        }
        for generation, model in ((83, "W80DM"), (85, "W75DM"), (85, "W90DM"), (87, "W70B"), (87, "W80DM")):
            found = read(generation, model, {"sip_lines": lines})
            used = [found[f"account.{number}.sip_server.template"][0] for number in (1, 2, 3, 4, 5)]
            self.assertEqual(used, ["1", "2", "%NULL%", "1", "3"], model)
            self.assertEqual(found["template.2.sip_server.1.address"], ("192.0.2.11",))
            self.assertEqual(found["template.3.sip_server.1.port"], ("5070",))
            self.assertNotIn("template.4.name", found)
            self.assertNotIn("account.1.sip_server.1.address", found)
        for generation, model in ((81, "W52P"), (83, "W60B"), (85, "W70B")):
            found = read(generation, model, {"sip_lines": lines})
            self.assertEqual(found["account.2.sip_server.1.address"], ("192.0.2.11",))

    def test_a_second_base_has_the_accounts_that_it_is_given(self) -> None:
        """Its system's manager has them, unless somebody runs it alone."""
        for model in ("W75B", "W80B", "W90B"):
            for number in (0, 1, 3):
                found = read(87, model, all_lines(number))
                self.assertEqual(len([key for key in found if is_account(key)]), number, model)

    def test_a_new_base_restarts_when_it_is_told(self) -> None:
        """With V87 a check-sync without a restart is not enough."""
        for generation, model, value in ((85, "W90DM", "0"), (87, "W90DM", "1"), (87, "T87W", "0")):
            self.assertEqual(read(generation, model)["sip.notify_reboot_enable"], (value,), model)

    def test_codecs_of_bases(self) -> None:
        """G.729 costs a base of V87 half of its calls."""
        for generation, on in ((85, "1"), (87, "0")):
            self.assertEqual(read(generation, "W90DM")["account.1.codec.g729.enable"], (on,))


def is_account(key: str) -> bool:
    start, _, number = key.removesuffix(".enable").rpartition(".")
    return start == "account" and number.isdigit()


class FirmwareTests(SynchronousTestCase):
    T46S = "firmware/T46S(T48S,T42S,T41S)-66.84.0.125.rom"

    def test_firmware_is_named_where_it_is_here_and_allowed(self) -> None:
        """By default nothing of it is written: an upgrade that nobody asked for may end with a dead phone."""
        self.assertFalse([key for key in read(84, "T46S") if "firmware" in key])
        found = read(84, "T46S", firmware=self.T46S)
        self.assertEqual(found["static.firmware.url"], (f"http://192.0.2.1:8667/{self.T46S}",))
        for other in ("firmware/T46S.rom", "firmware/T54S(T52S)-70.84.0.70.rom"):
            self.assertNotIn("static.firmware.url", read(84, "T46S", firmware=other))
        self.assertNotIn("static.firmware.url", read(84, None, firmware=self.T46S))

    def test_old_phones_have_another_name_for_it(self) -> None:
        """The prefix came one generation later than everywhere else."""
        found = read(81, "T46G", firmware="firmware/T46-28.81.0.110.rom")
        self.assertIn("firmware.url", found)
        self.assertNotIn("static.firmware.url", found)

    def test_a_base_brings_its_handsets_up_to_date(self) -> None:
        """Of those kinds whose image is here; none is told that there is something new."""
        found = read(83, "W60B", firmware="firmware/W56H-61.83.0.90.rom firmware/W53H-88.83.0.90.rom")
        self.assertEqual(found["over_the_air.handset_tip"], ("0",))
        self.assertEqual(
            {key for key in found if "over_the_air.url" in key},
            {"over_the_air.url.w53h", "over_the_air.url.w56h"},
        )
        found = read(73, "W52P", firmware="firmware/Handset-26.73.0.30.rom")
        self.assertEqual(
            found["over_the_air.url"], ("http://192.0.2.1:8667/firmware/Handset-26.73.0.30.rom",)
        )

    def test_desk_phones_with_a_dongle_do_so_too(self) -> None:
        """With V85 and V86, and only those that take one."""
        handset = "firmware/W56H-61.85.0.20.rom"
        for generation, model, has in (
            (85, "T54W", True),
            (86, "T58W", True),
            (86, "T46U", False),
            (86, None, False),
        ):
            found = read(generation, model, firmware=handset)
            self.assertIs("over_the_air.url.w56h" in found, has, model)
        self.assertNotIn("over_the_air.url.w56h", read(87, "T54W", firmware="firmware/W56H-61.87.0.5.rom"))

    def test_a_blank_of_a_name_is_not_one_of_the_url(self) -> None:
        """Yealink's names have parentheses, commas and ampersands, which stay; a blank would end the URL."""
        name = "firmware/Base-W52P&W56P-25.80.0.15.rom"
        self.assertEqual(read(80, "W52P", firmware=name)["firmware.url"], (f"http://192.0.2.1:8667/{name}",))

    def test_every_image_is_one_that_phones_can_fetch(self) -> None:
        """A path that no row of the files serves would be a phone that asks in vain."""
        for each in vendor("yealink").plugins:
            assert isinstance(each, TablePlugin)
            self.assertTrue(each.images)
            for path in each.images:
                rule = each.file_for(path, "GET", Facts(), None)
                assert rule, path
                self.assertEqual((rule.source, rule.template), ("firmware", path))

    def test_images_are_for_models_of_their_generation(self) -> None:
        """A row for a model that the release does not know would never be used."""
        for each in vendor("yealink").plugins:
            assert isinstance(each, TablePlugin)
            models = {what for what in each.release.images if what.isupper()}
            self.assertLessEqual(models, set(each.release.firmware), each.id)


class CertificatesTests(SynchronousTestCase):
    def test_a_file_has_the_certificate_before_what_vouches_for_it(self) -> None:
        """And the key last; what stands around the blocks, and other line ends, are left out."""
        raw = {
            "sip_local_root_and_intermediate_certificates": [PEM.replace("MII", "ROOT")],
            "sip_local_certificate": "Bag Attributes: x\r\n" + PEM.replace("\n", "\r\n"),
            "sip_local_key": KEY_PEM,
        }
        expected = PEM + PEM.replace("MII", "ROOT") + KEY_PEM
        self.assertEqual(body(86, "T46S", raw, f"{FILE}-own.pem"), expected.encode())
        self.assertEqual(body(86, "T46S", {}, f"{FILE}-own.pem"), b"")

    def test_what_is_no_certificate_is_refused_by_its_name(self) -> None:
        """A phone that gets half a certificate says only that TLS does not work."""
        for text in ("PEM", PEM[:-20], PEM.replace("MII", "M I"), "-----BEGIN X-----\n-----END X-----"):
            for name, file in (("sip_local_certificate", "own"), ("sip_local_key", "own")):
                raw = {"sip_local_certificate": PEM, name: text}
                with self.assertRaises(Unfit) as caught:
                    body(86, "T46S", raw, f"{FILE}-{file}.pem")
                self.assertEqual(caught.exception.setting, name)

    def test_a_phone_is_told_of_files_that_have_something(self) -> None:
        """A key without its certificate is none."""
        for raw, key, there in (
            ({"sip_local_key": KEY_PEM}, "static.server_certificates.url", False),
            ({"sip_local_certificate": PEM}, "static.server_certificates.url", True),
            (
                {"sip_servers_root_and_intermediate_certificates": []},
                "static.trusted_certificates.url",
                False,
            ),
            (
                {"sip_servers_root_and_intermediate_certificates": [PEM]},
                "static.trusted_certificates.url",
                True,
            ),
        ):
            self.assertIs(read(86, "T46S", raw)[key] != ("%NULL%",), there, raw)
