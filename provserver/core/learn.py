"""Learn: what changes because a phone was seen. Nothing here writes; the changes are values."""

from collections.abc import Callable, Iterable
from typing import Literal

from attrs import evolve, frozen

from provserver.model import (
    NOTHING,
    Config,
    Device,
    Facts,
    File,
    FileRule,
    Json,
    Presence,
    Put,
    Settings,
    Sighting,
    Step,
)

Made = Literal["new", "filled", "slots", "paired", "same"]
_FILLED = ("mac", "vendor", "model", "serial", "uuid")


@frozen
class Learnt:
    """`changes` are committed before the answer is given."""

    device: Device
    made: Made
    changes: tuple[Put, ...]
    steps: tuple[Step, ...]

    @property
    def who(self) -> str:
        """What two sightings of one phone have in common, be it new or not."""
        return self.device.mac or self.device.serial or self.device.uuid or self.device.id


def with_slots(learnt: Learnt, given: tuple[Put, ...]) -> Learnt:
    """Add the slots that a waiting phone is about to get."""
    made: Made = "slots" if learnt.made == "same" else learnt.made
    return evolve(learnt, changes=(*learnt.changes, *given), made=made) if given else learnt


def with_passwords(learnt: Learnt, new: Callable[[], Json] | None) -> Learnt:
    """Add the random passwords of a phone that has none yet; None: phones get none."""
    if new is None or learnt.device.passwords != NOTHING:
        return learnt
    device = evolve(learnt.device, passwords=new())
    changes = [
        evolve(put, document=device) if put.document.id == device.id else put for put in learnt.changes
    ]
    if not any(put.document is device for put in changes):
        changes.insert(0, Put(device, device.rev))
    made: Made = "filled" if learnt.made == "same" else learnt.made
    steps = [step for step in learnt.steps if step.reason_id != "learn.known"]
    step = Step("learn", "learn.filled", (device.id, "random passwords"))
    return Learnt(device, made, tuple(changes), (*steps, step))


def identity(facts: Facts) -> str | None:
    """Return what a phone can be known again by; without it no device is made."""
    return facts.mac or facts.serial or facts.uuid


def autoprov_config(template: Config, config_id: str) -> Config:
    """Return the config of a phone that waits for its user. It inherits all from the template, so that a change
    of the template reaches the phones that wait."""
    return Config(config_id, parents=(template.id,), transient=True)


def discover(facts: Facts, device_id: str, tenant: str, plugin: str | None, config: Config | None) -> Learnt:
    """Make a device of a phone that nobody knew. Only one of two who try at once will succeed: the commit holds
    the key ("discovered", identity)."""
    device = Device(
        device_id,
        mac=facts.mac,
        vendor=facts.vendor,
        model=facts.model,
        serial=facts.serial,
        uuid=facts.uuid,
        plugin=plugin,
        chosen="auto" if plugin else "",
        config=config.id if config else None,
        tenant=tenant,
        added="auto",
    )
    who = identity(facts) or ""
    changes = [Put(device, 0, frozenset({("discovered", who)}))]
    if config:
        changes.append(Put(config, 0))
    return Learnt(device, "new", tuple(changes), (Step("learn", "learn.new", (device.id, tenant)),))


def fill(device: Device, facts: Facts, plugin: str | None, config: Config | None) -> Learnt:
    """Fill what nobody had said or chosen of a known device yet; what is known is never overwritten. A plugin that
    a sighting chose makes way for `plugin`, which is given only where this sighting knows more."""
    gaps: dict[str, str] = {
        name: value for name in _FILLED if getattr(device, name) is None and (value := getattr(facts, name))
    }
    if plugin not in (None, device.plugin) and (device.plugin is None or device.chosen == "auto"):
        gaps |= {"plugin": plugin, "chosen": "auto"}
    if device.config is None and config is not None:
        gaps["config"] = config.id
    if not gaps:
        return Learnt(device, "same", (), (Step("learn", "learn.known", (device.id,)),))
    filled = evolve(device, **gaps)  # type: ignore[arg-type]
    changes = [Put(filled, device.rev)]
    if "config" in gaps and config is not None:
        changes.append(Put(config, 0))
    text = ", ".join(f"{name} {value}" for name, value in gaps.items() if name != "chosen")
    return Learnt(filled, "filled", tuple(changes), (Step("learn", "learn.filled", (device.id, text)),))


def seen(
    presence: Presence,
    sighting: Sighting,
    version: str | None,
    follows_ip: bool,
    proves_ip: bool,
) -> Presence:
    """
    Return the presence after a sighting.

    `follows_ip`: the policy asked no proof, so the address is believed for what it is; `proves_ip`: a lease, or
    proof KEY or more.
    """
    return evolve(
        presence,
        seen=sighting.at,
        version=version or presence.version,
        ip=sighting.ip if follows_ip or proves_ip else presence.ip,
        proven_ip=sighting.ip if proves_ip else presence.proven_ip,
    )


def fetched(presence: Presence, rule: FileRule, file: File, settings: Settings) -> Presence:
    """Return the presence of a phone that was given a file. Of one that proves its config, the account is noted."""
    username = settings.lines.get(1, {}).get("username") if rule.proves_config else None
    return evolve(
        presence,
        fetched={**presence.fetched, file.name: file.etag},
        username=str(username) if username else presence.username,
    )


def moved_away(others: Iterable[Presence], moved: Presence, proves_ip: bool) -> tuple[Presence, ...]:
    """Return the presences of the devices that had the address before, without it. What one of them had proven
    is only taken by a proof."""
    ip = moved.ip
    return tuple(
        evolve(other, ip=None, proven_ip=None if proves_ip and other.proven_ip == ip else other.proven_ip)
        for other in others
        if other.id != moved.id
    )
