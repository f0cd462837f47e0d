"""Pairing: how a phone gets its token, once, within a window of time; whoever has it then proves *token*."""

from collections.abc import Callable

from attrs import evolve, frozen

from provserver.core.access.policy import Policy, policy_of
from provserver.core.reading import found
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
    """How windows are opened by whoever says which phone it is. `default` is the policy of tenants without one."""

    default: Policy
    lasts_s: int
    new_id: Callable[[], str]

    def of(self, device: Device, tenant: Tenant, store: IStore, at: float) -> tuple[Put, ...]:
        """Return what opens the window of a device that is being made in a tenant."""
        policy = policy_of(store, tenant, self.default)
        return opened(device, policy, new_token(self.new_id), at + self.lasts_s)

    def at_first_line(self, device: Device, store: IStore, at: float) -> tuple[Put, ...]:
        """
        Return what opens the window of a device that gets its first line, in the tenant that it has then: whoever
        seats it says which phone it is. The token stays if there is one, for the phone may have been told it already;
        where the phone has shown it, or an administrator chose it, nobody needs to be told.
        """
        tenant = found(store, Tenant, device.tenant)
        pairing = found(store, Pairing, device.id)
        if tenant is None or pairing is None:
            return self.of(device, tenant, store, at) if tenant else ()
        asks = policy_of(store, tenant, self.default).asks_token
        if not asks or not pairing.open_until:
            return ()
        return (Put(evolve(pairing, open_until=at + self.lasts_s), pairing.rev),)

    def renewed(self, device_id: str, until: float) -> Put:
        """Return what opens a window anew. A token from before ends."""
        return Put(Pairing(device_id, token=new_token(self.new_id), open_until=until), None)
