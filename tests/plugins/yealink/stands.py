"""Where each setting stands in a Yealink's files, by the names of V86 (Yealink's administration guides)."""

from collections.abc import Mapping

from tests.contracts.vendor_case import MAC, Stands
from tests.contracts.vendor_settings import KEY_PEM, LINE, NO_HOST, PEM

FILE = MAC.replace(":", "")
PBX = {"X_xivo_phonebook_ip": "192.0.2.20", "X_xivo_user_uuid": "7a3f"}
PHONEBOOK = "192.0.2.20:9498/0.1/directories/lookup/default/yealink?xivo_user_uuid=7a3f&term=#SEARCH"
ADDRESS = "account.1.sip_server.{}.address"
PORT = "account.1.sip_server.{}.port"
PROXY = "account.1.outbound_proxy.{}.{}"
URL = "http://192.0.2.1:8667"


def stands(key: str, value: object, **raw: object) -> Stands:
    return Stands(raw, key, str(value))


def line(key: str, value: object, **own: object) -> Stands:
    return Stands({"sip_lines": {"1": {**LINE, **own}}}, f"account.1.{key}", str(value))


def inherited(key: str, value: object, **raw: object) -> Stands:
    """A setting of all lines, with a line that has no server of its own."""
    return Stands({**raw, "sip_lines": {"1": NO_HOST}}, key, str(value))


STANDS: Mapping[str, tuple[Stands, ...]] = {
    "dns_enabled": (stands("static.network.static_dns_enable", 1, dns_enabled=True, dns_ip="192.0.2.53"),),
    "dns_ip": (stands("static.network.primary_dns", "192.0.2.53", dns_enabled=True, dns_ip="192.0.2.53"),),
    "ntp_enabled": (
        stands("local_time.manual_time_enable", 1, ntp_enabled=False, ntp_ip="192.0.2.1"),
        stands("local_time.ntp_server1", "%NULL%", ntp_enabled=False, ntp_ip="192.0.2.1"),
        stands("local_time.manual_time_enable", "%NULL%", ntp_enabled=True, ntp_ip="192.0.2.1"),
    ),
    "ntp_ip": (stands("local_time.ntp_server1", "192.0.2.1", ntp_enabled=True, ntp_ip="192.0.2.1"),),
    "vlan_enabled": (
        stands("static.network.vlan.internet_port_enable", 1, vlan_enabled=True, vlan_id=100),
        stands("static.network.vlan.internet_port_vid", "%NULL%", vlan_enabled=False, vlan_id=100),
    ),
    "vlan_id": (
        stands("static.network.vlan.internet_port_vid", 100, vlan_enabled=True, vlan_id=100),
        stands("static.network.vlan.internet_port_vid", 0, vlan_enabled=True, vlan_id=0),
    ),
    "vlan_priority": (
        stands(
            "static.network.vlan.internet_port_priority", 0, vlan_enabled=True, vlan_id=1, vlan_priority=0
        ),
    ),
    "vlan_pc_port_id": (
        stands("static.network.vlan.pc_port_vid", 20, vlan_enabled=True, vlan_id=1, vlan_pc_port_id=20),
        stands("static.network.vlan.pc_port_enable", 1, vlan_enabled=True, vlan_id=1, vlan_pc_port_id=0),
        stands("static.network.vlan.pc_port_enable", 0, vlan_enabled=True, vlan_id=1),
        stands("static.network.vlan.pc_port_enable", 0, vlan_enabled=False, vlan_pc_port_id=20),
    ),
    "syslog_enabled": (stands("static.syslog.enable", 1, syslog_enabled=True, syslog_ip="192.0.2.2"),),
    "syslog_ip": (stands("static.syslog.server", "192.0.2.2", syslog_enabled=True, syslog_ip="192.0.2.2"),),
    "syslog_port": (
        stands("static.syslog.server_port", 514, syslog_enabled=True, syslog_ip="192.0.2.2"),
        stands("static.syslog.server_port", 5514, syslog_enabled=True, syslog_ip="x", syslog_port=5514),
    ),
    "syslog_level": tuple(
        stands("static.syslog.level", number, syslog_enabled=True, syslog_ip="x", syslog_level=level)
        for level, number in (("critical", 2), ("error", 3), ("warning", 4), ("info", 6), ("debug", 6))
    ),
    "admin_username": (
        stands("static.security.user_name.admin", "root", admin_username="root"),
        stands("static.security.user_password", "root:admin", admin_username="root"),
    ),
    "admin_password": (stands("static.security.user_password", "admin:Adm1n", admin_password="Adm1n"),),
    "user_username": (stands("static.security.user_name.user", "anna", user_username="anna"),),
    "user_password": (stands("static.security.user_password", "user:4242", user_password="4242"),),
    "timezone": (stands("local_time.time_zone", "+1", timezone="Europe/Paris"),),
    "locale": (
        stands("lang.gui", "French", locale="fr_FR"),
        stands("lang.wui", "French", locale="fr_CA"),
        stands("voice.tone.country", "United States", locale="fr_CA"),
        stands("voice.tone.country", "%NULL%", locale="xx_XX"),
        stands("lang.gui", "%NULL%", locale="xx_XX"),
        stands("local_time.date_format", 4, locale="en_US"),
        stands("local_time.date_format", 3, locale="en_GB"),
    ),
    "sip_proxy_ip": (inherited(ADDRESS.format(1), "192.0.2.30", sip_proxy_ip="192.0.2.30"),),
    "sip_proxy_port": (inherited(PORT.format(1), 5070, sip_proxy_ip="192.0.2.30", sip_proxy_port=5070),),
    "sip_registrar_ip": (
        inherited(
            ADDRESS.format(1), "example.com", sip_proxy_ip="192.0.2.30", sip_registrar_ip="example.com"
        ),
        inherited(
            PROXY.format(1, "address"),
            "192.0.2.30",
            sip_proxy_ip="192.0.2.30",
            sip_registrar_ip="example.com",
        ),
    ),
    "sip_registrar_port": (
        inherited(PORT.format(1), 5080, sip_proxy_ip="192.0.2.30", sip_registrar_port=5080),
    ),
    "sip_backup_proxy_ip": (
        inherited(
            ADDRESS.format(2), "192.0.2.31", sip_proxy_ip="192.0.2.30", sip_backup_proxy_ip="192.0.2.31"
        ),
    ),
    "sip_backup_proxy_port": (
        inherited(PORT.format(2), 5071, sip_backup_proxy_ip="192.0.2.31", sip_backup_proxy_port=5071),
    ),
    "sip_backup_registrar_ip": (
        inherited(
            ADDRESS.format(2),
            "b.example",
            sip_backup_proxy_ip="192.0.2.31",
            sip_backup_registrar_ip="b.example",
        ),
        inherited(
            PROXY.format(2, "address"),
            "192.0.2.31",
            sip_backup_proxy_ip="192.0.2.31",
            sip_backup_registrar_ip="b.example",
        ),
    ),
    "sip_backup_registrar_port": (
        inherited(PORT.format(2), 5081, sip_backup_registrar_ip="192.0.2.31", sip_backup_registrar_port=5081),
    ),
    "sip_outbound_proxy_ip": (
        inherited(PROXY.format(1, "address"), "192.0.2.9", sip_outbound_proxy_ip="192.0.2.9"),
        inherited("account.1.outbound_proxy_enable", 1, sip_outbound_proxy_ip="192.0.2.9"),
        inherited("account.1.outbound_proxy_enable", 0),
    ),
    "sip_outbound_proxy_port": (
        inherited(
            PROXY.format(1, "port"), 5090, sip_outbound_proxy_ip="192.0.2.9", sip_outbound_proxy_port=5090
        ),
    ),
    "sip_dtmf_mode": (
        stands("account.1.dtmf.type", 0, sip_dtmf_mode="RTP-in-band"),
        stands("account.1.dtmf.type", 1, sip_dtmf_mode="RTP-out-of-band"),
        stands("account.1.dtmf.type", 2, sip_dtmf_mode="SIP-INFO"),
        stands("account.1.dtmf.type", "%NULL%"),
        line("dtmf.type", 0, dtmf_mode="RTP-in-band"),
    ),
    "sip_srtp_mode": (
        stands("account.1.srtp_encryption", 0),
        stands("account.1.srtp_encryption", 1, sip_srtp_mode="preferred"),
        stands("account.1.srtp_encryption", 2, sip_srtp_mode="required"),
        stands("account.1.srtp_encryption", 0, sip_transport="tls"),
        line("srtp_encryption", 2, srtp_mode="required"),
    ),
    "sip_transport": (
        stands("account.1.sip_server.1.transport_type", 0),
        stands("account.1.sip_server.1.transport_type", 1, sip_transport="tcp"),
        stands("account.1.sip_server.2.transport_type", 2, sip_transport="tls"),
    ),
    "sip_subscribe_mwi": (
        stands("account.1.subscribe_mwi", 1, sip_subscribe_mwi=True),
        stands("account.1.subscribe_mwi", 0),
    ),
    "sip_lines": (
        line("enable", 1),
        line("label", "Alice"),
        line("label", "1001", display_name=""),
        line("display_name", "Alice"),
        line("user_name", "u1001"),
        line("auth_name", "u1001"),
        line("auth_name", "a1001", auth_username="a1001"),
        line("password", "pw-line"),
        line("sip_server.1.address", "192.0.2.10"),
        stands("account.2.enable", 0),
        stands("account.2.password", "%NULL%"),
    ),
    "sip_servers_root_and_intermediate_certificates": (
        stands(
            "static.trusted_certificates.url",
            f"{URL}/{FILE}-ca.pem",
            sip_servers_root_and_intermediate_certificates=[PEM],
        ),
        stands("ca.pem", PEM, sip_servers_root_and_intermediate_certificates=[PEM]),
        stands("static.trusted_certificates.url", "%NULL%"),
    ),
    "sip_local_root_and_intermediate_certificates": (
        stands("own.pem", PEM, sip_local_root_and_intermediate_certificates=[PEM]),
    ),
    "sip_local_certificate": (
        stands("static.server_certificates.url", f"{URL}/{FILE}-own.pem", sip_local_certificate=PEM),
        stands("static.security.dev_cert", 1, sip_local_certificate=PEM),
        stands("static.security.dev_cert", "%NULL%"),
        stands("own.pem", PEM, sip_local_certificate=PEM),
    ),
    "sip_local_key": (stands("own.pem", KEY_PEM, sip_local_certificate=PEM, sip_local_key=KEY_PEM),),
    "exten_voicemail": (stands("voice_mail.number.1", "*98", exten_voicemail="*98"),),
    "exten_pickup_call": (
        stands(
            "linekey.1.extension",
            "*8",
            exten_pickup_call="*8",
            funckeys={"1": {"type": "blf", "value": "1010"}},
        ),
    ),
    "funckeys": (
        stands("linekey.3.type", 16, funckeys={"3": {"type": "blf", "value": "1010", "label": "Bob"}}),
        stands("linekey.3.value", "1010", funckeys={"3": {"type": "blf", "value": "1010", "label": "Bob"}}),
        stands("linekey.3.label", "Bob", funckeys={"3": {"type": "blf", "value": "1010", "label": "Bob"}}),
        stands("linekey.3.type", 13, funckeys={"3": {"type": "speeddial", "value": "1011"}}),
        stands("linekey.3.type", 11, funckeys={"3": {"type": "speeddial", "value": "*3"}}),
        stands("linekey.3.type", 10, funckeys={"3": {"type": "park", "value": "701", "line": 2}}),
        stands("linekey.3.line", 2, funckeys={"3": {"type": "park", "value": "701", "line": 2}}),
        stands("linekey.1.type", 15),
        stands("linekey.2.type", 0),
    ),
    "X_xivo_phonebook_ip": (
        stands("remote_phonebook.data.1.url", f"http://{PHONEBOOK}", **PBX),
        stands("remote_phonebook.data.1.url", "%NULL%", X_xivo_phonebook_ip="192.0.2.20"),
        stands(
            "action_url.dnd_on",
            "http://192.0.2.20:9498/0.1/yealink/users/7a3f/services/dnd/enable",
            **PBX,
        ),
    ),
    "X_xivo_phonebook_scheme": (
        stands("remote_phonebook.data.1.url", f"https://{PHONEBOOK}", X_xivo_phonebook_scheme="https", **PBX),
    ),
    "X_xivo_phonebook_port": (
        stands(
            "remote_phonebook.data.1.url",
            f"http://{PHONEBOOK}".replace("9498", "80"),
            X_xivo_phonebook_port=80,
            **PBX,
        ),
    ),
    "X_xivo_user_uuid": (stands("remote_phonebook.data.1.url", f"http://{PHONEBOOK}", **PBX),),
}
