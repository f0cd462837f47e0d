"""Where each setting that a Snom honours must stand, for the contract test."""

from collections.abc import Mapping

from tests.contracts.vendor import Stands
from tests.contracts.vendor_settings import LINE, NO_HOST

PBX = {"X_xivo_phonebook_ip": "192.0.2.20", "X_xivo_user_uuid": "7a3f"}
PHONEBOOK = "192.0.2.20:9498/0.1/directories/input/default/snom?xivo_user_uuid=7a3f"
VLAN = {"vlan_enabled": True, "vlan_id": 100}
SYSLOG = {"syslog_enabled": True, "syslog_ip": "192.0.2.2"}
BLF = {"type": "blf", "value": "1010", "label": "Bob"}


def stands(key: str, value: object, **raw: object) -> Stands:
    return Stands(raw, key, str(value))


def line(key: str, value: object, **own: object) -> Stands:
    return Stands({"sip_lines": {"1": {**LINE, **own}}}, key, str(value))


def inherited(key: str, value: object, **raw: object) -> Stands:
    """A setting of all lines, with a line that has no server of its own."""
    return Stands({**raw, "sip_lines": {"1": NO_HOST}}, key, str(value))


# What both are told; a base knows no `perm`, which is not looked at here.
BOTH: Mapping[str, tuple[Stands, ...]] = {
    "ntp_enabled": (
        stands("ntp_server", "", ntp_enabled=False, ntp_ip="192.0.2.1"),
        stands("ntp_server", "pool.ntp.org"),
    ),
    "ntp_ip": (stands("ntp_server", "192.0.2.1", ntp_enabled=True, ntp_ip="192.0.2.1"),),
    "vlan_enabled": (
        stands("vlan_id", "", vlan_enabled=False, vlan_id=100),
        stands("vlan_qos", "", vlan_enabled=False, vlan_priority=5),
    ),
    "vlan_id": (stands("vlan_id", 100, **VLAN), stands("vlan_id", 0, vlan_enabled=True, vlan_id=0)),
    "vlan_priority": (stands("vlan_qos", 5, vlan_priority=5, **VLAN), stands("vlan_qos", 0, **VLAN)),
    "admin_username": (stands("http_user", "root", admin_username="root"),),
    "admin_password": (stands("http_pass", "9486", admin_password="9486"),),
    "sip_lines": (
        line("user_active[1]", "on"),
        line("user_realname[1]", "Alice"),
        line("user_name[1]", "u1001"),
        line("user_pname[1]", "u1001"),
        line("user_pname[1]", "a1001", auth_username="a1001"),
        line("user_pass[1]", "pw-line"),
    ),
}

DESK: Mapping[str, tuple[Stands, ...]] = {
    **BOTH,
    "vlan_pc_port_id": (
        stands("vlan_pc_id", 20, vlan_pc_port_id=20, **VLAN),
        stands("vlan_pc_id", 0, **VLAN),
        stands("vlan_pc_id", "", vlan_pc_port_id=20),
    ),
    "dns_enabled": (stands("dns_server1", "192.0.2.53", dns_enabled=True, dns_ip="192.0.2.53"),),
    "dns_ip": (stands("dns_server1", "192.0.2.54", dns_enabled=True, dns_ip="192.0.2.54"),),
    "syslog_enabled": (
        stands("syslog_server", "192.0.2.2", **SYSLOG),
        stands("syslog_server", "", syslog_enabled=False, syslog_ip="192.0.2.2"),
    ),
    "syslog_ip": (stands("syslog_server", "192.0.2.3", syslog_enabled=True, syslog_ip="192.0.2.3"),),
    "syslog_port": (
        stands("syslog_server", "192.0.2.2:5514", syslog_port=5514, **SYSLOG),
        stands("syslog_server", "192.0.2.2", syslog_port=514, **SYSLOG),
    ),
    "syslog_level": tuple(
        stands("log_level", number, syslog_level=level, **SYSLOG)
        for level, number in (("critical", 2), ("error", 3), ("warning", 5), ("info", 7), ("debug", 9))
    ),
    "admin_username": (
        *BOTH["admin_username"],
        stands("webserver_admin_name", "root", admin_username="root"),
        stands("http_user", ""),
    ),
    "admin_password": (
        *BOTH["admin_password"],
        stands("webserver_admin_password", "9486", admin_password="9486"),
        stands("admin_mode_password", "9486", admin_password="9486"),
        stands("admin_mode_password", "0000"),
        stands("http_pass", ""),
    ),
    "user_username": (stands("webserver_user_name", "anna", user_username="anna"),),
    "user_password": (
        stands("webserver_user_password", "4242", user_password="4242"),
        stands("webserver_user_password", ""),
    ),
    "timezone": (
        stands("timezone", "FRA+1", timezone="Europe/Paris"),
        stands("timezone@perm", "R", timezone="Europe/Paris"),
        stands("timezone", "", timezone="Asia/Kathmandu"),
        stands("utc_offset", "+20700", timezone="Asia/Kathmandu"),
        stands("timezone@perm", "!"),
    ),
    "locale": (
        stands("language", "Français", locale="fr_CA"),
        stands("web_language", "Deutsch", locale="de_AT"),
        stands("language@perm", "R", locale="fr_CA"),
        stands("language@perm", "!", locale="pl_PL"),
        stands("language@perm", "!"),
        stands("tone_scheme", "USA", locale="fr_CA"),
        stands("tone_scheme", "GBR", locale="en_GB"),
        stands("tone_scheme@perm", "!", locale="pl_PL"),
    ),
    "sip_proxy_ip": (
        inherited("user_host[1]", "192.0.2.30", sip_proxy_ip="192.0.2.30"),
        inherited("user_outbound[1]", "192.0.2.30;transport=udp", sip_proxy_ip="192.0.2.30"),
    ),
    "sip_proxy_port": (
        inherited(
            "user_outbound[1]",
            "192.0.2.30:5070;transport=udp",
            sip_proxy_ip="192.0.2.30",
            sip_proxy_port=5070,
        ),
    ),
    "sip_registrar_ip": (
        inherited("user_host[1]", "r.example", sip_proxy_ip="192.0.2.30", sip_registrar_ip="r.example"),
        inherited(
            "user_outbound[1]",
            "192.0.2.30;transport=udp",
            sip_proxy_ip="192.0.2.30",
            sip_registrar_ip="r.example",
        ),
    ),
    "sip_registrar_port": (
        inherited(
            "user_outbound[1]",
            "192.0.2.30:5080;transport=udp",
            sip_proxy_ip="192.0.2.30",
            sip_registrar_port=5080,
        ),
        inherited(
            "user_host[1]",
            "r.example:5080",
            sip_proxy_ip="192.0.2.30",
            sip_registrar_ip="r.example",
            sip_registrar_port=5080,
        ),
    ),
    "sip_outbound_proxy_ip": (
        inherited("user_outbound[1]", "192.0.2.9;transport=udp", sip_outbound_proxy_ip="192.0.2.9"),
    ),
    "sip_outbound_proxy_port": (
        inherited(
            "user_outbound[1]",
            "192.0.2.9:5090;transport=udp",
            sip_outbound_proxy_ip="192.0.2.9",
            sip_outbound_proxy_port=5090,
        ),
    ),
    "sip_backup_proxy_ip": (
        stands("user_outbound[2]", "192.0.2.11;transport=udp", sip_backup_proxy_ip="192.0.2.11"),
        stands("user_host[2]", "192.0.2.11", sip_backup_proxy_ip="192.0.2.11"),
        stands("user_failover_identity[1]", 2, sip_backup_proxy_ip="192.0.2.11"),
        stands("user_failover_identity[1]", "none"),
        stands("hide_identity[2]", "true", sip_backup_proxy_ip="192.0.2.11"),
        stands("hide_identity[1]", "false", sip_backup_proxy_ip="192.0.2.11"),
        stands("user_pass[2]", "pw-line", sip_backup_proxy_ip="192.0.2.11"),
        stands("status_msgs_that_are_blocked", " Identity02IsNotRegistered", sip_backup_proxy_ip="b"),
    ),
    "sip_backup_proxy_port": (
        stands(
            "user_outbound[2]",
            "192.0.2.11:5071;transport=udp",
            sip_backup_proxy_ip="192.0.2.11",
            sip_backup_proxy_port=5071,
        ),
    ),
    "sip_backup_registrar_ip": (
        stands("user_host[2]", "b.example", sip_backup_proxy_ip="b", sip_backup_registrar_ip="b.example"),
    ),
    "sip_backup_registrar_port": (
        stands(
            "user_outbound[2]",
            "b.example:5081;transport=udp",
            sip_backup_registrar_ip="b.example",
            sip_backup_registrar_port=5081,
        ),
    ),
    "sip_dtmf_mode": (
        stands("user_dtmf_info[1]", "sip_info_only", sip_dtmf_mode="SIP-INFO"),
        stands("user_dtmf_info[1]", "off", sip_dtmf_mode="RTP-out-of-band"),
        stands("user_dtmf_info[1]", "off"),
        stands("codec_priority_list[1]", "pcma,pcmu,g722,g729", sip_dtmf_mode="RTP-in-band"),
        stands("codec_priority_list[1]", "pcma,pcmu,g722,g729,telephone-event"),
        line("user_dtmf_info[1]", "sip_info_only", dtmf_mode="SIP-INFO"),
    ),
    "sip_srtp_mode": (
        stands("user_srtp[1]", "off"),
        stands("user_savp[1]", "off"),
        stands("user_srtp[1]", "off", sip_transport="tls"),
        stands("user_srtp[1]", "on", sip_srtp_mode="preferred"),
        stands("user_savp[1]", "optional", sip_srtp_mode="preferred"),
        stands("user_savp[1]", "mandatory", sip_srtp_mode="required"),
        line("user_savp[1]", "mandatory", srtp_mode="required"),
    ),
    "sip_transport": tuple(
        stands("user_outbound[1]", f"192.0.2.10;transport={transport}", sip_transport=transport)
        for transport in ("udp", "tcp", "tls")
    ),
    "sip_lines": (
        *BOTH["sip_lines"],
        line("user_idle_text[1]", "Alice"),
        line("user_idle_text[1]", "1001", display_name=""),
        line("user_idle_number[1]", "1001"),
        stands("user_active[2]", "off"),
        stands("user_pass[2]", ""),
    ),
    "exten_voicemail": (stands("user_mailbox[1]", "*98", exten_voicemail="*98"),),
    "exten_pickup_call": (
        stands("fkey[2]", "blf 1010|*8", exten_pickup_call="*8", funckeys={"3": BLF}),
        stands("fkey[2]", "blf 1010", funckeys={"3": BLF}),
    ),
    "funckeys": (
        stands("fkey[2]@label", "Bob", funckeys={"3": BLF}),
        stands("fkey[2]@short_label", "Bob", funckeys={"3": BLF}),
        stands("fkey[2]@context", "active", funckeys={"3": BLF}),
        stands("fkey[2]@context", "1", funckeys={"3": {**BLF, "line": 1}}),
        stands("fkey[2]@label", "1011", funckeys={"3": {"type": "speeddial", "value": "1011"}}),
        stands("fkey[2]", "speed 1011", funckeys={"3": {"type": "speeddial", "value": "1011"}}),
    ),
    "X_xivo_phonebook_ip": (
        stands("dkey_directory", f"url http://{PHONEBOOK}", **PBX),
        stands("dkey_directory", "keyevent F_ADR_BOOK", X_xivo_phonebook_ip="192.0.2.20"),
    ),
    "X_xivo_phonebook_scheme": (
        stands("dkey_directory", f"url https://{PHONEBOOK}", X_xivo_phonebook_scheme="https", **PBX),
    ),
    "X_xivo_phonebook_port": (
        stands(
            "dkey_directory",
            f"url http://{PHONEBOOK}".replace("9498", "80"),
            X_xivo_phonebook_port=80,
            **PBX,
        ),
    ),
    "X_xivo_user_uuid": (stands("dkey_directory", f"url http://{PHONEBOOK}", **PBX),),
}
