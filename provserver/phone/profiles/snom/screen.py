"""What a Snom shows, from the settings that it has."""

import re
from collections.abc import Iterator, Mapping

from provserver.phone.profiles.snom.models import MODELS, Model
from provserver.phone.values import Account, Display, Key

_KEY_TYPES = {
    "blf": "BLF",
    "orbit": "call park",
    "speed": "speed dial",
    "keyevent": "event",
    "url": "URL",
    "transfer": "transfer",
}
_NO_FUNCTION = ("", "line", "none")


def screen(model: Model, settings: Mapping[str, str]) -> Display:
    accounts = (
        _handset(number, settings) if model.is_base else _identity(number, settings)
        for number in range(1, model.identities + 1)
        if settings.get(f"user_name[{number}]") or settings.get(f"user_active[{number}]") == "on"
    )
    return Display(
        accounts=tuple(accounts),
        keys=tuple(_keys(model, settings)),
        language=settings.get("language", ""),
        time_zone=_zone(settings),
    )


def out_of_place(model_name: str, settings: Mapping[str, str]) -> tuple[str, ...]:
    """Say which identities are on, and which keys have a function, though the phone has no room for them."""
    model = MODELS[model_name]
    found = []
    for name, value in settings.items():
        match = re.fullmatch(r"(user_active|fkey)\[(\d{1,9})\]", name)
        if not match:
            continue
        number = int(match[2])
        if match[1] == "user_active":
            absent = value == "on" and not 1 <= number <= model.identities
        else:
            absent = value.partition(" ")[0] not in _NO_FUNCTION and number >= model.last_key
        if absent:
            found.append(f"{name}: a {model_name} has no such place")
    return tuple(found)


def _identity(number: int, settings: Mapping[str, str]) -> Account:
    def own(name: str) -> str:
        return settings.get(f"{name}[{number}]", "")

    address, _, parameters = own("user_outbound").partition(";")
    transport = re.fullmatch("transport=(udp|tcp|tls)", parameters)
    return Account(
        number,
        enabled=own("user_active") == "on",
        label=own("user_idle_text"),
        display_name=own("user_realname"),
        user_name=own("user_name"),
        server=address or own("user_host"),
        transport=transport[1] if transport else "udp" if not parameters else "unknown",
        password_set=bool(own("user_pass")),
    )


def _handset(number: int, settings: Mapping[str, str]) -> Account:
    def own(name: str) -> str:
        return settings.get(f"{name}[{number}]", "")

    server = own("subscr_sip_ua_data_server_id")
    return Account(
        number,
        enabled=own("user_active") == "on",
        label=own("user_realname"),
        display_name=own("user_realname"),
        user_name=own("user_name"),
        server=settings.get(f"user_outbound[{server}]") or settings.get(f"user_host[{server}]", ""),
        transport=settings.get(f"srv_sip_transport[{server}]", "udp"),
        password_set=bool(own("user_pass")),
    )


def _keys(model: Model, settings: Mapping[str, str]) -> Iterator[Key]:
    for idx in range(model.last_key):
        kind, _, value = settings.get(f"fkey[{idx}]", "").partition(" ")
        if kind not in _NO_FUNCTION:
            context = settings.get(f"fkey[{idx}]@context", "")
            yield Key(
                f"key {idx + 1}",
                type=_KEY_TYPES.get(kind, f"type {kind}"),
                label=settings.get(f"fkey[{idx}]@label", ""),
                value=value,
                account=int(context) if re.fullmatch("[0-9]{1,3}", context) else None,
            )


def _zone(settings: Mapping[str, str]) -> str:
    """Return the code of the zone, or where there is none the offset and the rule of the summer time."""
    code, seconds = settings.get("timezone", ""), settings.get("utc_offset", "")
    if code or not re.fullmatch(r"[+-]?\d{1,6}", seconds):
        return code
    hours, minutes = divmod(abs(int(seconds)) // 60, 60)
    summer = settings.get("dst", "")
    return f"UTC{'-' if int(seconds) < 0 else '+'}{hours}:{minutes:02}" + (
        f", summer time {summer}" if summer else ""
    )
