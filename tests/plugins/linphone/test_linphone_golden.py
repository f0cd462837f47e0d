"""A Linphone's files as somebody has looked at them."""

from twisted.trial.unittest import SynchronousTestCase

from tests.plugins.linphone.golden_cases import CASES, GOLDEN, HOSTILE, made
from tests.plugins.linphone.reading import read


class LinphoneGoldenTests(SynchronousTestCase):
    def test_files_are_as_they_were_looked_at(self) -> None:
        """Whatever changes in a phone's file is seen by somebody before it reaches the phone."""
        for name in CASES:
            self.assertEqual(made(name).decode(), GOLDEN.joinpath(name).read_text(), name)

    def test_every_file_here_is_of_a_case(self) -> None:
        """A golden file that no test makes proves nothing."""
        self.assertEqual({path.name for path in GOLDEN.iterdir()}, set(CASES))

    def test_hostile_texts_arrive_as_they_are(self) -> None:
        """They stand in every text that the file can carry; the contract shows that nothing else changes."""
        found = read(GOLDEN.joinpath("hostile.xml").read_bytes())
        for path, text in (
            ("proxy_0/reg_identity/name", "display_name"),
            ("proxy_0/reg_identity/user", "username"),
            ("auth_info_0/username", "username"),
            ("auth_info_0/userid", "auth_username"),
            ("auth_info_0/passwd", "password"),
        ):
            self.assertEqual(found[path], (f"{text} {HOSTILE}",), path)
