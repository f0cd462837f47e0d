"""What is printed: nothing secret, nothing that moves a terminal's cursor, and a hint where nothing came."""

import json

from attrs import evolve
from twisted.trial.unittest import SynchronousTestCase

from provserver.phone import show
from provserver.phone.values import Account, Booted, Display, Exchange, Fetch, Fetched, Key, Memory, Report
from tests.phone.scripted import T46S

URL = "http://127.0.0.1:8667/s3cret-key/a.cfg"
ALICE = Account(1, True, "Alice", "", "u1001", "192.0.2.10:5060", "udp", password_set=True)
SHOWN = Display((ALICE,))
MEMORY = Memory(settings={"account.1.password": "pw-one"})

ANSWERS = (
    (Fetched(200, body=bytes(12345)), "200 ok                         12,345"),
    (Fetched(404), "404 not found                       0"),
    (Fetched(304), "304 not modified                    0"),
    (Fetched(503, {"retry-after": "5"}), "503 busy: again in 5 s              0"),
    (Fetched(599), "599                                 0"),
    (Fetched(0, problem="closed without an answer"), "- closed without an answer          0"),
    (Fetched(200, problem="cut off"), "200 cut off                         0"),
    (Fetched(404, said="error 1 file not found"), "error 1 file not found              0"),
    (Fetched(200, body=b"abc", said="received"), "received                            3"),
    (Fetched(0, problem="error 0 \x1b[2J"), "- error 0 \ufffd[2J                      0"),
)

HINTS = (
    ((404, 404), (), "The server has nothing for this phone."),
    ((404, 200, 404, 200), (), "The server has nothing for this phone."),
    ((200,), (), "The server has nothing for this phone."),
    ((404, 200), ("a.cfg: not UTF-8",), "What came was not a configuration that this phone can read."),
    ((404, 503), (), "The server is busy"),
    ((404, 500), (), "The server failed"),
    ((404, 0), ("a.cfg: closed without an answer",), "The server failed"),
)


def report(provisioned: bool, display: Display, *statuses: int, problems: tuple[str, ...] = ()) -> Report:
    exchanges = tuple(Exchange(Fetch("a.cfg", URL), Fetched(status), 0.002) for status in statuses)
    return Report(T46S, exchanges, Booted(provisioned, display, problems, MEMORY))


def screen(whole: Report) -> str:
    return "\n".join(show.screen(whole, "Yealink SIP-T46S 'x'"))


class ShowTests(SynchronousTestCase):
    def test_answers_in_words(self) -> None:
        """Status, what it means, bytes: in columns that do not move from row to row."""
        for fetched, text in ANSWERS:
            with self.subTest(fetched=fetched):
                row = show.row(3, Exchange(Fetch("a.cfg", URL), fetched, 0.00214))
                self.assertEqual(row, f"  3  a.cfg                       {text}       2.1")

    def test_no_secret_is_shown(self) -> None:
        """Neither the key of the URL nor a password: not as text, not as JSON, not in a repr."""
        whole = report(True, SHOWN, 200)
        shown = [
            *show.screen(whole, "agent"),
            *show.summary([whole], 0.1),
            show.as_json(whole),
            repr(whole),
        ]
        self.assertIn("Alice", str(shown))
        for secret in ("pw-one", "s3cret-key"):
            self.assertNotIn(secret, str(shown))

    def test_control_characters_do_not_reach_the_terminal(self) -> None:
        """A server could otherwise clear the screen, or write over what was shown before."""
        hostile = "\x1b[2J\r\n\x07"
        display = Display(
            (evolve(ALICE, label=hostile, server=hostile),),
            (Key("line key 1", "BLF", hostile, hostile, 1),),
            language=hostile,
            time_zone=hostile,
        )
        shown = screen(report(True, display, 200, problems=(hostile,))) + show.row(
            1, Exchange(Fetch(hostile, URL), Fetched(200), 0.0)
        )
        for character in "\x1b\r\x07":
            self.assertNotIn(character, shown)

    def test_an_empty_display(self) -> None:
        """A phone without account says so, and what was never set is the vendor's choice."""
        shown = screen(report(True, Display(), 200))
        self.assertIn("no account", shown)
        self.assertIn("language   factory default", shown)
        self.assertIn("time zone  factory default", shown)

    def test_where_nothing_came_it_says_what_to_do(self) -> None:
        """By what the server answered; where it has nothing, provd can say why."""
        for statuses, problems, text in HINTS:
            with self.subTest(statuses=statuses):
                shown = screen(report(False, Display(), *statuses, problems=problems))
                self.assertIn(f"Not provisioned.\n{text}", shown)
                self.assertNotIn("factory default", shown)

    def test_the_command_that_asks_why_can_be_pasted(self) -> None:
        """It is quoted for a shell, and names the path, the address and the User-Agent."""
        shown = screen(report(False, Display(), 404))
        self.assertIn("-d ip=127.0.0.1 -d path=a.cfg", shown)
        self.assertIn("--data-urlencode 'user_agent=Yealink SIP-T46S '\"'\"'x'\"'\"''", shown)

    def test_a_phone_of_a_call_manager_shows_it(self) -> None:
        """Its accounts come from there, and are not missing."""
        shown = screen(report(True, Display(call_managers=("192.0.2.20:2000", "h\x1b:1")), 200))
        self.assertIn(
            "  call managers  192.0.2.20:2000, h\ufffd:1\n  (accounts and keys come from there)\n", shown
        )

    def test_an_event_has_its_time(self) -> None:
        """Since the beginning; what a server says cannot move the cursor."""
        self.assertEqual(show.event(1.5, "NOTIFY \x1b"), "   1.50 s  NOTIFY \ufffd")

    def test_the_heading_stands_over_the_rows(self) -> None:
        """Title, what happens, then columns."""
        self.assertEqual(
            list(show.title(T46S, "Yealink", "boots from http://h")),
            ["Yealink T46S  00:15:65:4a:a9:37  firmware 66.86.0.15", "boots from http://h"],
        )
        self.assertTrue(show.heading().startswith("     file     "))

    def test_an_old_account_is_shown_though_nothing_came(self) -> None:
        """A phone that restarts without its server keeps what it had."""
        self.assertIn("Alice", screen(report(False, SHOWN, 404)))

    def test_many_problems_are_counted(self) -> None:
        """A hostile file can hold a hundred thousand of them."""
        problems = tuple(f"p{number}." for number in range(1025))
        shown = screen(report(True, Display(), 200, problems=problems))
        self.assertIn("p19.", shown)
        self.assertNotIn("p20.", shown)
        self.assertIn("and 1,005 more", shown)

    def test_json_is_one_line_with_everything(self) -> None:
        """Other programs read it: load tests, and the tests of later issues."""
        text = show.as_json(report(True, SHOWN, 200))
        self.assertNotIn("\n", text)
        shown = json.loads(text)
        self.assertEqual(shown["phone"]["mac"], "00:15:65:4a:a9:37")
        self.assertEqual((shown["provisioned"], shown["problems"]), (True, []))
        self.assertEqual(shown["display"]["accounts"][0]["password_set"], True)
        self.assertEqual(
            shown["requests"],
            [{"file": "a.cfg", "status": 200, "bytes": 0, "seconds": 0.002, "after_s": 0.0, "problem": ""}],
        )

    def test_many_phones_have_a_line_each(self) -> None:
        """With the reason of those that got nothing, and a sum."""
        reports = [
            report(True, SHOWN, 404, 200),
            report(False, Display(), 404),
            Report(evolve(T46S, source="127.0.0.5"), (), None, "cannot reach it"),
        ]
        self.assertEqual(
            list(show.summary(reports, 0.5)),
            [
                "  phone              from       files  bytes   ms  result",
                "  00:15:65:4a:a9:37  -              2      0  4.0  provisioned: Alice",
                "  00:15:65:4a:a9:37  -              1      0  2.0  not provisioned",
                "  00:15:65:4a:a9:37  127.0.0.5      0      0  0.0  cannot reach it",
                "",
                "1 of 3 provisioned: 3 requests, 0 bytes in 0.50 s",
            ],
        )
        problem = json.loads(show.as_json(reports[2]))
        self.assertEqual((problem["display"], problem["problems"]), (None, ["cannot reach it"]))
