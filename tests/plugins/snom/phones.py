"""What tests of Snom share: a phone, its files with some settings, and what it reads in them."""

from collections.abc import Mapping
from datetime import date

from provserver.model import Device, Facts, Json, Settings
from tests.plugins.snom.reading import Read, read_settings
from tests.vendors.making import TODAY, render, settings_of, vendor

Raw = Mapping[str, object]

MAC = "00:04:13:92:2d:24"
PLUGINS = {plugin.id: plugin for plugin in vendor("snom").plugins}
NEWEST, OLDEST = "snom-10.1.215.13", "snom-8.7.5.35"
LINE = {
    "username": "u1",
    "password": "pw",
    "display_name": "Alice",
    "number": "1001",
    "proxy_ip": "192.0.2.10",
}
PBX = {"X_xivo_phonebook_ip": "192.0.2.20", "X_xivo_user_uuid": "7a3f"}
BOOK = "url http://192.0.2.20:9498/0.1/directories/input/default/snom?xivo_user_uuid=7a3f"
NO_BOOK = "keyevent F_ADR_BOOK"


def phone(model: str | None = "D785", options: bytes = b"{}") -> Device:
    return Device("d1", mac=MAC, vendor="Snom", model=model, options=Json(options))


def made(
    settings: Settings, device: Device, plugin: str, path: str = "000413922D24.xml", today: date = TODAY
) -> bytes:
    rule = PLUGINS[plugin].file_for(path, "GET", Facts(), device)
    assert rule
    return render(PLUGINS[plugin], rule, device if rule.source == "device" else None, settings, today)


def read(raw: Raw, model: str | None = "D785", plugin: str = NEWEST, today: date = TODAY) -> Read:
    return read_settings(made(settings_of(raw), phone(model), plugin, today=today))


def lines(*numbers: int, **own: object) -> Raw:
    return {"sip_lines": {str(number): {**LINE, **own, "username": f"u{number}"} for number in numbers}}
