"""The sockets of a UDP network: a transfer's own, a listener's, and transfers that speak through a listener."""

import socket
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Protocol

from zope.interface import implementer

from provserver.tftp.interfaces import Address, IListener, ITftpPort
from provserver.tftp.sockets import (
    ANCILLARY,
    Control,
    ask_local_address,
    family,
    local_address,
    plain,
    send_all,
    source,
    spelled,
)

Heard = Callable[[bytes, Address], None]


class Turns(Protocol):
    """What sockets need of the network that tells them of their datagrams."""

    def add(self, sock: socket.socket, reader: Callable[[float], object]) -> None:
        """Call `reader` with the end of the turn when something has come."""

    def post(self, send: Callable[[Any, Any], object], what: Any, to: Any) -> None:
        """Send when it is time to."""

    def remove(self, sock: socket.socket) -> None:
        """Close it after what it has to send."""

    def over(self, until: float) -> bool: ...

    def until(self) -> float: ...


@implementer(ITftpPort)
class OwnPort:
    """A socket of its own. Not connected: a connected one would hide a stranger, who must get error 5."""

    __slots__ = ("_heard", "_most", "_peer", "_post", "_segments", "_sock", "_turns")

    def __init__(
        self, turns: Turns, peer: Address, local: str, heard: Heard, most: int, twice: bool = False
    ) -> None:
        """`twice`: another socket may have the same port."""
        self._turns, self._peer, self._heard, self._most = turns, peer, heard, most
        self._post, self._segments = turns.post, True
        kind = family(peer)
        self._sock = _bound(kind, (local, 0) if kind == socket.AF_INET else (local, 0, 0, peer[3]), twice)
        turns.add(self._sock, self._read)

    @property
    def own(self) -> Address:
        address: Address = self._sock.getsockname()
        return address

    def send(self, datagram: bytes) -> None:
        self._post(self._sock.sendto, datagram, self._peer)

    def send_all(self, datagrams: Sequence[bytes]) -> None:
        self._post(self._send_all, datagrams, self._peer)

    def send_to(self, stranger: Address, datagram: bytes) -> None:
        self._post(self._sock.sendto, datagram, stranger)

    def _send_all(self, datagrams: Sequence[bytes], peer: Address) -> None:
        self._segments = send_all(self._sock, datagrams, [], peer, self._segments)

    def poll(self) -> None:
        while self._heard is not _deaf and self._read(0.0):
            pass

    def close(self) -> None:
        if self._heard is not _deaf:
            self._heard = _deaf  # also leaves no cycle for the garbage collector
            self._turns.remove(self._sock)

    def _read(self, _until: float) -> bool:
        """Hear one datagram: more in one go rarely are there, and the epoll tells again if they are."""
        try:
            datagram, peer = self._sock.recvfrom(self._most)
        except OSError:
            return False  # nothing, or the ICMP error of an earlier packet
        self._heard(datagram, peer)
        return True


@implementer(ITftpPort)
class LastingPort:
    """
    Two sockets at one address: one is connected to the peer, the other hears strangers.

    For a connected one the kernel does less, which saves a seventh of each packet; to open a second one costs as much
    as ten packets save.
    """

    __slots__ = ("_ear", "_heard", "_most", "_peer", "_post", "_segments", "_sock", "_turns")

    def __init__(self, turns: Turns, peer: Address, local: str, heard: Heard, most: int) -> None:
        self._turns, self._peer, self._heard, self._most = turns, peer, heard, most
        self._post, self._segments = turns.post, True
        self._ear = OwnPort(turns, peer, local, heard, most, twice=True)
        try:
            self._sock = _bound(family(peer), self._ear.own, twice=True, peer=peer)
        except OSError:
            self._ear.close()
            raise
        turns.add(self._sock, self._read)

    def send(self, datagram: bytes) -> None:
        self._post(self._sock.send, datagram, 0)  # flags

    def send_all(self, datagrams: Sequence[bytes]) -> None:
        self._post(self._send_all, datagrams, None)

    def send_to(self, stranger: Address, datagram: bytes) -> None:
        self._ear.send_to(stranger, datagram)

    def _send_all(self, datagrams: Sequence[bytes], _: None) -> None:
        self._segments = send_all(self._sock, datagrams, [], None, self._segments)

    def poll(self) -> None:
        while self._heard is not _deaf and self._read(0.0):
            pass

    def close(self) -> None:
        if self._heard is not _deaf:
            self._heard = _deaf
            self._turns.remove(self._sock)
            self._ear.close()

    def _read(self, _until: float) -> bool:
        try:
            datagram = self._sock.recv(self._most)
        except OSError:
            return False
        self._heard(datagram, self._peer)
        return True


@implementer(IListener)
class Listener:
    def __init__(
        self, turns: Turns, sock: socket.socket, heard: Callable[[bytes, Address, str], None], most: int
    ) -> None:
        self._turns, self._sock, self._heard, self._most = turns, sock, heard, most
        self._open = True
        ask_local_address(sock)
        turns.add(sock, self.read)

    def send_to(self, stranger: Address, local: str, datagram: bytes) -> None:
        self._turns.post(partial(self._send, source(stranger, local)), datagram, stranger)

    def _send(self, control: Control, datagram: bytes, peer: Address) -> None:
        self._sock.sendmsg((datagram,), control, 0, spelled(self._sock, peer))

    def port(self, peer: Address, local: str) -> ITftpPort:
        return _SharedPort(self._turns, self, self._sock, peer, local)

    def close(self) -> None:
        if self._open:
            self._open = False
            self._turns.remove(self._sock)

    def read(self, until: float) -> None:
        """Hear all that waits: the sooner the buffer is empty, the fewer requests of a burst are lost."""
        turns = self._turns
        while self._open:
            try:
                datagram, control, _, peer = self._sock.recvmsg(self._most, ANCILLARY)
            except OSError:
                return
            local = local_address(control)
            if local:
                self._heard(datagram, plain(peer), local)
            if turns.over(until):
                return

    def poll(self) -> None:
        self.read(self._turns.until())


@implementer(ITftpPort)
class _SharedPort:
    """A transfer that speaks through the listener (single-port mode)."""

    __slots__ = ("_control", "_listener", "_local", "_peer", "_segments", "_sock", "_turns")

    def __init__(
        self, turns: Turns, listener: Listener, sock: socket.socket, peer: Address, local: str
    ) -> None:
        self._turns, self._listener, self._sock, self._local = turns, listener, sock, local
        self._peer, self._control = spelled(sock, peer), source(peer, local)
        self._segments = True

    def send(self, datagram: bytes) -> None:
        self.send_all((datagram,))

    def send_all(self, datagrams: Sequence[bytes]) -> None:
        self._turns.post(self._send, datagrams, self._peer)

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


def _bound(
    kind: socket.AddressFamily, address: Address, twice: bool, peer: Address | None = None
) -> socket.socket:
    """Raises: OSError."""
    sock = socket.socket(kind, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
    try:
        if twice:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(address)
        if peer:
            sock.connect(peer)
    except OSError:
        sock.close()
        raise
    return sock
