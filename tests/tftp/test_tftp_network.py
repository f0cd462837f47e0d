"""tftp.network on loopback, and the network in memory: both keep the one contract."""

import contextlib
import errno
import os
import socket
import struct
import time
from collections.abc import Callable
from typing import Any

from twisted.internet.interfaces import IReactorFDSet, IReadDescriptor
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer
from zope.interface.verify import verifyObject

from provserver.tftp import sockets
from provserver.tftp.interfaces import Address, INetwork, ITftpPort
from provserver.tftp.network import TURN_S, UdpNetwork, widen
from tests.contracts import tftp_network as contract
from tests.tftp.memory_network import MemoryNetwork, MemorySocket


class MemoryOutside(contract.Outside):
    def __init__(self, network: MemoryNetwork, address: Address) -> None:
        self.address, self._network = address, network

    def send(self, datagram: bytes, to: Address) -> None:
        self._network.deliver(datagram, self.address, to)

    def received(self, count: int = 1) -> list[tuple[bytes, Address]]:
        return self._network.taken(self.address)


class MemoryNetworkTests(contract.NetworkContract):
    def setUp(self) -> None:
        self.network = self.memory = MemoryNetwork()
        self._outsiders = 0

    def socket(self) -> MemorySocket:
        return MemorySocket(("10.0.0.1", 69))

    def address(self, socket: Any) -> Address:
        return tuple(socket.address)

    def outside(self) -> contract.Outside:
        self._outsiders += 1
        return MemoryOutside(self.memory, ("10.0.0.7", 2000 + self._outsiders))

    def turn(self) -> None:
        """Nothing waits."""


@implementer(IReactorFDSet)
class Readers:
    """What the network sees of a reactor."""

    def __init__(self) -> None:
        self.readers: list[Any] = []

    def addReader(self, reader: Any) -> None:
        self.readers.append(reader)

    def removeReader(self, reader: Any) -> None:
        self.readers.remove(reader)

    def addWriter(self, writer: Any) -> None:
        raise NotImplementedError

    removeWriter = addWriter

    def removeAll(self) -> list[Any]:
        raise NotImplementedError

    getReaders = getWriters = removeAll


class UdpOutside(contract.Outside):
    def __init__(self, host: str, clock: Clock | None = None) -> None:
        """`clock` is of the network that it hears: what that sends outside of a turn leaves in the reactor's next."""
        self._clock = clock or Clock()
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        self._socket.settimeout(5)
        self._socket.bind((host, 0))
        self.address = self._socket.getsockname()

    def send(self, datagram: bytes, to: Address) -> None:
        self._socket.sendto(datagram, to)

    def received(self, count: int = 1) -> list[tuple[bytes, Address]]:
        self._clock.advance(0)
        return [self._socket.recvfrom(70_000) for _ in range(count)]

    def silent(self) -> bool:
        self._clock.advance(0)
        self._socket.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            self._socket.recvfrom(100)
            return False
        return True

    def close(self) -> None:
        self._socket.close()


class UdpNetworkTests(contract.NetworkContract):
    """IPv4 on loopback, listening on every address of a socket for IPv4 only."""

    bind = "0.0.0.0"
    asked = "127.0.0.1"
    outsiders = "127.0.0.1"

    def setUp(self) -> None:
        self.reactor = Readers()
        # time stands still, so that a turn hears all, however busy this machine is
        self.clock = Clock()
        self.network = self.udp = UdpNetwork(self.reactor, self.clock, lambda: 0.0)

    def socket(self) -> socket.socket:
        family = socket.AF_INET6 if ":" in self.bind else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_DGRAM)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        sock.bind((self.bind, 0))
        return sock

    def address(self, socket: Any) -> Address:
        port = socket.getsockname()[1]
        return (self.asked, port, 0, 0) if ":" in self.asked else (self.asked, port)

    def outside(self) -> UdpOutside:
        outside = UdpOutside(self.outsiders, self.clock)
        self.addCleanup(outside.close)
        return outside

    def turn(self) -> None:
        for reader in list(self.reactor.readers):
            reader.doRead()


class OtherAddressTests(UdpNetworkTests):
    """An address that is not the first of its interface: the answer must leave from it all the same."""

    asked = "127.0.0.9"


class OwnAddressTests(UdpNetworkTests):
    """Bound to one address only."""

    bind = asked = "127.0.0.9"


class MappedTests(UdpNetworkTests):
    """IPv4 phones of an IPv6 socket: how it is when provd listens on all addresses."""

    bind = "::"
    asked = "127.0.0.9"


class SixTests(UdpNetworkTests):
    """IPv6."""

    bind = "::"
    asked = outsiders = "::1"


@implementer(INetwork)
class LastingPorts:
    """A network whose ports are all for many packets."""

    def __init__(self, network: UdpNetwork) -> None:
        self.listen, self.most_payload = network.listen, network.most_payload
        self._network = network

    def port(
        self,
        peer: Address,
        local: str,
        heard: Callable[[bytes, Address], None],
        most: int,
        lasting: bool = False,
    ) -> ITftpPort:
        return self._network.port(peer, local, heard, most, True)


class LastingTests(UdpNetworkTests):
    """Ports with two sockets keep the same contract."""

    def setUp(self) -> None:
        super().setUp()
        self.network = LastingPorts(self.udp)


class LastingSixTests(SixTests):
    """The same with IPv6."""

    def setUp(self) -> None:
        super().setUp()
        self.network = LastingPorts(self.udp)


class SocketTests(SynchronousTestCase):
    """What is true of sockets only."""

    def setUp(self) -> None:
        self.reactor = Readers()
        self.clock = Clock()
        self.network = UdpNetwork(self.reactor, self.clock, time.monotonic)
        self.peer = UdpOutside("127.0.0.1", self.clock)
        self.addCleanup(self.peer.close)

    def listen(self, heard: Any) -> Address:
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.bind(("127.0.0.1", 0))
        address: Address = sock.getsockname()
        self.addCleanup(self.network.listen(sock, heard, 1500).close)
        return address

    def test_the_reactor_sees_one_reader(self) -> None:
        """However many sockets there are; and none is left when the last is closed."""
        verifyObject(IReadDescriptor, self.network)
        self.assertEqual((self.reactor.readers, self.network.fileno()), ([], -1))
        ports = [self.network.port(self.peer.address, "127.0.0.1", print, 600) for _ in range(50)]
        self.network.most_payload(self.peer.address)
        self.assertEqual(self.reactor.readers, [self.network])
        self.assertGreaterEqual(self.network.fileno(), 0)
        before = len(os.listdir("/proc/self/fd"))
        for port in ports:
            port.close()
        self.assertEqual((self.reactor.readers, self.network.fileno()), ([], -1))
        self.assertEqual(before - len(os.listdir("/proc/self/fd")), 52)  # the ports, the epoll and the probe
        self.network.doRead()
        self.network.connectionLost(None)
        self.assertEqual(self.network.logPrefix(), "TFTP")

    def test_a_listener_has_room_for_a_burst(self) -> None:
        """1,000 phones ask at once after a power cut; the default holds some 280 requests."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            before = sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
            widen(sock)
            after = sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
        self.assertGreaterEqual(after, sockets.BURST_BYTES if os.geteuid() == 0 else before)

    def test_without_leave_it_takes_what_the_system_allows(self) -> None:
        """CAP_NET_ADMIN is not there in every container."""
        asked = []

        class Plain:
            def setsockopt(self, _level: int, option: int, size: int) -> None:
                asked.append(option)
                if option != socket.SO_RCVBUF:
                    raise PermissionError(errno.EPERM, "no")

        widen(Plain())  # type: ignore[arg-type]  # all of a socket that it needs
        self.assertEqual(asked[-1], socket.SO_RCVBUF)

    def test_one_turn_is_short_whatever_waits(self) -> None:
        """HTTP must not starve; what is left is heard in the next turn."""
        heard = []

        def slow(*_what: object) -> None:
            heard.append(1)
            until = time.monotonic() + TURN_S / 4
            while time.monotonic() < until:
                pass

        address = self.listen(slow)
        for _ in range(40):
            self.peer.send(b"x", address)
        self.network.doRead()
        self.assertLess(len(heard), 12)
        for _ in range(20):
            self.network.doRead()
        self.assertEqual(len(heard), 40)

    def test_everybody_has_a_turn_however_lively_the_others_are(self) -> None:
        """With more to hear than a turn takes, those who speak again at once must not be heard before the rest."""
        heard: list[int] = []

        def port(number: int) -> Address:
            def slow(_datagram: bytes, peer: Address) -> None:
                heard.append(number)
                self.peer.send(b"again", ports[number])
                until = time.monotonic() + TURN_S / 2
                while time.monotonic() < until:
                    pass

            opened = self.network.port(self.peer.address, "127.0.0.1", slow, 600)
            self.addCleanup(opened.close)
            opened.send(b"hello")
            ((_, address),) = self.peer.received()
            return address

        ports = [port(number) for number in range(10)]
        for address in ports:
            self.peer.send(b"first", address)
        for _ in range(10):
            self.network.doRead()
        self.assertEqual(set(heard), set(range(10)))

    def test_a_bug_in_one_transfer_does_not_stop_the_others(self) -> None:
        """It is logged, and the reader goes on."""
        told: list[bytes] = []

        def buggy(datagram: bytes, *_who: object) -> None:
            told.append(datagram)
            raise RuntimeError("a bug")

        address = self.listen(buggy)
        for _ in range(3):
            self.peer.send(b"x", address)
        for _ in range(3):
            self.network.doRead()
        self.assertEqual(len(told), 3)
        self.assertEqual(len(self.flushLoggedErrors(RuntimeError)), 3)

    def test_what_cannot_be_sent_is_mere_loss(self) -> None:
        """From loopback no packet leaves the machine; it comes again, or the peer is given up."""
        nowhere = ("192.0.2.1", 9)
        port = self.network.port(nowhere, "127.0.0.1", lambda *_: None, 600)
        self.addCleanup(port.close)

        def heard(*_what: object) -> None:
            port.send(b"x")
            port.send_all([b"1", b"2"])

        heard()
        self.peer.send(b"hello", self.listen(heard))
        self.network.doRead()

    def test_outside_of_a_turn_all_leave_together_and_at_once_where_one_closes(self) -> None:
        """Answers that come by themselves are sent in one go as well; who ends still says its last word."""
        ports = [self.network.port(self.peer.address, "127.0.0.1", print, 600) for _ in range(3)]
        for number, port in enumerate(ports):
            port.send(b"%d" % number)
        self.assertEqual(len(self.clock.getDelayedCalls()), 1)
        self.assertEqual([datagram for datagram, _ in self.peer.received(3)], [b"0", b"1", b"2"])
        ports[0].send(b"bye")
        for port in ports:
            port.close()
        self.assertEqual(self.peer.received()[0][0], b"bye")
        self.assertEqual(self.reactor.readers, [])

    def test_broadcasts_are_not_told(self) -> None:
        """RFC 1123 4.2.3.5: one packet to a network must not be answered by every server in it."""
        own, many = socket.inet_aton("192.0.2.10"), socket.inet_aton("192.0.2.255")
        four, six = socket.IPPROTO_IP, socket.IPPROTO_IPV6
        for control, local in (
            ([(four, 8, struct.pack("@i4s4s", 2, own, own))], "192.0.2.10"),
            ([(four, 8, struct.pack("@i4s4s", 2, own, many))], ""),
            ([(four, 8, struct.pack("@i4s4s", 2, own, socket.inet_aton("224.0.1.75")))], ""),
            ([(six, 50, struct.pack("@16si", socket.inet_pton(socket.AF_INET6, "ff02::1"), 2))], ""),
            ([(six, 50, struct.pack("@16si", socket.inet_pton(socket.AF_INET6, "fd00::1"), 2))], "fd00::1"),
            ([(six, 8, b"hop limit")], ""),
            ([], ""),
        ):
            self.assertEqual(sockets.local_address(control), local)
        heard: list[object] = []
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.bind(("0.0.0.0", 0))
        address = ("127.255.255.255", sock.getsockname()[1])
        self.addCleanup(self.network.listen(sock, lambda *what: heard.append(what), 1500).close)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            sender.sendto(b"\0\1a\0octet\0", address)
        self.network.doRead()
        self.assertEqual(heard, [])

    def test_the_path_to_loopback_is_wide_and_to_nowhere_is_careful(self) -> None:
        """The kernel knows the MTU of a route; without one, IPv6's least."""
        self.assertEqual(self.network.most_payload(("127.0.0.1", 9)), 65_535 - 28)
        self.assertEqual(self.network.most_payload(("::1", 9, 0, 0)), 65_536 - 48)
        self.assertEqual(self.network.most_payload(("fe80::1", 9, 0, 999_999)), 1232)
        port = self.network.port(self.peer.address, "127.0.0.1", print, 600)
        port.close()

    def test_an_address_that_is_not_ours_is_an_oserror(self) -> None:
        """And leaves no socket behind."""
        before = len(os.listdir("/proc/self/fd"))
        with self.assertRaises(OSError):
            self.network.port(self.peer.address, "192.0.2.77", print, 600)
        self.assertEqual(len(os.listdir("/proc/self/fd")), before)

    def test_a_lasting_port_that_cannot_be_leaves_no_socket_behind(self) -> None:
        """Neither where the first of the two fails nor where the second does: no route leads out of loopback."""
        before = len(os.listdir("/proc/self/fd"))
        for peer, local in ((self.peer.address, "192.0.2.77"), (("192.0.2.1", 9), "127.0.0.1")):
            with self.assertRaises(OSError):
                self.network.port(peer, local, print, 600, lasting=True)
        self.assertEqual(len(os.listdir("/proc/self/fd")), before)
        self.assertEqual(self.reactor.readers, [])

    def test_a_lasting_port_outlives_a_phone_that_is_away_for_a_moment(self) -> None:
        """A connected socket is told of ICMP errors: they are no news, the packets come again."""
        heard: list[bytes] = []
        away = UdpOutside("127.0.0.1")
        port = self.network.port(
            away.address, "127.0.0.1", lambda datagram, _: heard.append(datagram), 600, True
        )
        self.addCleanup(port.close)
        away.close()
        for _ in range(3):
            port.send(b"x")
            port.send_all([b"12", b"3"])
            self.network.doRead()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as back:
            back.bind(away.address)
            back.settimeout(5)
            port.poll()
            port.send(b"again")
            self.clock.advance(0)
            datagram, own = back.recvfrom(100)
            self.assertEqual(datagram, b"again")
            back.sendto(b"here", own)
            self.network.doRead()
        self.assertEqual(heard, [b"here"])


class SegmentTests(SynchronousTestCase):
    """Windows in one call, and what happens where the kernel will not."""

    def setUp(self) -> None:
        self.peer = UdpOutside("127.0.0.1")
        self.addCleanup(self.peer.close)

    def test_a_window_arrives_whole_and_in_order(self) -> None:
        """Also one that is more than 64 datagrams or 65,507 bytes."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            for size, count, last in (
                (516, 16, 516),
                (1472, 64, 7),
                (8, 150, 4),
                (9000, 16, 4),
                (40_000, 3, 5),
            ):
                window = [bytes([i]) * size for i in range(count - 1)] + [bytes(last)]
                self.assertTrue(sockets.send_all(sock, window, [], self.peer.address, True) or size == 40_000)
                self.assertEqual([datagram for datagram, _ in self.peer.received(count)], window)

    def test_it_falls_back_by_itself(self) -> None:
        """An old kernel or a device without checksums refuses; the window goes out all the same, and is told."""
        for refusal in (errno.EINVAL, errno.EIO, errno.EMSGSIZE, errno.ENOPROTOOPT, errno.EOPNOTSUPP):
            sock = OldSocket(refusal)
            window = [b"1234", b"5678", b"9"]
            self.assertFalse(sockets.send_all(sock, window, [], ("10.0.0.7", 2001), True))  # type: ignore[arg-type]
            self.assertEqual(sock.sent, window)

    def test_no_room_and_no_route_are_mere_loss(self) -> None:
        """They say nothing about what the kernel can do, and nothing is sent twice."""
        for refusal in (errno.EAGAIN, errno.ENETUNREACH, errno.EPERM):
            sock = OldSocket(refusal)
            self.assertTrue(sockets.send_all(sock, [b"12", b"34"], [], ("10.0.0.7", 1), True))  # type: ignore[arg-type]
            self.assertEqual(sock.sent, [])

    def test_one_by_one_a_refusal_loses_one(self) -> None:
        """The others are sent all the same."""
        sock = OldSocket(errno.ENOBUFS, always=True)
        self.assertFalse(sockets.send_all(sock, [b"12", b"34"], [], ("10.0.0.7", 1), False))  # type: ignore[arg-type]
        self.assertEqual(sock.asked, 2)


class OldSocket:
    """A socket that refuses to cut, or everything."""

    def __init__(self, refusal: int, always: bool = False) -> None:
        self._refusal, self._always = refusal, always
        self.sent: list[bytes] = []
        self.asked = 0

    def sendmsg(self, buffers: Any, control: Any, _flags: int, _peer: Address) -> None:
        self.asked += 1
        if self._always or any(level == socket.IPPROTO_UDP for level, _, _ in control):
            raise OSError(self._refusal, os.strerror(self._refusal))
        self.sent += buffers
