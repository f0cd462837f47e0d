"""Looks for a provisioning server by SIP PnP, over multicast."""

import socket
from collections.abc import Callable
from functools import partial
from typing import Any

from twisted.internet import error
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.internet.protocol import DatagramProtocol

from provserver.address import url_host
from provserver.phone.pnp_message import SEARCH_S, Address, Search
from provserver.phone.values import Phone, Unreachable

Tell = Callable[[float, str], object]  # seconds since the search began, and what happened


async def search(reactor: Any, phone: Phone, vendor: str, group: Address, token: str, tell: Tell) -> str:
    """Return the URL that the first server tells. `reactor` is one with UDP and time. Raises: Unreachable."""
    try:
        ip = phone.source or _own_address(group)
        exchange = PnpExchange(phone, vendor, ip, group, token, reactor, tell)
        listening = reactor.listenMulticast(0, exchange, interface=ip)
    except (OSError, error.CannotListenError) as problem:
        raise Unreachable(f"cannot ask {group[0]} from {phone.source or 'here'}: {problem}") from None
    try:
        return await exchange.found
    except OSError as problem:
        raise Unreachable(f"cannot ask {group[0]} from {ip}: {problem.strerror}") from None
    finally:
        await maybeDeferred(listening.stopListening)


def _own_address(group: Address) -> str:
    """Return the address of the interface by which the group is reached; nothing is sent. Raises: OSError."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(group)
        ip = str(probe.getsockname()[0])
    if ip == "0.0.0.0":  # noqa: S104 - loopback has no address that others should see
        raise OSError("the way there has no address; name one with --source")
    return ip


class PnpExchange(DatagramProtocol):
    """`found` fires with the URL; it fails with Unreachable or OSError."""

    noisy = False

    def __init__(
        self, phone: Phone, vendor: str, ip: str, group: Address, token: str, clock: IReactorTime, tell: Tell
    ) -> None:
        self.found: Deferred[str] = Deferred()
        self._search_from = partial(Search, phone, vendor, group, token)
        self._ip = ip
        self._group = group
        self._clock = clock
        self._tell = tell
        self._began = clock.seconds()
        self._timer: IDelayedCall | None = None

    def startProtocol(self) -> None:
        transport: Any = self.transport
        transport.socket.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(self._ip))
        self.search = self._search_from((self._ip, transport.getHost().port))
        self._pauses = iter(self.search.pauses_s)
        self._ask()

    def stopProtocol(self) -> None:
        self._stop_asking()

    def datagramReceived(self, datagram: bytes, addr: Address) -> None:
        heard = self.search.heard(datagram)
        if heard is None or self.found.called:
            return
        self._say(f"{heard.text}  from {url_host(addr[0])}:{addr[1]}")
        if heard.answer:
            self._write(heard.answer, addr)
        if self.search.url and not self.found.called:
            self._stop_asking()
            self.found.callback(self.search.url)

    def _ask(self) -> None:
        pause_s = next(self._pauses, None)
        if pause_s is None:
            self.found.errback(Unreachable(f"nobody told a URL within {SEARCH_S:.0f} s. Is SIP PnP on?"))
            return
        self._timer = self._clock.callLater(pause_s, self._ask)
        self._say(f"SUBSCRIBE  to {self._group[0]}:{self._group[1]}")
        self._write(self.search.subscribe, self._group)

    def _write(self, data: bytes, to: Address) -> None:
        assert self.transport
        try:
            self.transport.write(data, to)
        except OSError as problem:
            self._stop_asking()
            self.found.errback(problem)

    def _stop_asking(self) -> None:
        if self._timer and self._timer.active():
            self._timer.cancel()

    def _say(self, text: str) -> None:
        self._tell(self._clock.seconds() - self._began, text)
