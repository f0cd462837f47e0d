"""`make demo`, with a stand-in for the server; that it plays with the real one, the end-to-end tests show."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from twisted.trial.unittest import SynchronousTestCase

from provserver.phone import demo


class DemoTests(SynchronousTestCase):
    def play(self, behaviour: str) -> list[str]:
        said: list[str] = []
        with TemporaryDirectory() as folder:
            demo.demo([sys.executable, "-m", "tests.phone.fake_provd", behaviour], Path(folder), said.append)
        return said

    def test_three_phones_and_what_provd_knows(self) -> None:
        """The commands are shown as a person would type them, with what they print."""
        text = "\n".join(self.play("well"))
        self.assertIn(
            "$ provd-phone boot yealink T46S --mac 00:15:65:4a:a9:37 --server http://127.0.0.1:", text
        )
        self.assertEqual(text.count("$ provd-phone boot"), 3)
        self.assertIn("Waiting 4F7K2Q", text)
        self.assertIn("  00:15:65:4a:a9:37  Yealink  T46S   -        -       -   True", text)
        early = text.index("early.cfg: nothing\n  find  there is no early file")
        self.assertLess(early, text.index("late.cfg: file\n  find  it is the late file"))

    def test_a_server_that_does_not_start_shows_its_log(self) -> None:
        """What is wrong stands there; the demo itself knows nothing of it."""
        problem = self.assertRaises(demo.DemoFailed, self.play, "dies")
        self.assertIn("provd stopped at once; the end of its log:\nphones.url: 'nonsense'", str(problem))

    def test_a_server_that_takes_too_long_is_ended(self) -> None:
        """The wait is bounded, and nothing is left running."""
        self.patch(demo, "START_S", 0.0)
        problem = self.assertRaises(demo.DemoFailed, self.play, "well")
        self.assertIn("provd did not start within 0 s", str(problem))

    def test_an_unexpected_answer_is_an_error_with_the_log(self) -> None:
        """And no traceback."""
        problem = self.assertRaises(demo.DemoFailed, self.play, "speechless")
        self.assertIn("provd did not answer as expected: <HTTPError 404", str(problem))

    def test_a_server_that_does_not_stop_is_killed(self) -> None:
        """It would hold its ports until somebody finds it."""
        self.patch(demo, "STOP_S", 0.1)
        self.assertIn("provd has stopped", self.play("stubborn")[-1])

    def test_it_starts_the_twistd_beside_this_python(self) -> None:
        """`make demo` runs in the environment it made; a failure is one message and status 1."""
        self.patch(demo, "START_S", 0.0)
        problem = self.assertRaises(SystemExit, demo.main)
        self.assertIn("demo: provd did not start within 0 s", str(problem))
