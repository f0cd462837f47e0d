"""The sockets of SIP PnP: on each interface one that hears the group, and one that speaks."""

import contextlib
import fcntl
import socket
import struct
from collections.abc import Iterator

from attrs import frozen

from provserver.errors import Held
from provserver.sip.ua_profile import GROUP, PORT

_SIOCGIFFLAGS, _SIOCGIFADDR = 0x8913, 0x8915  # linux/sockios.h
_UP, _LOOPBACK, _MULTICAST = 0x1, 0x8, 0x1000  # linux/if.h
_IP_MULTICAST_ALL = 49  # linux/in.h; Python 3.11 has no name for it


@frozen
class Sockets:
    """Of one interface. `group` hears what is sent to the group on this interface and on no other; `own` is bound
    to the interface's address, so that answers come from it."""

    address: str
    port: int
    group: socket.socket
    own: socket.socket

    def close(self) -> None:
        self.group.close()
        self.own.close()


def open_sockets(address: str, port: int = PORT) -> Sockets:
    """
    Open the sockets of the interface with this IPv4 address.

    Raises:
        Held: another program has the port, or no interface has the address.
    """
    group = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
    own = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
    sockets = Sockets(address, port, group, own)
    try:
        own.bind((address, port))
        group.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # the group is everybody's
        group.setsockopt(socket.IPPROTO_IP, _IP_MULTICAST_ALL, 0)
        group.bind((GROUP, port))
        membership = socket.inet_aton(GROUP) + socket.inet_aton(address)
        group.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)
    except OSError as problem:
        sockets.close()
        raise Held(f"SIP PnP: cannot listen on {address} port {port}: {problem.strerror}") from None
    return sockets


def interface_addresses() -> tuple[str, ...]:
    """Return the first IPv4 address of each interface that is up and has multicast, but for loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        return tuple(_addresses(probe))


def _addresses(probe: socket.socket) -> Iterator[str]:
    for _, name in socket.if_nameindex():
        request = struct.pack("256s", name.encode())
        with contextlib.suppress(OSError):  # no address, or gone by now
            (flags,) = struct.unpack_from("H", fcntl.ioctl(probe, _SIOCGIFFLAGS, request), 16)
            if flags & (_UP | _MULTICAST | _LOOPBACK) == _UP | _MULTICAST:
                yield socket.inet_ntoa(fcntl.ioctl(probe, _SIOCGIFADDR, request)[20:24])
