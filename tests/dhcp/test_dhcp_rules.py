"""Which phones are given what, from the vendors' tables."""

from ipaddress import IPv4Address

from twisted.trial.unittest import SynchronousTestCase

from provserver.dhcp.config.rules import Pattern, Rule, rule_for, rules
from provserver.errors import Invalid
from provserver.interfaces import IVendor
from provserver.vendors.table import DhcpOffer, DhcpOption, Vendor
from tests.dhcp.offers import HOST, IP, URL, VALUES, odd_rules, offer, vendor
from tests.fakes.vendors import Acme
from tests.vendors.making import vendors


def values_of(rule: Rule) -> dict[int, bytes]:
    return {option.code: option.value for option in rule.options}


class PatternTests(SynchronousTestCase):
    def test_a_pattern_is_a_beginning_an_end_or_the_whole(self) -> None:
        """The NULs that some phones put behind are no part of what they say."""
        both = Pattern(b"Cisco", b"-3PCC")
        for pattern, text, fits in (
            (Pattern(b"snom"), b"snomD785", True),
            (Pattern(b"snom"), b"snom", True),
            (Pattern(b"snom"), b"a snom", False),
            (Pattern(b"snom"), b"Snom", False),
            (Pattern(b"snom"), b"", False),
            (both, b"Cisco CP-8841-3PCC\0", True),
            (both, b"Cisco CP-8841-3PCC", True),
            (both, b"Cisco CP-8841-3PCC\0x", False),
            (both, b"Cisco CP-8845", False),
            (both, b"CP-8841-3PCC", False),
            (Pattern(b"Panasonic", exact=True), b"Panasonic\0\0", True),
            (Pattern(b"Panasonic", exact=True), b"Panasonic KX", False),
        ):
            self.assertEqual(pattern.matches(text), fits, (pattern, text))

    def test_patterns_overlap_where_one_begins_as_the_other(self) -> None:
        """Then a server must be told which of the two holds."""
        self.assertTrue(Pattern(b"Cisco").overlaps(Pattern(b"Cisco Systems")))
        self.assertTrue(Pattern(b"Cisco Systems").overlaps(Pattern(b"Cisco")))
        self.assertFalse(Pattern(b"Cisco").overlaps(Pattern(b"snom")))


class RulesTests(SynchronousTestCase):
    def test_values_are_what_goes_over_the_wire(self) -> None:
        """Each kind in its own bytes, and encapsulated options with their lengths (RFC 2132 section 8.4)."""
        encapsulated = DhcpOption(43, parts=(DhcpOption(2, "{url}"), DhcpOption(3, "00", "bytes")))
        row = offer(
            URL,
            IP,
            encapsulated,
            DhcpOption(6, "{ip} 192.0.2.9", "ip"),
            DhcpOption(67, "{{mac}}.cfg"),
            option_60=("x",),
        )
        (rule,) = rules([vendor("acme", row)], VALUES)
        url = VALUES["url"].encode()
        expected = {
            66: url + b"/",
            150: bytes([10, 66, 0, 1]),
            43: bytes([2, len(url)]) + url + bytes([3, 1, 0]),
            6: bytes([10, 66, 0, 1, 192, 0, 2, 9]),
            67: b"{mac}.cfg",
        }
        self.assertEqual(values_of(rule), expected)
        shown = {option.code: option.shown for option in rule.options}
        self.assertEqual((shown[66], shown[6]), (VALUES["url"] + "/", "10.66.0.1, 192.0.2.9"))
        self.assertEqual(shown[43][:6], "02:19:")
        self.assertEqual(rule.options[1].addresses, (IPv4Address("10.66.0.1"),))

    def test_the_rule_that_asks_for_more_holds(self) -> None:
        """Two folders share the Cisco phones: none may depend on which is loaded first."""
        cisco = b"Cisco Systems, Inc. IP Phone CP-"
        for text, name in (
            (cisco + b"8841-3PCC\0", "mpp"),
            (cisco + b"8945", "any-cisco"),
            (b"Cisco Systems, Inc.", "any-cisco"),
            (b"Panasonic", "exact"),
            (b"o'd\"d\\x 1", "odd"),
        ):
            rule = rule_for(odd_rules(), text, "")
            self.assertEqual(rule and rule.name, name, text)
        after = {rule.name: rule.after for rule in odd_rules()}
        self.assertEqual(after["any-cisco"], ("mpp",))
        self.assertEqual(after["mpp"], ())

    def test_option_60_is_believed_before_the_mac_address(self) -> None:
        """A MAC address says who made the network card; of two vendors with one, the first has it."""
        for text, mac, name in (
            (b"", "2:aa:cc:0:0:1", "oui"),
            (b"unheard of", "02:aa:cc:00:00:01", "oui"),
            (b"Panasonic", "02:aa:cc:00:00:01", "exact"),
            (b"", "02:aa:bb:00:00:01", "odd"),
            (b"", "02:00:00:00:00:01", None),
            (b"unheard of", "", None),
        ):
            rule = rule_for(odd_rules(), text, mac)
            self.assertEqual(rule and rule.name, name, (text, mac))
        self.assertRaises(Invalid, rule_for, odd_rules(), b"", "02:aa")

    def test_names_and_sources_can_stand_anywhere(self) -> None:
        """They become tags, classes and comments of four languages."""
        row = offer(HOST, option_60=("x*",), source="a\nmanual\t{\0 }")
        made = rules([vendor("A_b.c d", row, offer(HOST, option_60=("y*",)))], VALUES)
        self.assertEqual({rule.name for rule in made}, {"a-b-c-d-1", "a-b-c-d-2"})
        self.assertIn("a manual { }", {rule.source for rule in made})

    def test_vendors_without_tables_have_no_rows(self) -> None:
        """The interface does not ask for them."""
        self.assertEqual(rules([Acme()], VALUES), ())

    def test_a_bad_row_is_refused(self) -> None:
        """With the name of the rule and of the option: the author of the folder must find it."""
        for row, words in (
            (DhcpOffer((URL,), "", ("*x",)), "acme: not an option 60"),
            (DhcpOffer((URL,), "", ("x*y*z",)), "acme: not an option 60"),
            (DhcpOffer((URL,), "", ("",)), "acme: not an option 60"),
            (DhcpOffer((URL,), "", ("x\n",)), "acme: not an option 60"),
            (DhcpOffer((URL,), "", ("é",)), "acme: not an option 60"),
            (DhcpOffer((URL,), "", (), ("00:15",)), "acme: not the first half"),
            (DhcpOffer((URL,), "", (), ("00:15:6F",)), "acme: not the first half"),
            (DhcpOffer((DhcpOption(0, "x"),), ""), "acme: option 0: the code"),
            (DhcpOffer((DhcpOption(255, "x"),), ""), "acme: option 255: the code"),
            (DhcpOffer((DhcpOption(66, ""),), ""), "option 66: 0 bytes"),
            (DhcpOffer((DhcpOption(66, "x" * 256),), ""), "option 66: 256 bytes"),
            (DhcpOffer((DhcpOption(66, "{host}"),), ""), "option 66: unknown name 'host'"),
            (DhcpOffer((DhcpOption(66, "{"),), ""), "option 66: braces"),
            (DhcpOffer((DhcpOption(66, "{0}"),), ""), "option 66: braces"),
            (DhcpOffer((DhcpOption(66, "{url.x}"),), ""), "option 66: braces"),
            (DhcpOffer((DhcpOption(66, "a\nb"),), ""), "no value of kind text"),
            (DhcpOffer((DhcpOption(66, "é"),), ""), "no value of kind text"),
            (DhcpOffer((DhcpOption(150, "{url}", "ip"),), ""), "no value of kind ip"),
            (DhcpOffer((DhcpOption(43, "0g", "bytes"),), ""), "no value of kind bytes"),
            (DhcpOffer((DhcpOption(43, parts=(DhcpOption(2, "x" * 254),)),), ""), "option 43: 256 bytes"),
        ):
            with self.subTest(row=row), self.assertRaises(Invalid) as refused:
                rules([vendor("acme", row)], VALUES)
            self.assertIn(words, str(refused.exception))

    def test_an_address_that_is_not_known_is_asked_for(self) -> None:
        """Option 150 holds addresses, and the URL may hold a name."""
        with self.assertRaises(Invalid) as refused:
            rules([vendor("acme", offer(IP, option_60=("x",)))], {"url": "http://provd", "tftp": "provd"})
        self.assertIn("--tftp: acme: option 150 needs the IPv4 address", str(refused.exception))


class BundledVendorsTests(SynchronousTestCase):
    def test_every_phone_that_is_recognised_is_given_something(self) -> None:
        """A vendor that knows a phone by DHCP, and has rows, has one for it; no other vendor's row is taken."""
        made = rules(vendors(), VALUES)
        self.assertTrue(made)
        for one in vendors():
            for text, mac in examples(one):
                with self.subTest(vendor=one.id, option_60=text, mac=mac):
                    rule = rule_for(made, text.encode("latin-1"), mac)
                    self.assertIsNotNone(rule)
                    assert rule
                    self.assertIn(rule.name.split("-")[0], one.id)

    def test_every_source_is_named(self) -> None:
        """Whoever doubts an option wants to know who says so."""
        for rule in rules(vendors(), VALUES):
            self.assertTrue(rule.source, rule.name)


def examples(one: IVendor) -> list[tuple[str, str]]:
    """Return pairs of option 60 and MAC address, one of the two empty."""
    if not isinstance(one, Vendor) or not one.dhcp:
        return []
    rows = [row for row in one.fingerprints if row.where in ("option-60", "oui")]
    pairs = [(row.where, text) for row in rows for text, _ in row.examples]
    return [(text, "") if where == "option-60" else ("", text) for where, text in pairs]
