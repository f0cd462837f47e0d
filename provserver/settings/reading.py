"""Reading the file and the command line: every problem of both at once."""

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from attrs import evolve, fields_dict

from provserver.errors import Invalid, ProvdError
from provserver.model.words import MARKED
from provserver.pbx.settings import read_pbx
from provserver.raw_config import problems_of
from provserver.settings.sections import SECTIONS, Auth, Listen, ServerSettings, Tls

_OPTIONS = ("bind", "http_port", "https_port", "rest_port", "tftp_port")
_TLS_PORTS = ("https_port", "https_old_port", "rest_https_port")
_NAMES = (
    *SECTIONS,
    *(f"{section}.{name}" for section, kind in SECTIONS.items() for name in fields_dict(kind)),
)


class InvalidSettings(ProvdError):
    """The file or the command line is wrong; the text has one problem a line, all of them."""

    reason_id = "start.invalid-settings"

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


def read_settings(toml: str, options: Mapping[str, object]) -> ServerSettings:
    """
    Return the settings of a file, and over them `bind http_port https_port rest_port tftp_port` of `options` where
    they are not None. Ports may be text there; other options are not looked at.

    Raises:
        InvalidSettings: every problem of both; where the file is no TOML only that, with its line.
    """
    try:
        document = tomllib.loads(toml)
    except (ValueError, RecursionError) as error:
        raise InvalidSettings([f"not TOML: {error}"]) from None
    problems: list[str] = []
    given = {
        name: _given(name, document.pop(name, {}), problems) for name in (*SECTIONS, "pbx", "raw_config")
    }
    problems += [_unknown(name) for name in document]
    problems += [f"raw_config.{problem}" for problem in problems_of(given["raw_config"])]
    pbxes = {name: read_pbx(name, section, problems) for name, section in given["pbx"].items()}
    sections = {
        name: section(**_read(section, given[name], f"{name}.{{}}".format, problems))
        for name, section in SECTIONS.items()
    }
    problems += _auth_problems(sections["auth"])
    sections["listen"] = evolve(sections["listen"], **_overrides(options, problems))
    problems += _tls_problems(sections["listen"], sections["tls"])
    if problems:
        raise InvalidSettings(problems)
    known = {name: pbx for name, pbx in pbxes.items() if pbx}
    return ServerSettings(**sections, pbx=known, raw_config=given["raw_config"])


def _auth_problems(auth: Auth) -> list[str]:
    if auth.url and not auth.key_file:
        return ["auth.key_file: expected the file with service_id and service_key, which auth.url needs"]
    return []


def _tls_problems(listen: Listen, tls: Tls) -> list[str]:
    wanted = [name for name in _TLS_PORTS if getattr(listen, name) is not None] if not tls.certificate else []
    problems = [f"listen.{name}: needs a certificate, in tls.certificate" for name in wanted]
    if not listen.plain_http and listen.https_port is None and listen.https_old_port is None:
        problems.append("listen.plain_http: false needs listen.https_port, or phones have no way in")
    return problems


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
            problems.append(f"{called(name)}: expected {kind.expected}{_got(value, known[name])}")
    return values


def _got(value: object, setting: Any) -> str:
    """Say what was written, unless it is a secret: as for documents, the field's metadata tells."""
    if MARKED in setting.metadata:
        return ""
    return re.sub(r"//.*@", "//…@", f", got {value!r}")  # a URL may hold a password


def _unknown(name: str) -> str:
    near = get_close_matches(name, _NAMES, n=1)
    return f"{name}: no such setting" + (f"; did you mean {near[0]}?" if near else "")
