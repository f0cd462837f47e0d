"""Polycom keeps the contract of all vendors."""

import re
from typing import ClassVar

from provserver.interfaces import IVendorPlugin
from tests.contracts import vendor as contract
from tests.contracts.vendor import Read, Stands
from tests.contracts.vendor_settings import LINE, NO_HOST
from tests.plugins.polycom.reading import read_parameters

PBX = {"X_xivo_phonebook_ip": "192.0.2.20", "X_xivo_user_uuid": "7a3f"}
PHONEBOOK = "192.0.2.20:9498/0.1/directories/input/default/polycom?xivo_user_uuid=7a3f"
SNTP = "tcpIpApp.sntp"
KEY = "attendant.resourceList.2"
AUTHORITIES = {
    "sip_servers_root_and_intermediate_certificates": [
        "-----BEGIN X-----\nAB\r\nCD\n-----END X-----\n",
        "second",
    ]
}
DNS = {"dns_enabled": True, "dns_ip": "192.0.2.53"}


def stands(key: str, value: object, **raw: object) -> Stands:
    return Stands(raw, key, str(value))


def line(key: str, value: object, **own: object) -> Stands:
    return Stands({"sip_lines": {"1": {**LINE, **own}}}, key, str(value))


def inherited(key: str, value: object, **raw: object) -> Stands:
    """A setting of all lines, with a line that has no server of its own."""
    return Stands({**raw, "sip_lines": {"1": NO_HOST}}, f"reg.1.{key}", str(value))


def function(key: str, value: object, **own: object) -> Stands:
    return Stands({"funckeys": {"2": {"value": "1010", **own}}}, f"{KEY}.{key}", str(value))


class PolycomContractTests(contract.VendorContract):
    vendor_id = "polycom"
    device_path = "{mac}-user.cfg"
    common_paths = ("000000000000.cfg", "common.cfg", "0004f2aabbcc.cfg")
    firmware_paths = ("000000000000.cfg",)
    obeys_notify: ClassVar[dict[str, str]] = {
        "voIpProt.SIP.specialEvent.checkSync.alwaysReboot": "0",
        "voIpProt.SIP.requestValidation.1.request": "",
    }
    at_domain: ClassVar[dict[str, str]] = {
        "reg.1.server.1.address": "example.com",
        "reg.1.outboundProxy.address": "192.0.2.13",
    }
    no_place = frozenset({"sip_lines.1.number"})  # but where there is no name
    stands: ClassVar[dict[str, tuple[Stands, ...]]] = {
        "dns_enabled": (stands("tcpIpApp.dns.address.overrideDHCP", 1, **DNS),),
        "dns_ip": (stands("tcpIpApp.dns.server", "192.0.2.53", **DNS),),
        "ntp_enabled": (
            stands(f"{SNTP}.address", "", ntp_enabled=False, ntp_ip="192.0.2.1"),
            stands(f"{SNTP}.address.overrideDHCP", 1, ntp_enabled=False),
            stands(f"{SNTP}.address.overrideDHCP", 0),
        ),
        "ntp_ip": (
            stands(f"{SNTP}.address", "192.0.2.1", ntp_enabled=True, ntp_ip="192.0.2.1"),
            stands(f"{SNTP}.address.overrideDHCP", 1, ntp_enabled=True, ntp_ip="192.0.2.1"),
            stands(f"{SNTP}.address", "pool.ntp.org"),
        ),
        "vlan_enabled": (
            stands("device.net.vlanId", "", vlan_enabled=False, vlan_id=100),
            stands("device.net.vlanId", ""),
        ),
        "vlan_id": (
            stands("device.net.vlanId", 100, vlan_enabled=True, vlan_id=100),
            stands("device.net.vlanId", 0, vlan_enabled=True, vlan_id=0),
        ),
        "vlan_priority": (
            stands("qos.ethernet.rtp.user_priority", 0, vlan_enabled=True, vlan_id=1, vlan_priority=0),
            stands(
                "qos.ethernet.callControl.user_priority", 6, vlan_enabled=True, vlan_id=1, vlan_priority=6
            ),
        ),
        "syslog_enabled": (
            stands("device.syslog.transport", 1, syslog_enabled=True, syslog_ip="192.0.2.2"),
            stands("device.syslog.transport", 0),
        ),
        "syslog_ip": (
            stands("device.syslog.serverName", "192.0.2.2", syslog_enabled=True, syslog_ip="192.0.2.2"),
            stands("device.syslog.serverName", "", syslog_ip="192.0.2.2"),
        ),
        "syslog_level": tuple(
            stands(
                "device.syslog.renderLevel", number, syslog_enabled=True, syslog_ip="x", syslog_level=level
            )
            for level, number in (("critical", 5), ("error", 4), ("warning", 3), ("info", 2), ("debug", 1))
        ),
        "timezone": (
            stands(f"{SNTP}.gmtOffset", 3600, timezone="Europe/Paris"),
            stands(f"{SNTP}.gmtOffset.overrideDHCP", 1, timezone="Europe/Paris"),
            stands(f"{SNTP}.gmtOffset.overrideDHCP", 0),
        ),
        "locale": (
            stands("lcl.ml.lang", "French_France", locale="fr_CA"),
            stands("lcl.ml.lang", "English_United_Kingdom", locale="en_GB"),
            stands("lcl.ml.lang", "", locale="xx_XX"),
            stands("lcl.ml.lang", ""),
        ),
        "admin_password": (
            stands("device.auth.localAdminPassword", "Adm1n", admin_password="Adm1n"),
            stands("device.auth.localAdminPassword", "456"),
        ),
        "user_password": (
            stands("device.auth.localUserPassword", "4242", user_password="4242"),
            stands("device.auth.localUserPassword", "123"),
        ),
        "sip_proxy_ip": (inherited("server.1.address", "192.0.2.30", sip_proxy_ip="192.0.2.30"),),
        "sip_proxy_port": (
            inherited("server.1.port", 5070, sip_proxy_ip="192.0.2.30", sip_proxy_port=5070),
            inherited("server.1.port", "", sip_proxy_ip="192.0.2.30"),
        ),
        "sip_registrar_ip": (
            inherited(
                "server.1.address", "a.example", sip_proxy_ip="192.0.2.30", sip_registrar_ip="a.example"
            ),
            inherited(
                "outboundProxy.address", "192.0.2.30", sip_proxy_ip="192.0.2.30", sip_registrar_ip="a.example"
            ),
        ),
        "sip_registrar_port": (
            inherited("server.1.port", 5080, sip_proxy_ip="192.0.2.30", sip_registrar_port=5080),
        ),
        "sip_backup_proxy_ip": (
            inherited("server.2.address", "192.0.2.31", sip_backup_proxy_ip="192.0.2.31"),
        ),
        "sip_backup_proxy_port": (
            inherited("server.2.port", 5071, sip_backup_proxy_ip="192.0.2.31", sip_backup_proxy_port=5071),
        ),
        "sip_backup_registrar_ip": (
            inherited(
                "server.2.address",
                "b.example",
                sip_backup_proxy_ip="192.0.2.31",
                sip_backup_registrar_ip="b.example",
            ),
        ),
        "sip_backup_registrar_port": (
            inherited(
                "server.2.port", 5081, sip_backup_registrar_ip="192.0.2.31", sip_backup_registrar_port=5081
            ),
        ),
        "sip_outbound_proxy_ip": (
            inherited(
                "outboundProxy.address",
                "192.0.2.9",
                sip_proxy_ip="a.example",
                sip_outbound_proxy_ip="192.0.2.9",
            ),
            inherited(
                "server.1.address", "a.example", sip_proxy_ip="a.example", sip_outbound_proxy_ip="192.0.2.9"
            ),
        ),
        "sip_outbound_proxy_port": (
            inherited(
                "outboundProxy.port", 5090, sip_outbound_proxy_ip="192.0.2.9", sip_outbound_proxy_port=5090
            ),
        ),
        "sip_dtmf_mode": (
            stands("tone.dtmf.viaRtp", 1, sip_dtmf_mode="RTP-in-band"),
            stands("tone.dtmf.rfc2833Control", 0, sip_dtmf_mode="RTP-in-band"),
            stands("tone.dtmf.rfc2833Control", 1, sip_dtmf_mode="RTP-out-of-band"),
            stands("tone.dtmf.viaRtp", 0, sip_dtmf_mode="SIP-INFO"),
            stands("voIpProt.SIP.dtmfViaSignaling.rfc2976", 1, sip_dtmf_mode="SIP-INFO"),
            line("tone.dtmf.rfc2833Control", 0, dtmf_mode="RTP-in-band"),
        ),
        "sip_srtp_mode": (
            *(
                stands(f"sec.srtp.{name}", value, sip_srtp_mode=mode)
                for mode, values in (("disabled", "000"), ("preferred", "110"), ("required", "111"))
                for name, value in zip(("enable", "offer", "require"), values, strict=True)
            ),
            line("sec.srtp.require", 1, srtp_mode="required"),
            stands("sec.srtp.offer", 0, sip_transport="tls"),
        ),
        "sip_servers_root_and_intermediate_certificates": (
            stands("sec.TLS.customCaCert.1", "-----BEGIN X----- AB CD -----END X-----", **AUTHORITIES),
            stands("sec.TLS.customCaCert.2", "second", **AUTHORITIES),
            stands("sec.TLS.profileSelection.SIP", "ApplicationProfile1", **AUTHORITIES),
        ),
        "sip_transport": (
            stands("reg.1.server.1.transport", "UDPOnly"),
            stands("reg.1.server.1.transport", "TCPOnly", sip_transport="tcp"),
            stands("reg.1.server.1.transport", "TLS", sip_transport="tls"),
            Stands(
                {"sip_transport": "tls", "sip_lines": {"1": {**LINE, "backup_proxy_ip": "b"}}},
                "reg.1.server.2.transport",
                "TLS",
            ),
            Stands(
                {"sip_transport": "tls", "sip_lines": {"1": {**LINE, "outbound_proxy_ip": "o"}}},
                "reg.1.outboundProxy.transport",
                "TLS",
            ),
        ),
        "sip_subscribe_mwi": (
            stands("msg.mwi.1.subscribe", "u1001", sip_subscribe_mwi=True),
            stands("msg.mwi.1.subscribe", ""),
        ),
        "sip_lines": (
            line("reg.1.server.1.address", "192.0.2.10"),
            line("reg.1.server.1.register", 1),
            line("reg.1.label", "Alice"),
            line("reg.1.label", "1001", display_name=""),
            line("reg.1.displayName", "Alice"),
            line("reg.1.address", "u1001"),
            line("reg.1.auth.userId", "u1001"),
            line("reg.1.auth.userId", "a1001", auth_username="a1001"),
            line("reg.1.auth.password", "pw-line"),
        ),
        "exten_voicemail": (
            stands("msg.mwi.1.callBack", "*98", exten_voicemail="*98"),
            stands("msg.mwi.1.callBackMode", "contact", exten_voicemail="*98"),
            stands("msg.mwi.1.callBackMode", "disabled"),
            line("msg.mwi.1.callBack", "*97", voicemail="*97"),
        ),
        "exten_pickup_call": (
            stands("call.directedCallPickupString", "*8", exten_pickup_call="*8"),
            stands("call.directedCallPickupMethod", "legacy", exten_pickup_call="*8"),
        ),
        "funckeys": (
            function("address", "1010", type="blf"),
            function("label", "Bob", type="blf", label="Bob"),
            function("label", "1010", type="blf"),
            function("type", "normal", type="blf"),
            function("type", "normal", type="speeddial"),
            function("type", "automata", type="park"),
        ),
        "X_xivo_phonebook_ip": (stands("mb.main.home", f"http://{PHONEBOOK}", **PBX),),
        "X_xivo_phonebook_scheme": (
            stands("mb.main.home", f"https://{PHONEBOOK}", X_xivo_phonebook_scheme="https", **PBX),
        ),
        "X_xivo_phonebook_port": (
            stands(
                "mb.main.home", f"http://{PHONEBOOK}".replace("9498", "80"), X_xivo_phonebook_port=80, **PBX
            ),
        ),
        "X_xivo_user_uuid": (stands("mb.main.home", f"http://{PHONEBOOK}", **PBX),),
    }

    def names_image(self, plugin: IVendorPlugin, image: str) -> str:
        """The phone puts its part number in front itself."""
        return f'"{re.sub(r"^[0-9]{4}-[0-9]{5}-[0-9]{3}.", "", image)}"'

    def read(self, body: bytes) -> Read:
        return read_parameters(body)
