"""http.subject and what trusted proxies say of TLS: certificates and where the phone asked."""

import time

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from provserver.address import Networks
from provserver.http.messages import PhoneRequest, sighting_of
from provserver.http.proxies import Proxies, asked_base, forwarded_certificate
from provserver.http.subject import names_in

MAC = "0015654AA937"
SUBJECTS = (
    (f"CN={MAC}", (MAC,)),
    (f"CN={MAC},O=Acme,C=FR", (MAC,)),
    (f"O=Acme\\, Inc.,CN={MAC}", (MAC,)),
    (f"serialNumber=PID:A60 SN:1,CN={MAC}", ("PID:A60 SN:1", MAC)),
    (f"2.5.4.5=SN 1+2.5.4.3={MAC}", ("SN 1", MAC)),
    (f"cn={MAC},CN={MAC}", (MAC,)),
    (f"emailAddress=x@acme.example,CN={MAC}", (MAC,)),
    ("CN=Ren\\C3\\A9e,O=x", ("Renée",)),
    ("CN=a\\,CN\\=b", ("a,CN=b",)),
    ("CN=\\ a\\ ", (" a ",)),
    ("CN=\\#1", ("#1",)),
    ("CN=a b=c/d", ("a b=c/d",)),
    (f"CN=,CN={MAC}", (MAC,)),
    ("O=CN", ()),
    ("CN=#0c05", ()),
    ("CN=\\FF\\FE", ()),
    ("", ()),
    # two lines joined, of which the first may be the phone's own:
    (f"CN={MAC}, CN=other", ()),
    (f"CN={MAC} , CN=other", ()),
    # not of this form:
    (f"/O=Acme/CN={MAC}", ()),
    (f'O="Acme, Inc.",CN={MAC}', ()),
    (f"CN={MAC},", ()),
    (f",CN={MAC}", ()),
    (f"CN={MAC};O=x", ()),
    (f"CN={MAC}\\", ()),
    (f" CN={MAC}", ()),
    (f"CN ={MAC}", ()),
    (MAC, ()),
    ("=x", ()),
    ("CN=<x>", ()),
)
GOOD = {"x-ssl-client-verify": "SUCCESS", "x-ssl-client-s-dn": f"CN={MAC}"}
NOT_VERIFIED: tuple[dict[str, str], ...] = (
    {},
    {"x-ssl-client-s-dn": f"CN={MAC}"},
    {"x-ssl-client-verify": "SUCCESS"},
    {**GOOD, "x-ssl-client-verify": "NONE"},
    {**GOOD, "x-ssl-client-verify": "FAILED:certificate has expired"},
    {**GOOD, "x-ssl-client-verify": "success"},
    {**GOOD, "x-ssl-client-verify": "SUCCESS, FAILED:expired"},
    {**GOOD, "x-ssl-client-verify": "SUCCESS, SUCCESS"},  # one of them may be the phone's own
    {**GOOD, "x-ssl-client-verify": ""},
)
PLAIN = "http://192.0.2.10:8667"
BASES: tuple[tuple[dict[str, str], str], ...] = (
    ({}, PLAIN),
    ({"x-forwarded-proto": "http"}, PLAIN),
    ({"x-forwarded-proto": "https"}, "https://192.0.2.10"),
    ({"x-forwarded-proto": " HTTPS "}, "https://192.0.2.10"),
    ({"x-forwarded-proto": "https", "x-forwarded-port": "443"}, "https://192.0.2.10"),
    ({"x-forwarded-proto": "https", "x-forwarded-port": "8443"}, "https://192.0.2.10:8443"),
    ({"x-forwarded-proto": "https", "x-forwarded-port": "65536"}, "https://192.0.2.10"),
    ({"x-forwarded-proto": "https", "x-forwarded-port": "0"}, "https://192.0.2.10"),
    ({"x-forwarded-proto": "https", "x-forwarded-port": "1@evil.example"}, "https://192.0.2.10"),
    ({"x-forwarded-proto": "https", "x-forwarded-port": "\u0661"}, "https://192.0.2.10"),
    ({"x-forwarded-proto": "https", "x-forwarded-host": "evil.example"}, "https://192.0.2.10"),
    ({"x-forwarded-proto": "https, http"}, PLAIN),
    ({"x-forwarded-proto": "ftp"}, PLAIN),
    ({"x-forwarded-proto": ""}, PLAIN),
    ({"x-forwarded-port": "8443"}, PLAIN),
)
PROXY = "10.0.0.1"
FROM_PROXY = {"x-forwarded-for": "198.51.100.7", "x-forwarded-proto": "https", **GOOD}


class NamesTests(SynchronousTestCase):
    def test_common_names_and_serial_numbers_are_found(self) -> None:
        """As nginx and Apache write subjects; anything else is not believed, in part or whole."""
        for subject, expected in SUBJECTS:
            self.assertEqual(names_in(subject), expected, subject)

    @settings(max_examples=500, derandomize=True, deadline=None)
    @given(st.text(st.sampled_from('CNcn=,+;\\"<>#/ 0aFé\x00'), max_size=60))
    def test_it_never_fails_and_finds_only_what_is_there(self, subject: str) -> None:
        """Whatever stands in a header."""
        for name in names_in(subject):
            self.assertTrue(name)
            self.assertIn("=", subject)

    def test_a_long_header_costs_little(self) -> None:
        """16 KiB of escapes must not hold up every other phone."""
        began = time.process_time()
        for text in (
            "CN=" + "\\aa" * 5000 + '"',
            "CN=" + "\\" * 16_000,
            "CN=a," * 3200,
            "CN=" * 5000,
            "," * 16_000,
        ):
            names_in(text)
        self.assertLess(time.process_time() - began, 0.5)


class ForwardedTests(SynchronousTestCase):
    def test_only_a_certificate_that_verified_has_names(self) -> None:
        """nginx also passes on the subject of one that did not."""
        self.assertEqual(forwarded_certificate(GOOD), (MAC,))
        for headers in NOT_VERIFIED:
            self.assertEqual(forwarded_certificate(headers), (), headers)

    def test_https_at_the_proxy_is_https_for_the_phone(self) -> None:
        """Never the other way, and never another host: no header leads a phone elsewhere."""
        for headers, expected in BASES:
            self.assertEqual(asked_base(PLAIN, headers), expected, headers)
        for base in ("https://192.0.2.10:8443", "https://[fd00::1]:8443"):
            self.assertEqual(asked_base(base, {"x-forwarded-proto": "http"}), base)
        self.assertEqual(
            asked_base("http://[fd00::1]:80", {"x-forwarded-proto": "https"}), "https://[fd00::1]"
        )

    def test_only_a_trusted_proxy_is_believed(self) -> None:
        """Each header that proves something is worth forging: from anybody else none of them is read."""
        trusted = Networks([PROXY])
        for peer, proxies, headers, base, certificate in (
            (PROXY, Proxies(trusted, True), FROM_PROXY, "https://192.0.2.10", (MAC,)),
            (PROXY, Proxies(trusted, False), FROM_PROXY, "https://192.0.2.10", ()),
            ("10.0.0.2", Proxies(trusted, True), FROM_PROXY, PLAIN, ()),
            (PROXY, Proxies(Networks([]), True), FROM_PROXY, PLAIN, ()),
            # it says not for whom, or what cannot be read: then it is not forwarding
            (PROXY, Proxies(trusted, True), {**GOOD, "x-forwarded-proto": "https"}, PLAIN, ()),
            (PROXY, Proxies(trusted, True), {**FROM_PROXY, "x-forwarded-for": "unknown"}, PLAIN, ()),
            (PROXY, Proxies(trusted, True), {**FROM_PROXY, "forwarded": "for=10.9.9.9"}, PLAIN, ()),
        ):
            request = PhoneRequest("GET", b"/a.cfg", peer, PLAIN, 0.0, headers)
            sighting = sighting_of(request, proxies)
            self.assertEqual((sighting.base, sighting.certificate), (base, certificate), headers)

    def test_a_certificate_of_the_connection_counts_without_a_proxy(self) -> None:
        """And not instead of what a proxy says, whose own it would be."""
        own = PhoneRequest("GET", b"/a.cfg", PROXY, PLAIN, 0.0, {}, (MAC,))
        proxies = Proxies(Networks([PROXY]), True)
        self.assertEqual(sighting_of(own, proxies).certificate, (MAC,))
        behind = PhoneRequest(
            "GET", b"/a.cfg", PROXY, PLAIN, 0.0, {"x-forwarded-for": "198.51.100.7"}, (MAC,)
        )
        self.assertEqual(sighting_of(behind, proxies).certificate, ())
