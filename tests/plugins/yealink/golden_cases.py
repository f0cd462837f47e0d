"""
The golden files: which phone, with which settings. `python -m tests.plugins.yealink.golden_cases` writes them anew.

T31G is the worked example of the facts about the reference (`sample-t31g.cfg` is what the reference makes of it);
README.md beside the files gives the reason of each difference.
"""

from collections.abc import Mapping
from pathlib import Path

from provserver.model import Device, Facts
from tests.vendors.making import render, settings_of, vendor

GOLDEN = Path(__file__).parent / "golden"
MAC = "00:15:65:4a:a9:37"
FILE = "0015654aa937.cfg"
LINES = {
    "1": {"number": "1001", "display_name": "Alice", "username": "u1001", "password": "pw-one"},
    "2": {"number": "1002", "display_name": "Alice 2", "username": "u1002", "password": "pw-two"},
}
EXAMPLE: dict[str, object] = {
    "sip_proxy_ip": "192.0.2.10",
    "sip_proxy_port": 5060,
    "sip_lines": LINES,
    "exten_voicemail": "*98",
    "sip_subscribe_mwi": True,
    "vlan_enabled": True,
    "vlan_id": 100,
    "vlan_priority": 5,
    "vlan_pc_port_id": 20,
    "ntp_enabled": True,
    "ntp_ip": "192.0.2.1",
    "timezone": "Europe/Paris",
    "locale": "fr_FR",
    "admin_password": "Adm1n",
    "user_password": "4242",
    "exten_pickup_call": "*8",
    "X_xivo_phonebook_ip": "192.0.2.20",
    "X_xivo_user_uuid": "7a3f",
    "funckeys": {
        "1": {"type": "blf", "value": "1010", "label": "Bob"},
        "2": {"type": "speeddial", "value": "1011", "label": "Desk"},
    },
}
AUTOPROV: dict[str, object] = {
    "sip_proxy_ip": "192.0.2.10",
    "sip_lines": {"1": {"display_name": "Waiting 4F7K2Q", "username": "ap0017", "password": "pw-slot"}},
}
SECURE: dict[str, object] = {
    "sip_proxy_ip": "example.com",
    "sip_outbound_proxy_ip": "192.0.2.13",
    "sip_backup_proxy_ip": "backup.example.com",
    "sip_transport": "tls",
    "sip_srtp_mode": "required",
    "sip_dtmf_mode": "RTP-out-of-band",
    "sip_lines": {"1": LINES["1"]},
    "syslog_enabled": True,
    "syslog_ip": "192.0.2.2",
    "dns_enabled": True,
    "dns_ip": "192.0.2.53",
    "ntp_enabled": False,
    "timezone": "Asia/Jerusalem",
    "locale": "en_US",
}
HOSTILE = "& < > \" ' ${x} {{x}} # a = b %NULL%x Zoë 山田"
HOSTILE_TEXTS: dict[str, object] = {
    "sip_proxy_ip": "192.0.2.10",
    "sip_lines": {
        "1": {
            name: f"{name} {HOSTILE}"
            for name in ("number", "display_name", "username", "auth_username", "password", "voicemail")
        }
    },
    "admin_username": f"admin {HOSTILE}",
    "admin_password": f"admin: {HOSTILE}",
    "user_password": f"user: {HOSTILE}",
    "exten_pickup_call": f"pickup {HOSTILE}",
    "X_xivo_phonebook_ip": "2001:db8::20",
    "X_xivo_user_uuid": f"uuid {HOSTILE}",
    "funckeys": {"2": {"type": "blf", "value": f"value {HOSTILE}", "label": f"label {HOSTILE}"}},
}


def keys(*numbers: int) -> dict[str, object]:
    """A key on each of these positions."""
    kinds = ("blf", "speeddial", "park")
    return {
        str(number): {
            "type": kinds[number % 3],
            "value": f"7{number:03}",
            "label": f"Key {number}",
            "line": 1,
        }
        for number in numbers
    }


CASES: Mapping[str, tuple[str | None, str, Mapping[str, object]]] = {  # file -> model, path, settings
    "t31g.cfg": ("T31G", FILE, EXAMPLE),
    "t31g-hostile.cfg": ("T31G", FILE, HOSTILE_TEXTS),
    "t33g.cfg": ("T33G", FILE, EXAMPLE),
    "t46s-exp40.cfg": ("T46S", FILE, {**EXAMPLE, "funckeys": keys(1, 2, 3, 27, 28, 67, 68, 267, 268)}),
    "t46s-autoprov.cfg": ("T46S", FILE, AUTOPROV),
    "t46u-exp43.cfg": ("T46U", FILE, {**EXAMPLE, "funckeys": keys(27, 28, 87, 88, 207, 208)}),
    "t54w-exp50.cfg": ("T54W", FILE, {**SECURE, "funckeys": keys(27, 28, 87, 88, 207, 208)}),
    "t58w.cfg": ("T58W", FILE, SECURE),
    "cp925.cfg": ("CP925", FILE, SECURE),
    "ax83h.cfg": ("AX83H", FILE, EXAMPLE),
    "unknown-model.cfg": (None, FILE, EXAMPLE),
    "y000000000066.cfg": (None, "y000000000066.cfg", {}),
    "directory_setting.xml": (None, "directory_setting.xml", {"locale": "fr_FR"}),
}


def made(name: str) -> bytes:
    model, path, raw = CASES[name]
    plugin = vendor("yealink").plugins[-1]
    device = Device("d1", mac=MAC, vendor="Yealink", model=model)
    rule = plugin.file_for(path, "GET", Facts(), device)
    assert rule, path
    return render(plugin, rule, device if rule.source == "device" else None, settings_of(raw))


if __name__ == "__main__":
    for name in CASES:
        (GOLDEN / name).write_bytes(made(name))
