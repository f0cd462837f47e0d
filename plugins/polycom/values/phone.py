"""What belongs to the phone as a whole: its network, language, services and web page."""

from collections.abc import Iterator, Mapping

from provserver.vendors.locales import pick
from provserver.vendors.services import service_url

from .words import (
    DIRECTORY,
    DTMF,
    LANGUAGES,
    NO_SYSLOG,
    PUSH_ALL,
    PUSH_NOTHING,
    SRTP,
    SYSLOG_LEVELS,
    UDP_SYSLOG,
    Pair,
    Said,
    text,
)

_FACTORY_PASSWORDS = (("Admin", "admin_password", "456"), ("User", "user_password", "123"))
_MOST_AUTHORITIES = 6
_SWITCHBOARD = "xivo_switchboard"  # user and password that the attendant's screen of Wazo knows


def network(said: Said, uc: bool) -> Iterator[Pair]:
    vlan = bool(said.get("vlan_enabled"))
    yield from _flash("net.vlanId", text(said, "vlan_id") if vlan else "")
    if vlan and (priority := text(said, "vlan_priority")):
        yield "qos.ethernet.rtp.user_priority", priority
        yield "qos.ethernet.callControl.user_priority", priority

    syslog = bool(said.get("syslog_enabled"))
    level = SYSLOG_LEVELS[text(said, "syslog_level") or "debug"]
    yield from _flash("syslog.serverName", text(said, "syslog_ip") if syslog else "")
    yield from _flash("syslog.transport", UDP_SYSLOG if syslog else NO_SYSLOG)
    yield from _flash("syslog.renderLevel", level if syslog else SYSLOG_LEVELS["debug"])

    if uc and said.get("dns_enabled"):
        yield "tcpIpApp.dns.address.overrideDHCP", 1
        yield "tcpIpApp.dns.server", text(said, "dns_ip")


def web_users(said: Said) -> Iterator[Pair]:
    """The names `Polycom` and `User` cannot be changed."""
    for who, setting, factory in _FACTORY_PASSWORDS:
        yield from _flash(f"auth.local{who}Password", text(said, setting) or factory)


def srtp(said: Said, lines: Mapping[int, Said]) -> Iterator[Pair]:
    """The phone has one mode, the strictest of its lines: a call that cannot be made is better than one that is
    overheard."""
    modes = {text(line, "srtp_mode") for line in lines.values()} or {text(said, "sip_srtp_mode")}
    strictest = max(SRTP[mode or "disabled"] for mode in modes)
    for name, on in zip(("enable", "offer", "require"), strictest, strict=True):
        yield f"sec.srtp.{name}", on


def authorities(said: Said) -> Iterator[Pair]:
    """Who may vouch for the SIP server, beside those that the phone has. Of a PEM text the line breaks become blanks,
    as they would in any attribute."""
    pems = said.get("sip_servers_root_and_intermediate_certificates")
    if isinstance(pems, tuple) and pems:
        for number, pem in enumerate(pems[:_MOST_AUTHORITIES], 1):
            yield f"sec.TLS.customCaCert.{number}", " ".join(str(pem).split())
        yield "sec.TLS.profileSelection.SIP", "ApplicationProfile1"  # to which they belong


def language(said: Said) -> Iterator[Pair]:
    yield "lcl.ml.lang", pick(LANGUAGES, text(said, "locale")) or ""  # none is English


def tones(said: Said, lines: Mapping[int, Said]) -> Iterator[Pair]:
    """How digits are sent, and how a call that rings elsewhere is taken. The phone has one way of each: that of its
    first line."""
    first = next(iter(lines.values()), said)
    yield from DTMF.get(text(first, "dtmf_mode", "sip_dtmf_mode"), ())
    if pickup := text(said, "exten_pickup_call"):
        yield "call.directedCallPickupMethod", "legacy"  # else the code is not used
        yield "call.directedCallPickupString", pickup


def phonebook(said: Said, uc: bool) -> Iterator[Pair]:
    """The pages that the phone's browser begins with, and a soft key for them."""
    url = service_url(said, "directories/input/default/polycom?xivo_user_uuid={user}")
    if not url:
        return
    yield "mb.main.home", url
    if uc:
        yield "softkey.1.enable", 1
        yield "softkey.1.action", url
        yield "softkey.1.label", pick(DIRECTORY, text(said, "locale")) or "Directory"
        yield "softkey.1.use.idle", 1


def switchboard(on: bool) -> Iterator[Pair]:
    """An attendant's screen answers and transfers by pushing to the phone, which has no second call waiting."""
    yield "apps.push.messageType", PUSH_ALL if on else PUSH_NOTHING
    yield "apps.push.username", _SWITCHBOARD if on else ""
    yield "apps.push.password", _SWITCHBOARD if on else ""
    yield "call.callWaiting.enable", int(not on)


def _flash(name: str, value: object) -> Iterator[Pair]:
    yield f"device.{name}.set", 1
    yield f"device.{name}", value
