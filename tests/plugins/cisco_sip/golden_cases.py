"""
The golden files: which phone, with which settings. `python -m tests.plugins.cisco_sip.golden_cases` writes them anew.

The 8945 is the worked example of the facts about the reference (`sample-8945.xml` is the changing part of what the
reference makes of it); README.md beside the files gives the reason of each difference.
"""

from collections.abc import Mapping
from pathlib import Path

from provserver.model import Device, Facts
from provserver.vendors.table import FIRMWARE
from tests.vendors.making import render, settings_of, vendor

GOLDEN = Path(__file__).parent / "golden"
MAC = "00:11:22:aa:bb:cc"
FILE = "SEP001122AABBCC.cnf.xml"
ALICE = {
    "number": "1001",
    "display_name": "Alice A",
    "username": "alice",
    "auth_username": "alice1",
    "password": "pw1",
}
BOB = {
    "number": "1002",
    "display_name": "Bob B",
    "username": "bob",
    "auth_username": "bob2",
    "password": "pw2",
}
EXAMPLE: dict[str, object] = {
    "sip_proxy_ip": "192.0.2.20",
    "sip_lines": {"1": ALICE, "2": BOB},
    "exten_voicemail": "*98",
    "exten_pickup_call": "*8",
    "admin_password": "adm1",
    "user_password": "usr1",
    "vlan_enabled": True,
    "vlan_id": 42,
    "ntp_enabled": True,
    "ntp_ip": "192.0.2.123",
    "timezone": "Europe/Paris",
    "locale": "fr_FR",
    "X_xivo_phonebook_ip": "192.0.2.30",
    "X_xivo_user_uuid": "11111111-2222-3333-4444-555555555555",
    "funckeys": {
        "3": {"type": "blf", "value": "1003", "label": "Carol"},
        "4": {"type": "speeddial", "value": "0145", "label": "Desk"},
    },
}
AUTOPROV: dict[str, object] = {
    "sip_proxy_ip": "192.0.2.10",
    "sip_lines": {"1": {"display_name": "Waiting 4F7K2Q", "username": "ap0017", "password": "pw-slot"}},
}
SECURE: dict[str, object] = {
    "sip_proxy_ip": "example.com",
    "sip_proxy_port": 5071,
    "sip_backup_proxy_ip": "backup.example.com",
    "sip_outbound_proxy_ip": "192.0.2.13",
    "sip_outbound_proxy_port": 5090,
    "sip_transport": "tls",
    "sip_lines": {"2": BOB, "3": {**ALICE, "proxy_ip": "elsewhere.example", "proxy_port": 5099}, "9": ALICE},
    "ntp_enabled": False,
    "timezone": "Asia/Kathmandu",
    "locale": "en_GB",
    "funckeys": {"1": {"type": "park", "value": "701"}, "2": {"type": "park"}},
}
HOSTILE = "& < > \" ' ]]> ${x} {{x}} <!-- Zoë 山田"
HOSTILE_TEXTS: dict[str, object] = {
    "sip_lines": {
        "1": {
            name: f"{name} {HOSTILE}"
            for name in (
                *("number", "display_name", "username", "auth_username", "password", "voicemail"),
                *("proxy_ip", "backup_proxy_ip", "outbound_proxy_ip"),
            )
        }
    },
    "admin_password": f"admin {HOSTILE}",
    "ntp_ip": f"ntp {HOSTILE}",
    "X_xivo_phonebook_ip": "2001:db8::20",
    "X_xivo_user_uuid": f"uuid {HOSTILE}",
    "funckeys": {"2": {"type": "blf", "value": f"value {HOSTILE}", "label": f"label {HOSTILE}"}},
}

CASES: Mapping[str, tuple[str | None, str, Mapping[str, object]]] = {  # file -> model, path, settings
    "8945.xml": ("8945", FILE, {**EXAMPLE, FIRMWARE: ("SIP8941_8945.9-3-1-18.loads",)}),
    "8945-hostile.xml": ("8945", FILE, HOSTILE_TEXTS),
    "8945-secure.xml": ("8945", FILE, SECURE),
    "8941-autoprov.xml": ("8941", FILE, AUTOPROV),
    "unknown-model.xml": ("8961", FILE, EXAMPLE),
    "XMLDefault.cnf.xml": (None, "XMLDefault.cnf.xml", {"sip_proxy_ip": "192.0.2.20"}),
}


def made(name: str) -> bytes:
    model, path, raw = CASES[name]
    plugin = vendor("cisco-sip").plugins[-1]
    device = Device("d1", mac=MAC, vendor="Cisco", model=model)
    rule = plugin.file_for(path, "GET", Facts(), device)
    assert rule, path
    return render(plugin, rule, device if rule.source == "device" else None, settings_of(raw))


if __name__ == "__main__":
    for name in CASES:
        (GOLDEN / name).write_bytes(made(name))
