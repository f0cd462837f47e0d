"""Snom's words for ours, and what both desk phones and bases are told; README.md has the source of each table."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from provserver.address import url_host
from provserver.errors import Unfit
from provserver.vendors.services import service_url
from provserver.vendors.table import Draft

from ..releases import DECT, Dect

Said = Mapping[str, object]  # settings, or those of one line or key, by the names of the raw-config contract


class Setting(NamedTuple):
    """An element of `phone-settings`, for the template to unpack: attributes cost ten times as much in a sandbox.

    `perm`: R the user cannot change it, RW as long as it is not set again,
    `!` it is set only where the user has not changed it; a base knows none.
    """

    name: str
    value: object = ""
    idx: int = 0  # of an identity or a server; 0: there is only one of it
    perm: str = "R"


_USUAL_PORT = "5060"
TIME_SERVER = "pool.ntp.org"  # of a phone that is told none
CODECS = "pcma,pcmu,g722,g729"
DTMF_EVENTS = "telephone-event"
DTMF = {"SIP-INFO": "sip_info_only"}  # else off: as events (RFC 4733) where those are in the list of codecs
DSCP_EF = 184  # 46, and two bits that mean something else (RFC 3246)
SRTP = {"disabled": ("off", "off"), "preferred": ("on", "optional"), "required": ("on", "mandatory")}
LOG_LEVELS = {"critical": 2, "error": 3, "warning": 5, "info": 7, "debug": 9}  # 0 to 9, of which 5 is usual

# As each calls its own language; a base writes it otherwise.
LANGUAGES = {
    "de": "Deutsch",
    "en": "English",
    "es": "Espanol",
    "fr": "Français",
    "it": "Italiano",
    "nl": "Nederlands",
}
LANGUAGES_OF_BASES = {**LANGUAGES, "fr": "Francais", "nl": "Dutch"}
LANGUAGE_PACKS = {"DE": "de", "EN": "en", "ES": "es", "FR": "fr", "NL": "nl"}
TONES = {
    "AT": "AUT",
    "AU": "AUS",
    "CA": "USA",  # the same tones
    "CH": "SWI",
    "CN": "CHN",
    "DE": "GER",
    "DK": "DNK",
    "ES": "ESP",
    "FR": "FRA",
    "GB": "GBR",
    "IN": "IND",
    "IT": "ITA",
    "JP": "JPN",
    "MX": "MEX",
    "NL": "NLD",
    "NO": "NOR",
    "NZ": "NZL",
    "SE": "SWE",
    "US": "USA",
}
VOICEMAIL = {"de": "Mailbox", "es": "Buzón de voz", "fr": "Messagerie", "it": "Segreteria", "nl": "Voicemail"}
DIRECTORY = {"de": "Telefonbuch", "es": "Directorio", "fr": "Annuaire", "it": "Rubrica", "nl": "Telefoonboek"}


def dect_of(draft: Draft) -> Dect | None:
    """Return what is peculiar to bases; None for desk phones."""
    return DECT.get(draft.release.generation)


def text(said: Said, *names: str) -> str:
    """Return the first of these settings that says something, else ""."""
    return next((str(said[name]) for name in names if said.get(name) not in (None, "")), "")


def lines_of(draft: Draft) -> Mapping[int, Said]:
    """Return the lines, in their order, that the phone has an identity for."""
    most = draft.model.lines if draft.model else None
    return {number: line for number, line in draft.settings.lines.items() if most is None or number <= most}


def label(line: Said) -> str:
    """Return what names a line on the screen: of a waiting phone its mark."""
    return text(line, "display_name", "number", "username")


def check_hosts(draft: Draft, *roles: str) -> None:
    """Raises: Unfit: a host with a `;`, behind which the phone would read a parameter."""
    for number, line in draft.settings.lines.items():
        for role in roles:
            name = f"{role}_ip"
            if ";" in text(line, name):
                shared = line[name] == draft.settings.values.get(f"sip_{name}")
                setting = f"sip_{name}" if shared else f"sip_lines.{number}.{name}"
                raise Unfit(setting, "the name of a host cannot hold a `;`")


def address(line: Said, role: str) -> str:
    """Return `192.0.2.10:5070`; without a port the phone looks for one itself (RFC 3263)."""
    return _joined(_host(line, role), text(line, f"{role}_port"))


def registrar(line: Said, which: str = "") -> tuple[str, str]:
    """Return the SIP domain, and the address that requests are sent to: the outbound proxy's, else the proxy's, else
    the registrar's. `which` is "" or `backup_`."""
    proxy = _host(line, f"{which}proxy")
    home = _host(line, f"{which}registrar") or proxy
    ports = (f"{which}registrar_port", f"{which}proxy_port")
    port = text(line, *ports if home == proxy else ports[:1])
    outbound = "" if which else address(line, "outbound_proxy")
    if not outbound and proxy in ("", home):
        return home, _joined(home, port)
    return _joined(home, "" if port == _USUAL_PORT else port), outbound or address(line, f"{which}proxy")


def _host(line: Said, role: str) -> str:
    """Return a host as it stands in a URI. One with its port behind it, which some people write, stays as it is."""
    found = text(line, f"{role}_ip")
    return url_host(found) if found.count(":") > 1 and "[" not in found else found


def _joined(host: str, port: str) -> str:
    return f"{host}:{port}" if host and port else host


def vlan(said: Said) -> Iterator[tuple[str, str]]:
    on = bool(said.get("vlan_enabled"))
    yield "vlan_id", text(said, "vlan_id") if on else ""
    yield "vlan_qos", text(said, "vlan_priority") or "0" if on else ""


def phonebook(said: Said) -> str:
    """Return the address of the phonebook, "" where the PBX has none for this user."""
    return service_url(said, "directories/input/default/snom?xivo_user_uuid={user}")
