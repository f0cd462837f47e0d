"""Claim: which phone is meant, and which line a code brings. What is decided here changes nothing."""

import re
from collections.abc import Callable, Iterator

from attrs import frozen

from provserver.core.mark import Marks
from provserver.core.reading import devices_at, found, is_waiting
from provserver.core.tenants import above
from provserver.errors import NotClaimed
from provserver.interfaces import IStore
from provserver.model import Config, Device, Line, Presence, Slot, Tenant
from provserver.pbx.interfaces import Calling


@frozen
class Phone:
    device: Device
    position: int | None = None  # the port that its slot is of; None: the call does not say


def phone_of(calling: Calling, store: IStore, marks: Marks, is_nat: Callable[[str], bool]) -> Phone:
    """
    Say which waiting phone calls: its slot names it, else its mark, else its address where no other phone waits.

    Raises:
        NotClaimed: none does, or more than one may.
    """
    slot = _slot_of(calling, store)
    if slot and slot.device:
        if calling.mark and calling.mark != marks.of(slot.device):
            raise NotClaimed("phone.contradiction", f"slot {slot.id} and mark {calling.mark} name two phones")
        return _waiting(found(store, Device, slot.device), store, slot.position)
    if calling.mark:
        return _waiting(_only(calling.mark, marks.devices(calling.mark), store), store)
    if slot:
        raise NotClaimed("phone.none", f"slot {slot.id} is nobody's now: the phone must be restarted")
    if not calling.ip:
        raise NotClaimed("phone.none", "neither slot, mark nor address is known")
    if is_nat(calling.ip):
        raise NotClaimed("phone.behind-nat", f"at {calling.ip} there may be many phones")
    return _at(calling.ip, store)


def line_of(
    code: str, store: IStore, tenants: frozenset[str] | None, was_used: Callable[[str], bool], now: float
) -> Line:
    """
    Return the line that a code brings; `tenants` are those whose codes count (None: everybody's), `was_used` says
    whether a code that is no longer any line's was one lately.

    Raises:
        NotClaimed: it brings none.
    """
    lines = store.find(Line, "code", code) if re.fullmatch("[0-9]{6}", code) else ()
    line = next((line for line in lines if tenants is None or line.tenant in tenants), None)
    if line is None:
        if was_used(code):
            raise NotClaimed("code.used", "the code was used already")
        raise NotClaimed("code.unknown", "no line has this code")
    if any(tenant.disabled for tenant in _owners(line, store)):
        raise NotClaimed("code.disabled-tenant", "the line's tenant is disabled")
    if line.code_expires is not None and line.code_expires <= now:
        raise NotClaimed("code.expired", "the code has expired")
    return line


def owner_of(calling: Calling, store: IStore) -> Device:
    """
    Say which user's phone calls: the one that has the account; of several the one at the contact's address.

    Raises:
        NotClaimed: none has it, or more than one may be meant.
    """
    lines = store.find(Line, "username", calling.account) if calling.account else ()
    ids = sorted({seat.device for line in lines for seat in line.seats})
    devices = [device for device_id in ids if (device := found(store, Device, device_id))]
    if len(devices) > 1:
        devices = [device for device in devices if _is_at(device, calling.ip, store)] or devices
    if not devices:
        raise NotClaimed("phone.none", f"no phone has the account {calling.account[:60]!r}")
    if len(devices) > 1:
        raise NotClaimed("phone.several", f"{len(devices)} phones have the account {calling.account[:60]!r}")
    return devices[0]


def _owners(line: Line, store: IStore) -> Iterator[Tenant]:
    for tenant_id in (line.tenant, *above(store, line.tenant)):
        tenant = found(store, Tenant, tenant_id)
        if tenant:
            yield tenant


def _slot_of(calling: Calling, store: IStore) -> Slot | None:
    """Return the slot by which a phone calls. The account has authenticated; the caller's number is only said."""
    known = {
        slot.id: slot
        for name in (calling.account, calling.slot)
        if name and (slot := found(store, Slot, name)) and not slot.shared
    }
    if len(known) > 1:
        raise NotClaimed("phone.contradiction", f"it calls as {' and '.join(known)}")
    return next(iter(known.values()), None)


def _only(mark: str, device_ids: tuple[str, ...], store: IStore) -> Device | None:
    if len(device_ids) > 1:
        raise NotClaimed("phone.several", f"{len(device_ids)} phones have the mark {mark}")
    return found(store, Device, device_ids[0]) if device_ids else None


def _at(ip: str, store: IStore) -> Phone:
    devices = devices_at(store, ip)
    waiting = [device for device in devices if _waits(device, store)]
    if len(waiting) > 1:
        raise NotClaimed("phone.several", f"{len(waiting)} phones wait at {ip}")
    meant = waiting or devices
    return _waiting(meant[0] if len(meant) == 1 else None, store)


def _waiting(device: Device | None, store: IStore, position: int | None = None) -> Phone:
    if device is None:
        raise NotClaimed("phone.none", "no phone that waits is meant")
    if not _waits(device, store):
        raise NotClaimed("phone.provisioned", f"device {device.id!r} waits for nobody")
    return Phone(device, position)


def _waits(device: Device, store: IStore) -> bool:
    """Say whether the device, or one of its ports, waits for a user."""
    return is_waiting(store, found(store, Config, device.config)) or bool(
        store.count(Slot, "device", device.id)
    )


def _is_at(device: Device, ip: str, store: IStore) -> bool:
    presence = found(store, Presence, device.id)
    return bool(ip) and presence is not None and presence.ip == ip
