"""Formats: what they refuse, what they escape, what they leave alone."""

import xml.etree.ElementTree as ElementTree

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from provserver.vendors.formats import FORMATS, UNSET, CannotHold, Format

LITERAL = (
    "& < > \" '",
    "${x} {{x}}",
    "# not a comment",
    "a = b",
    "100 %NULL% sure",
    "Zoë 山田 😀",
    "a  b",
    "",
)


class FormatTests(SynchronousTestCase):
    def test_what_a_phone_cannot_read_back_is_refused(self) -> None:
        """A line break in a display name would start a line of its own: a setting that nobody made."""
        breaks = ("a\nb", "a\rb", "a\x0bb", "a\x85b", "a\u2028b", "\n", "a\n")
        for name, row in FORMATS.items():
            for text in (*breaks, "a\0b", "a\tb", "a\x7fb", "a\x9bb", "a\udce9b", "a\ufffeb"):
                with self.subTest(format=name, text=text), self.assertRaises(CannotHold) as caught:
                    row.value(text)
                why = "line break" if text in breaks else f"U+{ord(text[1]):04X}"
                self.assertIn(why, str(caught.exception))

    def test_a_refusal_does_not_show_the_value(self) -> None:
        """The value may be a password; who asked learns what is wrong with it all the same."""
        with self.assertRaises(CannotHold) as caught:
            FORMATS["key-value"].value("sesame\n")
        self.assertNotIn("sesame", str(caught.exception))
        self.assertEqual(caught.exception.text, "sesame\n")

    def test_a_phone_that_trims_gets_no_outer_blanks(self) -> None:
        """`pw ` would become `pw`: the phone could not register, and nobody would see why."""
        for text in (" a", "a ", "a\u00a0", " "):
            with self.assertRaisesRegex(CannotHold, "blank"):
                FORMATS["key-value"].value(text)
        self.assertEqual(FORMATS["text"].value(" a "), " a ")

    def test_a_text_that_is_a_marker_is_refused_and_unset_is_written(self) -> None:
        """Only the vendor's code may reset a setting: a user called `%NULL%` must not lose his password."""
        row = FORMATS["key-value"]
        for text in ("%NULL%", "%null%", "%EMPTY%"):
            with self.assertRaisesRegex(CannotHold, "markers"):
                row.value(text)
        self.assertEqual(row.value(UNSET), "%NULL%")
        self.assertEqual(FORMATS["xml"].value(UNSET), "")

    def test_other_texts_are_literal(self) -> None:
        """What looks like a template, a variable or a comment is none."""
        for text in LITERAL:
            self.assertEqual(FORMATS["key-value"].value(text), text)
            self.assertEqual(FORMATS["text"].value(text), text)
        self.assertEqual(FORMATS["key-value"].value(5060), "5060")

    def test_numbers_and_truth_stand_as_python_writes_them(self) -> None:
        """A vendor's words are numbers as often as texts; `True` is nobody's word, and must not look like one."""
        for row in FORMATS.values():
            self.assertEqual(
                [row.value(value) for value in (0, -5, 5061, 0.5, True)], ["0", "-5", "5061", "0.5", "True"]
            )

    def test_a_file_has_its_own_line_ends_and_encoding(self) -> None:
        """Some phones read ISO-8859-1 with CRLF only; a character that is not in it is named."""
        row = Format("old", encoding="iso-8859-1", line_end="\r\n")
        self.assertEqual(row.encode("é\nb\n"), b"\xe9\r\nb\r\n")
        with self.assertRaisesRegex(CannotHold, "'€'"):
            row.encode("é €")

    @settings(derandomize=True, max_examples=200)
    @given(st.text())
    def test_xml_gives_back_what_it_holds(self, text: str) -> None:
        """Whatever is not refused comes out of an XML parser as it went in, in an element and an attribute."""
        try:
            value = FORMATS["xml"].value(text)
        except CannotHold:
            return
        root = ElementTree.fromstring(f'<a b="{value}">{value}</a>')
        self.assertEqual((root.text or "", root.get("b")), (text, text))
