"""Devices (contract section 6)."""

from collections.abc import Callable
from functools import partial

from attrs import evolve
from twisted.internet.interfaces import IReactorTime

from provserver.core.access.pairing import Windows
from provserver.core.association.building import seated
from provserver.core.ownership import check_device
from provserver.core.reading import found, master
from provserver.errors import Conflict, Invalid, NotFound
from provserver.interfaces import IProvisioner, IStore
from provserver.model import Caller, Delete, Device, Line, Presence, Put, Tenant
from provserver.rest.changing import IF_MATCH, check_match, etag, last_one_wins
from provserver.rest.codec import shapes
from provserver.rest.codec.devices import device_document, guest_document, read_device, read_presence
from provserver.rest.codec.listing import Listing, read_listing
from provserver.rest.codec.values import Missing, enclosed, id_of
from provserver.rest.lists import LISTING, page
from provserver.rest.messages import DONE, Query, Question, Reply, Route, created


class Devices:
    def __init__(
        self,
        provisioner: IProvisioner,
        store: IStore,
        new_id: Callable[[], str],
        clock: IReactorTime,
        windows: Windows,
    ) -> None:
        self._provisioner = provisioner
        self._windows = windows
        self._store = store
        self._new_id = new_id
        self._clock = clock

    def routes(self) -> tuple[Route, ...]:
        acl = "provd.dev_mgr.devices"
        one = "/dev_mgr/devices/<device_id>"
        return (
            Route(
                "GET",
                "/dev_mgr/devices",
                f"{acl}.read",
                self.list,
                summary="List devices",
                gives=shapes.Devices,
                query=(*LISTING, Query("recurse", "`true`: also those of the tenants beneath")),
                secrets=True,
            ),
            Route(
                "POST",
                "/dev_mgr/devices",
                f"{acl}.create",
                self.create,
                {Conflict: 400, Missing: 500},  # contract section 6.2: the id is taken; no `device`
                summary="Make a device",
                takes=shapes.OneDevice,
                gives=shapes.Created,
                secrets=True,
            ),
            Route(
                "GET",
                one,
                acl + ".{device_id}.read",
                self.read,
                summary="Read a device",
                gives=shapes.OneDevice,
                secrets=True,
            ),
            Route(
                "PUT",
                one,
                acl + ".{device_id}.update",
                self.update,
                {Invalid: 500},  # contract section 6.4
                summary="Replace a device",
                takes=shapes.OneDevice,
                query=(IF_MATCH,),
                secrets=True,
            ),
            Route(
                "DELETE",
                one,
                acl + ".{device_id}.delete",
                self.delete,
                summary="Delete a device",
                query=(IF_MATCH,),
            ),
            Route(
                "POST",
                "/dev_mgr/reconfigure",
                "provd.dev_mgr.reconfigure.create",
                self.reconfigure,
                summary="Check a device's id: its files are made when it asks for them",
                takes=shapes.Named,
                success=204,
            ),
        )

    async def list(self, question: Question) -> Reply:
        listing = _narrowed(read_listing(question.query), question)
        see = partial(self._seen_by, question)
        view = partial(see, whole=listing.speaks_of("configured"))
        shown = partial(see, whole=listing.shows("configured"))
        return Reply(200, {"devices": await page(self._store, Device, listing, view, shown, self._clock)})

    async def create(self, question: Question) -> Reply:
        document = enclosed(question.body, "device")
        device_id = id_of(document) or self._new_id()
        device = question.meant(read_device(document, device_id, question.caller.tenant), None)
        check_device(self._store, question.caller, None, device)
        presence = read_presence(document, Presence(device_id))
        seen = (Put(presence, None),) if presence != Presence(device_id) else ()
        tenant = self._store.get(Tenant, device.tenant)
        pairing = self._windows.of(device, tenant, self._store, self._clock.seconds())
        committed = await self._provisioner.change(question.commit(Put(device, 0), *seen, *pairing))
        return created(question, device_id, etag(committed.seq))

    async def read(self, question: Question) -> Reply:
        device = _named(self._store, question, _may_look)
        seen = self._seen_by(question, device, whole=True)
        return Reply(200, {"device": seen}, headers=(etag(device.rev),))

    async def update(self, question: Question) -> Reply:
        return await last_one_wins(lambda: self._update(question))

    async def delete(self, question: Question) -> Reply:
        return await last_one_wins(lambda: self._delete(question))

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

    async def _delete(self, question: Question) -> Reply:
        device = visible(self._store, question)
        check_match(question, device)
        await self._provisioner.change(question.commit(Delete(Device, device.id, device.rev)))
        return DONE

    async def _update(self, question: Question) -> Reply:
        before = self._writable(question)
        check_match(question, before)
        document = enclosed(question.body, "device")
        tenant = question.caller.tenant if self._is_new(before) else before.tenant
        device = evolve(
            question.meant(read_device(document, before.id, tenant), before),
            guests=_guests(before, tenant),
            passwords=before.passwords,
            rev=before.rev,
        )
        check_device(self._store, question.caller, before, device)
        seen = found(self._store, Presence, before.id) or Presence(before.id)
        presence = read_presence(document, seen)
        decided = _put(before, device, before.rev)
        rev = before.rev
        if changes := (*decided, *_put(seen, presence, None)):
            committed = await self._provisioner.change(question.commit(*changes))
            rev = committed.seq if decided else rev
        return Reply(204, headers=(etag(rev),))

    def _writable(self, question: Question) -> Device:
        """A new device may be taken by each tenant that the token may use, even if it cannot see it: it moves
        there (contract section 6.4)."""
        device = found(self._store, Device, question.segments["device_id"])
        is_free = device and self._is_new(device) and not self._store.count(Line, "device", device.id)
        return device if device and is_free else visible(self._store, question)

    def _is_new(self, device: Device) -> bool:
        return device.tenant == master(self._store).id

    def _seen_by(self, question: Question, device: Device, whole: bool) -> dict[str, object]:
        """Return the device as the caller may see it; `whole`: with `configured`, which is dear."""
        caller = question.caller
        if not may_see(caller, device):
            lines = seated(device.id, self._store.find(Line, "device", device.id))
            return guest_document(device, [one for one in lines if one[1].tenant in caller.tenants])
        configured = self._provisioner.status(device).configured if whole else None
        presence = found(self._store, Presence, device.id)
        return device_document(question.shown(device), presence, self._is_new(device), configured)


def _narrowed(listing: Listing, question: Question) -> Listing:
    """Restrict a list to what the caller may see. The store finds by `tenant_uuid` a tenant's guests as well."""
    caller = question.caller
    tenants = sorted(caller.tenants) if question.recurses else [caller.tenant]
    return evolve(listing, selector={**listing.selector, "tenant_uuid": {"$in": tenants}})


def visible(store: IStore, question: Question) -> Device:
    """
    Return the device that the path names.

    Raises:
        NotFound: there is none, or it is of a tenant that the caller does not see: the same for both.
    """
    return _named(store, question, may_see)


def may_see(caller: Caller, device: Device) -> bool:
    return device.tenant in caller.tenants


def _may_look(caller: Caller, device: Device) -> bool:
    """A guest may look, and nothing else (design section 9)."""
    return may_see(caller, device) or not caller.tenants.isdisjoint(device.guests)


def _named(store: IStore, question: Question, may: Callable[[Caller, Device], bool]) -> Device:
    """Raises: NotFound."""
    device_id = question.segments["device_id"]
    device = found(store, Device, device_id)
    if device is None or not may(question.caller, device):
        raise NotFound(f"No such resource: device {device_id[:60]!r}")
    return device


def _guests(device: Device, owner: str) -> tuple[str, ...]:
    return tuple(guest for guest in device.guests if guest != owner)


def _put(before: Device | Presence, after: Device | Presence, expected: int | None) -> tuple[Put, ...]:
    return (Put(after, expected),) if after != before else ()
