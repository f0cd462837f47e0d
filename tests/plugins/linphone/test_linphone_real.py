"""What a real liblinphone (Debian's linphone-daemon) understands of the golden files. It needs no network."""

import os
import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from tests.plugins.linphone.golden_cases import GOLDEN

# What an earlier user left behind: a second account, and the digest of a password that has changed since.
_STALE = """
[proxy_0]
reg_route=<sip:192.0.2.99;lr>
[auth_info_0]
ha1=00112233445566778899aabbccddeeff
realm=stale.example
[proxy_1]
reg_identity=<sip:stale@192.0.2.99>
reg_proxy=<sip:192.0.2.99>
[auth_info_1]
username=stale
"""


class RealLinphoneTests(SynchronousTestCase):
    skip = None if shutil.which("linphone-daemon") else "not installed: apt-get install linphone-cli"

    def run_daemon(self, name: str, commands: list[str]) -> tuple[str, str]:
        """Return what it says to these commands, and the settings that it keeps."""
        home = Path(self.mktemp()).absolute()
        (home / ".local/share/linphone").mkdir(parents=True)
        settings = home / "linphonerc"
        settings.write_text(f"[misc]\nconfig-uri=file://{GOLDEN / name}\n{_STALE}")
        done = subprocess.run(
            ["linphone-daemon", "--config", str(settings), "--log", str(home / "log")],
            input="".join(f"{command}\n" for command in (*commands, "quit")),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            check=True,
            timeout=30,
            env={**os.environ, "HOME": str(home)},
        )
        return done.stdout, settings.read_text()

    def test_every_entry_arrives_as_it_is(self) -> None:
        """Quotes, comment signs, XML and printf markers: what the file says is what Linphone has."""
        for name in ("autoprov.xml", "hostile.xml"):
            entries = {
                (section.attrib["name"], entry.attrib["name"]): entry.text
                for section in ElementTree.fromstring((GOLDEN / name).read_text())
                for entry in section
                if entry.text
            }
            said, _ = self.run_daemon(name, [f"config-get {section} {entry}" for section, entry in entries])
            self.assertEqual(re.findall("Value: (.*)", said), [*entries.values()], name)

    def test_what_an_earlier_user_left_is_gone(self) -> None:
        """An entry without a text is taken away; the digest of an old password would be used before the new one."""
        _, kept = self.run_daemon("autoprov.xml", [])
        self.assertIn("username=ap0017\n", kept)
        for stale in ("stale", "192.0.2.99", "00112233445566778899aabbccddeeff"):
            self.assertNotIn(stale, kept)
