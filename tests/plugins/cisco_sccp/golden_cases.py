"""
The golden files: which phone, with which plugin and settings.
`python -m tests.plugins.cisco_sccp.golden_cases` writes them anew.

The 7942G is the worked example of the facts about the reference (`sample-7942g.xml` is what the reference makes).
"""

from collections.abc import Mapping
from pathlib import Path

from provserver.model import Device, Facts
from provserver.vendors.table import FIRMWARE
from tests.vendors.making import render, settings_of, vendor

GOLDEN = Path(__file__).parent / "golden"
MAC = "00:11:22:aa:bb:cc"
FILE = "SEP001122AABBCC.cnf.xml"
EXAMPLE: dict[str, object] = {
    "sccp_call_managers": {"1": {"ip": "192.0.2.20"}, "2": {"ip": "192.0.2.21"}},
    "ntp_enabled": True,
    "ntp_ip": "192.0.2.123",
    "timezone": "Europe/Paris",
    "locale": "fr_FR",
    "X_xivo_phonebook_ip": "192.0.2.30",
    "X_xivo_user_uuid": "11111111-2222-3333-4444-555555555555",
    "vlan_enabled": True,
    "vlan_id": 42,
    "admin_password": "adm1",
    "funckeys": {"3": {"type": "blf", "value": "1003", "label": "Carol"}},
}
AUTOPROV: dict[str, object] = {
    "sip_proxy_ip": "192.0.2.10",
    "sip_lines": {"1": {"display_name": "Waiting 4F7K2Q", "username": "ap0017", "password": "pw-slot"}},
}
HOSTILE = "& < > \" ' ]]> ${x} {{x}} <!-- Zoë 山田"
HOSTILE_TEXTS: dict[str, object] = {
    "sccp_call_managers": {"1": {"ip": f"manager {HOSTILE}", "port": 2443}},
    "ntp_ip": f"ntp {HOSTILE}",
    "X_xivo_phonebook_ip": "2001:db8::20",
    "X_xivo_user_uuid": f"uuid {HOSTILE}",
}
COUNTRIES: dict[str, object] = {
    "sccp_call_managers": {"1": {"ip": "pbx.example"}, "7": {"ip": "2001:db8::21", "port": 2443}},
    "ntp_enabled": False,
    "ntp_ip": "192.0.2.123",
    "timezone": "Africa/Johannesburg",  # its name ends with a blank
    "locale": "de_AT",
}

Case = tuple[str, str | None, str, Mapping[str, object]]  # plugin, model, path, settings
CASES: Mapping[str, Case] = {
    "7942g.xml": ("cisco-sccp-9.4", "7942G", FILE, {**EXAMPLE, FIRMWARE: ("SCCP42.9-4-2SR1-1S.loads",)}),
    "7942g-hostile.xml": ("cisco-sccp-9.4", "7942G", FILE, HOSTILE_TEXTS),
    "7965g-countries.xml": ("cisco-sccp-9.4", "7965G", FILE, COUNTRIES),
    "7975g.xml": ("cisco-sccp-8.5.2", "7975G", FILE, EXAMPLE),
    "7940g-autoprov.xml": ("cisco-sccp-legacy", "7940G", FILE, AUTOPROV),
    "7921g.xml": ("cisco-sccp-wireless-1.4.5", "7921G", FILE, EXAMPLE),
    "cipc.xml": ("cisco-sccp-cipc-2.1.2", "CIPC", FILE, EXAMPLE),
    "unknown-model.xml": ("cisco-sccp-9.4", None, FILE, EXAMPLE),
    "XMLDefault.cnf.xml": ("cisco-sccp-9.4", None, "XMLDefault.cnf.xml", EXAMPLE),
}


def made(name: str) -> bytes:
    plugin_id, model, path, raw = CASES[name]
    plugin = next(plugin for plugin in vendor("cisco-sccp").plugins if plugin.id == plugin_id)
    device = Device("d1", mac=MAC, vendor="Cisco", model=model)
    rule = plugin.file_for(path, "GET", Facts(), device)
    assert rule, path
    return render(plugin, rule, device if rule.source == "device" else None, settings_of(raw))


if __name__ == "__main__":
    for name in CASES:
        (GOLDEN / name).write_bytes(made(name))
