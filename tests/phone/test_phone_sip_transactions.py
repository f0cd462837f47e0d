"""SIP over UDP between phone and PBX: what is repeated, what is answered again, and when it ends."""

from twisted.trial.unittest import SynchronousTestCase

from provserver.errors import Invalid
from provserver.phone.sip.messages import BRANCH, request, with_via
from provserver.phone.sip.transactions import GIVE_UP_S, RING_S, Do, Ended, Send, Transactions
from provserver.sip.message import Request, Response, read_message, response

PBX = ("192.0.2.20", 5060)


def asked(method: str = "REGISTER", branch: str = f"{BRANCH}1", cseq: int = 1) -> Request:
    made = request(method, "sip:192.0.2.20", "<sip:a@x>;tag=1", "<sip:a@x>", "call1", cseq)
    return with_via(made, "192.168.7.31:5060", branch)


class AskingTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.transactions = Transactions()

    def ask(self, made: Request) -> Send:
        return self.transactions.ask(f"{BRANCH}1", made, PBX, 0.0)

    def sent_at(self, until: float) -> list[float]:
        """Wake it when it wants to be woken; return when it sent."""
        times = []
        while (wake_at := self.transactions.wake_at) is not None and wake_at <= until:
            times += [wake_at for do in self.transactions.woken(wake_at) if isinstance(do, Send)]
        return times

    def test_a_request_is_repeated_until_it_is_given_up(self) -> None:
        """Pauses double to 4 s, of an INVITE without end; after 32 s nobody is there."""
        for method, expected in (
            ("REGISTER", [0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]),
            ("INVITE", [0.5, 1.5, 3.5, 7.5, 15.5, 31.5]),
        ):
            self.transactions = Transactions()
            self.ask(asked(method))
            self.assertEqual(self.sent_at(31.9), expected)
            self.assertEqual(self.transactions.woken(GIVE_UP_S), (Ended(f"{BRANCH}1", None),))
            self.assertIsNone(self.transactions.wake_at)

    def test_the_answer_ends_it(self) -> None:
        """And only once: a late copy of it finds nobody."""
        made = asked()
        self.ask(made)
        answer = response(made, 200, "OK", "t")
        self.assertEqual(self.transactions.heard(answer, 0.1), (Ended(f"{BRANCH}1", answer),))
        self.assertEqual(self.transactions.heard(answer, 0.2), ())
        self.assertIsNone(self.transactions.wake_at)

    def test_a_provisional_answer_makes_it_wait(self) -> None:
        """An INVITE is not sent again and may ring for two minutes; another request goes out every 4 s."""
        for method, expected in (("INVITE", []), ("REGISTER", [0.5, 4.5, 8.5])):
            self.transactions = Transactions()
            made = asked(method)
            self.ask(made)
            self.assertEqual(self.transactions.heard(response(made, 100, "Trying", "t"), 0.1), ())
            self.assertEqual(self.sent_at(10.0), expected)
        self.transactions = Transactions()
        made = asked("INVITE")
        self.ask(made)
        self.transactions.heard(response(made, 180, "Ringing", "t"), 1.0)
        self.assertEqual(self.transactions.wake_at, 1.0 + RING_S)

    def test_a_refused_call_is_acknowledged(self) -> None:
        """With the branch of the INVITE, and once more if the refusal comes once more (RFC 3261 section 17.1.1)."""
        made = asked("INVITE")
        self.ask(made)
        refusal = response(made, 486, "Busy Here", "theirs")
        ack, ended = self.transactions.heard(refusal, 0.1)
        assert isinstance(ack, Send)
        said = read_message(ack.data)
        assert isinstance(said, Request)
        self.assertEqual((said.method, said.cseq, ack.to), ("ACK", (1, "ACK"), PBX))
        self.assertEqual(said.first("Via"), made.first("Via"))
        self.assertEqual(said.first("To"), "<sip:a@x>;tag=theirs")
        self.assertEqual(ended, Ended(f"{BRANCH}1", refusal))
        self.assertEqual(self.transactions.heard(refusal, 5.0), (ack,))
        self.transactions.woken(0.1 + GIVE_UP_S)
        self.assertEqual(self.transactions.heard(refusal, 40.0), ())

    def test_an_accepted_call_is_acknowledged_by_who_made_it(self) -> None:
        """The 200 that comes again gets the same ACK, a 180 that comes late gets none."""
        made = asked("INVITE")
        self.ask(made)
        answer = response(made, 200, "OK", "theirs")
        self.assertEqual(self.transactions.heard(answer, 0.1), (Ended(f"{BRANCH}1", answer),))
        ack = self.transactions.acknowledge(asked("ACK", f"{BRANCH}2"), PBX, 0.1)
        self.assertEqual(self.transactions.heard(answer, 1.0), (ack,))
        self.assertEqual(self.transactions.heard(response(made, 180, "Ringing", "theirs"), 1.1), ())

    def test_answers_to_nothing_of_ours(self) -> None:
        """Another branch, none, another number, another method: they end nothing."""
        made = asked()
        self.ask(made)
        for stranger in (
            asked(branch=f"{BRANCH}2"),
            asked(branch=""),
            asked(cseq=2),
            asked("OPTIONS"),
        ):
            self.assertEqual(self.transactions.heard(response(stranger, 200, "OK", "t"), 0.1), ())
        self.assertIsNotNone(self.transactions.wake_at)

    def test_what_cannot_be_written_is_not_sent(self) -> None:
        """A line break in a value would be a header more."""
        bad = request("REGISTER", "sip:x", "a\r\nX: y", "<sip:a@x>", "c", 1)
        self.assertRaises(Invalid, self.ask, bad)
        self.assertIsNone(self.transactions.wake_at)


class AnsweringTests(SynchronousTestCase):
    def said(self, todo: tuple[Do, ...]) -> list[bytes]:
        return [do.data for do in todo if isinstance(do, Send)]

    def test_a_request_that_comes_again_gets_the_same_answer(self) -> None:
        """Another tag would be another call; after 32 s it is forgotten."""
        transactions = Transactions()
        made = asked("NOTIFY")
        self.assertIsNone(transactions.again(made, PBX))
        send = transactions.answer(made, Response(200, "OK", headers=made.headers), PBX, 0.0)
        self.assertEqual(transactions.again(made, PBX), send)
        self.assertIsNone(transactions.again(made, ("192.0.2.21", 5060)))
        self.assertIsNone(transactions.again(asked("NOTIFY", cseq=2), PBX))
        self.assertEqual(transactions.wake_at, GIVE_UP_S)
        self.assertEqual(transactions.woken(GIVE_UP_S), ())
        self.assertIsNone(transactions.again(made, PBX))

    def test_a_flood_is_not_remembered_whole(self) -> None:
        """The oldest answer goes."""
        transactions = Transactions()
        for number in range(1, 1_002):
            made = asked("NOTIFY", cseq=number)
            transactions.answer(made, Response(200, "OK", headers=made.headers), PBX, 0.0)
        self.assertIsNone(transactions.again(asked("NOTIFY", cseq=1), PBX))
        self.assertIsNotNone(transactions.again(asked("NOTIFY", cseq=2), PBX))

    def test_an_odd_via_is_a_key_too(self) -> None:
        """What came must be answered, whatever stands behind the address."""
        made = Request(
            "NOTIFY", "sip:a@x", headers=(("Via", 'SIP/2.0/UDP x;="'), *asked("NOTIFY").headers[1:])
        )
        transactions = Transactions()
        send = transactions.answer(made, Response(200, "OK", headers=made.headers), PBX, 0.0)
        self.assertEqual(transactions.again(made, PBX), send)
