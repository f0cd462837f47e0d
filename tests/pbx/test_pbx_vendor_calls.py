"""Vendors' own ways: what their URLs mean, and a Telnet session line by line."""

from twisted.trial.unittest import SynchronousTestCase

from provserver.errors import Invalid, NotResynced
from provserver.model import Call
from provserver.pbx.vendor_calls import (
    HOLD_S,
    STEP_S,
    Close,
    HttpCall,
    Telnet,
    TelnetCall,
    Write,
    authorization,
    read_call,
)

IP = "10.0.0.7"


class ReadCallTests(SynchronousTestCase):
    def test_http(self) -> None:
        """User and password leave the URL; `{ip}` is the phone's address."""
        call = Call("http://admin:a%40b@{ip}:8080/form?x=1", "POST", b"message=Reboot")
        self.assertEqual(
            read_call(call, IP),
            HttpCall(
                "POST", "http://10.0.0.7:8080/form?x=1", "/form?x=1", b"message=Reboot", ("admin", "a@b")
            ),
        )
        self.assertEqual(
            read_call(Call("https://{ip}"), "fd00::7"), HttpCall("GET", "https://[fd00::7]/", "/", b"")
        )

    def test_telnet(self) -> None:
        """One line of the body after another; empty ones are none."""
        self.assertEqual(
            read_call(Call("telnet://{ip}", body=b"000000\r\nreset soft\n\n"), IP),
            TelnetCall(IP, 23, (b"000000", b"reset soft")),
        )
        self.assertEqual(read_call(Call("telnet://10.0.0.7:2323"), IP), TelnetCall(IP, 2323, ()))

    def test_no_other_host_is_spoken_to(self) -> None:
        """A device's options must not make provd a browser of the inner network."""
        for url in (
            "http://10.0.0.8/",
            "http://example.org/",
            "http://{ip}@10.0.0.8/",
            "http://{ip}.example.org/",
            "ftp://{ip}/",
            "{ip}",
            "http://{ip}/a b",
            "http://{ip}/\r\nX: y",
            "http://{ip}/\u00e4",
        ):
            self.assertRaises(Invalid, read_call, Call(url), IP)

    def test_odd_ports_and_methods(self) -> None:
        """They would be exceptions in the middle of a resync."""
        for call in (Call("http://{ip}:x/"), Call("http://{ip}:99999/"), Call("http://{ip}/", "GET /\r\nX:")):
            self.assertRaises(Invalid, read_call, call, IP)

    def test_an_address_is_needed(self) -> None:
        """A phone that was never seen."""
        problem = self.assertRaises(NotResynced, read_call, Call("http://{ip}/"), "")
        self.assertEqual(problem.reason_id, "resync.no-target")

    def test_no_password_in_a_trace(self) -> None:
        """A repr ends up in logs."""
        self.assertNotIn("s3cret", repr(read_call(Call("http://admin:s3cret@{ip}/", body=b"s3cret"), IP)))
        self.assertNotIn("s3cret", repr(read_call(Call("telnet://{ip}/", body=b"s3cret"), IP)))


class AuthorizationTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.call = HttpCall("POST", "http://10.0.0.7/form", "/form", b"", ("Mufasa", "Circle Of Life"))

    def test_digest_before_basic(self) -> None:
        """Where a phone takes both."""
        said = authorization(self.call, ["Basic realm=x", 'Digest realm="x", nonce="n"'], "c")
        self.assertTrue(said.startswith('Digest username="Mufasa"'))
        self.assertIn('uri="/form"', said)

    def test_basic(self) -> None:
        """RFC 7617; also where the digest is of a kind that nobody has."""
        for challenges in (["basic realm=x"], ['Digest realm="x", nonce="n", algorithm=X', "Basic realm=x"]):
            self.assertEqual(authorization(self.call, challenges, "c"), "Basic TXVmYXNhOkNpcmNsZSBPZiBMaWZl")

    def test_what_cannot_be_answered(self) -> None:
        """Neither a password nor a way."""
        for call, challenges in (
            (HttpCall("GET", "http://10.0.0.7/", "/", b""), ["Basic realm=x"]),
            (self.call, ["Bearer"]),
            (self.call, []),
        ):
            problem = self.assertRaises(NotResynced, authorization, call, challenges, "c")
            self.assertEqual(problem.reason_id, "resync.refused-login")


class TelnetTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.telnet = Telnet((b"000000", b"reset soft"), now=0.0)

    def test_a_session(self) -> None:
        """A prompt that is not followed by more, then the line; held for a while after the last."""
        self.assertEqual(self.telnet.fed(b"Welcome\r\n", 0.1), ())
        self.assertEqual(self.telnet.fed(b"Password ?", 0.4), ())
        self.assertEqual(self.telnet.woken(0.7), ())
        self.assertEqual(self.telnet.woken(0.9), (Write(b"000000\r\n"),))
        self.assertEqual(self.telnet.fed(b"Login accepted\r\n", 1.0), ())
        self.assertEqual(self.telnet.woken(1.5), (Write(b"reset soft\r\n"),))
        self.assertEqual(self.telnet.fed(b"bye", 2.0), ())
        self.assertEqual(self.telnet.woken(1.5 + HOLD_S - 0.1), ())
        self.assertEqual(self.telnet.closed(), "")
        self.assertEqual(self.telnet.woken(1.5 + HOLD_S), (Close(),))

    def test_no_prompt(self) -> None:
        """A phone that hangs, at the start or after a line."""
        self.assertEqual(self.telnet.woken(STEP_S), (Close(f"no prompt within {STEP_S:.0f} s"),))
        telnet = Telnet((b"a", b"b"), now=0.0)
        telnet.fed(b"?", 0.0)
        telnet.woken(0.5)
        self.assertEqual(telnet.fed(b"\r\n", 0.6), ())
        self.assertEqual(telnet.woken(0.5 + STEP_S), (Close(f"no prompt within {STEP_S:.0f} s"),))

    def test_it_closes_too_early(self) -> None:
        """A wrong password, most likely."""
        self.assertIn("2 lines", self.telnet.closed())

    def test_options_are_declined(self) -> None:
        """RFC 854: DO gets WONT, WILL gets DONT, and neither is a prompt; pieces are put together."""
        self.assertEqual(
            self.telnet.fed(b"\xff\xfd\x01\xff\xfb\x03", 0.1), (Write(b"\xff\xfc\x01\xff\xfe\x03"),)
        )
        self.assertEqual(self.telnet.fed(b"\xff", 0.2), ())
        self.assertEqual(self.telnet.fed(b"\xfb", 0.2), ())
        self.assertEqual(self.telnet.fed(b"\x05\xff\xfe\x07\xff\xf9", 0.2), (Write(b"\xff\xfe\x05"),))
        self.assertEqual(self.telnet.fed(b"\xff\xfa\x18\x01\xff", 0.3), ())
        self.assertEqual(self.telnet.fed(b"\xf0  ", 0.3), ())
        self.assertEqual(self.telnet.wake_at, STEP_S)

    def test_bytes_that_mean_something_are_doubled(self) -> None:
        """A password with 0xff."""
        telnet = Telnet((b"a\xffb",), now=0.0)
        telnet.fed(b"?", 0.0)
        self.assertEqual(telnet.woken(0.5), (Write(b"a\xff\xffb\r\n"),))

    def test_a_phone_that_talks_without_end(self) -> None:
        """It is bounded, also where a Telnet command never ends."""
        for data in (b"x" * 65_537, b"\xff\xfa" + b"x" * 65_537):
            (close,) = Telnet((b"a",), now=0.0).fed(data, 0.1)
            self.assertIsInstance(close, Close)
