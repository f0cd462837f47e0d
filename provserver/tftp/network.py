"""
UDP sockets: an epoll of our own holds them all, and its descriptor is one reader of the reactor.

So the reactor neither knows nor pays for a transfer's socket: it calls `doRead`, which hears what waits on all of
them, for at most TURN_S. Linux only.
"""

import select
import socket
from collections.abc import Callable
from typing import Any

from twisted.internet.interfaces import IReactorFDSet, IReactorTime, IReadDescriptor
from twisted.logger import Logger
from zope.interface import implementer

from provserver.tftp.interfaces import Address, IListener, INetwork, ITftpPort
from provserver.tftp.ports import Heard, LastingPort, Listener, OwnPort
from provserver.tftp.sockets import Paths
from provserver.tftp.sockets import widen as widen  # whoever binds needs it, before privileges are dropped

# How long one `doRead` hears; with what it then sends it stays under 5 ms, so that HTTP does not starve.
TURN_S = 0.002
_EVENTS = 64

_Outbox = list[tuple[Callable[[Any, Any], object], Any, Any]]  # how, what, to whom


@implementer(INetwork, IReadDescriptor)
class UdpNetwork:
    """The network as it is."""

    _log = Logger()

    def __init__(self, reactor: IReactorFDSet, clock: IReactorTime, seconds: Callable[[], float]) -> None:
        self._reactor, self._clock = reactor, clock
        self._seconds = seconds
        self._epoll: select.epoll | None = None
        self._readers: dict[int, Callable[[float], object]] = {}
        self._outbox: _Outbox = []
        self._hears = False  # a turn is under way, which empties the outbox at its end
        self._closing: list[socket.socket] = []
        self._unheard: list[tuple[int, int]] = []
        self._paths = Paths()

    # --- INetwork ------------------------------------------------------------------------------------------

    def listen(
        self, sock: socket.socket, heard: Callable[[bytes, Address, str], None], most: int
    ) -> IListener:
        sock.setblocking(False)
        widen(sock)
        return Listener(self, sock, heard, most)

    def port(self, peer: Address, local: str, heard: Heard, most: int, lasting: bool = False) -> ITftpPort:
        return (LastingPort if lasting else OwnPort)(self, peer, local, heard, most)

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

    def post(self, send: Callable[[Any, Any], object], what: Any, to: Any) -> None:
        """Send at the end of this turn, or in the reactor's next one. All sends in one go: each that finds its
        receiver asleep pays for waking it, and the first of many pays for them all."""
        if not (self._hears or self._outbox):
            self._clock.callLater(0, self._flush)
        self._outbox.append((send, what, to))

    def remove(self, sock: socket.socket) -> None:
        """Close a socket, after what it has to send; the kernel takes it out of the epoll. The last one takes the
        reader with it."""
        del self._readers[sock.fileno()]
        self._closing.append(sock)
        if not self._hears:
            self._flush()

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
        seconds, readers = self._seconds, self._readers
        until = seconds() + TURN_S
        self._hears = True
        while self._epoll is not None:
            # Whom this turn does not reach are the first of the next one: the epoll would tell first of those who
            # were heard, if they have spoken again, and some would never have their turn.
            ready = self._unheard or self._epoll.poll(0, _EVENTS)
            heard = 0
            for descriptor, _ in ready:
                reader = readers.get(descriptor)
                try:
                    if reader is not None:  # not closed by what came before it
                        reader(until)
                except Exception:  # a bug in one transfer must not end the reader of them all
                    self._log.failure("a bug in a TFTP transfer")
                heard += 1
                if seconds() >= until:
                    break
            self._unheard = ready[heard:]
            self._flush()
            if not ready or seconds() >= until:
                break
        self._hears = False

    def _flush(self) -> None:
        outbox, self._outbox = self._outbox, []
        for send, what, to in outbox:
            try:
                send(what, to)
            except OSError:
                pass  # lost like any packet: it comes again
        if self._closing:
            self._close()

    def connectionLost(self, reason: object) -> None:
        """The reactor has ended."""

    def logPrefix(self) -> str:
        return "TFTP"
