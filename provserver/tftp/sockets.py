"""What Linux can do with UDP sockets beyond `sendto`: local addresses, many datagrams in one call, room, the MTU."""

import contextlib
import errno
import socket
import struct
from collections.abc import Sequence

from provserver.tftp.interfaces import Address

BURST_BYTES = 8 << 20  # receive buffer of a listener: 1,000 phones ask at once after a power cut
_SO_RCVBUFFORCE = 33  # asm-generic/socket.h
_IP_PKTINFO, _IP_MTU, _IPV6_MTU = 8, 14, 24  # linux/in.h, linux/in6.h
_UDP_SEGMENT = 103  # linux/udp.h, Linux 4.18
_MOST_SEGMENTS, _MOST_SEGMENTED = 64, 65507  # of one segmented send: datagrams, and bytes
_NO_SEGMENTS = (errno.EINVAL, errno.EIO, errno.EMSGSIZE, errno.ENOPROTOOPT, errno.EOPNOTSUPP)
_PKTINFO4 = struct.Struct("@i4s4s")  # in_pktinfo: interface, local address, destination in the header
_PKTINFO6 = struct.Struct("@16si")  # in6_pktinfo: destination, interface
_MAPPED = "::ffff:"
ANCILLARY = socket.CMSG_SPACE(_PKTINFO4.size) + socket.CMSG_SPACE(_PKTINFO6.size)

Control = list[tuple[int, int, bytes]]


def widen(sock: socket.socket) -> None:
    """Give a listener's socket room for a burst; more than the system's limit only with CAP_NET_ADMIN, so call it
    before privileges are dropped."""
    try:
        sock.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, BURST_BYTES)
    except PermissionError:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BURST_BYTES)


def ask_local_address(sock: socket.socket) -> None:
    """Have each datagram come with the address that it was sent to."""
    sock.setsockopt(socket.IPPROTO_IP, _IP_PKTINFO, 1)  # an IPv6 socket has IPv4 peers too
    if sock.family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1)


def local_address(control: Control) -> str:
    """Return the address that a datagram was sent to, "" if it was sent to many."""
    six = b""
    for level, kind, data in control:
        if level == socket.IPPROTO_IP and kind == _IP_PKTINFO:
            _, own, destination = _PKTINFO4.unpack_from(data)
            return socket.inet_ntoa(own) if own == destination else ""
        if level == socket.IPPROTO_IPV6 and kind == socket.IPV6_PKTINFO:  # an IPv4 datagram has both
            six, _ = _PKTINFO6.unpack_from(data)
    return socket.inet_ntop(socket.AF_INET6, six) if six and six[0] != 0xFF else ""


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
    sock: socket.socket, datagrams: Sequence[bytes], control: Control, peer: Address | None, segments: bool
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


class Paths:
    """Asks the kernel how large a packet may be on the way to a peer: a socket that is connected knows."""

    def __init__(self) -> None:
        self._probes: dict[int, socket.socket] = {}

    def most_payload(self, peer: Address) -> int:
        kind = family(peer)
        probe = self._probes.get(kind)
        if probe is None:
            probe = self._probes[kind] = socket.socket(kind, socket.SOCK_DGRAM)
        try:
            probe.connect(peer)
            if kind == socket.AF_INET:
                return probe.getsockopt(socket.IPPROTO_IP, _IP_MTU) - 28
            return probe.getsockopt(socket.IPPROTO_IPV6, _IPV6_MTU) - 48
        except OSError:
            return 1232  # no route yet: what IPv6 promises, 1,280 bytes

    def close(self) -> None:
        for probe in self._probes.values():
            probe.close()
        self._probes.clear()
