"""Snom's DECT bases, and the images of bases and phones."""

from attrs import evolve
from twisted.trial.unittest import SynchronousTestCase

from provserver.errors import Unfit
from provserver.vendors.table import FIRMWARE, TablePlugin
from tests.plugins.snom.phones import LINE, NEWEST, OLDEST, PLUGINS, Raw, lines, made, phone, read
from tests.plugins.snom.reading import Read, read_list, read_settings
from tests.vendors.making import settings_of


class SnomBaseTests(SynchronousTestCase):
    def base(self, raw: Raw, model: str | None = "M900", plugin: str = "snom-07.40.0104") -> Read:
        return read(raw, model, plugin)

    def test_servers_are_numbered_without_gaps(self) -> None:
        """The reference leaves gaps, and takes server 1 for every line without a port."""
        raw = {
            "sip_lines": {
                "1": {**LINE, "proxy_ip": "a"},
                "2": {**LINE, "proxy_ip": "a"},
                "3": {**LINE, "proxy_ip": "b"},
                "4": {**LINE, "proxy_ip": "a", "proxy_port": 5060},
                "5": {**LINE, "proxy_ip": "a", "proxy_port": 5070},
                "6": {**LINE, "proxy_ip": "b", "dtmf_mode": "SIP-INFO"},
            }
        }
        found = self.base(raw)
        hosts = [value for key, (value,) in found.items() if key.startswith("user_host[")]
        self.assertEqual(hosts, ["a", "b", "a:5070", "b"])
        servers = [found[f"subscr_sip_ua_data_server_id[{number}]"][0] for number in range(1, 7)]
        self.assertEqual(servers, ["1", "1", "2", "1", "3", "4"])

    def test_an_eleventh_server_is_refused(self) -> None:
        """A line must not be registered somewhere else than it should."""
        raw = {"sip_lines": {str(at): {**LINE, "proxy_ip": f"192.0.2.{at}"} for at in range(1, 12)}}
        with self.assertRaises(Unfit) as caught:
            self.base(raw)
        self.assertEqual(caught.exception.setting, "sip_lines.11.proxy_ip")
        del raw["sip_lines"]["11"]
        self.assertEqual(self.base(raw)["user_host[10]"], ("192.0.2.10",))

    def test_lines_of_small_bases_are_emptied(self) -> None:
        """Of large ones they are switched off in the common file: empty, they would be a hundred kilobytes."""
        small, large = self.base(lines(1), "M400"), self.base(lines(1))
        self.assertEqual((small["user_active[20]"], small["user_pass[20]"]), (("off",), ("",)))
        self.assertNotIn("user_active[21]", small)
        self.assertNotIn("user_active[2]", large)
        body = made(settings_of({}), phone("M900"), "snom-07.40.0104", "snom-general.xml")
        general = read_settings(body.replace(b' e="2"', b""))
        self.assertEqual(
            (general["user_active[1000]"], general["subscr_dect_ac_code[7]"]), (("off",), ("0007",))
        )
        self.assertIn(b'<phone-settings e="2">', body)

    def test_handsets_that_wait_need_no_pin(self) -> None:
        """Its user has none yet; afterwards it is the line's number."""
        found = self.base({"sip_lines": {"1": {"username": "ap0017"}, "2": {**LINE, "number": "1002"}}})
        self.assertEqual(
            (found["subscr_dect_ac_code[1]"], found["subscr_dect_ac_code[2]"]), (("0000",), ("0002",))
        )

    def test_no_password_is_every_bases(self) -> None:
        """What the reference writes where none is set can be read in its source."""
        self.assertFalse([key for key in self.base({}) if key.endswith(("_pass", "_password"))])
        found = self.base({"admin_password": "9486", "user_password": "4242"}, "M300", "snom-05.20.0001")
        self.assertEqual((found["http_pass"], found["admin_mode_password"]), (("9486",), ("9486",)))
        self.assertNotIn("http_basic_pass", found)

    def test_a_base_that_nobody_knows_gets_the_newer_layout(self) -> None:
        """And its lines, without those that it may not have."""
        found = self.base(lines(1, 2000), None)
        self.assertEqual(found["http_engineer_user"], ("Engineer",))
        self.assertEqual(found["user_active[2000]"], ("on",))
        self.assertNotIn("user_active[2]", found)


class SnomFirmwareTests(SynchronousTestCase):
    def images(self, model: str, plugin: str, *missing: str, end: str = "xml") -> list[tuple[str, str]]:
        """Return what is listed where all images but some are here."""
        table = PLUGINS[plugin]
        assert isinstance(table, TablePlugin)
        here = tuple(path for what, path in table.release.images.items() if what not in missing)
        settings = settings_of({})
        settings = evolve(settings, values={**settings.values, FIRMWARE: here})
        body = made(settings, phone(model), plugin, f"snom{model}-firmware.{end}")
        rows = read_list(body, "firmware-settings")
        return [(name + attributes.get("type", ""), text) for name, attributes, text in rows]

    def test_firmware_is_left_alone(self) -> None:
        """An upgrade that nobody asked for may end with a phone that does not start."""
        for plugin in PLUGINS:
            for model in ("D785", "M900"):
                body = made(settings_of({}), phone(model), plugin, f"snom{model}-firmware.xml")
                self.assertEqual(read_list(body, "firmware-settings"), ())
        general = read_settings(made(settings_of({}), phone(), NEWEST, "snom-general.xml"))
        self.assertEqual(general["update_policy"], ("settings_only",))

    def test_each_generation_has_its_images(self) -> None:
        """Flash of the oldest, plain ones, by way of a ramdisk from 10.1.184 on, and another kind for the newest."""
        url = "http://192.0.2.1:8667/firmware/"
        for model, plugin, image, module in (
            ("320", OLDEST, "snom320-8.7.5.35-SIP-f.bin?mac={mac}", None),
            ("720", OLDEST, "snom720-8.7.5.35-SIP-r.bin?mac={mac}", None),
            ("715", "snom-10.1.54.13", "snom715-10.1.54.13-SIP-r.bin?mac={mac}", "snomUXM-2.1.1.bin"),
            ("D785", "snom-10.1.101.11", "snomD785-10.1.101.11-SIP-r.bin?mac={mac}", None),
            ("D735", "snom-10.1.101.11", "snomD735-10.1.101.11-SIP-r.bin?mac={mac}", "snomD7C-1.1.1-r.bin"),
            ("D862", NEWEST, "snomD862-10.1.215.13-SIP-r.swu?mac={mac}", "snomD8C-1.6.1-r.bin"),
            ("D713", NEWEST, "snomD713-10.1.215.13-SIP-r.bin?mac={mac}", None),
        ):
            expected = [("firmware", url + image)]
            if module:
                expected.append(("firmware_uxm", f"{url}{module}?mac={{mac}}"))
            self.assertEqual(self.images(model, plugin), expected, model)

    def test_without_its_ramdisk_an_image_is_not_offered(self) -> None:
        """The phone could not load it."""
        self.assertEqual(self.images("D385", NEWEST, "ramdisk D385"), [])
        self.assertEqual(self.images("D385", NEWEST, "D385"), [])
        ((name, text),) = self.images("D385", NEWEST)
        self.assertEqual(name, "firmware")
        self.assertIn("snomD385-ramdisk-chained-update-r.bin?mac={mac}&chained_url=", text)

    def test_a_base_and_its_handsets(self) -> None:
        """Each by the two numbers of its version, if its image is here."""
        numbers = [("fp_fwu_sw_version", "740"), ("fp_fwu_branch_version", "104")]
        where = ("firmware", "http://192.0.2.1:8667")
        handset = [("pp_fwu_sw_versionM90", "740"), ("pp_fwu_branch_versionM90", "104")]
        others = ("M30", "M65", "M70", "M80", "M85")
        plugin = "snom-07.40.0104"
        self.assertEqual(self.images("M900", plugin, *others, end="htm"), [where, *numbers, *handset])
        self.assertEqual(self.images("M900", plugin, *others, "M900", end="htm"), [where, *handset])
        self.assertEqual(len(self.images("M900", plugin)), 1 + 2 + 2 * 6)

    def test_upgrades_are_allowed_where_there_are_images(self) -> None:
        """The policy would refuse them else."""
        settings = settings_of({})
        told = evolve(settings, values={**settings.values, FIRMWARE: ("firmware/x.bin",)})
        self.assertEqual(
            read_settings(made(told, phone(), NEWEST, "snom-general.xml"))["update_policy"], ("auto_update",)
        )
