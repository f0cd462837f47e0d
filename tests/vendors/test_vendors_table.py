"""Vendors made of tables: what follows from the rows."""

import json
from collections.abc import Callable, Mapping
from datetime import date

from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from provserver.interfaces import IVendor, IVendorPlugin
from provserver.model import Call, Device, Facts, FileRule, Notify, Settings
from provserver.vendors.table import Draft, Model, Module, Release, Served, Vendor, each, names

PHONE = Device("d", mac="00:1b:44:11:3a:b7", vendor="Acme", model="a60")
NOTHING_SET = Settings("http://192.0.2.1", {}, {}, {})
DRAFTS: list[Draft] = []


def record(draft: Draft) -> Mapping[str, object]:
    DRAFTS.append(draft)
    return {}


def acme(resync: Notify | Callable[[Device, Settings], Call] | None = None) -> Vendor:
    models = each({"A20": Model(lines=2, keys=4), "A60 A61": Model(lines=16, keys=40, module=Module(20, 3))})
    firmware = {"A20": "9.2.1", "A60": "7.2.1"}
    return Vendor(
        id="acme",
        name="Acme",
        version="1.0",
        folder="/vendors/acme",
        fingerprints=(),
        models=models,
        releases=(
            Release("acme-1", "*.1", firmware, names("locale")),
            Release("acme-2", "*.2", firmware, names("locale sip_backup_proxy_ip")),
            Release("acme-3", "*.3", {**firmware, "A61": "7.3.0"}, names("locale")),
        ),
        files=(
            Served(r"cfg(?P<mac>[0-9a-f]{12})\.xml", FileRule("device", "cfg{mac}.xml", "device.tpl")),
            Served(r"(?P<path>firmware/.+)", FileRule("firmware", "{path}", "{path}", secret=False)),
            Served(r"log/.+", FileRule("upload", "log"), method="PUT"),
        ),
        values=record,
        resync=resync,
    )


class VendorTests(SynchronousTestCase):
    def test_it_provides_the_interfaces(self) -> None:
        """The chain knows vendors by their interfaces alone."""
        vendor = acme()
        verifyObject(IVendor, vendor)
        self.assertEqual(vendor.templates, "/vendors/acme/templates")
        for plugin in vendor.plugins:
            verifyObject(IVendorPlugin, plugin)
        self.assertEqual([plugin.id for plugin in vendor.plugins], ["acme-1", "acme-2", "acme-3"])
        self.assertEqual(len({plugin.root for plugin in vendor.plugins}), 3)

    def test_capabilities_come_from_the_tables(self) -> None:
        """In the reference they are a second table, and differ from what is generated."""
        info = json.loads(acme().plugins[1].info)
        self.assertEqual(info["version"], "1.0")
        self.assertEqual(set(info["capabilities"]), {"Acme, A20, 9.2.1", "Acme, A60, 7.2.1"})
        self.assertEqual(
            info["capabilities"]["Acme, A60, 7.2.1"],
            {
                "lines": 16,
                "high_availability": True,
                "function_keys": 40,
                "expansion_modules": 3,
                "switchboard": False,
                "protocol": "sip",
                "type": "deskphone",
            },
        )
        older = json.loads(acme().plugins[0].info)
        self.assertFalse(older["capabilities"]["Acme, A60, 7.2.1"]["high_availability"])

    def test_a_phone_cannot_ignore_what_is_addressed_to_provd(self) -> None:
        """Nobody wants to read on every device that the phone ignores `tftp_port`."""
        for plugin in acme().plugins:
            self.assertLessEqual({"locale", "http_base_url", "tftp_port"}, plugin.honours)


class SupportTests(SynchronousTestCase):
    def scores(
        self, vendor: str | None = None, model: str | None = None, version: str | None = None
    ) -> list[int]:
        facts = Facts(vendor=vendor, model=model, version=version)
        return [plugin.support(facts) for plugin in acme().plugins]

    def test_an_exact_release_scores_600(self) -> None:
        """The first number of a version is the hardware's and counts for nothing; build numbers follow."""
        for version in ("7.2.1", "7.2", "99.2.0.15", "7.2-beta"):
            self.assertEqual(self.scores(vendor="Acme", model="A60", version=version)[1], 600, version)
        self.assertEqual(self.scores(vendor="ACME", model="a60", version="7.2.1")[1], 600)

    def test_a_known_model_scores_500_and_the_closest_release_wins(self) -> None:
        """Firmware older or newer than all releases is served by the oldest or the newest."""
        self.assertEqual(self.scores(vendor="Acme", model="A60"), [500, 500, 500])
        for version, order in (
            ("7.0.4", [0, 1, 2]),
            ("7.9.1", [2, 1, 0]),
            ("nonsense", [0, 1, 2]),
            ("7." + "9" * 5000, [0, 1, 2]),
        ):
            scores = self.scores(vendor="Acme", model="A60", version=version)
            self.assertEqual(sorted(range(3), key=scores.__getitem__, reverse=True), order, version)
            self.assertTrue(all(500 <= score < 600 for score in scores), version)
        self.assertEqual(self.scores(vendor="Acme", model="A60", version="7.60.1"), [540, 541, 542])
        self.assertEqual(self.scores(vendor="Acme", model="A60", version="7.110.1"), [500, 500, 500])

    def test_a_vendor_alone_scores_300(self) -> None:
        """A model that is newer than the tables is served like its vendor's others, closest release first."""
        self.assertEqual(self.scores(vendor="Acme"), [300, 300, 300])
        scores = self.scores(vendor="Acme", model="Z1", version="1.2.0")
        self.assertEqual(max(scores), scores[1])
        self.assertTrue(all(300 <= score < 400 for score in scores))
        self.assertGreater(self.scores(vendor="Acme", model="A61")[2], 400)  # that release knows it
        self.assertLess(self.scores(vendor="Acme", model="A61")[0], 400)

    def test_another_vendor_scores_nothing(self) -> None:
        """A phone must not get another vendor's files because of a model's name."""
        self.assertEqual(self.scores(vendor="Snom", model="A60"), [0, 0, 0])
        self.assertEqual(self.scores(), [0, 0, 0])


class FileTests(SynchronousTestCase):
    plugin = acme().plugins[0]

    def found(self, path: str, device: Device | None, method: str = "GET") -> FileRule | None:
        return self.plugin.file_for(path, method, Facts(), device)

    def test_a_mac_in_the_path_is_the_devices_in_any_case(self) -> None:
        """Its name as served is one, whatever the phone wrote, so that overrides and caches have one key."""
        for path in ("cfg001b44113ab7.xml", "CFG001B44113AB7.XML"):
            rule = self.found(path, PHONE)
            self.assertEqual(rule, FileRule("device", "cfg001b44113ab7.xml", "device.tpl"))
        self.assertIsNone(self.found("cfg001b44113ab8.xml", PHONE))
        self.assertIsNone(self.found("cfg001b44113ab7.xml", Device("soft")))

    def test_a_file_of_nobody_yet_is_still_a_devices(self) -> None:
        """Who is refused a file must be told what it was."""
        rule = self.found("cfg001b44113ab8.xml", None)
        assert rule
        self.assertEqual((rule.source, rule.secret), ("device", True))

    def test_static_paths_stand_as_they_are(self) -> None:
        """Firmware has names with parentheses, commas and braces."""
        for path in ("firmware/T46S(T48S,T42S)-66.86.0.15.rom", "firmware/{x}.rom"):
            rule = self.found(path, None)
            assert rule
            self.assertEqual((rule.name, rule.template), (path, path))

    def test_other_paths_and_methods_are_not_its_own(self) -> None:
        """What no row names is a 404."""
        for path in ("", "cfg001b44113ab7.xml.bak", "x/cfg001b44113ab7.xml", "firmware/", "cfg{mac}.xml"):
            self.assertIsNone(self.found(path, PHONE), path)
        self.assertIsNone(self.found("cfg001b44113ab7.xml", PHONE, "PUT"))
        self.assertIsNotNone(self.found("log/a", PHONE, "PUT"))
        self.assertIsNone(self.found("log/a", PHONE))


class DraftTests(SynchronousTestCase):
    def test_values_are_asked_for_with_the_row_of_the_model(self) -> None:
        """A device may be written by hand, in lower case, without a model, or with one that nobody knows."""
        vendor = acme()
        rule = FileRule("device", "x")
        for device, model in (
            (PHONE, vendor.models["A60"]),
            (Device("d", model="A99"), None),
            (Device("d"), None),
            (None, None),
        ):
            vendor.plugins[0].values(rule, device, NOTHING_SET, date(2026, 6, 1))
            draft = DRAFTS.pop()
            self.assertEqual((draft.model, draft.device, draft.rule), (model, device, rule))
            self.assertEqual(draft.release.plugin, "acme-1")

    def test_resync_is_a_constant_or_a_function(self) -> None:
        """Most vendors have one NOTIFY for all phones; some have a page to post to; some have nothing."""
        notify = Notify("check-sync")
        call = Call("http://192.0.2.7/reboot")
        self.assertEqual(acme(notify).plugins[0].resync(PHONE, NOTHING_SET), notify)
        self.assertEqual(acme(lambda _device, _settings: call).plugins[0].resync(PHONE, NOTHING_SET), call)
        self.assertIsNone(acme(None).plugins[0].resync(PHONE, NOTHING_SET))
