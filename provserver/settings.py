"""
Settings: what the file `provd.toml` and the command line say, checked; `docs/configuration.md` explains each.

The tables are the classes: a field is a setting, with what holds without a file and what is accepted.
"""

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from functools import partial
from ipaddress import IPv4Address, ip_address
from typing import Any
from urllib.parse import urlsplit

from attrs import evolve, field, fields_dict, frozen

from provserver.address import Networks
from provserver.errors import Invalid, ProvdError
from provserver.raw_config import problems_of
from provserver.raw_config.fields import Kind

_MIB = 2**20
_LAST_PORT = 65535
_NOWHERE = Networks(())
_LOCAL = Networks(
    (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "169.254.0.0/16",
        "127.0.0.0/8",
        "::1/128",
        "fc00::/7",
        "fe80::/10",
    )
)


class InvalidSettings(ProvdError):
    """The file or the command line is wrong; the text has one problem a line, all of them."""

    reason_id = "start.invalid-settings"

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


# --- kinds of values: stricter than those of a raw config, since it is a person who writes them ----------------


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


def _read_whole(low: int, high: int, value: object) -> int:
    if type(value) is not int or not low <= value <= high:
        raise ValueError
    return value


def _kind(read: Callable[[object], object], expected: str) -> Mapping[str, Kind]:
    """Return the metadata of a field."""
    return {"kind": Kind(read, expected)}


def _whole(low: int, high: int) -> Mapping[str, Kind]:
    return _kind(partial(_read_whole, low, high), f"a whole number from {low} to {high}")


_PORT = _whole(0, _LAST_PORT)
_COUNT = _whole(0, 10**9)
_SOME = _whole(1, 10**9)
_BYTES = _whole(0, 10**12)
_ADDRESS = _kind(_read_address, 'an IP address, or "" for all')
_ENDPOINT = _kind(_read_endpoint, "an address with a port, like 127.0.0.1:4573 or [::1]:4573")
_NETWORKS = _kind(_read_networks, 'a list of networks, like ["10.0.0.0/8", "fd00::/8"]')
_USERS = _kind(_read_texts, 'a list of system users, like ["root", "dnsmasq"]')
_INTERFACES = _kind(_read_texts, 'a list of network interfaces, like ["eth0"]')
_ADDRESSES = _kind(
    _read_addresses, 'a list of IPv4 addresses of this machine, like ["192.168.1.10"], or ["*"]'
)
_SWITCH = _kind(_read_switch, "true or false")
_URL = _kind(_read_url, "a URL like http://provd.example.org:8667, without user, query and fragment")


# --- the sections ----------------------------------------------------------------------------------------------


@frozen
class Listen:
    """Where provd listens. Port 0 is any free one; `listening.json` tells which."""

    bind: str = field(default="", metadata=_ADDRESS)  # for phones
    http_port: int = field(default=8667, metadata=_PORT)
    rest_bind: str = field(default="127.0.0.1", metadata=_ADDRESS)
    rest_port: int = field(default=8666, metadata=_PORT)
    tftp_port: int | None = field(default=None, metadata=_PORT)  # None: 69, or 6969 where 69 is not permitted
    tftp_single_port: bool = field(default=False, metadata=_SWITCH)
    pnp: tuple[str, ...] = field(default=(), metadata=_ADDRESSES)  # of interfaces; (): not at all
    agi: str = field(default="", metadata=_ENDPOINT)  # "": not at all


@frozen
class Phones:
    """`url` has no trailing slash; None is the address that the phone itself asked."""

    url: str | None = field(default=None, metadata=_URL)
    trusted_proxies: Networks = field(default=_NOWHERE, metadata=_NETWORKS)
    uploads: bool = field(default=False, metadata=_SWITCH)


@frozen
class Network:
    allowed: Networks = field(default=_LOCAL, metadata=_NETWORKS)
    nat: Networks = field(default=_NOWHERE, metadata=_NETWORKS)


@frozen
class Limits:
    """`_local` holds on the allowed networks, `_elsewhere` anywhere else, and any other for all together."""

    new_devices_burst_local: int = field(default=5_000, metadata=_COUNT)  # from one address
    new_devices_burst_elsewhere: int = field(default=50, metadata=_COUNT)
    new_devices_per_minute_local: int = field(default=500, metadata=_SOME)
    new_devices_per_minute_elsewhere: int = field(default=10, metadata=_SOME)
    waiting_devices: int = field(default=20_000, metadata=_COUNT)  # for their first user
    tftp_transfers_per_address_local: int = field(default=2_000, metadata=_COUNT)
    tftp_transfers_per_address_elsewhere: int = field(default=32, metadata=_COUNT)
    tftp_transfers: int = field(default=10_000, metadata=_COUNT)
    tftp_blksize: int = field(default=1468, metadata=_whole(8, 65464))  # RFC 2348; fills an Ethernet packet
    tftp_windowsize: int = field(default=64, metadata=_whole(1, 65535))  # RFC 7440
    http_connections: int = field(default=10_000, metadata=_SOME)
    http_idle_s: int = field(default=30, metadata=_SOME)
    http_header_bytes: int = field(default=16 * 1024, metadata=_BYTES)
    phone_body_bytes: int = field(default=64 * 1024, metadata=_BYTES)
    rest_body_bytes: int = field(default=8 * _MIB, metadata=_BYTES)
    upload_bytes: int = field(default=_MIB, metadata=_BYTES)  # one file
    uploads_per_device_bytes: int = field(default=10 * _MIB, metadata=_BYTES)
    timeline_answers: int = field(default=20, metadata=_COUNT)  # of one device
    timeline_bytes: int = field(default=64 * _MIB, metadata=_BYTES)
    rendered_cache_bytes: int = field(default=64 * _MIB, metadata=_BYTES)


@frozen
class Dhcp:
    """`users` may tell of leases, beside provd's own user; on the interfaces `listen` the wire is read."""

    users: tuple[str, ...] = field(default=("root", "dnsmasq", "_kea", "dhcpd"), metadata=_USERS)
    listen: tuple[str, ...] = field(default=(), metadata=_INTERFACES)


@frozen
class ServerSettings:
    listen: Listen = Listen()
    phones: Phones = Phones()
    network: Network = Network()
    limits: Limits = Limits()
    dhcp: Dhcp = Dhcp()
    raw_config: Mapping[str, object] = field(factory=dict, repr=False)  # a valid one


SECTIONS: Mapping[str, Any] = {
    "listen": Listen,
    "phones": Phones,
    "network": Network,
    "limits": Limits,
    "dhcp": Dhcp,
}
_LATER = ("auth", "store", "pbx")  # sections that may be there, but in which this version knows no setting
_OPTIONS = ("bind", "http_port", "rest_port", "tftp_port")
_NAMES = (
    *SECTIONS,
    *(f"{section}.{name}" for section, kind in SECTIONS.items() for name in fields_dict(kind)),
)


# --- reading ---------------------------------------------------------------------------------------------------


def read_settings(toml: str, options: Mapping[str, object]) -> ServerSettings:
    """
    Return the settings of a file, and over them `bind http_port rest_port tftp_port` of `options` where they are
    not None. Ports may be text there; other options are not looked at.

    Raises:
        InvalidSettings: every problem of both; where the file is no TOML only that, with its line.
    """
    try:
        document = tomllib.loads(toml)
    except (ValueError, RecursionError) as error:
        raise InvalidSettings([f"not TOML: {error}"]) from None
    problems: list[str] = []
    given = {
        name: _given(name, document.pop(name, {}), problems) for name in (*SECTIONS, "raw_config", *_LATER)
    }
    problems += [_unknown(name) for name in document]
    problems += [f"{name}.{key}: this version has no such setting" for name in _LATER for key in given[name]]
    problems += [f"raw_config.{problem}" for problem in problems_of(given["raw_config"])]
    sections = {
        name: section(**_read(section, given[name], f"{name}.{{}}".format, problems))
        for name, section in SECTIONS.items()
    }
    sections["listen"] = evolve(sections["listen"], **_overrides(options, problems))
    if problems:
        raise InvalidSettings(problems)
    return ServerSettings(**sections, raw_config=given["raw_config"])


def _given(name: str, section: object, problems: list[str]) -> dict[str, object]:
    if isinstance(section, dict):
        return section
    problems.append(f"{name}: expected a section [{name}], got {type(section).__name__}")
    return {}


def _overrides(options: Mapping[str, object], problems: list[str]) -> dict[str, object]:
    given = {name: _number(options[name]) for name in _OPTIONS if options.get(name) is not None}
    return _read(Listen, given, lambda name: f"--{name.replace('_', '-')}", problems)


def _number(value: object) -> object:
    """Return text of digits, which is what a command line has, as the number that it is."""
    return int(value) if isinstance(value, str) and re.fullmatch("[0-9]{1,9}", value) else value


def _read(
    section: Any, given: Mapping[str, object], called: Callable[[str], str], problems: list[str]
) -> dict[str, object]:
    """Return the values that are right; `called` says how a problem names a setting."""
    known = fields_dict(section)
    values = {}
    for name, value in given.items():
        if name not in known:
            problems.append(_unknown(called(name)))
            continue
        kind = known[name].metadata["kind"]
        try:
            values[name] = kind.read(value)
        except Invalid as problem:
            problems.append(f"{called(name)}: {problem}")
        except (ValueError, TypeError):
            got = re.sub(r"//.*@", "//…@", repr(value))  # a URL may hold a password
            problems.append(f"{called(name)}: expected {kind.expected}, got {got}")
    return values


def _unknown(name: str) -> str:
    near = get_close_matches(name, _NAMES, n=1)
    return f"{name}: no such setting" + (f"; did you mean {near[0]}?" if near else "")
