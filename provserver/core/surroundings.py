"""Surroundings: what the chain looks at besides the sighting."""

import re
from collections.abc import Callable

from attrs import field, frozen

from provserver.address import Networks
from provserver.core.access.digests import Digests
from provserver.core.access.policy import DEFAULT, Policy
from provserver.core.firmware import Firmware
from provserver.core.fitness import Fitness
from provserver.core.identify import Dispatcher
from provserver.core.last_good import LastGood
from provserver.core.limits import Admission
from provserver.core.reading import parameter
from provserver.core.render import Renderer
from provserver.core.resolve import Resolver
from provserver.core.sources import Sources
from provserver.core.waiting import Waiting
from provserver.interfaces import IFiles, IStore, IVendor, IVendorPlugin
from provserver.model import Json, Protocol


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
    fitness: Fitness
    firmware: Firmware
    resolver: Resolver
    waiting: Waiting
    allowed: Networks
    is_nat: Callable[[str, float], bool]
    admission: Admission
    advertised_url: str | None
    http_port: int  # where phones are sent that did not ask by HTTP
    http_scheme: str = "http"  # of that port
    uploads_by: frozenset[Protocol] = frozenset()  # protocols whose shell can take what a phone writes
    last_good: LastGood = field(factory=lambda: LastGood(0))
    sources: Sources = field(factory=Sources)
    policy: Policy = DEFAULT  # of tenants that have none, nor any above them
    pairing_s: int = 3_600  # how long a phone may fetch its token after it was made
    new_passwords: Callable[[], Json] | None = None  # random, in words of a raw config; None: phones get none
    digests: Digests | None = None  # None: no phone is asked for a password

    def behind_nat(self, ip: str, at: float) -> bool:
        """Say whether others may have the address too: this one is a NAT's, or the administrator says all are."""
        return parameter(self.store, "NAT") == "1" or self.is_nat(ip, at)
