"""The lease event, as DHCP servers' hooks send it."""

import random
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from provserver.dhcp.lease import lease_of
from provserver.errors import Invalid

INFO = {"op": "commit", "ip": "10.0.0.7", "mac": "00:15:65:4a:a9:37", "options": ["06063.69.73.63.6f"]}


def event(**fields: object) -> dict[str, Any]:
    """Return a whole event but for the fields given; `...` takes one away."""
    info: dict[str, object] = {**INFO, **fields}
    return {"dhcp_info": {name: value for name, value in info.items() if value is not ...}}


class LeaseTests(SynchronousTestCase):
    def test_a_commit_is_a_sighting(self) -> None:
        """All that the chain learns of a phone before its first request comes from here."""
        sighting = lease_of(event(), at=5.0, base="http://10.0.0.1:8667")
        assert sighting
        self.assertEqual(
            (sighting.protocol, sighting.at, sighting.ip, sighting.base, sighting.mac),
            ("dhcp", 5.0, "10.0.0.7", "http://10.0.0.1:8667", "00:15:65:4a:a9:37"),
        )
        self.assertEqual(sighting.options, {60: b"cisco"})

    def test_macs_as_dhcp_servers_write_them(self) -> None:
        """ISC dhcpd's `binary-to-ascii` writes no leading zeros."""
        for mac in ("0:15:65:4A:a9:37", "00-15-65-4a-a9-37", "0015654aa937", "0.15.65.4a.a9.37"):
            sighting = lease_of(event(mac=mac), 0.0, "")
            self.assertEqual(sighting and sighting.mac, "00:15:65:4a:a9:37", mac)

    def test_addresses_are_read_as_inet_aton_reads_them(self) -> None:
        """The reference hands the text to `inet_aton`; a hook that relies on it keeps working."""
        for text, ip in (
            ("10.0.0.9", "10.0.0.9"),
            ("10.9", "10.0.0.9"),
            ("10.1.2", "10.1.0.2"),
            ("167772169", "10.0.0.9"),
            ("0xa.0.0.011", "10.0.0.9"),
            ("255.255.255.255", "255.255.255.255"),
            ("0", "0.0.0.0"),
            ("fd00::0:1", "fd00::1"),
        ):
            sighting = lease_of(event(ip=text), 0.0, "")
            self.assertEqual(sighting and sighting.ip, ip, text)

    def test_option_values_are_bytes(self) -> None:
        """Some phones send NULs and bytes above 127, and dhcpd writes `0` for a NUL."""
        options = ["0430.1.ff.80.A", "061", "255aa", "000b", "06078"]
        sighting = lease_of(event(options=options), 0.0, "")
        assert sighting
        self.assertEqual(
            sighting.options, {43: b"\x00\x01\xff\x80\x0a", 61: b"", 255: b"\xaa", 0: b"\x0b", 60: b"x"}
        )

    def test_the_end_of_a_lease_is_nothing(self) -> None:
        """Contract 6.8: only the address is looked at."""
        for op in ("release", "expiry"):
            self.assertIsNone(lease_of(event(op=op, mac=..., options=...), 0.0, ""))
            self.assertRaises(Invalid, lease_of, event(op=op, ip="x"), 0.0, "")

    def test_bad_input_is_refused_with_its_field(self) -> None:
        """A hook's mistake must be told, not swallowed, and no other device may come of it."""
        for wrong, field in (
            (None, "dhcp_info"),
            ([], "dhcp_info"),
            ({}, "dhcp_info"),
            ({"dhcp_info": None}, "dhcp_info"),
            ({"dhcp_info": []}, "dhcp_info"),
            (event(op=...), "op"),
            (event(op="COMMIT"), "op"),
            (event(op=["commit"]), "op"),
            (event(ip=...), "ip"),
            (event(ip=7), "ip"),
            (event(ip=""), "ip"),
            (event(ip="10.0.0.256"), "ip"),
            (event(ip="10.256.1"), "ip"),
            (event(ip="256.1"), "ip"),
            (event(ip="4294967296"), "ip"),
            (event(ip="1.2.3.4.5"), "ip"),
            (event(ip="089.1.1.1"), "ip"),
            (event(ip="10.0.0.7\0"), "ip"),
            (event(ip="٣.1.1.1"), "ip"),
            (event(mac=...), "mac"),
            (event(mac=None), "mac"),
            (event(mac="00:15:65:4a:a9"), "mac"),
            (event(mac="00:15:65:4a:a9:3g"), "mac"),
            (event(mac="000000000000"), "mac"),
            (event(options=...), "options"),
            (event(options={"60": "x"}), "options"),
            (event(options=[60]), "options.0"),
            (event(options=["06063", "60"]), "options.1"),
            (event(options=["25663"]), "options.0"),
            (event(options=["060g0"]), "options.0"),
            (event(options=["060100"]), "options.0"),
            (event(options=["06063."]), "options.0"),
            (event(options=["060.63"]), "options.0"),
            (event(options=["06063\n"]), "options.0"),
            (event(options=["٠٦٠63"]), "options.0"),
        ):
            problem = self.assertRaises(Invalid, lease_of, wrong, 0.0, "")
            self.assertEqual(problem.field, field, wrong)
            self.assertLess(len(str(problem)), 200)

    def test_noise_is_never_anything_but_refused(self) -> None:
        """Whoever may write to the socket must not be able to raise anything else."""
        noise = random.Random(8)
        for _ in range(500):
            value = "".join(noise.choice("0123456789abcdefx.:-[] \0é") for _ in range(noise.randrange(20)))
            name = noise.choice(("op", "ip", "mac", "options"))
            wrong = event(**{name: [value] if name == "options" else value})
            try:
                sighting = lease_of(wrong, 0.0, "")
            except Invalid:
                continue
            self.assertIsNotNone(sighting, wrong)
