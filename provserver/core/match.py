"""Match: which device that is already known is it?"""

from collections.abc import Callable

from attrs import frozen

from provserver.model import Device, Facts, Step

FindDevices = Callable[[str, str], tuple[Device, ...]]  # index, value


@frozen
class Match:
    device: Device | None
    steps: tuple[Step, ...]
    ambiguous: bool = False  # several fit and none may be guessed


def match(
    facts: Facts,
    at_ip: tuple[Device, ...],
    ip: str,
    find: FindDevices,
    rank: Callable[[Device], tuple[float, ...]],
) -> Match:
    """
    Find the device by mac, then serial, then uuid, then ip.

    `at_ip`: the devices last seen at address `ip` (none where it is a NAT's). `rank` says of a device how
    likely it is meant: of two with one mac, which clients make, the greater is taken.
    """
    if facts.mac and (devices := find("mac", facts.mac)):
        device = devices[0] if len(devices) == 1 else max(devices, key=rank)
        step = Step("match", "match.by-mac", (device.id, facts.mac))
        if len(devices) == 1:
            return Match(device, (step,))
        others = ", ".join(other.id for other in devices if other is not device)
        return Match(device, (step, Step("match", "match.twins", (facts.mac, device.id, others))))
    for index in ("serial", "uuid"):
        value = getattr(facts, index)
        if value and (devices := find(index, value)):
            return _only(devices, index, value)
    candidates = tuple(device for device in at_ip if not contradicts(device, facts))
    if candidates:
        return _only(candidates, "ip", ip)
    return Match(None, (Step("match", "match.none"),))


def _only(devices: tuple[Device, ...], index: str, value: str) -> Match:
    if len(devices) == 1:
        return Match(devices[0], (Step("match", f"match.by-{index}", (devices[0].id, value)),))
    ids = ", ".join(device.id for device in devices)
    return Match(None, (Step("match", "match.ambiguous", (index, value, ids)),), ambiguous=True)


def contradicts(device: Device, facts: Facts) -> bool:
    """Say whether a device is known to be something else than what was seen."""
    return any(
        seen and known and seen.lower() != known.lower()
        for seen, known in (
            (facts.mac, device.mac),
            (facts.serial, device.serial),
            (facts.uuid, device.uuid),
            (facts.vendor, device.vendor),
            (facts.model, device.model),
        )
    )
