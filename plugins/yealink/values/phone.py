"""What belongs to the phone as a whole: its network, language, services and web page."""

from collections.abc import Iterator

from provserver.errors import Unfit
from provserver.vendors.formats import UNSET
from provserver.vendors.locales import country, date_order, pick
from provserver.vendors.services import service_url

from ..parameters import Pair
from .words import DATE_FORMATS, HANDSET_LANGUAGES, LANGUAGES, SYSLOG_LEVELS, TONES, Said, said_or_unset


def network(said: Said) -> Iterator[Pair]:
    dns = bool(said.get("dns_enabled"))
    yield "static.network.static_dns_enable", int(dns)
    yield "static.network.primary_dns", said_or_unset(said, "dns_ip", dns)

    vlan = bool(said.get("vlan_enabled"))
    pc_port = said_or_unset(said, "vlan_pc_port_id", vlan)
    yield "static.network.vlan.internet_port_enable", int(vlan)
    yield "static.network.vlan.internet_port_vid", said_or_unset(said, "vlan_id", vlan)
    yield "static.network.vlan.internet_port_priority", said_or_unset(said, "vlan_priority", vlan)
    yield "static.network.vlan.pc_port_enable", int(pc_port is not UNSET)
    yield "static.network.vlan.pc_port_vid", pc_port

    syslog = bool(said.get("syslog_enabled"))
    level = SYSLOG_LEVELS[str(said.get("syslog_level", "warning"))]
    yield "static.syslog.enable", int(syslog)
    yield "static.syslog.server", said_or_unset(said, "syslog_ip", syslog)
    yield "static.syslog.server_port", said_or_unset(said, "syslog_port", syslog)
    yield "static.syslog.level", level if syslog else UNSET


def language(said: Said) -> Iterator[Pair]:
    locale = str(said.get("locale", ""))
    word = pick(LANGUAGES, locale) or UNSET
    yield "lang.wui", word
    yield "lang.gui", word
    index = pick(HANDSET_LANGUAGES, locale)
    yield "custom.handset.language", UNSET if index is None else index
    yield "voice.tone.country", TONES.get(country(locale), UNSET)
    yield "local_time.date_format", DATE_FORMATS[date_order(locale) if locale else "year-month-day"]


def services(said: Said, directory: str) -> Iterator[Pair]:
    """The phonebook and the *do not disturb* of the user, where the PBX has them for this user."""
    # `#SEARCH` is the phone's: it puts there what the user types.
    phonebook = service_url(said, "directories/lookup/default/yealink?xivo_user_uuid={user}&term=#SEARCH")
    known = bool(phonebook)
    yield "remote_phonebook.data.1.url", phonebook or UNSET
    yield "remote_phonebook.data.1.name", directory if known else UNSET
    yield "features.action_uri.enable", int(known)  # by which the PBX shows *do not disturb* on the phone
    for word, action in (("on", "enable"), ("off", "disable")):
        url = service_url(said, f"yealink/users/{{user}}/services/dnd/{action}")
        yield f"action_url.dnd_{word}", url or UNSET


def web_users(said: Said) -> Iterator[Pair]:
    """The two passwords stand under one key, each with its user's name."""
    names = {role: str(said.get(f"{role}_username") or role) for role in ("user", "admin")}
    for role, name in names.items():
        if ":" in name:
            raise Unfit(f"{role}_username", "the name of a web user cannot hold a colon")
        yield f"static.security.user_name.{role}", name
    for role, name in names.items():
        yield "static.security.user_password", f"{name}:{said.get(f'{role}_password') or role}"
