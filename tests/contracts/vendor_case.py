"""What the contract test of a vendor is told, and how it makes and reads files."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import ClassVar

from attrs import frozen
from twisted.trial.unittest import SynchronousTestCase

from provserver.interfaces import IVendor, IVendorPlugin
from provserver.model import Device, Facts, FileRule
from tests.contracts.vendor_settings import Raw
from tests.vendors.making import render, settings_of, vendor

Read = Mapping[str, tuple[str, ...]]  # what the phone reads: key -> its values in order
Capabilities = Mapping[str, int]

MAC = "00:1b:44:11:3a:b7"
OTHER_MAC = "00:1b:44:11:3a:b8"
OF_PROVD = {"http_base_url", "ip", "http_port", "tftp_port", "protocol", "config_version"}


@frozen
class Stands:
    """With these settings, `key` has this value in a file of the device."""

    raw: Raw
    key: str
    value: str
    model: str | None = None  # where the richest does not have it


class VendorCase(SynchronousTestCase):
    vendor_id: ClassVar[str]
    device_path: ClassVar[str]  # of the file with the accounts, with `{mac}`, `{MAC}`, `{model}`
    # Further files of one device, and how the phone reads them; what is secret in them counts as in the first.
    other_paths: ClassVar[Mapping[str, Callable[[bytes], Read]]] = {}
    common_paths: ClassVar[tuple[str, ...]]  # served to phones that nobody knows yet
    stands: ClassVar[Mapping[str, tuple[Stands, ...]]]  # every setting that is honoured
    # Without these the phone ignores our NOTIFY; None: it knows none.
    obeys_notify: ClassVar[Mapping[str, str] | None]
    # Where a SIP domain stands that is not the server's name, and its server (DOMAIN); for all that honour it.
    at_domain: ClassVar[Mapping[str, str]] = {}
    firmware_paths: ClassVar[tuple[str, ...]] = ()  # of the files that tell of firmware; (): device_path
    # Texts of lines and keys that its files have no place for: `funckeys.2.label`.
    no_place: ClassVar[frozenset[str]] = frozenset()

    def read(self, body: bytes) -> Read:
        """Read the file with the accounts as the phone does. Raises: AssertionError: the phone could not."""
        raise NotImplementedError

    def names_image(self, plugin: IVendorPlugin, image: str) -> str:
        """Return how a file names an image."""
        return image.rpartition("/")[2]

    # Where the generations of a vendor differ:

    def stands_in(self, plugin: IVendorPlugin) -> Mapping[str, tuple[Stands, ...]]:
        return {name: places for name, places in self.stands.items() if name in plugin.honours}

    def obeys_notify_in(self, plugin: IVendorPlugin, model: str) -> Mapping[str, str] | None:
        return self.obeys_notify

    def at_domain_in(self, plugin: IVendorPlugin, model: str) -> Mapping[str, str]:
        return self.at_domain

    def usual(self, plugin: IVendorPlugin) -> str:
        """Return the model with which single settings and texts are tried."""
        return self.richest(plugin)

    # --- helpers -------------------------------------------------------------------------------------------

    @property
    def vendor(self) -> IVendor:
        return vendor(self.vendor_id)

    @property
    def name(self) -> str:
        return next(row.gives["vendor"] for row in self.vendor.fingerprints)

    def models(self) -> Iterator[tuple[IVendorPlugin, str, Capabilities]]:
        """Yield each model of each plugin with its capabilities."""
        for plugin in self.vendor.plugins:
            for key, capabilities in json.loads(plugin.info)["capabilities"].items():
                yield plugin, key.split(", ")[1], capabilities

    def richest(self, plugin: IVendorPlugin) -> str:
        """Return the model with the most of everything."""
        capabilities = json.loads(plugin.info)["capabilities"]
        key = max(capabilities, key=lambda of: _size(capabilities[of]))
        return str(key.split(", ")[1])

    def device(self, model: str | None) -> Device:
        return Device("d1", mac=MAC, vendor=self.name, model=model)

    def path(self, path: str, model: str | None) -> str:
        digits = MAC.replace(":", "")
        return path.format(mac=digits, MAC=digits.upper(), model=model or "")

    def rule(self, plugin: IVendorPlugin, device: Device | None, path: str = "") -> FileRule:
        model = device.model if device else self.richest(plugin)
        path = self.path(path or self.device_path, model)
        rule = plugin.file_for(path, "GET", Facts(), device)
        assert rule, path
        return rule

    def body(self, plugin: IVendorPlugin, model: str | None, raw: Raw, path: str = "") -> bytes:
        device = self.device(model)
        return render(plugin, self.rule(plugin, device, path), device, settings_of(raw))

    def bodies(self, plugin: IVendorPlugin, model: str | None, raw: Raw) -> Mapping[str, bytes]:
        return {path: self.body(plugin, model, raw, path) for path in (self.device_path, *self.other_paths)}

    def reads(self, plugin: IVendorPlugin, model: str | None, raw: Raw) -> Read:
        """Return what the phone reads in all files of its own."""
        return self._read_all(self.bodies(plugin, model, raw))

    def check(self, plugin: IVendorPlugin, model: str, raw: Raw) -> Read:
        bodies = self.bodies(plugin, model, raw)
        self.assertEqual(bodies, self.bodies(plugin, model, raw), "the same settings gave other bytes")
        return self._read_all(bodies)

    def _read_all(self, bodies: Mapping[str, bytes]) -> Read:
        found: dict[str, tuple[str, ...]] = {}
        for path, body in bodies.items():
            read = self.other_paths.get(path, self.read)
            for key, values in read(body).items():
                found[key] = (*found.get(key, ()), *values)
        return found


def _size(capabilities: Capabilities) -> tuple[int, int, int]:
    return capabilities["expansion_modules"], capabilities["lines"], capabilities["function_keys"]
