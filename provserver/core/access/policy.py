"""Policy: what proof a secret needs, by network. Each tenant has one, or its parent's (design section 7)."""

from collections.abc import Mapping

from attrs import frozen

from provserver.core.reading import found
from provserver.interfaces import IStore
from provserver.model import Proof, Tenant

Need = Proof | None  # the least proof that is enough; None: none is

_WORDS: Mapping[str, Need] = {**{proof.name.lower(): proof for proof in Proof}, "never": None}
LOCAL = ("none", "address", "key", "token", "certificate")  # what may be asked on the allowed networks
ELSEWHERE = ("key", "token", "certificate", "never")


@frozen
class Policy:
    local: Need = Proof.NONE
    elsewhere: Need = Proof.KEY

    def need(self, local: bool) -> Need:
        return self.local if local else self.elsewhere

    @property
    def asks_token(self) -> bool:
        return Proof.TOKEN in (self.local, self.elsewhere)


DEFAULT = Policy()


def need(word: str) -> Need:
    """Return what one of LOCAL or ELSEWHERE means; any other word is `never`."""
    return _WORDS.get(word)


def shown(asked: Need) -> str:
    return "never" if asked is None else asked.name.lower()


def policy_of(store: IStore, tenant: Tenant, default: Policy) -> Policy:
    """Return a tenant's policy: what it does not say itself is its parent's, and at last the `default`."""
    local, elsewhere = tenant.policy_local, tenant.policy_elsewhere
    passed = {tenant.id}
    above = found(store, Tenant, tenant.parent)
    while above and above.id not in passed and (local is None or elsewhere is None):
        local = above.policy_local if local is None else local
        elsewhere = above.policy_elsewhere if elsewhere is None else elsewhere
        passed.add(above.id)
        above = found(store, Tenant, above.parent)
    return Policy(
        default.local if local is None else need(local),
        default.elsewhere if elsewhere is None else need(elsewhere),
    )
