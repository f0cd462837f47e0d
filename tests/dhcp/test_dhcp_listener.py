"""The passive listener: which frames are leases, and of whom."""

import socket
from typing import cast

from twisted.internet.interfaces import IReadDescriptor
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from provserver.dhcp.heard import Heard
from provserver.dhcp.listener import Listener
from provserver.dhcp.wire import read_message
from tests.dhcp.frames import INFORM, MAC, NAK, frame, message, option, reply, request
from tests.dhcp.told import BASE, Logged, Readers, Told

COMES, LEAVES = socket.PACKET_BROADCAST, socket.PACKET_OUTGOING


class ListenerCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.reactor = Readers()
        self.reactor.advance(1_800_000_000)
        self.told = Told()
        self.wire = Wire()
        self.logged = Logged(self, Listener)

    def listener(self) -> Listener:
        sock = cast(socket.socket, self.wire)
        return Listener("eth0", sock, Heard(), self.told, BASE, self.reactor, self.reactor)


class HeardTests(ListenerCase):
    def setUp(self) -> None:
        super().setUp()
        self.listening = self.listener()

    def hears(self, body: bytes, leaves: bool = False) -> None:
        self.listening.heard(read_message(body), leaves)

    def test_an_acknowledgement_is_a_lease_with_what_its_phone_said(self) -> None:
        """So a phone is known by its option 60 beside a Kea that cannot say it."""
        self.hears(request(option(60, b"yealink"), kind=1))
        self.hears(reply("10.0.0.7"), leaves=True)
        (sighting,) = self.told.sightings
        self.assertEqual((sighting.protocol, sighting.ip, sighting.mac), ("dhcp", "10.0.0.7", MAC))
        self.assertEqual((sighting.options, sighting.at), ({60: b"yealink"}, 1_800_000_000.0))

    def test_a_phone_that_was_not_heard_has_a_lease_all_the_same(self) -> None:
        """provd may have been started in between."""
        self.hears(reply("10.0.0.7"), leaves=True)
        self.assertEqual([sighting.options for sighting in self.told.sightings], [{}])

    def test_what_is_no_lease_is_passed_over(self) -> None:
        """A lease proves an address; only an acknowledgement of this machine's own DHCP server is one."""
        for body, leaves in (
            (reply("10.0.0.7"), False),  # anybody on the wire can send it
            (reply("10.0.0.7", kind=NAK), True),
            (reply("10.0.0.7", kind=2), True),  # an offer
            (reply("0.0.0.0"), True),  # the answer to DHCPINFORM
            (message(option(53, b"\5"), yiaddr="10.0.0.7"), True),  # an "acknowledgement" of a phone
            (request(option(60, b"yealink")), True),
            (request(option(60, b"yealink"), kind=4), False),  # the address is declined
        ):
            self.hears(body, leaves)
        self.assertEqual(self.told.sightings, [])

    def test_each_kind_of_request_is_remembered(self) -> None:
        """Some phones send option 60 in the first only, some in all."""
        for kind in (1, 3, INFORM):
            self.hears(request(option(60, bytes([64 + kind])), kind=kind))
            self.hears(reply("10.0.0.7"), leaves=True)
        self.assertEqual([seen.options[60] for seen in self.told.sightings], [b"A", b"C", b"H"])

    def test_a_failing_provisioner_does_not_stop_it(self) -> None:
        """An exception in `doRead` would have the reactor drop it for good."""
        self.told.failing.append(RuntimeError("a bug"))
        self.hears(reply("10.0.0.7"), leaves=True)
        self.assertEqual(len(self.flushLoggedErrors(RuntimeError)), 1)
        self.assertIn("a lease was not noted", self.logged.texts())


class SocketTests(ListenerCase):
    def test_it_is_a_descriptor_of_the_reactor(self) -> None:
        """The reactor asks for its number, and wakes it; a second stop does no harm."""
        listener = self.listener()
        verifyObject(IReadDescriptor, listener)
        self.assertEqual(listener.logPrefix(), "listener on eth0")
        listener.start()
        self.assertEqual(self.reactor.readers, [listener])
        listener.stop()
        listener.stop()
        self.assertEqual((self.reactor.readers, listener.fileno()), ([], -1))

    def test_what_leaves_is_a_lease_and_what_comes_is_none(self) -> None:
        """The kernel says which frame this machine sends; what is none of DHCP's is passed over."""
        self.wire.frames = [
            (frame(request(option(60, b"yealink"))), COMES),
            (b"x" * 60, COMES),
            (frame(message(option(60, b"no type"))), COMES),
            (frame(reply("10.0.0.8"), port=68), COMES),
            (frame(reply("10.0.0.7"), port=68), LEAVES),
        ]
        self.listener().doRead()
        self.assertEqual(
            [(seen.ip, seen.options) for seen in self.told.sightings], [("10.0.0.7", {60: b"yealink"})]
        )

    def test_one_turn_has_an_end(self) -> None:
        """A flood on the wire must not keep phones waiting for their files."""
        self.wire.frames = [(frame(reply("10.0.0.7"), port=68), LEAVES)] * 100
        listener = self.listener()
        listener.doRead()
        self.assertEqual(len(self.told.sightings), 64)
        listener.doRead()
        self.assertEqual(len(self.told.sightings), 100)

    def test_an_interface_that_goes_down_is_a_warning(self) -> None:
        """A cable that is pulled out is put in again, and then it is heard as before."""
        self.wire.failing.append(OSError(100, "Network is down"))
        self.wire.frames = [(frame(reply("10.0.0.7"), port=68), LEAVES)]
        listener = self.listener()
        listener.doRead()
        self.assertEqual(self.logged.texts(), ["eth0: Network is down"])
        listener.doRead()
        self.assertEqual(len(self.told.sightings), 1)

    def test_a_lost_socket_is_logged_and_forgotten(self) -> None:
        """The rest of provd goes on."""
        listener = self.listener()
        listener.connectionLost(Failure(OSError("gone")))
        self.assertEqual(listener.fileno(), -1)
        self.assertIn("eth0 is lost", self.logged.texts())
        self.flushLoggedErrors(OSError)


class Wire:
    """A packet socket that gives what a test says; `test_dhcp_sockets.py` has a real one."""

    def __init__(self) -> None:
        self.frames: list[tuple[bytes, int]] = []
        self.failing: list[OSError] = []
        self._number = 3

    def recvfrom(self, size: int) -> tuple[bytes, tuple[str, int, int, int, bytes]]:
        if self.failing:
            raise self.failing.pop()
        if not self.frames:
            raise BlockingIOError
        seen, direction = self.frames.pop(0)
        return seen[:size], ("eth0", 0x0800, direction, 1, b"")

    def fileno(self) -> int:
        return self._number

    def close(self) -> None:
        self._number = -1
