"""Judging: what the chain asks of a sighting, once it is known which device it may be."""

from collections.abc import Callable

from attrs import evolve, field, frozen

from provserver.core.access import Access, Claim, access
from provserver.core.access.pairing import closed, is_open, opened
from provserver.core.access.policy import Policy, policy_of
from provserver.core.access.proofs import Shown
from provserver.core.learn import Learnt, Made
from provserver.core.match import Match
from provserver.core.reading import found, master, rank
from provserver.core.surroundings import Surroundings
from provserver.interfaces import IStore
from provserver.model import Device, Facts, Pairing, Presence, Proof, Put, Sighting, Step, Tenant


@frozen
class Place:
    """Where a sighting comes from."""

    local: bool  # from an allowed network
    shared: bool  # from an address that may be many phones'


@frozen
class Judged:
    granted: Access
    policy: Policy
    owner: Tenant  # of the device, or it would be
    handed: str = field(default="", repr=False)  # the token that the phone's own files shall tell it


def judge(
    around: Surroundings,
    sighting: Sighting,
    shown: Shown,
    facts: Facts,
    device: Device | None,
    presence: Presence | None,
    place: Place,
) -> Judged:
    store = around.store
    owner = found(store, Tenant, device.tenant) if device else shown.key_of
    owner = owner or master(store)
    policy = policy_of(store, owner, around.policy)
    pairing = found(store, Pairing, device.id) if device and policy.asks_token else None
    open_now = is_open(pairing, sighting.at)
    mac = device.mac if device and device.mac else facts.mac
    other = device is not None and shown.pairing is not None and _is_another(device, facts)
    claim = Claim(owner, presence, mac, other, open_now)
    granted = access(sighting, claim, shown, policy, place.local, place.shared)
    enough = granted.proof >= (Proof.ADDRESS if place.local else Proof.KEY)
    hands = open_now and enough and not shown.pairing and sighting.protocol in ("http", "tftp")
    return Judged(granted, policy, owner, pairing.token if pairing and hands else "")


def challenges(
    around: Surroundings, sighting: Sighting, shown: Shown, local: bool, salt: str
) -> tuple[str, ...]:
    """
    Return what one who gets nothing is asked for. It follows from the network and the key in the path alone, so that
    it does not tell whether there is a device.
    """
    if around.digests is None or sighting.protocol != "http":
        return ()
    tenant = shown.key_of or master(around.store)
    if policy_of(around.store, tenant, around.policy).need(local) != Proof.TOKEN:
        return ()
    return around.digests.challenges(sighting.at, salt, shown.stale)


def paired(
    learnt: Learnt, around: Surroundings, sighting: Sighting, shown: Shown, policy: Policy, new_token: str
) -> Learnt:
    """Open the window of a device that a lease made, close that of one that has shown its token."""
    puts: tuple[Put, ...] = ()
    reason_id = "learn.paired"
    if learnt.made == "new" and sighting.protocol == "dhcp":
        puts = opened(learnt.device, policy, new_token, sighting.at + around.pairing_s)
        reason_id = "learn.pairing"
    elif shown.pairing and is_open(shown.pairing, sighting.at):
        puts = (closed(shown.pairing),)
    if not puts:
        return learnt
    steps = (*learnt.steps, Step("learn", reason_id, (learnt.device.id,)))
    made: Made = "paired" if learnt.made == "same" else learnt.made
    return evolve(learnt, changes=(*learnt.changes, *puts), steps=steps, made=made)


def by_token(store: IStore, shown: Shown) -> Match | None:
    """Return the device whose token was shown: it is no other, whatever else fits."""
    device = found(store, Device, shown.pairing.id) if shown.pairing else None
    return Match(device, (Step("match", "match.by-token", (device.id,)),)) if device else None


def likelihood(store: IStore, shown: Shown) -> Callable[[Device], tuple[float, ...]]:
    """Return how likely each of twins is meant: that of the tenant whose key was shown, for another tenant may have
    made the other; else the configured and the last seen one."""

    def of(device: Device) -> tuple[float, ...]:
        return shown.key_of is not None and device.tenant == shown.key_of.id, *rank(store, device)

    return of


def _is_another(device: Device, facts: Facts) -> bool:
    """Say whether a sighting names another phone than the one whose token it shows. Vendor and model do not count:
    people write them, and write them wrong."""
    return any(
        (said := getattr(facts, name)) and (known := getattr(device, name)) and said.lower() != known.lower()
        for name in ("mac", "serial", "uuid")
    )
