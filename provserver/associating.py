"""Associating: brings lines to devices and takes them off, one change of a device at a time."""

from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from twisted.internet.defer import Deferred, DeferredLock
from zope.interface import implementer

from provserver.core.access.pairing import Windows
from provserver.core.association.ports import Ports, ports_of
from provserver.core.association.seating import Wish, associating, releasing, resetting
from provserver.errors import Conflict
from provserver.interfaces import IAssociations, IPlugins, IProvisioner, IStore
from provserver.model import Associated, Commit, Device, Line, Put

_TRIES = 5
T = TypeVar("T")
Decided = tuple[tuple[Put, ...], T]  # the changes, and what is told once they are made


@implementer(IAssociations)
class Associations:
    """Whoever changes a device waits for those who do so already: at once they would only hinder each other."""

    def __init__(
        self,
        provisioner: IProvisioner,
        store: IStore,
        plugins: IPlugins,
        windows: Windows,
        new_id: Callable[[], str],
        now: Callable[[], float],
    ) -> None:
        self._provisioner = provisioner
        self._store = store
        self._plugins = plugins
        self._windows = windows
        self._new_id = new_id
        self._now = now
        self._locks: dict[str, DeferredLock] = {}  # of devices that are being changed

    def associate(
        self, line_id: str, device_id: str, position: int | None, who: str, spend: bool = False
    ) -> Deferred[Associated]:
        wish = Wish(line_id, device_id, position, spend)
        return self._in_turn(device_id, lambda: self._associating(wish), who, f"associate line {line_id}")

    def release(self, line_id: str, device_id: str, who: str) -> Deferred[None]:
        def decide() -> Decided[None]:
            return releasing(line_id, device_id, self._store), None

        return self._in_turn(device_id, decide, who, f"release line {line_id}")

    def reset(self, device_id: str, who: str) -> Deferred[None]:
        def decide() -> Decided[None]:
            return resetting(device_id, self._store, self._new_id), None

        return self._in_turn(device_id, decide, who, "reset")

    def _associating(self, wish: Wish) -> Decided[Associated]:
        changes, told = associating(wish, self._store, self._ports(self._store.get(Device, wish.device)))
        return (*changes, *self._window(changes)), told

    def _window(self, changes: tuple[Put, ...]) -> tuple[Put, ...]:
        """Return what lets the phone fetch its token, where these changes bring its first line."""
        (device,) = (put.document for put in changes if isinstance(put.document, Device))
        if self._store.count(Line, "device", device.id):
            return ()
        return self._windows.at_first_line(device, self._store, self._now())

    def _ports(self, device: Device) -> Ports:
        plugin_id = self._plugins.canonical(device.plugin) if device.plugin else ""
        return ports_of(self._plugins.serving().get(plugin_id), device)

    def _in_turn(self, device_id: str, decide: Callable[[], Decided[T]], who: str, why: str) -> Deferred[T]:
        lock = self._locks.setdefault(device_id, DeferredLock())
        change = lock.run(lambda: Deferred.fromCoroutine(self._change(decide, who, why)))
        return change.addBoth(self._forget, device_id, lock)

    def _forget(self, result: T, device_id: str, lock: DeferredLock) -> T:
        if not lock.locked:
            self._locks.pop(device_id, None)
        return result

    async def _change(self, decide: Callable[[], Decided[T]], who: str, why: str) -> T:
        """Decide anew where somebody else was faster."""
        for _ in range(_TRIES - 1):
            with suppress(Conflict):
                return await self._once(decide, who, why)
        return await self._once(decide, who, why)

    async def _once(self, decide: Callable[[], Decided[T]], who: str, why: str) -> T:
        changes, told = decide()
        if changes:
            await self._provisioner.change(Commit(changes, who, why))
        return told
