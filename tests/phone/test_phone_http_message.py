"""HTTP as the phone writes and reads it, byte by byte."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from provserver.phone.http_message import MOST_BYTES, Reply, request_bytes
from provserver.phone.values import Fetch, Fetched

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"

# what came before the connection was closed -> status and body
WHOLE = {
    OK + b"Content-Length: 3\r\n\r\nabc": (200, b"abc"),
    OK + b"Content-Length: 3\r\n\r\nabcdef": (200, b"abc"),
    OK + b"content-length:\t0\r\n\r\n": (200, b""),
    OK + b"\r\nabc": (200, b"abc"),
    b"HTTP/1.0 200\r\n\r\nabc": (200, b"abc"),
    b"HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n": (304, b""),
    b"HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n": (204, b""),
    CHUNKED + b"3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n": (200, b"abc0123456789"),
    CHUNKED + b"0\r\n\r\n": (200, b""),
}

# what came before the connection was closed -> status and problem
BROKEN = {
    b"": (0, "closed without an answer"),
    b"HTTP/1.1 200 O": (0, "closed without an answer"),
    OK + b"Content-Length: 3\r\n\r\nab": (200, "cut off"),
    OK + b"Content-Length: 3\r\n\r\n": (200, "cut off"),
    CHUNKED + b"3\r\nabc\r\n": (200, "cut off"),
    CHUNKED + b"3\r\nab": (200, "cut off"),
    CHUNKED + b"-3\r\nabc\r\n": (200, "a broken chunk"),
    CHUNKED + b"\r\n": (200, "a broken chunk"),
    CHUNKED + b"123456789\r\n": (200, "a broken chunk"),
    OK + b"Transfer-Encoding: gzip\r\n\r\n": (0, "an unknown transfer-encoding"),
    OK + b"Content-Length: -3\r\n\r\nabc": (0, "a content-length that is no number"),
    OK + b"Content-Length: 3, 3\r\n\r\nabc": (0, "a content-length that is no number"),
    OK + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n": (0, "a content-length that is no number"),
    OK + b"no header\r\n\r\n": (0, "a broken header"),
    OK + b"ETag: a\nX: b\r\n\r\n": (0, "a broken header"),
    OK + b"ETag: a\x00\r\n\r\n": (0, "a broken header"),
    OK + b" folded: a\r\n\r\n": (0, "a broken header"),
    b"ICY 200 OK\r\n\r\n": (0, "an answer that is not HTTP"),
    b"HTTP/1.1 2000 OK\r\n\r\n": (0, "an answer that is not HTTP"),
    b"HTTP/2 200\r\n\r\n": (0, "an answer that is not HTTP"),
    b"\x16\x03\x01\x02\r\n\r\n": (0, "an answer that is not HTTP"),
}


def read(*pieces: bytes) -> Fetched:
    reply = Reply()
    for piece in pieces:
        if fetched := reply.fed(piece):
            return fetched
    return reply.closed()


class PostTests(SynchronousTestCase):
    def test_a_body_is_posted_with_its_length(self) -> None:
        """A lease is told so over REST."""
        posted = request_bytes(Fetch("x", "http://h:1/0.2/x", {"X-Auth-Token": "t"}, body=b"{}"))
        self.assertTrue(posted.startswith(b"POST /0.2/x HTTP/1.1\r\nHost: h:1\r\n"))
        self.assertTrue(posted.endswith(b"X-Auth-Token: t\r\nContent-Length: 2\r\n\r\n{}"))


class RequestTests(SynchronousTestCase):
    def test_a_request_as_on_the_wire(self) -> None:
        """The server must see exactly what a phone sends: path and query, no fragment, its User-Agent."""
        fetch = Fetch("x", "http://192.0.2.1:8667/key/x?a=1#f", {"User-Agent": "Yealink SIP-T46S"})
        self.assertEqual(
            request_bytes(fetch),
            b"GET /key/x?a=1 HTTP/1.1\r\nHost: 192.0.2.1:8667\r\nAccept: */*\r\nConnection: close\r\n"
            b"User-Agent: Yealink SIP-T46S\r\n\r\n",
        )

    def test_no_path_is_the_root(self) -> None:
        """A request line needs one."""
        self.assertTrue(request_bytes(Fetch("", "http://192.0.2.1")).startswith(b"GET / HTTP/1.1\r\n"))


class ReplyTests(SynchronousTestCase):
    def test_answers_that_are_whole(self) -> None:
        """By length, in chunks, or to the end of the connection; some have no body whatever they say."""
        for data, (status, body) in WHOLE.items():
            with self.subTest(data=data):
                fetched = read(data)
                self.assertEqual((fetched.status, fetched.body, fetched.problem), (status, body, ""))

    def test_answers_that_are_broken(self) -> None:
        """Each has a name for what is wrong, and no body."""
        for data, (status, problem) in BROKEN.items():
            with self.subTest(data=data[:80]):
                self.assertEqual(read(data), Fetched(status, problem=problem))

    def test_headers_by_lower_case_name(self) -> None:
        """Servers write `ETag` and `Etag`."""
        fetched = read(OK + b'ETag: "x y" \r\nRETRY-AFTER:5\r\n\r\n')
        self.assertEqual(fetched.headers, {"etag": '"x y"', "retry-after": "5"})

    def test_a_body_without_end_is_dropped_at_8_mib(self) -> None:
        """Whatever length it announced, or in whatever chunks it comes."""
        piece = bytes(1024 * 1024)
        chunk = b"100000\r\n" + piece + b"\r\n"
        for head, body in (
            (OK + b"\r\n", piece),
            (OK + b"Content-Length: 9999999999\r\n\r\n", piece),
            (CHUNKED, chunk),
        ):
            with self.subTest(head=head):
                fetched = read(head, *[body] * (MOST_BYTES // len(piece) + 1))
                self.assertEqual(fetched, Fetched(200, problem="more than 8 MiB"))

    def test_headers_without_end_are_dropped_at_64_kib(self) -> None:
        """With or without an end in sight."""
        headers = OK + b"X: y\r\n" * 11_000
        for data in (headers, headers + b"\r\n"):
            with self.subTest(end=data[-4:]):
                self.assertEqual(read(data), Fetched(0, problem="headers of more than 64 KiB"))

    @settings(derandomize=True, max_examples=200)
    @given(st.sampled_from(sorted({**WHOLE, **BROKEN})), st.lists(st.integers(0, 120), max_size=4))
    def test_pieces_do_not_matter(self, data: bytes, cuts: list[int]) -> None:
        """A network cuts where it likes: the answer is the same as in one piece."""
        ends = [0, *sorted(cuts), len(data)]
        pieces = [data[start:end] for start, end in pairwise(ends)]
        self.assertEqual(read(*pieces), read(data))

    @settings(derandomize=True, max_examples=200)
    @given(st.sampled_from([b"", OK, CHUNKED]), st.binary(max_size=200))
    def test_no_bytes_surprise_it(self, head: bytes, data: bytes) -> None:
        """Whatever comes is an answer or has a name."""
        self.assertIsInstance(read(head + data), Fetched)
