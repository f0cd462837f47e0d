"""http.channel: any bytes at all."""

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from tests.http.wire import GET, Site

PARTS = (
    b"GET",
    b"HEAD",
    b"POST",
    b" ",
    b"/",
    b"/a.cfg",
    b"?a=b",
    b"%00",
    b"..",
    b"HTTP/1.1",
    b"HTTP/1.0",
    b"\r\n",
    b"\r\n\r\n",
    b"\n",
    b"\r",
    b"\x00",
    b"\xff",
    b":",
    b"Host: x\r\n",
    b"Connection: close\r\n",
    b"Content-Length: 3\r\n",
    b"Content-Length: 99999999999\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Expect: 100-continue\r\n",
    b"Range: bytes=0-5\r\n",
    b"If-None-Match: *\r\n",
    b"X-Forwarded-For: 1.2.3.4\r\n",
    b"Forwarded: for=1.2.3.4\r\n",
    b"3\r\nabc\r\n",
    b"0\r\n\r\n",
    b"POST /a HTTP/1.1\r\n",
    GET,
)
BYTES = st.lists(st.one_of(st.sampled_from(PARTS), st.binary(max_size=20)), max_size=20).map(b"".join)


class FuzzTests(SynchronousTestCase):
    @settings(max_examples=400, derandomize=True, deadline=None)
    @given(BYTES, st.lists(st.integers(1, 40), max_size=10))
    def test_any_bytes_get_replies_or_a_close(self, sent: bytes, cuts: list[int]) -> None:
        """However they are cut into packets: nothing is raised or logged, and nothing is left in the end."""
        site = Site(http_header_bytes=200, phone_body_bytes=20)
        phone = site.phone()
        at = 0
        for cut in [*cuts, len(sent)]:
            phone.send(sent[at : at + cut])
            at += cut
        replies = phone.sent.replace(b"HTTP/1.1 100 Continue\r\n\r\n", b"")
        self.assertTrue(replies == b"" or replies.startswith((b"HTTP/1.1 ", b"HTTP/1.0 ")), replies)
        self.assertEqual(replies.count(b"\r\nServer: provd\r\n"), replies.count(b"\r\nDate: "))
        for _ in range(80):
            site.clock.advance(1)
        self.assertFalse(phone.wire.connected)
        self.assertEqual(site.clock.getDelayedCalls(), [])
        self.assertEqual(len(phone.channel.shared.connections), 0)
        self.assertEqual(self.flushLoggedErrors(), [])
