"""
The one contract test of every vendor folder: `tests/plugins/<vendor>/test_<vendor>_contract.py` fills it in.

A vendor brings its own reader of its files, written from the vendor's manual and not from the templates, and a
table of where each setting that it honours must stand.
"""

import json
from collections.abc import Iterator, Mapping
from typing import ClassVar
from urllib.parse import quote

import pytest
from attrs import evolve, frozen
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from provserver.core.identify import Dispatcher
from provserver.errors import Unfit
from provserver.interfaces import IVendor, IVendorPlugin
from provserver.model import Device, Facts, FileRule, Fingerprint, Sighting
from provserver.raw_config.fields import FIELDS
from tests.contracts.vendor_settings import (
    AUTOPROV,
    HOSTILE,
    ONE_LINE,
    TEXTS,
    UNCOMMON,
    VARIANTS,
    Raw,
    all_keys,
    all_lines,
    with_text,
)
from tests.vendors.making import render, settings_of, vendor, vendors

Read = Mapping[str, tuple[str, ...]]  # what the phone reads: key -> its values in order

MAC = "00:1b:44:11:3a:b7"
OTHER_MAC = "00:1b:44:11:3a:b8"
OF_PROVD = {"http_base_url", "ip", "http_port", "tftp_port", "protocol", "config_version"}


@frozen
class Stands:
    """With these settings, `key` has this value in the device's file."""

    raw: Raw
    key: str
    value: str


class VendorContract(SynchronousTestCase):
    vendor_id: ClassVar[str]
    device_path: ClassVar[str]  # of the file with the accounts, with `{mac}`
    common_paths: ClassVar[tuple[str, ...]]  # served to phones that nobody knows yet
    stands: ClassVar[Mapping[str, tuple[Stands, ...]]]  # every setting that is honoured
    obeys_notify: ClassVar[Mapping[str, str]]  # without these the phone ignores our NOTIFY

    def read(self, body: bytes) -> Read:
        """Read a device's file as the phone does. Raises: AssertionError: the phone could not."""
        raise NotImplementedError

    # --- helpers -------------------------------------------------------------------------------------------

    @property
    def vendor(self) -> IVendor:
        return vendor(self.vendor_id)

    def models(self) -> Iterator[tuple[IVendorPlugin, str, Mapping[str, int]]]:
        """Yield each model of each plugin with its capabilities."""
        for plugin in self.vendor.plugins:
            for key, capabilities in json.loads(plugin.info)["capabilities"].items():
                yield plugin, key.split(", ")[1], capabilities

    def device(self, model: str | None) -> Device:
        return Device("d1", mac=MAC, vendor=self.name, model=model)

    @property
    def name(self) -> str:
        return next(row.gives["vendor"] for row in self.vendor.fingerprints)

    def rule(self, plugin: IVendorPlugin, device: Device | None) -> FileRule:
        path = self.device_path.format(mac=MAC.replace(":", ""))
        rule = plugin.file_for(path, "GET", Facts(), device)
        assert rule, path
        return rule

    def body(self, plugin: IVendorPlugin, model: str | None, raw: Raw) -> bytes:
        device = self.device(model)
        return render(plugin, self.rule(plugin, device), device, settings_of(raw))

    def reads(self, plugin: IVendorPlugin, model: str | None, raw: Raw) -> Read:
        return self.read(self.body(plugin, model, raw))

    def check(self, plugin: IVendorPlugin, model: str, raw: Raw) -> Read:
        body = self.body(plugin, model, raw)
        self.assertEqual(body, self.body(plugin, model, raw), "the same settings gave other bytes")
        return self.read(body)

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
        for other in vendors():
            if other.id != self.vendor_id:
                for row in self.vendor.fingerprints:
                    for text, _ in row.examples:
                        found, _steps = Dispatcher([other]).identify(sighting_of(row, text))
                        self.assertIsNone(found.vendor, (other.id, text))

    def test_each_release_supports_its_models_exactly(self) -> None:
        """What the tables say must be what is chosen."""
        for plugin in self.vendor.plugins:
            for key in json.loads(plugin.info)["capabilities"]:
                _, model, version = key.split(", ")
                facts = Facts(vendor=self.name, model=model, version=version)
                self.assertEqual(plugin.support(facts), 600, key)

    # --- files ---------------------------------------------------------------------------------------------

    def test_a_devices_file_is_secret_and_its_own(self) -> None:
        """No device is ever looked up by the MAC address in a path."""
        for plugin in self.vendor.plugins:
            rule = self.rule(plugin, None)
            self.assertEqual((rule.source, rule.secret, rule.proves_config), ("device", True, True))
            path = self.device_path.format(mac=MAC.replace(":", ""))
            self.assertIsNone(plugin.file_for(path, "GET", Facts(), Device("d2", mac=OTHER_MAC)))

    def test_common_files_hold_no_secret(self) -> None:
        """They are handed to phones that have proved nothing."""
        raw = {**ONE_LINE, "admin_password": "pw-admin", "user_password": "pw-user", "locale": "fr_FR"}
        for plugin in self.vendor.plugins:
            for path in self.common_paths:
                rule = plugin.file_for(path, "GET", Facts(), None)
                assert rule, path
                self.assertEqual((rule.source, rule.secret), ("common", False), path)
                body = render(plugin, rule, None, settings_of(raw))
                self.assertNotIn(b"pw-", body)
                self.assertTrue(body.endswith(b"\n"))

    def test_every_model_renders(self) -> None:
        """Autoprov, one line, all lines, a key on every position that there is and some that are not."""
        for plugin, model, capabilities in self.models():
            for raw in (AUTOPROV, ONE_LINE, all_lines(capabilities), all_keys()):
                self.check(plugin, model, raw)

    def test_variants_render_on_a_model_each(self) -> None:
        """Every model meets some variants, every variant some models; the long test has all pairs."""
        for at, (plugin, model, _) in enumerate(self.models()):
            for number, raw in enumerate(VARIANTS.values()):
                if (at + number) % 8 == 0:
                    self.check(plugin, model, {**ONE_LINE, **raw})

    @pytest.mark.long
    def test_variants_render_on_every_model(self) -> None:
        """All pairs of model and variant."""
        for plugin, model, _ in self.models():
            for raw in VARIANTS.values():
                self.check(plugin, model, {**ONE_LINE, **raw})

    def test_an_unknown_model_renders(self) -> None:
        """A phone that is newer than the tables, or was never asked for its model, gets its lines all the same."""
        for plugin in self.vendor.plugins:
            for model in (None, "Z99"):
                for raw in (AUTOPROV, {**all_keys(), **ONE_LINE}):
                    self.reads(plugin, model, raw)

    def test_every_honoured_setting_stands_where_it_should(self) -> None:
        """What a plugin says that it honours, its phones must really be told; and only that."""
        honoured = {name for plugin in self.vendor.plugins for name in plugin.honours - OF_PROVD}
        self.assertEqual(honoured, set(self.stands))
        for plugin in self.vendor.plugins:
            for name in plugin.honours - OF_PROVD:
                for place in self.stands[name]:
                    read = self.reads(plugin, self.richest(plugin), {**ONE_LINE, **place.raw})
                    self.assertIn(place.value, read.get(place.key, ()), f"{plugin.id}: {name}: {place.key}")

    def test_other_settings_change_nothing(self) -> None:
        """What a plugin does not say that it honours must not be in its files, or the table lies."""
        for plugin in self.vendor.plugins:
            self.assertEqual(FIELDS.keys() - plugin.honours - UNCOMMON.keys(), set(), "nobody tests these")
            plain = self.body(plugin, self.richest(plugin), ONE_LINE)
            for name, value in UNCOMMON.items():
                if name not in plugin.honours:
                    body = self.body(plugin, self.richest(plugin), {**ONE_LINE, name: value})
                    self.assertEqual(body, plain, name)

    def richest(self, plugin: IVendorPlugin) -> str:
        """Return the model with the most of everything."""
        capabilities = json.loads(plugin.info)["capabilities"]
        key = max(
            capabilities, key=lambda of: (capabilities[of]["expansion_modules"], capabilities[of]["lines"])
        )
        return str(key.split(", ")[1])

    def test_the_phone_obeys_our_notify(self) -> None:
        """A waiting phone that ignores NOTIFY stays a waiting phone; so does one that has its user already."""
        for plugin, model, _ in self.models():
            for raw in (AUTOPROV, ONE_LINE):
                read = self.reads(plugin, model, raw)
                for key, value in self.obeys_notify.items():
                    self.assertEqual(read.get(key), (value,), key)
        for plugin in self.vendor.plugins:
            self.assertIsNotNone(plugin.resync(self.device(None), settings_of(ONE_LINE)))

    def test_hostile_texts_are_literal_or_refused(self) -> None:
        """A text may be refused; it may not change anything else in the file, nor become another text."""
        for plugin in self.vendor.plugins:
            for name in TEXTS:
                before = self.reads(plugin, self.richest(plugin), with_text(name, "PLACEHOLDER"))
                for text in HOSTILE:
                    with self.subTest(setting=name, text=text):
                        self.compare(plugin, name, text, before)

    def compare(self, plugin: IVendorPlugin, name: str, text: str, before: Read) -> None:
        try:
            after = self.reads(plugin, self.richest(plugin), with_text(name, text))
        except Unfit as refused:
            self.assertEqual(refused.setting, name)
            self.assertNotIn(text, str(refused))
            return
        self.assertIn(after, [replaced(before, text), replaced(before, quote(text, safe=""))])

    def test_every_text_is_in_the_file(self) -> None:
        """Otherwise the test above would compare a file with itself."""
        for plugin in self.vendor.plugins:
            for name in TEXTS:
                read = self.reads(plugin, self.richest(plugin), with_text(name, "PLACEHOLDER"))
                self.assertTrue(
                    any("PLACEHOLDER" in value for values in read.values() for value in values), name
                )


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
