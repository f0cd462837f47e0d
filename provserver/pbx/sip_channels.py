"""The sockets of SIP requests: one for all of UDP from an address of ours, one a connection for TCP and TLS."""

from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred, fail
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.internet.protocol import DatagramProtocol, Protocol, connectionDone
from twisted.python.failure import Failure

from provserver.address import url_host
from provserver.errors import Invalid, NotResynced
from provserver.pbx.tls import said
from provserver.sip.message import Response, read_message
from provserver.sip.requests import NO_ANSWER, Asked, Do, Ended, Requests, Send, Transport
from provserver.sip.stream import Stream
from provserver.sip.transaction import T1_S

IDLE_S = 60.0  # then a connection is closed
_GIVE_UP_S = 64 * T1_S  # timer F: how long a request waits for its answer

Address = tuple[str, int]
Write = Callable[[bytes, Address], None]


class Exchange:
    """The requests of one socket, with their clock, and who waits for their answers."""

    def __init__(
        self,
        transport: Transport,
        local: Address,
        clock: IReactorTime,
        write: Write,
        silent: Callable[[], object] = lambda: None,
    ) -> None:
        """`silent` is called where a request got no answer, and nothing else was heard since it was sent."""
        self.sender = f"{url_host(local[0])}:{local[1]}"
        self._requests = Requests(transport, self.sender)
        self._clock = clock
        self._write = write
        self._silent = silent
        self._heard_at = clock.seconds()
        self._waiting: dict[str, tuple[Deferred[Ended], Address]] = {}
        self._timer: IDelayedCall | None = None

    @property
    def idle(self) -> bool:
        return not self._waiting

    def ask(self, token: str, asked: Asked, to: Address) -> Deferred[Ended]:
        """Errors: Invalid: it cannot be written; NotResynced: it cannot be sent."""
        try:
            todo = self._requests.ask(token, asked, self._clock.seconds())
        except Invalid as problem:
            return fail(problem)
        answer: Deferred[Ended] = Deferred()
        self._waiting[token] = (answer, to)
        self._do(todo)
        return answer

    def received(self, data: bytes) -> None:
        """Raises: Invalid."""
        self._heard_at = self._clock.seconds()
        message = read_message(data)
        if isinstance(message, Response):
            self._do(self._requests.heard(message, self._clock.seconds()))

    def fail(self, problem: NotResynced) -> None:
        """Nothing more can come."""
        for token in tuple(self._waiting):
            self._fail(token, problem)
        self._set_timer()

    def _fail(self, token: str, problem: NotResynced) -> None:
        self._requests.forget(token)
        answer, _ = self._waiting.pop(token)
        answer.errback(problem)

    def _do(self, todo: tuple[Do, ...]) -> None:
        for each in todo:
            answer, to = self._waiting[each.token]
            match each:
                case Send(token, data):
                    try:
                        self._write(data, to)
                    except OSError as problem:  # no way there
                        text = f"{url_host(to[0])}: {problem.strerror}"
                        self._fail(token, NotResynced("resync.unreachable", text))
                case Ended(token):
                    del self._waiting[token]
                    answer.callback(each)
        self._set_timer()

    def _set_timer(self) -> None:
        if self._timer and self._timer.active():
            self._timer.cancel()
        wake_at = self._requests.wake_at
        if wake_at is not None:
            self._timer = self._clock.callLater(max(0.0, wake_at - self._clock.seconds()), self._woken)

    def _woken(self) -> None:
        now = self._clock.seconds()
        todo = self._requests.woken(now)
        if now - self._heard_at >= _GIVE_UP_S and any(isinstance(each, Ended) for each in todo):
            self._silent()
        self._do(todo)


class UdpChannel(DatagramProtocol):
    noisy = False
    exchange: Exchange

    def __init__(self, clock: IReactorTime) -> None:
        self._clock = clock

    def startProtocol(self) -> None:
        transport: Any = self.transport
        host = transport.getHost()
        self.exchange = Exchange("udp", (host.host, host.port), self._clock, transport.write)

    def stopProtocol(self) -> None:
        self.exchange.fail(NotResynced("resync.stopped", "provd stops"))

    def datagramReceived(self, datagram: bytes, addr: Address) -> None:  # noqa: ARG002 - the branch says what it answers
        try:
            self.exchange.received(datagram)
        except Invalid:
            pass  # anybody can send anything to a UDP port; the answer that is waited for may still come


class StreamChannel(Protocol):
    transport: Any
    exchange: Exchange

    def __init__(self, transport: Transport, clock: IReactorTime, closed: Callable[[], object]) -> None:
        self._transport = transport
        self._clock = clock
        self._closed = closed
        self._stream = Stream()
        self._end: NotResynced | None = None
        self._timer: IDelayedCall | None = None

    def connectionMade(self) -> None:
        host = self.transport.getHost()
        local = (host.host, host.port)
        self.exchange = Exchange(self._transport, local, self._clock, self._write, self._dead)
        self._timer = self._clock.callLater(IDLE_S, self._idle)

    def dataReceived(self, data: bytes) -> None:
        try:
            for message in self._stream.fed(data):
                self.exchange.received(message)
        except Invalid as problem:
            self.close(NotResynced("resync.misunderstood", str(problem)))

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        if self._timer and self._timer.active():
            self._timer.cancel()
        self._closed()
        self.exchange.fail(self._end or NotResynced("resync.unreachable", said(reason.value)))

    def close(self, why: NotResynced) -> None:
        self._end = why
        self.transport.abortConnection()

    def _write(self, data: bytes, to: Address) -> None:  # noqa: ARG002 - the connection's end is fixed
        self.transport.write(data)

    def _dead(self) -> None:
        """A PBX lost its power, or a firewall forgot: nobody says so, and the next one needs a new connection."""
        self.close(NotResynced("resync.no-answer", NO_ANSWER))

    def _idle(self) -> None:
        if self.exchange.idle:
            self.transport.loseConnection()
        else:
            self._timer = self._clock.callLater(IDLE_S, self._idle)
