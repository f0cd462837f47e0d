"""The settings with which every vendor's files are made in its contract test."""

from collections.abc import Iterator, Mapping
from itertools import product

Raw = Mapping[str, object]

PEM = "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUYg==\n-----END CERTIFICATE-----\n"
KEY_PEM = "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEG\n-----END PRIVATE KEY-----\n"
LINE = {
    "username": "u1001",
    "password": "pw-line",
    "display_name": "Alice",
    "number": "1001",
    "proxy_ip": "192.0.2.10",
}
NO_HOST = {name: value for name, value in LINE.items() if name != "proxy_ip"}
ONE_LINE: Raw = {"sip_lines": {"1": LINE}}
AUTOPROV: Raw = {
    "sip_proxy_ip": "192.0.2.10",
    "sip_lines": {"1": {"username": "ap0017", "password": "pw-slot", "display_name": "Waiting 4F7K2Q"}},
}
DOMAIN: Raw = {
    "sip_proxy_ip": "example.com",
    "sip_outbound_proxy_ip": "192.0.2.13",
    "sip_lines": {"1": NO_HOST},
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


def all_lines(most: int) -> Raw:
    lines = {
        str(at): {**LINE, "username": f"u{at}", "password": f"pw-{at}", "number": str(1000 + at)}
        for at in range(1, most + 1)
    }
    return {"sip_lines": lines}


def all_keys(step: int = 1) -> Raw:
    """A key on every position that there is, and on some that are not; or on every so-manyth."""
    kinds = ("blf", "speeddial", "park")
    keys = {
        str(at): {"type": kinds[at % 3], "value": f"2{at:03}", "label": f"key {at}", "line": 1}
        for at in range(1, 401, step)
    }
    return {**ONE_LINE, "funckeys": keys, "exten_pickup_call": "*8"}


# --- what is combined ------------------------------------------------------------------------------------------

_DNS = {"dns_enabled": True, "dns_ip": "192.0.2.53"}
_NTP = {"ntp_enabled": True, "ntp_ip": "192.0.2.1"}
_VLAN = {"vlan_enabled": True, "vlan_id": 100}
_SYSLOG = {"syslog_enabled": True, "syslog_ip": "192.0.2.2"}
_PBX = {"X_xivo_phonebook_ip": "192.0.2.20", "X_xivo_user_uuid": "7a3f"}
_CERTIFICATES: Raw = {
    "sip_servers_root_and_intermediate_certificates": [PEM, PEM],
    "sip_local_root_and_intermediate_certificates": [PEM],
    "sip_local_certificate": PEM,
    "sip_local_key": KEY_PEM,
}
# Of each group one is taken; the two largest groups come first.
GROUPS: tuple[Mapping[str, Raw], ...] = (
    {locale: {"locale": locale} for locale in LOCALES},
    {zone: {"timezone": zone} for zone in DIFFICULT_ZONES},
    {
        "plain": {},
        "vlan": {**_VLAN, "vlan_priority": 5, "vlan_pc_port_id": 20},
        "vlan 0": {"vlan_enabled": True, "vlan_id": 0},
        "no vlan": {"vlan_enabled": False, "vlan_id": 100},
    },
    {
        "plain": {},
        "no ntp": {"ntp_enabled": False},
        "ntp": _NTP,
        "syslog": {**_SYSLOG, "syslog_port": 5514, "syslog_level": "debug"},
        "dns": _DNS,
        "passwords": {"admin_password": "pw-admin", "user_password": "pw-user"},
        "phonebook": _PBX,
    },
    {
        "udp": {},
        "tls and srtp": {"sip_transport": "tls", "sip_srtp_mode": "required"},
        "certificates": {"sip_transport": "tls", "sip_srtp_mode": "preferred", **_CERTIFICATES},
        "backup": {"sip_backup_proxy_ip": "192.0.2.11", "sip_backup_registrar_ip": "192.0.2.12"},
        "domain": {**DOMAIN, "sip_transport": "tcp"},
    },
    {
        "one line": ONE_LINE,
        "autoprov": AUTOPROV,
        "incomplete": {"sip_lines": {"1": {"username": "u1001"}}},
        "none": {"sip_lines": {}},
        "many": all_lines(20),
    },
    {"no keys": {}, "keys": {name: value for name, value in all_keys(7).items() if name != "sip_lines"}},
)
_STRIDES = (
    1,
    5,
    11,
    13,
    0.5,
)  # of the groups after the second: so that all pairs are met, which a test looks at


def singly() -> Iterator[tuple[str, Raw]]:
    """Yield each setting of each group alone, with a line."""
    for group in GROUPS:
        for name, raw in group.items():
            yield name, {**ONE_LINE, **raw}


def pairwise() -> Iterator[tuple[tuple[str, ...], Raw]]:
    """Yield settings in which any two of different groups meet at least once, with their names."""
    first, second, *others = ([*group] for group in GROUPS)
    for (at, one), (number, two) in product(enumerate(first), enumerate(second)):
        rest = (
            names[(int(at * stride) + number) % len(names)]
            for names, stride in zip(others, _STRIDES, strict=True)
        )
        names = (one, two, *rest)
        raw: dict[str, object] = {}
        for group, name in zip(GROUPS, names, strict=True):
            raw.update(group[name])
        yield names, raw


# --- what is not honoured --------------------------------------------------------------------------------------


def _with(name: str, value: object, *needs: Raw) -> tuple[Raw, Raw]:
    before: dict[str, object] = {**ONE_LINE}
    for each in needs:
        before.update(each)
    return before, {**before, name: value}


def _without(name: str, raw: Raw) -> tuple[Raw, Raw]:
    return _with(name, raw[name], {other: value for other, value in raw.items() if other != name})


_SHARED: Raw = {"sip_lines": {"1": NO_HOST}, "sip_proxy_ip": "192.0.2.30"}
_OTHER_SERVERS = ("registrar", "backup_proxy", "backup_registrar", "outbound_proxy")
# Of every setting that a client may make: a raw config, and one that differs from it in nothing else.
DIFFERS: Mapping[str, tuple[Raw, Raw]] = {
    "dns_enabled": _without("dns_enabled", _DNS),
    "dns_ip": _with("dns_ip", "192.0.2.54", _DNS),
    "ntp_enabled": _with("ntp_enabled", False),
    "ntp_ip": _with("ntp_ip", "192.0.2.54", _NTP),
    "vlan_enabled": _without("vlan_enabled", _VLAN),
    "vlan_id": _with("vlan_id", 42, _VLAN),
    "vlan_priority": _with("vlan_priority", 5, _VLAN),
    "vlan_pc_port_id": _with("vlan_pc_port_id", 20, _VLAN),
    "syslog_enabled": _without("syslog_enabled", _SYSLOG),
    "syslog_ip": _with("syslog_ip", "192.0.2.54", _SYSLOG),
    "syslog_port": _with("syslog_port", 5514, _SYSLOG),
    "syslog_level": _with("syslog_level", "debug", _SYSLOG),
    "admin_username": _with("admin_username", "root"),
    "admin_password": _with("admin_password", "pw-admin"),
    "user_username": _with("user_username", "anna"),
    "user_password": _with("user_password", "4242"),
    "timezone": _with("timezone", "Asia/Tokyo"),
    "locale": _with("locale", "fr_FR"),
    "sip_proxy_ip": _with("sip_proxy_ip", "192.0.2.30", {"sip_lines": {"1": NO_HOST}}),
    "sip_proxy_port": _with("sip_proxy_port", 5070, _SHARED),
    **{f"sip_{server}_ip": _with(f"sip_{server}_ip", "192.0.2.9", _SHARED) for server in _OTHER_SERVERS},
    **{
        f"sip_{server}_port": _with(f"sip_{server}_port", 5090, {**_SHARED, f"sip_{server}_ip": "192.0.2.9"})
        for server in _OTHER_SERVERS
    },
    "sip_dtmf_mode": _with("sip_dtmf_mode", "SIP-INFO"),
    "sip_srtp_mode": _with("sip_srtp_mode", "required"),
    "sip_transport": _with("sip_transport", "tls"),
    "sip_subscribe_mwi": _with("sip_subscribe_mwi", True),
    **{name: _with(name, value) for name, value in _CERTIFICATES.items()},
    "sip_lines": _with("sip_lines", {"1": LINE}, {"sip_lines": {}}),
    "sccp_call_managers": _with("sccp_call_managers", {"1": {"ip": "192.0.2.9"}}),
    "exten_dnd": _with("exten_dnd", "*25"),
    "exten_fwd_unconditional": _with("exten_fwd_unconditional", "*21"),
    "exten_fwd_no_answer": _with("exten_fwd_no_answer", "*22"),
    "exten_fwd_busy": _with("exten_fwd_busy", "*23"),
    "exten_fwd_disable_all": _with("exten_fwd_disable_all", "*20"),
    "exten_park": _with("exten_park", "*6"),
    "exten_pickup_group": _with("exten_pickup_group", "*7"),
    "exten_pickup_call": _with(
        "exten_pickup_call", "*8", {"funckeys": {"2": {"type": "blf", "value": "1010"}}}
    ),
    "exten_voicemail": _with("exten_voicemail", "*98"),
    "funckeys": _with("funckeys", {"2": {"type": "speeddial", "value": "1010"}}),
    "X_xivo_phonebook_ip": _without("X_xivo_phonebook_ip", _PBX),
    "X_xivo_user_uuid": _without("X_xivo_user_uuid", _PBX),
    "X_xivo_phonebook_scheme": _with("X_xivo_phonebook_scheme", "https", _PBX),
    "X_xivo_phonebook_port": _with("X_xivo_phonebook_port", 80, _PBX),
}


# --- texts -----------------------------------------------------------------------------------------------------

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
_LINE_TEXTS = ("display_name", "number", "username", "auth_username", "password", "voicemail")
_HOSTS = ("proxy_ip", "registrar_ip", "backup_proxy_ip", "backup_registrar_ip", "outbound_proxy_ip")
TEXTS = (
    *(f"sip_lines.1.{name}" for name in _LINE_TEXTS),
    *(f"sip_lines.1.{name}" for name in _HOSTS),
    *(f"sip_{name}" for name in _HOSTS),
    *("funckeys.2.value", "funckeys.2.label", "sccp_call_managers.1.ip"),
    *("admin_username", "admin_password", "user_username", "user_password"),
    *("dns_ip", "ntp_ip", "syslog_ip", "X_xivo_phonebook_ip", "X_xivo_user_uuid"),
    *("exten_dnd", "exten_fwd_unconditional", "exten_fwd_no_answer", "exten_fwd_busy"),
    *("exten_fwd_disable_all", "exten_park", "exten_pickup_group", "exten_pickup_call", "exten_voicemail"),
)
_ALL: Raw = {
    "dns_enabled": True,
    "dns_ip": "192.0.2.53",
    "ntp_enabled": True,
    "ntp_ip": "192.0.2.1",
    "syslog_enabled": True,
    "syslog_ip": "192.0.2.2",
    "X_xivo_phonebook_ip": "192.0.2.20",
    "X_xivo_user_uuid": "7a3f",
    "exten_pickup_call": "*8",
    "sccp_call_managers": {"1": {"ip": "192.0.2.9"}},
    "funckeys": {"2": {"type": "blf", "value": "1010", "label": "Bob", "line": 1}},
}


def needs(name: str) -> frozenset[str]:
    """Return the settings that a plugin honours if it has a place for this text."""
    setting, _, of = name.partition(".1.")
    if setting == "sip_lines" and of in _HOSTS:
        return frozenset({setting, f"sip_{of}"})
    if setting == "sip_lines" and of == "voicemail":
        return frozenset({setting, "exten_voicemail"})
    return frozenset({name.partition(".")[0]})


def with_text(name: str, text: str) -> Raw:
    """Return settings in which one text is this one. A line leaves to all lines what is given for all."""
    line = {**LINE, "auth_username": "a1001"}
    if name in {f"sip_{host}" for host in _HOSTS}:
        del line["proxy_ip"]
    raw: dict[str, object] = {**_ALL, "sip_lines": {"1": line}}
    *path, last = name.split(".")
    place: dict[str, object] = raw
    for step in path:
        inner = place[step]
        assert isinstance(inner, dict)
        place[step] = place = dict(inner)
    place[last] = text
    return raw
