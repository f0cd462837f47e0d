"""Firmware: phones keep what they have, unless the administrator lets those of their plugin be upgraded."""

from collections import OrderedDict

from attrs import evolve

from provserver.interfaces import IFiles, IVendorPlugin
from provserver.model import Settings
from provserver.vendors.table import FIRMWARE

_REMEMBERED = 2000  # settings; what was rendered is found again by the same object


class Firmware:
    def __init__(self, files: IFiles, upgrades: frozenset[str]) -> None:
        """`upgrades`: the ids of the plugins whose phones may be given other firmware."""
        self._files = files
        self._upgrades = upgrades
        self._told: OrderedDict[int, tuple[Settings, tuple[str, ...], Settings]] = OrderedDict()

    def may_upgrade(self, plugin: IVendorPlugin) -> bool:
        return plugin.id in self._upgrades

    def tell(self, plugin: IVendorPlugin, settings: Settings) -> Settings:
        """Add to the settings which of the plugin's images are here, where its phones may have them."""
        if not self.may_upgrade(plugin):
            return settings
        here = tuple(path for path in sorted(plugin.images) if self._files.file(plugin.id, path))
        if not here:
            return settings
        known = self._told.get(id(settings))  # of a living object, since it is kept in there
        if known is None or known[1] != here:
            told = evolve(settings, values={**settings.values, FIRMWARE: here})
            known = self._told[id(settings)] = (settings, here, told)
            if len(self._told) > _REMEMBERED:
                self._told.popitem(last=False)
        return known[2]
