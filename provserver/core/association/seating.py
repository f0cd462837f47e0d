"""Seating: which line may sit where. What is decided here is what a person asked for; the rest follows."""

from collections.abc import Callable
from typing import Any

from attrs import evolve, frozen

from provserver.core.association.building import LINES, Seated, seated
from provserver.core.association.ports import Ports
from provserver.core.learn import autoprov_config
from provserver.core.reading import autocreate_template, found, master
from provserver.errors import NotAssociated, NotFound
from provserver.interfaces import IStore
from provserver.model import Associated, Config, Device, Line, Put, Seat


@frozen
class Wish:
    """What somebody wants of a line and a device."""

    line: str  # id
    device: str  # id
    position: int | None = None  # None: the one that it has, else the first that is free
    spend: bool = False  # the line's code was used


def associating(wish: Wish, store: IStore, ports: Ports) -> tuple[tuple[Put, ...], Associated]:
    """
    Return the changes that seat a line on a device.

    Raises:
        NotFound: the line or the device.
        NotAssociated: it cannot sit there.
    """
    line, device = store.get(Line, wish.line), store.get(Device, wish.device)
    lines = seated(device.id, store.find(Line, "device", device.id))
    if wish.spend and line.code is None:
        raise NotAssociated("code.used", "the code was used already")
    tenant = _tenant(line, device, lines, ports, store)
    _check_free(device, store)
    position = _position(wish, line, lines, ports)
    here = Seat(device.id, position)
    seats = (*(seat for seat in _kept(line, device.id)), here)
    spent: dict[str, Any] = {"code": None, "code_expires": None} if wish.spend and not line.keeps_code else {}
    # The device is written even if nothing of it changes: of two who want one position one is too late.
    changes = (
        Put(evolve(line, seats=seats, **spent), line.rev),
        Put(evolve(device, tenant=tenant), device.rev),
    )
    return changes, Associated(device.id, line.id, position)


def releasing(line_id: str, device_id: str, store: IStore) -> tuple[Put, ...]:
    """
    Return the changes that take a line off a device.

    Raises:
        NotFound: the line, the device, or the line does not sit there.
    """
    line, device = store.get(Line, line_id), store.get(Device, device_id)
    if all(seat.device != device.id for seat in line.seats):
        raise NotFound(f"line {line.id!r} does not sit on device {device.id!r}")
    return Put(without(line, device.id), line.rev), Put(device, device.rev)


def resetting(device_id: str, store: IStore, new_id: Callable[[], str]) -> tuple[Put, ...]:
    """Return the changes that make a device wait again. Raises: NotFound."""
    device = store.get(Device, device_id)
    lines = tuple(Put(without(line, device_id), line.rev) for line in store.find(Line, "device", device_id))
    if is_made_of_lines(device, store):
        return *lines, Put(device, device.rev)  # what it waits with follows
    if is_free(device, store):
        return lines
    waiting, config = made_waiting(device, store, new_id)
    return (*lines, Put(waiting, device.rev), *((Put(config, 0),) if config else ()))


def without(line: Line, device_id: str) -> Line:
    """Return a line that sits no longer on a device."""
    return evolve(line, seats=tuple(seat for seat in line.seats if seat.device != device_id))


def is_free(device: Device, store: IStore) -> bool:
    """Say whether a device has no user yet, which is more than that it waits (`is_waiting`): also one without config,
    and one whose config was made from another template than there is now. A config that does not exist is one that
    somebody is about to make."""
    if device.config is None:
        return True
    config = found(store, Config, device.config)
    template = autocreate_template(store)
    return config is not None and (config.transient or (template is not None and config.id == template.id))


def is_made_of_lines(device: Device, store: IStore) -> bool:
    config = found(store, Config, device.config)
    return config is not None and config.role == LINES


def made_waiting(device: Device, store: IStore, new_id: Callable[[], str]) -> tuple[Device, Config | None]:
    """Return the device as it waits for its user, and its new config."""
    template = autocreate_template(store)
    config = autoprov_config(template, template.id + new_id()) if template else None
    return evolve(device, config=config.id if config else None), config


def _tenant(line: Line, device: Device, lines: Seated, ports: Ports, store: IStore) -> str:
    """Return the tenant that owns the device from then on (design section 9)."""
    if device.tenant == line.tenant:
        return device.tenant
    if device.tenant == master(store).id and not lines:
        return line.tenant
    if ports.shared:
        return device.tenant
    raise NotAssociated("phone.other-tenant", f"device {device.id!r} belongs to another tenant")


def _check_free(device: Device, store: IStore) -> None:
    """Whoever gave it a config of its own decides about it."""
    if not is_free(device, store) and not is_made_of_lines(device, store):
        raise NotAssociated(
            "phone.provisioned",
            f"device {device.id!r} has config {device.config!r}, which is not made of lines: reset it first",
        )


def _kept(line: Line, device_id: str) -> tuple[Seat, ...]:
    """Return the other seats that the line keeps."""
    others = tuple(seat for seat in line.seats if seat.device != device_id)
    if others and line.when_taken == "refuse":
        raise NotAssociated("line.taken", f"line {line.id!r} sits on device {others[0].device!r} already")
    return others if line.when_taken == "add" else ()


def _position(wish: Wish, line: Line, lines: Seated, ports: Ports) -> int:
    if not ports.sip:
        raise NotAssociated("phone.not-sip", f"device {wish.device!r} does not speak SIP")
    taken = {position: other for position, other in lines if other.id != line.id}
    own = next((position for position, other in lines if other.id == line.id), None)
    position = wish.position or own or ports.first_free(taken)
    if position is None:
        raise NotAssociated(
            "phone.full", f"all lines of device {wish.device!r} are in use: it has {ports.most}"
        )
    if not 0 < position <= ports.most:
        raise NotAssociated(
            "phone.no-position", f"device {wish.device!r} has {ports.most} lines, none at {position}"
        )
    if position in taken:
        raise NotAssociated(
            "phone.position-taken", f"another line sits at {position} of device {wish.device!r}"
        )
    return position
