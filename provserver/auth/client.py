"""The calls of wazo-auth's API that provd makes (contract section 3.2), over HTTP."""

import base64
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from twisted.internet.defer import CancelledError, Deferred, DeferredSemaphore, succeed
from twisted.internet.interfaces import IConsumer, IReactorTime
from twisted.internet.protocol import Protocol, connectionDone
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web.client import ResponseDone
from twisted.web.http import PotentialDataLoss
from twisted.web.http_headers import Headers
from twisted.web.iweb import IAgent, IBodyProducer, IResponse
from zope.interface import implementer

from provserver.auth.answers import Known, OwnToken, ServiceKey, read_own_token, read_tenants, read_token
from provserver.errors import AuthAway, ProvdError, Unauthorized
from provserver.model import Tenant

_AT_ONCE = 20  # questions under way
_MOST_WAITING = 2_000
_MOST_BYTES = 8 << 20
_DOWN_S = 1.0  # so long a server that could not be reached is not asked again
OWN_TOKEN_S = 7200
_JSON = "application/json"


class AuthServer:
    """
    Each call answers, or raises Unauthorized where the server says no, or AuthAway where it says nothing that can be
    understood. How it is not reached is logged, and never told to who asks.
    """

    _log = Logger()

    def __init__(self, agent: IAgent, url: str, timeout_s: float, clock: IReactorTime) -> None:
        """`agent` verifies the server's certificate by its name; `url` has no `/0.1`; `timeout_s` is for a whole
        answer."""
        self._agent = agent
        self._url = url
        self._timeout_s = timeout_s
        self._clock = clock
        self._turns = DeferredSemaphore(_AT_ONCE)
        self._down_until = 0.0

    async def token(self, token: str) -> Known:
        """Return what a token is."""
        return read_token(await self._asked("GET", f"/token/{quote(token, safe='')}", {}, (200,)))

    async def check(self, token: str, acl: str, tenant: str | None) -> None:
        """Return where the token may do what the ACL says, in the tenant if there is one."""
        query = {"scope": acl, "tenant": tenant} if tenant is not None else {"scope": acl}
        await self._asked("HEAD", f"/token/{quote(token, safe='')}?{urlencode(query)}", {}, (204,))

    async def own_token(self, key: ServiceKey) -> OwnToken:
        """Return a token that is good for OWN_TOKEN_S seconds."""
        credentials = base64.b64encode(f"{key.id}:{key.key}".encode()).decode()
        headers = {"Authorization": f"Basic {credentials}", "Content-Type": _JSON}
        body = b'{"expiration": %d}' % OWN_TOKEN_S
        return read_own_token(await self._asked("POST", "/token", headers, (200,), body))

    async def tenants(self, own_token: str, tenant: str | None) -> tuple[Tenant, ...]:
        """Return a tenant and all beneath it; None is provd's own."""
        headers = {"X-Auth-Token": own_token} | ({"Wazo-Tenant": tenant} if tenant is not None else {})
        return read_tenants(await self._asked("GET", "/tenants", headers, (200,)))

    async def has_tenant(self, own_token: str, tenant: str) -> bool:
        path = f"/tenants/{quote(tenant, safe='')}"
        status, _ = await self._ask("GET", path, {"X-Auth-Token": own_token}, None)
        if status not in (200, 404):
            raise self._odd(status)
        return status == 200

    async def _asked(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        good: tuple[int, ...],
        body: bytes | None = None,
    ) -> bytes:
        status, answer = await self._ask(method, path, headers, body)
        if status in good:
            return answer
        if status in (400, 401, 403, 404):  # 400: what cannot be a token there
            raise Unauthorized("Unauthorized")
        raise self._odd(status)

    async def _ask(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes | None
    ) -> tuple[int, bytes]:
        """Raises: AuthAway."""
        if len(self._turns.waiting) >= _MOST_WAITING:
            raise AuthAway("too many wait for the authentication server")
        if self._clock.seconds() < self._down_until:
            raise _away()
        try:
            await self._turns.acquire()
        except CancelledError:
            raise _away() from None
        try:
            exchange = Deferred.fromCoroutine(self._exchange(method, path, headers, body))
            return await exchange.addTimeout(self._timeout_s, self._clock).addErrback(self._failed)
        finally:
            self._turns.release()

    async def _exchange(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes | None
    ) -> tuple[int, bytes]:
        sent = Headers({name: [value] for name, value in {"Accept": _JSON, **headers}.items()})
        producer = _Sent(body) if body is not None else None
        response = await self._agent.request(
            method.encode(), f"{self._url}/0.1{path}".encode(), sent, producer
        )
        return response.code, await _read(response)

    def _odd(self, status: int) -> AuthAway:
        self._log.error("the authentication server answers {status}", status=status)
        return AuthAway("the authentication server answers nothing that can be understood")

    def _failed(self, failure: Failure) -> Failure:
        """Whatever happened over there, to who waits it is one thing. No URL is logged: it holds the token."""
        if failure.check(ProvdError, CancelledError):  # our own words, or we stop
            return failure
        self._down_until = self._clock.seconds() + _DOWN_S
        problem = failure.value
        self._log.error(
            "the authentication server cannot be asked: {kind} {problem}",
            kind=type(problem).__name__,
            problem=str(problem)[:200],
        )
        for waiting in tuple(self._turns.waiting):  # each would find the same
            waiting.cancel()
        return Failure(_away())


def _away() -> AuthAway:
    return AuthAway("the authentication server does not answer")


@implementer(IBodyProducer)
class _Sent:
    """A body that is written at once."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.length = len(data)

    def startProducing(self, consumer: IConsumer) -> Deferred[None]:
        consumer.write(self._data)
        return succeed(None)

    def pauseProducing(self) -> None:
        """It is written already."""

    def resumeProducing(self) -> None:
        """The same."""

    def stopProducing(self) -> None:
        """The same."""


def _read(response: IResponse) -> Deferred[bytes]:
    body = _Body()
    response.deliverBody(body)
    return body.whole


class _Body(Protocol):
    def __init__(self) -> None:
        self._data = bytearray()
        self.whole: Deferred[bytes] = Deferred(lambda _: self._abort())

    def dataReceived(self, data: bytes) -> None:
        self._data += data
        if len(self._data) > _MOST_BYTES:
            self._abort()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        if self.whole.called:
            return
        if reason.check(ResponseDone, PotentialDataLoss):  # half of a JSON document is none
            self.whole.callback(bytes(self._data))
        else:
            self.whole.errback(AuthAway("the authentication server's answer broke off, or is too long"))

    def _abort(self) -> None:
        transport: Any = self.transport  # it can do more than ITransport says
        transport.abortConnection()
