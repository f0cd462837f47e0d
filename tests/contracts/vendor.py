"""
The one contract test of every vendor folder: `tests/plugins/<vendor>/test_<vendor>_contract.py` fills it in.

A vendor brings its own reader of its files, written from the vendor's manual and not from the templates, and a
table of where each setting that it honours must stand. What it is told is in `vendor_case.py`.
"""

import json
from urllib.parse import quote

import pytest
from attrs import evolve
from zope.interface.verify import verifyObject

from provserver.core.identify import Dispatcher
from provserver.errors import Unfit
from provserver.interfaces import IVendor, IVendorPlugin
from provserver.model import Device, Facts, Fingerprint, Notify, Sighting
from provserver.raw_config.fields import FIELDS
from provserver.vendors.table import FIRMWARE
from tests.contracts.vendor_case import MAC, OF_PROVD, OTHER_MAC, Read, Stands, VendorCase
from tests.contracts.vendor_settings import (
    AUTOPROV,
    DIFFERS,
    DOMAIN,
    HOSTILE,
    ONE_LINE,
    TEXTS,
    all_keys,
    all_lines,
    needs,
    pairwise,
    singly,
    with_text,
)
from tests.vendors.making import render, settings_of, vendors

__all__ = ["MAC", "Read", "Stands", "VendorContract"]


class VendorContract(VendorCase):
    # --- identity ------------------------------------------------------------------------------------------

    def test_it_provides_the_interfaces(self) -> None:
        """The chain knows nothing else of a vendor."""
        verifyObject(IVendor, self.vendor)
        for plugin in self.vendor.plugins:
            verifyObject(IVendorPlugin, plugin)

    def test_every_fingerprint_proves_itself(self) -> None:
        """With all vendors loaded each example gives every fact that it must, and no other vendor's."""
        dispatcher = Dispatcher(vendors())
        for row in self.vendor.fingerprints:
            self.assertTrue(row.examples, row)
            self.assertEqual(row.literal, row.literal.lower())
            for text, facts in row.examples:
                found, _ = dispatcher.identify(sighting_of(row, text))
                seen = {
                    fact: value
                    for fact in ("vendor", "model", "version", "mac", "serial", "uuid")
                    if (value := getattr(found, fact))
                }
                given = {"mac": text} if row.where == "oui" else {}
                self.assertEqual(seen, {**given, **facts}, text)

    def test_no_other_vendor_sees_its_phones(self) -> None:
        """A fingerprint that fits a neighbour's phone would be outvoted only by luck."""
        others = Dispatcher([other for other in vendors() if other.id != self.vendor_id])
        for row in self.vendor.fingerprints:
            for text, _ in row.examples:
                found, _steps = others.identify(sighting_of(row, text))
                self.assertIsNone(found.vendor, text)

    def test_each_release_supports_its_models_exactly(self) -> None:
        """What the tables say must be what is chosen."""
        for plugin in self.vendor.plugins:
            for key in json.loads(plugin.info)["capabilities"]:
                _, model, version = key.split(", ")
                facts = Facts(vendor=self.name, model=model, version=version)
                self.assertEqual(plugin.support(facts), 600, key)

    # --- files ---------------------------------------------------------------------------------------------

    def test_a_devices_files_are_its_own(self) -> None:
        """No device is ever looked up by the MAC address in a path, and only one file proves its config."""
        for plugin in self.vendor.plugins:
            for path in (self.device_path, *self.other_paths):
                for device in (None, self.device(self.richest(plugin))):
                    rule = self.rule(plugin, device, path)
                    self.assertEqual((rule.source, rule.proves_config), ("device", path == self.device_path))
                path = self.path(path, self.richest(plugin))
                self.assertIsNone(plugin.file_for(path, "GET", Facts(), Device("d2", mac=OTHER_MAC)))
            self.assertTrue(self.rule(plugin, None).secret)

    def test_open_files_hold_no_secret(self) -> None:
        """They are handed to phones that have proved nothing."""
        raw = {**all_lines(4), "admin_password": "pw-admin", "user_password": "pw-user", "locale": "fr_FR"}
        for plugin in self.vendor.plugins:
            for path in self.common_paths:
                rule = plugin.file_for(path, "GET", Facts(), None)
                assert rule, path
                self.assertEqual((rule.source, rule.secret), ("common", False), path)
                body = render(plugin, rule, None, settings_of(raw))
                self.assertTrue(body, path)
                self.assertNotIn(b"pw-", body)
            device = self.device(self.richest(plugin))
            for path in self.other_paths:
                if not self.rule(plugin, device, path).secret:
                    self.assertNotIn(b"pw-", self.body(plugin, device.model, raw, path))

    def test_every_model_renders(self) -> None:
        """Autoprov, one line, all lines, a key on every position that there is and some that are not."""
        for plugin, model, capabilities in self.models():
            for raw in (AUTOPROV, ONE_LINE, all_lines(capabilities["lines"]), all_keys()):
                self.reads(plugin, model, raw)

    def test_any_two_settings_go_together(self) -> None:
        """Each pair of settings is met by some model, and each model meets some; the long test has all of both."""
        rows = [raw for _, raw in pairwise()]
        models = [*self.models()]
        for at in range(max(len(rows), len(models))):
            plugin, model, _ = models[at % len(models)]
            self.check(plugin, model, rows[at % len(rows)])

    @pytest.mark.long
    def test_any_two_settings_go_together_on_every_model(self) -> None:
        """All models with each setting, all generations with each pair."""
        for plugin, model, _ in self.models():
            for _name, raw in singly():
                self.check(plugin, model, raw)
        for plugin in self.vendor.plugins:
            models = [model for of, model, _ in self.models() if of is plugin]
            for at, (_names, raw) in enumerate(pairwise()):
                self.check(plugin, models[at % len(models)], raw)

    def test_an_unknown_model_renders(self) -> None:
        """A phone that is newer than the tables, or was never asked for its model, gets its lines all the same."""
        for plugin in self.vendor.plugins:
            for model in (None, "Z99"):
                for raw in (AUTOPROV, {**all_keys(), **ONE_LINE}):
                    self.reads(plugin, model, raw)

    def test_no_account_beyond_the_last_is_written(self) -> None:
        """A password that the phone has no account for is one more place to read it."""
        for plugin, model, capabilities in self.models():
            if most := capabilities["lines"]:
                line = {"username": "ux", "password": "pw-beyond", "proxy_ip": "192.0.2.10"}
                lines = {"1": {"username": "u1"}, str(most + 1): line, str(most + 251): line}
                for body in self.bodies(plugin, model, {"sip_lines": lines}).values():
                    self.assertNotIn(b"pw-beyond", body, model)

    def test_firmware_is_told_only_where_it_is_here_and_wanted(self) -> None:
        """An upgrade that nobody asked for may end with a dead phone; and an image that is told of can be fetched."""
        for plugin in self.vendor.plugins:
            everything = self._told(plugin, tuple(plugin.images))
            nothing = self._told(plugin, ())
            for image in plugin.images:
                rule = plugin.file_for(image, "GET", Facts(), None)
                assert rule, image
                self.assertEqual((rule.source, rule.secret, rule.template), ("firmware", False, image))
                text = self.names_image(plugin, image).encode()
                self.assertIn(text, everything, plugin.id)
                self.assertNotIn(text, nothing, plugin.id)

    def _told(self, plugin: IVendorPlugin, here: tuple[str, ...]) -> bytes:
        """Return the files that tell of firmware, of all models, where these images are here."""
        bodies = []
        for model in (model for of, model, _ in self.models() if of is plugin):
            device = self.device(model)
            for path in self.firmware_paths or (self.device_path,):
                rule = self.rule(plugin, device, path)
                settings = settings_of({**ONE_LINE, FIRMWARE: here})
                bodies.append(render(plugin, rule, device if rule.source == "device" else None, settings))
        return b"".join(bodies)

    # --- settings ------------------------------------------------------------------------------------------

    def test_every_honoured_setting_stands_where_it_should(self) -> None:
        """What a plugin says that it honours, its phones must really be told; and only that."""
        for plugin in self.vendor.plugins:
            stands = self.stands_in(plugin)
            self.assertEqual(plugin.honours - OF_PROVD, set(stands), plugin.id)
            for name, places in stands.items():
                for place in places:
                    model = place.model or self.usual(plugin)
                    read = self.reads(plugin, model, {**ONE_LINE, **place.raw})
                    self.assertIn(place.value, read.get(place.key, ()), f"{plugin.id}: {name}: {place.key}")

    def test_other_settings_change_nothing(self) -> None:
        """What a plugin does not say that it honours must not be in its files, or the table lies."""
        self.assertEqual(FIELDS.keys() - OF_PROVD - DIFFERS.keys(), set(), "nobody tests these")
        for plugin in self.vendor.plugins:
            model = self.usual(plugin)
            for name, (before, after) in DIFFERS.items():
                if name not in plugin.honours:
                    self.assertEqual(
                        self.bodies(plugin, model, after), self.bodies(plugin, model, before), name
                    )

    def test_the_phone_obeys_our_notify(self) -> None:
        """A waiting phone that ignores NOTIFY stays a waiting phone; so does one that has its user already. Where
        there is no NOTIFY a claim ends with `resync: by-hand`, or with the vendor's own way."""
        for plugin, model, _ in self.models():
            expected = self.obeys_notify_in(plugin, model)
            asked = plugin.resync(self.device(model), settings_of(ONE_LINE))
            self.assertEqual(isinstance(asked, Notify), expected is not None, model)
            waiting_too = (AUTOPROV, ONE_LINE) if model == self.richest(plugin) else (AUTOPROV,)
            for raw in waiting_too if expected else ():
                read = self.reads(plugin, model, raw)
                for key, value in (expected or {}).items():
                    self.assertEqual(read.get(key), (value,), f"{plugin.id}, {model}: {key}")

    def test_a_domain_is_not_its_server(self) -> None:
        """A provider's domain has no address of its own: the phone is sent to the server, and says the domain."""
        for plugin, model, _ in self.models():
            expected = self.at_domain_in(plugin, model)
            self.assertEqual(
                "sip_outbound_proxy_ip" in plugin.honours, bool(expected), "at_domain does not say"
            )
            read = self.reads(plugin, model, DOMAIN)
            for key, value in expected.items():
                self.assertIn(value, read.get(key, ()), f"{plugin.id}, {model}: {key}")

    # --- texts ---------------------------------------------------------------------------------------------

    def texts(self, plugin: IVendorPlugin) -> list[str]:
        return [name for name in TEXTS if needs(name) <= plugin.honours and name not in self.no_place]

    def test_every_text_is_in_the_file(self) -> None:
        """Otherwise the tests below would compare a file with itself; what has no place must have none."""
        for plugin in self.vendor.plugins:
            for name in (*self.texts(plugin), *self.no_place):
                read = self.reads(plugin, self.usual(plugin), with_text(name, "PLACEHOLDER"))
                is_there = any("PLACEHOLDER" in value for values in read.values() for value in values)
                self.assertEqual(is_there, name not in self.no_place, name)

    def test_hostile_texts_are_literal_or_refused(self) -> None:
        """A text may be refused; it may not change anything else in the file, nor become another text. Each is
        tried in each place by one generation."""
        self._try_hostile_texts(len(self.vendor.plugins))

    @pytest.mark.long
    def test_hostile_texts_are_literal_or_refused_by_all(self) -> None:
        """Every generation, every place, every text."""
        self._try_hostile_texts(1)

    def _try_hostile_texts(self, step: int) -> None:
        for at, plugin in enumerate(self.vendor.plugins):
            for number, name in enumerate(self.texts(plugin), at):
                tried = [text for turn, text in enumerate(HOSTILE) if (number + turn) % step == 0]
                before = self.reads(plugin, self.usual(plugin), with_text(name, "PLACEHOLDER"))
                for text in tried:
                    with self.subTest(plugin=plugin.id, setting=name, text=text):
                        self._compare(plugin, name, text, before)

    def _compare(self, plugin: IVendorPlugin, name: str, text: str, before: Read) -> None:
        try:
            after = self.reads(plugin, self.usual(plugin), with_text(name, text))
        except Unfit as refused:
            self.assertEqual(refused.setting, name)
            self.assertNotIn(text, str(refused))
            return
        self.assertIn(after, [replaced(before, text), replaced(before, quote(text, safe=""))])


def sighting_of(row: Fingerprint, text: str) -> Sighting:
    seen = Sighting("http", 0.0, "192.0.2.7", "http://192.0.2.1:8667")
    match row.where:
        case "user-agent":
            return evolve(seen, user_agent=text)
        case "query":
            name, _, value = text.partition("=")
            return evolve(seen, query=((name, value),))
        case "path":
            return evolve(seen, path=text)
        case "option-60":
            return evolve(seen, options={60: text.encode()})
        case "oui":
            return evolve(seen, mac=text)


def replaced(read: Read, text: str) -> Read:
    return {
        key: tuple(value.replace("PLACEHOLDER", text) for value in values) for key, values in read.items()
    }
