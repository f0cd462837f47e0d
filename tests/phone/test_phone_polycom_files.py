"""Polycom's files as a phone reads them."""

import contextlib

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from provserver.errors import Invalid
from provserver.phone.profiles.polycom.files import Master, read_master, read_parameters

# bytes -> what the phone says about them
NO_XML = {
    b"": "not XML: no element found",
    b"\xff<polycomConfig/>": "not UTF-8 at byte 0",
    b"<polycomConfig>": "not XML: no element found",
    b"<polycomConfig/><polycomConfig/>": "not XML: junk after document element",
    b'<polycomConfig a="1" a="2"/>': "not XML: duplicate attribute",
    b'<polycomConfig a="<"/>': "not XML: not well-formed",
    b'<polycomConfig a="&x;"/>': "not XML: undefined entity",
    b'<polycomConfig a="\x01"/>': "not XML: not well-formed",
    b'<polycomConfig 1.a="x"/>': "not XML: not well-formed",
    b"<!DOCTYPE p [<!ENTITY a 'aaaa'>]><polycomConfig/>": "a document type, which could blow",
    b"<html>404</html>": "the root is <html>, expected <",
}


class PolycomFilesTests(SynchronousTestCase):
    def test_what_is_no_file_of_polycoms_is_refused(self) -> None:
        """With what was found instead."""
        for body, text in NO_XML.items():
            with self.subTest(body=body):
                self.assertIn(text, str(self.assertRaises(Invalid, read_parameters, body, True)))
                self.assertIn(text, str(self.assertRaises(Invalid, read_master, body, "VVX410")))

    def test_a_byte_order_mark_and_a_declaration_are_read(self) -> None:
        """Polycom's own files have them."""
        for start in (b"\xef\xbb\xbf", b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'):
            self.assertEqual(read_parameters(start + b'<polycomConfig a.b="1"/>', True), {"a.b": "1"})

    def test_values_are_as_they_were_written(self) -> None:
        """Escapes are undone, and nothing is trimmed."""
        body = b'<polycomConfig a=" &amp;&lt;&quot;&gt;&apos; "/>'
        self.assertEqual(read_parameters(body, True), {"a": " &<\">' "})

    def test_a_master_file_may_say_nothing(self) -> None:
        """The phone then leaves its firmware alone, and has no configuration."""
        self.assertEqual(read_master(b"<APPLICATION/>", "VVX410"), Master("", (), ""))

    def test_a_chain_has_an_end(self) -> None:
        """A master file that names files without end would keep the phone for ever."""
        body = f'<APPLICATION CONFIG_FILES="{",".join(["x.cfg"] * 21)}"/>'.encode()
        self.assertIn("the most is 20", str(self.assertRaises(Invalid, read_master, body, "VVX410")))

    @settings(derandomize=True, max_examples=200)
    @given(st.binary(max_size=200), st.booleans())
    def test_no_bytes_surprise_the_parser(self, body: bytes, inside: bool) -> None:
        """A server may send anything: it is read or refused."""
        text = b"<polycomConfig " + body + b"/>" if inside else body
        with contextlib.suppress(Invalid):
            read_parameters(text, True)
        with contextlib.suppress(Invalid):
            read_master(text, "VVX410")
