"""Where each setting that a DECT base honours must stand, for the contract test."""

from collections.abc import Mapping

from tests.contracts.vendor import Stands
from tests.plugins.snom.stands import BOTH, inherited, line, stands

BASE: Mapping[str, tuple[Stands, ...]] = {
    **BOTH,
    "admin_username": (*BOTH["admin_username"], stands("http_user", "admin")),
    "admin_password": (
        *BOTH["admin_password"],
        stands("http_engineer_pass", "9486", admin_password="9486"),
    ),
    "user_username": (
        stands("http_basic_user", "anna", user_username="anna"),
        stands("http_basic_user", "User"),
    ),
    "user_password": (stands("http_basic_pass", "4242", user_password="4242"),),
    "locale": (
        stands("language", "Francais", locale="fr_CA"),
        stands("web_language", "Dutch", locale="nl_NL"),
        stands("language", "English", locale="pl_PL"),
        stands("tone_scheme", "GER", locale="de_DE"),
        stands("tone_scheme", "USA"),
    ),
    "sip_proxy_ip": (inherited("user_host[1]", "192.0.2.30", sip_proxy_ip="192.0.2.30"),),
    "sip_proxy_port": (
        inherited("user_host[1]", "192.0.2.30:5070", sip_proxy_ip="192.0.2.30", sip_proxy_port=5070),
        inherited("user_host[1]", "192.0.2.30", sip_proxy_ip="192.0.2.30", sip_proxy_port=5060),
        inherited(
            "user_host[1]",
            "192.0.2.30:5060",
            sip_proxy_ip="192.0.2.30",
            sip_proxy_port=5060,
            sip_transport="tls",
        ),
    ),
    "sip_registrar_ip": (
        inherited("user_host[1]", "r.example", sip_proxy_ip="192.0.2.30", sip_registrar_ip="r.example"),
        inherited("user_outbound[1]", "192.0.2.30", sip_proxy_ip="192.0.2.30", sip_registrar_ip="r.example"),
    ),
    "sip_registrar_port": (
        inherited("user_host[1]", "192.0.2.30:5080", sip_proxy_ip="192.0.2.30", sip_registrar_port=5080),
    ),
    "sip_outbound_proxy_ip": (
        inherited("user_outbound[1]", "192.0.2.9", sip_outbound_proxy_ip="192.0.2.9"),
        inherited("user_outbound[1]", ""),
    ),
    "sip_outbound_proxy_port": (
        inherited(
            "user_outbound[1]",
            "192.0.2.9:5090",
            sip_outbound_proxy_ip="192.0.2.9",
            sip_outbound_proxy_port=5090,
        ),
    ),
    "sip_dtmf_mode": (
        stands("user_dtmf_info[1]", "sip_info_only", sip_dtmf_mode="SIP-INFO"),
        stands("user_dtmf_info[1]", "off", sip_dtmf_mode="RTP-out-of-band"),
        stands("codec_priority_list[1]", "pcma,pcmu,g722,g729", sip_dtmf_mode="RTP-in-band"),
    ),
    "sip_transport": (
        stands("srv_sip_transport[1]", "udp"),
        stands("srv_sip_transport[1]", "tls", sip_transport="tls"),
    ),
    "sip_lines": (
        *BOTH["sip_lines"],
        line("subscr_sip_hs_idx[1]", 1),
        line("subscr_sip_line_name[1]", "1001"),
        line("subscr_dect_ac_code[1]", "0001"),
        line("subscr_dect_ac_code[1]", "0000", number=""),
        line("subscr_sip_ua_data_server_id[1]", 1),
    ),
    "exten_voicemail": (
        stands("user_mailnumber[1]", "*98", exten_voicemail="*98"),
        stands("user_mailbox[1]", "Messagerie", exten_voicemail="*98", locale="fr_FR"),
        Stands({"exten_voicemail": "*98"}, "user_mailbox[1]", "*98", "M300"),
        stands("user_mailbox[1]", ""),
    ),
}
