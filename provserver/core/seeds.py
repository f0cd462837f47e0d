"""Seeds: the documents of a first start (the names are those that clients of wazo-provd know)."""

from collections.abc import Callable

import msgspec

from provserver.model import Config, Document, Json, Tenant


def seeds(
    new_id: Callable[[], str], new_secret: Callable[[], str], with_passwords: bool = True
) -> tuple[Document, ...]:
    """
    Return the master tenant and the configs `base` <- `defaultconfigdevice` <- `autoprov`.

    `autoprov` has the role `autocreate`: each phone that waits for its user inherits from it the one account
    that all of them share until slots are set up (design section 9). `new_id` gives 32 hex digits. Without
    `with_passwords` no config says how to get into a phone: each has its own passwords.
    """
    return (
        Tenant(dashed(new_id()), name="master"),
        Config("base", raw=Json(b"{}"), other=_json({"X_type": "internal"}), deletable=False),
        Config(
            "defaultconfigdevice",
            parents=("base",),
            raw=_json({"admin_username": "admin", **(passwords(new_secret) if with_passwords else {})}),
            other=_json({"X_type": "device", "label": "Default config device"}),
            deletable=False,
        ),
        Config(
            "autoprov",
            parents=("base", "defaultconfigdevice"),
            raw=_json({"protocol": "SIP", "sip_lines": {"1": _account(new_secret)}}),
            role="autocreate",
            other=_json({"X_type": "internal"}),
            deletable=False,
        ),
    )


def passwords(new_secret: Callable[[], str]) -> dict[str, str]:
    """Return random passwords, in words of a raw config."""
    return {"admin_password": new_secret(), "user_password": new_secret()}


def _account(new_secret: Callable[[], str]) -> dict[str, str]:
    name = "ap" + new_secret()
    return {"username": name, "password": new_secret(), "display_name": "Autoprov", "number": "autoprov"}


def _json(value: object) -> Json:
    return Json(msgspec.json.encode(value))


def dashed(digits: str) -> str:
    """Write 32 hex digits as a UUID, which is how clients write tenants."""
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
