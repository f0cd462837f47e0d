"""
The raw config: settings in words that belong to no vendor. Here it is checked, and becomes typed settings.

`fields.py` has the tables of what there is, `reading.py` reads by them.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from provserver.errors import Invalid
from provserver.model import Settings
from provserver.raw_config.fields import SERVERS
from provserver.raw_config.reading import read

_MOST_SHOWN = 20  # problems in one text
_REGISTRAR = ("registrar",)
_BACKUPS = ("backup_proxy", "backup_registrar")
_LINE_INHERITS = {"dtmf_mode": "sip_dtmf_mode", "srtp_mode": "sip_srtp_mode", "voicemail": "exten_voicemail"}


def check(raw: Mapping[str, object]) -> None:
    """
    Check the raw config of one document, or a merged one.

    Raises:
        Invalid: `field` is the path of the first problem (`sip_lines.1.proxy_port`), the text has all (of very many
            the first 20, and how many more).
    """
    _raise(problems_of(raw))


def problems_of(raw: Mapping[str, object]) -> Sequence[Invalid]:
    return read(raw)[1]


def to_settings(raw: Mapping[str, object], base_url: str) -> Settings:
    """
    Return a merged raw config as typed settings: unset ones absent, defaults and what a line inherits filled in.

    `values` has `http_base_url` as given here, `sccp_call_managers` by number, and a client's `X_` keys as they
    came; `lines` and `keys` are in the order of their numbers. Nothing is remembered here.

    Raises:
        Invalid: as `check`.
    """
    values, problems = read(raw)
    _raise(problems)
    base_url = base_url.rstrip("/")
    values["http_base_url"] = base_url
    lines, keys = values.pop("sip_lines"), values.pop("funckeys")
    for line in lines.values():
        _inherit(line, values)
    _register_at_proxy(values, "sip_")
    return Settings(base_url, values, lines, keys)


def _raise(problems: Sequence[Invalid]) -> None:
    if problems:
        texts = [problems[0].text, *map(str, problems[1:_MOST_SHOWN])]
        if len(problems) > _MOST_SHOWN:
            texts.append(f"and {len(problems) - _MOST_SHOWN} more")
        raise Invalid("; ".join(texts), problems[0].field)


def _inherit(line: dict[str, Any], common: Mapping[str, object]) -> None:
    """
    Fill in what a line leaves to the settings of all lines.

    A port goes with its address: the one given for an address is not inherited by another address. A line at a
    proxy of its own registers there, and does not inherit the backup of another proxy.
    """
    proxy, home = line.get("proxy_ip"), common.get("sip_proxy_ip")
    others = () if proxy is None else _REGISTRAR if home in (None, proxy) else _REGISTRAR + _BACKUPS
    for server in SERVERS:
        ip, port = f"{server}_ip", f"{server}_port"
        shared = common.get(f"sip_{ip}")
        if shared is not None and server not in others:
            line.setdefault(ip, shared)
        if f"sip_{port}" in common and shared in (None, line.get(ip)):
            line.setdefault(port, common[f"sip_{port}"])
    _register_at_proxy(line, "")
    for name, wider in _LINE_INHERITS.items():
        if wider in common:
            line.setdefault(name, common[wider])
    if "username" in line:
        line.setdefault("auth_username", line["username"])


def _register_at_proxy(values: dict[str, Any], prefix: str) -> None:
    """Where no registrar is given it is the proxy, with the proxy's port."""
    proxy, registrar = f"{prefix}proxy", f"{prefix}registrar"
    if f"{proxy}_ip" in values and f"{registrar}_ip" not in values:
        values[f"{registrar}_ip"] = values[f"{proxy}_ip"]
        if f"{proxy}_port" in values:
            values.setdefault(f"{registrar}_port", values[f"{proxy}_port"])
