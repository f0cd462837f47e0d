"""The plugins that are here, and which of them serve: all but those that the store says are uninstalled."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from attrs import frozen
from twisted.internet.defer import Deferred, DeferredLock
from twisted.logger import Logger
from zope.interface import implementer

from provserver.core.surroundings import Vendors, compiled
from provserver.interfaces import IPlugins, IStore, IVendor, IVendorPlugin
from provserver.model import Committed, Fingerprint, Put, Uninstalled
from provserver.vendors.loader import Loaded, load

InThread = Callable[..., Deferred[Any]]


@implementer(IVendor)
@frozen
class _Part:
    """A vendor with the plugins that serve. It still says what phones are: their devices keep their plugin."""

    id: str
    templates: str
    fingerprints: tuple[Fingerprint, ...]
    plugins: tuple[IVendorPlugin, ...]


@implementer(IPlugins)
class LocalPlugins:
    """Those of this node's vendor folders."""

    _log = Logger()

    def __init__(
        self,
        folders: Sequence[Path],
        store: IStore,
        in_thread: InThread,
        refresh_files: Callable[[Loaded], None],
    ) -> None:
        """`refresh_files` blocks, and looks for the files of the vendors; it is never called twice at a time."""
        self._folders = folders
        self._store = store
        self._in_thread = in_thread
        self._refresh_files = refresh_files
        self._reading = DeferredLock()
        self._use: Callable[[Vendors], None] = lambda _: None
        self._loaded = Loaded((), {}, (), {})

    def load(self) -> Vendors:
        """Read all vendor folders, blocking; return what serves. From now on the store is followed."""
        self._take(self._read(None))
        self._store.watch(self._store.seq, self._committed)
        return self._serving

    def follow(self, use: Callable[[Vendors], None]) -> None:
        """Tell of what serves, whenever it has changed."""
        self._use = use

    def refresh(self) -> Deferred[None]:
        """Look for the vendors' files again."""
        return self._reading.run(self._refresh)

    def here(self) -> Mapping[str, IVendorPlugin]:
        return MappingProxyType(self._all.plugins)

    def serving(self) -> Mapping[str, IVendorPlugin]:
        return MappingProxyType(self._serving.plugins)

    def canonical(self, plugin_id: str) -> str:
        return self._all.canonical(plugin_id)

    def reload(self) -> Deferred[Mapping[str, str]]:
        return Deferred.fromCoroutine(self._reload())

    async def _reload(self) -> Mapping[str, str]:
        await self._reading.run(self._reread)
        return {broken.folder: broken.text for broken in self._loaded.broken}

    def _refresh(self) -> Deferred[None]:
        return self._in_thread(self._refresh_files, self._loaded)

    def _reread(self) -> Deferred[None]:
        return self._in_thread(self._read, self._loaded).addCallback(self._take)

    def _read(self, before: Loaded | None) -> Loaded:
        """The files come first: a plugin without its templates could serve nobody."""
        loaded = load(self._folders, before)
        self._refresh_files(loaded)
        return loaded

    def _take(self, loaded: Loaded) -> None:
        for broken in loaded.broken:
            self._log.error("a vendor folder is left out: {problem}", problem=broken.text)
        self._loaded = loaded
        self._all = compiled(loaded.vendors)
        self._choose()

    def _committed(self, committed: Committed) -> None:
        changed = (
            type(change.document) if isinstance(change, Put) else change.kind
            for change in committed.commit.changes
        )
        if Uninstalled in changed:
            self._choose()

    def _choose(self) -> None:
        out = {document.id for document in self._store.find(Uninstalled, "all", "")}
        self._serving = compiled(tuple(without(vendor, out) for vendor in self._loaded.vendors))
        self._use(self._serving)


def without(vendor: IVendor, out: set[str]) -> IVendor:
    """Return a vendor without some of its plugins."""
    plugins = tuple(plugin for plugin in vendor.plugins if plugin.id not in out)
    if len(plugins) == len(vendor.plugins):
        return vendor
    return _Part(vendor.id, vendor.templates, vendor.fingerprints, plugins)
