"""Contacts: where one binding of a phone is."""

from twisted.trial.unittest import SynchronousTestCase

from provserver.errors import Invalid
from provserver.pbx.contacts import aliased, contact_at, is_host, read_contact, rewritten


class ContactTests(SynchronousTestCase):
    def test_where_packets_go(self) -> None:
        """The port and transport of the URI, or of the alias; IPv6 without brackets."""
        for text, host, port, transport in (
            ("sip:a@10.0.0.7", "10.0.0.7", 5060, "udp"),
            ("sip:a@10.0.0.7:5062;transport=TCP", "10.0.0.7", 5062, "tcp"),
            ("sip:a@10.0.0.7;transport=tls", "10.0.0.7", 5061, "tls"),
            ("sips:a@10.0.0.7", "10.0.0.7", 5061, "tls"),
            ("sip:a@[2001:db8::7]:5060", "2001:db8::7", 5060, "udp"),
            ("sip:a@192.168.7.31;alias=198.51.100.7~41234~2", "198.51.100.7", 41234, "tcp"),
            ('"Anna" <sip:a@10.0.0.7:5060>;expires=60;+sip.instance="<urn:uuid:1>"', "10.0.0.7", 5060, "udp"),
        ):
            read = read_contact(text)
            self.assertEqual((read.host, read.port, read.transport), (host, port, transport), text)

    def test_the_phones_own_parameters_stay(self) -> None:
        """Snom and others do not answer without; what a proxy added they never saw."""
        text = "sip:a@192.168.7.31:5060;line=1da6;x-ast-orig-host=10.0.0.1:5060;alias=198.51.100.7~41234~1"
        read = read_contact(text)
        self.assertEqual(str(read.uri), "sip:a@192.168.7.31:5060;line=1da6")
        self.assertEqual(str(rewritten(read)), "sip:a@198.51.100.7:41234;line=1da6")
        self.assertEqual(str(aliased(read)), "sip:a@192.168.7.31:5060;line=1da6;alias=198.51.100.7~41234~1")

    def test_an_alias_only_where_it_is_needed(self) -> None:
        """A contact that leads there by itself stays as the phone wrote it."""
        self.assertEqual(contact_at("sip:a@10.0.0.7:5060", "10.0.0.7", 5060), "sip:a@10.0.0.7:5060")
        self.assertEqual(contact_at("sip:a@10.0.0.7", "10.0.0.7", 5060), "sip:a@10.0.0.7")
        self.assertEqual(
            contact_at("sip:a@10.0.0.7", "10.0.0.7", 5070), "sip:a@10.0.0.7;alias=10.0.0.7~5070~1"
        )
        self.assertEqual(str(aliased(read_contact("sip:a@10.0.0.7:5070"))), "sip:a@10.0.0.7:5070")

    def test_hosts(self) -> None:
        """Addresses, and names that can be looked up."""
        for text in ("10.0.0.7", "2001:db8::7", "pbx", "a-b.example.org.", "x" * 63, f"{'x.' * 126}x"):
            self.assertTrue(is_host(text), text)
        for text in ("", ".", "[::1]", "a b", "a\n", "x" * 64, "a_b", "-a", "a-", "é"):
            self.assertFalse(is_host(text), text)

    def test_bad_input(self) -> None:
        """Contacts come from phones and over REST."""
        for text in (
            "",
            "tel:+123",
            "sip:a@b c",
            "sip:a@10.0.0.7;transport=sctp",
            "sip:a@10.0.0.7;alias=x~5060~1",
            "sip:a@10.0.0.7;alias=10.0.0.1~0~1",
            "sip:a@10.0.0.7;alias=10.0.0.1~99999~1",
            "sip:a@10.0.0.7;alias=10.0.0.1~5060~4",
            "sip:a@10.0.0.7;alias=10.0.0.1",
            "<sip:a@10.0.0.7>\r\nX: y",
            f"sip:a@{'x' * 64}.example",
            "sip:a@a..b",
            "sip:a@-",
            f"sip:a@{'x.' * 127}xy",
            "sip:a@[10.0.0.7:]",
        ):
            self.assertRaises(Invalid, read_contact, text)
        self.assertRaises(Invalid, contact_at, "sip:a@10.0.0.7", "example.org", 5060)
        self.assertRaises(Invalid, contact_at, "sip:a@10.0.0.7", "10.0.0.1", 0)
