"""ports: bound before anything is read, and a taken one says who has it."""

import os
import socket

from twisted.trial.unittest import SynchronousTestCase

from provserver.errors import Held
from provserver.ports import bind, own_address, shown


class BindTests(SynchronousTestCase):
    def bound(
        self, host: str, kind: socket.SocketKind = socket.SOCK_STREAM, port: int = 0
    ) -> tuple[socket.socket, int]:
        bound = bind("phone HTTP", host, port, kind)
        self.addCleanup(bound.socket.close)
        return bound.socket, bound.port

    def test_a_bound_port_answers_nobody_yet(self) -> None:
        """A phone that comes before the store is read must be refused, so that it asks again."""
        _, port = self.bound("127.0.0.1")
        with socket.socket() as client:
            self.assertRaises(ConnectionRefusedError, client.connect, ("127.0.0.1", port))

    def test_every_address_takes_ipv4(self) -> None:
        """`bind` left empty means the whole office, whatever its network speaks."""
        bound = bind("phone HTTP", "", 0, socket.SOCK_STREAM)
        self.addCleanup(bound.socket.close)
        bound.listen(1)
        with socket.socket() as client:
            client.connect(("127.0.0.1", bound.port))

    def test_a_taken_port_names_its_holder(self) -> None:
        """Started twice, the second provd must say in one line who is in its way."""
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
            sock, port = self.bound("127.0.0.1", kind)
            if kind == socket.SOCK_STREAM:
                sock.listen(1)
            text = str(self.assertRaises(Held, bind, "phone HTTP", "127.0.0.1", port, kind))
            self.assertIn(f"phone HTTP: port {port} is held by ", text)
            self.assertIn(f"(pid {os.getpid()})", text)
            self.assertNotIn("\n", text)

    def test_an_address_that_is_not_ours_is_named(self) -> None:
        """A typing error in `bind` is not somebody else's process."""
        text = str(self.assertRaises(Held, bind, "REST", "192.0.2.77", 0, socket.SOCK_STREAM))
        self.assertIn("192.0.2.77", text)

    def test_addresses_as_they_are_shown(self) -> None:
        """What is printed at start must be what can be typed."""
        self.assertEqual(
            (shown("", 80), shown("fd00::1", 80), shown("10.0.0.1", 80)),
            ("*:80", "[fd00::1]:80", "10.0.0.1:80"),
        )
        socket.inet_aton(own_address())
