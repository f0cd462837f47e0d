"""Surroundings: what the chain looks at besides the sighting."""

import re
from collections.abc import Callable

from attrs import frozen

from provserver.address import Networks
from provserver.core.identify import Dispatcher
from provserver.core.limits import Admission
from provserver.core.reading import parameter
from provserver.core.render import Renderer
from provserver.core.resolve import Resolver
from provserver.interfaces import IFiles, IStore, IVendor, IVendorPlugin
from provserver.model import Protocol


@frozen
class Vendors:
    """The vendors that are loaded, compiled for use; replaced as a whole when they are loaded again."""

    vendors: tuple[IVendor, ...]
    plugins: dict[str, IVendorPlugin]
    dispatcher: Dispatcher
    aliases: dict[str, str]

    def named(self, plugin_id: str | None) -> IVendorPlugin | None:
        """Return the plugin that a device names, by its id or by one that other servers gave it."""
        return self.plugins.get(self.canonical(plugin_id)) if plugin_id else None

    def canonical(self, plugin_id: str) -> str:
        """Return the id of the plugin that is meant; what is no alias of any plugin here stays."""
        if plugin_id in self.plugins:
            return plugin_id
        bare = _REFERENCE.sub("", plugin_id)
        own = self.aliases.get(plugin_id) or self.aliases.get(bare, bare)
        return own if own in self.plugins else plugin_id


_REFERENCE = re.compile("^(?:wazo|xivo)-")  # wazo-provd's plugins are named as ours, but for this


def other_names(plugin: IVendorPlugin) -> tuple[str, ...]:
    """Return all ids that mean this plugin, but for its own."""
    names = (plugin.id, *sorted(plugin.aliases))
    return (*names[1:], *(f"{maker}-{name}" for maker in ("wazo", "xivo") for name in names))


def compiled(vendors: tuple[IVendor, ...]) -> Vendors:
    plugins = {plugin.id: plugin for vendor in vendors for plugin in vendor.plugins}
    aliases = {alias: plugin.id for plugin in plugins.values() for alias in plugin.aliases}
    return Vendors(vendors, plugins, Dispatcher(vendors), aliases)


@frozen
class Surroundings:
    """What the chain looks at besides the sighting."""

    store: IStore
    files: IFiles
    renderer: Renderer
    resolver: Resolver
    allowed: Networks
    is_nat: Callable[[str, float], bool]
    admission: Admission
    advertised_url: str | None
    http_port: int

    def behind_nat(self, ip: str, at: float) -> bool:
        """Say whether others may have the address too: this one is a NAT's, or the administrator says all are."""
        return parameter(self.store, "NAT") == "1" or self.is_nat(ip, at)

    uploads_by: frozenset[Protocol] = frozenset()  # protocols whose shell can take what a phone writes
