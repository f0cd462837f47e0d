"""What is asked of a DHCP server, read from the words of a command line."""

from collections.abc import Sequence

from twisted.trial.unittest import SynchronousTestCase

from provserver.dhcp.config.plan import lan, places, plan, summary, wrapper
from provserver.errors import Invalid
from tests.dhcp.offers import odd_rules


def read(
    subnet: str = "10.0.0.0/24",
    addresses: str = "",
    router: str = "",
    dns: Sequence[str] = (),
    interface: str = "",
) -> tuple[str, ...]:
    given = lan(subnet, addresses, router, dns, interface)
    return tuple(map(str, (given.subnet, given.first, given.last, given.router, *given.dns)))


class LanTests(SynchronousTestCase):
    def test_a_subnet_is_enough(self) -> None:
        """The upper half is left to phones, as routers and servers mostly have low numbers."""
        self.assertEqual(read(), ("10.0.0.0/24", "10.0.0.128", "10.0.0.254", "None"))
        self.assertEqual(read("192.0.2.4/30")[1:3], ("192.0.2.6", "192.0.2.6"))

    def test_all_else_may_be_said(self) -> None:
        """Blanks round the dash are what people write."""
        given = read(addresses="10.0.0.10 - 10.0.0.20", router="10.0.0.1", dns=["192.0.2.1", "192.0.2.2"])
        self.assertEqual(given[1:], ("10.0.0.10", "10.0.0.20", "10.0.0.1", "192.0.2.1", "192.0.2.2"))
        self.assertEqual(lan("10.0.0.0/24", "", "", (), "br-lan.5@eth0").interface, "br-lan.5@eth0")

    def test_what_is_wrong_is_named(self) -> None:
        """A server that starts with a wrong range gives addresses that do not work."""
        for words, option in (
            ({"subnet": "10.0.0.5/24"}, "--subnet"),
            ({"subnet": "10.0.0.0/33"}, "--subnet"),
            ({"subnet": "fd00::/64"}, "--subnet"),
            ({"subnet": "10.0.0.0/31"}, "--subnet"),
            ({"subnet": ""}, "--subnet"),
            ({"subnet": "10.0.0.0/24\noption"}, "--subnet"),
            ({"addresses": "10.0.0.10"}, "--range"),
            ({"addresses": "10.0.0.20-10.0.0.10"}, "--range"),
            ({"addresses": "10.0.0.10-10.0.1.10"}, "--range"),
            ({"addresses": "10.0.0.0-10.0.0.10"}, "--range"),
            ({"addresses": "10.0.0.10-10.0.0.255"}, "--range"),
            ({"addresses": "a-b"}, "--range"),
            ({"router": "10.0.1.1"}, "--router"),
            ({"router": "10.0.0.200"}, "--router"),
            ({"router": "gateway"}, "--router"),
            ({"dns": ["10.0.0.1,10.0.0.2"]}, "--dns"),
            ({"interface": "eth0 eth1"}, "--interface"),
            ({"interface": 'eth0"'}, "--interface"),
            ({"interface": "a" * 16}, "--interface"),
        ):
            with self.subTest(words=words), self.assertRaises(Invalid) as refused:
                read(**words)
            self.assertTrue(str(refused.exception).startswith(option), str(refused.exception))


class PlacesTests(SynchronousTestCase):
    def test_the_tftp_server_is_the_urls_host(self) -> None:
        """Unless something else is said; the key of a tenant stays in the URL."""
        self.assertEqual(
            places("http://10.0.0.5:8667/KEY/", ""),
            {"url": "http://10.0.0.5:8667/KEY", "tftp": "10.0.0.5", "ip": "10.0.0.5"},
        )
        self.assertEqual(
            places("https://provd.example.org", "10.0.0.5"),
            {"url": "https://provd.example.org", "tftp": "10.0.0.5", "ip": "10.0.0.5"},
        )
        self.assertEqual(places("http://10.0.0.5", "tftp.lan")["ip"], "10.0.0.5")
        self.assertEqual(places("http://[fd00::5]:8667", "")["tftp"], "fd00::5")

    def test_without_an_address_there_is_none(self) -> None:
        """A name is not looked up: the configuration may be printed elsewhere."""
        self.assertNotIn("ip", places("http://provd", ""))

    def test_what_is_wrong_is_named(self) -> None:
        """A phone cannot complain."""
        for url, tftp, option in (
            ("10.0.0.5", "", "--url"),
            ("ftp://10.0.0.5", "", "--url"),
            ("http://", "", "--url"),
            ("http://user@10.0.0.5", "", "--url"),
            ("http://10.0.0.5/?a", "", "--url"),
            ("http://10.0.0.5/#a", "", "--url"),
            ("http://10.0.0.5/a b", "", "--url"),
            ('http://10.0.0.5/"', "", "--url"),
            ("http://10.0.0.5/\n", "", "--url"),
            ("http://10.0.0.5", "a b", "--tftp"),
            ("http://10.0.0.5", "10.0.0.500", "--tftp"),
        ):
            with self.subTest(url=url, tftp=tftp), self.assertRaises(Invalid) as refused:
                places(url, tftp)
            self.assertTrue(str(refused.exception).startswith(option), str(refused.exception))


class PlanTests(SynchronousTestCase):
    def test_paths_that_a_configuration_could_misread_are_refused(self) -> None:
        """A hook that is not run is a phone that is not known."""
        network = lan("10.0.0.0/24", "", "", (), "")
        for hook, socket, option in (
            ("provd-lease", "", "--hook"),
            ("/usr/my bin/x", "", "--hook"),
            ('/x"', "", "--hook"),
            ("/x", "run/lease", "--socket"),
            ("/x", "/run\n/lease", "--socket"),
        ):
            with self.subTest(hook=hook, socket=socket), self.assertRaises(Invalid) as refused:
                plan(network, (), hook, socket)
            self.assertTrue(str(refused.exception).startswith(option))

    def test_a_socket_elsewhere_is_explained(self) -> None:
        """dnsmasq and Kea call a hook without a word of ours."""
        network = lan("10.0.0.0/24", "", "", (), "")
        usual, elsewhere = (plan(network, odd_rules(), "/x", socket) for socket in ("", "/srv/lease"))
        self.assertEqual(wrapper(usual), ())
        self.assertIn("--socket /srv/lease", " ".join(wrapper(elsewhere)))
        self.assertIn("10.0.0.0/24", summary(usual, "kea")[0])
