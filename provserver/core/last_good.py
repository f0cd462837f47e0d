"""The last good files of devices: served while settings cannot be written, if the administrator chose so."""

from collections import OrderedDict

from attrs import frozen

from provserver.model import Committed, Delete, Device, File, Put

_ENTRY_BYTES = 500  # what keeping a file takes besides its body


@frozen
class _Kept:
    """A file is good for a device with this config and plugin, so that no phone goes on as that of its last user, and
    for one that is sent to this address, which may hold a key."""

    config: str | None
    plugin: str | None
    base_url: str
    file: File

    @property
    def bytes(self) -> int:
        return self.file.size + _ENTRY_BYTES


class LastGood:
    """About `most_bytes` of files, in memory alone; 0 keeps none. The one made longest ago goes first."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._kept: OrderedDict[tuple[str, str], _Kept] = OrderedDict()  # by device and name
        self._names: dict[str, set[str]] = {}  # of the files of each device

    def put(self, device: Device, base_url: str, file: File) -> None:
        self._drop(device.id, file.name)
        kept = _Kept(device.config, device.plugin, base_url, file)
        if kept.bytes > self._most_bytes:
            return
        self._kept[device.id, file.name] = kept
        self._names.setdefault(device.id, set()).add(file.name)
        self._bytes += kept.bytes
        while self._bytes > self._most_bytes:
            self._drop(*next(iter(self._kept)))

    def get(self, device: Device, base_url: str, name: str) -> File | None:
        kept = self._kept.get((device.id, name))
        fits = kept and (kept.config, kept.plugin, kept.base_url) == (device.config, device.plugin, base_url)
        return kept.file if kept and fits else None

    def committed(self, committed: Committed) -> None:
        """Forget the files of devices that are gone, or have got another config or plugin."""
        for change in committed.commit.changes:
            if isinstance(change, Put) and isinstance(change.document, Device):
                device = change.document
                for name in tuple(self._names.get(device.id, ())):
                    kept = self._kept[device.id, name]
                    if (kept.config, kept.plugin) != (device.config, device.plugin):
                        self._drop(device.id, name)
            elif isinstance(change, Delete) and change.kind is Device:
                for name in tuple(self._names.get(change.id, ())):
                    self._drop(change.id, name)

    def _drop(self, device_id: str, name: str) -> None:
        kept = self._kept.pop((device_id, name), None)
        if kept is None:
            return
        self._bytes -= kept.bytes
        self._names[device_id].discard(name)
        if not self._names[device_id]:
            del self._names[device_id]
