"""
The passive listener, for DHCP servers that cannot say what a phone sent (Kea has no option 60 in its hook): reads
the phones' requests, and the server's acknowledgements, off the wire.

Anybody on the wire can send an acknowledgement. Only one that leaves this machine is a lease, which is what the
DHCP server beside provd sends; of all others the lease hook must tell.
"""

import contextlib
import socket

from twisted.internet.defer import maybeDeferred
from twisted.internet.interfaces import IReactorFDSet, IReactorTime, IReadDescriptor
from twisted.logger import Logger
from twisted.python.failure import Failure
from zope.interface import implementer

from provserver.dhcp import wire
from provserver.dhcp.heard import Heard
from provserver.errors import Invalid
from provserver.interfaces import IProvisioner
from provserver.model import Sighting

_MOST_BYTES = 4096  # of a frame: DHCP's are below the MTU
_MOST_FRAMES = 64  # a turn of the reactor


@implementer(IReadDescriptor)
class Listener:
    """Listens on one interface, through a socket that `open_interface` gave."""

    _log = Logger()

    def __init__(
        self,
        interface: str,
        sock: socket.socket,
        heard: Heard,
        provisioner: IProvisioner,
        base: str,
        clock: IReactorTime,
        reactor: IReactorFDSet,
    ) -> None:
        self._interface = interface
        self._socket = sock
        self._heard = heard
        self._provisioner = provisioner
        self._base = base
        self._clock = clock
        self._reactor = reactor

    def start(self) -> None:
        self._reactor.addReader(self)

    def stop(self) -> None:
        """Close the interface; a second time does nothing."""
        self._reactor.removeReader(self)
        self._socket.close()

    # --- IReadDescriptor -----------------------------------------------------------------------------------

    def fileno(self) -> int:
        return self._socket.fileno()

    def logPrefix(self) -> str:
        return f"listener on {self._interface}"

    def connectionLost(self, reason: Failure) -> None:
        self._log.failure("{interface} is lost", reason, interface=self._interface)
        self.stop()

    def doRead(self) -> None:
        for _ in range(_MOST_FRAMES):
            try:
                frame, (_, _, direction, *_) = self._socket.recvfrom(_MOST_BYTES)
            except BlockingIOError:
                return
            except OSError as problem:
                # The interface went down. It says so once, and is heard again when it is up.
                self._log.warn("{interface}: {problem}", interface=self._interface, problem=problem.strerror)
                return
            with contextlib.suppress(Invalid):  # a network is full of what is not for us
                self.heard(wire.read_frame(frame), leaves=direction == socket.PACKET_OUTGOING)

    def heard(self, message: wire.Message, leaves: bool) -> None:
        """`leaves`: this machine sent it."""
        now = self._clock.seconds()
        if not message.reply and message.kind in wire.REQUESTS:
            self._heard.request(message.mac, message.options, now)
        elif message.reply and message.kind == wire.ACK and leaves and message.ip != wire.NO_ADDRESS:
            sighting = self._heard.complete(Sighting("dhcp", now, message.ip, self._base, mac=message.mac))
            answered = maybeDeferred(self._provisioner.answer, sighting)
            answered.addErrback(lambda failure: self._log.failure("a lease was not noted", failure))
