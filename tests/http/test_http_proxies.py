"""http.proxies: whose address counts."""

import time

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from provserver.address import Networks
from provserver.http.proxies import Origin, origin

PROXY = "10.0.0.1"
TRUSTED = Networks(["10.0.0.1/32", "10.0.0.2/32", "fd00::/64"])
UNKNOWN = Origin(PROXY, unknown_proxy=True)
PHONE = Origin("198.51.100.7", vouched=True)

FORWARDED_FOR = (
    ("198.51.100.7", PHONE),
    (" 198.51.100.7 ", PHONE),
    ("198.51.100.7:4711", PHONE),
    ("::ffff:198.51.100.7", PHONE),
    ("203.0.113.66, 198.51.100.7", PHONE),  # the left one is what the phone itself sent
    ("10.0.0.2, 198.51.100.7", PHONE),
    ("198.51.100.7, 10.0.0.2", PHONE),
    ("198.51.100.7,10.0.0.2,fd00::5,[fd00::6]:80", PHONE),
    ("garbage, 198.51.100.7", PHONE),
    ("2001:db8::7", Origin("2001:db8::7", vouched=True)),
    ("[2001:db8::7]", Origin("2001:db8::7", vouched=True)),
    ("[2001:DB8:0::7]:4711", Origin("2001:db8::7", vouched=True)),
    ("10.0.0.2", Origin("10.0.0.2", vouched=True)),  # all trusted: the leftmost
    ("fd00::9, 10.0.0.2", Origin("fd00::9", vouched=True)),
    ("", UNKNOWN),
    (",", UNKNOWN),
    ("198.51.100.7,", UNKNOWN),
    ("198.51.100.7, unknown", UNKNOWN),
    ("198.51.100.7, 10.0.0.2, garbage", UNKNOWN),
    ("198.51.100.7, unknown, 10.0.0.2", UNKNOWN),
    ("198.51.100", UNKNOWN),
    ("198.51.100.7:port", UNKNOWN),
    ("[198.51.100.7", UNKNOWN),
    ("[]", UNKNOWN),
    ("[]:80", UNKNOWN),
    (":80", UNKNOWN),
    ("1:2:3", UNKNOWN),
    ("\u0661.2.3.4", UNKNOWN),
)
FORWARDED = (
    ("for=198.51.100.7", PHONE),
    ("For=198.51.100.7;proto=https;by=10.0.0.1", PHONE),
    ('for="198.51.100.7:4711"', PHONE),
    ("proto=http; for=198.51.100.7", PHONE),
    ("for=198.51.100.7, for=10.0.0.2", PHONE),
    ("for=203.0.113.66,for=198.51.100.7", PHONE),
    ("for=198.51.100.7, ,", PHONE),
    ('for="[2001:db8::7]:4711"', Origin("2001:db8::7", vouched=True)),
    ('host="a;for=10.0.0.2,for=10.0.0.2";for=198.51.100.7', PHONE),
    (r'host="a\";for=10.0.0.2";for=198.51.100.7', PHONE),
    ("for=10.0.0.2", Origin("10.0.0.2", vouched=True)),
    ("", UNKNOWN),
    ("proto=https", UNKNOWN),
    ("for=198.51.100.7, proto=https", UNKNOWN),
    ("for=unknown", UNKNOWN),
    ("for=_hidden", UNKNOWN),
    ("for=", UNKNOWN),
    ('for="198.51.100.7', UNKNOWN),
    ("for=198.51.100.7;for=198.51.100.8", UNKNOWN),
    ("for 198.51.100.7", UNKNOWN),
    ("198.51.100.7", UNKNOWN),
    ("=198.51.100.7", UNKNOWN),
)


class OriginTests(SynchronousTestCase):
    def test_without_a_proxy_it_is_the_peer(self) -> None:
        """Also where the peer is a trusted one: then it asks for itself."""
        for peer in (PROXY, "198.51.100.7", "2001:db8::7"):
            self.assertEqual(origin(peer, TRUSTED, {"host": "x"}), Origin(peer))

    def test_x_forwarded_for_is_counted_from_the_right(self) -> None:
        """What stands left of the first untrusted address anybody can have written."""
        for text, expected in FORWARDED_FOR:
            self.assertEqual(origin(PROXY, TRUSTED, {"x-forwarded-for": text}), expected, text)

    def test_forwarded_is_the_same_in_other_words(self) -> None:
        """RFC 7239, with its quotes and brackets; a `for` inside quotes is none."""
        for text, expected in FORWARDED:
            self.assertEqual(origin(PROXY, TRUSTED, {"forwarded": text}), expected, text)

    def test_nobody_else_may_forward(self) -> None:
        """A phone that writes the header itself only loses by it."""
        for header in ("x-forwarded-for", "forwarded"):
            for text in ("10.0.0.1", "for=10.0.0.1", ""):
                self.assertEqual(
                    origin("198.51.100.7", TRUSTED, {header: text}),
                    Origin("198.51.100.7", unknown_proxy=True),
                )

    def test_two_headers_must_agree(self) -> None:
        """A proxy that writes one of them passes the other on, as the phone wrote it."""
        both = {"x-forwarded-for": "198.51.100.7", "forwarded": "for=198.51.100.7"}
        self.assertEqual(origin(PROXY, TRUSTED, both), PHONE)
        self.assertEqual(origin(PROXY, TRUSTED, {**both, "forwarded": "for=10.0.0.2"}), UNKNOWN)
        self.assertEqual(origin(PROXY, TRUSTED, {**both, "forwarded": "nonsense"}), UNKNOWN)

    @settings(max_examples=300, derandomize=True, deadline=None)
    @given(st.text(st.sampled_from('for=,;"\\ []:.0129aF'), max_size=40))
    def test_it_never_fails_and_never_invents(self, text: str) -> None:
        """Whatever is forwarded: an address in normal form, or the peer's."""
        for header in ("x-forwarded-for", "forwarded"):
            found = origin(PROXY, TRUSTED, {header: text})
            self.assertNotIn(" ", found.ip)
            self.assertEqual(found, Origin(found.ip, found.unknown_proxy, not found.unknown_proxy))
            self.assertTrue(found.ip == PROXY or not found.unknown_proxy)

    def test_a_long_list_costs_little(self) -> None:
        """16 KiB of quotes or commas must not hold up every other phone."""
        began = time.process_time()
        for text in ('"' * 16_000, "," * 16_000, 'for="' + "\\" * 16_000, "a=b;" * 4000, "for=a," * 2700):
            origin(PROXY, TRUSTED, {"x-forwarded-for": text, "forwarded": text})
        self.assertLess(time.process_time() - began, 0.5)
