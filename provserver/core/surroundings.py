"""Surroundings: what the chain looks at besides the sighting."""

from collections.abc import Callable

from attrs import frozen

from provserver.address import Networks
from provserver.core.identify import Dispatcher
from provserver.core.limits import Admission
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


def compiled(vendors: tuple[IVendor, ...]) -> Vendors:
    plugins = {plugin.id: plugin for vendor in vendors for plugin in vendor.plugins}
    return Vendors(vendors, plugins, Dispatcher(vendors))


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
    uploads_by: frozenset[Protocol] = frozenset()  # protocols whose shell can take what a phone writes
