"""What a Yealink phone shows, from the settings that it has."""

import re
from collections.abc import Mapping

from provserver.phone.profiles.yealink.models import MODELS, Model
from provserver.phone.profiles.yealink.summer_time import describe
from provserver.phone.values import Account, Display, Key

_TRANSPORTS = {"0": "udp", "1": "tcp", "2": "tls", "3": "dns-naptr"}
_KEY_TYPES = {  # DSS key codes of Yealink's administration guides
    "1": "conference",
    "2": "forward",
    "3": "transfer",
    "4": "hold",
    "5": "DND",
    "6": "redial",
    "7": "call return",
    "9": "directed pickup",
    "10": "call park",
    "11": "DTMF",
    "12": "voicemail",
    "13": "speed dial",
    "14": "intercom",
    "15": "line",
    "16": "BLF",
    "17": "URL",
    "23": "group pickup",
    "24": "paging",
    "25": "record",
    "27": "XML browser",
    "38": "LDAP",
    "39": "BLF list",
    "40": "prefix",
    "42": "ACD",
    "47": "XML phonebook",
}
_KEY_TYPE = re.compile(r"(linekey\.\d+|memorykey\.\d+|expansion_module\.\d+\.key\.\d+)\.type")
_ACCOUNT_ENABLE = re.compile(r"account\.([0-9]{1,9})\.enable")


def screen(model: Model, settings: Mapping[str, str]) -> Display:
    accounts = (_account(number, settings) for number in range(1, model.accounts + 1))
    return Display(
        accounts=tuple(account for account in accounts if account.enabled or account.user_name),
        keys=tuple(
            _key(place, prefix, settings)
            for prefix, place in _places(model).items()
            if settings.get(f"{prefix}.type", "0") != "0"
        ),
        language=_language(settings),
        time_zone=describe(settings),
    )


def _language(settings: Mapping[str, str]) -> str:
    """Lines 81 and 82 have a prefix; a base has no screen, but a web page, and a number for its handsets."""
    names = ("lang.gui", "static.lang.gui", "lang.wui", "static.lang.wui")
    return next((settings[name] for name in names if name in settings), "")


def out_of_place(model_name: str, settings: Mapping[str, str]) -> tuple[str, ...]:
    """Say which accounts and keys are configured though the phone has no room for them."""
    model = MODELS[model_name]
    places = _places(model)

    def has_place(name: str) -> bool:
        if key := _KEY_TYPE.fullmatch(name):
            return key[1] in places
        account = _ACCOUNT_ENABLE.fullmatch(name)
        return account is None or int(account[1]) <= model.accounts

    return tuple(
        f"{name}: a {model_name} has no such place"
        for name, value in settings.items()
        if value != "0" and not has_place(name)
    )


def _account(number: int, settings: Mapping[str, str]) -> Account:
    def own(name: str, default: str = "") -> str:
        return settings.get(f"account.{number}.{name}", default)

    template = own("sip_server.template")  # of a base: what accounts share

    def of_server(name: str, default: str = "") -> str:
        shared = settings.get(f"template.{template}.sip_server.1.{name}", default)
        return own(f"sip_server.1.{name}", shared)

    address, port = of_server("address"), of_server("port", "5060")
    return Account(
        number,
        enabled=own("enable") == "1",
        label=own("label"),
        display_name=own("display_name"),
        user_name=own("user_name"),
        server=f"{address}:{port}" if address else "",
        transport=_TRANSPORTS.get(of_server("transport_type", own("transport", "0")), "unknown"),
        password_set=bool(own("password")),
    )


def _places(model: Model) -> dict[str, str]:
    """Return the keys that the phone has room for: prefix in its files -> name for people, in order."""
    places = {f"linekey.{key}": f"line key {key}" for key in range(1, model.keys + 1)}
    places |= {f"memorykey.{key}": f"memory key {key}" for key in range(1, model.memory_keys + 1)}
    if model.module:
        for number in range(1, model.module.most + 1):
            for key in range(1, model.module.keys + 1):
                places[f"expansion_module.{number}.key.{key}"] = f"{model.module.name} {number} key {key}"
    return places


def _key(place: str, prefix: str, settings: Mapping[str, str]) -> Key:
    number = settings[f"{prefix}.type"]
    account = settings.get(f"{prefix}.line", "")
    return Key(
        place,
        type=_KEY_TYPES.get(number, f"type {number}"),
        label=settings.get(f"{prefix}.label", ""),
        value=settings.get(f"{prefix}.value", ""),
        account=int(account) if re.fullmatch("[0-9]{1,3}", account) else None,
    )
