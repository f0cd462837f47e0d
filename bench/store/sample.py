"""The sample: an office phone with two lines and 27 keys, and its device, many times over."""

import json

from provserver.model import Config, Device, Document, Json, Presence, Tenant

MANY = 100_000
BASE = "defaultconfigdevice"
MASTER = "9a8f2f7e-3c1b-4d57-8a44-0c5a0b1d2e3f"


def _json(value: object) -> Json:
    return Json(json.dumps(value, separators=(",", ":")).encode())


def raw_config(number: int) -> Json:
    """Return the settings of one user's phone: about 1.6 kB."""
    line = {
        "username": f"u{number:06}", "auth_username": f"u{number:06}", "password": f"{number * 7919:016x}",
        "display_name": f"User {number}", "number": str(1000 + number), "proxy_ip": "10.1.0.2",
        "registrar_ip": "10.1.0.2", "proxy_port": 5060, "voicemail": str(1000 + number),
    }  # fmt: skip
    keys = {str(key): {"type": "blf", "value": str(2000 + number % 500 + key)} for key in range(1, 28)}
    return _json(
        {
            "locale": "fr_FR", "timezone": "Europe/Paris", "protocol": "SIP", "sip_dtmf_mode": "RTP-out-of-band",
            "exten_dnd": "*25", "exten_fwd_unconditional": "*21", "exten_voicemail": "*98",
            "X_xivo_user_uuid": f"{number:032x}", "funckeys": keys,
            "sip_lines": {"1": line, "2": {**line, "username": f"v{number:06}"}},
        }
    )  # fmt: skip


def mac(number: int) -> str:
    digits = f"001565{number * 7919 % 0x1000000:06x}"
    return ":".join(digits[at : at + 2] for at in range(0, 12, 2))


def ip(number: int) -> str:
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def config(number: int) -> Config:
    return Config(
        f"{number:032x}", parents=("base", BASE), raw=raw_config(number), other=_json({"X_type": "internal"})
    )


def device(number: int) -> Device:
    return Device(
        f"{number + MANY:032x}",
        mac=mac(number),
        vendor="Yealink",
        model=("T46S", "T31G", "T54W")[number % 3],
        plugin="yealink-v86",
        config=f"{number:032x}",
        tenant=MASTER,
        added="auto",
        other=_json({"description": f"desk {number}"}),
    )


def presence(number: int) -> Presence:
    return Presence(
        f"{number + MANY:032x}",
        ip=ip(number),
        proven_ip=ip(number),
        version="66.86.0.15",
        seen=1_800_000_000.5,
        fetched={f"{mac(number).replace(':', '')}.cfg": f"{number:032x}"},
    )


def common() -> tuple[Document, ...]:
    return (
        Tenant(MASTER, name="master"),
        Config("base"),
        Config(BASE, parents=("base",), raw=_json({"ntp_enabled": True, "ntp_ip": "10.1.0.1"})),
    )
