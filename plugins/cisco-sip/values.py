"""Settings in the words of the phone: its servers, its buttons, and what the clock and the screen need."""

from collections.abc import Iterator, Mapping

from provserver.vendors.locales import country, pick
from provserver.vendors.services import service_url
from provserver.vendors.table import Draft
from provserver.vendors.zones.windows import windows_name

Said = Mapping[str, object]  # settings, or those of one line or key, by the names of the raw-config contract

TRANSPORTS = {"tcp": 1, "udp": 2, "tls": 3}
# Language -> folder below `i18n/`, and the code that is shown. Country -> folder with its tones.
LANGUAGES = {
    "de": ("german_germany", "de"),
    "en": ("english_united_states", "en"),
    "es": ("spanish_spain", "es"),
    "fr": ("french_france", "fr"),
}
TONES = {"CA": "canada", "DE": "germany", "ES": "spain", "FR": "france", "US": "united_states"}
_ZONE = "Eastern Standard/Daylight Time"  # of a phone whose zone nobody has said
_PORT, _TLS_PORT = "5060", "5061"
_SPEED_DIAL, _BLF = 2, 21
_DIRECTORY = "directories/menu/default/cisco?xivo_user_uuid={user}&"  # the phone adds parameters of its own


def values(draft: Draft) -> Mapping[str, object]:
    """Return what the templates use; what is "" or None is not said."""
    said, lines = draft.settings.values, _lines(draft)
    # All lines of a phone share one set of servers: that of the first line, which has what is common in it.
    common = {name.removeprefix("sip_"): value for name, value in said.items() if name.startswith("sip_")}
    home = next(iter(lines.values()), common)
    locale = _text(said, "locale")
    return {
        "admin_password": _text(said, "admin_password"),
        "time_zone": windows_name(_text(said, "timezone"), draft.today.year) or _ZONE,
        "ntp_server": _text(said, "ntp_ip") if said.get("ntp_enabled") is not False else "",
        "servers": tuple(_servers(home, said.get("sip_transport") == "tls")),
        "outbound": {"host": _text(home, "outbound_proxy_ip"), "port": _text(home, "outbound_proxy_port")},
        "lines": tuple(_line(number, line) for number, line in lines.items()),
        "functions": tuple(_functions(draft.settings.keys, max(lines, default=0))),
        "load": _load(draft),
        "language": pick(LANGUAGES, locale),
        "tones": TONES.get(country(locale)),
        "directory": service_url(said, _DIRECTORY),
        "transport": TRANSPORTS[str(said.get("sip_transport", "udp"))],
    }


def _load(draft: Draft) -> str:
    """Return the firmware by its name; with "" the phone keeps what it has."""
    model = (draft.device.model or "").upper() if draft.device else ""
    return (draft.image(model) or "").rpartition(".")[0]


def _text(said: Said, *names: str) -> str:
    """Return the first of these settings that says something, else ""."""
    return next((str(said[name]) for name in names if said.get(name) not in (None, "")), "")


# --- servers -----------------------------------------------------------------------------------------------


def _servers(home: Said, tls: bool) -> Iterator[Mapping[str, object]]:
    """Yield the proxy, and the one that takes over from it."""
    for priority, role in enumerate(("proxy", "backup_proxy")):
        host, port = _text(home, f"{role}_ip"), _text(home, f"{role}_port")
        if host or priority == 0:
            yield {
                "priority": priority,
                "host": host,
                "port": port or _PORT,
                "tls_port": port if tls and port else _TLS_PORT,
            }


# --- buttons -----------------------------------------------------------------------------------------------


def _lines(draft: Draft) -> Mapping[int, Said]:
    """Return the lines, in their order, that the phone has a button for."""
    last = draft.model.lines if draft.model else None
    return {number: line for number, line in draft.settings.lines.items() if last is None or number <= last}


def _line(number: int, line: Said) -> Mapping[str, object]:
    return {
        "button": number,
        "label": _text(line, "number", "display_name", "username"),
        "port": _text(line, "proxy_port") or _PORT,
        "name": _text(line, "username"),
        "display_name": _text(line, "display_name"),
        "auth_name": _text(line, "auth_username"),
        "password": _text(line, "password"),
        "contact": _text(line, "number", "username"),
        "number": _text(line, "number"),
        "voicemail": _text(line, "voicemail"),
    }


def _functions(keys: Mapping[int, Said], last_line: int) -> Iterator[Mapping[str, object]]:
    """Yield the keys, which begin behind the last line. To park a call the phone dials where it is parked."""
    for number, key in keys.items():
        value = _text(key, "value")
        if number > 0 and value:
            yield {
                "button": last_line + number,
                "feature": _BLF if key["type"] == "blf" else _SPEED_DIAL,
                "label": _text(key, "label") or value,
                "value": value,
                "picks_up": key["type"] == "blf",
            }
