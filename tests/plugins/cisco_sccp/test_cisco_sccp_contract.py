"""Cisco's SCCP phones keep the contract of all vendors, as far as it is not of SIP."""

from typing import ClassVar

from provserver.interfaces import IVendorPlugin
from tests.contracts import vendor as contract
from tests.contracts.vendor import Read, Stands
from tests.plugins.cisco_sccp.reading import read

MEMBER = "devicePool/callManagerGroup/members/member[{}]/callManager/{}"
NTP = "devicePool/dateTimeSetting/ntps/ntp/name"
PBX = {"X_xivo_phonebook_ip": "192.0.2.30", "X_xivo_user_uuid": "7a3f"}
PHONEBOOK = "192.0.2.30:9498/0.1/directories/menu/default/cisco?xivo_user_uuid=7a3f"


def stands(key: str, value: object, **raw: object) -> Stands:
    return Stands(raw, key, str(value))


class CiscoSccpContractTests(contract.VendorContract):
    vendor_id = "cisco-sccp"
    device_path = "SEP{mac}.cnf.xml"
    common_paths = ("XMLDefault.cnf.xml", "xmldefault.cnf.xml")
    obeys_notify = None  # it speaks no SIP: its call manager resets it
    stands: ClassVar[dict[str, tuple[Stands, ...]]] = {
        "ntp_enabled": (
            stands("devicePool/dateTimeSetting/ntps", "", ntp_enabled=False, ntp_ip="192.0.2.1"),
            stands(NTP, "192.0.2.1", ntp_enabled=True, ntp_ip="192.0.2.1"),
        ),
        "ntp_ip": (stands(NTP, "192.0.2.1", ntp_ip="192.0.2.1"),),
        "timezone": (
            stands(
                "devicePool/dateTimeSetting/timeZone",
                "Central Europe Standard/Daylight Time",
                timezone="Europe/Berlin",
            ),
            stands("devicePool/dateTimeSetting/timeZone", "Eastern Standard/Daylight Time"),
        ),
        "locale": (
            stands("userLocale/name", "i18n/french_france", locale="fr_FR"),
            stands("userLocale/name", "i18n/german_germany", locale="de_AT"),
            stands("userLocale/langCode", "fr", locale="fr_CA"),
            stands("networkLocale", "i18n/canada", locale="fr_CA"),
            stands("networkLocale", "i18n/united_states", locale="en_US"),
        ),
        "sccp_call_managers": (
            stands(
                MEMBER.format(0, "processNodeName"),
                "192.0.2.20",
                sccp_call_managers={"1": {"ip": "192.0.2.20"}},
            ),
            stands(
                MEMBER.format(0, "ports/ethernetPhonePort"),
                2000,
                sccp_call_managers={"1": {"ip": "192.0.2.20"}},
            ),
            stands(
                MEMBER.format(1, "ports/ethernetPhonePort"),
                2001,
                sccp_call_managers={"1": {"ip": "192.0.2.20"}, "2": {"ip": "192.0.2.21", "port": 2001}},
            ),
        ),
        "X_xivo_phonebook_ip": (
            stands("directoryURL", f"http://{PHONEBOOK}", **PBX),
            stands("directoryURL", "", X_xivo_phonebook_ip="192.0.2.30"),
        ),
        "X_xivo_phonebook_scheme": (
            stands("directoryURL", f"https://{PHONEBOOK}", X_xivo_phonebook_scheme="https", **PBX),
        ),
        "X_xivo_phonebook_port": (
            stands(
                "directoryURL", f"http://{PHONEBOOK}".replace("9498", "80"), X_xivo_phonebook_port=80, **PBX
            ),
        ),
        "X_xivo_user_uuid": (
            stands("directoryURL", f"http://{PHONEBOOK}", **PBX),
            stands("directoryURL", "", X_xivo_user_uuid="7a3f"),
        ),
    }

    def names_image(self, plugin: IVendorPlugin, image: str) -> str:
        """A load has no ending."""
        return image.rpartition(".")[0]

    def read(self, body: bytes) -> Read:
        return read(body)
