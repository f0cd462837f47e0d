"""access: the MAC addresses in certificates."""

from twisted.trial.unittest import SynchronousTestCase

from provserver.core.access.certificates import macs_in

MAC = "00:15:65:aa:bb:cc"


class MacsInTests(SynchronousTestCase):
    def test_every_makers_spelling(self) -> None:
        """Each maker has its own, and none may be locked out for it."""
        for name in (
            "001565AABBCC",
            "001565aabbcc",
            "00:15:65:AA:BB:CC",
            "00-15-65-aa-bb-cc",
            "00.15.65.aa.bb.cc",
            "00 15 65 aa bb cc",
            "0015.65aa.bbcc",
            "0015-65AA-BBCC",
            "MAC=001565AABBCC",
            "CN=001565AABBCC",
            "CP-8841-SEP001565AABBCC",
            "CP-8841-001565AABBCC",
            "SPA504G, MAC: 001565aabbcc, Serial: CBT123456AB",
            "Yealink T46S 00:15:65:aa:bb:cc",
            "001565aabbcc.phones.example.org",
            "urn:mac:001565AABBCC",
            "MAC:00:15:65:AA:BB:CC",
        ):
            self.assertEqual(macs_in([name]), {MAC}, name)

    def test_what_is_no_mac(self) -> None:
        """A number that is taken for one would refuse the phone as somebody else."""
        for name in (
            "",
            "Yealink Network Technology",
            "001565AABBC",
            "001565AABBCCD",
            "0001565AABBCC",
            "00:15:65-aa:bb:cc",
            "000000000000",
            "00:00:00:00:00:00",
            "f81d4fae-7dec-11d0-a765-001565aabbcc",
            "SEP0015:65aabbcc",
            "2001:db8::15:65aa",
            "00:15:65:ff:fe:aa:bb:cc",
            "\ud800",
        ):
            self.assertEqual(macs_in([name]), set(), name)

    def test_all_names_count(self) -> None:
        """A base has a certificate with several addresses; it is each of them."""
        found = macs_in(["CN=001565AABBCC", "Snom", "00:04:13:00:00:01 and 000413000002"])
        self.assertEqual(found, {MAC, "00:04:13:00:00:01", "00:04:13:00:00:02"})

    def test_a_long_name_costs_little(self) -> None:
        """The certificate is the client's."""
        self.assertEqual(macs_in(["0:" * 50_000, "00" * 50_000, "00:15:65:aa:bb:" * 7_000]), set())
