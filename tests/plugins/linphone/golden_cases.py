"""
The golden files: which settings. `python -m tests.plugins.linphone.golden_cases` writes them anew.

All of them have been read by a real linphonec 5.1.65, as `tests/e2e/test_e2e_linphone.py` does.
"""

from collections.abc import Mapping
from pathlib import Path

from provserver.model import Device, Facts
from tests.vendors.making import render, settings_of, vendor

GOLDEN = Path(__file__).parent / "golden"
UUID = "70956075-10bc-00bc-8c18-2809a4574486"
FILE = f"linphone/{UUID}.xml"
AUTOPROV: dict[str, object] = {
    "sip_proxy_ip": "192.0.2.10",
    "sip_lines": {"1": {"display_name": "Waiting 4F7K2Q", "username": "ap0017", "password": "pw-slot"}},
}
SECURE: dict[str, object] = {
    "sip_proxy_ip": "example.com",
    "sip_proxy_port": 5071,
    "sip_outbound_proxy_ip": "192.0.2.13",
    "sip_outbound_proxy_port": 5090,
    "sip_transport": "tls",
    "sip_srtp_mode": "required",
    "sip_dtmf_mode": "SIP-INFO",
    "sip_lines": {
        "1": {"display_name": "Alice", "username": "alice", "auth_username": "alice1", "password": "pw1"},
        "3": {"username": "bob", "password": "pw3", "proxy_ip": "2001:db8::3", "proxy_port": 5099},
        "5": {"username": "beyond", "password": "pw5"},
    },
}
HOSTILE = "& < > \" ' \\ ]]> ${x} {{x}} %s # ; = [x] Zoë 山田"
HOSTILE_TEXTS: dict[str, object] = {
    "sip_lines": {
        "1": {
            "proxy_ip": "192.0.2.10",
            **{
                name: f"{name} {HOSTILE}"
                for name in ("display_name", "username", "auth_username", "password")
            },
        }
    },
}

CASES: Mapping[str, tuple[str | None, Mapping[str, object]]] = {  # file -> model, settings
    "autoprov.xml": ("LINPHONE", AUTOPROV),
    "secure.xml": ("LINPHONE", SECURE),
    "hostile.xml": ("LINPHONE", HOSTILE_TEXTS),
    "unknown-model.xml": (None, SECURE),
}


def made(name: str) -> bytes:
    model, raw = CASES[name]
    plugin = vendor("linphone").plugins[-1]
    device = Device("d1", uuid=UUID, vendor="Linphone", model=model)
    rule = plugin.file_for(FILE, "GET", Facts(), device)
    assert rule
    return render(plugin, rule, device, settings_of(raw))


if __name__ == "__main__":
    for name in CASES:
        (GOLDEN / name).write_bytes(made(name))
