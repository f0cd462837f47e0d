"""Access: who may have what, from what was known before the sighting (design section 7)."""

from collections.abc import Callable
from typing import Literal

from attrs import frozen

from provserver.model import Presence, Proof, Sighting, Step, Tenant

Level = Literal["all", "open", "none"]  # everything; only files that are not secret; nothing


@frozen
class Policy:
    """The least proof that a secret needs, by network."""

    local: Proof = Proof.NONE
    elsewhere: Proof = Proof.KEY


DEFAULT = Policy()


@frozen
class Access:
    level: Level
    proof: Proof
    step: Step


def split_key(path: str, tenant_with: Callable[[str], Tenant | None]) -> tuple[Tenant | None, str]:
    """Take a tenant's provisioning key off the front of a path: `K3y-of-A/0015….cfg`."""
    first, _, rest = path.partition("/")
    tenant = tenant_with(first) if first else None
    return (tenant, rest) if tenant else (None, path)


def proof_of(sighting: Sighting, presence: Presence | None, key_fits: bool) -> Proof:
    """Say how strongly a sighting proves that it is the device of `presence`. Tokens, digest and certificates
    come with the issue on secrets."""
    if key_fits:
        return Proof.KEY
    if sighting.protocol == "dhcp" or (presence and presence.proven_ip == sighting.ip):
        return Proof.ADDRESS  # a lease comes from the DHCP server, whose right to speak the receiver checked
    return Proof.NONE


def access(
    sighting: Sighting,
    local: bool,
    owner: Tenant,
    key_of: Tenant | None,
    presence: Presence | None,
    policy: Policy = DEFAULT,
) -> Access:
    """
    Judge a sighting by the policy of the tenant that owns the device, or would own it.

    `local`: it came from an allowed network, and through no proxy that we do not trust.
    """
    proof = proof_of(sighting, presence, key_of is not None and key_of.id == owner.id)
    if key_of is not None and key_of.id != owner.id:
        return Access("none", proof, Step("access", "access.other-tenants-key"))
    if sighting.protocol == "dhcp":
        return Access("all", proof, Step("access", "access.lease"))
    needed = policy.local if local else policy.elsewhere
    values = ("an allowed network" if local else "elsewhere", needed.name.lower(), proof.name.lower())
    if proof >= needed:
        return Access("all", proof, Step("access", "access.all", values))
    if local:
        return Access("open", proof, Step("access", "access.open-only", values))
    return Access("none", proof, Step("access", "access.refused", values))
