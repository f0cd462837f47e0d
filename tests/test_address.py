"""address: one normal form for each, and nothing else gets through."""

from twisted.trial.unittest import SynchronousTestCase

from provserver.address import Networks, is_normal_mac, normal_ip, normal_mac, normal_path, url_host
from provserver.errors import Invalid


class NormalMacTests(SynchronousTestCase):
    def test_every_way_to_write_one(self) -> None:
        """Phones, DHCP servers and people all write it differently."""
        for text in (
            "001B44113AB7", "00:1b:44:11:3a:b7", "00-1B-44-11-3A-B7", "001b.4411.3ab7", "0:1b:44:11:3a:b7",
            "00 1B 44 11 3A B7", " 001b44113ab7\n",
        ):  # fmt: skip
            self.assertEqual(normal_mac(text), "00:1b:44:11:3a:b7", text)

    def test_what_is_none(self) -> None:
        """A wrong mac must not become somebody's."""
        for text in (
            "",
            "001b44113ab",
            "001b44113ab7f",
            "00:1b:44:11:3a",
            "zz1b44113ab7",
            "000000000000",
            "٠" * 12,
        ):
            self.assertRaises(Invalid, normal_mac, text)

    def test_only_the_normal_form_is_normal(self) -> None:
        """REST takes no other; a trailing line break is no part of it."""
        self.assertTrue(is_normal_mac("00:1b:44:11:3a:b7"))
        for text in ("00:1B:44:11:3a:b7", "00:1b:44:11:3a:b7\n", "001b44113ab7", ""):
            self.assertFalse(is_normal_mac(text), text)


class NormalIpTests(SynchronousTestCase):
    def test_one_form_for_each(self) -> None:
        """An IPv4 phone on a dual-stack socket is the same phone."""
        for text, expected in (
            ("::ffff:10.0.0.7", "10.0.0.7"), ("10.0.0.7", "10.0.0.7"), ("FD00:0::1", "fd00::1"),
            ("fe80::1%eth0", "fe80::1"), (" 10.0.0.7 ", "10.0.0.7"),
        ):  # fmt: skip
            self.assertEqual(normal_ip(text), expected)

    def test_what_is_none(self) -> None:
        """Garbage in a header must end as a refusal, never as an exception of another kind."""
        for text in ("", "10.0.0", "10.0.0.256", "01.2.3.4", "host", "1.2.3.4:80", "[::1]", "\udcff"):
            self.assertRaises(Invalid, normal_ip, text)

    def test_in_a_url(self) -> None:
        """RFC 3986 section 3.2.2 wants brackets."""
        self.assertEqual((url_host("fd00::1"), url_host("10.0.0.1")), ("[fd00::1]", "10.0.0.1"))


class NetworksTests(SynchronousTestCase):
    def test_both_families_and_what_is_no_address(self) -> None:
        """Who is on an allowed network decides who gets secrets."""
        networks = Networks(["10.0.0.0/8", "192.168.1.5", "fd00::/8"])
        for ip in ("10.255.0.1", "192.168.1.5", "fd12::1"):
            self.assertIn(ip, networks)
        for other in ("11.0.0.1", "192.168.1.6", "fe80::1", "", "10.0.0", None):
            self.assertNotIn(other, networks)

    def test_a_wrong_network_is_named(self) -> None:
        """The administrator wrote it; he must find it."""
        self.assertIn("10.0.0.0/33", str(self.assertRaises(Invalid, Networks, ["10.0.0.0/33"])))


class NormalPathTests(SynchronousTestCase):
    def test_it_never_leaves_the_root(self) -> None:
        """Some phones send `..` literally; nobody may climb with it."""
        for text, expected in (
            ("/a/b.cfg", "a/b.cfg"), ("//a//b", "a/b"), ("/../../etc/passwd", "etc/passwd"), ("a/../b", "b"),
            ("./a/.", "a"), ("", ""), ("/", ""), ("..", ""), ("a\\..\\b", "a\\..\\b"), ("...", "..."),
        ):  # fmt: skip
            self.assertEqual(normal_path(text), expected, text)

    def test_what_no_file_can_be_named(self) -> None:
        """A NUL ends names in C; ten kilobytes are no name."""
        for text in ("a\0b", "x" * 1025):
            self.assertRaises(Invalid, normal_path, text)
