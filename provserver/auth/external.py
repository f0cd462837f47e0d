"""Tokens of a server that speaks wazo-auth's API: it is asked about each, and believed for a short while."""

import re
from functools import partial

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from zope.interface import implementer

from provserver.auth.answers import Known
from provserver.auth.cache import Believed
from provserver.auth.client import AuthServer
from provserver.auth.mirror import Mirror
from provserver.core.tokens import digest_of
from provserver.errors import Unauthorized
from provserver.interfaces import IAuthenticator
from provserver.model import Caller

_MOST_BELIEVED = 10_000
# What may stand in the path of a question: `..` would ask something else, which the server may well affirm.
_TOKEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]{0,255}")
_TENANT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]{0,63}")


@implementer(IAuthenticator)
class ExternalTokens:
    """No token is kept, but its digest."""

    def __init__(self, server: AuthServer, mirror: Mirror, believed_s: float, clock: IReactorTime) -> None:
        self._server = server
        self._mirror = mirror
        self._known = Believed[Known](believed_s, _MOST_BELIEVED, clock.seconds)
        self._allowed = Believed[None](believed_s, _MOST_BELIEVED, clock.seconds)
        self._tenants = Believed[frozenset[str]](believed_s, _MOST_BELIEVED, clock.seconds)

    def authorize(self, token: str, acl: str, tenant: str | None) -> Deferred[Caller]:
        return Deferred.fromCoroutine(self._authorize(token, acl, tenant))

    async def _authorize(self, token: str, acl: str, tenant: str | None) -> Caller:
        if not _TOKEN.fullmatch(token) or not (tenant is None or _TENANT.fullmatch(tenant)):
            raise Unauthorized("Unauthorized")
        await self._mirror.ready()
        digest = digest_of(token)
        known = await self._known.get(digest, partial(self._server.token, token))
        wanted = known.tenant if tenant is None else tenant
        filled = acl.replace("{tenant_uuid}", wanted.replace(".", "_"))
        check = partial(self._server.check, token, filled, tenant)
        await self._allowed.get((digest, filled, tenant), check)
        tenants = await self._tenants.get(wanted, partial(self._mirror.beneath, wanted))
        return Caller(known.holder, wanted, tenants, known.tenant, known.acl)
