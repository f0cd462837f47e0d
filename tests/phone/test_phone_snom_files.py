"""Snom's files as a phone reads them."""

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from provserver.errors import Invalid
from provserver.phone.profiles.snom.files import Container, Other, Settings, changed, read_file
from tests.phone.snom_files import NO_SNOM_FILE, container, phone_settings


class SnomFileTests(SynchronousTestCase):
    def test_the_root_says_what_a_file_is(self) -> None:
        """Whatever its name is."""
        self.assertEqual(read_file(container("a", "b")), Container(("a", "b")))
        self.assertEqual(
            read_file(
                phone_settings(
                    '<a perm="R">1</a><b idx="2"/>', '<fkey idx="0" label="x" context="1">line</fkey>'
                )
            ),
            Settings({"a": "1", "b[2]": "", "fkey[0]": "line", "fkey[0]@label": "x", "fkey[0]@context": "1"}),
        )
        self.assertEqual(
            read_file(b'<firmware-settings><f/><p type="M65">1</p></firmware-settings>'),
            Other("firmware-settings", {"f": "", "p M65": "1"}),
        )

    def test_a_context_key_with_an_action_is_its_url(self) -> None:
        """It has a structure where others have a text."""
        text = """<context_key idx="0"><initialization/>
        <action><url target="http://h/" when="on press"/></action></context_key>"""
        self.assertEqual(read_file(phone_settings(text)), Settings({"context_key[0]": "url http://h/"}))

    def test_what_is_no_snom_file_is_refused(self) -> None:
        """With what was found instead."""
        for body, text in NO_SNOM_FILE.items():
            with self.subTest(body=body[:40]):
                self.assertIn(text, str(self.assertRaises(Invalid, read_file, body)))

    def test_a_phone_keeps_what_a_file_does_not_name(self) -> None:
        """That is why provd must empty explicitly what it no longer wants."""
        after = changed({"kept": "1", "emptied": "2"}, Settings({"emptied": "", "new": "3"}))
        self.assertEqual(after, {"kept": "1", "emptied": "", "new": "3"})

    @settings(derandomize=True, max_examples=200)
    @given(st.binary(max_size=200), st.booleans())
    def test_no_bytes_surprise_the_parser(self, body: bytes, inside: bool) -> None:
        """A server may send anything: it is read or refused."""
        try:
            read_file(b"<settings>" + body + b"</settings>" if inside else body)
        except Invalid:
            pass
