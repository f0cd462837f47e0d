"""The settings with which every vendor's files are made in its contract test."""

from collections.abc import Mapping

Raw = Mapping[str, object]

LINE = {
    "username": "u1001",
    "password": "pw-line",
    "display_name": "Alice",
    "number": "1001",
    "proxy_ip": "192.0.2.10",
}
ONE_LINE: Raw = {"sip_lines": {"1": LINE}}
AUTOPROV: Raw = {
    "sip_proxy_ip": "192.0.2.10",
    "sip_lines": {"1": {"username": "ap0017", "password": "pw-slot", "display_name": "Waiting 4F7K2Q"}},
}
LOCALES = (
    *("de_DE", "en_GB", "en_US", "es_ES", "fr_CA", "fr_FR", "it_IT", "nl_NL"),
    *("pl_PL", "pt_BR", "ru_RU", "sv_SE", "tr_TR", "zh_CN", "zh_TW", "xx_XX"),
)
DIFFICULT_ZONES = (
    "Europe/Dublin",  # summer time is negative winter time
    "Asia/Tehran",  # half an hour, no summer time any more
    "Asia/Kathmandu",  # three quarters
    "Australia/Lord_Howe",  # half an hour of summer time
    "Africa/Casablanca",  # summer time pauses for Ramadan
    "America/Santiago",  # changes at 24:00, southern
    "Asia/Jerusalem",  # changes on a Thursday at 26:00
    "Africa/Cairo",  # changes on a Thursday at 24:00
    "Pacific/Chatham",  # changes at 2:45
    "UTC",
    "America/New_York",
    "Europe/Paris",
)
VARIANTS: Mapping[str, Raw] = {
    "vlan": {"vlan_enabled": True, "vlan_id": 100, "vlan_priority": 5, "vlan_pc_port_id": 20},
    "vlan 0": {"vlan_enabled": True, "vlan_id": 0},
    "no ntp": {"ntp_enabled": False},
    "ntp": {"ntp_enabled": True, "ntp_ip": "192.0.2.1"},
    "syslog": {
        "syslog_enabled": True,
        "syslog_ip": "192.0.2.2",
        "syslog_port": 5514,
        "syslog_level": "debug",
    },
    "tls and srtp": {"sip_transport": "tls", "sip_srtp_mode": "required"},
    "backup": {"sip_backup_proxy_ip": "192.0.2.11", "sip_backup_registrar_ip": "192.0.2.12"},
    "domain": {"sip_proxy_ip": "example.com", "sip_outbound_proxy_ip": "192.0.2.13"},
    "incomplete line": {"sip_lines": {"1": {"username": "u1001"}}},
    **{f"locale {locale}": {"locale": locale} for locale in LOCALES},
    **{f"zone {zone}": {"timezone": zone} for zone in DIFFICULT_ZONES},
}
HOSTILE = (
    "& < > \" '",
    "${x}",
    "{{x}}",
    "{% for %}",
    "a = b",
    "# a; b",
    "]]>",
    "%NULL%",
    "two\nlines",
    "nul\0",
    " blanks ",
    "Zoë 山田",
    "x" * 300,
)
TEXTS = (
    *(f"sip_lines.1.{name}" for name in ("display_name", "number", "username", "auth_username", "password")),
    *("sip_lines.1.voicemail", "sip_lines.1.proxy_ip", "funckeys.2.value", "funckeys.2.label"),
    *("admin_username", "admin_password", "user_password", "exten_pickup_call", "ntp_ip", "X_xivo_user_uuid"),
)
# Settings that some vendor honours: one that does not must not change its files for them.
UNCOMMON: Raw = {
    "exten_dnd": "*25",
    "exten_fwd_unconditional": "*21",
    "exten_fwd_no_answer": "*22",
    "exten_fwd_busy": "*23",
    "exten_fwd_disable_all": "*20",
    "exten_park": "*6",
    "exten_pickup_group": "*7",
    "sip_servers_root_and_intermediate_certificates": ["PEM"],
    "sip_local_root_and_intermediate_certificates": ["PEM"],
    "sip_local_certificate": "PEM",
    "sip_local_key": "PEM",
    "sccp_call_managers": {"1": {"ip": "192.0.2.9"}},
}


def all_lines(capabilities: Mapping[str, int]) -> Raw:
    lines = {
        str(at): {**LINE, "username": f"u{at}", "number": str(1000 + at)}
        for at in range(1, capabilities["lines"] + 1)
    }
    return {"sip_lines": lines}


def all_keys() -> Raw:
    kinds = ("blf", "speeddial", "park")
    keys = {
        str(at): {"type": kinds[at % 3], "value": f"2{at:03}", "label": f"key {at}", "line": 1}
        for at in range(1, 401)
    }
    return {**ONE_LINE, "funckeys": keys, "exten_pickup_call": "*8"}


def with_text(name: str, text: str) -> Raw:
    """Return settings in which one text is this one."""
    raw: dict[str, object] = {
        "X_xivo_phonebook_ip": "192.0.2.20",
        "X_xivo_user_uuid": "7a3f",
        "exten_pickup_call": "*8",
        "sip_lines": {"1": {**LINE, "auth_username": "a1001", "voicemail": "*98"}},
        "funckeys": {"2": {"type": "blf", "value": "1010", "label": "Bob", "line": 1}},
    }
    *path, last = name.split(".")
    place: dict[str, object] = raw
    for step in path:
        inner = place[step]
        assert isinstance(inner, dict)
        place[step] = place = dict(inner)
    place[last] = text
    return raw
