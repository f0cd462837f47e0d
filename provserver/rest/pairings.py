"""Tokens of devices: administrators open the window in which a phone is told its own, or choose one themselves."""

from twisted.internet.interfaces import IReactorTime

from provserver.core.access.pairing import Windows
from provserver.core.reading import found, tenant_with
from provserver.errors import Invalid, NotFound
from provserver.interfaces import IProvisioner, IStore
from provserver.model import Delete, Device, Pairing, Put
from provserver.rest.codec.pairings import (
    Chosen,
    NewWindow,
    OnePairing,
    pairing_document,
    read_seconds,
    read_token,
)
from provserver.rest.codec.values import enclosed
from provserver.rest.devices import visible
from provserver.rest.messages import DONE, Question, Reply, Route


class Pairings:
    def __init__(
        self, provisioner: IProvisioner, store: IStore, windows: Windows, clock: IReactorTime
    ) -> None:
        self._provisioner = provisioner
        self._store = store
        self._windows = windows
        self._clock = clock

    def routes(self) -> tuple[Route, ...]:
        path = "/dev_mgr/devices/<device_id>/pairing"
        acl = "provd.dev_mgr.devices.{device_id}.pairing"
        return (
            Route(
                "GET",
                path,
                f"{acl}.read",
                self.read,
                summary="Read a device's token; it is shown to who may see secrets",
                gives=OnePairing,
                secrets=True,
            ),
            Route(
                "POST",
                path,
                f"{acl}.create",
                self.open,
                summary="Give a device a new token, which its phone is told within a window of time",
                takes=NewWindow,
                gives=OnePairing,
                success=200,
                secrets=True,
            ),
            Route("PUT", path, f"{acl}.update", self.choose, summary="Choose a device's token", takes=Chosen),
            Route("DELETE", path, f"{acl}.delete", self.end, summary="End a device's token"),
        )

    async def read(self, question: Question) -> Reply:
        device = visible(self._store, question)
        return self._shown(question, device, self._kept(device))

    async def open(self, question: Question) -> Reply:
        device = visible(self._store, question)
        seconds = read_seconds(enclosed(question.body, "pairing"), self._windows.lasts_s)
        put = self._windows.renewed(device.id, self._clock.seconds() + seconds)
        await self._provisioner.change(question.commit(put))
        return self._shown(question, device, self._kept(device))

    async def choose(self, question: Question) -> Reply:
        """Whoever types it into the phone needs no window."""
        device = visible(self._store, question)
        token = read_token(enclosed(question.body, "pairing"))
        others = (pairing for pairing in self._store.find(Pairing, "token", token) if pairing.id != device.id)
        if tenant_with(self._store, token) or any(others):
            raise Invalid("it is in use already", "pairing.token")
        await self._provisioner.change(question.commit(Put(Pairing(device.id, token=token), None)))
        return DONE

    async def end(self, question: Question) -> Reply:
        device = visible(self._store, question)
        await self._provisioner.change(question.commit(Delete(Pairing, self._kept(device).id)))
        return DONE

    def _kept(self, device: Device) -> Pairing:
        """Raises: NotFound."""
        pairing = found(self._store, Pairing, device.id)
        if pairing is None:
            raise NotFound(f"No such resource: device {device.id[:60]!r} has no token")
        return pairing

    def _shown(self, question: Question, device: Device, pairing: Pairing) -> Reply:
        sees, now = question.sees_secrets, self._clock.seconds()
        return Reply(200, {"pairing": pairing_document(device, pairing, sees, now)})
