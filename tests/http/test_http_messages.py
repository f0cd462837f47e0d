"""http.messages: requests to sightings, answers to replies."""

from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from provserver.address import Networks
from provserver.errors import Invalid
from provserver.http.messages import METHODS, PhoneRequest, Piece, bad_method, reply_to, sighting_of
from provserver.http.proxies import Proxies
from provserver.model import Answer, File

AT = 1_800_000_000.0
ASKED = PhoneRequest("GET", b"/a.cfg", "10.0.0.7", "http://10.0.0.1:8667", AT)
NOBODY = Proxies(Networks([]))
ON_DISK = File("fw.rom", "application/octet-stream", "e", 1000, AT + 500, place="/srv/fw.rom")

PATHS = (
    (b"/", ""),
    (b"/a/b.cfg", "a/b.cfg"),
    (b"//a///b.cfg", "a/b.cfg"),
    (b"/./a/./b", "a/b"),
    (b"/../../etc/passwd", "etc/passwd"),
    (b"/a/../b", "b"),
    (b"/%2e%2e/%2E%2E/etc/passwd", "etc/passwd"),
    (b"/..%2f..%2fetc/passwd", "etc/passwd"),
    (b"/%252e%252e/a", "%2e%2e/a"),  # decoded once, not twice
    (b"/a%20b%2Bc+d", "a b+c+d"),
    (b"/a\\..\\b", "a\\..\\b"),
    (b"/%5c..%5cb", "\\..\\b"),
    (b"/fw(1),x.rom;v=1", "fw(1),x.rom;v=1"),
    (b"/caf%C3%A9", "café"),
    (b"/caf\xc3\xa9", "café"),
    (b"/%ff%FE", "\udcff\udcfe"),
    (b"/\xff", "\udcff"),
    (b"/100%", "100%"),
    (b"/%zz%4", "%zz%4"),
    (b"/a#b", "a#b"),
    (b"/a?b?c", "a"),
    (b"/http://x/y", "http:/x/y"),
    (b"http://provd:8667/a.cfg", "a.cfg"),
    (b"HTTPS://user@provd/a.cfg?b", "a.cfg"),
    (b"http://provd", ""),
    (b"http://provd?a=b", ""),
    (b"http:///a", "a"),
    (b"http://[::1]:80/a", "a"),
)
QUERIES = (
    (b"/", ()),
    (b"/?", ()),
    (b"/?a=b&c=d", (("a", "b"), ("c", "d"))),
    (b"/?mac=00%3a15%3A65&mac=", (("mac", "00:15:65"), ("mac", ""))),
    (b"/?a", (("a", ""),)),
    (b"/?a=b=c&&=d", (("a", "b=c"), ("", "d"))),
    (b"/?a=x+y%2B", (("a", "x y+"),)),
    (b"/?a=%ff&b=\xfe&c=%C3%A9", (("a", "\udcff"), ("b", "\udcfe"), ("c", "é"))),
    (b"/?a=b?c", (("a", "b?c"),)),
    (b"/?a=%zz", (("a", "%zz"),)),
)
INVALID = (b"*", b"a.cfg", b"provd:443", b"ftp://provd/a", b"/a%00b", b"/" + b"x" * 1025, b"/?" + b"a&" * 101)


class SightingTests(SynchronousTestCase):
    def test_a_path_is_decoded_once_and_never_leaves_the_root(self) -> None:
        """Phones send `/../SEP….cnf.xml`; scanners send worse."""
        for target, path in PATHS:
            self.assertEqual(sighting_of(evolve(ASKED, target=target), NOBODY).path, path, target)

    def test_a_query_is_pairs(self) -> None:
        """Some phones put their MAC there and nowhere else."""
        for target, pairs in QUERIES:
            self.assertEqual(sighting_of(evolve(ASKED, target=target), NOBODY).query, pairs, target)

    def test_what_has_no_meaning_is_invalid(self) -> None:
        """And the text, which the log shows, holds nothing of a path: it may hold a key."""
        for target in INVALID:
            refused = self.assertRaises(Invalid, sighting_of, evolve(ASKED, target=target), NOBODY)
            self.assertNotIn(target.decode("latin-1")[:40], str(refused))

    @settings(max_examples=300, derandomize=True, deadline=None)
    @given(st.binary(max_size=60))
    def test_no_target_makes_it_fail(self, target: bytes) -> None:
        """It is the first code that a stranger's bytes reach."""
        for start in (b"", b"/", b"/?", b"http://"):
            try:
                path = sighting_of(evolve(ASKED, target=start + target), NOBODY).path
            except Invalid:
                continue
            self.assertFalse(set(path.split("/")) & {"..", "."})
            self.assertFalse(path.startswith("/"))

    def test_its_repr_holds_no_secret(self) -> None:
        """A traceback in the log shows values."""
        request = evolve(ASKED, target=b"/KEY/a", headers={"authorization": "TOKEN"})
        self.assertNotIn(
            "KEY", repr(request) + repr(sighting_of(request, NOBODY)).replace("path='KEY/a'", "")
        )
        self.assertNotIn("TOKEN", repr(request) + repr(sighting_of(request, NOBODY)))


class ReplyTests(SynchronousTestCase):
    def test_a_file_on_disk_is_a_piece_of_it(self) -> None:
        """The shell streams it, and opens nothing where no byte is needed."""
        answer = Answer("file", (), file=ON_DISK)
        self.assertEqual(reply_to(ASKED, answer).piece, Piece("/srv/fw.rom", 1000, 0, 1000))
        part = reply_to(evolve(ASKED, headers={"range": "bytes=10-19"}), answer)
        self.assertEqual((part.status, part.piece), (206, Piece("/srv/fw.rom", 1000, 10, 10)))
        for asked in (
            evolve(ASKED, method="HEAD"),
            evolve(ASKED, headers={"if-none-match": '"e"'}),
            evolve(ASKED, headers={"range": "bytes=5000-"}),
        ):
            self.assertIsNone(reply_to(asked, answer).piece)
        empty = Answer("file", (), file=evolve(ON_DISK, size=0))
        self.assertIsNone(reply_to(ASKED, empty).piece)

    def test_a_file_from_the_future_is_from_now(self) -> None:
        """RFC 9110 section 8.8.2.1: clocks of build servers are wrong, and 304 must still work."""
        fields = dict(reply_to(ASKED, Answer("file", (), file=ON_DISK)).headers)
        self.assertEqual(fields["Last-Modified"], "Fri, 15 Jan 2027 08:00:00 GMT")

    def test_a_file_from_before_all_time_has_a_date(self) -> None:
        """tar keeps nonsense; the date must not be a reason to fail."""
        old = Answer("file", (), file=evolve(ON_DISK, modified=-1e18))
        self.assertEqual(dict(reply_to(ASKED, old).headers)["Last-Modified"], "Thu, 01 Jan 1970 00:00:00 GMT")

    def test_methods_of_phones_are_no_refusal(self) -> None:
        """All others are, and say so for the log."""
        self.assertEqual([bad_method(method) for method in METHODS], [None] * 4)
        refused = bad_method("A" * 100)
        assert refused
        self.assertEqual((refused.status, refused.refused), (501, "method " + "A" * 20))
