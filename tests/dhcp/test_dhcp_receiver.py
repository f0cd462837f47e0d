"""The lease socket: who may tell, and what becomes of what is told."""

import array
import os
import pwd
import socket
import struct
from pathlib import Path

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReadDescriptor
from twisted.python.failure import Failure
from zope.interface.verify import verifyObject

from provserver.dhcp import hook
from provserver.dhcp.heard import Heard
from provserver.model import Answer, Sighting
from tests.dhcp.receiver_case import COMMIT, MAC, STRANGER, ReceiverCase, commit
from tests.dhcp.told import BASE, Told


class StartingTests(ReceiverCase):
    def test_it_is_a_descriptor_of_the_reactor(self) -> None:
        """The reactor asks for its number, and wakes it."""
        receiver = self.receiver()
        verifyObject(IReadDescriptor, receiver)
        self.assertGreater(receiver.fileno(), 0)
        self.assertEqual(receiver.logPrefix(), "leases")
        self.assertEqual(self.reactor.readers, [])
        receiver.start()
        self.assertEqual(self.reactor.readers, [receiver])

    def test_it_goes_when_provd_stops(self) -> None:
        """A hook is then told at once that provd is away; and a second stop does no harm."""
        receiver = self.started()
        receiver.stop()
        receiver.stop()
        self.assertEqual((self.path.exists(), self.reactor.readers, receiver.fileno()), (False, [], -1))

    def test_what_came_before_the_start_is_taken(self) -> None:
        """While the store is read, phones get their leases already."""
        receiver = self.receiver()
        self.send(COMMIT)
        receiver.start()
        self.turn()
        self.assertEqual(len(self.told.sightings), 1)

    def test_a_lost_socket_is_logged_and_forgotten(self) -> None:
        """Twisted says so where reading failed; the rest of provd goes on."""
        receiver = self.started()
        receiver.connectionLost(Failure(OSError("gone")))
        self.assertEqual(receiver.fileno(), -1)
        self.assertIn("the lease socket is lost", self.logged.texts())
        self.flushLoggedErrors(OSError)


class TellingTests(ReceiverCase):
    def test_a_lease_is_a_sighting(self) -> None:
        """From here the chain learns the phone."""
        self.started()
        self.send(COMMIT)
        (sighting,) = self.told.sightings
        self.assertEqual((sighting.protocol, sighting.ip, sighting.mac), ("dhcp", "10.0.0.7", MAC))
        self.assertEqual((sighting.at, sighting.base), (1_800_000_000.0, BASE))
        self.assertEqual(sighting.options, {60: b"ye"})

    def test_the_end_of_a_lease_is_passed_over(self) -> None:
        """A phone that is switched off is still that phone."""
        self.started()
        self.send(
            hook.datagram(("release", "10.0.0.7", "", ())), hook.datagram(("expiry", "10.0.0.7", "", ()))
        )
        self.assertEqual((self.told.sightings, self.logged.texts()), ([], []))

    def test_what_the_wire_said_completes_it(self) -> None:
        """Kea has no option 60 in its hook; the listener heard it."""
        heard = Heard()
        heard.request(MAC, {60: b"from the wire", 12: b"phone"}, self.reactor.seconds())
        self.started(heard=heard)
        self.send(commit("10.0.0.7", MAC), COMMIT)
        self.assertEqual(
            [sighting.options for sighting in self.told.sightings],
            [{60: b"from the wire", 12: b"phone"}, {60: b"ye", 12: b"phone"}],
        )

    def test_one_turn_has_an_end(self) -> None:
        """Phones that ask for files must not wait until a flood of leases is over."""
        endless = Endless(self.path)
        self.started(provisioner=endless)
        self.send(COMMIT)
        self.assertEqual(len(endless.sightings), 64)
        self.turn()
        self.assertEqual(len(endless.sightings), 128)

    def test_a_failing_provisioner_does_not_stop_it(self) -> None:
        """An exception in `doRead` would have the reactor drop the socket for good."""
        self.started()
        self.told.failing.append(RuntimeError("a bug"))
        self.send(COMMIT, COMMIT)
        self.assertEqual(len(self.told.sightings), 2)
        self.assertIn("a lease was not noted", self.logged.texts())
        self.assertEqual(len(self.flushLoggedErrors(RuntimeError)), 1)


class Endless(Told):
    """While it hears of one lease, another one comes."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def answer(self, sighting: Sighting) -> Deferred[Answer]:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.sendto(COMMIT, str(self._path))
        return super().answer(sighting)


# What comes, and the word of the warning that must say why it is refused.
BAD: tuple[tuple[bytes, str], ...] = (
    (b"", "not JSON"),
    (b"\xff\xfe", "not JSON"),
    (b"commit 10.0.0.7 " + MAC.encode(), "not JSON"),
    (COMMIT[:-1], "not JSON"),
    (COMMIT[: len(COMMIT) // 2], "not JSON"),
    (COMMIT * 2, "not JSON"),
    (b"[" * 8000, "not JSON"),
    (b"9" * 5000, "not JSON"),
    (COMMIT + b" " * 8192, "longer than 8192 bytes"),
    (b"null", "dhcp_info"),
    (b"[]", "dhcp_info"),
    (b'{"dhcp_info": []}', "dhcp_info"),
    (b'{"op": "commit"}', "dhcp_info"),
    (COMMIT.replace(b"commit", b"frob"), "invalid operation value"),
    (COMMIT.replace(b"10.0.0.7", b"10.0.0.700"), "ip"),
    (COMMIT.replace(b"10.0.0.7", b""), "ip"),
    (COMMIT.replace(MAC.encode(), b"00:15:65:4a:a9"), "mac"),
    (COMMIT.replace(MAC.encode(), b"00:00:00:00:00:00"), "mac"),
    (COMMIT.replace(b'["06079.65"]', b"null"), "options"),
    (COMMIT.replace(b"06079.65", b"79.65"), "options.0"),
    (COMMIT.replace(b"06079.65", b"060796561"), "options.0"),
    (COMMIT.replace(b"06079.65", b"99979.65"), "options.0"),
)


class BadInputTests(ReceiverCase):
    def test_what_is_malformed_is_one_warning(self) -> None:
        """Each says what was wrong, changes nothing, and the next lease is taken as ever."""
        self.started()
        for datagram, word in BAD:
            with self.subTest(datagram=datagram[:60]):
                self.reactor.advance(60)
                self.send(datagram)
                (text,) = self.logged.texts()
                self.assertIn("a lease was refused", text)
                self.assertIn(word, text)
                self.assertLess(len(text), 300)
        self.assertEqual(self.told.sightings, [])
        self.send(COMMIT)
        self.assertEqual(len(self.told.sightings), 1)

    def test_a_forged_sender_is_refused(self) -> None:
        """A lease proves an address: a stranger who could tell one would take any phone's secrets."""
        self.as_stranger(["daemon", "no-such-user"])
        self.send(COMMIT)
        self.assertEqual(self.told.sightings, [])
        (text,) = self.logged.texts()
        self.assertIn(f"sent by user {os.getuid()}", text)
        self.assertIn("dhcp.users (daemon, no-such-user)", text)

    def test_a_strangers_words_are_not_read(self) -> None:
        """Whatever he sends, only who he is stands in the log."""
        self.as_stranger([])
        self.send(b"\xff" * 100)
        self.assertIn("sent by user", self.logged.texts()[0])

    def test_the_users_of_the_settings_may_tell(self) -> None:
        """dnsmasq, Kea and dhcpd each have a user of their own."""
        self.as_stranger(["no-such-user", pwd.getpwuid(os.getuid()).pw_name])
        self.send(COMMIT)
        self.assertEqual(len(self.told.sightings), 1)

    def test_warnings_are_one_a_minute(self) -> None:
        """Anybody on the machine can send a million; the log must not fill the disk."""
        self.started()
        self.send(*[b"x"] * 100)
        self.assertEqual(len(self.logged.texts()), 1)
        self.reactor.advance(60)
        self.send(b"x", b"x")
        (text,) = self.logged.texts()
        self.assertIn("99 more", text)

    def test_descriptors_that_are_sent_along_do_not_arrive(self) -> None:
        """A stranger could otherwise use up all that we may have open."""
        self.started()
        before = len(os.listdir("/proc/self/fd"))
        with open("/dev/null") as null, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            rights = array.array("i", [null.fileno()] * 50)
            sender.sendmsg([COMMIT], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)], 0, str(self.path))
        self.turn()
        self.assertEqual(len(os.listdir("/proc/self/fd")), before)
        self.assertEqual(len(self.told.sightings), 1)

    def test_without_credentials_nobody_is_trusted(self) -> None:
        """Where the kernel does not say who sent it, nobody may have."""
        self.started()
        self.bound.socket.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 0)
        self.send(COMMIT)
        self.assertIn("sent by user None", self.logged.texts()[0])


class ForgedCredentialsTests(ReceiverCase):
    def test_root_is_whom_he_says_he_is(self) -> None:
        """The kernel lets nobody but root choose the sender, so a chosen one counts like a real one."""
        self.started()
        said = [(socket.SOL_SOCKET, socket.SCM_CREDENTIALS, struct.pack("3i", os.getpid(), STRANGER, 0))]
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            if os.getuid() == 0:
                sender.sendmsg([COMMIT], said, 0, str(self.path))
            else:
                self.assertRaises(PermissionError, sender.sendmsg, [COMMIT], said, 0, str(self.path))
        self.turn()
        self.assertEqual(self.told.sightings, [])
