"""The files of SCCP phones as somebody has looked at them, and what they differ in from the reference's."""

from collections.abc import Mapping
from urllib.parse import quote

from twisted.trial.unittest import SynchronousTestCase

from tests.plugins.cisco_sccp.golden_cases import CASES, GOLDEN, HOSTILE, made
from tests.plugins.cisco_sccp.reading import read


def golden(name: str) -> Mapping[str, tuple[str, ...]]:
    return read(GOLDEN.joinpath(name).read_bytes(), "Default" if name.startswith("XMLDefault") else "device")


class CiscoSccpGoldenTests(SynchronousTestCase):
    def test_files_are_as_they_were_looked_at(self) -> None:
        """Whatever changes in a phone's file is seen by somebody before it reaches the phone."""
        for name in CASES:
            self.assertEqual(made(name).decode(), GOLDEN.joinpath(name).read_text(), name)
            self.assertTrue(golden(name))

    def test_every_file_here_is_of_a_case(self) -> None:
        """A golden file that no test makes proves nothing."""
        here = {path.name for path in GOLDEN.iterdir()}
        self.assertEqual(here - {"README.md", "sample-7942g.xml"}, set(CASES))

    def test_the_worked_example_is_the_references(self) -> None:
        """Nothing differs, element by element, and nothing is added."""
        self.assertEqual(golden("7942g.xml"), golden("sample-7942g.xml"))

    def test_no_secret_is_in_any_file(self) -> None:
        """SCCP has none: whoever reads the file learns where the call managers are."""
        for name in CASES:
            self.assertNotIn(b"adm1", made(name))
            self.assertNotIn(b"pw-", made(name))

    def test_hostile_texts_arrive_as_they_are(self) -> None:
        """They stand in every text that the file can carry; the contract shows that nothing else changes."""
        found = golden("7942g-hostile.xml")
        member = "devicePool/callManagerGroup/members/member[0]/callManager"
        self.assertEqual(found[f"{member}/processNodeName"], (f"manager {HOSTILE}",))
        self.assertEqual(found[f"{member}/ports/ethernetPhonePort"], ("2443",))
        self.assertEqual(found["devicePool/dateTimeSetting/ntps/ntp/name"], (f"ntp {HOSTILE}",))
        user = quote(f"uuid {HOSTILE}", safe="")
        self.assertEqual(
            found["directoryURL"],
            (f"http://[2001:db8::20]:9498/0.1/directories/menu/default/cisco?xivo_user_uuid={user}",),
        )
