"""provd-phone how: what to do with a real phone, out of its vendor's README.md."""

import contextlib
import io
import subprocess
import sys

from twisted.trial.unittest import SynchronousTestCase

from provserver.errors import Invalid
from provserver.phone import how
from provserver.phone.command import main
from provserver.phone.how import Subject, blocks, filled, plain, section, subjects, told
from provserver.phone.profiles import PROFILES
from tests.phone.folders import free_path

TEXT = "`http://SERVER:8667/` or `https://SERVER/KEY/`, `SERVER:8667/`, `SERVER/KEY/`, name SERVER; MYSERVER, KEYS"


class SubjectsTests(SynchronousTestCase):
    def test_a_phone_is_named_in_several_ways(self) -> None:
        """As people do: its model, in any case, with its vendor or without."""
        for words, expected in (
            ((None, "T46S"), [("yealink", "Yealink T46S")]),
            ((None, "t46s"), [("yealink", "Yealink T46S")]),
            (("Yealink", "T46s"), [("yealink", "Yealink T46S")]),
            ((None, "snom"), [("snom", "Snom")]),
            ((None, "cisco-sip"), [("cisco-sip", "Cisco")]),
            (("cisco_sip", "8945"), [("cisco-sip", "Cisco 8945")]),
            ((None, "D785"), [("snom", "Snom D785")]),
        ):
            self.assertEqual([(each.folder, each.name) for each in subjects(*words)], expected, words)

    def test_who_is_not_known_is_told_what_is(self) -> None:
        """The nearest name, most often it is a typing error."""
        for words, text in (
            ((None, "T46"), "no phone 'T46'; did you mean T4"),
            ((None, "Nothing"), "no phone 'Nothing'; `provd-phone list` shows all"),
            (("nobody", "T46S"), "no vendor 'nobody'; there are cisco_sccp, "),
            (("snom", "T46S"), "no phone 'T46S'"),
        ):
            self.assertIn(text, str(self.assertRaises(Invalid, subjects, *words)), words)

    def test_every_phone_that_can_be_played_is_told(self) -> None:
        """With server and key no placeholder is left."""
        for name, profile in PROFILES.items():
            for model in profile.models:
                (subject,) = subjects(name, model)
                text = told(subject, "https://provd.example.org", "K3y")
                self.assertTrue(
                    text.startswith(f"{profile.vendor} {model}: onto https://provd.example.org\n\n1. Reset")
                )
                self.assertNotRegex(text, r"\bSERVER\b|\bKEY\b|[`]")


class TextTests(SynchronousTestCase):
    def test_server_and_key_stand_where_they_belong(self) -> None:
        """So that a URL can be copied as it is; a path of the server's stays before the key."""
        for server, key, expected in (
            ("", "", TEXT),
            (
                "http://192.0.2.1:8667",
                "K",
                "`http://192.0.2.1:8667/` or `http://192.0.2.1:8667/K/`, `192.0.2.1:8667/`, `192.0.2.1:8667/K/`, "
                "name 192.0.2.1; MYSERVER, KEYS",
            ),
            (
                "https://p.example/x",
                "a/b",
                "`https://p.example/x/` or `https://p.example/x/a%2Fb/`, `p.example/x/`, `p.example/x/a%2Fb/`, "
                "name p.example; MYSERVER, KEYS",
            ),
            ("", "K", TEXT.replace("/KEY/", "/K/")),
            (
                "http://[2001:db8::1]:80",
                "",
                TEXT.replace("https://SERVER", "http://[2001:db8::1]:80")
                .replace("SERVER:8667", "[2001:db8::1]:80")
                .replace("`SERVER/", "`[2001:db8::1]:80/")
                .replace("name SERVER", "name 2001:db8::1"),
            ),
        ):
            self.assertEqual(filled(TEXT, server, key), expected)

    def test_markdown_reads_as_text(self) -> None:
        """What stands in backticks is to be typed, asterisks too."""
        self.assertEqual(plain("*Reset* it: **hold** `*` and `#`"), "Reset it: hold * and #")

    def test_lines_are_broken_anew(self) -> None:
        """A URL is longer than its placeholder; none is cut."""
        url = "http://" + "x" * 200
        self.assertEqual(list(blocks(f"1. a\n   b\n2. {url}\n\nc\nd")), ["1. a b", f"2.\n   {url}", "c d"])

    def test_only_its_section_is_taken(self) -> None:
        """To the next heading, or the end."""
        self.assertEqual(section("# X\n## A phone onto this server\n\n1. a\n\n## Other\nb"), "1. a")
        self.assertEqual(section("## A phone onto this server\n1. a\n"), "1. a")
        self.assertEqual(section("# X\n"), "")


class CommandTests(SynchronousTestCase):
    def printed(self, *arguments: str) -> str:
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            main(["how", *arguments])
        return said.getvalue()

    def test_it_prints_what_is_to_be_done(self) -> None:
        """And says what the placeholders are, for as long as there are any."""
        text = self.printed("T46S")
        self.assertIn("http://SERVER:8667/", text)
        self.assertIn("KEY: the provisioning key", text)
        text = self.printed("yealink", "T46S", "--server", "http://192.0.2.1:8667/", "--key", "K3y")
        self.assertIn("http://192.0.2.1:8667/K3y/", text)
        self.assertNotIn("provisioning key of", text)

    def test_what_is_wrong_is_said(self) -> None:
        """On the error output, with status 2."""
        for arguments, text in (
            (("nope",), "no phone 'nope'"),
            (("T46S", "--server", "ftp://x"), "expected a URL like http://192.0.2.1:8667"),
            (("T46S", "--server", "http://"), "expected a URL"),
            (("T46S", "--server", "http://x/?y"), "expected a URL"),
            ((), "MODEL"),
        ):
            said = io.StringIO()
            with contextlib.redirect_stderr(said), self.assertRaises(SystemExit) as end:
                main(["how", *arguments])
            self.assertEqual(end.exception.code, 2)
            self.assertIn(text, said.getvalue())

    def test_a_folder_that_says_nothing_is_told(self) -> None:
        """An administrator's own vendor may have no README.md."""
        folder = free_path(self)
        (folder / "empty").mkdir(parents=True)
        (folder / "empty" / "README.md").write_text("# Empty\n")
        self.patch(how, "_vendors", lambda: folder)
        for name in ("empty", "none"):
            self.assertRaises(Invalid, told, Subject(name, "X"), "", "")

    def test_it_needs_no_vendor_folder_to_be_run(self) -> None:
        """It reads text: a folder's code may be broken."""
        code = "import sys; from provserver.phone.command import main; main(['how', 'T46S']); print(*sys.modules)"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        self.assertNotIn("provserver.vendors", done.stdout.splitlines()[-1])
