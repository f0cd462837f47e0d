"""SIP messages: what phones send is read, what is hostile is refused, what is written is read again."""

import time

from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from provserver.errors import Invalid
from provserver.sip.message import (
    Request,
    Response,
    has_tag,
    listed,
    message_bytes,
    read_message,
    response,
)
from tests.sip.sip_messages import SOURCE, SUBSCRIBE, packet, subscribe

# RFC 4475 section 3.1.1.1, shortened to what headers can do: names in any case, compact, folded, blanks.
TORTURE = (
    b"INVITE sip:vivekg@chair-dnrc.example.com;unknownparam SIP/2.0\r\n"
    b"TO :\r\n"
    b" sip:vivekg@chair-dnrc.example.com ;   tag    = 1918181833n\r\n"
    b'from   : "J Rosenberg \\\\\\""       <sip:jdrosen@example.com>\r\n'
    b"  ;\r\n"
    b"  tag = 98asjd8\r\n"
    b"MaX-fOrWaRdS: 0068\r\n"
    b"i: wsinv.ndaksdj@192.0.2.1\r\n"
    b"cseq: 0009\r\n"
    b"  INVITE\r\n"
    b"V  : SIP  /   2.0\r\n"
    b" /UDP\r\n"
    b"    192.0.2.2;branch=390skdjuw\r\n"
    b"s :\r\n"
    b"NewFangledHeader:   newfangled value\r\n"
    b" continued newfangled value\r\n"
    b"v:  SIP  / 2.0  / TCP     spindle.example.com   ;\r\n"
    b"  branch  =   z9hG4bK9ikj8\r\n"
    b'm:"Quoted string \\"\\"" <sip:jdrosen@example.com> ; newparam =\r\n'
    b"      newvalue ;\r\n"
    b"  secondparam ; q = 0.33\r\n"
    b"l: 3\r\n"
    b"\r\n"
    b"abcdef"
)

HEADERS = dict(SUBSCRIBE, **{"Content-Length": ""})


def changed(**values: str) -> bytes:
    return subscribe(**values)


# bytes -> what must stand in the error
REFUSED = {
    b"": "without an end of its headers",
    b"\r\n\r\n": "without an end",
    b"\r\n" * 1000: "without an end",
    b"x" * 65_536: "65536 bytes, the most is 65535",
    subscribe()[:-2]: "without an end",
    b"GET / HTTP/1.1\r\n\r\n": "not SIP/2.0: 'GET / HTTP/1.1'",
    b"SUBSCRIBE sip:a SIP/3.0\r\n\r\n": "not SIP/2.0",
    b"SUBSCRIBE  sip:a SIP/2.0\r\n\r\n": "not SIP/2.0",
    b"SUBSCRIBE sip:a\tb SIP/2.0\r\n\r\n": "not SIP/2.0",
    b"SIP/2.0 999 What\r\n\r\n": "not SIP/2.0",
    b"SIP/2.0 20 OK\r\n\r\n": "not SIP/2.0",
    b"SUBSCRIBE sip:a SIP/2.0\r\n folded: 1\r\n\r\n": "a first header that goes on",
    b"SUBSCRIBE sip:a SIP/2.0\r\nno colon\r\n\r\n": "a broken header: 'no colon'",
    b"SUBSCRIBE sip:a SIP/2.0\r\n: no name\r\n\r\n": "a broken header",
    b"SUBSCRIBE sip:a SIP/2.0\r\nX: a\x00b\r\n\r\n": "a broken header",
    b"SUBSCRIBE sip:a SIP/2.0\r\nX: a\nY: b\r\n\r\n": "a broken header",
    b"SUBSCRIBE sip:a SIP/2.0\r\nX: a\rY: b\r\n\r\n": "a broken header",
    b"SUBSCRIBE sip:a SIP/2.0\r\n" + b"X: y\r\n" * 201 + b"\r\n": "201 headers, the most is 200",
    b"SUBSCRIBE sip:a SIP/2.0\r\nX:" + b"y" * 9000 + b"\r\n\r\n": "9002 characters, the most is 8192",
    changed(Content_Length="-1"): "Content-Length '-1', expected one number",
    changed(Content_Length="9" * 5000): "expected one number",
    changed(Content_Length="0\r\nl: 1"): "expected one number",
    changed(Content_Length="1"): "a body of 0 bytes, Content-Length says 1",
    changed(From=""): "0 headers From, expected one",
    changed(To=""): "0 headers To, expected one",
    changed(Call_ID=""): "0 headers Call-ID, expected one",
    changed(CSeq=""): "0 headers CSeq, expected one",
    changed(From="<sip:a@b>\r\nf: <sip:c@d>"): "2 headers From, expected one",
    changed(To=" "): "1 headers To, expected one with a value",
    changed(Via=""): "no header Via",
    changed(CSeq="one SUBSCRIBE"): "CSeq 'one SUBSCRIBE', expected a number and a method",
    changed(CSeq="2147483648 SUBSCRIBE"): "expected a number and a method",
    changed(CSeq="1"): "expected a number and a method",
    changed(CSeq="1 NOTIFY"): "CSeq is of NOTIFY, the request is SUBSCRIBE",
}

UNWRITABLE = (
    Request("NOTIFY", "sip:a b", headers=()),
    Request("NOTIFY", "sip:a\r\nX: y", headers=()),
    Request("NOT IFY", "sip:a", headers=()),
    Request("NOTIFY", "sip:a", headers=(("Event", "a\r\nX: y"),)),
    Request("NOTIFY", "sip:a", headers=(("Event", "a\0"),)),
    Request("NOTIFY", "sip:a", headers=(("E vent", "a"),)),
    Response(200, "O\r\nK", headers=()),
    Response(42, "OK", headers=()),
)

# Text that a careless pattern would read again and again.
SLOW = (
    b"X:" + b" " * 8000 + b"\x01",
    b"Contact: " + b"<" * 8000,
    b'Contact: "' + b'\\"' * 4000,
    b"Contact: " + b'"' * 8001,
    b"Contact: " + b" " * 8000 + b"x",
    b"Contact: " + b";" * 8000,
    b"Contact: sip:" + b"a:" * 4000,
)


def read_request(data: bytes) -> Request:
    message = read_message(data)
    assert isinstance(message, Request)
    return message


class ReadTests(SynchronousTestCase):
    def test_a_subscription_is_read(self) -> None:
        """The everyday case: what a phone says stands in the headers, whatever case they are asked for in."""
        message = read_request(subscribe())
        self.assertEqual((message.method, message.uri), ("SUBSCRIBE", "sip:MAC%3a00ACED000001@224.0.1.75"))
        self.assertEqual(message.first("call-id"), "1930770594@192.168.7.31")
        self.assertEqual((message.first("Nothing"), message.all("Nothing")), ("", ()))
        self.assertEqual((message.cseq, message.body), ((1, "SUBSCRIBE"), b""))

    def test_compact_folded_and_odd_headers_are_read(self) -> None:
        """RFC 4475's torture test: old phones write compact names, and anybody may fold."""
        message = read_request(TORTURE)
        self.assertEqual(message.first("Call-ID"), "wsinv.ndaksdj@192.0.2.1")
        self.assertEqual(
            message.first("From"), '"J Rosenberg \\\\\\""       <sip:jdrosen@example.com> ; tag = 98asjd8'
        )
        self.assertEqual(message.first("Subject"), "")
        self.assertEqual(message.first("newfangledheader"), "newfangled value continued newfangled value")
        self.assertEqual(message.cseq, (9, "INVITE"))
        self.assertEqual(len(message.all("Via")), 2)
        self.assertIn("192.0.2.2", message.first("Via"))
        self.assertEqual(message.body, b"abc")

    def test_repeated_headers_keep_their_order(self) -> None:
        """A response must go back through the proxies in the order of their Vias."""
        message = read_request(
            subscribe(Via="SIP/2.0/UDP a;branch=1\r\nv: SIP/2.0/UDP b\r\nVia: SIP/2.0/UDP c")
        )
        self.assertEqual([via[12] for via in message.all("VIA")], ["a", "b", "c"])

    def test_a_response_is_read(self) -> None:
        """Phones answer our NOTIFY; a reason may be anything, or missing."""
        for reason in ("OK", "", "Schön", "Call/Transaction Does Not Exist"):
            with self.subTest(reason=reason):
                message = read_message(packet(f"SIP/2.0 481 {reason}", HEADERS))
                assert isinstance(message, Response)
                self.assertEqual((message.status, message.reason), (481, reason))

    def test_empty_lines_before_a_message_are_skipped(self) -> None:
        """Phones keep their NAT open with them (RFC 3261 section 7.5)."""
        self.assertEqual(read_message(b"\r\n\r\n" + subscribe()), read_message(subscribe()))

    def test_without_a_length_the_body_is_the_rest(self) -> None:
        """Over UDP Content-Length may be left out (RFC 3261 section 18.3)."""
        body = packet("MESSAGE sip:a SIP/2.0", dict(HEADERS, CSeq="1 MESSAGE"), b"a\r\n\r\nb")
        self.assertEqual(read_message(body).body, b"a\r\n\r\nb")

    def test_odd_bytes_come_back_as_they_were(self) -> None:
        """Some phones send ISO-8859-1 names: From and To must be copied byte by byte."""
        name = b'"Andr\xe9" <sip:a@b>;tag=1'.decode("utf-8", "surrogateescape")
        message = read_request(subscribe(From=name))
        self.assertIn(b'From: "Andr\xe9" <sip:a@b>', message_bytes(response(message, 200, "OK", "t")))

    def test_what_is_no_message_is_refused(self) -> None:
        """With one error, and a text that names what is wrong: a datagram comes from anybody."""
        for data, text in REFUSED.items():
            with self.subTest(data=data[:60]):
                self.assertIn(text, str(self.assertRaises(Invalid, read_message, data)))

    def test_every_truncation_is_refused_or_read(self) -> None:
        """A datagram may end anywhere."""
        for end in range(len(subscribe())):
            self.assertRaises(Invalid, read_message, subscribe()[:end])

    def test_no_text_is_read_again_and_again(self) -> None:
        """One packet may not hold up the reactor: a pattern gone wrong would take seconds."""
        for line in SLOW:
            data = packet("SUBSCRIBE sip:a SIP/2.0", HEADERS)[:-2] + (line + b"\r\n") * 7 + b"\r\n"
            began = time.process_time()
            try:
                message = read_message(data)
                listed(message.all("Contact"))
                [has_tag(each) for each in message.all("Contact")]
            except Invalid:
                pass
            self.assertLess(time.process_time() - began, 0.1, line[:30])

    @settings(derandomize=True, max_examples=300)
    @given(st.binary(max_size=300), st.integers(0, 400))
    def test_no_bytes_surprise_the_parser(self, noise: bytes, at: int) -> None:
        """Whatever comes is read or refused, and what is read can be answered."""
        for data in (noise, subscribe()[:at] + noise + subscribe()[at:]):
            try:
                message = read_message(data)
            except Invalid:
                continue
            if isinstance(message, Request):
                message_bytes(response(message, 200, "OK", "t", source=SOURCE))


class WriteTests(SynchronousTestCase):
    def test_what_is_written_is_read_again(self) -> None:
        """Both ways give the same message; the length is that of the body, whatever was said."""
        for data in (subscribe(), TORTURE, packet("SIP/2.0 200 OK", HEADERS, b"\0\r\n\r\n")):
            with self.subTest(data=data[:40]):
                message = read_message(data)
                again = read_message(message_bytes(message))
                self.assertEqual(again.body, message.body)
                self.assertEqual(again.first("Content-Length"), str(len(message.body)))
                self.assertEqual(
                    again.headers[:-1], tuple(pair for pair in message.headers if pair[0] != "Content-Length")
                )

    def test_a_value_cannot_bring_a_header_of_its_own(self) -> None:
        """Whoever chooses a display name or a URL must not choose what we say."""
        for message in UNWRITABLE:
            with self.subTest(message=message):
                self.assertRaises(Invalid, message_bytes, message)


class ResponseTests(SynchronousTestCase):
    def test_it_copies_what_must_be_copied(self) -> None:
        """RFC 3261 section 8.2.6: all Vias, From, To with our tag, Call-ID, CSeq; and nothing else."""
        request = read_request(subscribe(Via="SIP/2.0/UDP a;branch=1\r\nVia: SIP/2.0/UDP b"))
        made = response(request, 489, "Bad Event", "t1", (("Allow-Events", "ua-profile"),))
        self.assertEqual(
            made.headers,
            (
                ("Via", "SIP/2.0/UDP a;branch=1"),
                ("Via", "SIP/2.0/UDP b"),
                ("From", SUBSCRIBE["From"]),
                ("To", f"{SUBSCRIBE['To']};tag=t1"),
                ("Call-ID", SUBSCRIBE["Call-ID"]),
                ("CSeq", "1 SUBSCRIBE"),
                ("Allow-Events", "ua-profile"),
            ),
        )
        self.assertEqual((made.status, made.reason, made.body), (489, "Bad Event", b""))

    def test_a_tag_is_kept(self) -> None:
        """Within a dialog To has its tag already; what only looks like one is none."""
        for to, kept in {
            "<sip:a@b>;tag=2": True,
            "<sip:a@b> ; TAG = 2": True,
            '";tag=x" <sip:a@b;tag=y>': False,
            "<sip:a@b>;stage=1": False,
            '"\\";tag=x" <sip:a@b>': False,
        }.items():
            with self.subTest(to=to):
                request = evolve(read_request(subscribe()), headers=(("To", to), ("Via", "v")))
                self.assertEqual(response(request, 200, "OK", "t").first("To"), to if kept else f"{to};tag=t")

    def test_a_sender_that_asks_is_told_its_port(self) -> None:
        """RFC 3581: behind a NAT a phone learns from it where it is seen."""
        for via, told in {
            "SIP/2.0/UDP a;branch=1;rport": "SIP/2.0/UDP a;branch=1;rport=5060;received=192.168.7.31",
            "SIP/2.0/UDP a;rport;branch=1": "SIP/2.0/UDP a;rport=5060;received=192.168.7.31;branch=1",
            "SIP/2.0/UDP a;rport, SIP/2.0/UDP b;rport": (
                "SIP/2.0/UDP a;rport=5060;received=192.168.7.31, SIP/2.0/UDP b;rport"
            ),
            "SIP/2.0/UDP a;rport=7": "SIP/2.0/UDP a;rport=7",
            "SIP/2.0/UDP a": "SIP/2.0/UDP a",
        }.items():
            with self.subTest(via=via):
                made = response(read_request(subscribe(Via=via)), 200, "OK", "t", source=SOURCE)
                self.assertEqual(made.first("Via"), told)


class ListedTests(SynchronousTestCase):
    def test_a_list_may_be_one_line_or_several(self) -> None:
        """A REGISTER's answer lists all contacts; a comma in a name or a URI parts nothing."""
        self.assertEqual(
            listed(['"Doe, Jane" <sip:a@b;x=1,2>;q=1 , <sip:c@d>', " <sip:e@f>", "", ","]),
            ('"Doe, Jane" <sip:a@b;x=1,2>;q=1', "<sip:c@d>", "<sip:e@f>"),
        )

    def test_a_quote_without_end_takes_the_rest(self) -> None:
        """Better one odd element than two wrong ones."""
        self.assertEqual(listed(['a, "b, c', '"d\\']), ("a", '"b, c', '"d\\'))
