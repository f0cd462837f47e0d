"""http.channel: what one connection, or all of them, cannot make the server do."""

from typing import Any

from attrs import evolve
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import ITCPTransport
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import directlyProvides

from provserver.model import Answer, File
from tests.http.wire import AT, BODY, GET, TEXT, Phone, Site, request, served

POST = "POST /a HTTP/1.1"
LARGE = File("big.cfg", "text/plain", "big", 100_000, AT, body=b"b" * 100_000)


class RefusalTests(SynchronousTestCase):
    def refused(self, sent: bytes, **limits: Any) -> tuple[int, bytes]:
        """Return status and text of the only reply; the server said so, closed its side, and asked nobody."""
        site = Site(**limits)
        phone = site.phone().send(sent)
        response = phone.response()
        self.assertEqual(response.headers["Connection"], "close")
        self.assertEqual(response.headers["Server"], "provd")
        self.assertTrue(phone.wire.half_closed)
        self.assertFalse(phone.wire.disconnecting)
        self.assertEqual(site.provisioner.asked, [])
        return response.status, response.body

    def test_what_is_no_http_is_told_so(self) -> None:
        """Whoever looks at the wire sees at once what is wrong; no traceback, no silence."""
        for sent in (
            b"nonsense\r\n",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n",  # TLS spoken to the plain port
            b"GET /\r\n\r\n",  # HTTP/0.9
            b"GET / HTTP/2.0\r\n\r\n",
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            b"GET / HTTP/1.1 \r\n\r\n",
            b"GET /a b.cfg HTTP/1.1\r\n\r\n",
            b"GET /\xff HTTP/1.1\r\n\r\n",
            b"G(T / HTTP/1.1\r\n\r\n",
            b" GET / HTTP/1.1\r\n\r\n",
            b"\r\n\r\n\r\n",
            request("no colon"),
            request("bad name: x"),
            request("X: a\x00b"),
            request("X: a\nY: b"),
            b"GET / HTTP/1.1\r\n: x\r\n\r\n",
            request("Content-Length: -1"),
            request("Content-Length: 1, 1"),
            request("Content-Length: 0x10"),
            request("Content-Length: \xb2"),
            request("Transfer-Encoding: gzip"),
            request("Transfer-Encoding: chunked", line=POST) + b"xyz\r\n",
            request("Transfer-Encoding: chunked", line=POST) + b"-1\r\n",
            request("Transfer-Encoding: chunked", line=POST) + b"3\r\nabcd\r\n",
        ):
            status, text = self.refused(sent)
            self.assertEqual((status, text[:22]), (400, b"not a well-formed HTTP"), sent)

    def test_a_request_with_two_lengths_is_refused(self) -> None:
        """A proxy that takes the other one would let a phone speak for the next one (RFC 9112 section 6.3)."""
        for lines in (
            ("Content-Length: 3", "Transfer-Encoding: chunked"),
            ("Transfer-Encoding: chunked", "Content-Length: 3"),
            ("Content-Length: 3", "Content-Length: 4"),
            ("Transfer-Encoding: chunked", "Transfer-Encoding: chunked"),
        ):
            status, _ = self.refused(request(*lines, line=POST) + b"0\r\n\r\nGET /other HTTP/1.1\r\n\r\n")
            self.assertEqual(status, 400)

    def test_a_request_line_that_is_too_long_is_414(self) -> None:
        """With and without its end."""
        for end in (b" HTTP/1.1\r\n\r\n", b""):
            self.assertEqual(self.refused(b"GET /" + b"x" * 17_000 + end)[0], 414)
        self.assertEqual(
            self.refused(b"GET /" + b"x" * 200 + b" HTTP/1.1\r\n\r\n", http_header_bytes=100)[0], 414
        )

    def test_a_head_that_is_too_long_is_431(self) -> None:
        """16 KiB in all, however they are spread."""
        for sent in (
            request("X: " + "x" * 17_000),
            request("X: " + "x" * 17_000)[:16_900],
            request(*(f"X-{number}: {'x' * 1000}" for number in range(17))),
            request(*("X: x" for _ in range(600))),
            request("X: x", *(" " + "x" * 1000 for _ in range(17))),
        ):
            self.assertEqual(self.refused(sent)[0], 431)
        self.assertEqual(self.refused(request("X: " + "x" * 200), http_header_bytes=100)[0], 431)

    def test_16_kib_of_headers_are_served(self) -> None:
        """The limit is where it is said to be."""
        self.assertEqual(Site().ask(request("X: " + "x" * 16_000)).status, 200)

    def test_a_body_that_is_announced_too_long_is_413_before_it_comes(self) -> None:
        """Also one whose length is longer than Python reads numbers, and no 100 Continue before."""
        for length in ("65537", "9" * 20, "9" * 5000):
            self.assertEqual(self.refused(request(f"Content-Length: {length}", line=POST))[0], 413)
        expecting = request("Expect: 100-continue", "Content-Length: 99999", line=POST)
        self.assertEqual(self.refused(expecting)[0], 413)

    def test_a_chunked_body_is_counted(self) -> None:
        """It announces nothing, and its end must not make a request of what was refused."""
        head = request("Transfer-Encoding: chunked", line=POST)
        chunk = b"8000\r\n" + b"x" * 0x8000 + b"\r\n"
        self.assertEqual(self.refused(head + chunk * 4 + b"0\r\n\r\n")[0], 413)
        self.assertEqual(Site().ask(head + chunk * 2 + b"0\r\n\r\n").status, 200)

    def test_64_kib_of_body_are_served(self) -> None:
        """The limit is where it is said to be, and 100 Continue is said for those who wait for it."""
        site = Site()
        phone = site.phone().send(request("Expect: 100-continue", "Content-Length: 65536", line=POST))
        self.assertEqual(phone.sent, b"HTTP/1.1 100 Continue\r\n\r\n")
        phone.wire.clear()
        self.assertEqual(phone.send(b"x" * 65_536).response().status, 200)

    def test_a_body_longer_than_it_says_is_the_next_request(self) -> None:
        """And that is none."""
        phone = Site().phone().send(request("Content-Length: 3", line=POST) + b"abcdef\r\n")
        self.assertEqual([response.status for response in phone.responses()], [200, 400])

    def test_a_path_that_cannot_be_is_400(self) -> None:
        """In words; the connection goes on, since its framing is whole."""
        for target in ("/a%00b", "/" + "x" * 10_000, "foo", "*", "ftp://provd/a", "/?" + "a&" * 200):
            site = Site()
            phone = site.phone().send(request(line=f"GET {target} HTTP/1.1"))
            self.assertEqual(phone.response().status, 400, target)
            self.assertGreater(len(phone.response().body), 10)
            self.assertEqual(site.provisioner.asked, [])
            self.assertEqual(phone.send(GET).responses()[1].status, 200)

    def test_what_comes_after_a_refusal_is_not_read(self) -> None:
        """One reply, whatever else was sent, until the phone closes; then we do."""
        phone = Site().phone().send(b"nonsense\r\n" + GET)
        phone.send(GET)
        self.assertEqual(phone.response().status, 400)
        phone.finish_asking()
        self.assertFalse(phone.wire.connected)

    def test_who_never_stops_is_not_listened_to_for_ever(self) -> None:
        """Gigabytes would be read and thrown away until the time is over, and every turn would be long."""
        site = Site()
        phone = site.phone().send(request("Content-Length: 99999999", line=POST))
        phone.send(b"x" * 1_048_576)
        self.assertEqual(phone.wire.producerState, "producing")
        phone.send(b"x")
        self.assertEqual((phone.wire.producerState, phone.response().status), ("paused", 413))
        site.clock.pump([1] * 40)
        self.assertFalse(phone.wire.connected)

    def test_without_half_close_it_just_closes(self) -> None:
        """TLS has no half-closed connection."""
        phone = Site().phone()
        directlyProvides(phone.wire)
        self.assertFalse(ITCPTransport.providedBy(phone.wire))
        self.assertEqual(phone.send(b"nonsense\r\n").response().status, 400)
        self.assertFalse(phone.wire.connected)


class IdleTests(SynchronousTestCase):
    def test_a_phone_that_says_nothing_is_let_go(self) -> None:
        """Without a word: it may be sending its next request this moment."""
        site = Site()
        new, kept = site.phone(), site.phone().send(GET)
        site.clock.pump([1] * 29)
        self.assertFalse(new.closed or kept.closed)
        site.clock.pump([1] * 5)
        self.assertTrue(new.settle().closed and kept.settle().closed)
        self.assertEqual((new.sent, len(kept.responses())), (b"", 1))
        self.assertEqual(site.clock.getDelayedCalls(), [])

    def test_a_slow_request_is_408(self) -> None:
        """Slowloris: bytes that trickle do not buy time; only a whole request does."""
        for part in (request("Content-Length: 60", line=POST), b"GET / HTTP/1.1\r\n", b""):
            site = Site()
            phone = site.phone().send(part)
            for _ in range(33):
                site.clock.advance(1)
                phone.send(b"x")
            self.assertEqual(phone.response().status, 408)

    def test_a_request_begins_a_new_time(self) -> None:
        """Phones that poll every 20 s keep their connection."""
        site = Site()
        phone = site.phone()
        for _ in range(5):
            site.clock.pump([1] * 20)
            phone.send(GET)
        self.assertEqual(len(phone.responses()), 5)

    def test_a_phone_is_not_blamed_for_our_slowness(self) -> None:
        """A disk that takes a minute to make a new phone durable is no reason to hang up."""
        site = Site()
        waiting: Deferred[Answer] = Deferred()
        site.provisioner.answer_with = waiting
        phone = site.phone().send(GET)
        site.clock.pump([1] * 300)
        waiting.callback(served())
        self.assertEqual(phone.response().status, 200)

    def test_a_refused_phone_that_stays_is_cut_off(self) -> None:
        """It was told to go."""
        site = Site()
        phone = site.phone().send(b"nonsense\r\n")
        site.clock.pump([1] * 34)
        self.assertTrue(phone.wire.aborted)
        self.assertFalse(phone.wire.connected)

    def test_a_phone_that_takes_nothing_is_cut_off(self) -> None:
        """In two minutes a phone at 20 kbit/s has taken a whole piece; one that took none is gone."""
        site = Site()
        site.provisioner.answer_with = served(LARGE)
        phone = site.phone()
        phone.wire.taking = False
        phone.send(GET)
        site.clock.pump([1] * 119)
        self.assertTrue(phone.wire.connected)
        site.clock.pump([1] * 5)
        self.assertTrue(phone.wire.aborted)

    def test_one_that_was_let_go_but_takes_nothing_is_cut_off(self) -> None:
        """A polite close waits until the last bytes are taken: not for ever."""
        site = Site()
        phone = site.phone()
        phone.wire.taking = False
        phone.send(request("Connection: close"))
        self.assertTrue(phone.wire.connected and phone.wire.disconnecting)
        site.clock.pump([1] * 34)
        self.assertTrue(phone.wire.aborted)


class CrowdTests(SynchronousTestCase):
    def test_one_more_takes_the_place_of_the_longest_quiet(self) -> None:
        """Who opens every connection and says nothing must not keep the phones out."""
        site = Site(http_connections=3)
        idlers = [site.phone() for _ in range(3)]
        site.clock.advance(2)
        idlers[0].send(GET)  # no longer the longest quiet
        self.assertEqual(site.ask().status, 200)
        self.assertEqual([idler.wire.aborted for idler in idlers], [False, True, False])

    def test_a_crowd_that_is_busy_is_not_disturbed(self) -> None:
        """A boot storm beyond the limit: who came is served, who comes later is told when to come again."""
        site = Site(http_connections=2)
        waiting: list[Deferred[Answer]] = [Deferred(), Deferred()]
        phones = []
        for answer in waiting:
            site.provisioner.answer_with = answer
            phones.append(site.phone().send(GET))
        site.clock.advance(5)
        late = site.phone().settle()
        response = late.response()
        self.assertEqual((response.status, response.headers["Retry-After"]), (503, "30"))
        self.assertFalse(late.wire.connected)
        for answer in waiting:
            answer.callback(served())
        self.assertEqual([phone.response().status for phone in phones], [200, 200])
        site.clock.advance(5)
        site.provisioner.answer_with = served()
        self.assertEqual(site.ask().status, 200)

    def test_who_was_quiet_for_a_moment_keeps_its_place(self) -> None:
        """Its request may be on the way."""
        site = Site(http_connections=1)
        first = site.phone()
        self.assertEqual(site.phone().settle().response().status, 503)
        self.assertEqual(first.send(GET).response().status, 200)

    def test_places_are_given_back(self) -> None:
        """A count that leaks would close the server after a week."""
        site = Site(http_connections=2)
        for _ in range(20):
            phone = site.phone()
            self.assertEqual(phone.send(request("Connection: close")).response().status, 200)
        site.phone().hang_up()
        self.assertEqual(site.ask().status, 200)


class PipelineTests(SynchronousTestCase):
    def test_requests_are_answered_in_order(self) -> None:
        """Also where the first answer takes time."""
        site = Site()
        waiting: Deferred[Answer] = Deferred()
        site.provisioner.answer_with = waiting
        site.provisioner.then = [served(evolve(TEXT, etag="second"))]
        phone = site.phone().send(GET * 2)
        self.assertEqual(phone.sent, b"")
        waiting.callback(served(evolve(TEXT, etag="first")))
        self.assertEqual([r.headers["ETag"] for r in phone.responses()], ['"first"', '"second"'])

    def test_no_more_is_made_than_the_phone_takes(self) -> None:
        """Thousands of requests in one packet for a file of 100 kB must not cost gigabytes."""
        site = Site()
        site.provisioner.answer_with = served(LARGE)
        phone = site.phone()
        phone.wire.taking = False
        phone.send(GET * 40)
        self.assertEqual(len(site.provisioner.asked), 1)
        self.assertEqual(phone.wire.producerState, "paused")
        phone.wire.take()
        self.assertEqual(len(site.provisioner.asked), 2)
        phone.wire.taking = True
        phone.wire.take()
        for _ in range(100):
            phone.settle()
        self.assertEqual(len(phone.responses()), 40)
        self.assertEqual(phone.wire.producerState, "producing")

    def test_no_more_is_read_than_is_answered(self) -> None:
        """Twisted holds 16 KiB of what comes while it answers, and without our care much more while it sends."""
        site = Site()
        waiting: Deferred[Answer] = Deferred()
        site.provisioner.answer_with = waiting
        phone = site.phone().send(GET)
        sent = flooded(phone)
        self.assertLess(sent, 40_000)
        phone.wire.taking = False
        site.provisioner.answer_with = served(LARGE)
        waiting.callback(served(LARGE))
        self.assertEqual(flooded(phone), 0)
        phone.hang_up()

    def test_who_leaves_with_requests_waiting_is_forgotten(self) -> None:
        """The held answer and the held requests go with it."""
        site = Site()
        site.provisioner.answer_with = served(LARGE)
        phone = site.phone()
        phone.wire.taking = False
        phone.send(GET * 3)
        phone.hang_up()
        self.assertEqual(len(site.provisioner.asked), 1)
        self.assertEqual(len(phone.channel.shared.connections), 0)

    def test_many_small_answers_are_made_in_one_go(self) -> None:
        """Pipelining is for that; and a thousand of them must not end the stack."""
        phone = Site().phone().send(GET * 1000)
        for _ in range(20):
            phone.settle()
        self.assertEqual([r.body for r in phone.responses()], [BODY] * 1000)

    def test_connection_close_ends_the_pipeline(self) -> None:
        """RFC 9112 section 9.6: what comes after it is not looked at."""
        site = Site()
        phone = site.phone().send(request("Connection: close") + GET)
        self.assertEqual(len(phone.responses()), 1)
        self.assertEqual(len(site.provisioner.asked), 1)


def flooded(phone: Phone) -> int:
    """Send for as long as the server reads, at most 1 MiB; return how much it read."""
    sent = 0
    while phone.wire.producerState == "producing" and sent < 2**20:
        phone.send(GET * 100)
        sent += len(GET) * 100
    return sent
