"""SIP PnP on the phone's side, against the responder and against strangers."""

from twisted.trial.unittest import SynchronousTestCase

from provserver.phone.pnp_message import Heard, Search, shown
from provserver.sip.message import Request, read_message
from tests.phone.pnp_told import GROUP, PHONE, told
from tests.phone.scripted import T46S


class SearchTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.search = Search(T46S, "Yealink", GROUP, "tok1", PHONE)

    def test_it_asks_as_phones_do(self) -> None:
        """MAC in the user part, vendor, model and firmware in the Event header."""
        message = read_message(self.search.subscribe)
        assert isinstance(message, Request)
        self.assertEqual(message.uri, "sip:MAC%3a0015654AA937@224.0.1.75")
        self.assertEqual(
            message.first("Event"),
            'ua-profile;profile-type="device";vendor="Yealink";model="T46S";version="66.86.0.15"',
        )
        self.assertEqual(message.first("From"), "<sip:MAC%3a0015654AA937@224.0.1.75>;tag=tok1")
        self.assertEqual(message.first("Contact"), "<sip:192.168.7.31:40001>")

    def test_200_and_notify_give_the_url(self) -> None:
        """provd's own responder answers; the phone says 200 to the NOTIFY."""
        ok, notify = told(self.search, b"http://192.0.2.10:8667/\r\n")
        self.assertEqual(self.search.heard(ok), Heard("200 OK"))
        self.assertIsNone(self.search.url)
        heard = self.search.heard(notify)
        assert heard and heard.answer
        self.assertEqual(heard.text, "NOTIFY http://192.0.2.10:8667")
        self.assertEqual(self.search.url, "http://192.0.2.10:8667/")
        self.assertTrue(heard.answer.startswith(b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.168.7.2:5060;"))

    def test_a_repeated_notify_is_answered_again(self) -> None:
        """The first 200 was lost; the first URL stays."""
        _, notify = told(self.search, b"http://192.0.2.10:8667/")
        _, other = told(self.search, b"http://192.0.2.66/")
        self.search.heard(notify)
        heard = self.search.heard(other)
        assert heard and heard.answer
        self.assertEqual(heard.text, "NOTIFY once more")
        self.assertEqual(self.search.url, "http://192.0.2.10:8667/")

    def test_a_folder_ends_in_a_slash(self) -> None:
        """Names of files are added to it."""
        self.search.heard(told(self.search, b"tftp://192.0.2.10/x")[1])
        self.assertEqual(self.search.url, "tftp://192.0.2.10/x/")

    def test_what_is_no_url_is_told_and_waited_on(self) -> None:
        """Another server may know better."""
        for body, text in {
            b"": "of no use: not an http:// or tftp:// URL",
            b"https://h/": "of no use",
            b"http://anna:s3cret@h/": "of no use",
            b"\xff": "of no use",
        }.items():
            with self.subTest(body=body):
                heard = self.search.heard(told(self.search, body)[1])
                assert heard and heard.answer
                self.assertIn(f"NOTIFY {text}", heard.text)
                self.assertNotIn("s3cret", heard.text)
                self.assertIsNone(self.search.url)

    def test_a_body_of_another_kind_is_none(self) -> None:
        """Only a URL is what it looks for."""
        notify = told(self.search, b"http://h/")[1].replace(b"application/url", b"text/plain")
        heard = self.search.heard(notify)
        assert heard
        self.assertEqual((heard.text, self.search.url), ("NOTIFY without application/url", None))

    def test_a_refusal_is_shown(self) -> None:
        """A server that answers at all says why."""
        refused = told(self.search, b"x")[0].replace(b"200 OK", b"489 Bad Event")
        self.assertEqual(self.search.heard(refused), Heard("489 Bad Event"))

    def test_strangers_are_not_heard(self) -> None:
        """Nonsense, other dialogs, other requests."""
        ok, notify = told(self.search, b"http://192.0.2.66/")
        for data in (
            b"nonsense",
            ok.replace(b"tok1@", b"tok2@"),
            notify.replace(b"tok1@", b"tok2@"),
            notify.replace(b"NOTIFY", b"OPTIONS"),
            notify.replace(b"Max-Forwards: 1", b"X: " + b"x" * 4_000),
        ):
            with self.subTest(data=data[:20]):
                self.assertIsNone(self.search.heard(data))
        self.assertIsNone(self.search.url)

    def test_a_path_may_be_a_key(self) -> None:
        """It is used, but not shown."""
        heard = self.search.heard(told(self.search, b"http://192.0.2.10:8667/K3y")[1])
        assert heard
        self.assertEqual(heard.text, "NOTIFY http://192.0.2.10:8667/…/")
        self.assertEqual(shown("http://h/"), "http://h")
