"""
The golden files: which phone, with which settings. `python -m tests.plugins.snom.golden_cases` writes them anew.

D785 and M900 are the worked examples of the facts about the reference (`sample-….xml` is what the reference makes of
them); README.md beside the files gives the reason of each difference.
"""

from collections.abc import Mapping
from pathlib import Path

from provserver.model import Device, Facts
from provserver.vendors.table import FIRMWARE
from tests.vendors.making import render, settings_of, vendor

GOLDEN = Path(__file__).parent / "golden"
MAC = "00:04:13:92:2d:24"
FILE = "000413922D24.xml"
BASE_URL = "http://10.0.0.5:8667"
NEWEST, OLDEST, WITHOUT_BOOKS = "10.1.215.13", "8.7.5.35", "8.9.3.80"
BASE, OLD_BASE = "07.40.0104", "05.20.0001"
ALICE = {"number": "1001", "display_name": "Alice", "username": "abc1", "password": "pw1"}
BOB = {"number": "1002", "display_name": "Bob B", "username": "abc2", "password": "pw2"}
PHONEBOOK = {"X_xivo_phonebook_ip": "10.0.0.5", "X_xivo_user_uuid": "U"}
EXAMPLE: dict[str, object] = {
    "sip_proxy_ip": "10.0.0.5",
    "sip_proxy_port": 5060,
    "sip_lines": {"1": ALICE, "2": BOB},
    "exten_voicemail": "*98",
    "exten_pickup_call": "*8",
    "admin_username": "admin",
    "admin_password": "9486",
    "vlan_enabled": True,
    "vlan_id": 100,
    "vlan_priority": 5,
    "vlan_pc_port_id": 20,
    "ntp_enabled": True,
    "ntp_ip": "10.0.0.5",
    "timezone": "Europe/Paris",
    "locale": "fr_FR",
    **PHONEBOOK,
    "funckeys": {
        "1": {"type": "blf", "value": "1010", "label": "Bob"},
        "2": {"type": "speeddial", "value": "5551234", "label": "Shop"},
    },
}
AUTOPROV: dict[str, object] = {
    "sip_proxy_ip": "192.0.2.10",
    "sip_lines": {"1": {"display_name": "Waiting 4F7K2Q", "username": "ap0017", "password": "pw-slot"}},
}
SECURE: dict[str, object] = {
    "sip_proxy_ip": "example.com",
    "sip_outbound_proxy_ip": "192.0.2.13",
    "sip_outbound_proxy_port": 5090,
    "sip_backup_proxy_ip": "192.0.2.11",
    "sip_backup_registrar_ip": "backup.example.com",
    "sip_transport": "tls",
    "sip_srtp_mode": "required",
    "sip_dtmf_mode": "SIP-INFO",
    "sip_lines": {"1": ALICE, "2": {**BOB, "srtp_mode": "preferred", "dtmf_mode": "RTP-in-band"}},
    "syslog_enabled": True,
    "syslog_ip": "192.0.2.2",
    "syslog_port": 5514,
    "syslog_level": "debug",
    "dns_enabled": True,
    "dns_ip": "192.0.2.53",
    "ntp_enabled": False,
    "timezone": "Asia/Jerusalem",
    "locale": "en_GB",
}
HOSTILE = "& < > \" ' ]]> ${x} {{x}} {mac} Zoë 山田"
HOSTILE_TEXTS: dict[str, object] = {
    "sip_lines": {
        "1": {
            name: f"{name} {HOSTILE}"
            for name in (
                *("number", "display_name", "username", "auth_username", "password", "voicemail"),
                *("proxy_ip", "registrar_ip", "backup_proxy_ip"),
            )
        }
    },
    "admin_username": f"admin {HOSTILE}",
    "admin_password": f"password {HOSTILE}",
    "user_username": f"user {HOSTILE}",
    "user_password": f"user password {HOSTILE}",
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


# file -> release, model, path, settings
CASES: Mapping[str, tuple[str, str | None, str, Mapping[str, object]]] = {
    "d785.xml": (NEWEST, "D785", FILE, EXAMPLE),
    "d785-container.htm": (NEWEST, "D785", "snomD785-000413922D24.htm", {}),
    "d785-common.htm": (NEWEST, "D785", "snomD785.htm", {}),
    "d785-firmware.xml": (
        NEWEST,
        "D785",
        "snomD785-firmware.xml",
        {
            FIRMWARE: (
                "firmware/snomD785-ramdisk-chained-update-r.bin",
                "firmware/snomD785-10.1.215.13-SIP-r.bin",
                "firmware/snomD7C-1.6.1-r.bin",
            )
        },
    ),
    "d785-status.xml": (NEWEST, "D785", "snomD785.xml", {}),
    "d785-hostile.xml": (NEWEST, "D785", FILE, HOSTILE_TEXTS),
    "general.xml": (NEWEST, "D785", "snom-general.xml", {}),
    "gui_lang.xml": (NEWEST, "D785", "gui_lang.xml", {}),
    "8.7-gui_lang.xml": (OLDEST, "320", "gui_lang.xml", {}),
    "8.7-web_lang.xml": (OLDEST, "320", "web_lang.xml", {}),
    "d335-autoprov.xml": (NEWEST, "D335", FILE, AUTOPROV),
    "d862.xml": (NEWEST, "D862", FILE, EXAMPLE),
    "d717-secure.xml": (NEWEST, "D717", FILE, SECURE),
    "d815-keys.xml": (NEWEST, "D815", FILE, {**EXAMPLE, "funckeys": keys(1, 40, 41, 220, 221)}),
    "720.xml": (OLDEST, "720", FILE, EXAMPLE),
    "725.xml": (WITHOUT_BOOKS, "725", FILE, {**EXAMPLE, "X_xivo_user_uuid": None}),
    "710.xml": (OLDEST, "710", FILE, EXAMPLE),
    "300.xml": (OLDEST, "300", FILE, {**EXAMPLE, "funckeys": keys(2, 5, 7)}),
    "pa1.xml": (OLDEST, "PA1", FILE, AUTOPROV),
    "unknown-model.xml": (NEWEST, None, FILE, EXAMPLE),
    "m900.xml": (BASE, "M900", FILE, EXAMPLE),
    "m300.xml": (OLD_BASE, "M300", FILE, SECURE),
    "m400-autoprov.xml": (BASE, "M400", FILE, AUTOPROV),
    "m900-container.htm": (BASE, "M900", "snomM900-000413922D24.htm", {}),
    "m900-common.htm": (BASE, "M900", "snomM900.htm", {}),
    "5.20-m900-common.htm": (OLD_BASE, "M900", "snomM900.htm", {}),
    "m900-status.xml": (BASE, "M900", "snomM900.xml", {}),
    "m900-firmware.htm": (
        BASE,
        "M900",
        "snomM900-firmware.htm",
        {FIRMWARE: ("M900/M900_v0740_b0104.fwu", "M65/M65_v0740_b0104.fwu")},
    ),
}


def made(name: str) -> bytes:
    release, model, path, raw = CASES[name]
    plugin = next(plugin for plugin in vendor("snom").plugins if plugin.id == f"snom-{release}")
    device = Device("d1", mac=MAC, vendor="Snom", model=model)
    rule = plugin.file_for(path, "GET", Facts(), device)
    assert rule, path
    return render(plugin, rule, device if rule.source == "device" else None, settings_of(raw, BASE_URL))


if __name__ == "__main__":
    for name in CASES:
        (GOLDEN / name).write_bytes(made(name))
