"""Devices (contract section 6)."""

from collections.abc import Callable

from attrs import evolve
from twisted.internet.interfaces import IReactorTime

from provserver.core.reading import found, master
from provserver.errors import Conflict, Invalid, NotFound
from provserver.interfaces import IProvisioner, IStore
from provserver.model import Caller, Delete, Device, Presence, Put
from provserver.rest.changing import last_one_wins
from provserver.rest.codec.devices import device_document, read_device, read_presence
from provserver.rest.codec.listing import Listing, read_listing
from provserver.rest.codec.values import Missing, enclosed, id_of
from provserver.rest.lists import page
from provserver.rest.messages import DONE, Question, Reply, Route, created


class Devices:
    def __init__(
        self, provisioner: IProvisioner, store: IStore, new_id: Callable[[], str], clock: IReactorTime
    ) -> None:
        self._provisioner = provisioner
        self._store = store
        self._new_id = new_id
        self._clock = clock

    def routes(self) -> tuple[Route, ...]:
        acl = "provd.dev_mgr.devices"
        one = "/dev_mgr/devices/<device_id>"
        return (
            Route("GET", "/dev_mgr/devices", f"{acl}.read", self.list),
            Route(
                "POST",
                "/dev_mgr/devices",
                f"{acl}.create",
                self.create,
                {Conflict: 400, Missing: 500},  # contract section 6.2: the id is taken; no `device`
            ),
            Route("GET", one, acl + ".{device_id}.read", self.read),
            Route(
                "PUT", one, acl + ".{device_id}.update", self.update, {Invalid: 500}
            ),  # contract section 6.4
            Route("DELETE", one, acl + ".{device_id}.delete", self.delete),
            Route("POST", "/dev_mgr/reconfigure", "provd.dev_mgr.reconfigure.create", self.reconfigure),
        )

    async def list(self, question: Question) -> Reply:
        listing = self._narrowed(read_listing(question.query), question)
        view = self._whole if listing.speaks_of("configured") else self._cheap
        shown = self._whole if listing.shows("configured") else self._cheap
        return Reply(200, {"devices": await page(self._store, Device, listing, view, shown, self._clock)})

    async def create(self, question: Question) -> Reply:
        document = enclosed(question.body, "device")
        device_id = id_of(document) or self._new_id()
        device = read_device(document, device_id, question.caller.tenant)
        presence = read_presence(document, Presence(device_id))
        seen = (Put(presence, None),) if presence != Presence(device_id) else ()
        await self._provisioner.change(question.commit(Put(device, 0), *seen))
        return created(question, device_id)

    async def read(self, question: Question) -> Reply:
        return Reply(200, {"device": self._whole(visible(self._store, question))})

    async def update(self, question: Question) -> Reply:
        return await last_one_wins(lambda: self._update(question))

    async def delete(self, question: Question) -> Reply:
        device = visible(self._store, question)
        await self._provisioner.change(question.commit(Delete(Device, device.id)))
        return DONE

    async def reconfigure(self, question: Question) -> Reply:
        """There is nothing to do: a phone's files are made when it asks for them."""
        device_id = question.body.get("id") if isinstance(question.body, dict) else None
        if device_id is None:
            raise Invalid('Missing "id" key')
        device = found(self._store, Device, device_id) if isinstance(device_id, str) else None
        if device is None:  # contract section 6.7: 400, not 404
            raise Invalid(f"invalid device ID {str(device_id)[:60]!r}")
        if device.tenant not in question.caller.tenants:
            raise Invalid("Tenant invalid for device")
        return DONE

    async def _update(self, question: Question) -> Reply:
        before = self._writable(question)
        document = enclosed(question.body, "device")
        tenant = question.caller.tenant if self._is_new(before) else before.tenant
        device = evolve(read_device(document, before.id, tenant), rev=before.rev)
        seen = found(self._store, Presence, before.id) or Presence(before.id)
        presence = read_presence(document, seen)
        changes = (*_put(before, device, before.rev), *_put(seen, presence, None))
        if changes:
            await self._provisioner.change(question.commit(*changes))
        return DONE

    def _writable(self, question: Question) -> Device:
        """A new device may be taken by each tenant that the token may use, even if it cannot see it: it moves
        there (contract section 6.4)."""
        device = found(self._store, Device, question.segments["device_id"])
        return device if device and self._is_new(device) else visible(self._store, question)

    def _narrowed(self, listing: Listing, question: Question) -> Listing:
        """Restrict a list to what the caller may see; without `recurse` that is its own tenant."""
        caller = question.caller
        recurse = question.query.get("recurse") in ("true", "True")
        tenants = sorted(caller.tenants) if recurse else [caller.tenant]
        return evolve(listing, selector={**listing.selector, "tenant_uuid": {"$in": tenants}})

    def _is_new(self, device: Device) -> bool:
        return device.tenant == master(self._store).id

    def _cheap(self, device: Device) -> dict[str, object]:
        return self._document(device, None)

    def _whole(self, device: Device) -> dict[str, object]:
        return self._document(device, self._provisioner.status(device).configured)

    def _document(self, device: Device, configured: bool | None) -> dict[str, object]:
        presence = found(self._store, Presence, device.id)
        return device_document(device, presence, self._is_new(device), configured)


def visible(store: IStore, question: Question) -> Device:
    """
    Return the device that the path names.

    Raises:
        NotFound: there is none, or it is of a tenant that the caller does not see: the same for both.
    """
    device_id = question.segments["device_id"]
    device = found(store, Device, device_id)
    if device is None or not may_see(question.caller, device):
        raise NotFound(f"No such resource: device {device_id[:60]!r}")
    return device


def may_see(caller: Caller, device: Device) -> bool:
    return device.tenant in caller.tenants


def _put(before: Device | Presence, after: Device | Presence, expected: int | None) -> tuple[Put, ...]:
    return (Put(after, expected),) if after != before else ()
