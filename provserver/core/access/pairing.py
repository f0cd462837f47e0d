"""Pairing: how a phone gets its token, once, within a window of time; whoever has it then proves *token*."""

from collections.abc import Callable

from attrs import evolve, frozen

from provserver.core.access.policy import Policy, policy_of
from provserver.interfaces import IStore
from provserver.model import Device, Pairing, Put, Tenant

_LENGTH = 40  # hex digits of a token that we make, with more than 128 random bits


def new_token(new_id: Callable[[], str]) -> str:
    """Return a token made of random ids: of 32 hex digits each, of which a UUID's 122 bits are random."""
    return (new_id() + new_id())[:_LENGTH]


def opened(device: Device, policy: Policy, token: str, until: float) -> tuple[Put, ...]:
    """Return what opens the window of a device that is being made, where its tenant asks for tokens."""
    return (Put(Pairing(device.id, token=token, open_until=until), 0),) if policy.asks_token else ()


def is_open(pairing: Pairing | None, at: float) -> bool:
    return pairing is not None and at < pairing.open_until


def closed(pairing: Pairing) -> Put:
    """Return what closes the window: the phone has shown that it has its token."""
    return Put(evolve(pairing, open_until=0.0), pairing.rev)


@frozen
class Windows:
    """How windows are opened where administrators make devices. `default` is the policy of tenants without one."""

    default: Policy
    lasts_s: int
    new_id: Callable[[], str]

    def of(self, device: Device, tenant: Tenant, store: IStore, at: float) -> tuple[Put, ...]:
        """Return what opens the window of a device that is being made in a tenant."""
        policy = policy_of(store, tenant, self.default)
        return opened(device, policy, new_token(self.new_id), at + self.lasts_s)

    def renewed(self, device_id: str, until: float) -> Put:
        """Return what opens a window anew. A token from before ends."""
        return Put(Pairing(device_id, token=new_token(self.new_id), open_until=until), None)
