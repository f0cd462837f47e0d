"""The sockets that are opened before privileges are given up."""

import os
import shutil
import socket
import stat
from unittest import skipIf

from twisted.trial.unittest import SynchronousTestCase

from provserver.dhcp.sockets import LeaseSocket, bind_lease_socket, open_interface
from provserver.errors import Held, Invalid
from tests.dhcp.frames import frame, reply
from tests.dhcp.told import short_folder

NO_RAW = os.getuid() != 0 and "AF_PACKET needs CAP_NET_RAW"


class LeaseSocketTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.folder = short_folder()
        self.addCleanup(shutil.rmtree, self.folder)
        self.path = self.folder / "lease"

    def bind(self) -> LeaseSocket:
        bound = bind_lease_socket(self.path)
        self.addCleanup(bound.socket.close)
        return bound

    def other(self, kind: socket.SocketKind = socket.SOCK_DGRAM) -> socket.socket:
        """Return a socket of somebody else, at the same path."""
        sock = socket.socket(socket.AF_UNIX, kind)
        self.addCleanup(sock.close)
        sock.bind(str(self.path))
        return sock

    def test_everybody_may_write_to_it(self) -> None:
        """DHCP servers run as users of their own; who may tell is decided by datagram."""
        self.bind()
        self.assertEqual(stat.S_IMODE(self.path.stat().st_mode), 0o666)

    def test_it_never_waits(self) -> None:
        """The reactor would wait with it."""
        self.assertRaises(BlockingIOError, self.bind().socket.recv, 1)

    def test_a_dead_provds_socket_is_replaced(self) -> None:
        """After a power cut nobody wants to delete files by hand."""
        self.other().close()
        bound = self.bind()
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"lease", str(self.path))
        self.assertEqual(bound.socket.recv(9), b"lease")

    def test_a_living_provds_socket_is_not(self) -> None:
        """Two that share a path would each hear half of the leases."""
        first = self.bind()
        with self.assertRaises(Held) as refused:
            self.bind()
        self.assertIn(str(self.path), str(refused.exception))
        first.remove()
        self.bind()

    def test_what_is_no_lease_socket_is_left_alone(self) -> None:
        """A path that was mistyped must not cost a file, nor another program its socket."""
        for make in (
            lambda: self.path.write_text("mine"),
            lambda: self.path.symlink_to(self.folder / "elsewhere"),
            lambda: self.path.mkdir(),
            lambda: self.other(socket.SOCK_STREAM).listen(),
        ):
            make()
            before = self.path.lstat()
            with self.assertRaises(Held) as refused:
                self.bind()
            self.assertIn(str(self.path), str(refused.exception))
            self.assertEqual(self.path.lstat().st_ino, before.st_ino)
            self.path.rename(self.folder / f"aside-{before.st_ino}")

    def test_its_file_goes_with_it(self) -> None:
        """A hook is then told at once that provd is away."""
        bound = self.bind()
        bound.remove()
        bound.remove()
        self.assertFalse(self.path.exists())

    def test_a_socket_that_took_its_place_is_left_alone(self) -> None:
        """Whoever replaced ours by hand has it still after we stopped."""
        bound = self.bind()
        self.path.rename(self.folder / "aside")
        self.other()
        bound.remove()
        self.assertTrue(self.path.exists())

    def test_a_path_that_cannot_be_is_named(self) -> None:
        """The words of the system alone ("AF_UNIX path too long") do not say which."""
        for path in (self.folder / "missing" / "lease", self.folder / ("x" * 120)):
            with self.subTest(path=path), self.assertRaises(OSError) as refused:
                bind_lease_socket(path)
            self.assertIn(str(path), str(refused.exception))

    def test_nothing_is_left_open_where_it_failed(self) -> None:
        """A start that is tried again and again would otherwise end for another reason."""
        self.path.write_text("mine")
        before = len(os.listdir("/proc/self/fd"))
        self.assertRaises(Held, bind_lease_socket, self.path)
        self.assertEqual(len(os.listdir("/proc/self/fd")), before)


class InterfaceTests(SynchronousTestCase):
    def test_without_the_right_it_says_which_is_missing(self) -> None:
        """provd need not be root, but then somebody must have given it the capability."""

        def refusing(*_: object) -> None:
            raise PermissionError(1, "Operation not permitted")

        self.patch(socket, "socket", refusing)
        with self.assertRaises(PermissionError) as refused:
            open_interface("eth0")
        self.assertIn("CAP_NET_RAW", str(refused.exception))

    @skipIf(NO_RAW, str(NO_RAW))
    def test_an_interface_that_is_not_there_is_named(self) -> None:
        """A setting that was mistyped is told at the start."""
        with self.assertRaises(Invalid) as refused:
            open_interface("no-such-if")
        self.assertIn("dhcp.listen: 'no-such-if'", str(refused.exception))

    @skipIf(NO_RAW, str(NO_RAW))
    def test_it_hears_dhcp_and_nothing_else(self) -> None:
        """Every call of every phone is on the same wire."""
        sock = open_interface("lo")
        self.addCleanup(sock.close)
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as wire:
            wire.bind(("lo", 0))
            for seen in (frame(b"call", port=5060), frame(reply("10.0.0.7"), port=68)):
                wire.send(seen)
        self.assertEqual(sock.recv(4096), frame(reply("10.0.0.7"), port=68))
