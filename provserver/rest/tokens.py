"""Tokens: for now there is one, the administrator's."""

from hashlib import sha256
from hmac import compare_digest

from twisted.internet.defer import Deferred, fail, succeed
from zope.interface import implementer

from provserver.core.reading import found, master
from provserver.errors import Invalid, Unauthorized
from provserver.interfaces import IAuthenticator, IStore
from provserver.model import Caller, Tenant


@implementer(IAuthenticator)
class AdministratorToken:
    """Lets whoever has the token do everything, in every tenant that exists."""

    def __init__(self, token: str, store: IStore) -> None:
        """Raises: Invalid, when the token is empty: a request without one would have it."""
        if not token:
            raise Invalid("the administrator's token is empty")
        self._digest = _digest(token)
        self._store = store

    def authorize(self, token: str, acl: str, tenant: str | None) -> Deferred[Caller]:  # noqa: ARG002 - may do all
        known = compare_digest(_digest(token), self._digest)
        asked = master(self._store) if tenant is None else found(self._store, Tenant, tenant)
        if not known or asked is None:
            return fail(Unauthorized("Unauthorized"))
        return succeed(Caller("administrator", asked.id, beneath(self._store, asked.id)))


def beneath(store: IStore, tenant_id: str) -> frozenset[str]:
    """Return a tenant and all that descend from it."""
    known: set[str] = set()
    todo = [tenant_id]
    while todo:
        next_id = todo.pop()
        if next_id not in known:
            known.add(next_id)
            todo += [child.id for child in store.find(Tenant, "parent", next_id)]
    return frozenset(known)


def _digest(token: str) -> bytes:
    return sha256(token.encode("utf-8", "backslashreplace")).digest()
