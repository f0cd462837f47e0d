"""Access: who may have what, from what was known before the sighting (design section 7)."""

from typing import Literal

from attrs import frozen

from provserver.core.access.policy import Policy
from provserver.core.access.policy import shown as word
from provserver.core.access.proofs import Shown
from provserver.model import Presence, Proof, Sighting, Step, Tenant

Level = Literal["all", "open", "none"]  # everything; only files that are not secret; nothing


@frozen
class Access:
    level: Level
    proof: Proof
    step: Step


@frozen
class Claim:
    """Who a sighting says it is, and what there was known of that before."""

    owner: Tenant  # of the device, or it would be
    presence: Presence | None = None
    mac: str | None = None  # of the device, else as the sighting says
    other: bool = False  # the token that was shown is another device's
    pairing_open: bool = False  # the device is to get its token now


def proof_of(sighting: Sighting, claim: Claim, shown: Shown, shared: bool) -> Proof:
    """Say how strongly a sighting proves that it is the device. `shared`: the address is a NAT's, which proves
    nothing."""
    if claim.mac and claim.mac in shown.macs:
        return Proof.CERTIFICATE
    if shown.pairing and not claim.other:
        return Proof.TOKEN
    if shown.key_of and shown.key_of.id == claim.owner.id:
        return Proof.KEY
    if sighting.protocol == "dhcp":  # the DHCP server's word, whose right to speak the receiver checked
        return Proof.ADDRESS
    if claim.presence and claim.presence.proven_ip == sighting.ip and not shared:
        return Proof.ADDRESS
    return Proof.NONE


def access(
    sighting: Sighting, claim: Claim, shown: Shown, policy: Policy, local: bool, shared: bool = False
) -> Access:
    """
    Judge a sighting by the policy of the tenant that owns the device, or would own it.

    `local`: it came from an allowed network, and through no proxy that we do not trust.
    """
    proof = proof_of(sighting, claim, shown, shared)
    refused = _contradiction(claim, shown)
    if refused:
        return Access("none", proof, refused)
    if sighting.protocol == "dhcp":
        return Access("all", proof, Step("access", "access.lease"))
    needed = policy.need(local)
    values = ("an allowed network" if local else "elsewhere", word(needed), proof.name.lower())
    if needed is not None and proof >= needed:
        return Access("all", proof, Step("access", "access.all", values))
    if needed == Proof.TOKEN and claim.pairing_open and proof >= (Proof.ADDRESS if local else Proof.KEY):
        return Access("all", proof, Step("access", "access.pairing", values))
    if local:
        return Access("open", proof, Step("access", "access.open-only", values))
    return Access("none", proof, Step("access", "access.refused", values))


def _contradiction(claim: Claim, shown: Shown) -> Step | None:
    """What is shown of another one is worse than nothing: it is refused wherever it comes from."""
    if shown.key_of is not None and shown.key_of.id != claim.owner.id:
        return Step("access", "access.other-tenants-key")
    if claim.other:
        return Step("access", "access.other-devices-token")
    if shown.macs and claim.mac and claim.mac not in shown.macs:
        return Step("access", "access.other-devices-certificate", (claim.mac, ", ".join(sorted(shown.macs))))
    return None
