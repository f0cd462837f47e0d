"""Parameters of the server: what each accepts, in the words that clients know (contract section 5.3)."""

import re
from collections.abc import Callable, Mapping
from urllib.parse import SplitResult, urlsplit

from attrs import frozen

from provserver.errors import Invalid
from provserver.rest.codec.values import kind

PROVISIONING_KEY = "provisioning_key"
_SHORTEST_KEY, _LONGEST_KEY = 8, 256
_FIELD = "param.value"


@frozen
class Kind:
    """`read` takes a value that is not null, and returns it as it is kept. Raises: Invalid."""

    read: Callable[[object], str | None]
    english: str
    french: str
    unset: object = None  # what it is as long as nobody has set it
    shown: Callable[[str], object] = str  # a value that is kept, as clients read it


def read_value(body: object, read: Callable[[object], str | None]) -> str | None:
    """
    Return the value in `{"param": {"value": …}}`.

    Raises:
        Invalid: there is none to read, or it is refused.
    """
    param = body.get("param") if isinstance(body, dict) else None
    if not isinstance(param, dict) or "value" not in param:
        raise Invalid("Wrong information in entity", _FIELD)
    value: object = param["value"]
    return None if value is None else read(value)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise Invalid(f"expected text, got {kind(value)}", _FIELD)
    return value


def _split(value: object) -> SplitResult:
    text = _text(value)
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:  # its text has what stands for the port: a password, where the host is missing
        raise Invalid("not a URL", _FIELD) from None
    if not re.fullmatch(r"[!-~]*", text):
        raise Invalid("expected printable ASCII characters only", _FIELD)
    return parts


def _shown(text: object) -> str:
    """Return what was refused, without the password that a URL may hold."""
    return re.sub(r"[^/]*@", "…@", str(text))[:100]


def _server_url(value: object) -> str:
    parts = _split(value)
    if not parts.scheme:
        raise Invalid(f"no scheme: {_shown(value)}", _FIELD)
    if not parts.hostname:
        raise Invalid(f"no hostname: {_shown(value)}", _FIELD)
    return _text(value)


def _proxy(value: object) -> str:
    parts = _split(value)
    if not parts.scheme:
        raise Invalid("No scheme", _FIELD)
    if not parts.hostname:
        raise Invalid("No hostname", _FIELD)
    if parts.path or parts.query or parts.fragment:
        raise Invalid("Path", _FIELD)
    return _text(value)


def _host_and_port(value: object) -> str:
    text = _text(value)
    if not text:
        raise Invalid("zero-length value", _FIELD)
    if "//" in text:
        raise Invalid(f"scheme and hostname: {_shown(text)}", _FIELD)
    try:
        parts = urlsplit(f"//{text}")
        right = parts.hostname and parts.port and not parts.path and re.fullmatch(r"[!-?A-~]+", text)
    except ValueError:
        right = False
    if not right:
        raise Invalid(f"expected host:port, got {_shown(text)!r}", _FIELD)
    return text


def _locale(value: object) -> str | None:
    text = _text(value)
    if text and not re.fullmatch(r"[a-z]{2,3}(_[A-Z]{2,3})?", text):
        raise Invalid(f"Invalid locale {text[:60]}", _FIELD)
    return text or None


def _switch(value: object) -> str:
    if not (isinstance(value, str) and value in ("0", "1")):
        raise Invalid(value[:60] if isinstance(value, str) else str(value)[:60], _FIELD)
    return value


def _key(value: object) -> str | None:
    """No text of an error shows it: it may be one letter off a real one."""
    key = _text(value)
    if key and not _SHORTEST_KEY <= len(key) <= _LONGEST_KEY:
        raise Invalid(f"expected {_SHORTEST_KEY} to {_LONGEST_KEY} characters, got {len(key)}", _FIELD)
    if not re.fullmatch(r"[A-Za-z0-9\-$~.]*", key):
        raise Invalid("expected letters, digits and - $ ~ . only", _FIELD)
    return key or None


KINDS: Mapping[str, Kind] = {  # in the order in which clients show them
    "plugin_server": Kind(_server_url, "The URL of the plugin server", "L'adresse (URL) du serveur de plugins"),
    "http_proxy": Kind(
        _proxy,
        'The proxy for HTTP requests. Format is "http://[user:password@]host:port"',
        'Le proxy pour les requêtes HTTP. Le format est "http://[user:password@]host:port"',
    ),
    "ftp_proxy": Kind(
        _proxy,
        'The proxy for FTP requests. Format is "http://[user:password@]host:port"',
        'Le proxy pour les requêtes FTP. Le format est "http://[user:password@]host:port"',
    ),
    "https_proxy": Kind(
        _host_and_port,
        'The proxy for HTTPS requests. Format is "host:port"',
        'Le proxy pour les requêtes HTTPS. Le format est "host:port"',
    ),
    "locale": Kind(
        _locale, "The current locale. Example: fr_FR", "La locale courante. Exemple : fr_FR"
    ),
    "NAT": Kind(
        _switch,
        "Set to 1 if all devices are behind a NAT",
        "Mettre à 1 si toutes les terminaisons sont derrière un NAT",
        unset=0,
        shown=int,
    ),
    PROVISIONING_KEY: Kind(
        _key,
        "The provisioning key. Used to restrict the provisioning of phones to those who know it",
        "La clé de provisionnement. Elle réserve le provisionnement aux terminaisons qui la connaissent",
    ),
}  # fmt: skip


def description(name: str, locale: str | None) -> str:
    """Return what a parameter is, in the language of the server's own parameter `locale`."""
    return KINDS[name].french if (locale or "").partition("_")[0] == "fr" else KINDS[name].english


def value_of(name: str, kept: str | None) -> object:
    """Return what clients read."""
    return KINDS[name].unset if kept is None else KINDS[name].shown(kept)
