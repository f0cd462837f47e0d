"""Carries out a vendor's own way to tell a phone: one HTTP request, or one Telnet session, each bounded in time."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

from OpenSSL import SSL
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.endpoints import HostnameEndpoint
from twisted.internet.interfaces import IDelayedCall, IOpenSSLClientConnectionCreator, IReactorTime
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.internet.ssl import CertificateOptions
from twisted.python.failure import Failure
from twisted.web.client import (
    Agent,
    FileBodyProducer,
    HTTPConnectionPool,
    RequestTransmissionFailed,
    ResponseFailed,
    ResponseNeverReceived,
)
from twisted.web.http_headers import Headers
from twisted.web.iweb import IPolicyForHTTPS, IResponse
from zope.interface import implementer

from provserver.errors import Invalid, NotResynced
from provserver.interfaces import Told
from provserver.model import Call
from provserver.pbx.tls import TROUBLES, said
from provserver.pbx.vendor_calls import (
    STEP_S,
    Close,
    HttpCall,
    Telnet,
    TelnetCall,
    Write,
    authorization,
    read_call,
)

HTTP_S = 15.0  # from the connection to the answer
_FORM = "application/x-www-form-urlencoded"


class VendorCalls:
    def __init__(self, reactor: Any, new_token: Callable[[], str], answer_s: float = HTTP_S) -> None:
        """`reactor` is one with TCP and time; `new_token` gives letters and digits that nobody can guess."""
        self._reactor = reactor
        self._new_token = new_token
        self._answer_s = answer_s
        pool = HTTPConnectionPool(reactor, persistent=False)
        self._agent = Agent(reactor, _PhonesOwn(), connectTimeout=STEP_S, pool=pool)

    def carry_out(self, call: Call, ip: str) -> Deferred[Told]:
        """`ip` is the phone's, "" where it is not known. Errors: NotResynced."""
        return Deferred.fromCoroutine(self._carry_out(call, ip))

    async def _carry_out(self, call: Call, ip: str) -> Told:
        try:
            read = read_call(call, ip)
        except Invalid as problem:
            raise NotResynced("resync.unfit", str(problem)) from None
        if isinstance(read, TelnetCall):
            return await self._telnet(read)
        return await self._http(read)

    # --- HTTP ----------------------------------------------------------------------------------------------

    async def _http(self, call: HttpCall) -> Told:
        try:
            status = await self._answer(call)
        except (ResponseFailed, ResponseNeverReceived) as problem:
            if any(reason.check(CancelledError) for reason in problem.reasons):
                raise NotResynced("resync.no-answer", f"no answer within {self._answer_s:.0f} s") from None
            return "sent"  # it restarts, and some do so before they have answered
        except (*TROUBLES, RequestTransmissionFailed) as problem:
            raise NotResynced("resync.unreachable", said(problem)) from None
        if status in (401, 403):
            raise NotResynced("resync.refused-login", f"the phone answers {status} to our password")
        if status >= 400:
            raise NotResynced("resync.refused", f"the phone answers {status}")
        return "answered"  # a redirection too: the page after a form that was taken

    async def _answer(self, call: HttpCall) -> int:
        response = await self._asked(call, "")
        if response.code != 401:
            return int(response.code)
        challenges = response.headers.getRawHeaders("WWW-Authenticate", [])
        response = await self._asked(call, authorization(call, challenges, self._new_token()))
        return int(response.code)

    async def _asked(self, call: HttpCall, login: str) -> IResponse:
        headers = {
            **({"Content-Type": [_FORM]} if call.body else {}),
            **({"Authorization": [login]} if login else {}),
        }
        asking = self._agent.request(
            call.method.encode("ascii"),
            call.url.encode("ascii"),
            Headers(headers),
            FileBodyProducer(BytesIO(call.body), cooperator=_AtOnce()) if call.body else None,
        )
        response = await asking.addTimeout(self._answer_s, self._reactor)
        response.deliverBody(_NoBody())
        return response

    # --- Telnet --------------------------------------------------------------------------------------------

    async def _telnet(self, call: TelnetCall) -> Told:
        session = TelnetSession(call, self._reactor)
        endpoint = HostnameEndpoint(self._reactor, call.host, call.port, timeout=STEP_S)
        try:
            await endpoint.connect(Factory.forProtocol(lambda: session))
        except TROUBLES as problem:
            raise NotResynced("resync.unreachable", said(problem)) from None
        trouble = await session.ended
        if trouble:
            raise NotResynced("resync.refused", trouble)
        return "sent"  # whether the lines meant anything to it, it does not say in words that we know


class TelnetSession(Protocol):
    """`ended` fires when the connection is gone, with the problem or ""."""

    transport: Any

    def __init__(self, call: TelnetCall, clock: IReactorTime) -> None:
        self.ended: Deferred[str] = Deferred()
        self._telnet = Telnet(call.lines, clock.seconds())
        self._clock = clock
        self._problem: str | None = None
        self._timer: IDelayedCall | None = None

    def connectionMade(self) -> None:
        self._do(())

    def dataReceived(self, data: bytes) -> None:
        self._do(self._telnet.fed(data, self._clock.seconds()))

    def connectionLost(self, reason: Failure = connectionDone) -> None:  # noqa: ARG002 - Twisted's
        self._cancel_timer()
        self.ended.callback(self._telnet.closed() if self._problem is None else self._problem)

    def _do(self, todo: tuple[Write | Close, ...]) -> None:
        for each in todo:
            if isinstance(each, Write):
                self.transport.write(each.data)
            else:
                self._problem = each.problem
                self.transport.abortConnection()
                return
        self._cancel_timer()
        pause_s = max(0.0, self._telnet.wake_at - self._clock.seconds())
        self._timer = self._clock.callLater(pause_s, self._woken)

    def _cancel_timer(self) -> None:
        if self._timer and self._timer.active():
            self._timer.cancel()

    def _woken(self) -> None:
        self._do(self._telnet.woken(self._clock.seconds()))


# --- what Twisted's client wants -------------------------------------------------------------------------------


class _NoBody(Protocol):
    """The page that comes with an answer is not looked at, however long it is."""

    transport: Any

    def connectionMade(self) -> None:
        self.transport.loseConnection()


class _AtOnce:
    """Hands a body over without the reactor: it is some bytes long."""

    def cooperate(self, iterator: Any) -> "_AtOnce":
        self._done: Deferred[None] = Deferred()
        for _ in iterator:
            pass
        self._done.callback(None)
        return self

    def whenDone(self) -> Deferred[None]:
        return self._done

    def stop(self) -> None:
        """It is over already."""


@implementer(IPolicyForHTTPS)
class _PhonesOwn:
    """Phones make their certificates themselves: there is nothing to check them by, and plain HTTP is no better."""

    def creatorForNetloc(self, hostname: bytes, port: int) -> "_Unchecked":  # noqa: ARG002 - the same for all
        return _Unchecked()


@implementer(IOpenSSLClientConnectionCreator)
class _Unchecked:
    def clientConnectionForTLS(self, tlsProtocol: Any) -> SSL.Connection:  # noqa: ARG002 - the same for all
        return SSL.Connection(CertificateOptions(verify=False).getContext(), None)
