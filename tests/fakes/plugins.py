"""Plugins in memory, and a plugin server and a way to tell phones that do what a test says."""

from collections.abc import Callable, Mapping

from attrs import frozen
from twisted.internet.defer import Deferred, succeed
from zope.interface import implementer

from provserver.core.surroundings import Vendors, compiled
from provserver.interfaces import ICatalogue, IPlugins, IStore, IVendor, IVendorPlugin, Told
from provserver.model import Committed, Uninstalled
from provserver.pbx.interfaces import IResyncs
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


@implementer(IResyncs)
class FakeResyncs:
    """Keeps whom it is to tell; the test lets it go on."""

    def __init__(self) -> None:
        self.begun: list[Begun] = []
        self.ended: list[str] = []
        self.watchers: list[Callable[[str, str], None]] = []

    def begin(
        self,
        device_id: str,
        contact: str = "",
        call: str = "",
        tell: Callable[[Told], object] | None = None,
    ) -> Deferred[None]:
        begun = Begun(device_id, contact, call, tell or (lambda _: None), Deferred())
        self.begun.append(begun)
        return begun.done

    def hung_up(self, call: str) -> None:
        self.ended.append(call)

    def tally(self) -> Mapping[str, int]:
        return {"waiting": len(self.begun)}

    def watch(self, tell: Callable[[str, str], None]) -> None:
        self.watchers.append(tell)

    def end(self, device_id: str, reason_id: str = "") -> None:
        for tell in self.watchers:
            tell(device_id, reason_id)


@frozen
class Begun:
    device: str
    contact: str
    call: str
    tell: Callable[[Told], object]
    done: Deferred[None]
