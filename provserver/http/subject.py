"""Names in the subject of a certificate, as a TLS proxy writes it into a header (RFC 4514)."""

import re

_PART = re.compile(
    r"([A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)*)=((?:\\[0-9A-Fa-f]{2}|\\.|[^\\\",+;<>])*+)([,+]|\Z)"
)
_ESCAPE = re.compile(rb"\\(?:([0-9A-Fa-f]{2})|(.))", re.DOTALL)
_NAMES = ("cn", "2.5.4.3", "serialnumber", "2.5.4.5")


def names_in(subject: str) -> tuple[str, ...]:
    """
    Return common names and serial numbers: `CN=SEP0015654AA937,O=Acme\\, Inc.` gives `SEP0015654AA937`.

    Who writes RFC 4514 puts no blank behind a comma. One there means that two header lines were joined, of which one
    may be the phone's own: nothing of it is believed, nor of anything else that is not exactly of this form.
    """
    found: list[str] = []
    at, separator = 0, ","
    while separator:
        part = _PART.match(subject, at)
        if part is None:
            return ()
        kind, value, separator = part.groups()
        if kind.lower() in _NAMES:
            found.append(_unescaped(value))
        at = part.end()
    return tuple(name for name in dict.fromkeys(found) if name)


def _unescaped(value: str) -> str:
    """A value that is no UTF-8, or the hexadecimal form `#0c05…` that nobody needs for a name, is the empty text."""
    if value.startswith("#"):
        return ""
    encoded = value.encode("latin-1", "replace")  # headers are read so
    raw = _ESCAPE.sub(lambda found: bytes.fromhex(found[1].decode()) if found[1] else found[2], encoded)
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return ""
