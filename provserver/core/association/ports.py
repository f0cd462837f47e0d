"""Ports: how many lines a device can carry, and whose, as its plugin says."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import msgspec
from attrs import frozen

from provserver.interfaces import IVendorPlugin
from provserver.model import Device, Json

_SHARED = ("gateway", "ata", "dect")  # kinds of devices whose ports or handsets are for different people
_MOST = 1_000  # positions of a device whose model nobody knows: the largest DECT base has as many handsets


@frozen
class Ports:
    most: int
    shared: bool = False  # its lines may be of several tenants
    sip: bool = True

    def first_free(self, taken: Mapping[int, object]) -> int | None:
        return next((at for at in range(1, self.most + 1) if at not in taken), None)


UNKNOWN = Ports(_MOST)


def ports_of(plugin: IVendorPlugin | None, device: Device) -> Ports:
    """Return what the plugin says of the device's model; of a model that it does not know, no limit is known."""
    model = (device.model or "").upper()
    return _by_model(plugin.info).get(model, UNKNOWN) if plugin else UNKNOWN


@lru_cache(maxsize=256)
def _by_model(info: Json) -> Mapping[str, Ports]:
    """Read the capabilities, whose keys are `vendor, model, version`; a plugin has one vendor."""
    capabilities: Mapping[str, Mapping[str, Any]] = msgspec.json.decode(info).get("capabilities", {})
    return {
        model.upper(): Ports(
            row.get("lines") or _MOST, row.get("type") in _SHARED, row.get("protocol", "sip") == "sip"
        )
        for name, row in capabilities.items()
        for model in name.split(", ")[1:2]
    }
