"""Security: docs/security.md names tests that exist, settings that exist, and what was published about others."""

import re
from pathlib import Path

from attrs import fields
from twisted.trial.unittest import SynchronousTestCase

from provserver.settings import SECTIONS

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/security.md").read_text()
INCIDENTS = (
    "MAC guessing",
    "existence oracle",
    "digest replay",
    "X-Forwarded-For poisoning",
    "forgotten proxy setting",
    "prefix path check",
    "percent-encoding bypass of the secret rule",
    "key of another tenant",
    "id as file name",
    "archive traversal",
    "template escape",
    "template exhaustion",
    "first-stage token leak",
    "HEAD skipping the ACL",
    "secrets in the debug log",
    "TFTP amplification",
    "address proof forged by a request",
)


def rows(begin: str, end: str) -> list[list[str]]:
    """Return the cells of a table between two texts, without its first two lines."""
    part = PAGE.partition(begin)[2].partition(end)[0]
    lines = [line for line in part.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


class IncidentTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.table = rows("<!-- incidents: begin -->", "<!-- incidents: end -->")

    def test_each_published_class_of_incidents_has_its_line(self) -> None:
        """Who reads the page must find what he has read about elsewhere."""
        for incident in INCIDENTS:
            self.assertEqual(len([row for row in self.table if row[0].startswith(incident)]), 1, incident)

    def test_the_tests_that_it_names_are_here(self) -> None:
        """In this folder: a test that was renamed or lost would leave a promise behind."""
        sources = "\n".join(path.read_text() for path in Path(__file__).parent.glob("test_security_*.py"))
        for incident, tests in self.table:
            names = re.findall(r"`(test_\w+)`", tests)
            self.assertTrue(names, incident)
            for name in names:
                self.assertEqual(sources.count(f"def {name}("), 1, (incident, name))


class PageTests(SynchronousTestCase):
    def test_the_settings_that_it_names_exist(self) -> None:
        """A checklist with a setting that is not there gives a false peace of mind."""
        known = {f"{name}.{one.name}" for name, section in SECTIONS.items() for one in fields(section)}
        named = set(re.findall(rf"`((?:{'|'.join(SECTIONS)})\.[a-z_]+)`", PAGE))
        self.assertEqual(named - known, set())
        self.assertGreater(len(named), 20)

    def test_the_checklist_says_for_each_line_where(self) -> None:
        """What to do, and by which setting, route or option."""
        checklist = rows("## Checklist", "## What has happened")
        self.assertGreater(len(checklist), 15)
        for line, setting in checklist:
            self.assertRegex(setting, r"`(\w+\.\w+|--\w+|(GET|PUT|POST) /0\.2/[\w/]+)`", line)

    def test_its_links_lead_somewhere(self) -> None:
        """Pages and headings get new names."""
        for page, _, heading in (link.partition("#") for link in re.findall(r"\]\(([^)]*)\)", PAGE)):
            file = ROOT / "docs" / page if page else ROOT / "docs/security.md"
            self.assertTrue(file.is_file(), page)
            headings = re.findall(r"^#+ (.*)$", file.read_text(), re.MULTILINE)
            anchors = {re.sub(r"[^\w -]", "", text).lower().replace(" ", "-") for text in headings}
            self.assertIn(heading, anchors | {""}, page)
