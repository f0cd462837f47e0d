"""The files of an 8945 as somebody has looked at them, and what they differ in from the reference's."""

import re
from collections.abc import Mapping
from urllib.parse import quote

from twisted.trial.unittest import SynchronousTestCase

from tests.plugins.cisco_sccp.reading import read
from tests.plugins.cisco_sip.golden_cases import CASES, GOLDEN, HOSTILE, made

_REASONS = re.findall(
    r"\| `([\w/]+)` \| \S", GOLDEN.joinpath("README.md").read_text().partition("## Where")[2]
)
FIRST = "sipProfile/sipLines/line[1]"


def golden(name: str) -> Mapping[str, tuple[str, ...]]:
    return read(GOLDEN.joinpath(name).read_bytes(), "Default" if name.startswith("XMLDefault") else "device")


class CiscoSipGoldenTests(SynchronousTestCase):
    def test_files_are_as_they_were_looked_at(self) -> None:
        """Whatever changes in a phone's file is seen by somebody before it reaches the phone."""
        for name in CASES:
            self.assertEqual(made(name).decode(), GOLDEN.joinpath(name).read_text(), name)
            self.assertTrue(golden(name))

    def test_every_file_here_is_of_a_case(self) -> None:
        """A golden file that no test makes proves nothing."""
        here = {path.name for path in GOLDEN.iterdir()}
        self.assertEqual(here - {"README.md", "sample-8945.xml"}, set(CASES))

    def test_differences_from_the_reference_have_a_reason(self) -> None:
        """The README lists them by element: nothing else differs, and nothing listed is the same."""
        sample, ours = golden("sample-8945.xml"), golden("8945.xml")
        self.assertEqual({path for path in sample if sample[path] != ours.get(path)}, set(_REASONS))

    def test_hostile_texts_arrive_as_they_are(self) -> None:
        """They stand in every text that the file can carry; the contract shows that nothing else changes."""
        found = golden("8945-hostile.xml")
        member = "devicePool/callManagerGroup/members/member[{}]/callManager/processNodeName"
        function = "sipProfile/sipLines/line[3]"
        for path, text in (
            (f"{FIRST}/featureLabel", "number"),
            (f"{FIRST}/contact", "number"),
            (f"{FIRST}/name", "username"),
            (f"{FIRST}/displayName", "display_name"),
            (f"{FIRST}/authName", "auth_username"),
            (f"{FIRST}/authPassword", "password"),
            (f"{FIRST}/messagesNumber", "voicemail"),
            (f"{function}/featureLabel", "label"),
            (f"{function}/speedDialNumber", "value"),
            (member.format(0), "proxy_ip"),
            (member.format(1), "backup_proxy_ip"),
            ("sipProfile/sipProxies/outboundProxy", "outbound_proxy_ip"),
            ("sipProfile/phoneLabel", "display_name"),
            ("sipProfile/externalNumberMask", "number"),
            ("sshPassword", "admin"),
            ("commonProfile/phonePassword", "admin"),
            ("devicePool/dateTimeSetting/ntps/ntp/name", "ntp"),
        ):
            self.assertEqual(found[path], (f"{text} {HOSTILE}",), path)
        user = quote(f"uuid {HOSTILE}", safe="")
        self.assertEqual(
            found["directoryURL"],
            (f"http://[2001:db8::20]:9498/0.1/directories/menu/default/cisco?xivo_user_uuid={user}&",),
        )
