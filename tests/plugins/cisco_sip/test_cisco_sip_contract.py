"""Cisco's 8941 and 8945 keep the contract of all vendors."""

from typing import ClassVar

from provserver.interfaces import IVendorPlugin
from tests.contracts import vendor as contract
from tests.contracts.vendor import Read, Stands
from tests.contracts.vendor_settings import LINE, NO_HOST
from tests.plugins.cisco_sccp.reading import read

NTP = "devicePool/dateTimeSetting/ntps/ntp/name"
ZONE = "devicePool/dateTimeSetting/timeZone"
SERVER = "devicePool/callManagerGroup/members/member[{}]/callManager/{}"
PROXY = "sipProfile/sipProxies/outboundProxy{}"
BUTTON = "sipProfile/sipLines/line[{}]/{}"
PBX = {"X_xivo_phonebook_ip": "192.0.2.30", "X_xivo_user_uuid": "7a3f"}
PHONEBOOK = "192.0.2.30:9498/0.1/directories/menu/default/cisco?xivo_user_uuid=7a3f&"


def stands(key: str, value: object, **raw: object) -> Stands:
    return Stands(raw, key, str(value))


def line(key: str, value: object, **own: object) -> Stands:
    return Stands({"sip_lines": {"1": {**LINE, **own}}}, BUTTON.format(1, key), str(value))


def inherited(key: str, value: object, **raw: object) -> Stands:
    """A setting of all lines, with a line that has no server of its own."""
    return Stands({**raw, "sip_lines": {"1": NO_HOST}}, key, str(value))


def function(key: str, value: object, **own: object) -> Stands:
    return Stands({"funckeys": {"1": {"value": "1003", **own}}}, BUTTON.format(2, key), str(value))


class CiscoSipContractTests(contract.VendorContract):
    vendor_id = "cisco-sip"
    device_path = "SEP{mac}.cnf.xml"
    common_paths = ("XMLDefault.cnf.xml", "xmldefault.cnf.xml")
    obeys_notify: ClassVar[dict[str, str]] = {}  # it obeys whoever sends one
    at_domain: ClassVar[dict[str, str]] = {
        SERVER.format(0, "processNodeName"): "example.com",
        PROXY.format(""): "192.0.2.13",
    }
    stands: ClassVar[dict[str, tuple[Stands, ...]]] = {
        "ntp_enabled": (
            stands("devicePool/dateTimeSetting/ntps", "", ntp_enabled=False, ntp_ip="192.0.2.1"),
            stands(NTP, "192.0.2.1", ntp_enabled=True, ntp_ip="192.0.2.1"),
        ),
        "ntp_ip": (stands(NTP, "192.0.2.1", ntp_ip="192.0.2.1"),),
        "timezone": (
            stands(ZONE, "Central Europe Standard/Daylight Time", timezone="Europe/Berlin"),
            stands(ZONE, "Eastern Standard/Daylight Time"),
        ),
        "locale": (
            stands("userLocale/name", "i18n/french_france", locale="fr_CA"),
            stands("userLocale/langCode", "fr", locale="fr_FR"),
            stands("networkLocale", "i18n/canada", locale="fr_CA"),
        ),
        "admin_password": (
            stands("sshPassword", "adm1", admin_password="adm1"),
            stands("commonProfile/phonePassword", "adm1", admin_password="adm1"),
            stands("commonProfile/phonePassword", ""),
        ),
        "sip_lines": (
            line("featureID", 9),
            line("featureLabel", "1001"),
            line("featureLabel", "Alice", number=""),
            line("proxy", "USECALLMANAGER"),
            line("port", 5060),
            line("port", 5070, proxy_port=5070),
            line("name", "u1001"),
            line("displayName", "Alice"),
            line("authName", "u1001"),
            line("authName", "a1001", auth_username="a1001"),
            line("authPassword", "pw-line"),
            line("contact", "1001"),
            line("contact", "u1001", number=""),
            line("messagesNumber", "*97", voicemail="*97"),
            stands(SERVER.format(0, "processNodeName"), "192.0.2.10"),
            stands("sipProfile/phoneLabel", "Alice"),
            stands("sipProfile/externalNumberMask", "1001"),
        ),
        "sip_proxy_ip": (
            inherited(SERVER.format(0, "processNodeName"), "192.0.2.40", sip_proxy_ip="192.0.2.40"),
        ),
        "sip_proxy_port": (
            inherited(
                SERVER.format(0, "ports/sipPort"), 5070, sip_proxy_ip="192.0.2.40", sip_proxy_port=5070
            ),
            inherited(BUTTON.format(1, "port"), 5070, sip_proxy_ip="192.0.2.40", sip_proxy_port=5070),
            inherited("sipProfile/voipControlPort", 5070, sip_proxy_ip="192.0.2.40", sip_proxy_port=5070),
        ),
        "sip_backup_proxy_ip": (
            inherited(SERVER.format(1, "processNodeName"), "192.0.2.41", sip_backup_proxy_ip="192.0.2.41"),
        ),
        "sip_backup_proxy_port": (
            inherited(SERVER.format(1, "ports/sipPort"), 5060, sip_backup_proxy_ip="192.0.2.41"),
            inherited(
                SERVER.format(1, "ports/sipPort"),
                5071,
                sip_backup_proxy_ip="192.0.2.41",
                sip_backup_proxy_port=5071,
            ),
        ),
        "sip_outbound_proxy_ip": (
            inherited(PROXY.format(""), "192.0.2.9", sip_outbound_proxy_ip="192.0.2.9"),
            inherited(PROXY.format(""), ""),
        ),
        "sip_outbound_proxy_port": (
            inherited(
                PROXY.format("Port"), 5090, sip_outbound_proxy_ip="192.0.2.9", sip_outbound_proxy_port=5090
            ),
            inherited(PROXY.format("Port"), "", sip_outbound_proxy_ip="192.0.2.9"),
        ),
        "sip_transport": (
            stands("transportLayerProtocol", 2),
            stands("transportLayerProtocol", 1, sip_transport="tcp"),
            stands("transportLayerProtocol", 3, sip_transport="tls"),
            stands(SERVER.format(0, "ports/securedSipPort"), 5061, sip_transport="tls"),
        ),
        "exten_voicemail": (stands(BUTTON.format(1, "messagesNumber"), "*98", exten_voicemail="*98"),),
        "funckeys": (
            function("featureID", 21, type="blf"),
            function("featureOptionMask", 1, type="blf"),
            function("featureID", 2, type="speeddial"),
            function("featureID", 2, type="park"),
            function("featureLabel", "Carol", type="speeddial", label="Carol"),
            function("featureLabel", "1003", type="speeddial"),
            function("speedDialNumber", "1003", type="speeddial"),
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
        "X_xivo_user_uuid": (stands("directoryURL", f"http://{PHONEBOOK}", **PBX),),
    }

    def names_image(self, plugin: IVendorPlugin, image: str) -> str:
        """A load has no ending."""
        return image.rpartition(".")[0]

    def read(self, body: bytes) -> Read:
        return read(body)
