"""FastAGI's words: environments, answers, and what comes between them."""

from twisted.trial.unittest import SynchronousTestCase

from provserver.errors import Invalid
from provserver.pbx.agi_protocol import AgiReader, Answer, Environment, command, evaluate, set_variable
from tests.pbx.agi_asterisk import CLAIM


def reader_after_environment() -> AgiReader:
    reader = AgiReader()
    reader.fed(b"agi_network: yes\n\n")
    return reader


class EnvironmentTests(SynchronousTestCase):
    def test_the_claim_of_a_real_asterisk(self) -> None:
        """Names, values that hold blanks and colons, an empty one, and `unknown`."""
        (read,) = AgiReader().fed(CLAIM.encode())
        assert isinstance(read, Environment)
        self.assertEqual(len(read.values), 23)
        self.assertEqual(read.get("callerid"), "ap0017")
        self.assertEqual(read.get("calleridname"), "Waiting 4F7K2Q")
        self.assertEqual(read.get("request"), "agi://192.0.2.10/provision")
        self.assertEqual((read.get("accountcode"), read.get("rdnis"), read.get("no_such")), ("", "", ""))
        self.assertEqual((read.argument(1), read.argument(2)), ("123456", ""))

    def test_it_comes_in_pieces(self) -> None:
        """TCP cuts where it likes."""
        for size in (1, 2, 7, 100):
            reader = AgiReader()
            found: list[object] = []
            data = CLAIM.encode()
            for at in range(0, len(data), size):
                found += reader.fed(data[at : at + size])
            self.assertEqual(len(found), 1)

    def test_a_display_name_of_odd_bytes(self) -> None:
        """Asterisk replaces bad bytes; whoever does not is no reason to fail."""
        (read,) = AgiReader().fed(b"agi_calleridname: B\xfcro\n\n")
        assert isinstance(read, Environment)
        self.assertEqual(read.get("calleridname"), "B�ro")

    def test_bad_input(self) -> None:
        """Whatever else connects is told nothing, and costs no memory."""
        for what, data in (
            ("HTTP", b"GET / HTTP/1.1\r\n"),
            ("no colon", b"agi_network yes\n"),
            ("a line without end", b"agi_network: " + bytes(9_000)),
            ("a long line", b"agi_network: " + b"x" * 9_000 + b"\n"),
            ("lines without end", b"".join(b"agi_%d: 1\n" % number for number in range(500))),
        ):
            with self.subTest(what):
                self.assertRaises(Invalid, AgiReader().fed, data)


class AnswerTests(SynchronousTestCase):
    def test_each_form(self) -> None:
        """The forms of pbx-facts sections 3.1 and 3.3: the text goes from the first ` (` to the last `)`."""
        for line, answer, value in (
            ("200 result=1", Answer(200, "1"), ""),
            ("200 result=0", Answer(200, "0"), ""),
            ("200 result=1 ()", Answer(200, "1"), ""),
            ('200 result=1 (ok (1), "x")', Answer(200, "1", 'ok (1), "x"'), 'ok (1), "x"'),
            (
                r"200 result=1 (\"Anna\" <sip:a@b>)",
                Answer(200, "1", r"\"Anna\" <sip:a@b>"),
                r"\"Anna\" <sip:a@b>",
            ),
            ("200 result=0 (timeout) endpos=0", Answer(200, "0", "timeout"), ""),
            ("200 result=-1 endpos=0", Answer(200, "-1"), ""),
            ("510 Invalid or unknown command", Answer(510), ""),
            ("511 Command Not Permitted on a dead channel or intercept routine", Answer(511), ""),
            ("520 Invalid command syntax.  Proper usage not available.", Answer(520), ""),
        ):
            with self.subTest(line):
                self.assertEqual(reader_after_environment().fed(f"{line}\n".encode()), (answer,))
                self.assertEqual(answer.value, value)

    def test_a_usage_of_many_lines_is_one_answer(self) -> None:
        """What stands in it is no answer, and no HANGUP."""
        reader = reader_after_environment()
        lines = b"520-Invalid command syntax.  Proper usage follows:\n Usage: GET\n200 result=1\nHANGUP\n"
        self.assertEqual(reader.fed(lines), ())
        self.assertEqual(reader.fed(b"520 End of proper usage.\n"), (Answer(520),))
        self.assertFalse(reader.hung_up)

    def test_a_hangup_is_skipped_wherever_it_comes(self) -> None:
        """Before an answer, after it, twice, and with a carriage return."""
        reader = reader_after_environment()
        self.assertEqual(reader.fed(b"HANGUP\n200 result=1\nHANGUP\r\n"), (Answer(200, "1"),))
        self.assertTrue(reader.hung_up)

    def test_bad_input(self) -> None:
        """After what is no answer nothing can be understood."""
        for line in ("", "ok", "200result=1", "result=1", "20 result=1", "HANGUP now"):
            with self.subTest(line):
                self.assertRaises(Invalid, reader_after_environment().fed, f"{line}\n".encode())
        endless = b"520-Usage\n" + b"x\n" * 500
        self.assertRaises(Invalid, reader_after_environment().fed, endless)


class CommandTests(SynchronousTestCase):
    def test_what_is_asked(self) -> None:
        """As in the transcript of pbx-facts section 3.2."""
        self.assertEqual(
            evaluate("CHANNEL(pjsip,target_uri)"), b'GET FULL VARIABLE "${CHANNEL(pjsip,target_uri)}"\n'
        )
        self.assertEqual(set_variable("PROVD_OUTCOME", "ok"), b'SET VARIABLE PROVD_OUTCOME "ok"\n')

    def test_quotes_and_backslashes_are_escaped(self) -> None:
        """Otherwise a value could hold a second argument."""
        self.assertEqual(set_variable("A", 'a "b" \\'), b'SET VARIABLE A "a \\"b\\" \\\\"\n')

    def test_nothing_becomes_a_second_command(self) -> None:
        """A line break is one, and Asterisk cuts what is too long."""
        for value in ("a\nEXEC System", "a\rb", "a\0b", "x" * 2_048):
            self.assertRaises(Invalid, command, "SET", "VARIABLE", "A", value)
