"""Snom's golden files: the bytes as they were looked at, and what the phone reads in them."""

import re
from collections.abc import Mapping
from urllib.parse import quote

from twisted.trial.unittest import SynchronousTestCase

from tests.plugins.snom.golden_cases import CASES, GOLDEN, HOSTILE, made
from tests.plugins.snom.reading import Read, read_container, read_list, read_settings

_SAMPLES = {"sample-d785.xml": "d785.xml", "sample-m900.xml": "m900.xml"}
_ROWS = re.findall(
    r"^\| (`[^|]+`) \| \S", GOLDEN.joinpath("README.md").read_text().partition("## Where")[2], re.M
)
REASONS = {name for row in _ROWS for name in re.findall("`([^`]+)`", row)}
URL = "http://10.0.0.5:8667"
FIRMWARE = "firmware-settings"
OTHERS = {  # what is no file of settings -> its root
    **dict.fromkeys(("d785-firmware.xml", "m900-firmware.htm", "m900-status.xml"), FIRMWARE),
    **dict.fromkeys(("gui_lang.xml", "8.7-gui_lang.xml"), "gui-languages"),
    "8.7-web_lang.xml": "web-languages",
}


def body(name: str) -> bytes:
    return GOLDEN.joinpath(name).read_bytes()


def golden(name: str) -> Read:
    return read_settings(body(name))


class GoldenTests(SynchronousTestCase):
    def test_files_are_as_they_were_looked_at(self) -> None:
        """Whatever changes in a phone's file is seen by somebody before it reaches the phone."""
        for name in CASES:
            self.assertEqual(made(name).decode(), body(name).decode(), name)

    def test_every_file_here_is_of_a_case(self) -> None:
        """A golden file that no test makes proves nothing."""
        here = {path.name for path in GOLDEN.iterdir()}
        self.assertEqual(here - {"README.md", *_SAMPLES}, set(CASES))

    def test_every_file_is_read_back(self) -> None:
        """By a reader that knows nothing of the templates: no name stands twice, and all is well-formed."""
        for name in CASES:
            if name in OTHERS:
                read_list(body(name), OTHERS[name])
            elif name.endswith(".htm"):
                self.assertTrue(read_container(body(name)), name)
            else:
                self.assertTrue(golden(name), name)

    def test_differences_from_the_reference_have_a_reason(self) -> None:
        """The README lists them: nothing else differs, and nothing listed is the same."""
        differ = set()
        for sample, ours in _SAMPLES.items():
            before, after = golden(sample), golden(ours)
            for key in before.keys() | after.keys():
                if before.get(key) != after.get(key):
                    name = key.removesuffix("@perm")
                    differ.add(
                        "unused" if re.search(r"\[([3-9]|\d\d)\]", name) else re.sub(r"\d+(?=\])", "*", name)
                    )
        self.assertEqual(differ, REASONS)

    def test_hostile_texts_arrive_as_they_are(self) -> None:
        """They stand in every text that the file can carry; the contract shows that nothing else changes."""
        read = golden("d785-hostile.xml")
        for key, text in (
            ("user_idle_text[1]", "display_name"),
            ("user_realname[1]", "display_name"),
            ("user_idle_number[1]", "number"),
            ("user_name[1]", "username"),
            ("user_pname[1]", "auth_username"),
            ("user_pass[1]", "password"),
            ("user_mailbox[1]", "voicemail"),
            ("user_host[1]", "registrar_ip"),
            ("user_host[2]", "backup_proxy_ip"),
            ("fkey[1]@label", "label"),
            ("fkey[1]@short_label", "label"),
            ("http_user", "admin"),
            ("webserver_admin_name", "admin"),
            ("http_pass", "password"),
            ("webserver_user_name", "user"),
            ("webserver_user_password", "user password"),
        ):
            self.assertEqual(read[key], (f"{text} {HOSTILE}",), key)
        self.assertEqual(read["fkey[1]"], (f"blf value {HOSTILE}|pickup {HOSTILE}",))
        self.assertEqual(read["user_outbound[1]"], (f"proxy_ip {HOSTILE};transport=udp",))
        book = "http://[2001:db8::20]:9498/0.1/directories/input/default/snom?xivo_user_uuid="
        user = quote(f"uuid {HOSTILE}", safe="")
        self.assertEqual(read["context_key[0]/action/url@target"], (book + user,))
        self.assertEqual(read["dkey_directory"], (f"url {book}{user}",))


class ChainTests(SynchronousTestCase):
    def test_a_phone_is_led_from_file_to_file(self) -> None:
        """As the facts' samples have it: what is common first, and the device's own settings by a container."""
        for name, files in (
            ("d785-container.htm", ["000413922D24.xml"]),
            ("d785-common.htm", ["snom-general.xml", "snomD785.xml", "gui_lang.xml", "web_lang.xml"]),
            ("m900-container.htm", ["000413922D24.xml"]),
            ("m900-common.htm", ["snomM900-firmware.htm", "snom-general.xml", "snomM900.xml"]),
            ("5.20-m900-common.htm", ["snomM900-firmware.xml", "snom-general.xml", "snomM900.xml"]),
        ):
            self.assertEqual([*read_container(body(name))], [f"{URL}/{file}" for file in files], name)

    def test_images_are_reached_by_their_status_alone(self) -> None:
        """A container that named one would have it loaded at each start."""
        self.assertEqual(golden("d785-status.xml")["firmware_status"], (f"{URL}/snomD785-firmware.xml",))
        self.assertEqual(
            read_list(body("m900-status.xml"), FIRMWARE),
            (("firmware-status", {}, f"{URL}/snomM900-firmware.htm"),),
        )

    def test_a_ramdisk_takes_the_real_image_along(self) -> None:
        """The ampersand is one of XML, and the phone fills in `{mac}` by itself."""
        first, second = "snomD785-ramdisk-chained-update-r.bin", "snomD785-10.1.215.13-SIP-r.bin"
        self.assertEqual(
            read_list(body("d785-firmware.xml"), FIRMWARE),
            (
                (
                    "firmware",
                    {},
                    f"{URL}/firmware/{first}?mac={{mac}}&chained_url={URL}/firmware/{second}%3Fmac%3D{{mac}}",
                ),
                ("firmware_uxm", {}, f"{URL}/firmware/snomD7C-1.6.1-r.bin?mac={{mac}}"),
            ),
        )

    def test_language_packs_have_the_names_that_are_chosen(self) -> None:
        """In the reference the French and the Dutch one can never be chosen; and with 10.1 there is no pack."""
        names = ["Deutsch", "English", "Espanol", "Français", "Nederlands"]
        for what in ("gui", "web"):
            rows: tuple[tuple[str, Mapping[str, str], str], ...] = read_list(
                body(f"8.7-{what}_lang.xml"), f"{what}-languages"
            )
            self.assertEqual([row[1]["name"] for row in rows], names)
            self.assertEqual(rows[3][1]["url"], f"{URL}/i18n/{what}_lang_FR.xml")
        self.assertEqual(read_list(body("gui_lang.xml"), "gui-languages"), ())
