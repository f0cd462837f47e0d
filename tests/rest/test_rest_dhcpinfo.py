"""Leases over REST: the contract's section 6.8."""

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from provserver.model import Presence
from tests.fakes.rest import RestOffice

PATH = "/dev_mgr/dhcpinfo"
LEASE = {"op": "commit", "ip": "10.0.0.7", "mac": "0:ac:ed:0:0:1", "options": ["06041.63.6d.65"]}


class DhcpInfoTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.office = RestOffice()

    def tells(self, **changes: object) -> int:
        info = {name: value for name, value in {**LEASE, **changes}.items() if value is not ...}
        return self.office.asks("POST", PATH, {"dhcp_info": info}).status

    def devices(self) -> list[dict[str, Any]]:
        devices: list[dict[str, Any]] = self.office.asks("GET", "/dev_mgr/devices").json["devices"]
        return devices

    def test_a_lease_makes_a_device_that_is_there_at_once(self) -> None:
        """Clients read it with their next request."""
        self.assertEqual(self.tells(), 204)
        (device,) = self.devices()
        self.assertEqual(
            (device["mac"], device["ip"], device["added"], device["tenant_uuid"]),
            ("00:ac:ed:00:00:01", "10.0.0.7", "auto", "master"),
        )
        self.assertEqual(self.office.memory.get(Presence, device["id"]).proven_ip, "10.0.0.7")

    def test_a_second_lease_moves_it(self) -> None:
        """A phone that was given another address is the same phone."""
        self.tells()
        self.assertEqual(self.tells(ip="10.9"), 204)
        (device,) = self.devices()
        self.assertEqual(device["ip"], "10.0.0.9")

    def test_the_end_of_a_lease_is_nothing(self) -> None:
        """No device comes of it, and none goes."""
        for op in ("release", "expiry"):
            self.assertEqual(self.tells(op=op, options=..., mac=...), 204)
        self.assertEqual(self.devices(), [])

    def test_bad_leases_are_400_and_make_nothing(self) -> None:
        """The hook's author reads the answer."""
        for changes in (
            {"op": "x"},
            {"ip": "x"},
            {"mac": "x"},
            {"options": ...},
            {"options": ["x"]},
            {"options": ["060fff"]},
        ):
            self.assertEqual(self.tells(**changes), 400, changes)
        bodies: tuple[object, ...] = ({}, {"dhcp_info": None}, [], 5)
        for body in bodies:
            self.assertEqual(self.office.asks("POST", PATH, body).status, 400)
        self.assertEqual(self.devices(), [])

    def test_over_the_limit_of_new_devices_it_is_503(self) -> None:
        """With the time to come again; a hook may repeat it (design section 8)."""
        self.office = RestOffice(burst=1)
        self.tells()
        answer = self.office.asks("POST", PATH, {"dhcp_info": {**LEASE, "mac": "00:ac:ed:00:00:02"}})
        self.assertEqual(answer.status, 503)
        self.assertGreater(int(answer.headers["retry-after"]), 0)
        self.assertEqual(len(self.devices()), 1)
