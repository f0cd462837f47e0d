"""What a Polycom shows, from the parameters that it has."""

import re
from collections.abc import Iterator, Mapping

from provserver.phone.profiles.polycom.models import MODELS, Model
from provserver.phone.profiles.polycom.time_zone import describe
from provserver.phone.values import Account, Display, Key

_TRANSPORTS = {
    "UDPOnly": "udp",
    "TCPOnly": "tcp",
    "TLS": "tls",
    "DNSnaptr": "dns-naptr",
    "TCPpreferred": "tcp",
}
_KEY_TYPES = {"normal": "BLF", "automata": "park"}
_PLACE = re.compile(r"(reg|attendant\.resourceList)\.([0-9]{1,9})\.address")


def screen(model: Model, settings: Mapping[str, str]) -> Display:
    accounts = (_account(number, settings) for number in range(1, model.lines + 1))
    return Display(
        accounts=tuple(account for account in accounts if account.user_name or account.server),
        keys=tuple(
            _key(number, settings)
            for number in range(1, model.keys + 1)
            if settings.get(f"attendant.resourceList.{number}.address")
        ),
        language=settings.get("lcl.ml.lang", ""),
        time_zone=describe(settings),
    )


def out_of_place(model: str, settings: Mapping[str, str]) -> Iterator[str]:
    """Say which accounts and keys are configured though the phone has no room for them."""
    room = {"reg": MODELS[model].lines, "attendant.resourceList": MODELS[model].keys}
    for name, value in settings.items():
        place = _PLACE.fullmatch(name)
        if place and value and not 1 <= int(place[2]) <= room[place[1]]:
            yield f"{name}: a {model} has no such place"


def _account(number: int, settings: Mapping[str, str]) -> Account:
    def own(name: str) -> str:
        return settings.get(f"reg.{number}.{name}", "")

    transport = _TRANSPORTS.get(own("server.1.transport") or "UDPOnly", "unknown")
    address, port = own("server.1.address"), own("server.1.port")
    return Account(
        number,
        enabled=bool(address and own("address")) and own("server.1.register") != "0",
        label=own("label") or own("address"),
        display_name=own("displayName"),
        user_name=own("address"),
        server=f"{address}:{port or (5061 if transport == 'tls' else 5060)}" if address else "",
        transport=transport,
        password_set=bool(own("auth.password")),
    )


def _key(number: int, settings: Mapping[str, str]) -> Key:
    def own(name: str) -> str:
        return settings.get(f"attendant.resourceList.{number}.{name}", "")

    kind = own("type") or "normal"
    return Key(
        f"key {number} after the lines'",
        _KEY_TYPES.get(kind, f"type {kind}"),
        own("label"),
        own("address"),
        None,
    )
