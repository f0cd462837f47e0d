"""What plain `sendto` cannot say to Linux: the local address of a datagram, and many datagrams in one call."""

import contextlib
import errno
import socket
import struct
from collections.abc import Sequence

from provserver.tftp.interfaces import Address

_IP_PKTINFO = 8  # linux/in.h
_UDP_SEGMENT = 103  # linux/udp.h, Linux 4.18
_MOST_SEGMENTS, _MOST_SEGMENTED = 64, 65507  # of one segmented send: datagrams, and bytes
_NO_SEGMENTS = (errno.EINVAL, errno.EIO, errno.EMSGSIZE, errno.ENOPROTOOPT, errno.EOPNOTSUPP)
_PKTINFO4 = struct.Struct("@i4s4s")  # in_pktinfo: interface, local address, destination in the header
_PKTINFO6 = struct.Struct("@16si")  # in6_pktinfo: destination, interface
_MAPPED = "::ffff:"
ANCILLARY = socket.CMSG_SPACE(_PKTINFO4.size) + socket.CMSG_SPACE(_PKTINFO6.size)

Control = list[tuple[int, int, bytes]]


def ask_local_address(sock: socket.socket) -> None:
    """Have each datagram come with the address that it was sent to."""
    sock.setsockopt(socket.IPPROTO_IP, _IP_PKTINFO, 1)  # an IPv6 socket has IPv4 peers too
    if sock.family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1)


def local_address(control: Control) -> str:
    """Return the address that a datagram was sent to, "" if it was sent to many."""
    local = ""
    for level, kind, data in control:
        if level == socket.IPPROTO_IP and kind == _IP_PKTINFO:
            _, own, destination = _PKTINFO4.unpack_from(data)
            return socket.inet_ntoa(own) if own == destination else ""
        if level == socket.IPPROTO_IPV6 and kind == socket.IPV6_PKTINFO:
            destination, _ = _PKTINFO6.unpack_from(data)
            local = "" if destination[0] == 0xFF else socket.inet_ntop(socket.AF_INET6, destination)
    return local


def source(peer: Address, local: str) -> Control:
    """Return the control message that makes a datagram to a peer leave from a local address."""
    if family(peer) == socket.AF_INET:
        info = _PKTINFO4.pack(0, socket.inet_aton(local), bytes(4))
        return [(socket.IPPROTO_IP, _IP_PKTINFO, info)]
    info = _PKTINFO6.pack(socket.inet_pton(socket.AF_INET6, local), peer[3])
    return [(socket.IPPROTO_IPV6, socket.IPV6_PKTINFO, info)]


def family(peer: Address) -> socket.AddressFamily:
    return socket.AF_INET if len(peer) == 2 else socket.AF_INET6


def plain(peer: Address) -> Address:
    """Return an IPv4 peer of an IPv6 socket as IPv4."""
    if len(peer) == 4 and peer[0].startswith(_MAPPED):
        return (peer[0][len(_MAPPED) :], peer[1])
    return peer


def spelled(sock: socket.socket, peer: Address) -> Address:
    """Return a peer as a socket writes it: the other way round."""
    if len(peer) == 2 and sock.family == socket.AF_INET6:
        return (_MAPPED + peer[0], peer[1], 0, 0)
    return peer


def send_all(
    sock: socket.socket, datagrams: Sequence[bytes], control: Control, peer: Address, segments: bool
) -> bool:
    """
    Send datagrams of one length, the last may be shorter; say whether the kernel may cut the next ones too.

    It cuts one buffer into datagrams (UDP_SEGMENT): one pass through the stack for a window. Where it will not, an
    old kernel, a device without checksums, a path with a smaller MTU, they go one by one.
    """
    size = len(datagrams[0])
    at_once = min(_MOST_SEGMENTS, _MOST_SEGMENTED // size)
    if segments and len(datagrams) > 1 and at_once > 1:
        cut = [*control, (socket.IPPROTO_UDP, _UDP_SEGMENT, struct.pack("@H", size))]
        try:
            while datagrams:
                part, datagrams = datagrams[:at_once], datagrams[at_once:]
                sock.sendmsg(part, cut if len(part) > 1 else control, 0, peer)
            return True
        except BlockingIOError:
            return True  # no room to send: lost, and comes again
        except OSError as refused:
            if refused.errno not in _NO_SEGMENTS:
                return True  # no route, no leave: no fault of the cutting
            datagrams = [*part, *datagrams]
    for datagram in datagrams:
        with contextlib.suppress(OSError):
            sock.sendmsg((datagram,), control, 0, peer)
    return segments and len(datagrams) == 1
