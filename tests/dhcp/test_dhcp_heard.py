"""What phones said, until their leases are known."""

from twisted.trial.unittest import SynchronousTestCase

from provserver.dhcp.heard import Heard
from provserver.model import Sighting
from tests.dhcp.told import BASE

MAC = "00:15:65:4a:a9:37"


def lease(at: float, mac: str = MAC, **options: bytes) -> Sighting:
    return Sighting("dhcp", at, "10.0.0.7", BASE, mac=mac, options={60: options["vci"]} if options else {})


class HeardTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.heard = Heard()

    def test_a_lease_gets_what_its_phone_said(self) -> None:
        """Its own words, and no other phone's."""
        self.heard.request(MAC, {60: b"yealink"}, at=100.0)
        self.heard.request("00:15:65:00:00:02", {60: b"other"}, at=100.0)
        self.assertEqual(self.heard.complete(lease(101.0)).options, {60: b"yealink"})
        self.assertEqual(self.heard.complete(lease(101.0, "00:15:65:00:00:03")).options, {})

    def test_what_the_lease_says_itself_is_kept(self) -> None:
        """The DHCP server knows better than what anybody could send on the wire."""
        self.heard.request(MAC, {60: b"forged", 12: b"phone"}, at=100.0)
        self.assertEqual(self.heard.complete(lease(101.0, vci=b"real")).options, {60: b"real", 12: b"phone"})

    def test_the_last_request_counts(self) -> None:
        """A phone may have been given other firmware, or its MAC address."""
        self.heard.request(MAC, {60: b"old"}, at=100.0)
        self.heard.request(MAC, {60: b"new"}, at=101.0)
        self.assertEqual(self.heard.complete(lease(102.0)).options, {60: b"new"})

    def test_it_is_forgotten_after_ten_minutes(self) -> None:
        """A lease that comes much later is no answer to that request."""
        self.heard.request(MAC, {60: b"yealink"}, at=100.0)
        self.assertEqual(self.heard.complete(lease(700.0)).options, {60: b"yealink"})
        self.assertEqual(self.heard.complete(lease(700.1)).options, {})

    def test_it_remembers_a_bounded_number(self) -> None:
        """Whoever sends requests with invented MAC addresses must not fill our memory."""
        for number in range(10_001):
            self.heard.request(f"{number}", {60: b"x"}, at=100.0)
        self.heard.request("1", {60: b"x"}, at=100.0)
        self.assertEqual(self.heard.complete(lease(100.0, "0")).options, {})
        self.assertEqual(self.heard.complete(lease(100.0, "1")).options, {60: b"x"})
