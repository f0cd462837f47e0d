"""
Reception: what a decision means for the source that asked, and for a phone that the limits did not let in.

Nothing here waits or logs: what is to be told comes back as lines.
"""

from collections.abc import Iterator
from typing import Literal

from attrs import frozen

from provserver.core.chain import Decision
from provserver.core.explain import sentence
from provserver.core.learn import identity
from provserver.core.limits import OncePerMinute
from provserver.core.metrics import Counts
from provserver.core.pending import PendingDevices
from provserver.core.sources import Sources
from provserver.model import Proof

# A text that fail2ban filters know, as they do that of a new device; they read the address after `from`.
SENSITIVE = "Sensitive file requested from {ip}: {value}"
_MOST_SUSPICIONS = 600  # lines a minute: forged addresses must not fill the disk
_TURNED = {
    "slowed": "slowed down: {ip} asked for too many unknown phones ({value})",
    "refused": "refused for a while: {ip} asked for too many unknown phones ({value})",
}
_LIMITS = {
    "learn.too-many-new": "new_devices_{}",
    "learn.too-many-waiting": "waiting_devices",
}


@frozen
class Line:
    """One line for the log: a format, and what goes into it."""

    level: Literal["info", "warn"]
    text: str
    ip: str
    value: str


@frozen
class Slowing:
    """How long an answer to a source that is slowed down is held back, and how many at a time."""

    by_s: int = 2
    most: int = 1_000


_SLOWING = Slowing()


class Reception:
    """Keeps the counts of what was asked, and of the limits that were hit by the name of their settings."""

    def __init__(self, sources: Sources, pending: PendingDevices, slowing: Slowing = _SLOWING) -> None:
        self.sources = sources
        self.pending = pending
        self.slowing = slowing
        self.held = 0  # answers that are held back now
        self._told = OncePerMinute(1_000)
        self._suspicions = OncePerMinute(_MOST_SUSPICIONS)
        self.requests = Counts()  # by protocol and outcome
        self.limits = Counts()
        self.made = 0  # devices

    def decided(self, decision: Decision) -> tuple[Line, ...]:
        """Take note of a decision, once what it learnt has been committed; return what is to be told."""
        sighting = decision.sighting
        self.requests.add(sighting.protocol, decision.answer.outcome)
        if is_proven(decision):
            self.sources.served(sighting.ip, sighting.at)
            return ()
        if decision.learnt and decision.learnt.made == "new":
            self.made += 1
            self.pending.forget(decision.learnt.who)
            return tuple(_handed_out(decision))
        return (*self._turned_away(decision), *self._asked_in_vain(decision))

    def slows(self, decision: Decision) -> bool:
        """Say whether the answer is to be held back."""
        sighting = decision.sighting
        return self.sources.slows(sighting.ip, sighting.protocol, sighting.at) and bool(in_vain(decision))

    def _turned_away(self, decision: Decision) -> Iterator[Line]:
        if decision.pending is None:
            return
        sighting, step = decision.sighting, decision.answer.steps[-1]
        self.pending.add(decision.pending, sighting.ip, sighting.at)
        self.limits.add(_LIMITS[step.reason_id].format(_where(decision)))
        if self._told.due(sighting.ip, sighting.at):
            yield Line("warn", "no new device from {ip}: {value}", sighting.ip, sentence(step))

    def _asked_in_vain(self, decision: Decision) -> Iterator[Line]:
        named = in_vain(decision)
        if not named:
            return
        sighting = decision.sighting
        noted = self.sources.asked(sighting.ip, sighting.protocol, named, decision.local, sighting.at)
        if noted.turned:
            self.limits.add(f"unknown_phones_{noted.state}_{_where(decision)}")
            yield Line("warn", _TURNED[noted.state], sighting.ip, sighting.protocol)
        # By UDP somebody might forge an address to have it banned.
        if (
            noted.fresh
            and sighting.protocol == "http"
            and self._suspicions.due(f"{sighting.ip} {named}", sighting.at)
        ):
            yield Line("info", SENSITIVE, sighting.ip, decision.facts.mac or "-")


def is_proven(decision: Decision) -> bool:
    """Say whether a phone that was known before got what it asked for. Where no proof is asked it must be somebody's
    phone: anybody can make one that waits, and come again as it."""
    granted = decision.granted
    return (
        granted is not None
        and granted.level == "all"
        and decision.answer.outcome in ("file", "noted")
        and decision.sighting.protocol != "dhcp"
        and (decision.before == "settled" or (decision.before == "waiting" and granted.proof > Proof.NONE))
    )


def in_vain(decision: Decision) -> tuple[str, ...]:
    """Return what a request named that got nothing: the phone, and what stands where a provisioning key would. Not
    counted is who proved to belong here, and what is nobody's fault."""
    sighting, answer, granted = decision.sighting, decision.answer, decision.granted
    if sighting.protocol == "dhcp" or answer.outcome not in ("nothing", "busy", "challenge"):
        return ()
    if answer.outcome == "challenge" and not sighting.authorization:
        return ()  # each phone comes without its password first
    if answer.outcome == "busy" and answer.steps[-1].reason_id != "learn.too-many-new":
        return ()
    if granted and granted.level == "all" and (decision.before != "unknown" or granted.proof >= Proof.KEY):
        return ()
    first, slash, _ = sighting.path.partition("/")
    key = f"key {first}" if slash and not sighting.key else None
    return tuple(name for name in (identity(decision.facts), key) if name)


def _handed_out(decision: Decision) -> Iterator[Line]:
    """A phone that nobody knew got a file of its own: it may have been invented for that."""
    file = decision.answer.file
    found = (step for step in decision.answer.steps if step.reason_id == "find.found")
    if file and any(step.values[1:] == ("device",) for step in found):
        yield Line("info", SENSITIVE, decision.sighting.ip, file.name if file.name.isprintable() else "-")


def _where(decision: Decision) -> str:
    return "local" if decision.local else "elsewhere"
