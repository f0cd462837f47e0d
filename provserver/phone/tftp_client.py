"""Fetches files over TFTP, from an address of the phone's own, every file from a port of its own."""

from typing import Any
from urllib.parse import unquote, urlsplit

from twisted.internet import error
from twisted.internet.abstract import isIPAddress, isIPv6Address
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.interfaces import IReactorTime
from twisted.internet.protocol import DatagramProtocol

from provserver.address import normal_ip
from provserver.errors import Invalid
from provserver.phone.fetching import host_and_port, origin
from provserver.phone.tftp_message import Download, stranger
from provserver.phone.values import Fetch, Fetched, Unreachable

WAIT_S = 1.0  # for each packet
TRIES = 5  # of each packet


class TftpClient:
    """`reactor` is one with UDP, names and time; `source` is an address of this machine, or empty."""

    def __init__(self, reactor: Any, source: str) -> None:
        self._reactor = reactor
        self._source = source

    async def fetch(self, fetch: Fetch) -> Fetched:
        """Raises: Unreachable."""
        try:
            download = Download(unquote(urlsplit(fetch.url).path, errors="surrogateescape").lstrip("/"))
        except Invalid as problem:
            return Fetched(0, problem=problem.text)
        host, port = host_and_port(fetch.url)
        address = await self._address(host, fetch.url)
        exchange = TftpExchange(download, (address, port), self._reactor)
        source = self._source or ("::" if ":" in address else "0.0.0.0")  # noqa: S104 - the system chooses
        try:
            if (":" in source) != (":" in address):
                raise error.CannotListenError(source, 0, OSError())
            listening = self._reactor.listenUDP(0, exchange, source)
        except error.CannotListenError:
            raise self._unreachable(
                fetch.url,
                f"cannot ask from {source}: not an address of this machine that fits the server",
            ) from None
        try:
            fetched = await exchange.fetched
        except OSError as problem:  # no way there
            raise self._unreachable(fetch.url, problem.strerror or str(problem)) from None
        finally:
            await maybeDeferred(listening.stopListening)
        if fetched is None:
            raise self._unreachable(
                fetch.url,
                f"no answer within {TRIES * WAIT_S:.0f} s. Is provd running? It prints its TFTP port when it starts",
            )
        return fetched

    async def _address(self, host: str, url: str) -> str:
        if isIPAddress(host) or isIPv6Address(host):
            return normal_ip(host)
        try:
            return str(await self._reactor.resolve(host))
        except error.DNSLookupError:
            raise self._unreachable(url, "no such host") from None

    def _unreachable(self, url: str, reason: str) -> Unreachable:
        return Unreachable(f"cannot reach {origin(url)}: {reason}")


class TftpExchange(DatagramProtocol):
    """One file. `fetched` fires with None where not one packet came; it fails with OSError. The last ACK is sent
    once: who does not get it has sent the whole file all the same."""

    noisy = False

    def __init__(self, download: Download, server: tuple[str, int], clock: IReactorTime) -> None:
        self.fetched: Deferred[Fetched | None] = Deferred()
        self._download = download
        self._server = server
        self._clock = clock
        self._peer: tuple[str, int] | None = None  # the port that the server chose for this transfer
        self._left = TRIES

    def startProtocol(self) -> None:
        self._timer = self._clock.callLater(WAIT_S, self._woken)
        self._write(self._download.packet)

    def stopProtocol(self) -> None:
        if self._timer.active():
            self._timer.cancel()

    def datagramReceived(self, datagram: bytes, addr: Any) -> None:
        source = (str(addr[0]), int(addr[1]))  # IPv6 addresses come with scope and more
        if source[0] != self._server[0] or self.fetched.called:
            return
        if source != (self._peer or source):
            self._write(stranger(), source)
            return
        before = self._download.packet
        answer = self._download.fed(datagram)
        if answer is None and self._download.result is None:
            return
        self._peer = source
        if self._download.packet != before:
            self._left = TRIES
            self._timer.reset(WAIT_S)
        if answer:
            self._write(answer)
        if self._download.result:
            self._end(self._download.result)

    def _woken(self) -> None:
        self._left -= 1
        if self._left:
            self._timer = self._clock.callLater(WAIT_S, self._woken)
            self._write(self._download.packet)
        else:
            self._end(Fetched(0, problem=f"no more within {TRIES * WAIT_S:.0f} s") if self._peer else None)

    def _write(self, packet: bytes, to: tuple[str, int] | None = None) -> None:
        assert self.transport
        try:
            self.transport.write(packet, to or self._peer or self._server)
        except OSError as problem:
            if not self.fetched.called:
                self.fetched.errback(problem)

    def _end(self, fetched: Fetched | None) -> None:
        if not self.fetched.called:
            self.fetched.callback(fetched)
