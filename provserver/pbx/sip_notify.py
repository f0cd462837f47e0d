"""A NOTIFY as provd itself sends it: the request, where it goes, and what its answer means."""

from collections.abc import Mapping

from attrs import field, frozen

from provserver.address import url_host
from provserver.errors import NotResynced
from provserver.model import Notify
from provserver.pbx.contacts import SIP_PORT, Transport, aliased, read_contact
from provserver.pbx.interfaces import Target
from provserver.pbx.targets import account_of
from provserver.sip.requests import NO_ANSWER, Asked, Ended, Login
from provserver.sip.uri import Uri

# What an answer that is no 2xx means (pbx-facts section 8.2).
_REFUSALS: Mapping[int, tuple[str, str]] = {
    401: ("resync.refused-login", "the phone asks for a password, and ours is missing or wrong"),
    407: ("resync.refused-login", "the proxy asks for a password, and ours is missing or wrong"),
    403: ("resync.refused", "the sender is not believed"),
    404: ("resync.not-registered", "nobody is registered there by this name"),
    405: ("resync.not-understood", "the phone takes no NOTIFY"),
    408: ("resync.no-answer", "the proxy gets no answer from the phone"),
    480: ("resync.not-registered", "nobody is registered there by this name"),
    481: ("resync.not-understood", "the phone takes no NOTIFY without a subscription"),
    482: ("resync.not-understood", "the phone takes no NOTIFY without a subscription"),
    489: ("resync.not-understood", "the phone does not know the event"),
}


@frozen
class Hop:
    """Where packets go next; an IPv6 host has no brackets."""

    host: str
    port: int
    transport: Transport


@frozen
class Registrar:
    """A proxy that knows where the phones are."""

    hop: Hop
    domain: str  # of its users
    login: Login | None = field(default=None, repr=False)  # should it ask for one


@frozen
class Way:
    uri: Uri  # of the request
    to: Uri
    hop: Hop


def way(target: Target, registrar: Registrar | None, shared: frozenset[str]) -> Way:
    """
    Say how a phone is reached: by its contact, else its account, both through the registrar if there is one; else at
    its address. `shared` are accounts that several phones have.

    Raises:
        NotResynced: nothing says where the phone is.
        Invalid: its contact.
    """
    account = account_of(target, shared)
    if target.contact:
        contact = read_contact(target.contact)
        if registrar:
            return Way(aliased(contact), contact.uri, registrar.hop)
        return Way(contact.uri, contact.uri, Hop(contact.host, contact.port, contact.transport))
    if registrar and account:
        uri = Uri("sip", account, registrar.domain)
        return Way(uri, uri, registrar.hop)
    if not target.ip:
        raise NotResynced("resync.no-target", "neither a contact nor an address of it is known")
    uri = Uri("sip", account or "anonymous", url_host(target.ip))
    return Way(uri, uri, Hop(target.ip, SIP_PORT, "udp"))


def request(
    how: Way, target: Target, notify: Notify, registrar: Registrar | None, sender: str, token: str
) -> Asked:
    """`sender` is our own address with port, `token` letters and digits for this request alone."""
    domain = registrar.domain if registrar else sender
    headers = (
        ("From", f"<sip:provd@{domain}>;tag={token}f"),
        ("To", f"<{how.to}>"),
        ("Call-ID", f"{token}@{sender}"),
        ("Contact", f"<sip:provd@{sender}>"),
        ("Event", notify.event),
        ("Subscription-State", "terminated"),
        *((("Content-Type", notify.media_type),) if notify.body else ()),
    )
    return Asked("NOTIFY", str(how.uri), headers, notify.body, _logins(target, registrar))


def check(ended: Ended) -> None:
    """Raises: NotResynced: the phone was not told."""
    status = ended.response.status if ended.response else 0
    if 200 <= status < 300:
        return
    if ended.response is None:
        raise NotResynced("resync.no-answer", ended.reason or NO_ANSWER)
    default = ("pbx.refused", "the server cannot") if status >= 500 else ("resync.refused", "it is refused")
    reason_id, text = _REFUSALS.get(status, default)
    raise NotResynced(reason_id, f"{status} {ended.response.reason}: {ended.reason or text}")


def _logins(target: Target, registrar: Registrar | None) -> Mapping[int, Login]:
    """A proxy asks by 407, a phone by 401; some proxies by 401 too."""
    proxy = registrar.login if registrar else None
    asked = {407: proxy, 401: target.login if target.login[0] else proxy}
    return {status: login for status, login in asked.items() if login}
