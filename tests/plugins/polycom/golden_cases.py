"""
The golden files: which phone, with which settings. `python -m tests.plugins.polycom.golden_cases` writes them anew.

VVX410 is the worked example of the facts about the reference (`sample-vvx410.cfg` is what the reference makes of it);
README.md beside the files gives the reason of each difference.
"""

from collections.abc import Mapping
from pathlib import Path

from provserver.model import Device, Facts
from provserver.vendors.table import FIRMWARE
from tests.vendors.making import render, settings_of, vendor

GOLDEN = Path(__file__).parent / "golden"
MAC = "00:04:f2:aa:bb:cc"
OWN, MASTER, COMMON = "0004f2aabbcc-user.cfg", "000000000000.cfg", "common.cfg"
ALICE = {"number": "1001", "display_name": "Alice", "username": "abc1", "password": "pw1"}
EXAMPLE: dict[str, object] = {
    "sip_proxy_ip": "10.0.0.5",
    "sip_proxy_port": 5060,
    "sip_lines": {
        "1": ALICE,
        "2": {"number": "1002", "display_name": "Alice 2", "username": "abc2", "password": "pw2"},
    },
    "exten_voicemail": "*98",
    "exten_pickup_call": "*8",
    "sip_subscribe_mwi": True,
    "sip_srtp_mode": "disabled",
    "vlan_enabled": True,
    "vlan_id": 100,
    "ntp_enabled": True,
    "ntp_ip": "10.0.0.5",
    "timezone": "Europe/Paris",
    "locale": "fr_FR",
    "admin_password": "9486",
    "X_xivo_phonebook_ip": "10.0.0.5",
    "X_xivo_user_uuid": "U",
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
    "sip_backup_proxy_ip": "backup.example.com",
    "sip_transport": "tls",
    "sip_srtp_mode": "required",
    "sip_dtmf_mode": "SIP-INFO",
    "sip_lines": {"1": ALICE},
    "syslog_enabled": True,
    "syslog_ip": "192.0.2.2",
    "syslog_level": "info",
    "vlan_enabled": True,
    "vlan_id": 7,
    "vlan_priority": 5,
    "dns_enabled": True,
    "dns_ip": "192.0.2.53",
    "ntp_enabled": False,
    "timezone": "Asia/Jerusalem",
    "locale": "en_US",
    "X_xivo_phonebook_ip": "192.0.2.20",
    "X_xivo_user_uuid": "7a3f",
}
HOSTILE = "& < > \" ' ]]> ${x} {{x}} &amp; [PHONE_MAC_ADDRESS] <!-- Zoë 山田"
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
    "sip_subscribe_mwi": True,
    "ntp_ip": f"ntp {HOSTILE}",
    "admin_password": f"admin {HOSTILE}",
    "user_password": f"user {HOSTILE}",
    "exten_pickup_call": f"pickup {HOSTILE}",
    "X_xivo_phonebook_ip": "2001:db8::20",
    "X_xivo_user_uuid": f"uuid {HOSTILE}",
    "funckeys": {"2": {"type": "blf", "value": f"value {HOSTILE}", "label": f"label {HOSTILE}"}},
}


def keys(*numbers: int) -> dict[str, object]:
    """A key on each of these positions."""
    kinds = ("blf", "speeddial", "park")
    return {
        str(number): {"type": kinds[number % 3], "value": f"7{number:03}", "label": f"Key {number}"}
        for number in numbers
    }


CASES: Mapping[
    str, tuple[str, str | None, str, Mapping[str, object]]
] = {  # file -> release, model, path, settings
    "vvx410.cfg": ("5.9.2", "VVX410", OWN, EXAMPLE),
    "vvx410-hostile.cfg": ("5.9.2", "VVX410", OWN, HOSTILE_TEXTS),
    "vvx101-autoprov.cfg": ("5.4.3", "VVX101", OWN, AUTOPROV),
    "vvx250-secure.cfg": ("6.4.6", "VVX250", OWN, SECURE),
    "vvx600-modules.cfg": (
        "5.8.2",
        "VVX600",
        OWN,
        {**AUTOPROV, "funckeys": keys(0, 1, 16, 17, 135, 136, 137)},
    ),
    "vvx1500-3.2.4B.cfg": ("3.2.4B", "VVX1500", OWN, EXAMPLE),
    "vvx1500-5.5.1.cfg": ("5.5.1", "VVX1500", OWN, EXAMPLE),
    "spip550-4.0.11.cfg": ("4.0.11", "SPIP550", OWN, EXAMPLE),
    "spip550-3.2.4B.cfg": ("3.2.4B", "SPIP550", OWN, EXAMPLE),
    "spip601-3.1.6.cfg": ("3.1.6", "SPIP601", OWN, SECURE),
    "ssip6000-secure.cfg": ("4.0.11", "SSIP6000", OWN, SECURE),
    "unknown-model.cfg": ("6.4.6", None, OWN, EXAMPLE),
    **{
        f"{name}-{release}.cfg": (release, None, path, raw)
        for release, raw in (
            *(("3.1.6", {FIRMWARE: ("2345-11605-001.sip_316.ld",)}), ("3.2.4B", {}), ("4.0.11", {})),
            *(("5.4.3", {}), ("6.4.6", {FIRMWARE: ("sip.ld", "bootblock.ld")})),
        )
        for name, path in (("master", MASTER), ("common", COMMON))
    },
}


def made(name: str) -> bytes:
    release, model, path, raw = CASES[name]
    plugin = next(plugin for plugin in vendor("polycom").plugins if plugin.id == f"polycom-{release}")
    device = Device("d1", mac=MAC, vendor="Polycom", model=model)
    rule = plugin.file_for(path, "GET", Facts(), device)
    assert rule, path
    return render(plugin, rule, device if rule.source == "device" else None, settings_of(raw))


if __name__ == "__main__":
    for name in CASES:
        (GOLDEN / name).write_bytes(made(name))
