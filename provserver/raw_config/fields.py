"""
The fields of a raw config: one table for checking, converting and documenting (`docs/configuration.md`).

Clients of wazo-provd write numbers as text and truth as words, so what can be understood is accepted. Ranges are
those that its documentation gives; a VLAN id of 0 is priority tagging (IEEE 802.1Q).
"""

import re
from collections.abc import Callable, Mapping

from attrs import frozen

from provserver.vendors.zones.rules import RULES

_ZONES = frozenset(name for names in RULES.values() for name in names.split())
_WHOLE = re.compile(r"\s*[+-]?[0-9]{1,15}\s*")
_LOCALE = re.compile(r"[a-z]{2}_[A-Z]{2}")
_WORDS = {
    **dict.fromkeys(("true", "t", "yes", "y", "on", "1"), True),
    **dict.fromkeys(("false", "f", "no", "n", "off", "0"), False),
}


# --- kinds of values -------------------------------------------------------------------------------------------


@frozen
class Kind:
    """`read` gives the typed value, or None for "unset"; ValueError and TypeError mean "not what was expected"."""

    read: Callable[[object], object]
    expected: str


def _read_text(value: object) -> str | None:
    """Numbers are taken as they are written; an empty text is unset."""
    if isinstance(value, str):
        return value or None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError
    return str(value)


def _read_texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError
    return tuple(text for text in map(_read_text, value) if text)


def _read_bool(value: object) -> bool:
    truth = _WORDS.get(value.strip().lower()) if isinstance(value, str) else value
    if truth not in (0, 1):
        raise ValueError
    return bool(truth)


def _read_zone(value: object) -> object:
    if value != "" and value not in _ZONES:
        raise ValueError
    return value or None


def _read_locale(value: object) -> object:
    if not isinstance(value, str) or not _LOCALE.fullmatch(value):
        raise ValueError
    return value


def _whole(low: int, high: int) -> Kind:
    """Truth is 0 or 1, a fraction is cut off, a text may have blanks round its digits."""

    def read(value: object) -> int:
        if not isinstance(value, int | float) and not (isinstance(value, str) and _WHOLE.fullmatch(value)):
            raise TypeError
        number = int(value)
        if not low <= number <= high:
            raise ValueError
        return number

    return Kind(read, f"a whole number from {low} to {high}")


def _one_of(*words: str) -> Kind:
    def read(value: object) -> object:
        if value not in words:
            raise ValueError
        return value

    return Kind(read, f"one of {', '.join(words)}")


_TEXT = Kind(_read_text, "text")
_TEXTS = Kind(_read_texts, "a list of nothing but texts")
_BOOL = Kind(_read_bool, "true or false")
_PORT = _whole(1, 65535)
_VLAN = _whole(0, 4094)
_DTMF = _one_of("RTP-in-band", "RTP-out-of-band", "SIP-INFO")
_SRTP = _one_of("disabled", "preferred", "required")


# --- the tables ------------------------------------------------------------------------------------------------


@frozen
class Only:
    """A condition on another field of the same object."""

    name: str
    values: tuple[object, ...]


@frozen
class Field:
    """With a default, or where required, it has a value whenever `only` holds."""

    kind: Kind
    default: object = None
    required: bool = False
    only: Only | None = None
    null: bool = True  # null is accepted, and is unset
    secret: bool = False  # its value stands in no error

    def is_due(self, values: Mapping[str, object]) -> bool:
        return self.only is None or values.get(self.only.name) in self.only.values


@frozen
class Table:
    """Objects by number: `{"1": {…}, "2": {…}}`."""

    fields: Mapping[str, Field]
    first: int
    open: bool = False  # what is not in `fields` is kept as it came


def _fields(kind: Kind, *names: str, secret: bool = False) -> dict[str, Field]:
    return dict.fromkeys(names, Field(kind, secret=secret))


def _needed_by(switch: str, kind: Kind) -> Field:
    return Field(kind, required=True, only=Only(switch, (True,)))


def _with_syslog(kind: Kind, default: object) -> Field:
    return Field(kind, default, only=Only("syslog_enabled", (True,)), null=False)


SERVERS = ("proxy", "registrar", "backup_proxy", "backup_registrar", "outbound_proxy")
FIELDS: Mapping[str, Field] = {
    **_fields(_TEXT, "http_base_url", "ip"),
    **_fields(_PORT, "http_port", "tftp_port"),
    "dns_enabled": Field(_BOOL),
    "dns_ip": _needed_by("dns_enabled", _TEXT),
    "ntp_enabled": Field(_BOOL),
    "ntp_ip": _needed_by("ntp_enabled", _TEXT),
    "vlan_enabled": Field(_BOOL),
    "vlan_id": _needed_by("vlan_enabled", _VLAN),
    "vlan_priority": Field(_whole(0, 7)),
    "vlan_pc_port_id": Field(_VLAN),
    "syslog_enabled": Field(_BOOL),
    "syslog_ip": _needed_by("syslog_enabled", _TEXT),
    "syslog_port": _with_syslog(_PORT, 514),
    "syslog_level": _with_syslog(_one_of("critical", "error", "warning", "info", "debug"), "warning"),
    **_fields(_TEXT, "admin_username", "user_username"),
    **_fields(_TEXT, "admin_password", "user_password", secret=True),
    "timezone": Field(Kind(_read_zone, "a time zone of the tz database, like Europe/Paris")),
    "locale": Field(Kind(_read_locale, "a language and a country, like fr_FR")),
    "protocol": Field(_one_of("SIP", "SCCP")),
    **_fields(_TEXT, *(f"sip_{server}_ip" for server in SERVERS)),
    **_fields(_PORT, *(f"sip_{server}_port" for server in SERVERS)),
    "sip_dtmf_mode": Field(_DTMF),
    "sip_srtp_mode": Field(_SRTP, "disabled"),
    "sip_transport": Field(_one_of("udp", "tcp", "tls"), "udp"),
    "sip_subscribe_mwi": Field(_BOOL),
    **_fields(
        _TEXTS,
        "sip_servers_root_and_intermediate_certificates",
        "sip_local_root_and_intermediate_certificates",
        secret=True,
    ),
    **_fields(_TEXT, "sip_local_certificate", "sip_local_key", secret=True),
    **_fields(
        _TEXT,
        "exten_dnd",
        "exten_fwd_unconditional",
        "exten_fwd_no_answer",
        "exten_fwd_busy",
        "exten_fwd_disable_all",
        "exten_park",
        "exten_pickup_group",
        "exten_pickup_call",
        "exten_voicemail",
        "X_xivo_phonebook_ip",
    ),
    "config_version": Field(_whole(0, 2**31 - 1)),
}
LINE: Mapping[str, Field] = {
    **_fields(_TEXT, "username", "auth_username", "display_name", "number", "voicemail"),
    **_fields(_TEXT, "password", secret=True),
    **_fields(_TEXT, *(f"{server}_ip" for server in SERVERS)),
    **_fields(_PORT, *(f"{server}_port" for server in SERVERS)),
    "dtmf_mode": Field(_DTMF),
    "srtp_mode": Field(_SRTP),
}
CALL_MANAGER: Mapping[str, Field] = {"ip": Field(_TEXT, required=True), "port": Field(_PORT)}
KEY: Mapping[str, Field] = {
    "type": Field(_one_of("speeddial", "blf", "park"), required=True),
    "value": Field(_TEXT, required=True, only=Only("type", ("speeddial", "blf"))),
    "label": Field(_TEXT),
    "line": Field(_whole(1, 999_999)),
}
TABLES: Mapping[str, Table] = {
    "sip_lines": Table(LINE, first=1, open=True),
    "sccp_call_managers": Table(CALL_MANAGER, first=0),
    "funckeys": Table(KEY, first=0),
}
