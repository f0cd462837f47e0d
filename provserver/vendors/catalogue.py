"""The list of packages that a plugin server has: `plugins.db` (one JSON object, by plugin id)."""

from collections.abc import Callable
from typing import Any

import msgspec
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.internet.protocol import Protocol, connectionDone
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web.client import ResponseDone
from twisted.web.iweb import IAgent, IResponse
from zope.interface import implementer

from provserver.errors import ProvdError, Unreachable
from provserver.interfaces import ICatalogue

_PATIENCE_S = 4.0  # a client waits five for a wrong server to be told (contract section 8.1)
_MOST_BYTES = 4 << 20


@implementer(ICatalogue)
class HttpCatalogue:
    """
    Asks whether the list can be had, and is one. What it lists cannot be installed yet: the packages of wazo-provd
    are programs for another server.
    """

    _log = Logger()

    def __init__(self, agent: IAgent, clock: IReactorTime) -> None:
        self._agent = agent
        self._clock = clock

    def fetch(self, server: str, tell: Callable[[int], None]) -> Deferred[None]:
        fetching = Deferred.fromCoroutine(self._fetch(f"{server.rstrip('/')}/plugins.db", tell))
        fetching.addTimeout(_PATIENCE_S, self._clock)
        return fetching.addErrback(_unreachable)

    async def _fetch(self, url: str, tell: Callable[[int], None]) -> None:
        response = await self._agent.request(b"GET", url.encode("ascii"))
        if response.code != 200:
            raise Unreachable(f"the plugin server answers {response.code}")
        body = await _read(response, tell)
        try:
            packages = msgspec.json.decode(body, type=dict[str, dict[str, object]])
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise Unreachable("what the plugin server sends is no list of packages") from None
        self._log.info("the plugin server lists {count} packages", count=len(packages))


def _unreachable(failure: Failure) -> Failure:
    """Whatever happened over there, to the client it is one thing; the URL may hold a password, and is not told."""
    if failure.check(ProvdError):
        return failure
    return Failure(Unreachable(f"the plugin server cannot be asked: {type(failure.value).__name__}"))


def _read(response: IResponse, tell: Callable[[int], None]) -> Deferred[bytes]:
    body = _Body(tell)
    response.deliverBody(body)
    return body.whole


class _Body(Protocol):
    def __init__(self, tell: Callable[[int], None]) -> None:
        self._tell = tell
        self._data = bytearray()
        self.whole: Deferred[bytes] = Deferred(lambda _: self._abort())

    def dataReceived(self, data: bytes) -> None:
        self._data += data
        self._tell(len(self._data))
        if len(self._data) > _MOST_BYTES:
            self._abort()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        if self.whole.called:
            return
        if reason.check(ResponseDone):
            self.whole.callback(bytes(self._data))
        else:
            self.whole.errback(Unreachable("the plugin server's answer broke off, or is too long"))

    def _abort(self) -> None:
        transport: Any = self.transport  # it can do more than ITransport says
        transport.abortConnection()
