"""URIs, name-addr and parameters of SIP headers."""

import time

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from provserver.errors import Invalid
from provserver.sip.uri import (
    NameAddr,
    Uri,
    quoted,
    read_name_addr,
    read_params,
    read_uri,
    read_value,
    written_uri,
)

URIS = {
    "sip:192.168.7.31:5060": Uri("sip", "", "192.168.7.31", 5060),
    "sip:MAC%3a000413922D24@224.0.1.75": Uri("sip", "MAC:000413922D24", "224.0.1.75"),
    "SIPS:anna@Example.org;Transport=TCP;lr": Uri(
        "sips", "anna", "Example.org", None, {"transport": "TCP", "lr": ""}
    ),
    "sip:ap0017@[2001:db8::1]:5061": Uri("sip", "ap0017", "[2001:db8::1]", 5061),
    "sip:a:secret@h?Subject=x": Uri("sip", "a", "h"),
    "sip:mac=00:11@h": Uri("sip", "mac=00", "h"),
    "sip:*98@h": Uri("sip", "*98", "h"),
}

NO_URIS = (
    *("", "sip:", "sip:@h", "tel:112", "http://h/", "sip:a@", "sip:h:0", "sip:h:65536", "sip:h:123456"),
    *("sip:a b@h", "sip:a@h h", "sip:a@h\r\n", "sip:[::1", "sip:<a>@h", "a@h", "sip:a@h;", "sip:ä"),
)

PARAMS = {
    "": {},
    " ": {},
    ";a": {"a": ""},
    ";a=1;B=2": {"a": "1", "b": "2"},
    ' ; a = "x;y=\\"z\\"" ; flag ; c=': {"a": 'x;y="z"', "flag": "", "c": ""},
    ";a=1;A=2": {"a": "1"},
    ";vendor=snom;model=snomD785": {"vendor": "snom", "model": "snomD785"},
}

NO_PARAMS = ("a=1", ";", ";;a", ";=1", ';a="open', ";a b", ';a="1"x', "; a < b")

ADDRESSES = {
    '"Anna \\"A\\"" <sip:anna@h;user=phone>;tag=1': NameAddr(
        'Anna "A"', Uri("sip", "anna", "h", None, {"user": "phone"}), {"tag": "1"}
    ),
    "Anna B <sip:anna@h>": NameAddr("Anna B", Uri("sip", "anna", "h")),
    " <sip:h> ;q=0.3": NameAddr("", Uri("sip", "", "h"), {"q": "0.3"}),
    "sip:anna@h;tag=1": NameAddr("", Uri("sip", "anna", "h"), {"tag": "1"}),
}

NO_ADDRESSES = (
    "",
    "*",
    "<>",
    "<tel:1>",
    '"open <sip:a@h>',
    "<sip:a@h> x",
    "a <b> <sip:a@h>",
    "<sip:a@h",
    "sip:a@h>",
)


class UriTests(SynchronousTestCase):
    def test_uris(self) -> None:
        """Host, port and parameters decide where a message goes; the user part names the phone."""
        for text, uri in URIS.items():
            with self.subTest(text=text):
                self.assertEqual(read_uri(text), uri)

    def test_what_is_written_is_read_again(self) -> None:
        """Escapes go into the user part where it needs them, so that no user can end it."""
        for user in ("ap0017", "MAC:0004", "a@b;c>d e", "ü", "%41"):
            uri = Uri("sip", user, "[::1]", 5060, {"transport": "tcp", "ob": ""})
            self.assertEqual(read_uri(str(uri)), uri)
        self.assertEqual(str(Uri("sips", "", "h")), "sips:h")

    def test_what_is_no_uri_is_refused(self) -> None:
        """With the one error that all of SIP raises."""
        for text in NO_URIS:
            with self.subTest(text=text):
                self.assertIn("not a sip: URI", str(self.assertRaises(Invalid, read_uri, text)))


class ParamsTests(SynchronousTestCase):
    def test_params(self) -> None:
        """Quoted or not, with blanks or without: phones write both."""
        for text, params in PARAMS.items():
            with self.subTest(text=text):
                self.assertEqual(read_params(text), params)

    def test_a_word_with_params(self) -> None:
        """The header Event names what a phone subscribes to."""
        self.assertEqual(read_value(" check-sync ;reboot=true"), ("check-sync", {"reboot": "true"}))
        self.assertEqual(read_value("x"), ("x", {}))

    def test_what_are_no_params_is_refused(self) -> None:
        """Half a parameter could be half a name."""
        for text in NO_PARAMS:
            with self.subTest(text=text):
                self.assertRaises(Invalid, read_params, text)

    def test_quoting_cannot_be_escaped(self) -> None:
        """A vendor's name is text, whatever stands in it."""
        for text in ('a"b', "a\\", '\\";x=1'):
            self.assertEqual(read_params(f";a={quoted(text)}"), {"a": text})


class NameAddrTests(SynchronousTestCase):
    def test_addresses(self) -> None:
        """With a display name or without one, and the parameters where they belong."""
        for text, address in ADDRESSES.items():
            with self.subTest(text=text):
                self.assertEqual(read_name_addr(text), address)

    def test_what_is_no_address_is_refused(self) -> None:
        """A phone cannot be notified where it is not."""
        for text in NO_ADDRESSES:
            with self.subTest(text=text):
                self.assertRaises(Invalid, read_name_addr, text)
                self.assertRaises(Invalid, written_uri, text)

    def test_the_uri_as_it_was_written(self) -> None:
        """Some phones compare a Request-URI letter by letter with their own Contact."""
        self.assertEqual(written_uri('"x" <SIP:MAC%3aAB@H;Ob>;q=1'), "SIP:MAC%3aAB@H;Ob")

    def test_no_text_is_read_again_and_again(self) -> None:
        """A header has up to 8,192 characters; none may cost a turn of the reactor."""
        slow = (
            " " * 8000 + "x",
            '"' + '\\"' * 4000,
            "<" * 8000,
            '"' * 8001,
            "sip:" + "a:" * 4000 + "@",
            ";" * 8000,
        )
        for text in (*slow, *(f"<sip:h>{each}" for each in slow), *(f"<sip:h>;a={each}" for each in slow)):
            began = time.process_time()
            try:
                read_name_addr(text)
            except Invalid:
                pass
            self.assertLess(time.process_time() - began, 0.1, text[:30])

    @settings(derandomize=True, max_examples=300)
    @given(st.text(max_size=60))
    def test_no_text_surprises_the_parsers(self, text: str) -> None:
        """It is read or refused."""
        for read in (read_uri, read_params, read_name_addr, read_value):
            for each in (text, f"<sip:{text}>;{text}"):
                try:
                    read(each)
                except Invalid:
                    pass
