"""Kinds of values: stricter than those of a raw config, since it is a person who writes them."""

import re
from collections.abc import Callable, Mapping
from functools import partial
from ipaddress import IPv4Address, ip_address
from urllib.parse import urlsplit

from provserver.address import Networks
from provserver.model.words import SECRET
from provserver.raw_config.fields import Kind

_LAST_PORT = 65535


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _read_address(value: object) -> str:
    return str(ip_address(_text(value))) if value else _text(value)


def _read_endpoint(value: object) -> str:
    text = _text(value)
    host, _, port = text.rpartition(":")
    if text and not (port.isdecimal() and int(port) <= _LAST_PORT and ip_address(host.strip("[]"))):
        raise ValueError
    return text


def _read_texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        raise TypeError
    return tuple(value)


def _read_addresses(value: object) -> tuple[str, ...]:
    return tuple(text if text == "*" else str(IPv4Address(text)) for text in _read_texts(value))


def _read_switch(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _read_networks(value: object) -> Networks:
    return Networks(_read_texts(value))


def _read_url(value: object) -> str:
    text = _text(value)
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0:
        raise ValueError
    if not re.fullmatch(r"[!-~]+", text) or re.search(r"[?#@]", text):
        raise ValueError
    return text.rstrip("/")


def _read_pin(value: object) -> str:
    pin = _text(value)
    if pin and not re.fullmatch("[0-9]{4,12}", pin):
        raise ValueError
    return pin


def _read_path(value: object) -> str:
    path = _text(value)
    if not path or "\0" in path:
        raise ValueError
    return path


def _read_whole(low: int, high: int, value: object) -> int:
    if type(value) is not int or not low <= value <= high:
        raise ValueError
    return value


def _read_choice(words: tuple[str, ...], value: object) -> str:
    if value not in words:
        raise ValueError
    return str(value)


def _kind(read: Callable[[object], object], expected: str) -> Mapping[str, Kind]:
    """Return the metadata of a field."""
    return {"kind": Kind(read, expected)}


def whole(low: int, high: int) -> Mapping[str, Kind]:
    return _kind(partial(_read_whole, low, high), f"a whole number from {low} to {high}")


def choice(words: tuple[str, ...]) -> Mapping[str, Kind]:
    return _kind(partial(_read_choice, words), f"one of {', '.join(words)}")


PORT = whole(0, _LAST_PORT)
COUNT = whole(0, 10**9)
SOME = whole(1, 10**9)
BYTES = whole(0, 10**12)
ADDRESS = _kind(_read_address, 'an IP address, or "" for all')
ENDPOINT = _kind(_read_endpoint, "an address with a port, like 127.0.0.1:4573 or [::1]:4573")
NETWORKS = _kind(_read_networks, 'a list of networks, like ["10.0.0.0/8", "fd00::/8"]')
USERS = _kind(_read_texts, 'a list of system users, like ["root", "dnsmasq"]')
INTERFACES = _kind(_read_texts, 'a list of network interfaces, like ["eth0"]')
ADDRESSES = _kind(
    _read_addresses, 'a list of IPv4 addresses of this machine, like ["192.168.1.10"], or ["*"]'
)
PLUGINS = _kind(_read_texts, 'a list of plugins, like ["yealink-v86"]')
PIN = {**_kind(_read_pin, 'a text of 4 to 12 digits, or "" for none'), **SECRET}
SWITCH = _kind(_read_switch, "true or false")
URL = _kind(_read_url, "a URL like http://provd.example.org:8667, without user, query and fragment")
PATH = _kind(_read_path, "the name of a file, like /etc/provd/auth-key")
