"""
Settings in the words of `linphonerc`, which its remote provisioning carries as sections and entries.

An entry without a text is taken away by Linphone. All entries of all accounts are written, also of those that are not
used: it keeps whatever vanishes from its file.
"""

import re
from collections.abc import Iterator, Mapping
from urllib.parse import quote

from provserver.address import url_host
from provserver.errors import Unfit
from provserver.vendors.formats import UNSET
from provserver.vendors.table import Draft

Said = Mapping[str, object]  # settings, or those of one line, by the names of the raw-config contract
Entries = Mapping[str, object]

_ANY_PORT = -1  # as the system gives them: other programs of the computer may have 5060
_MEDIA = {"disabled": ("none", 0), "preferred": ("srtp", 0), "required": ("srtp", 1)}
_HOST = re.compile(r"[\w.:\[\]-]*", re.ASCII)
_HOSTS = ("proxy_ip", "registrar_ip", "outbound_proxy_ip")
_TO_ESCAPE = re.compile(r'(["\\])')  # in a quoted display name


def values(draft: Draft) -> Mapping[str, object]:
    """Return what the template uses. Raises: Unfit: a host that is none, and would mean something else in a URI."""
    _check_hosts(draft)
    return {"sections": tuple((name, tuple(entries.items())) for name, entries in _sections(draft))}


def _sections(draft: Draft) -> Iterator[tuple[str, Entries]]:
    lines = draft.settings.lines
    last = draft.model.lines if draft.model else max(lines, default=0)
    used = [line for number, line in sorted(lines.items()) if number <= last and _domain(line)]
    yield "sip", _phone(used[0] if used else {})
    transport = str(draft.settings.values.get("sip_transport", "udp"))
    # Linphone stops reading at the first account that is not there: no number is left out.
    for at in range(last):
        line = used[at] if at < len(used) else None
        yield f"proxy_{at}", _account(line, transport) if line else dict.fromkeys(_ACCOUNT, UNSET)
        yield f"auth_info_{at}", _login(line) if line else dict.fromkeys(_LOGIN, UNSET)


def _phone(first: Said) -> Entries:
    """DTMF and SRTP are the same for all accounts: those of the first. Tones in the audio are not to be had."""
    as_info = int(_text(first, "dtmf_mode") == "SIP-INFO")
    encryption, mandatory = _MEDIA[_text(first, "srtp_mode") or "disabled"]
    return {
        "sip_port": _ANY_PORT,
        "sip_tcp_port": _ANY_PORT,
        "sip_tls_port": _ANY_PORT,
        "default_proxy": 0,
        "use_rfc2833": 1 - as_info,
        "use_info": as_info,
        "media_encryption": encryption,
        "media_encryption_mandatory": mandatory,
    }


# --- accounts ----------------------------------------------------------------------------------------------

_ACCOUNT = ("reg_identity", "reg_proxy", "reg_route", "reg_sendregister")
# What it keeps of a login besides what it was told: a digest of the password, which would outlive the password.
_LOGIN = ("username", "userid", "passwd", "domain", "ha1", "realm", "algorithm", "available_algorithms")


def _account(line: Said, transport: str) -> Entries:
    """It registers at `reg_proxy`, whatever the domain; a call goes there by itself only if that is its domain."""
    home = _server(line, "registrar")
    server = _server(line, "outbound_proxy") or _server(line, "proxy") or home
    said = {
        "reg_identity": _identity(line),
        "reg_proxy": f"<sip:{server};transport={transport}>",
        "reg_route": f"<sip:{server};transport={transport};lr>" if server != home else UNSET,
        "reg_sendregister": 1,
    }
    return {name: said[name] for name in _ACCOUNT}


def _login(line: Said) -> Entries:
    user, login = _text(line, "username"), _text(line, "auth_username")
    said = {
        "username": user,
        "userid": login if login != user else UNSET,
        "passwd": _text(line, "password") or UNSET,
        "domain": _domain(line),
    }
    return {name: said.get(name, UNSET) for name in _LOGIN}


def _identity(line: Said) -> str:
    """Return `"Alice" <sip:1001@example.com>`."""
    address = f"<sip:{quote(_text(line, 'username'), safe='*+')}@{_domain(line)}>"
    name = _TO_ESCAPE.sub(r"\\\1", _text(line, "display_name"))
    return f'"{name}" {address}' if name else address


def _domain(line: Said) -> str:
    return _host(line, "registrar") or _host(line, "outbound_proxy")


def _server(line: Said, role: str) -> str:
    """Return `192.0.2.10:5070`; without a port Linphone looks for one itself (RFC 3263)."""
    host, port = _host(line, role), _text(line, f"{role}_port")
    return f"{host}:{port}" if host and port else host


def _host(line: Said, role: str) -> str:
    found = _text(line, f"{role}_ip")
    return url_host(found) if found.count(":") > 1 and "[" not in found else found


def _check_hosts(draft: Draft) -> None:
    for number, line in draft.settings.lines.items():
        for name in _HOSTS:
            if not _HOST.fullmatch(_text(line, name)):
                shared = line[name] == draft.settings.values.get(f"sip_{name}")
                setting = f"sip_{name}" if shared else f"sip_lines.{number}.{name}"
                raise Unfit(setting, "expected the name or the address of a host")


def _text(said: Said, name: str) -> str:
    return str(said.get(name) or "")
