"""The settings of a DECT base. A line is a handset's, and names its server by a number."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from attrs import frozen

from provserver.errors import Unfit
from provserver.vendors.locales import country, pick
from provserver.vendors.table import Draft

from ..models import NAMED_LINES
from .words import (
    CODECS,
    DSCP_EF,
    DTMF,
    DTMF_EVENTS,
    LANGUAGES_OF_BASES,
    TIME_SERVER,
    TONES,
    VOICEMAIL,
    Said,
    Setting,
    check_hosts,
    lines_of,
    registrar,
    text,
    vlan,
)

_MOST_SERVERS = 10
_MOST_EMPTIED = 20  # lines; of 1,000 the file would be too large, and `snom-general.xml` switches them off
_PERSONAL = ("user_name", "user_pname", "user_pass", "user_realname", "user_mailbox")
_NO_PIN = "0000"


@frozen
class Server:
    host: str
    outbound: str
    dtmf: str


class Handset(NamedTuple):
    """A line, for the template to unpack: a base may have a thousand, and what is written out there costs half."""

    idx: int
    user: str
    auth_user: str
    password: str
    shown: str
    mailbox: str
    voicemail: str
    number: str
    pin: str
    server: int
    codecs: str


def base(draft: Draft) -> Mapping[str, object]:
    check_hosts(draft, "proxy", "registrar", "outbound_proxy")
    said, lines = draft.settings.values, lines_of(draft)
    named = draft.model is None or NAMED_LINES in draft.model.traits
    transport = str(said.get("sip_transport", "udp"))
    servers = _servers(lines, transport)
    word = pick(VOICEMAIL, text(said, "locale")) or "Voicemail" if named else ""
    return {
        "is_base": True,
        "whole_base": False,
        "phone_settings": (*_common(said, servers, transport, named), *_emptied(draft, lines)),
        "handsets": tuple(
            _handset(number, line, servers[_server(line, transport)], word) for number, line in lines.items()
        ),
        "named_lines": named,
        "function_keys": (),
    }


def _common(said: Said, servers: Mapping[Server, int], transport: str, named: bool) -> Iterator[Setting]:
    yield from _network(said)
    yield from _web_users(said, named)
    yield from _language(said)
    for server, place in servers.items():
        yield from _server_settings(server, place, transport)


def _emptied(draft: Draft, lines: Mapping[int, Said]) -> Iterator[Setting]:
    most = draft.model.lines if draft.model and draft.model.lines <= _MOST_EMPTIED else 0
    for number in range(1, most + 1):
        if number not in lines:
            yield _plain("user_active", "off", number)
            yield from (_plain(name, "", number) for name in _PERSONAL)


def _plain(name: str, value: object, idx: int = 0) -> Setting:
    return Setting(name, value, idx, perm="")


def _network(said: Said) -> Iterator[Setting]:
    for name, value in vlan(said):
        yield _plain(name, value)
    yield _plain("codec_tos", DSCP_EF)
    yield _plain("signaling_tos", DSCP_EF)
    yield Setting("codec_priority_list", f"{CODECS},{DTMF_EVENTS}")
    off = said.get("ntp_enabled") is False
    yield _plain("ntp_server", "" if off else text(said, "ntp_ip") or TIME_SERVER)


def _web_users(said: Said, named: bool) -> Iterator[Setting]:
    """A password that nobody has set is left as it is: one that all bases have would be no secret."""
    password, user_password = text(said, "admin_password"), text(said, "user_password")
    yield _plain("http_user", text(said, "admin_username") or "admin")
    if password:
        yield _plain("http_pass", password)
    if not named:
        if password:
            yield _plain("admin_mode_password", password)
        return
    yield _plain("http_engineer_user", "Engineer")
    if password:
        yield _plain("http_engineer_pass", password)
    yield _plain("http_basic_user", text(said, "user_username") or "User")
    if user_password:
        yield _plain("http_basic_pass", user_password)


def _language(said: Said) -> Iterator[Setting]:
    locale = text(said, "locale")
    word = pick(LANGUAGES_OF_BASES, locale) or "English"
    yield _plain("language", word)
    yield _plain("web_language", word)
    yield _plain("tone_scheme", TONES.get(country(locale), "USA"))


def _servers(lines: Mapping[int, Said], transport: str) -> Mapping[Server, int]:
    """Number the servers as they come. Raises: Unfit: there are more than a base knows."""
    found: dict[Server, int] = {}
    for number, line in lines.items():
        found.setdefault(_server(line, transport), len(found) + 1)
        if len(found) > _MOST_SERVERS:
            raise Unfit(f"sip_lines.{number}.proxy_ip", f"a base knows {_MOST_SERVERS} servers at most")
    return found


def _server(line: Said, transport: str) -> Server:
    """The port stands with the host, and is left out where it is the usual one."""
    domain, outbound = registrar(line)
    if outbound == domain or outbound.startswith(f"{domain}:"):
        domain, outbound = outbound, ""
    if transport != "tls":
        domain = domain.removesuffix(":5060")
    return Server(domain, outbound, DTMF.get(str(line.get("dtmf_mode")), "off"))


def _server_settings(server: Server, place: int, transport: str) -> Iterator[Setting]:
    yield _plain("srv_sip_server_alias", f"Server {place}", place)
    yield _plain("user_host", server.host, place)
    yield _plain("user_outbound", server.outbound, place)
    yield _plain("srv_sip_transport", transport, place)
    yield _plain("srv_srtp_auth", "off", place)
    yield _plain("user_dtmf_info", server.dtmf, place)


def _handset(number: int, line: Said, server: int, word: str) -> Handset:
    """`word`: what the mailbox is called, where it has a name beside its number."""
    voicemail, own_number = text(line, "voicemail"), text(line, "number")
    in_band = line.get("dtmf_mode") == "RTP-in-band"
    return Handset(
        number,
        user=text(line, "username"),
        auth_user=text(line, "auth_username"),
        password=text(line, "password"),
        shown=text(line, "display_name"),
        mailbox=voicemail and (word or voicemail),
        voicemail=voicemail,
        number=own_number,
        # A line without a number is nobody's yet: whoever waits for his handset needs no PIN.
        pin=f"{number:04}" if own_number else _NO_PIN,
        server=server,
        codecs=CODECS if in_band else f"{CODECS},{DTMF_EVENTS}",
    )
