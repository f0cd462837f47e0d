"""SIP NOTIFY from provd itself, over UDP, TCP or TLS: to a phone, or through the registrar that knows where it is."""

import socket
from collections.abc import Callable
from typing import Any

from twisted.internet.abstract import isIPAddress, isIPv6Address
from twisted.internet.defer import Deferred, gatherResults, maybeDeferred
from twisted.internet.error import CannotListenError, DNSLookupError
from twisted.internet.protocol import Factory
from zope.interface import implementer

from provserver.address import url_host
from provserver.errors import Invalid, NotResynced
from provserver.interfaces import Told
from provserver.model import Notify
from provserver.pbx.interfaces import INotifier, Target
from provserver.pbx.sip_channels import Exchange, StreamChannel, UdpChannel
from provserver.pbx.sip_notify import Hop, Registrar, check, request, way
from provserver.pbx.tls import TROUBLES, Tls, endpoint, said

_STOPPED = NotResynced("resync.stopped", "provd stops")


@implementer(INotifier)
class SipNotifier:
    """Without a registrar a phone is told at its own address, from ours: on a flat LAN, by phones that believe
    anybody."""

    def __init__(
        self,
        reactor: Any,  # TCP, UDP, names and time
        registrar: Registrar | None,
        tls: Tls | None,
        shared: frozenset[str],
        new_token: Callable[[], str],
    ) -> None:
        """`tls` is what the registrar's certificate must be; a phone's own is not known, so none is spoken to over
        TLS. `new_token` gives letters and digits that nobody can guess."""
        self._reactor = reactor
        self._registrar = registrar
        self._tls = tls
        self._shared = shared
        self._new_token = new_token
        self._udp: dict[str, tuple[UdpChannel, Any]] = {}  # by our address
        self._streams: dict[Hop, StreamChannel] = {}
        self._connecting: dict[Hop, Deferred[Any]] = {}
        self._waiting: dict[Hop, list[Deferred[None]]] = {}  # for such a connection
        self._stopped = False

    def start(self) -> None:
        """Sockets are opened where they are needed."""

    def stop(self) -> Deferred[None]:
        self._stopped = True
        for connecting in tuple(self._connecting.values()):
            connecting.cancel()
        for channel in tuple(self._streams.values()):
            channel.close(_STOPPED)
        ports = [maybeDeferred(port.stopListening) for _, port in self._udp.values()]
        self._udp.clear()
        return gatherResults(ports).addCallback(lambda _: None)

    def notify(self, target: Target, notify: Notify) -> Deferred[Told]:
        return Deferred.fromCoroutine(self._notify(target, notify))

    async def _notify(self, target: Target, notify: Notify) -> Told:
        try:
            how = way(target, self._registrar, self._shared)
            ip = await self._resolved(how.hop.host)
            if how.hop.transport == "tls" and self._registrar is None:
                raise NotResynced("resync.unreachable", "a phone's own certificate cannot be checked")
            exchange = self._by_udp(ip) if how.hop.transport == "udp" else await self._by_stream(how.hop)
            token = self._new_token()
            asked = request(how, target, notify, self._registrar, exchange.sender, token)
            check(await exchange.ask(token, asked, (ip, how.hop.port)))
        except Invalid as problem:
            raise NotResynced("resync.unfit", str(problem)) from None
        return "answered"

    async def _resolved(self, host: str) -> str:
        if isIPAddress(host) or isIPv6Address(host):
            return host
        try:
            return str(await self._reactor.resolve(host))
        except (DNSLookupError, OSError):
            raise NotResynced("resync.unreachable", f"{host}: no such host") from None

    def _by_udp(self, ip: str) -> Exchange:
        if self._stopped:
            raise _STOPPED
        try:
            local = _own_address(ip)
            if local not in self._udp:
                channel = UdpChannel(self._reactor)
                self._udp[local] = (channel, self._reactor.listenUDP(0, channel, interface=local))
        except (OSError, CannotListenError) as problem:
            raise NotResynced("resync.unreachable", f"{url_host(ip)}: {problem}") from None
        return self._udp[local][0].exchange

    async def _by_stream(self, hop: Hop) -> Exchange:
        """Use the connection that is open, else make one; all who come meanwhile wait for it."""
        if self._stopped:
            raise _STOPPED
        if hop not in self._streams:
            waiting: Deferred[None] = Deferred()
            self._waiting.setdefault(hop, []).append(waiting)
            if hop not in self._connecting:
                await self._connect(hop)
            await waiting
        return self._streams[hop].exchange

    async def _connect(self, hop: Hop) -> None:
        channel = StreamChannel(hop.transport, self._reactor, lambda: self._streams.pop(hop, None))
        tls = self._tls if hop.transport == "tls" else None
        self._connecting[hop] = endpoint(self._reactor, hop.host, hop.port, tls).connect(
            Factory.forProtocol(lambda: channel)
        )
        trouble = ""
        try:
            await self._connecting[hop]
            self._streams[hop] = channel
        except TROUBLES as problem:
            trouble = f"{url_host(hop.host)}:{hop.port}: {said(problem)}"
        finally:
            del self._connecting[hop]
        for waiting in self._waiting.pop(hop):
            if trouble:
                waiting.errback(NotResynced("resync.unreachable", trouble))
            else:
                waiting.callback(None)


def _own_address(ip: str) -> str:
    """Return the address from which packets to there go; nothing is sent. Raises: OSError."""
    family = socket.AF_INET6 if ":" in ip else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        probe.connect((ip, 9))
        return str(probe.getsockname()[0])
