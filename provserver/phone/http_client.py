"""Fetches files over HTTP, from an address of the phone's own, every file on a connection of its own."""

from twisted.internet import error
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import HostnameEndpoint
from twisted.internet.interfaces import IDelayedCall, IReactorTime, ITCPTransport
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.python.failure import Failure

from provserver.phone.fetching import host_and_port, origin
from provserver.phone.http_message import Reply, request_bytes
from provserver.phone.login import Login
from provserver.phone.values import Fetch, Fetched, Unreachable

CONNECT_S = 10
ANSWER_S = 30  # from the request to the last byte


class HttpClient:
    """`reactor` is one with TCP and time; `source` is an address of this machine, or empty."""

    def __init__(self, reactor: IReactorTime, source: str, login: Login | None = None) -> None:
        self._reactor = reactor
        self._source = source
        self._login = login

    async def fetch(self, fetch: Fetch) -> Fetched:
        """Fetch a file, with the password if that is asked for. Raises: Unreachable."""
        fetched = await self._fetch(fetch)
        answer = self._login.answer(fetch, fetched) if self._login else None
        return await self._fetch(answer) if answer else fetched

    async def _fetch(self, fetch: Fetch) -> Fetched:
        host, port = host_and_port(fetch.url)
        bind = (self._source, 0) if self._source else None
        endpoint = HostnameEndpoint(self._reactor, host, port, timeout=CONNECT_S, bindAddress=bind)
        exchange = HttpExchange(fetch, self._reactor)
        try:
            await endpoint.connect(Factory.forProtocol(lambda: exchange))
        except (error.ConnectError, error.DNSLookupError, TypeError) as problem:
            raise Unreachable(f"cannot reach {origin(fetch.url)}: {self._reason(problem)}") from None
        return await exchange.fetched

    def _reason(self, problem: Exception) -> str:
        match problem:
            case error.ConnectionRefusedError():
                return "connection refused. Is provd running? try: make run"
            case error.DNSLookupError():
                return "no such host"
            case error.TimeoutError():
                return f"no connection within {CONNECT_S} s"
            case error.ConnectBindError() | TypeError():  # TypeError: an IPv6 source for an IPv4 server
                return f"cannot ask from {self._source}: not an address of this machine that fits the server"
            case _:
                return str(problem).rstrip(".")


class HttpExchange(Protocol):
    """One request and its answer. `fetched` fires when the connection is gone, so that nothing is left over."""

    transport: ITCPTransport

    def __init__(self, fetch: Fetch, clock: IReactorTime) -> None:
        self.fetched: Deferred[Fetched] = Deferred()
        self._fetch = fetch
        self._clock = clock
        self._reply = Reply()
        self._result: Fetched | None = None
        self._timer: IDelayedCall

    def connectionMade(self) -> None:
        self._timer = self._clock.callLater(ANSWER_S, self._give_up)
        self.transport.write(request_bytes(self._fetch))

    def dataReceived(self, data: bytes) -> None:
        if self._result is None:
            self._result = self._reply.fed(data)
            if self._result and self._result.problem:
                self.transport.abortConnection()
            elif self._result:
                self.transport.loseConnection()

    def connectionLost(self, reason: Failure = connectionDone) -> None:  # noqa: ARG002 - Twisted's
        if self._timer.active():
            self._timer.cancel()
        self.fetched.callback(self._result or self._reply.closed())

    def _give_up(self) -> None:
        self._result = self._result or self._reply.broken(f"not whole after {ANSWER_S} s")
        self.transport.abortConnection()
