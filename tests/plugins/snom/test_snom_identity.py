"""What Snom's phones are known by, beyond the examples of `identify.py`, and which path is which file."""

import json
import time

from twisted.trial.unittest import SynchronousTestCase

from provserver.core.identify import Dispatcher
from provserver.core.support import best
from provserver.dhcp.config.rules import rules
from provserver.model import Device, Facts, FileRule, Notify, Sighting
from tests.vendors.making import settings_of, vendor, vendors

SNOM = vendor("snom")
MAC = "00:04:13:92:2d:24"
PHONE = Device("d1", mac=MAC, vendor="Snom", model="D785")
D785 = "Mozilla/4.0 (compatible; snomD785-SIP 10.1.33.33 2010.12-00004-g9ba52f5 {} SXM:0 UXM:0)"


def identify(
    user_agent: str = "", path: str = "", query: tuple[tuple[str, str], ...] = (), option_60: bytes = b""
) -> Facts:
    sighting = Sighting(
        "http",
        0.0,
        "192.0.2.7",
        "http://192.0.2.1",
        path,
        query=query,
        user_agent=user_agent,
        options={60: option_60} if option_60 else {},
    )
    return Dispatcher(vendors()).identify(sighting)[0]


def known(facts: Facts) -> tuple[str | None, ...]:
    return facts.vendor, facts.model, facts.version, facts.mac


class SnomIdentifyTests(SynchronousTestCase):
    def test_only_twelve_digits_are_a_mac(self) -> None:
        """In the reference any run of them is one, and a phone with another word there is not known at all."""
        for word, mac in (
            ("000413922D24", MAC),
            ("000413922d24", MAC),
            ("1", None),
            ("000413922D2", None),
            ("000413922D245", None),
            ("000413922D24F", None),
            ("000000000000", None),
        ):
            expected = ("Snom", "D785", "10.1.33.33", mac)
            self.assertEqual(known(identify(D785.format(word))), expected, word)

    def test_a_user_agent_without_a_model_says_nothing(self) -> None:
        """Firmware 6.5 of a phone that nobody could serve; and words that only look alike."""
        for text in (
            "Mozilla/4.0 (compatible; snom lid 3605)",
            "snomD785",
            "snomD785-SIP",
            "venom320-SIP 8.4.18",
            "snomsnomsnom-SIP x",
        ):
            self.assertIsNone(identify(text).vendor, text)

    def test_long_texts_are_no_danger(self) -> None:
        """A header may have 16 KiB: a stranger must not keep the reactor busy with one."""
        for text in (
            "snom" * 4000,
            "snom320-SIP 8.4.18 " + "0004 " * 3200,
            "snomA-SIP 1" * 1400,
            "snom320-SIP 8.4.18 " + "0" * 16000,
        ):
            began = time.process_time()
            identify(text)
            self.assertLess(time.process_time() - began, 0.2, text[:20])

    def test_the_query_names_a_phone_whose_user_agent_does_not(self) -> None:
        """It stands behind every address of an image, in any notation; another vendor's says nothing of Snom."""
        for text in ("000413922D24", "00:04:13:92:2d:24", "00-04-13-92-2D-24"):
            query = (("mac", text), ("chained_url", "http://192.0.2.1/x.bin?mac=000413000000"))
            self.assertEqual(known(identify("curl", query=query)), ("Snom", None, None, MAC), text)
        for text in ("001565922D24", "000413", "000413922D24FF", ""):
            self.assertIsNone(identify("curl", query=(("mac", text),)).vendor, text)
        self.assertIsNone(identify("curl", query=(("amac", "000413922D24"),)).vendor)

    def test_paths(self) -> None:
        """Model and MAC address; the device's own file only with an OUI of Snom, as others ask for such files too."""
        for path, expected in (
            ("KEY/snomD785-000413922D24.htm", ("Snom", "D785", None, MAC)),
            ("snom715.htm", ("Snom", "715", None, None)),
            ("000413922D24.xml", ("Snom", None, None, MAC)),
            ("00087B922D24.xml", ("Snom", None, None, "00:08:7b:92:2d:24")),
            ("001b44922D24.xml", (None, None, None, None)),
            ("000413922D24.cfg", (None, None, None, None)),
            ("snomD785.bin", (None, None, None, None)),
            ("phantomsnomD785.htm", (None, None, None, None)),
        ):
            self.assertEqual(known(identify(path=path)), expected, path)

    def test_option_60_is_the_model(self) -> None:
        """Also of models that no table has; a base may say more behind it."""
        for text, model in (
            (b"snomD899", "D899"),
            (b"snomM900", "M900"),
            (b"snomM900-x\0", "M900"),
            (b"snom320\0", "320"),
        ):
            self.assertEqual(known(identify(option_60=text))[:2], ("Snom", model), text)
        self.assertIsNone(identify(option_60=b"venomD785").vendor)


class SnomSupportTests(SynchronousTestCase):
    def chosen(self, model: str | None, version: str | None = None) -> tuple[str, int]:
        support = best([SNOM], Facts(vendor="Snom", model=model, version=version))
        return (support.plugin.id, support.score) if support else ("", 0)

    def test_the_release_is_chosen_by_the_version(self) -> None:
        """Exact where it is in the tables; the nearest that knows the model; and never one for the other kind."""
        for model, version, plugin, least in (
            ("D785", "10.1.215.13", "10.1.215.13", 600),
            ("D785", "10.1.49.11", "10.1.49.11", 600),  # the reference never finds this one
            ("D785", "10.1.33.33", "10.1.39.11", 500),
            ("D785", None, "10.1.215.13", 500),
            ("320", "8.4.18", "8.7.5.35", 500),
            ("320", "7.3.30", "8.7.5.35", 500),
            ("715", "8.9.3.40", "8.9.3.80", 500),
            ("725", "10.1.215.13", "10.1.175.16", 500),
            ("M900", "05.20.0001", "05.20.0001", 600),
            ("M900", "07.40.0104", "07.40.0104", 600),
            ("M900", "06.10.0002", "07.40.0104", 500),
            ("M999", "07.40.0104", "07.40.0104", 300),
            ("D999", "10.2.0.0", "10.1.215.13", 300),
            (None, None, "10.1.215.13", 300),
        ):
            found, score = self.chosen(model, version)
            self.assertEqual(found, f"snom-{plugin}", (model, version))
            self.assertTrue(least <= score < least + 100, (model, version, score))

    def test_firmware_without_xml_is_not_served(self) -> None:
        """It would ask for files that it cannot read."""
        for model, version in (("320", "6.5.20"), ("M900", "04.10.0001"), ("D999", "3.56")):
            self.assertEqual(self.chosen(model, version), ("", 0), model)

    def test_resync_is_a_notify_that_only_a_base_restarts_for(self) -> None:
        """A base reads its files when it starts."""
        plugin = SNOM.plugins[-1]
        for model, event in (
            ("D785", "check-sync;reboot=false"),
            (None, "check-sync;reboot=false"),
            ("MP", "check-sync;reboot=false"),
            ("M900", "check-sync;reboot=true"),
            ("m300", "check-sync;reboot=true"),
        ):
            device = Device("d1", mac=MAC, vendor="Snom", model=model)
            self.assertEqual(plugin.resync(device, settings_of({})), Notify(event), model)

    def test_each_reference_id_leads_here(self) -> None:
        """`wazo-snom-10.1.215.13` needs no alias; the bases' plugins have another name there."""
        aliases = {alias for plugin in SNOM.plugins for alias in plugin.aliases}
        self.assertEqual(aliases, {"snom-dect-05.20.0001", "snom-dect-07.40.0104"})
        self.assertEqual(len(SNOM.plugins), 21)

    def test_capabilities_are_those_of_the_firmware(self) -> None:
        """The same phone has had other sizes, and only a base says whether it is one of several."""
        for version, model, expected in (
            ("8.7.5.35", "715", (12, 5, 3, False, None)),
            ("8.9.3.80", "715", (4, 5, 0, False, None)),
            ("10.1.215.13", "715", (4, 3, 3, False, None)),
            ("8.9.3.80", "720", (12, 18, 0, True, None)),
            ("10.1.175.16", "D865", (12, 43, 3, False, None)),
            ("05.20.0001", "M300", (20, 0, 0, False, False)),
            ("07.40.0104", "M900", (1000, 0, 0, False, True)),
        ):
            plugin = next(plugin for plugin in SNOM.plugins if plugin.id == f"snom-{version}")
            told = json.loads(plugin.info)["capabilities"][f"Snom, {model}, {version}"]
            names = ("lines", "function_keys", "expansion_modules", "switchboard", "multicell")
            self.assertEqual(tuple(told.get(name) for name in names), expected, (version, model))


class SnomFilesTests(SynchronousTestCase):
    def rule(self, path: str, device: Device | None = PHONE, method: str = "GET") -> FileRule | None:
        return SNOM.plugins[-1].file_for(path, method, Facts(), device)

    def test_the_settings_are_the_devices_alone(self) -> None:
        """Not even a phone that we know gets another one's file by asking for it."""
        own = FileRule(
            "device",
            "000413922D24.xml",
            "device.tpl",
            format="xml",
            media_type="text/xml",
            proves_config=True,
        )
        self.assertEqual(self.rule("000413922d24.xml"), own)
        self.assertEqual(self.rule("000413922D24.xml", None), own)
        for path in ("000413922D25.xml", "snomD785-000413922D25.htm"):
            self.assertIsNone(self.rule(path), path)
            self.assertIsNotNone(self.rule(path, None), path)
        self.assertIsNone(self.rule("000413922D24.xml", method="PUT"))

    def test_what_all_phones_share_is_no_secret(self) -> None:
        """They are asked for by phones that are not known yet."""
        for path, source in (
            ("snomD785.htm", "common"),
            ("snomD785-000413922D24.htm", "common"),
            ("snomD785.xml", "common"),
            ("snomM900-firmware.htm", "common"),
            ("snom-general.xml", "common"),
            ("gui_lang.xml", "common"),
            ("firmware/snomD785-10.1.215.13-SIP-r.bin", "firmware"),
            ("M900/M900_v0740_b0104.fwu", "firmware"),
            ("M65/M65_v0740_b0104.fwu", "firmware"),
            ("i18n/gui_lang_FR.xml", "static"),
        ):
            rule = self.rule(path, None)
            assert rule, path
            self.assertEqual((rule.source, rule.secret, rule.name), (source, False, path))

    def test_other_paths_are_not_its_own(self) -> None:
        """A server that answers everything says nothing."""
        for path in (
            "",
            "snom.htm",
            "snomD785",
            "000413922D24.htm",
            "0004139.xml",
            "snom-x.xml",
            "x/snomD785.htm",
        ):
            self.assertIsNone(self.rule(path), path)

    def test_every_image_is_a_file_that_is_served(self) -> None:
        """What a phone is told of it must get."""
        for plugin in SNOM.plugins:
            images = getattr(plugin, "images")  # noqa: B009
            for path in images:
                rule = plugin.file_for(path, "GET", Facts(), None)
                assert rule, path
                self.assertEqual((rule.source, rule.template), ("firmware", path))


class SnomDhcpTests(SynchronousTestCase):
    def test_all_models_get_the_url_and_the_715_a_name_server(self) -> None:
        """By the word that they all begin with, so that a new model is no phone without a server."""
        made = rules([SNOM], {"url": "http://10.0.0.1:8667", "tftp": "10.0.0.1", "ip": "10.0.0.1"})
        for told, codes in (
            (b"snomD785", [66]),
            (b"snomD899", [66]),
            (b"snomM900 05.20", [66]),
            (b"snom715", [66, 6]),
            (b"snomD715", [66, 6]),
            (b"snom720", [66]),
        ):
            rule = next(rule for rule in made if any(pattern.matches(told) for pattern in rule.patterns))
            self.assertEqual([option.code for option in rule.options], codes, told)
            self.assertEqual(rule.options[0].value, b"http://10.0.0.1:8667/")
        self.assertEqual(
            {oui for rule in made for oui in rule.ouis}, {bytes.fromhex("000413"), bytes.fromhex("00087b")}
        )
