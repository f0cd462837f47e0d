"""The sections `[pbx.<name>]` of `provd.toml`, checked: each is a PBX by which phones are told."""

import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any, Literal, get_args

from attrs import frozen

from provserver.pbx.contacts import SIP_PORT, SIPS_PORT, TRANSPORTS, Transport, is_host

Kind = Literal["asterisk", "freeswitch", "sip"]

_PORTS: Mapping[tuple[str, bool], int] = {
    ("asterisk", False): 5038,
    ("asterisk", True): 5039,
    ("freeswitch", False): 8021,
    ("freeswitch", True): 8021,
    ("sip", False): SIP_PORT,
    ("sip", True): SIPS_PORT,
}
_NAME = re.compile("[0-9A-Za-z_-]{1,40}")
_WORD = re.compile("[!-~]{1,100}")


@frozen
class PbxSettings:
    """`port` 0 is the usual one of the kind. Files are relative to the settings file."""

    kind: Kind
    host: str
    port: int = 0
    user: str = "provd"  # of the Manager; for `sip`, the user should the proxy ask for one
    secret_file: str = ""
    transport: Transport = "udp"  # of `sip`; `tls` for the others is TLS, anything else is not
    tls_name: str = ""  # that its certificate has, where it is not the host
    ca_file: str = ""  # PEM: who has signed it, where it is none of the system's
    domain: str = ""  # of its users, where it is not the host
    profile: str = "internal"  # of FreeSWITCH
    shared: tuple[str, ...] = ()  # accounts that several phones have: these are told by contact only
    tenants: tuple[str, ...] = ()  # whose phones it has; () is all

    @property
    def tls(self) -> bool:
        return self.transport == "tls"

    @property
    def usual_port(self) -> int:
        return self.port or _PORTS[self.kind, self.tls]


def _text(pattern: str) -> Callable[[object], bool]:
    return lambda value: isinstance(value, str) and re.fullmatch(pattern, value) is not None


def _is_port(value: object) -> bool:
    return type(value) is int and 0 <= value <= 65_535


def _is_list(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) and _WORD.fullmatch(item) for item in value)


_HOST = (lambda value: isinstance(value, str) and is_host(value), "a host name or an address")
_FILE = (_text(r"[^\0\r\n]+"), "the path of a file")
_ONE_WORD = (_text(r"[!-~]{1,100}"), "a word without blanks")
_LIST = (_is_list, "a list of words")
_CHECKS: Mapping[str, tuple[Callable[[object], bool], str]] = {
    "kind": (lambda value: value in get_args(Kind), f"one of {', '.join(get_args(Kind))}"),
    "host": _HOST,
    "port": (_is_port, "a port"),
    "user": _ONE_WORD,
    "secret_file": _FILE,
    "transport": (lambda value: value in TRANSPORTS, f"one of {', '.join(TRANSPORTS)}"),
    "tls_name": _HOST,
    "ca_file": _FILE,
    "domain": _HOST,
    "profile": _ONE_WORD,
    "shared": _LIST,
    "tenants": _LIST,
}


def read_pbx(name: str, given: object, problems: list[str]) -> PbxSettings | None:
    """Return one section, or None; what is wrong with it goes to `problems`, one text each."""
    called = f"pbx.{name}"
    if not _NAME.fullmatch(name) or not isinstance(given, dict):
        problems.append(f"{called[:60]}: expected a section like [pbx.office]")
        return None
    before = len(problems)
    for key, value in given.items():
        if key not in _CHECKS:
            near = get_close_matches(key, _CHECKS, n=1)
            problems.append(
                f"{called}.{key}: no such setting" + (f"; did you mean {near[0]}?" if near else "")
            )
        elif not _CHECKS[key][0](value):
            problems.append(f"{called}.{key}: expected {_CHECKS[key][1]}, got {value!r}")
    needed = ("kind", "host") if given.get("kind") == "sip" else ("kind", "host", "secret_file")
    problems += [f"{called}.{key}: missing, expected {_CHECKS[key][1]}" for key in needed if key not in given]
    if len(problems) > before:
        return None
    values: dict[str, Any] = {
        key: tuple(value) if type(value) is list else value for key, value in given.items()
    }
    return PbxSettings(**values)
