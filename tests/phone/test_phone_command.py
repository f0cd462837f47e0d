"""The whole command: in this process against a server on loopback, and as its users start it."""

import contextlib
import io
import json
import subprocess
import sys

from twisted.trial.unittest import SynchronousTestCase, TestCase

from provserver.phone.command import main, run
from provserver.phone.options import make_parser, read_order
from tests.phone.loopback import CLOCK, closed_port, serve
from tests.phone.scripted import config

FILES = {
    "0015654aa937.cfg": config("account.1.enable = 1", "account.1.label = Alice"),
    "0015654aa938.cfg": config("account.1.enable = 1", "account.1.label = Bob"),
}


class RunTests(TestCase):
    def setUp(self) -> None:
        self.said: list[str] = []
        self.complained: list[str] = []

    async def boot(self, server: str, *options: str) -> bool:
        """Run `boot`; return whether all got what they asked for."""
        arguments = ["boot", "yealink", "T46S", "--mac", "00:15:65:4a:a9:37", "--server", server, *options]
        order = read_order(make_parser().parse_args(arguments))
        return await run(CLOCK, order, self.said.append, self.complained.append)

    async def test_a_boot_is_shown_as_it_goes(self) -> None:
        """Title, a row for each request, the display."""
        server, files = serve(self, FILES)
        self.assertTrue(await self.boot(server, "--source", "127.0.0.5"))
        self.assertIn("Yealink T46S  00:15:65:4a:a9:37  firmware 66.86.0.15  from 127.0.0.5", self.said[0])
        self.assertEqual(len(self.said), 1 + 4 + 1)
        self.assertIn("404 not found", self.said[1])
        self.assertIn("200 ok", self.said[4])
        self.assertIn("Alice", self.said[5])
        self.assertEqual({ip for ip, _, _ in files.asked}, {"127.0.0.5"})

    async def test_again_is_answered_by_304(self) -> None:
        """The second boot costs no file, and shows the same."""
        server, _ = serve(self, FILES)
        self.assertTrue(await self.boot(server, "--again"))
        self.assertIn("304 not modified", self.said[-2])
        self.assertIn("Alice", self.said[-1])

    async def test_a_phone_without_configuration_is_a_failure(self) -> None:
        """So that a script notices."""
        server, _ = serve(self, {})
        self.assertFalse(await self.boot(server))
        self.assertIn("Not provisioned.", self.said[-1])

    async def test_nobody_there_is_one_line(self) -> None:
        """Nothing else is printed, on either output."""
        server = await closed_port()
        self.assertFalse(await self.boot(server))
        self.assertEqual(self.said, [])
        self.assertEqual(
            self.complained,
            [f"provd-phone: cannot reach {server[:-1]}: connection refused. Is provd running? try: make run"],
        )

    async def test_many_phones_boot_together(self) -> None:
        """Each with its own mac and address; it is a success only if all got their configuration."""
        server, files = serve(self, FILES)
        self.assertTrue(await self.boot(server, "--count", "2", "--source", "127.0.0.5"))
        self.assertIn("2 of 2 provisioned: 8 requests", self.said[0])
        self.assertEqual({ip for ip, _, _ in files.asked}, {"127.0.0.5", "127.0.0.6"})
        self.assertFalse(await self.boot(server, "--count", "3"))
        self.assertIn("2 of 3 provisioned: 12 requests", self.said[1])

    async def test_many_phones_remember_too(self) -> None:
        """A second storm asks whether anything has changed."""
        server, _ = serve(self, FILES)
        self.assertTrue(await self.boot(server, "--count", "2", "--again", "--json"))
        first, second = ([json.loads(line) for line in text.splitlines()] for text in self.said)
        for reports, status in ((first, 200), (second, 304)):
            self.assertEqual([each["requests"][-1]["status"] for each in reports], [status, status])

    async def test_json_of_a_phone_that_reaches_nobody(self) -> None:
        """The reason is in the object, twice where the phone was to boot twice."""
        self.assertFalse(await self.boot(await closed_port(), "--json", "--again"))
        self.assertEqual(len(self.said), 2)
        self.assertIn("connection refused", json.loads(self.said[1])["problems"][0])


def command(*arguments: str) -> tuple[int, str, str]:
    """Start the command as a user does; return its status, output and errors."""
    done = subprocess.run(
        [sys.executable, "-m", "provserver.phone.command", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


class CommandTests(SynchronousTestCase):
    def test_help_is_good_reading(self) -> None:
        """Each help has an example that can be typed."""
        for arguments in (["--help"], ["boot", "--help"]):
            with self.subTest(arguments=arguments):
                status, out, _ = command(*arguments)
                self.assertEqual(status, 0)
                self.assertIn("  provd-phone boot yealink T46S --mac 00:15:65:4a:a9:37\n", out)

    def test_exit_statuses(self) -> None:
        """Through the reactor and back: 2 for bad usage, 1 where nobody is there (port 1 is never provd)."""
        boot = ("boot", "yealink", "T46S", "--mac", "00:15:65:4a:a9:37")
        status, out, error = command(*boot, "--server", "http://127.0.0.1:1")
        self.assertEqual((status, out, error.count("\n")), (1, "", 1))
        status, _, error = command("boot", "yealink", "T99X", "--mac", "00:15:65:4a:a9:37")
        self.assertEqual(status, 2)
        self.assertIn("provd-phone: error: no Yealink T99X", error)

    def test_the_list_can_be_read(self) -> None:
        """Vendor, model, firmware: what `boot` wants to be told."""
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            main(["list"])
            main(["list", "yealink"])
        self.assertEqual(out.getvalue().count("  yealink  T46S   66.86.0.15\n"), 2)

    def test_more_phones_than_there_are_macs_are_bad_usage(self) -> None:
        """What argparse cannot see is told as argparse would."""
        error = io.StringIO()
        with contextlib.redirect_stderr(error):
            arguments = ["boot", "yealink", "T46S", "--mac", "ff:ff:ff:ff:ff:ff", "--count", "2"]
            problem = self.assertRaises(SystemExit, main, arguments)
        self.assertEqual(problem.code, 2)
        self.assertIn("2 phones from ff:ff:ff:ff:ff:ff on", error.getvalue())
