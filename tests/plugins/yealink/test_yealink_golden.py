"""Yealink's golden files: the bytes as they were looked at, and what the phone reads in them."""

import re
from collections.abc import Mapping

from twisted.trial.unittest import SynchronousTestCase

from tests.plugins.yealink.golden_cases import CASES, GOLDEN, HOSTILE, made
from tests.plugins.yealink.reading import read_config, read_directory_setting

SAMPLES = tuple(f"sample-{model}.cfg" for model in ("t20p", "t23g", "t31g", "w90dm"))
_ROW = re.compile(r"\| `([a-z0-9_.*]+)` \| ([a-z0-9 ]+) \| \S")
_REASONS = GOLDEN.joinpath("README.md").read_text().partition("## Where")[2]


def golden(name: str) -> Mapping[str, tuple[str, ...]]:
    return read_config(GOLDEN.joinpath(name).read_bytes())


class GoldenTests(SynchronousTestCase):
    def test_files_are_as_they_were_looked_at(self) -> None:
        """Whatever changes in a phone's file is seen by somebody before it reaches the phone."""
        for name in CASES:
            self.assertEqual(made(name).decode(), GOLDEN.joinpath(name).read_text(), name)

    def test_every_file_here_is_of_a_case(self) -> None:
        """A golden file that no test makes proves nothing."""
        here = {path.name for path in GOLDEN.iterdir()}
        self.assertEqual(here - {"README.md", *SAMPLES}, set(CASES))

    def test_every_configuration_is_read_back(self) -> None:
        """What one file of a phone says is what its reader finds; only the passwords' key stands twice."""
        for name in CASES:
            if name.endswith(".cfg"):
                twice = {key for key, values in golden(name).items() if len(values) > 1}
                self.assertLessEqual(twice, {"static.security.user_password", "security.user_password"}, name)

    def test_differences_from_the_reference_have_a_reason(self) -> None:
        """The README lists them by key: nothing else differs, and nothing listed is the same."""
        differ: dict[str, set[str]] = {}
        for name in SAMPLES:
            sample, ours = golden(name), golden(name.removeprefix("sample-"))
            for key in sample.keys() | ours.keys():
                if sample.get(key) != ours.get(key):
                    plain = re.sub(r"\b\d+\b", "*", key).removeprefix("static.")
                    differ.setdefault(plain, set()).add(name.removeprefix("sample-").removesuffix(".cfg"))
        reasons = {key: set(where.split()) for key, where in _ROW.findall(_REASONS)}
        self.assertEqual(differ, reasons)

    def test_hostile_texts_arrive_as_they_are(self) -> None:
        """They stand in every text that the file can carry; the contract shows that nothing else changes."""
        read = golden("t31g-hostile.cfg")
        for key, text in (
            ("account.1.label", "display_name"),
            ("account.1.display_name", "display_name"),
            ("account.1.auth_name", "auth_username"),
            ("account.1.user_name", "username"),
            ("account.1.password", "password"),
            ("voice_mail.number.1", "voicemail"),
            ("linekey.1.value", "number"),
            ("linekey.2.label", "label"),
            ("linekey.2.value", "value"),
            ("linekey.2.extension", "pickup"),
            ("static.security.user_name.admin", "admin"),
        ):
            self.assertEqual(read[key], (f"{text} {HOSTILE}",), key)
        self.assertEqual(
            read["static.security.user_password"],
            (f"user:user: {HOSTILE}", f"admin {HOSTILE}:admin: {HOSTILE}"),
        )
        self.assertRegex(
            read["remote_phonebook.data.1.url"][0],
            r"^http://\[2001:db8::20\]:9498/\S+\?xivo_user_uuid=[A-Za-z0-9%._~-]+&term=#SEARCH$",
        )

    def test_the_directory_soft_key_opens_the_phonebook(self) -> None:
        """Of the phone's six directories only the remote one is shown, in the user's language."""
        items = read_directory_setting(GOLDEN.joinpath("directory_setting.xml").read_bytes())
        shown = {name: text for name, (text, enabled) in items.items() if enabled == "1"}
        self.assertEqual(shown, {"remotedirectory": "Annuaire"})
        self.assertEqual(len(items), 6)
