"""Snom keeps the contract of all vendors: its desk phones, and its bases."""

import re
from collections.abc import Mapping
from functools import cache
from typing import ClassVar

from attrs import evolve

from provserver.interfaces import IVendor, IVendorPlugin
from provserver.vendors.table import Vendor
from tests.contracts import vendor as contract
from tests.contracts.vendor import Read, Stands
from tests.plugins.snom.reading import read_settings
from tests.plugins.snom.stands import DESK
from tests.plugins.snom.stands_of_bases import BASE


class SnomDeskContractTests(contract.VendorContract):
    vendor_id = "snom"
    device_path = "{MAC}.xml"
    common_paths = (
        *("snomD785.htm", "snomD785.xml", "snomD785-firmware.xml", "snom715.htm", "snomZ99.htm"),
        *("snomD785-001B44113AB7.htm", "snom-general.xml", "gui_lang.xml", "web_lang.xml"),
    )
    firmware_paths = ("snom{model}-firmware.xml",)
    obeys_notify: ClassVar[dict[str, str]] = {"filter_registrar": "off", "challenge_response": "off"}
    at_domain: ClassVar[dict[str, str]] = {
        "user_host[1]": "example.com",
        "user_outbound[1]": "192.0.2.13;transport=udp",
    }
    stands: ClassVar[Mapping[str, tuple[Stands, ...]]] = DESK

    @property
    def vendor(self) -> IVendor:
        return only(super().vendor, bases=False)

    def read(self, body: bytes) -> Read:
        return read_settings(body)


class SnomBaseContractTests(contract.VendorContract):
    vendor_id = "snom"
    device_path = "{MAC}.xml"
    common_paths = (
        *("snomM900.htm", "snomM900.xml", "snomM900-firmware.xml", "snomM900-firmware.htm"),
        *("snomM900-001B44113AB7.htm", "snom-general.xml"),
    )
    firmware_paths = ("snom{model}-firmware.xml",)
    obeys_notify: ClassVar[dict[str, str]] = {
        "user_active[1]": "on"
    }  # no setting is known that would be needed
    at_domain: ClassVar[dict[str, str]] = {
        "user_host[1]": "example.com",
        "user_outbound[1]": "192.0.2.13",
    }
    stands: ClassVar[Mapping[str, tuple[Stands, ...]]] = BASE

    @property
    def vendor(self) -> IVendor:
        return only(super().vendor, bases=True)

    def stands_in(self, plugin: IVendorPlugin) -> Mapping[str, tuple[Stands, ...]]:
        """An M300 is there with 5.20 alone."""
        everywhere = super().stands_in(plugin)
        return {
            name: tuple(place for place in places if place.model is None or plugin.id == "snom-05.20.0001")
            for name, places in everywhere.items()
        }

    def names_image(self, plugin: IVendorPlugin, image: str) -> str:
        """A base makes the names itself, of numbers that it is told: its own, and those of each kind of handset."""
        kind, numbers = image.split("/")[0], re.findall(r"_[vb]0*(\d+)", image)
        is_base = any(kind == model for of, model, _ in self.models() if of is plugin)
        start = "<fp_fwu_branch_version>" if is_base else f'<pp_fwu_branch_version type="{kind}">'
        return f"{start}{numbers[-1]}<"

    def read(self, body: bytes) -> Read:
        return read_settings(body)


@cache
def only(whole: IVendor, bases: bool) -> IVendor:
    """Return the vendor with its bases, or with its desk phones, alone."""
    assert isinstance(whole, Vendor)
    releases = (release for release in whole.releases if release.plugin.startswith("snom-0") == bases)
    return evolve(whole, releases=tuple(releases))
