"""Yealink's files as a phone reads them."""

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from provserver.errors import Invalid
from provserver.phone.profiles.yealink.files import BootFile, Config, changed, read_boot_file, read_config
from tests.phone.scripted import config

# body -> what must stand in the error
NO_YEALINK_FILE = {
    b"": "the first line is ''",
    b"account.1.enable = 1\n": "the first line is 'account.1.enable = 1'",
    b"\n#!version:1.0.0.1\n": "the first line is ''",
    b"#!version:1.0.0.2\n": "expected '#!version:1.0.0.1'",
    b"#!version:1.0.0.1\nlang.gui = Fran\xe7ais\n": "not UTF-8 at byte 33",
    b"\xff\xfe#\x00!\x00": "not UTF-8 at byte 0",
    b"\xef\xbb\xbf#!version:1.0.0.1\n": "the first line is '\\ufeff#!version:1.0.0.1'",
    b"<html><body>404</body></html>": "the first line is '<html><body>404</body></html>'",
}


class ReadConfigTests(SynchronousTestCase):
    def test_lines_are_settings(self) -> None:
        """Blanks round a key and its value are not part of them; anything else is, `#` and `%` too."""
        read = read_config(config("a.1=x", "  b =  y z ", "", "# c = 1", "d = #1 100% ${x}", "e = f = g"))
        self.assertEqual(read, Config({"a.1": "x", "b": "y z", "d": "#1 100% ${x}", "e": "f = g"}, ""))

    def test_the_last_of_repeated_keys_wins(self) -> None:
        """Templates write `security.user_password` twice and rely on it."""
        self.assertEqual(read_config(config("a = 1", "a = 2")).values, {"a": "2"})

    def test_null_resets_and_empty_says_nothing(self) -> None:
        """The two are different: one takes an old account off the phone, the other leaves it there."""
        self.assertEqual(read_config(config("a = %NULL%", "b =")).values, {"a": None, "b": ""})

    def test_line_ends_of_other_systems_are_read(self) -> None:
        """An administrator may write a template on Windows."""
        self.assertEqual(read_config(b"#!version:1.0.0.1\r\na = 1\r\n").values, {"a": "1"})

    def test_lines_that_are_no_settings_are_counted_but_not_shown(self) -> None:
        """A line break in a password puts its second half on a line of its own: it must not reach a screen."""
        read = read_config(config("account.1.password = hun", "ter2", "two words = 1", "= 3"))
        self.assertEqual(read.values, {"account.1.password": "hun"})
        self.assertEqual(read.problem, "3 lines are not `key = value`, the first is line 3")

    def test_what_is_no_yealink_file_is_refused(self) -> None:
        """A phone takes nothing of a file without the fixed first line; the error says what it found."""
        for body, text in NO_YEALINK_FILE.items():
            with self.subTest(body=body):
                for read in (read_config, read_boot_file):
                    self.assertIn(text, str(self.assertRaises(Invalid, read, body)))

    @settings(derandomize=True, max_examples=200)
    @given(st.binary(max_size=200), st.booleans())
    def test_no_bytes_surprise_the_parsers(self, body: bytes, begin_well: bool) -> None:
        """A server may send anything: it is read or refused."""
        for read in (read_config, read_boot_file):
            try:
                read(config() + body if begin_well else body)
            except Invalid:
                pass


class ReadBootFileTests(SynchronousTestCase):
    def test_it_names_files_in_order(self) -> None:
        """Quotes and angle brackets round a name are Yealink's own style."""
        body = config(
            "include:config <one.cfg>", 'include:config "http://h/two.cfg"', "include:config three.cfg"
        )
        self.assertEqual(
            read_boot_file(body), BootFile(("one.cfg", "http://h/two.cfg", "three.cfg"), overwrite=False)
        )

    def test_overwrite_mode_is_off_unless_it_is_1(self) -> None:
        """It decides whether an empty value resets a setting."""
        for line, on in {
            "overwrite_mode = 1": True,
            "overwrite_mode=1": True,
            "overwrite_mode = 0": False,
        }.items():
            with self.subTest(line=line):
                self.assertEqual(read_boot_file(config(line, "include:config x")).overwrite, on)

    def test_none_and_too_many_files_are_refused(self) -> None:
        """A hostile boot file must not make a phone ask for ever."""
        for count in (0, 21, 10_000):
            with self.subTest(count=count):
                problem = self.assertRaises(Invalid, read_boot_file, config(*["include:config x"] * count))
                self.assertIn(f"{count} include:config lines", str(problem))


class ChangedTests(SynchronousTestCase):
    def test_a_phone_keeps_what_a_file_does_not_name(self) -> None:
        """That is why provd must reset explicitly what it no longer wants."""
        before = {"kept": "1", "reset": "2", "new": "3", "empty": "4"}
        read = read_config(config("reset = %NULL%", "new = 5", "empty =", "reset.unknown = %NULL%"))
        self.assertEqual(changed(before, read, overwrite=False), {"kept": "1", "new": "5", "empty": "4"})
        self.assertEqual(changed(before, read, overwrite=True), {"kept": "1", "new": "5"})
