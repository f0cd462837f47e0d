"""Vendors whose folders share a brand, and what else of a table Cisco's phones were the first to need."""

import json

from twisted.trial.unittest import SynchronousTestCase

from provserver.core.support import best
from provserver.model import Device, Facts, FileRule
from provserver.vendors.table import Model, Release, Served, Vendor, names


def folder(
    vendor_id: str, model: str, generation: str, family: str, protocol: str = "sip", honours: str = "locale"
) -> Vendor:
    return Vendor(
        id=vendor_id,
        name="Acme",
        version="1.0",
        folder=f"/vendors/{vendor_id}",
        fingerprints=(),
        models={model: Model(lines=2)},
        releases=(Release(f"{vendor_id}-1", generation, {model: "1.0.3"}, names(honours)),),
        files=(Served(r"SEP(?P<mac>[0-9a-f]{12})\.xml", FileRule("device", "SEP{MAC}.xml", "{mac}.tpl")),),
        values=lambda _draft: {},
        resync=None,
        family=family,
        protocol=protocol,
    )


DESK = folder("acme-desk", "D10", "1.0", r"D\d+")
ROOM = folder("acme-room", "R10", "1.0 3.1 *.7", r"(?:R\d+)?", "sccp", "sccp_call_managers")


class FamilyTests(SynchronousTestCase):
    def chosen(self, model: str | None, version: str | None = None) -> tuple[str, int] | None:
        support = best((DESK, ROOM), Facts(vendor="Acme", model=model, version=version))
        return (support.plugin.id, support.score) if support else None

    def test_a_folder_serves_its_own_family_alone(self) -> None:
        """One brand has phones that have nothing in common: a neighbour's files would break them."""
        for model, expected in (
            ("D10", ("acme-desk-1", 500)),
            ("d10", ("acme-desk-1", 500)),
            ("D99", ("acme-desk-1", 300)),
            ("R10", ("acme-room-1", 500)),
            ("R99", ("acme-room-1", 300)),
            ("XD10", None),
            ("D10X", None),
            (None, ("acme-room-1", 300)),
            ("", ("acme-room-1", 300)),
        ):
            self.assertEqual(self.chosen(model), expected, model)

    def test_a_release_may_have_several_generations(self) -> None:
        """Old models of different age end with firmware of different numbers; the nearest counts."""
        for version, score in (
            ("1.0.9", 600),
            ("3.1", 600),
            ("88.7.1", 600),
            ("3.3", 597),
            ("1.5", 597),
        ):
            self.assertEqual(self.chosen("R10", version), ("acme-room-1", score), version)

    def test_capabilities_say_the_protocol(self) -> None:
        """Clients make another kind of line for SCCP; there a second call manager is what takes over."""
        for vendor, protocol, takes_over in ((DESK, "sip", False), (ROOM, "sccp", True)):
            (capabilities,) = json.loads(vendor.plugins[0].info)["capabilities"].values()
            self.assertEqual(capabilities["protocol"], protocol)
            self.assertIs(capabilities["high_availability"], takes_over)


class CapitalsTests(SynchronousTestCase):
    def test_a_name_may_have_the_mac_in_capitals(self) -> None:
        """As the phone writes it, whatever a client asked with: overrides and caches have one key."""
        phone = Device("d", mac="00:1b:44:11:3a:b7")
        for path in ("SEP001B44113AB7.xml", "sep001b44113ab7.XML"):
            rule = DESK.plugins[0].file_for(path, "GET", Facts(), phone)
            self.assertEqual(rule, FileRule("device", "SEP001B44113AB7.xml", "001b44113ab7.tpl"))
