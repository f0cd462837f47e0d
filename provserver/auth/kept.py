"""Tokens that provd keeps itself: those in the store, and the administrator's in its file."""

from collections.abc import Callable
from hmac import compare_digest

from twisted.internet.defer import Deferred, maybeDeferred
from zope.interface import implementer

from provserver.core.acl import allows
from provserver.core.reading import found, master
from provserver.core.tenants import TenantTree
from provserver.core.tokens import administrators, digest_of, is_over, known_as
from provserver.errors import Invalid, Unauthorized
from provserver.interfaces import IAuthenticator, IStore
from provserver.model import Caller, Tenant, Token

_NO_DIGEST = "0" * 64


@implementer(IAuthenticator)
class KeptTokens:
    def __init__(self, administrator: str, store: IStore, seconds: Callable[[], float]) -> None:
        """
        `administrator`: the token of the administrator, who may do everything in every tenant. No change of the store
        takes it away: it is the way in. `seconds` tells the time since the epoch.

        Raises:
            Invalid: that token is empty; a request without one would have it.
        """
        if not administrator:
            raise Invalid("the administrator's token is empty")
        self._administrator = digest_of(administrator)
        self._store = store
        self._seconds = seconds
        self._tree = TenantTree(store)

    def authorize(self, token: str, acl: str, tenant: str | None) -> Deferred[Caller]:
        return maybeDeferred(self._authorize, token, acl, tenant)

    def _authorize(self, token: str, acl: str, tenant: str | None) -> Caller:
        kept = self._find(digest_of(token))
        if kept is None or is_over(kept, self._seconds()):
            raise Unauthorized("Unauthorized")
        wanted = kept.tenant if tenant is None else tenant
        in_reach = wanted in self._tree.beneath(kept.tenant) and found(self._store, Tenant, wanted)
        filled = acl.replace("{tenant_uuid}", wanted.replace(".", "_"))
        if not in_reach or not allows(kept.acl, filled, kept.id):
            raise Unauthorized("Unauthorized")
        return Caller(known_as(kept), wanted, self._tree.beneath(wanted), kept.tenant, kept.acl, kept.id)

    def _find(self, digest: str) -> Token | None:
        """Compare with the administrator's and one more, always, and each in constant time. That an index has found
        the other tells nobody anything: who could choose the digest of a guess would need no token."""
        is_administrators = compare_digest(self._administrator, digest)
        kept = next(iter(self._store.find(Token, "digest", digest)), None)
        is_kept = compare_digest(kept.digest if kept else _NO_DIGEST, digest)
        if is_administrators:
            return administrators(digest, master(self._store).id)
        return kept if is_kept else None
