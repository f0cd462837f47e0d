"""logs: lines for people, objects for machines, the same events."""

import json
from io import StringIO

from twisted.logger import Logger, LogLevel
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from provserver.logs import observer


class ObserverTests(SynchronousTestCase):
    def written(self, log_format: str) -> list[str]:
        out = StringIO()
        log = Logger(namespace="provserver.test", observer=observer(log_format, out))
        log.debug("not shown")
        log.info("served {file} to {ip}", file="a.cfg", ip="10.0.0.7", body=b"not text")
        log.warn("careful")
        log.failure("a bug", Failure(ValueError("why")))
        return out.getvalue().splitlines()

    def test_others_are_heard_only_when_something_is_wrong(self) -> None:
        """What Twisted says of its factories would bury the lines that tell an administrator something."""
        out = StringIO()
        log = Logger(namespace="twisted.web.server", observer=observer("text", out))
        log.info("Starting factory")
        log.error("cannot accept")
        self.assertRegex(out.getvalue(), r"^[^\n]*ERROR cannot accept\n$")

    def test_a_line_that_cannot_be_made_is_told_all_the_same(self) -> None:
        """Formats that only Twisted knows work; one that nobody can fill in costs nothing but itself."""
        out = StringIO()
        log = Logger(namespace="provserver.test", observer=observer("text", out))
        log.info("called {made()}", made=lambda: "made")
        log.info("lacks {this}")
        first, second = out.getvalue().splitlines()
        self.assertTrue(first.endswith("called made"))
        self.assertIn("this", second)

    def test_text(self) -> None:
        """One line an event, a bug with its traceback, nothing below info."""
        lines = self.written("text")
        self.assertRegex(lines[0], r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d served a.cfg to 10.0.0.7$")
        self.assertTrue(lines[1].endswith("WARN careful"))
        self.assertTrue(lines[2].endswith("CRITICAL a bug"))
        self.assertIn("ValueError: why", lines[-1])

    def test_json(self) -> None:
        """One object a line, with the event's own fields; what JSON cannot hold is left out."""
        events = [json.loads(line) for line in self.written("json")]
        self.assertEqual(
            {name: events[0][name] for name in events[0] if name != "at"},
            {
                "level": "info",
                "from": "provserver.test",
                "text": "served a.cfg to 10.0.0.7",
                "file": "a.cfg",
                "ip": "10.0.0.7",
            },
        )
        self.assertRegex(events[0]["at"], r"^\d{4}-.*\+00:00$")
        self.assertIn("ValueError: why", events[2]["text"])
        self.assertEqual(len(events), 3)

    def test_an_event_without_text_is_no_line(self) -> None:
        """Some libraries log fields alone."""
        out = StringIO()
        observer("text", out)({"log_time": 0.0, "log_level": LogLevel.info, "log_namespace": "x"})
        self.assertEqual(out.getvalue(), "")
