"""A UDP socket that speaks SIP: what is asked through it is answered later, what is asked of it is served."""

from collections.abc import Callable
from typing import Any

from twisted.internet import error
from twisted.internet.defer import Deferred, fail, maybeDeferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.internet.protocol import DatagramProtocol

from provserver.address import url_host
from provserver.errors import Invalid
from provserver.phone.sip.messages import BRANCH, Login, with_password, with_via
from provserver.phone.sip.transactions import Address, Do, Ended, Send, Transactions
from provserver.phone.values import Unreachable
from provserver.sip.message import Request, Response, read_message

Serve = Callable[[Request, Address], Response | None]  # None: no answer, as to an ACK


class SipSocket(DatagramProtocol):
    """`serve` answers requests, and is asked once for each however often it comes. `new_token` gives letters and
    digits that nobody can guess."""

    noisy = False

    def __init__(self, clock: IReactorTime, new_token: Callable[[], str], serve: Serve) -> None:
        self.new_token = new_token
        self._clock = clock
        self._serve = serve
        self._transactions = Transactions()
        self._waiting: dict[str, Deferred[Response]] = {}
        self._timer: IDelayedCall | None = None
        self._closed = False

    def listen(self, reactor: Any, ip: str, port: int) -> None:
        """Raises: Unreachable: the port cannot be had."""
        try:
            reactor.listenUDP(port, self, interface=ip, maxPacketSize=65_535)
        except error.CannotListenError as problem:
            raise Unreachable(f"cannot speak SIP from {ip} port {port}: {problem.socketError}") from None

    @property
    def local(self) -> Address:
        transport: Any = self.transport
        host = transport.getHost()
        return host.host, host.port

    @property
    def host_port(self) -> str:
        """`192.168.7.31:5060`: what stands in Via and Contact."""
        ip, port = self.local
        return f"{url_host(ip)}:{port}"

    def ask(self, request: Request, to: Address) -> Deferred[Response]:
        """Fire with the last answer; `request` has no Via. Errors: Unreachable, Invalid."""
        if self._closed:
            return fail(Unreachable("the phone is off"))
        branch = f"{BRANCH}{self.new_token()}"
        try:
            send = self._transactions.ask(
                branch, with_via(request, self.host_port, branch), to, self._clock.seconds()
            )
        except Invalid as problem:
            return fail(problem)
        waiting: Deferred[Response] = Deferred()
        self._waiting[branch] = waiting
        self._do((send,))
        return waiting

    async def ask_with(self, login: Login | None, request: Request, to: Address) -> Response:
        """The same, and once more with the password where that is asked for."""
        response = await self.ask(request, to)
        again = with_password(request, response, login, self.new_token()) if login else None
        return await self.ask(again, to) if again else response

    def acknowledge(self, ack: Request, to: Address) -> None:
        """Send the ACK of a 2xx. `ack` has no Via."""
        made = with_via(ack, self.host_port, f"{BRANCH}{self.new_token()}")
        self._do((self._transactions.acknowledge(made, to, self._clock.seconds()),))

    async def close(self) -> None:
        """Who still waits for an answer gets none."""
        self._closed = True
        if self._timer and self._timer.active():
            self._timer.cancel()
        waiting, self._waiting = self._waiting, {}
        for each in waiting.values():
            each.errback(Unreachable("the phone is off"))
        transport: Any = self.transport
        if transport:
            await maybeDeferred(transport.stopListening)

    # --- DatagramProtocol ----------------------------------------------------------------------------------

    def datagramReceived(self, datagram: bytes, addr: Address) -> None:
        try:
            message = read_message(datagram)
            if isinstance(message, Response):
                self._do(self._transactions.heard(message, self._clock.seconds()))
            else:
                self._asked(message, (addr[0], addr[1]))
        except Invalid:
            return  # no SIP: what a real phone does about it too

    def _asked(self, request: Request, source: Address) -> None:
        again = self._transactions.again(request, source)
        if again:
            self._do((again,))
            return
        response = self._serve(request, source)
        if response:
            self._do((self._transactions.answer(request, response, source, self._clock.seconds()),))

    # --- what the core says --------------------------------------------------------------------------------

    def _do(self, todo: tuple[Do, ...]) -> None:
        for each in todo:
            match each:
                case Send(data, to):
                    self._write(data, to)
                case Ended(branch, None):
                    self._waiting.pop(branch).errback(Unreachable("no answer"))
                case Ended(branch, Response() as response):
                    self._waiting.pop(branch).callback(response)
        self._set_timer()

    def _write(self, data: bytes, to: Address) -> None:
        transport: Any = self.transport
        try:
            transport.write(data, to)
        except OSError:
            return  # as if it had been lost on the way: it is sent again, or nobody answers

    def _set_timer(self) -> None:
        if self._timer and self._timer.active():
            self._timer.cancel()
        wake_at = self._transactions.wake_at
        if wake_at is not None and not self._closed:
            self._timer = self._clock.callLater(max(0.0, wake_at - self._clock.seconds()), self._woken)

    def _woken(self) -> None:
        self._do(self._transactions.woken(self._clock.seconds()))
