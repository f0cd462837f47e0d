"""
The golden files: which phone, with which settings. `python -m tests.plugins.yealink.golden_cases` writes them anew.

T20P, T23G, T31G and W90DM are the worked examples of the facts about the reference (`sample-*.cfg` is what the
reference makes of them); README.md beside the files gives the reason of each difference.
"""

from collections.abc import Mapping
from pathlib import Path

from attrs import evolve

from provserver.model import Device, Facts
from provserver.vendors.table import FIRMWARE
from tests.contracts.vendor_settings import KEY_PEM, PEM
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
EXAMPLE_FROM_2 = {
    "2": {"type": "blf", "value": "1010", "label": "Bob"},
    "3": {"type": "speeddial", "value": "1011", "label": "Desk"},
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


V73, V80, V81, V82, V83, V84, V85, V86, V87 = (f"yealink-v{number}" for number in (73, *range(80, 88)))
BOUNDARIES = keys(1, 2, 3, 27, 28, 67, 68, 267, 268)
CERTIFICATES: dict[str, object] = {
    "sip_servers_root_and_intermediate_certificates": [PEM, PEM],
    "sip_local_certificate": PEM,
    "sip_local_key": KEY_PEM,
}
TWO_SERVERS: dict[str, object] = {
    **EXAMPLE,
    "sip_lines": {**LINES, "7": {**LINES["1"], "proxy_ip": "example.com", "outbound_proxy_ip": "192.0.2.13"}},
}
# `firmware` is what the chain adds where upgrades are switched on and the files are here.
UPGRADE = ("firmware/W70B-146.85.0.40.rom", "firmware/W73H-116.85.0.35.rom", "firmware/W56H-61.85.0.20.rom")

Case = tuple[str, str | None, str, Mapping[str, object]]  # plugin, model, path, settings
CASES: Mapping[str, Case] = {
    # the worked examples
    "t20p.cfg": (V73, "T20P", FILE, EXAMPLE),
    "t23g.cfg": (V82, "T23G", FILE, {**EXAMPLE, "funckeys": EXAMPLE_FROM_2}),
    "t31g.cfg": (V86, "T31G", FILE, EXAMPLE),
    "w90dm.cfg": (V85, "W90DM", FILE, {**EXAMPLE, "funckeys": {}}),
    # desk phones by generation
    "t28p.cfg": (V73, "T28P", FILE, {**SECURE, "funckeys": keys(1, 6, 7, 16, 17)}),
    "t46g-v80.cfg": (V80, "T46G", FILE, SECURE),
    "cp960-v80.cfg": (V80, "CP960", FILE, {**EXAMPLE, "funckeys": keys(1, 30, 31)}),
    "t42s-v81.cfg": (V81, "T42S", FILE, EXAMPLE),
    "t48g-v82.cfg": (V82, "T48G", FILE, SECURE),
    "t54s-v83.cfg": (V83, "T54S", FILE, EXAMPLE),
    "t58-v84.cfg": (V84, "T58", FILE, {**EXAMPLE, "funckeys": keys(1, 28, 207)}),
    "cp920-v85.cfg": (V85, "CP920", FILE, SECURE),
    "t31g-hostile.cfg": (V86, "T31G", FILE, HOSTILE_TEXTS),
    "t33g.cfg": (V86, "T33G", FILE, EXAMPLE),
    "t46s-exp40.cfg": (V86, "T46S", FILE, {**EXAMPLE, "funckeys": BOUNDARIES}),
    "t46s-autoprov.cfg": (V86, "T46S", FILE, AUTOPROV),
    "t46u-exp43.cfg": (V86, "T46U", FILE, {**EXAMPLE, "funckeys": keys(27, 28, 87, 88, 207, 208)}),
    "t54w-exp50.cfg": (V86, "T54W", FILE, {**SECURE, "funckeys": keys(27, 28, 87, 88, 207, 208)}),
    "t58w.cfg": (V86, "T58W", FILE, SECURE),
    "cp925.cfg": (V86, "CP925", FILE, SECURE),
    "ax83h.cfg": (V86, "AX83H", FILE, EXAMPLE),
    "t87w-exp55.cfg": (V87, "T87W", FILE, {**SECURE, "funckeys": keys(95, 96, 173, 174, 329, 330)}),
    # DECT bases by generation
    "w52p-v73.cfg": (V73, "W52P", FILE, SECURE),
    "w52p-v81.cfg": (V81, "W52P", FILE, EXAMPLE),
    "w60b-v83-autoprov.cfg": (V83, "W60B", FILE, AUTOPROV),
    "w70b-v85-upgrade.cfg": (V85, "W70B", FILE, {**EXAMPLE, "firmware": UPGRADE}),
    "w70b-v87.cfg": (V87, "W70B", FILE, {**SECURE, **CERTIFICATES}),
    "w75dm-v87.cfg": (V87, "W75DM", FILE, TWO_SERVERS),
    "w90b-v85.cfg": (V85, "W90B", FILE, {**EXAMPLE, "sip_lines": {}}),
    # what is the same for all
    "unknown-model.cfg": (V86, None, FILE, EXAMPLE),
    "y000000000066.cfg": (V86, None, "y000000000066.cfg", {}),
    "y000000000028-v80.cfg": (V80, None, "y000000000028.cfg", {}),
    "directory_setting.xml": (V86, None, "directory_setting.xml", {"locale": "fr_FR"}),
    "ca.pem": (V86, "T46S", "0015654aa937-ca.pem", CERTIFICATES),
    "own.pem": (V86, "T46S", "0015654aa937-own.pem", CERTIFICATES),
}


def made(name: str) -> bytes:
    plugin_id, model, path, raw = CASES[name]
    plugin = next(plugin for plugin in vendor("yealink").plugins if plugin.id == plugin_id)
    device = Device("d1", mac=MAC, vendor="Yealink", model=model)
    rule = plugin.file_for(path, "GET", Facts(), device)
    assert rule, path
    settings = settings_of({key: value for key, value in raw.items() if key != FIRMWARE})
    if FIRMWARE in raw:
        settings = evolve(settings, values={**settings.values, FIRMWARE: raw[FIRMWARE]})
    return render(plugin, rule, device if rule.source == "device" else None, settings)


if __name__ == "__main__":
    for name in CASES:
        (GOLDEN / name).write_bytes(made(name))
