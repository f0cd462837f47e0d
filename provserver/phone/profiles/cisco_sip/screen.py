"""What an 8941 or 8945 shows, from its `SEP<MAC>.cnf.xml`: each button is a line or a key."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from provserver.phone.profiles.cisco_files import call_managers, language, text_of, time_zone
from provserver.phone.profiles.cisco_sip.models import MODELS
from provserver.phone.values import Account, Display, Key

_LINE = "9"
_KEY_TYPES = {"2": "speed dial", "21": "BLF"}  # values of featureID
_TRANSPORTS = {"1": "tcp", "2": "udp", "3": "tls"}
_BY_CALL_MANAGER = "USECALLMANAGER"


def screen(device: Element) -> Display:
    placed = list(buttons(device))
    return Display(
        accounts=tuple(_account(number, line, device) for number, line in placed if _feature(line) == _LINE),
        keys=tuple(_key(number, line) for number, line in placed if _feature(line) != _LINE),
        language=language(device),
        time_zone=time_zone(device),
    )


def out_of_place(model: str, device: Element) -> Iterator[str]:
    """Say which lines and keys are configured though the phone has no button for them."""
    for number, _ in buttons(device):
        if not 1 <= number <= MODELS[model].buttons:
            yield f"button {number}: an {model} has no such place"


def buttons(device: Element) -> Iterator[tuple[int, Element]]:
    for line in device.findall("sipProfile/sipLines/line"):
        button = line.get("button", "")
        yield int(button) if button.isdecimal() and len(button) < 5 else 0, line


def _feature(line: Element) -> str:
    return text_of(line, "featureID")


def _account(number: int, line: Element, device: Element) -> Account:
    proxy, port = text_of(line, "proxy"), text_of(line, "port") or "5060"
    if proxy == _BY_CALL_MANAGER:
        server = next(iter(call_managers(device, "sipPort", port)), "")
    else:
        server = f"{proxy}:{port}" if proxy else ""
    return Account(
        number,
        enabled=bool(server),
        label=text_of(line, "featureLabel"),
        display_name=text_of(line, "displayName"),
        user_name=text_of(line, "name"),
        server=server,
        transport=_TRANSPORTS.get(text_of(device, "transportLayerProtocol") or "2", "unknown"),
        password_set=bool(text_of(line, "authPassword")),
    )


def _key(number: int, line: Element) -> Key:
    kind = _feature(line)
    return Key(
        f"button {number}",
        _KEY_TYPES.get(kind, f"feature {kind}"),
        text_of(line, "featureLabel"),
        text_of(line, "speedDialNumber"),
        None,
    )
