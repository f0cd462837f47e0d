"""SIP PnP: tells phones on the LAN their URL when they ask the multicast group for it. Off unless it is set."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from twisted.internet.defer import Deferred, gatherResults, maybeDeferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.internet.protocol import DatagramProtocol
from twisted.logger import Logger
from twisted.python.failure import Failure

from provserver.address import Networks
from provserver.errors import Invalid
from provserver.interfaces import IProvisioner
from provserver.model import Answer
from provserver.sip.multicast import Sockets
from provserver.sip.responder import Ask, Responder, Send
from provserver.sip.ua_profile import Address, Subscribe, sighting

_WARN_EVERY_S = 60.0
_BROKEN = Answer("nothing", ())


class PnpInterface(DatagramProtocol):
    """One interface: bytes, the clock and the chain. Its transport speaks from the interface's own address."""

    noisy = False
    _log = Logger()

    def __init__(
        self,
        address: Address,
        provisioner: IProvisioner,
        allowed: Networks,
        clock: IReactorTime,
        new_token: Callable[[], str],
    ) -> None:
        """`new_token` gives letters and digits that nobody can guess."""
        self._address = address
        self._provisioner = provisioner
        self._allowed = allowed
        self._clock = clock
        self._new_token = new_token
        self._responder = Responder(address)
        self._timer: IDelayedCall | None = None
        self._quiet_until = 0.0
        self._refused = 0

    def datagramReceived(self, datagram: bytes, addr: Address) -> None:
        if addr[0] not in self._allowed:
            return
        try:
            todo = self._responder.heard(datagram, addr)
        except Invalid as problem:
            self._warn(addr[0], problem)
            return
        self._do(todo)

    def stopProtocol(self) -> None:
        self._cancel_timer()

    def _do(self, todo: Iterable[Ask | Send]) -> None:
        for each in todo:
            if isinstance(each, Ask):
                self._ask(each.subscribe)
            else:
                self._send(each)
        self._set_timer()

    def _ask(self, subscribe: Subscribe) -> None:
        seen = sighting(subscribe, self._clock.seconds(), self._address[0])
        asking = self._provisioner.answer(seen)
        asking.addErrback(self._broken)
        asking.addCallback(partial(self._answered, subscribe))

    def _answered(self, subscribe: Subscribe, answer: Answer) -> None:
        if self.transport is None:
            return  # it was stopped while the chain was asked
        now = self._clock.seconds()
        sends = self._responder.answered(subscribe, answer, now, self._new_token())
        if sends:
            ip, _ = subscribe.source
            self._log.info("SIP PnP: told {device} at {ip} its URL", device=answer.device, ip=ip)
        self._do(sends)

    def _broken(self, failure: Failure) -> Answer:
        self._log.failure("SIP PnP: no answer", failure)
        return _BROKEN

    def _send(self, send: Send) -> None:
        assert self.transport
        try:
            self.transport.write(send.data, send.to)
        except OSError as problem:  # no way there, or the interface is gone
            self._warn(send.to[0], problem)

    def _set_timer(self) -> None:
        self._cancel_timer()
        wake_at = self._responder.wake_at
        if wake_at is not None:
            self._timer = self._clock.callLater(max(0.0, wake_at - self._clock.seconds()), self._woken)

    def _cancel_timer(self) -> None:
        if self._timer and self._timer.active():
            self._timer.cancel()

    def _woken(self) -> None:
        self._do(self._responder.woken(self._clock.seconds()))

    def _warn(self, ip: str, problem: Exception) -> None:
        """Write one line a minute, whatever a network sends."""
        self._refused += 1
        now = self._clock.seconds()
        if now >= self._quiet_until:
            self._log.warn(
                "SIP PnP: {count} datagrams of no use, the last of {ip}: {problem}",
                count=self._refused,
                ip=ip,
                problem=str(problem),
            )
            self._quiet_until, self._refused = now + _WARN_EVERY_S, 0


class _Ear(DatagramProtocol):
    """Hears the group for an interface, which answers from its own address."""

    noisy = False

    def __init__(self, interface: PnpInterface) -> None:
        self._interface = interface

    def datagramReceived(self, datagram: bytes, addr: Address) -> None:
        self._interface.datagramReceived(datagram, addr)


class PnpServer:
    """Answers on all interfaces whose sockets it is handed; from `start` on they are the reactor's."""

    def __init__(
        self,
        reactor: Any,  # time, and adopting datagram sockets
        sockets: Sequence[Sockets],
        provisioner: IProvisioner,
        allowed: Networks,
        new_token: Callable[[], str],
    ) -> None:
        self._reactor = reactor
        self._sockets = sockets
        self._interface = partial(
            PnpInterface, provisioner=provisioner, allowed=allowed, clock=reactor, new_token=new_token
        )
        self._ports: list[Any] = []

    def start(self) -> None:
        for sockets in self._sockets:
            interface = self._interface((sockets.address, sockets.port))
            for sock, protocol in ((sockets.own, interface), (sockets.group, _Ear(interface))):
                self._ports.append(self._reactor.adoptDatagramPort(sock.fileno(), sock.family, protocol))
            sockets.close()  # the reactor has copied them

    def stop(self) -> Deferred[None]:
        ports, self._ports = self._ports, []
        stopping = gatherResults([maybeDeferred(port.stopListening) for port in ports])
        return stopping.addCallback(lambda _: None)
