"""
The lease socket: takes what DHCP servers tell through `provd-lease`, from those users alone who may tell it.

A lease proves an address, so a forged one could move a phone's; the kernel says who sent each datagram
(SO_PASSCRED), which no sender can choose.
"""

import contextlib
import json
import os
import pwd
import socket
from collections.abc import Sequence
from struct import Struct

from attrs import frozen
from twisted.internet.defer import maybeDeferred
from twisted.internet.interfaces import IReactorFDSet, IReactorTime, IReadDescriptor
from twisted.logger import Logger
from twisted.python.failure import Failure
from zope.interface import implementer

from provserver.dhcp.heard import Heard
from provserver.dhcp.lease import lease_of
from provserver.dhcp.sockets import LeaseSocket
from provserver.errors import Invalid
from provserver.interfaces import IProvisioner
from provserver.model import Sighting

_MOST_BYTES = 8192  # a lease with four options of 255 bytes has 4,000
_MOST_DATAGRAMS = 64  # a turn of the reactor: phones that ask must not wait for leases
_EVERY_S = 60  # a warning
_CREDENTIALS = Struct("3i")  # pid, uid, gid
_ROOM = socket.CMSG_SPACE(_CREDENTIALS.size)  # just enough: there is none for file descriptors


@frozen
class _Datagram:
    body: bytes
    uid: int | None  # None: the kernel did not say
    whole: bool


@implementer(IReadDescriptor)
class Receiver:
    """Takes leases from `start` on; `stop` takes the socket away."""

    _log = Logger()

    def __init__(
        self,
        bound: LeaseSocket,
        users: Sequence[str],
        provisioner: IProvisioner,
        base: str,
        clock: IReactorTime,
        reactor: IReactorFDSet,
        heard: Heard | None = None,
    ) -> None:
        """`users` may tell, beside our own; a name that this system does not have is passed over. `base` is the
        sightings'; `heard`: what the listener heard of the phones, where there is one."""
        self._bound = bound
        self._users = users
        self._provisioner = provisioner
        self._base = base
        self._clock = clock
        self._reactor = reactor
        self._heard = heard or Heard()
        self._uids: frozenset[int] = frozenset()
        self._warned_at = -float(_EVERY_S)
        self._unsaid = 0

    def start(self) -> None:
        """Take leases from now on; what came since the socket was bound is taken too. Looking users up blocks."""
        self._uids = frozenset([os.getuid(), *_uids(self._users)])
        self._reactor.addReader(self)

    def stop(self) -> None:
        """Forget the socket; a second time does nothing."""
        self._reactor.removeReader(self)
        self._bound.remove()

    # --- IReadDescriptor -----------------------------------------------------------------------------------

    def fileno(self) -> int:
        return self._bound.socket.fileno()

    def logPrefix(self) -> str:
        return "leases"

    def connectionLost(self, reason: Failure) -> None:
        self._log.failure("the lease socket is lost", reason)
        self.stop()

    def doRead(self) -> None:
        for _ in range(_MOST_DATAGRAMS):
            datagram = self._received()
            if datagram is None:
                return
            try:
                sighting = self._read(datagram)
            except Invalid as problem:
                self._warn(str(problem))
            else:
                if sighting:
                    self._tell(sighting)

    # --- what they need ------------------------------------------------------------------------------------

    def _received(self) -> _Datagram | None:
        try:
            body, ancillary, flags, _ = self._bound.socket.recvmsg(_MOST_BYTES, _ROOM)
        except BlockingIOError:
            return None
        uid = None
        for level, kind, data in ancillary:
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_CREDENTIALS):
                _, uid, _ = _CREDENTIALS.unpack(data)
        return _Datagram(body, uid, not flags & socket.MSG_TRUNC)

    def _read(self, datagram: _Datagram) -> Sighting | None:
        """Raises: Invalid."""
        if datagram.uid not in self._uids:
            known = ", ".join(self._users)
            raise Invalid(
                f"sent by user {datagram.uid}, which is none of dhcp.users ({known}) and not our own"
            )
        if not datagram.whole:
            raise Invalid(f"longer than {_MOST_BYTES} bytes")
        try:
            event = json.loads(datagram.body)
        except (ValueError, RecursionError) as problem:
            raise Invalid(f"not JSON: {problem!s:.100}") from None
        return lease_of(event, self._clock.seconds(), self._base)

    def _tell(self, sighting: Sighting) -> None:
        answered = maybeDeferred(self._provisioner.answer, self._heard.complete(sighting))
        answered.addErrback(lambda failure: self._log.failure("a lease was not noted", failure))

    def _warn(self, problem: str) -> None:
        """Write one line a minute, however many datagrams are refused."""
        now = self._clock.seconds()
        if now - self._warned_at < _EVERY_S:
            self._unsaid += 1
            return
        self._log.warn(
            "a lease was refused: {problem}{more}",
            problem=problem,
            more=f" (and {self._unsaid} more since the last warning)" if self._unsaid else "",
        )
        self._warned_at = now
        self._unsaid = 0


def _uids(users: Sequence[str]) -> list[int]:
    found = []
    for user in users:
        with contextlib.suppress(KeyError):  # a system has the users of the DHCP servers that it has
            found.append(pwd.getpwnam(user).pw_uid)
    return found
