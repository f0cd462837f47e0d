"""fail2ban: the log, as provd writes it, matches our filter and the reference's, and nothing else in it does."""

import io
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from twisted.logger import globalLogPublisher

from provserver.core.pending import PendingDevices
from provserver.core.reception import Reception
from provserver.core.sources import Bounds, Sources
from provserver.logs import observer
from provserver.model import Tenant
from tests.fakes.office import KEY, Office
from tests.fakes.rest import RestOffice

FILTER = Path(__file__).resolve().parent.parent.parent / "docs/fail2ban/provd.conf"
REFERENCE = r"^.*(?:New device created automatically|Sensitive file requested) from <HOST>: .*$"
ATTACKER = "203.0.113.9"


def log_of_an_attack() -> str:
    """Return provd's log: a new phone, then guesses until the source is refused."""
    out = io.StringIO()
    write = observer("text", out)
    globalLogPublisher.addObserver(write)
    try:
        reception = Reception(Sources(elsewhere=Bounds(slowed=3, refused=5)), PendingDevices())
        office = Office(reception=reception)
        office.put(Tenant("master", name="master", key=KEY))
        office.answer(ip="2001:db8::7", path=f"{KEY}/00aced000001.cfg")
        for number in range(9):
            office.asked(ip=ATTACKER, path=f"00aced0000{number:02x}.cfg", user_agent="")
            office.asked(ip=ATTACKER, path=f"00aced0000{number:02x}.cfg", user_agent="")
            office.clock.advance(3)
        RestOffice().asks("GET", "/dev_mgr/devices", token="wrong")
    finally:
        globalLogPublisher.removeObserver(write)
    return out.getvalue()


class Fail2banTests(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        self.log = self.folder / "provd.log"
        self.log.write_text(log_of_an_attack())

    def matched(self, filter_or_regex: str) -> list[str]:
        """Return the lines that the real program matches."""
        program = shutil.which("fail2ban-regex")
        if program is None:
            self.skipTest("needs fail2ban")
        done = subprocess.run(
            [program, "--print-all-matched", str(self.log), filter_or_regex],
            stdout=subprocess.PIPE,
            text=True,
            timeout=60,
            check=True,
        )
        told = done.stdout.partition("Matched line(s)")[2].partition("\n`-")[0]
        return re.findall(r"^\|  (\d{4}-.*)$", told, re.MULTILINE)

    def test_a_new_device_that_gets_its_file_is_two_lines(self) -> None:
        """As wazo-acceptance counts them."""
        lines = [line for line in self.matched(REFERENCE) if "2001:db8::7" in line]
        self.assertEqual(len(lines), 2)
        self.assertIn("New device created automatically from 2001:db8::7: ", lines[0])
        self.assertIn("Sensitive file requested from 2001:db8::7: 00aced000001.cfg", lines[1])

    def test_our_filter_matches_what_the_references_does_and_the_verdict(self) -> None:
        """Each phone that was guessed once, not each request; then that the source is refused."""
        reference, ours = self.matched(REFERENCE), self.matched(str(FILTER))
        guesses = [line for line in reference if ATTACKER in line]
        self.assertEqual(len(guesses), 5)
        self.assertEqual(
            sorted(set(ours) - set(reference)), [line for line in ours if "refused for a while" in line]
        )
        self.assertEqual(len(ours), len(reference) + 1)

    def test_nothing_else_is_matched(self) -> None:
        """What is only slowed down, or asks REST with a wrong token, is nobody to ban."""
        others = set(self.log.read_text().splitlines()) - set(self.matched(str(FILTER)))
        self.assertTrue(any("slowed down" in line for line in others))
        self.assertTrue(any("401" in line for line in others))
