"""http.ranges: conditional and partial requests."""

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from provserver.http.messages import http_date
from provserver.http.ranges import Selected, http_time, selected

AT = 784_111_777  # Sun, 06 Nov 1994 08:49:37 GMT
SAME = "Sun, 06 Nov 1994 08:49:37 GMT"
BEFORE = "Sun, 06 Nov 1994 08:49:36 GMT"
AFTER = "Sun, 06 Nov 1994 08:49:38 GMT"
WHOLE = Selected(200, 0, 100)
NOT_MODIFIED, FAILED, UNSATISFIABLE = Selected(304), Selected(412), Selected(416)

PRECONDITIONS: tuple[tuple[dict[str, str], Selected], ...] = (
    ({}, WHOLE),
    ({"if-none-match": '"e"'}, NOT_MODIFIED),
    ({"if-none-match": 'W/"e"'}, NOT_MODIFIED),
    ({"if-none-match": ' "a" , W/"b",\t"e"'}, NOT_MODIFIED),
    ({"if-none-match": '"a,"e","b"'}, WHOLE),
    ({"if-none-match": "*"}, NOT_MODIFIED),
    ({"if-none-match": '"E"'}, WHOLE),
    ({"if-none-match": "e"}, WHOLE),
    ({"if-none-match": '"ee"'}, WHOLE),
    ({"if-none-match": '"*"'}, WHOLE),
    ({"if-none-match": ""}, WHOLE),
    ({"if-none-match": '"' * 99}, WHOLE),
    ({"if-none-match": '"other"', "if-modified-since": SAME}, WHOLE),  # the tag decides alone
    ({"if-none-match": '"e"', "if-modified-since": BEFORE}, NOT_MODIFIED),
    ({"if-modified-since": SAME}, NOT_MODIFIED),
    ({"if-modified-since": AFTER}, NOT_MODIFIED),
    ({"if-modified-since": BEFORE}, WHOLE),
    ({"if-modified-since": "Sunday, 06-Nov-94 08:49:37 GMT"}, NOT_MODIFIED),
    ({"if-modified-since": "Sun Nov  6 08:49:37 1994"}, NOT_MODIFIED),
    ({"if-modified-since": "yesterday"}, WHOLE),
    ({"if-modified-since": ""}, WHOLE),
    ({"if-match": '"e"'}, WHOLE),
    ({"if-match": "*"}, WHOLE),
    ({"if-match": 'W/"e"'}, FAILED),
    ({"if-match": '"a"'}, FAILED),
    ({"if-match": '"a"', "if-none-match": '"e"'}, FAILED),
    ({"if-match": '"e"', "if-none-match": '"e"'}, NOT_MODIFIED),
    ({"if-match": '"e"', "if-unmodified-since": BEFORE}, WHOLE),
    ({"if-unmodified-since": BEFORE}, FAILED),
    ({"if-unmodified-since": SAME}, WHOLE),
    ({"if-unmodified-since": "never"}, WHOLE),
    ({"if-none-match": '"e"', "range": "bytes=0-1"}, NOT_MODIFIED),
)
RANGES = (
    ("bytes=0-0", Selected(206, 0, 1)),
    ("bytes=0-99", Selected(206, 0, 100)),
    ("bytes=10-19", Selected(206, 10, 10)),
    ("bytes=90-", Selected(206, 90, 10)),
    ("bytes=90-1000", Selected(206, 90, 10)),
    ("bytes=99-99", Selected(206, 99, 1)),
    ("bytes=-1", Selected(206, 99, 1)),
    ("bytes=-100", Selected(206, 0, 100)),
    ("bytes=-1000", Selected(206, 0, 100)),
    ("BYTES = 1-2", Selected(206, 1, 2)),
    ("bytes=000000000000000000000000001-2", Selected(206, 1, 2)),
    ("bytes=0-" + "9" * 5000, Selected(206, 0, 100)),
    ("bytes=100-", UNSATISFIABLE),
    ("bytes=100-200", UNSATISFIABLE),
    ("bytes=" + "9" * 5000 + "-", UNSATISFIABLE),
    ("bytes=-0", UNSATISFIABLE),
    ("bytes=5-4", WHOLE),
    ("bytes=-", WHOLE),
    ("bytes=", WHOLE),
    ("bytes", WHOLE),
    ("", WHOLE),
    ("bytes=a-b", WHOLE),
    ("bytes=1-2x", WHOLE),
    ("bytes=--1", WHOLE),
    ("bytes=+1-2", WHOLE),
    ("bytes=\u0661-2", WHOLE),
    ("bytes=1 - 2", WHOLE),
    ("lines=1-2", WHOLE),
    ("bytes=0-1,5-6", WHOLE),
    ("bytes=0-1, 5-6", WHOLE),
    ("bytes=0-1" + ",0-1" * 1000, WHOLE),
)
IF_RANGES = (
    ('"e"', True),
    (SAME, True),
    ('W/"e"', False),
    ('"a"', False),
    ("e", False),
    (BEFORE, False),
    (AFTER, False),
    ("", False),
)


def chosen(headers: dict[str, str], method: str = "GET", size: int = 100) -> Selected:
    return selected(method, headers, "e", AT, size)


class PreconditionTests(SynchronousTestCase):
    def test_they_are_looked_at_in_the_order_of_rfc_9110(self) -> None:
        """Section 13.2.2: a tag before a date, and both before a range."""
        for headers, expected in PRECONDITIONS:
            self.assertEqual(chosen(headers), expected, headers)
            if "range" not in headers:
                self.assertEqual(chosen(headers, "HEAD"), expected, headers)

    def test_other_methods_have_none(self) -> None:
        """What a phone posts for is made for it: that it has it already means nothing."""
        for headers, _ in PRECONDITIONS:
            self.assertEqual(chosen(headers, "POST"), WHOLE)


class RangeTests(SynchronousTestCase):
    def test_one_range_is_cut_to_the_file(self) -> None:
        """RFC 9110 section 14.1.2; nonsense and several ranges are as if not there."""
        for text, expected in RANGES:
            self.assertEqual(chosen({"range": text}), expected, text)

    def test_only_get_has_ranges(self) -> None:
        """Section 14.2."""
        for method in ("HEAD", "POST", "PUT"):
            self.assertEqual(chosen({"range": "bytes=0-1"}, method), WHOLE)

    def test_if_range_must_name_the_same_file(self) -> None:
        """Else a phone would join halves of two firmwares."""
        for text, fits in IF_RANGES:
            expected = Selected(206, 0, 2) if fits else WHOLE
            self.assertEqual(chosen({"range": "bytes=0-1", "if-range": text}), expected, text)

    def test_an_empty_file_has_no_parts(self) -> None:
        """There is no Content-Range that could name one."""
        self.assertEqual(chosen({"range": "bytes=0-"}, size=0), UNSATISFIABLE)
        self.assertEqual(chosen({"range": "bytes=-5"}, size=0), Selected(200))

    @settings(max_examples=300, derandomize=True, deadline=None)
    @given(st.text(st.sampled_from("bytes=-,0123 "), max_size=20), st.integers(0, 40))
    def test_what_is_chosen_is_in_the_file(self, text: str, size: int) -> None:
        """No header makes the server read before, after or beyond."""
        part = chosen({"range": text}, size=size)
        self.assertIn(part.status, (200, 206, 416))
        self.assertTrue(0 <= part.start <= part.start + part.length <= size)
        self.assertEqual(part.status == 200, part.status == 200 and part.length == size)


class TimeTests(SynchronousTestCase):
    def test_all_three_forms_are_understood(self) -> None:
        """RFC 9110 section 5.6.7."""
        for text, expected in (
            (SAME, AT),
            (f"  {SAME} ", AT),
            ("Sunday, 06-Nov-94 08:49:37 GMT", AT),
            ("Sun Nov  6 08:49:37 1994", AT),
            ("Thursday, 01-Jan-26 00:00:00 GMT", 1_767_225_600),
            ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
            ("Sat, 31 Dec 2016 23:59:60 GMT", 1_483_228_799),
        ):
            self.assertEqual(http_time(text), expected, text)

    def test_nothing_else_is(self) -> None:
        """A date that is guessed could hide a changed file."""
        for text in (
            "",
            "1994-11-06",
            "Sun, 06 Nov 1994 08:49:37",
            "Sun, 06 Nov 1994 08:49:37 CET",
            "Sun, 6 Nov 1994 08:49:37 GMT",
            "Sun, 31 Feb 1994 08:49:37 GMT",
            "Sun, 06 Xyz 1994 08:49:37 GMT",
            "Sun, 06 Nov 0000 08:49:37 GMT",
            "Sun, 06 Nov 1994 24:49:37 GMT",
            "Sun, 06 Nov 1994 08:4937: GMT",
            "Sun, 06 Nov 1994 00849:37 GMT",
            "Sun, 06 Nov 1994 08:49:37 GMT; length=5",
            "Sun, \u0660\u0666 Nov 1994 08:49:37 GMT",
        ):
            self.assertIsNone(http_time(text), text)

    @settings(max_examples=100, derandomize=True, deadline=None)
    @given(st.integers(0, 4_000_000_000))
    def test_it_reads_what_we_write(self, at: int) -> None:
        """A phone sends our Last-Modified back."""
        self.assertEqual(http_time(http_date(at)), at)
