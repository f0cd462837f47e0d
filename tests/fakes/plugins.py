"""Plugins in memory, and a plugin server and a way to tell phones that do what a test says."""

from collections.abc import Callable, Mapping

from twisted.internet.defer import Deferred, succeed
from zope.interface import implementer

from provserver.core.surroundings import Vendors, compiled
from provserver.interfaces import ICatalogue, IPlugins, IResync, IStore, IVendor, IVendorPlugin, Told
from provserver.model import Call, Committed, Device, Notify, Uninstalled
from provserver.vendors.installed import without


@implementer(IPlugins)
class MemoryPlugins:
    """Those of these vendors; `broken` is what a reload finds."""

    def __init__(self, vendors: tuple[IVendor, ...], store: IStore, use: Callable[[Vendors], None]) -> None:
        self._store = store
        self._use = use
        self.broken: dict[str, str] = {}
        self.reloads = 0
        self.take(vendors)
        store.watch(store.seq, self._committed)

    def take(self, vendors: tuple[IVendor, ...]) -> None:
        self._vendors = vendors
        self._choose()

    def here(self) -> Mapping[str, IVendorPlugin]:
        return compiled(self._vendors).plugins

    def serving(self) -> Mapping[str, IVendorPlugin]:
        return self._serving.plugins

    def canonical(self, plugin_id: str) -> str:
        return compiled(self._vendors).canonical(plugin_id)

    def reload(self) -> Deferred[Mapping[str, str]]:
        self.reloads += 1
        return succeed(self.broken)

    def _committed(self, committed: Committed) -> None:
        self._choose()

    def _choose(self) -> None:
        out = {document.id for document in self._store.find(Uninstalled, "all", "")}
        self._serving = compiled(tuple(without(vendor, out) for vendor in self._vendors))
        self._use(self._serving)


@implementer(ICatalogue)
class FakeCatalogue:
    """Keeps what was asked; the test lets it go on."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Callable[[int], None], Deferred[None]]] = []

    def fetch(self, server: str, tell: Callable[[int], None]) -> Deferred[None]:
        fetching: Deferred[None] = Deferred()
        self.asked.append((server, tell, fetching))
        return fetching


@implementer(IResync)
class FakeResync:
    """Keeps whom it told; the test lets it go on."""

    def __init__(self) -> None:
        self.told: list[tuple[str, Notify | Call, Deferred[Told]]] = []

    def tell(self, device: Device, how: Notify | Call, contact: str = "") -> Deferred[Told]:
        telling: Deferred[Told] = Deferred()
        self.told.append((device.id, how, telling))
        return telling
