"""Addresses and parameters in SIP's headers (RFC 3261 sections 19.1, 20.10 and 25)."""

import re
from collections.abc import Mapping
from urllib.parse import quote, unquote

from attrs import field, frozen

from provserver.errors import Invalid

_URI = re.compile(
    r"(?P<scheme>sips?):(?:(?P<user>[^@:<>\s]+)(?::[^@<>\s]*)?@)?"
    r"(?P<host>\[[0-9a-fA-F:.]+\]|[0-9A-Za-z.-]+)(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<params>(?:;[^;?<>\s]+)*)(?:\?[^<>\s]*)?",
    re.IGNORECASE,
)
_QUOTED = r'"(?:[^"\\]|\\.)*"'
_PARAM = re.compile(rf"\s*;\s*([^\s;=\"<>]+)\s*(?:=\s*({_QUOTED}|[^\s;\"]*)\s*)?")
_NAMED = re.compile(rf"(?P<name>{_QUOTED}\s*|[^<\"]*)<(?P<uri>[^<>]*)>(?P<params>.*)", re.DOTALL)
_USER_SAFE = "-_.!~*'()&=+$,;?/"  # RFC 3261 section 25.1: what stands in a user part as it is
_LAST_PORT = 65_535


@frozen
class Uri:
    """`sip:ap0017@192.0.2.20:5060;transport=tcp`. The user is without escapes; a password is dropped, and so are
    headers."""

    scheme: str
    user: str
    host: str  # IPv6 in brackets
    port: int | None = None
    params: Mapping[str, str] = field(factory=dict)  # names in lower case; "" where there is no value

    def __str__(self) -> str:
        user = f"{quote(self.user, safe=_USER_SAFE, errors='surrogateescape')}@" if self.user else ""
        port = f":{self.port}" if self.port is not None else ""
        params = "".join(f";{name}={value}" if value else f";{name}" for name, value in self.params.items())
        return f"{self.scheme}:{user}{self.host}{port}{params}"


@frozen
class NameAddr:
    """`"Anna" <sip:anna@example.org>;tag=1`: what From, To and Contact hold."""

    display_name: str
    uri: Uri
    params: Mapping[str, str] = field(factory=dict)


def read_uri(text: str) -> Uri:
    """Raises: Invalid: it is no `sip:` or `sips:` URI."""
    found = _URI.fullmatch(text)
    if found is None or int(found["port"] or 1) not in range(1, _LAST_PORT + 1):
        raise Invalid(f"not a sip: URI: {text[:60]!r}")
    return Uri(
        found["scheme"].lower(),
        unquote(found["user"] or "", errors="surrogateescape"),
        found["host"],
        int(found["port"]) if found["port"] else None,
        read_params(found["params"]),
    )


def read_name_addr(text: str) -> NameAddr:
    """
    Read a From, To, or one Contact. Without `<` and `>` the parameters are the header's, not the URI's.

    Raises:
        Invalid: it is none.
    """
    name, uri, params = _name_addr_parts(text)
    return NameAddr(_unquoted(name), read_uri(uri), read_params(params))


def written_uri(text: str) -> str:
    """
    Return the URI of a From, To, or one Contact letter by letter: some phones want back what they wrote.

    Raises:
        Invalid: it is none.
    """
    read_name_addr(text)
    _, uri, _ = _name_addr_parts(text)
    return uri


def _name_addr_parts(text: str) -> tuple[str, str, str]:
    if found := _NAMED.fullmatch(text.strip()):
        return found["name"].strip(), found["uri"], found["params"]
    uri, semicolon, params = text.strip().partition(";")
    return "", uri, semicolon + params


def read_value(text: str) -> tuple[str, dict[str, str]]:
    """
    Read a header that is a word with parameters: `check-sync;reboot=true` gives `check-sync` and `reboot`.

    Raises:
        Invalid: the parameters are none.
    """
    value, semicolon, params = text.partition(";")
    return value.strip(), read_params(semicolon + params)


def read_params(text: str) -> dict[str, str]:
    """
    Read `;name=value;name="a \\"value\\"";flag`. Of a repeated name the first counts.

    Raises:
        Invalid: it is something else.
    """
    params: dict[str, str] = {}
    at = 0
    while at < len(text.rstrip()):
        param = _PARAM.match(text, at)
        if param is None:
            raise Invalid(f"not a parameter: {text[at : at + 60]!r}")
        params.setdefault(param[1].lower(), _unquoted(param[2] or ""))
        at = param.end()
    return params


def quoted(text: str) -> str:
    """Return text as a quoted string of a header."""
    return '"' + re.sub(r'(["\\])', r"\\\1", text) + '"'


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1]) if text.startswith('"') else text
