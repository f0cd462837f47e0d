"""
UDP sockets: an epoll of our own holds them all, and its descriptor is one reader of the reactor.

So the reactor neither knows nor pays for a transfer's socket: it calls `doRead`, which hears what waits on all of
them, for at most TURN_S. Linux only.
"""

import contextlib
import select
import socket
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from twisted.internet.interfaces import IReactorFDSet, IReadDescriptor
from twisted.logger import Logger
from zope.interface import implementer

from provserver.tftp.interfaces import Address, IListener, INetwork, ITftpPort
from provserver.tftp.sockets import (
    ANCILLARY,
    Control,
    Paths,
    ask_local_address,
    family,
    local_address,
    plain,
    send_all,
    source,
    spelled,
)
from provserver.tftp.sockets import widen as widen  # whoever binds needs it, before privileges are dropped

# How long one `doRead` hears; with what it then sends it stays under 5 ms, so that HTTP does not starve.
TURN_S = 0.002
_EVENTS = 64


@implementer(INetwork, IReadDescriptor)
class UdpNetwork:
    """The network as it is."""

    _log = Logger()

    def __init__(self, reactor: IReactorFDSet, seconds: Callable[[], float]) -> None:
        self._reactor = reactor
        self._seconds = seconds
        self._epoll: select.epoll | None = None
        self._readers: dict[int, Callable[[float], object]] = {}
        self._outbox: list[tuple[Callable[[Any, Address], object], Any, Address]] | None = None
        self._closing: list[socket.socket] = []
        self._unheard: list[tuple[int, int]] = []
        self._paths = Paths()

    # --- INetwork ------------------------------------------------------------------------------------------

    def listen(
        self, sock: socket.socket, heard: Callable[[bytes, Address, str], None], most: int
    ) -> IListener:
        sock.setblocking(False)
        widen(sock)
        return _Listener(self, sock, heard, most)

    def port(
        self, peer: Address, local: str, heard: Callable[[bytes, Address], None], most: int
    ) -> ITftpPort:
        return _Port(self, peer, local, heard, most)

    def most_payload(self, peer: Address) -> int:
        return self._paths.most_payload(peer)

    # --- for the ports -------------------------------------------------------------------------------------

    def add(self, sock: socket.socket, reader: Callable[[float], object]) -> None:
        if self._epoll is None:
            self._epoll = select.epoll()
            self._reactor.addReader(self)
        descriptor = sock.fileno()
        self._readers[descriptor] = reader
        self._epoll.register(descriptor, select.EPOLLIN)

    def post(self, send: Callable[[Any, Address], object], what: Any, peer: Address) -> None:
        """Send at the end of this turn, or now if there is none. All sends in one go: each that finds its receiver
        asleep pays for waking it, and the first of many pays for them all."""
        if self._outbox is None:
            with contextlib.suppress(OSError):  # lost like any packet: it comes again
                send(what, peer)
        else:
            self._outbox.append((send, what, peer))

    def remove(self, sock: socket.socket) -> None:
        """Close a socket, after what it has to send; the kernel takes it out of the epoll. The last one takes the
        reader with it."""
        del self._readers[sock.fileno()]
        self._closing.append(sock)
        if self._outbox is None:
            self._close()

    def _close(self) -> None:
        closing, self._closing = self._closing, []
        for sock in closing:
            sock.close()
        if not self._readers and self._epoll is not None:
            self._reactor.removeReader(self)
            self._epoll.close()
            self._epoll = None
            self._paths.close()

    def over(self, until: float) -> bool:
        return self._seconds() >= until

    def until(self) -> float:
        return self._seconds() + TURN_S

    # --- IReadDescriptor -----------------------------------------------------------------------------------

    def fileno(self) -> int:
        return self._epoll.fileno() if self._epoll else -1

    def doRead(self) -> None:
        until = self._seconds() + TURN_S
        while self._epoll is not None:
            # Whom this turn does not reach are the first of the next one: the epoll would tell first of those who
            # were heard, if they have spoken again, and some would never have their turn.
            ready = self._unheard or self._epoll.poll(0, _EVENTS)
            self._outbox = []
            heard = 0
            for descriptor, _ in ready:
                self._hear(descriptor, until)
                heard += 1
                if self._seconds() >= until:
                    break
            self._unheard = ready[heard:]
            self._flush()
            if not ready or self._seconds() >= until:
                return

    def _hear(self, descriptor: int, until: float) -> None:
        reader = self._readers.get(descriptor)
        try:
            if reader is not None:  # not closed by what came before it
                reader(until)
        except Exception:  # a bug in one transfer must not end the reader of them all
            self._log.failure("a bug in a TFTP transfer")

    def _flush(self) -> None:
        outbox, self._outbox = self._outbox or (), None
        for send, what, peer in outbox:
            try:
                send(what, peer)
            except OSError:
                pass  # lost like any packet: it comes again
        if self._closing:
            self._close()

    def connectionLost(self, reason: object) -> None:
        """The reactor has ended."""

    def logPrefix(self) -> str:
        return "TFTP"


@implementer(ITftpPort)
class _Port:
    """A socket of its own. Not connected: a connected one would hide a stranger, who must get error 5."""

    __slots__ = ("_heard", "_most", "_network", "_peer", "_segments", "_sock")

    def __init__(
        self,
        network: UdpNetwork,
        peer: Address,
        local: str,
        heard: Callable[[bytes, Address], None],
        most: int,
    ) -> None:
        self._network, self._peer, self._heard, self._most = network, peer, heard, most
        self._segments = True
        kind = family(peer)
        self._sock = socket.socket(kind, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        try:
            self._sock.bind((local, 0) if kind == socket.AF_INET else (local, 0, 0, peer[3]))
            network.add(self._sock, self._read)
        except BaseException:
            self._sock.close()
            raise

    def send(self, datagram: bytes) -> None:
        self._network.post(self._sock.sendto, datagram, self._peer)

    def send_all(self, datagrams: Sequence[bytes]) -> None:
        self._network.post(self._send_all, datagrams, self._peer)

    def send_to(self, stranger: Address, datagram: bytes) -> None:
        self._network.post(self._sock.sendto, datagram, stranger)

    def _send_all(self, datagrams: Sequence[bytes], peer: Address) -> None:
        self._segments = send_all(self._sock, datagrams, [], peer, self._segments)

    def poll(self) -> None:
        while self._heard is not _deaf and self._read(0.0):
            pass

    def close(self) -> None:
        if self._heard is not _deaf:
            self._heard = _deaf  # also leaves no cycle for the garbage collector
            self._network.remove(self._sock)

    def _read(self, _until: float) -> bool:
        """Hear one datagram: more in one go rarely are there, and the epoll tells again if they are."""
        try:
            datagram, peer = self._sock.recvfrom(self._most)
        except OSError:
            return False  # nothing, or the ICMP error of an earlier packet
        self._heard(datagram, peer)
        return True


@implementer(IListener)
class _Listener:
    def __init__(
        self,
        network: UdpNetwork,
        sock: socket.socket,
        heard: Callable[[bytes, Address, str], None],
        most: int,
    ) -> None:
        self._network, self._sock, self._heard, self._most = network, sock, heard, most
        self._open = True
        ask_local_address(sock)
        network.add(sock, self.read)

    def send_to(self, stranger: Address, local: str, datagram: bytes) -> None:
        self._network.post(partial(self._send, source(stranger, local)), datagram, stranger)

    def _send(self, control: Control, datagram: bytes, peer: Address) -> None:
        self._sock.sendmsg((datagram,), control, 0, spelled(self._sock, peer))

    def port(self, peer: Address, local: str) -> ITftpPort:
        return _SharedPort(self._network, self, self._sock, peer, local)

    def close(self) -> None:
        if self._open:
            self._open = False
            self._network.remove(self._sock)

    def read(self, until: float) -> None:
        """Hear all that waits: the sooner the buffer is empty, the fewer requests of a burst are lost."""
        network = self._network
        while self._open:
            try:
                datagram, control, _, peer = self._sock.recvmsg(self._most, ANCILLARY)
            except OSError:
                return
            local = local_address(control)
            if local:
                self._heard(datagram, plain(peer), local)
            if network.over(until):
                return

    def poll(self) -> None:
        self.read(self._network.until())


@implementer(ITftpPort)
class _SharedPort:
    """A transfer that speaks through the listener (single-port mode)."""

    __slots__ = ("_control", "_listener", "_local", "_network", "_peer", "_segments", "_sock")

    def __init__(
        self, network: UdpNetwork, listener: _Listener, sock: socket.socket, peer: Address, local: str
    ) -> None:
        self._network, self._listener, self._sock, self._local = network, listener, sock, local
        self._peer, self._control = spelled(sock, peer), source(peer, local)
        self._segments = True

    def send(self, datagram: bytes) -> None:
        self.send_all((datagram,))

    def send_all(self, datagrams: Sequence[bytes]) -> None:
        self._network.post(self._send, datagrams, self._peer)

    def _send(self, datagrams: Sequence[bytes], peer: Address) -> None:
        self._segments = send_all(self._sock, datagrams, self._control, peer, self._segments)

    def send_to(self, stranger: Address, datagram: bytes) -> None:
        self._listener.send_to(stranger, self._local, datagram)

    def poll(self) -> None:
        self._listener.poll()

    def close(self) -> None:
        """The port is the listener's."""


def _deaf(_datagram: bytes, _peer: Address) -> None:
    """Hears nothing."""
