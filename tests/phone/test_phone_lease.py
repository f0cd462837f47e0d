"""A lease as the simulated phone tells it: what provd reads, over its socket and over REST."""

import json
import socket

from twisted.internet.defer import ensureDeferred
from twisted.trial.unittest import SynchronousTestCase

from provserver.dhcp.lease import lease_of
from provserver.model import Sighting
from provserver.phone.lease import Rest, lease_event, tell_rest, tell_socket
from provserver.phone.values import Fetch, Fetched, Unreachable
from tests.phone.cisco_files import P7962
from tests.phone.folders import free_path

CLASS = "Cisco Systems, Inc. IP Phone CP-7962G\0"
EVENT = lease_event("commit", "10.0.0.7", P7962, CLASS)


class LeaseEventTests(SynchronousTestCase):
    def test_provd_reads_what_is_told(self) -> None:
        """NUL and all: it is what identifies the phone."""
        self.assertEqual(
            lease_of(json.loads(EVENT), 7.0, ""),
            Sighting("dhcp", 7.0, "10.0.0.7", "", mac=P7962.mac, options={60: CLASS.encode()}),
        )
        bare = lease_event("commit", "10.0.0.7", P7962, "")
        self.assertEqual(
            lease_of(json.loads(bare), 7.0, ""), Sighting("dhcp", 7.0, "10.0.0.7", "", mac=P7962.mac)
        )

    def test_the_end_of_a_lease_is_read(self) -> None:
        """Nothing follows of it."""
        for op in ("release", "expiry"):
            self.assertIsNone(lease_of(json.loads(lease_event(op, "10.0.0.7", P7962, CLASS)), 7.0, ""))


class TellSocketTests(SynchronousTestCase):
    def test_it_is_one_datagram(self) -> None:
        """As from a DHCP server's hook."""
        path = free_path(self)
        receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self.addCleanup(receiver.close)
        receiver.bind(str(path))
        tell_socket(path, EVENT)
        self.assertEqual(receiver.recv(65_536), EVENT)

    def test_nobody_there_is_one_clear_line(self) -> None:
        """No socket, a socket of a dead provd, and one whose reader does not read: it never waits."""
        path = free_path(self)
        problem = self.assertRaises(Unreachable, tell_socket, path, EVENT)
        self.assertEqual(
            str(problem), f"cannot tell {path}: No such file or directory. Is provd running? try: make run"
        )
        receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        receiver.bind(str(path))
        with self.assertRaises(Unreachable) as full:
            for _ in range(10_000):
                tell_socket(path, EVENT)
        self.assertIn("Resource temporarily unavailable", str(full.exception))
        receiver.close()
        self.assertIn("refused", str(self.assertRaises(Unreachable, tell_socket, path, EVENT)))


class TellRestTests(SynchronousTestCase):
    def tell(self, answer: Fetched) -> list[Fetch]:
        asked: list[Fetch] = []

        async def fetch(wanted: Fetch) -> Fetched:
            asked.append(wanted)
            return answer

        self.successResultOf(ensureDeferred(tell_rest(Rest("http://127.0.0.1:8666/", "t0ken"), EVENT, fetch)))
        return asked

    def test_it_is_posted_with_the_token(self) -> None:
        """To the route of Wazo's REST API, which provd serves too."""
        (asked,) = self.tell(Fetched(204))
        self.assertEqual((asked.url, asked.body), ("http://127.0.0.1:8666/0.2/dev_mgr/dhcpinfo", EVENT))
        self.assertEqual(asked.headers["X-Auth-Token"], "t0ken")
        self.assertNotIn("t0ken", repr(asked))

    def test_a_refusal_says_why(self) -> None:
        """In the server's words, or in ours where it has none."""
        for answer, text in (
            (Fetched(400, {}, b"mac: not a MAC address\n"), "400 mac: not a MAC address"),
            (Fetched(401), "does not take it: 401"),
            (Fetched(0, problem="closed without an answer"), "0 closed without an answer"),
        ):

            async def fetch(wanted: Fetch, answer: Fetched = answer) -> Fetched:
                return answer

            telling = ensureDeferred(tell_rest(Rest("http://127.0.0.1:8666/", "t0ken"), EVENT, fetch))
            problem = self.failureResultOf(telling, Unreachable).getErrorMessage()
            self.assertIn(text, problem)
            self.assertNotIn("t0ken", problem)
