"""`make demo` where something is wrong, with a stand-in for the server. How it plays, the end-to-end tests show."""

import signal
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from twisted.trial.unittest import SynchronousTestCase

from provserver.phone import demo, office
from provserver.phone.office import DemoFailed, Office

DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"


class DemoTests(SynchronousTestCase):
    def play(self, behaviour: str) -> None:
        with TemporaryDirectory() as folder:
            stand_in = [sys.executable, "-m", "tests.phone.fake_provd", behaviour]
            demo.demo(stand_in, Path(folder), self.said.append, ["asterisk"])

    def setUp(self) -> None:
        self.said: list[str] = []

    def test_a_server_that_does_not_start_shows_its_log(self) -> None:
        """What is wrong stands there; the demo itself knows nothing of it."""
        problem = self.assertRaises(DemoFailed, self.play, "dies")
        self.assertIn(
            "provd stopped at once; the end of the log of provd:\nphones.url: 'nonsense'", str(problem)
        )

    def test_a_program_that_takes_too_long_is_ended(self) -> None:
        """The wait is bounded, and nothing is left running."""
        self.patch(office, "START_S", 0.0)
        problem = self.assertRaises(DemoFailed, self.play, "speechless")
        self.assertIn("pbx did not start within 0 s", str(problem))

    def test_an_unexpected_answer_is_an_error_with_the_log(self) -> None:
        """And no traceback."""
        problem = self.assertRaises(DemoFailed, self.play, "speechless")
        self.assertIn("HTTP Error 501", str(problem))
        self.assertIn("; the end of the log of provd:", str(problem))

    def test_it_starts_the_twistd_beside_this_python(self) -> None:
        """`make demo` runs in the environment it made; a failure is one message and status 1."""
        self.patch(office, "START_S", 0.0)
        problem = self.assertRaises(SystemExit, demo.main)
        self.assertIn("demo: pbx did not start within 0 s", str(problem))

    def test_a_program_that_is_not_there(self) -> None:
        """Without a twistd there is nothing to play."""

        def play() -> None:
            with TemporaryDirectory() as folder:
                demo.demo(["/nowhere/twistd"], Path(folder), self.said.append, ["asterisk"])

        self.assertIn("not as expected: FileNotFoundError", str(self.assertRaises(DemoFailed, play)))


class OfficeTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.said: list[str] = []
        folder = TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.office = Office([], Path(folder.name), self.said.append)

    def test_a_program_that_does_not_stop_is_killed(self) -> None:
        """It would hold its ports until somebody finds it."""
        self.patch(office, "STOP_S", 0.1)
        with self.office.running("deaf", sys.executable, "-c", DEAF) as program:
            self.office.wait("deaf", program, lambda: "up" in self.office.log("deaf").read_text())
        self.assertEqual(program.returncode, -signal.SIGKILL)

    def test_what_is_overheard_is_shown_once(self) -> None:
        """Whole lines only: half of one comes with its other half."""
        log = self.office.log("pbx")
        for text, said in (
            ("one\ntw", ["one"]),
            ("one\ntwo\nthree\n", ["two", "three"]),
            ("one\ntwo\nthree\n", []),
        ):
            self.said.clear()
            log.write_text(text)
            self.office.overhears("pbx")
            self.assertEqual(self.said, said)

    def test_a_command_that_fails(self) -> None:
        """Its own words are shown."""
        problem = self.assertRaises(DemoFailed, self.office.types, "provd-pbx", "asterisk")
        self.assertIn("provd-pbx ended with status 2: usage:", str(problem))
        self.office.log("provd").write_text("")
        self.office.log("pbx").write_text("")
        arguments = (
            "boot",
            "yealink",
            "T46S",
            "--mac",
            "00:15:65:4a:a9:37",
            "--server",
            "http://127.0.0.1:1",
        )
        problem = self.assertRaises(DemoFailed, self.office.plays, *arguments, beside="pbx")
        self.assertIn("provd-phone ended with status 1", str(problem))
        self.assertIn("connection refused", self.said[-1])

    def test_a_command_that_takes_too_long(self) -> None:
        """It is ended."""
        self.patch(office, "PHONE_S", 0.0)
        self.assertRaises(subprocess.TimeoutExpired, self.office.types, "provd-phone", "list")

    def test_ports_that_are_free(self) -> None:
        """Each another one."""
        self.assertEqual(len(set(office.free_ports(20))), 20)
