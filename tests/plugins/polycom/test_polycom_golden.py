"""Polycom's golden files: the bytes as they were looked at, and what the phone reads in them."""

import re
from collections.abc import Mapping

from twisted.trial.unittest import SynchronousTestCase

from tests.plugins.polycom.golden_cases import CASES, GOLDEN, HOSTILE, made
from tests.plugins.polycom.reading import read_master, read_parameters

_ROW = re.compile(r"\| `([A-Za-z0-9_.*]+)` \| \S")
_REASONS = GOLDEN.joinpath("README.md").read_text().partition("## Where")[2]
OLD = ("3.1.6", "3.2.4B")


def golden(name: str) -> Mapping[str, str]:
    root = "config" if CASES.get(name, ("",))[0] in OLD else "polycomConfig"
    found = read_parameters(GOLDEN.joinpath(name).read_bytes(), root)
    return {key: value for key, (value,) in found.items()}


class GoldenTests(SynchronousTestCase):
    def test_files_are_as_they_were_looked_at(self) -> None:
        """Whatever changes in a phone's file is seen by somebody before it reaches the phone."""
        for name in CASES:
            self.assertEqual(made(name).decode(), GOLDEN.joinpath(name).read_text(), name)

    def test_every_file_here_is_of_a_case(self) -> None:
        """A golden file that no test makes proves nothing."""
        here = {path.name for path in GOLDEN.iterdir()}
        self.assertEqual(here - {"README.md", "sample-vvx410.cfg", "sample-master.cfg"}, set(CASES))

    def test_every_file_is_read_back(self) -> None:
        """One parameter that stands twice would cost the phone all of them."""
        for name in CASES:
            if name.startswith("master"):
                self.assertIn("CONFIG_FILES", read_master(GOLDEN.joinpath(name).read_bytes()), name)
            else:
                self.assertGreater(len(golden(name)), 10, name)

    def test_differences_from_the_reference_have_a_reason(self) -> None:
        """The README lists them by parameter: nothing else differs, and nothing listed is the same."""
        sample, ours = golden("sample-vvx410.cfg"), golden("vvx410.cfg")
        differ = {key for key in sample.keys() | ours.keys() if sample.get(key) != ours.get(key)}
        reasons = set(_ROW.findall(_REASONS))
        self.assertEqual({re.sub(r"(?<=\.)\d+(?=\.)", "*", key) for key in differ}, reasons)

    def test_the_master_file_is_the_references(self) -> None:
        """It names the phone's own file first: of two files with one parameter the first counts."""
        sample, ours = (
            GOLDEN.joinpath(f"{name}.cfg").read_bytes() for name in ("sample-master", "master-6.4.6")
        )
        self.assertEqual(read_master(ours), read_master(sample))

    def test_generations_name_their_files(self) -> None:
        """Firmware 3 has the vendor's defaults in files; the VVX1500 has a boot block. Where there is no firmware, or
        none is wanted, no application is named."""
        own = "[PHONE_MAC_ADDRESS]-user.cfg, common.cfg"
        for release, application, files, bootblock in (
            ("3.1.6", "sip_316.ld", f"{own}, phone1.cfg, sip.cfg", None),
            ("3.2.4B", "", f"{own}, phone1.cfg, sip.cfg", None),
            ("4.0.11", "", own, None),
            ("5.4.3", "", own, None),
            ("6.4.6", "sip.ld", own, "bootblock.ld"),
        ):
            found = read_master(GOLDEN.joinpath(f"master-{release}.cfg").read_bytes())
            self.assertEqual((found["APP_FILE_PATH"], found["CONFIG_FILES"]), (application, files), release)
            key = "APPLICATION_VVX1500/BOOTBLOCK_FILE_PATH_VVX1500"
            self.assertEqual(found.get(key), bootblock, release)

    def test_uc_software_has_what_firmware_3_has_and_more(self) -> None:
        """With 4.0 the example is that of a VVX410; with 3 it lacks what that firmware does not know."""
        vvx, uc, old = (golden(name) for name in ("vvx410.cfg", "spip550-4.0.11.cfg", "spip550-3.2.4B.cfg"))
        self.assertEqual(uc, vvx)
        self.assertEqual({key: uc.get(key) for key in old}, old)
        starts = ("device.prov.tagSerialNo", "qos.ip.", "softkey.", "call.callWaiting.", "apps.push.")
        lacking = {
            key: next((start for start in starts if key.startswith(start)), None)
            for key in uc.keys() - old.keys()
        }
        self.assertEqual(set(lacking.values()), set(starts), lacking)

    def test_hostile_texts_arrive_as_they_are(self) -> None:
        """They stand in every text that the file can carry; the contract shows that nothing else changes."""
        read = golden("vvx410-hostile.cfg")
        for key, text in (
            ("reg.1.label", "display_name"),
            ("reg.1.displayName", "display_name"),
            ("reg.1.address", "username"),
            ("reg.1.auth.userId", "auth_username"),
            ("reg.1.auth.password", "password"),
            ("reg.1.server.1.address", "proxy_ip"),
            ("reg.1.server.2.address", "backup_proxy_ip"),
            ("reg.1.outboundProxy.address", "outbound_proxy_ip"),
            ("msg.mwi.1.subscribe", "username"),
            ("msg.mwi.1.callBack", "voicemail"),
            ("attendant.resourceList.2.label", "label"),
            ("attendant.resourceList.2.address", "value"),
            ("call.directedCallPickupString", "pickup"),
            ("device.auth.localAdminPassword", "admin"),
            ("device.auth.localUserPassword", "user"),
            ("tcpIpApp.sntp.address", "ntp"),
        ):
            self.assertEqual(read[key], f"{text} {HOSTILE}", key)
        self.assertRegex(
            read["mb.main.home"], r"^http://\[2001:db8::20\]:9498/\S+\?xivo_user_uuid=[A-Za-z0-9%._~-]+$"
        )

    def test_a_waiting_phone_has_its_slot_and_no_more(self) -> None:
        """Its mark is on the screen, and it obeys a NOTIFY; nothing of a user is in its file."""
        read = golden("vvx101-autoprov.cfg")
        registrations = {
            key: value for key, value in read.items() if re.match(r"reg\.|msg\.|attendant\.", key)
        }
        self.assertEqual(registrations["reg.1.label"], "Waiting 4F7K2Q")
        self.assertFalse([key for key in registrations if not re.match(r"(?:reg|msg\.mwi)\.1\.", key)])
        self.assertEqual(read["voIpProt.SIP.requestValidation.1.request"], "")
