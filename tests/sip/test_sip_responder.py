"""The responder's decisions: whom to ask, whom to answer, what to repeat, what to forget."""

from twisted.trial.unittest import SynchronousTestCase

from provserver.errors import Invalid
from provserver.model import Answer
from provserver.sip.responder import Ask, Responder, Send
from provserver.sip.ua_profile import Subscribe
from tests.sip.pnp_fakes import GIVEN, URL, url_file
from tests.sip.sip_messages import OURS, SOURCE, answer_to, subscribe

SILENT = (
    Answer("nothing", ()),
    Answer("noted", (), "d1"),
    Answer("busy", (), retry_s=30),
    Answer("file", (), "d1", url_file(body=None)),
    Answer("file", (), "d1", url_file(media_type="text/plain")),
)


class ResponderTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.responder = Responder(OURS, most=2)

    def asked(self, data: bytes, source: tuple[str, int] = SOURCE) -> Subscribe:
        (ask,) = self.responder.heard(data, source)
        assert isinstance(ask, Ask)
        return ask.subscribe

    def told(self, now: float = 0.0, token: str = "t1", **headers: str) -> tuple[Send, Send]:
        """Answer a phone; return the 200 and the NOTIFY."""
        ok, notify = self.responder.answered(self.asked(subscribe(**headers)), GIVEN, now, token)
        return ok, notify

    def test_a_phone_gets_200_and_its_url(self) -> None:
        """In this order, at the address that it sent from."""
        ok, notify = self.told()
        self.assertEqual((ok.to, notify.to), (SOURCE, SOURCE))
        self.assertTrue(ok.data.startswith(b"SIP/2.0 200 OK\r\n"))
        self.assertTrue(notify.data.startswith(b"NOTIFY sip:192.168.7.31:5060 SIP/2.0\r\n"))
        self.assertTrue(notify.data.endswith(b"\r\n\r\n" + URL))
        self.assertIn(b";branch=z9hG4bKt1;", notify.data)

    def test_a_phone_without_url_gets_no_answer(self) -> None:
        """Unknown vendors, refused and busy: another server may know the phone, and silence leaves it the choice."""
        for answer in SILENT:
            with self.subTest(answer=answer):
                self.assertEqual(self.responder.answered(self.asked(subscribe()), answer, 0.0, "t"), ())
        self.assertIsNone(self.responder.wake_at)

    def test_a_repeated_question_is_asked_once(self) -> None:
        """Phones repeat for some 5 s: while the chain decides they wait, then they get the same 200 again."""
        asking = self.asked(subscribe())
        self.assertEqual(self.responder.heard(subscribe(), SOURCE), ())
        ok, _ = self.responder.answered(asking, GIVEN, 0.0, "t1")
        self.assertEqual(self.responder.heard(subscribe(), SOURCE), (ok,))

    def test_a_new_question_is_asked_anew(self) -> None:
        """A phone that restarts has a new Call-ID."""
        self.told()
        self.told(token="t2", Call_ID="other")

    def test_notify_is_repeated_until_the_phone_says_200(self) -> None:
        """One lost packet must not cost a phone its configuration."""
        _, notify = self.told(now=10.0)
        self.assertEqual(self.responder.wake_at, 10.5)
        self.assertEqual(self.responder.woken(10.5), (notify,))
        self.assertEqual(self.responder.heard(answer_to(notify.data), SOURCE), ())
        self.assertEqual(self.responder.wake_at, 42.0)
        self.assertEqual(self.responder.woken(12.0), ())

    def test_only_the_phones_own_answer_counts(self) -> None:
        """Another address, another branch or another method says nothing about this NOTIFY."""
        _, notify = self.told()
        right = answer_to(notify.data)
        strangers = (
            (right, ("192.168.7.66", 5060)),
            (right.replace(b"z9hG4bKt1", b"z9hG4bKt2"), SOURCE),
            (right.replace(b";branch=z9hG4bKt1", b""), SOURCE),
            (right.replace(b"1 NOTIFY", b"1 SUBSCRIBE"), SOURCE),
        )
        for data, source in strangers:
            self.assertEqual(self.responder.heard(data, source), ())
        self.assertEqual(self.responder.woken(0.5), (notify,))
        self.responder.heard(right, (SOURCE[0], 1024))
        self.assertEqual(self.responder.woken(1.5), ())

    def test_after_32_seconds_all_is_forgotten(self) -> None:
        """A phone that never answers costs nothing afterwards, and may ask again."""
        _, notify = self.told()
        repeated = 0
        while (wake_at := self.responder.wake_at) is not None:
            repeated += len(self.responder.woken(wake_at))
        self.assertEqual((repeated, wake_at), (10, None))
        self.assertEqual(self.responder.heard(answer_to(notify.data), SOURCE), ())
        self.told(now=40.0)

    def test_there_is_room_for_so_many(self) -> None:
        """A flood of forged phones costs a bounded memory; others are silent until there is room."""
        self.told(Call_ID="1")
        self.asked(subscribe(Call_ID="2"))
        self.assertEqual(self.responder.heard(subscribe(Call_ID="3"), SOURCE), ())
        self.responder.woken(32.0)
        self.asked(subscribe(Call_ID="3"))

    def test_what_is_of_no_use_is_told_apart(self) -> None:
        """Keepalives and the requests of others are normal; what is broken is refused."""
        for data in (b"\r\n\r\n", subscribe(Event="presence")):
            self.assertEqual(self.responder.heard(data, SOURCE), ())
        too_long = subscribe(X="x" * 4_000)
        for data in (b"nonsense", subscribe(Contact=""), subscribe()[:-4], too_long):
            self.assertRaises(Invalid, self.responder.heard, data, SOURCE)
