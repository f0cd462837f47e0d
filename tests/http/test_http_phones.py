"""http.phones: what a phone sees of the server, over a whole connection."""

from typing import Any

from attrs import evolve
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionDone
from twisted.logger import capturedLogs
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from provserver.interfaces import IProvisioner
from provserver.model import Answer, File
from tests.http.wire import AT, BODY, GET, NOTHING, TEXT, Response, ScriptedProvisioner, Site, request, served


def same(response: Response) -> tuple[int, list[tuple[str, str]], bytes]:
    return response.status, response.headers.items(), response.body


class SightingTests(SynchronousTestCase):
    def test_the_fake_provides_the_interface(self) -> None:
        """A fake that differs from the interface proves nothing."""
        verifyObject(IProvisioner, ScriptedProvisioner())

    def test_it_says_what_the_phone_sent(self) -> None:
        """The chain sees only this: a field that is lost here is lost."""
        site = Site()
        site.ask(
            request(
                "User-Agent: Yealink SIP-T46S 66.86.0.15 00:15:65:4a:a9:37",
                'Authorization: Digest username="a"',
                line="GET /key//y000000000028.cfg?mac=00%3A15&empty=&mac=b HTTP/1.1",
            )
        )
        sighting = site.sighting
        self.assertEqual(sighting.protocol, "http")
        self.assertEqual(sighting.at, AT)
        self.assertEqual(sighting.ip, "10.0.0.7")
        self.assertEqual(sighting.base, "http://10.0.0.1:8667")
        self.assertEqual(sighting.path, "key/y000000000028.cfg")
        self.assertEqual(sighting.key, "")
        self.assertEqual(sighting.method, "GET")
        self.assertEqual(sighting.query, (("mac", "00:15"), ("empty", ""), ("mac", "b")))
        self.assertEqual(sighting.user_agent, "Yealink SIP-T46S 66.86.0.15 00:15:65:4a:a9:37")
        self.assertEqual(sighting.authorization, 'Digest username="a"')
        self.assertFalse(sighting.unknown_proxy)

    def test_a_user_agent_may_hold_any_byte(self) -> None:
        """Avaya 1200 phones send 0xff and control bytes; who decodes as ASCII never sees them."""
        for raw in (b"AVAYA/SIP12x0\xff/04.01.13.00", b"AVAYA/SIP12x0\x17/04.00.04.00"):
            site = Site()
            site.ask(b"GET / HTTP/1.1\r\nUser-Agent: " + raw + b"\r\n\r\n")
            self.assertEqual(site.sighting.user_agent, raw.decode("latin-1"))

    def test_addresses_are_in_their_normal_form(self) -> None:
        """A socket for both families gives mapped addresses, which no lease and no network of ours has."""
        for ip, at, base in (
            ("::ffff:10.0.0.7", "::ffff:10.0.0.1", "http://10.0.0.1:8667"),
            ("fd00::7", "fd00::1", "http://[fd00::1]:8667"),
        ):
            site = Site()
            site.ask(ip=ip, at=at)
            self.assertEqual(site.sighting.ip, ip.removeprefix("::ffff:"))
            self.assertEqual(site.sighting.base, base)

    def test_the_host_header_is_never_believed(self) -> None:
        """Whoever sends it could make a phone's file point to another server."""
        site = Site()
        site.ask(b"GET http://evil.example/a.cfg HTTP/1.1\r\nHost: evil.example\r\n\r\n")
        self.assertEqual((site.sighting.base, site.sighting.path), ("http://10.0.0.1:8667", "a.cfg"))

    def test_old_phones_speak_http_1_0_without_host(self) -> None:
        """They read until the connection is closed."""
        site = Site()
        phone = site.phone().send(b"GET /a.cfg HTTP/1.0\r\n\r\n")
        response = phone.response()
        self.assertEqual((response.status, response.body, response.version), (200, BODY, "HTTP/1.0"))
        self.assertEqual(response.headers["Connection"], "close")
        self.assertTrue(phone.closed)

    def test_a_trusted_proxy_names_the_phone(self) -> None:
        """Phones of a provider come through one; several lines are one list."""
        site = Site(trusted=("10.0.0.7",))
        site.ask(request("X-Forwarded-For: 203.0.113.9, 198.51.100.4", "X-Forwarded-For: 10.0.0.7"))
        self.assertEqual((site.sighting.ip, site.sighting.unknown_proxy), ("198.51.100.4", False))

    def test_any_other_proxy_is_told(self) -> None:
        """Else a reverse proxy that nobody told us of would make the whole world local."""
        for line in ("X-Forwarded-For: 10.0.0.9", "Forwarded: for=10.0.0.9", "x-forwarded-for:"):
            site = Site()
            site.ask(request(line))
            self.assertEqual((site.sighting.ip, site.sighting.unknown_proxy), ("10.0.0.7", True))


class MethodTests(SynchronousTestCase):
    def test_the_methods_of_phones_are_passed_on(self) -> None:
        """What a path means with a method is a plugin's to say."""
        for method in ("GET", "HEAD", "POST", "PUT"):
            site = Site()
            response = site.ask(
                request("Content-Length: 3", line=f"{method} /a.cfg HTTP/1.1") + b"abc", method
            )
            self.assertEqual((response.status, site.sighting.method), (200, method))

    def test_others_are_refused_in_words(self) -> None:
        """405 for methods that exist, 501 for what nobody knows (RFC 9110 section 9.1); case matters."""
        for method, status in (
            ("DELETE", 405),
            ("OPTIONS", 405),
            ("TRACE", 405),
            ("PATCH", 405),
            ("BREW", 501),
            ("get", 501),
            ("M" * 500, 501),
        ):
            site = Site()
            response = site.ask(request(line=f"{method} * HTTP/1.1"))
            self.assertEqual(response.status, status, method)
            self.assertEqual(response.headers["Allow"], "GET, HEAD, POST, PUT")
            self.assertIn(b"GET", response.body)
            self.assertEqual(site.provisioner.asked, [])

    def test_connect_is_refused_whatever_its_target(self) -> None:
        """A scanner looks for an open proxy."""
        self.assertEqual(Site().ask(request(line="CONNECT example.org:443 HTTP/1.1")).status, 405)


class AnswerTests(SynchronousTestCase):
    def answered(self, answer: Answer, sent: bytes = GET, method: str = "GET") -> Response:
        site = Site()
        site.provisioner.answer_with = answer
        return site.ask(sent, method)

    def test_a_file_comes_with_all_that_phones_look_at(self) -> None:
        """Some phones fetch again and again without Last-Modified, others refuse what has no length."""
        response = self.answered(served())
        self.assertEqual((response.status, response.body), (200, BODY))
        self.assertEqual(
            dict(response.headers.items()),
            {
                "Content-Type": "text/plain; charset=utf-8",
                "Content-Length": str(len(BODY)),
                "ETag": '"e7a9"',
                "Last-Modified": "Fri, 15 Jan 2027 07:00:00 GMT",
                "Accept-Ranges": "bytes",
                "Server": "provd",
                "Date": "Fri, 15 Jan 2027 08:00:00 GMT",
            },
        )

    def test_head_has_the_same_headers_and_no_body(self) -> None:
        """Phones ask HEAD to see whether a firmware is worth fetching."""
        head = self.answered(served(), request(line="HEAD /a.cfg HTTP/1.1"), "HEAD")
        self.assertEqual(head.headers.items(), self.answered(served()).headers.items())
        self.assertEqual(head.body, b"")

    def test_a_phone_that_has_the_file_gets_304(self) -> None:
        """Thousands poll once a day; a whole file each time would be the load of a boot storm."""
        for line in ('If-None-Match: "old", W/"e7a9"', "If-Modified-Since: Fri, 15 Jan 2027 07:00:00 GMT"):
            response = self.answered(served(), request(line))
            self.assertEqual((response.status, response.body), (304, b""))
            self.assertEqual(response.headers["ETag"], '"e7a9"')
            self.assertIsNone(response.headers["Content-Length"])

    def test_a_part_is_given_where_it_is_asked_for(self) -> None:
        """A download of a firmware that broke off goes on where it was."""
        response = self.answered(served(), request("Range: bytes=8-12", 'If-Range: "e7a9"'))
        self.assertEqual((response.status, response.body), (206, BODY[8:13]))
        self.assertEqual(response.headers["Content-Range"], f"bytes 8-12/{len(BODY)}")
        self.assertEqual(response.headers["Content-Length"], "5")
        response = self.answered(served(), request("Range: bytes=900-"))
        self.assertEqual((response.status, response.headers["Content-Range"]), (416, f"bytes */{len(BODY)}"))
        response = self.answered(served(), request("Range: bytes=0-1,4-5"))
        self.assertEqual((response.status, response.body), (200, BODY))

    def test_a_failed_precondition_is_412(self) -> None:
        """RFC 9110 section 13.1.1."""
        self.assertEqual(self.answered(served(), request('If-Match: "other"')).status, 412)

    def test_an_empty_file_is_a_file(self) -> None:
        """Some phones must be given an empty file, or they ask for it for ever."""
        response = self.answered(served(evolve(TEXT, body=b"", size=0)))
        self.assertEqual((response.status, response.body), (200, b""))

    def test_an_upload_that_was_taken_is_204(self) -> None:
        """There is nothing to say about it, and phones expect no body."""
        response = self.answered(Answer("noted", ()), request("Content-Length: 0", line="PUT /log HTTP/1.1"))
        self.assertEqual((response.status, response.body), (204, b""))
        self.assertIsNone(response.headers["Content-Length"])

    def test_nothing_is_always_the_same(self) -> None:
        """Who guesses names of files or keys must not learn which guess was nearer."""
        plain = self.answered(NOTHING)
        self.assertEqual((plain.status, plain.body), (404, b"not found\n"))
        site = Site()
        site.provisioner.answer_with = Answer("nothing", (), device="d1", retry_s=5, challenges=("x",))
        for sent in (
            request("User-Agent: Yealink", line="GET /secret/key.cfg?x=1 HTTP/1.1"),
            request("Range: bytes=0-", 'If-None-Match: "a"'),
            request("Content-Length: 1", line="PUT /a HTTP/1.1") + b"x",
        ):
            self.assertEqual(same(site.ask(sent)), same(plain))

    def test_a_file_that_vanished_from_disk_is_nothing_too(self) -> None:
        """The same bytes as for what never was there."""
        gone = File("fw.rom", "application/octet-stream", "e", 10, AT, place="/nowhere/fw.rom")
        self.assertEqual(same(self.answered(served(gone))), same(self.answered(NOTHING)))

    def test_busy_says_when_to_come_again(self) -> None:
        """Phones that are told nothing come again at once, all of them."""
        response = self.answered(Answer("busy", (), retry_s=30))
        self.assertEqual((response.status, response.headers["Retry-After"]), (503, "30"))
        self.assertEqual(self.answered(Answer("busy", ())).headers["Retry-After"], "1")

    def test_bad_and_challenge(self) -> None:
        """A phone with a password is asked for it."""
        self.assertEqual(self.answered(Answer("bad", ())).status, 400)
        response = self.answered(Answer("challenge", (), challenges=('Digest realm="a"', 'Digest realm="b"')))
        self.assertEqual(response.status, 401)
        self.assertEqual(
            response.headers.get_all("WWW-Authenticate"), ['Digest realm="a"', 'Digest realm="b"']
        )

    def test_head_never_gets_a_body(self) -> None:
        """The next reply on the connection would be read from the middle."""
        for answer in (
            NOTHING,
            Answer("busy", ()),
            Answer("bad", ()),
            Answer("challenge", (), challenges=("B",)),
        ):
            response = self.answered(answer, request(line="HEAD /x HTTP/1.1"), "HEAD")
            self.assertNotEqual(response.headers["Content-Length"], "0")

    def test_a_bug_is_a_bare_500_and_a_traceback_in_the_log(self) -> None:
        """The phone's owner cannot help, the administrator can; others are served on."""
        site = Site()
        phone = site.phone()
        site.provisioner.answer_with = ZeroDivisionError("in a plugin")
        response = phone.send(GET).response()
        self.assertEqual((response.status, response.body), (500, b"internal error\n"))
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)
        site.provisioner.answer_with = served()
        self.assertEqual([r.status for r in phone.send(GET).responses()], [500, 200])

    def test_a_provisioner_that_raises_is_a_bug_too(self) -> None:
        """It promised not to."""

        def raises(_: Any) -> Answer:
            raise KeyError("x")

        site = Site()
        site.provisioner.answer_with = raises
        self.assertEqual(site.ask().status, 500)
        self.flushLoggedErrors(KeyError)

    def test_a_reply_that_cannot_be_written_is_a_bug(self) -> None:
        """A media type that is no text must not leave the phone waiting."""
        self.assertEqual(self.answered(served(evolve(TEXT, media_type="\udcff"))).status, 500)
        self.flushLoggedErrors(UnicodeEncodeError)

    def test_a_header_value_cannot_begin_another_header(self) -> None:
        """A plugin's mistake must not become somebody's Set-Cookie."""
        response = self.answered(served(evolve(TEXT, media_type="text/plain\r\nSet-Cookie: a=b")))
        self.assertIsNone(response.headers["Set-Cookie"])


class ConnectionTests(SynchronousTestCase):
    def test_one_connection_serves_many_requests(self) -> None:
        """Phones fetch five files in a row."""
        site = Site()
        phone = site.phone()
        for count in range(1, 4):
            self.assertEqual(len(phone.send(GET).responses()), count)
        self.assertFalse(phone.closed)

    def test_connection_close_is_kept(self) -> None:
        """Most phones ask so."""
        phone = Site().phone().send(request("Connection: close"))
        self.assertEqual(phone.response().headers["Connection"], "close")
        self.assertTrue(phone.closed)

    def test_a_request_may_come_byte_by_byte(self) -> None:
        """TCP has no messages."""
        phone = Site().phone()
        for byte in request("Content-Length: 2", line="POST /a HTTP/1.1") + b"xy":
            phone.send(bytes([byte]))
        self.assertEqual(phone.response().status, 200)

    def test_an_answer_that_takes_time_is_waited_for(self) -> None:
        """A new phone's device is durable before it gets its file; the reply comes then."""
        site = Site()
        waiting: Deferred[Answer] = Deferred()
        site.provisioner.answer_with = waiting
        phone = site.phone().send(GET)
        self.assertEqual(phone.sent, b"")
        waiting.callback(served())
        self.assertEqual(phone.response().status, 200)

    def test_a_phone_that_left_meanwhile_gets_nothing(self) -> None:
        """A boot storm has many of them; none may leave a traceback."""
        site = Site()
        for answer in (served(), evolve(served(), file=evolve(TEXT, body=None, place=__file__))):
            waiting: Deferred[Answer] = Deferred()
            site.provisioner.answer_with = waiting
            phone = site.phone().send(GET)
            phone.hang_up()
            waiting.callback(answer)
            self.assertEqual(phone.sent, b"")
        site.provisioner.answer_with = Deferred()
        phone = site.phone().send(GET)
        phone.hang_up()
        site.provisioner.answer_with.errback(ZeroDivisionError())
        self.assertEqual(phone.sent, b"")
        self.flushLoggedErrors(ZeroDivisionError)

    def test_who_closes_one_direction_still_gets_the_answer(self) -> None:
        """`printf | nc -N` and some phones close their side after the request."""
        site = Site()
        waiting: Deferred[Answer] = Deferred()
        site.provisioner.answer_with = waiting
        phone = site.phone().send(GET)
        phone.finish_asking()
        self.assertFalse(phone.closed)
        waiting.callback(served())
        self.assertEqual(phone.settle().response().body, BODY)
        self.assertTrue(phone.closed)

    def test_who_closes_without_asking_is_let_go(self) -> None:
        """Half open connections would fill the table."""
        for sent in (b"", b"GET /"):
            phone = Site().phone().send(sent)
            phone.finish_asking()
            self.assertEqual((phone.sent, phone.closed), (b"", True))

    def test_no_timer_is_left_when_all_are_gone(self) -> None:
        """The one sweep rests while nobody is connected."""
        site = Site()
        phones = [site.phone().send(GET) for _ in range(3)]
        for phone in phones:
            phone.hang_up()
        self.assertEqual(site.clock.getDelayedCalls(), [])


class FinishTests(SynchronousTestCase):
    def test_quiet_phones_are_let_go_at_once(self) -> None:
        """A stop must not wait for keep-alive connections."""
        site = Site()
        phones = [site.phone().send(sent) for sent in (GET, b"", b"GET / HT", b"refused\r\n")]
        finished = site.factory.finish(10)
        phones[0].settle()
        self.successResultOf(finished)
        self.assertTrue(all(phone.closed for phone in phones))
        self.assertEqual(site.clock.getDelayedCalls(), [])

    def test_an_answer_under_way_is_waited_for(self) -> None:
        """A restart of the server must not cut a firmware in two."""
        site = Site()
        waiting: Deferred[Answer] = Deferred()
        site.provisioner.answer_with = waiting
        phone = site.phone().send(GET)
        finished = site.factory.finish(10)
        self.assertNoResult(finished)
        waiting.callback(served())
        response = phone.settle().response()
        self.assertEqual((response.status, response.headers["Connection"]), (200, "close"))
        self.successResultOf(finished)

    def test_it_is_bounded(self) -> None:
        """One slow phone must not keep the service from stopping."""
        site = Site()
        site.provisioner.answer_with = Deferred()
        phone = site.phone().send(GET)
        finished = site.factory.finish(10)
        site.clock.advance(10)
        phone.settle()
        self.successResultOf(finished)
        self.assertTrue(phone.wire.aborted)

    def test_an_answer_that_comes_while_it_is_cut_off_is_dropped(self) -> None:
        """The abort is done on the next turn of the reactor, and the answer may be in this one."""
        site = Site()
        waiting: Deferred[Answer] = Deferred()
        site.provisioner.answer_with = waiting
        phone = site.phone().send(GET)
        finished = site.factory.finish(10)
        phone.channel.abort()
        waiting.callback(served())
        phone.settle()
        self.successResultOf(finished)

    def test_without_phones_it_is_done(self) -> None:
        """And who comes now is told to come again."""
        site = Site()
        self.successResultOf(site.factory.finish(10))
        self.assertEqual(site.phone().settle().response().status, 503)
        self.assertEqual(site.clock.getDelayedCalls(), [])


class LogTests(SynchronousTestCase):
    def setUp(self) -> None:
        logs = capturedLogs()
        self.events = logs.__enter__()
        self.addCleanup(logs.__exit__, None, None, None)

    def warnings(self) -> list[tuple[str, str]]:
        return [(event["ip"], event["why"]) for event in self.events if "why" in event]

    def test_a_request_that_is_served_leaves_no_line(self) -> None:
        """An access log costs a third of a request, and nobody reads it; timelines do better."""
        site = Site()
        phone = site.phone().send(GET)
        site.provisioner.answer_with = NOTHING
        phone.send(GET)
        phone.wire.lost(ConnectionDone())
        self.assertEqual(self.events, [])

    def test_what_is_refused_is_one_line_a_minute_and_source(self) -> None:
        """A scanner sends a thousand a second; the log must stay readable, and small."""
        site = Site()
        for ip in ("10.0.0.7", "10.0.0.8", "10.0.0.7"):
            site.ask(b"nonsense\r\n", ip=ip)
            site.ask(request(line="BREW /pot HTTP/1.1"), ip=ip)
        self.assertEqual(
            self.warnings(),
            [(ip, "not a well-formed HTTP/1.1 request (RFC 9112)") for ip in ("10.0.0.7", "10.0.0.8")],
        )
        site.clock.advance(60)
        site.ask(request(line="BREW /pot HTTP/1.1"))
        self.assertEqual(self.warnings()[2:], [("10.0.0.7", "method BREW")])

    def test_a_flood_from_many_sources_is_bounded_too(self) -> None:
        """IPv6 gives everyone 2^64 addresses."""
        site = Site()
        for number in range(1100):
            site.ask(b"nonsense\r\n", ip=f"2001:db8::{number:x}")
        self.assertEqual(len(self.warnings()), 1000)

    def test_a_path_is_never_in_it(self) -> None:
        """It may hold a provisioning key."""
        site = Site()
        site.ask(request(line=f"GET /SECRETKEY/{'x' * 2000} HTTP/1.1"))
        site.ask(request(line="GET /SECRETKEY/a b HTTP/1.1"), ip="10.0.0.8")
        site.ask(request(line="GET /SECRETKEY/%00 HTTP/1.1"), ip="10.0.0.9")
        self.assertEqual(len(self.warnings()), 3)
        self.assertNotIn("SECRETKEY", str(self.events))
