"""What an AGI script asks its channel, and what the answers say of the phone that calls."""

import re
from collections.abc import Mapping, Sequence

from provserver.address import Networks, normal_ip
from provserver.errors import Invalid
from provserver.pbx.agi_protocol import Environment
from provserver.pbx.contacts import contact_at, read_contact
from provserver.pbx.interfaces import Calling

_MARK = re.compile("[2-9A-HJ-NP-Z]{6}")  # without 0, O, 1 and I
# By channel driver: who authenticated, where packets come from, the port if that does not say it, the contact.
_QUESTIONS: Mapping[str, Sequence[str]] = {
    "PJSIP": ("CHANNEL(endpoint)", "CHANNEL(pjsip,remote_addr)", "", "CHANNEL(pjsip,target_uri)"),
    "SIP": ("CHANNEL(peername)", "CHANNEL(recvip)", "CHANNEL(recvport)", "SIP_HEADER(Contact)"),
}


def questions(environment: Environment) -> tuple[str, ...]:
    """Return what to evaluate, in this order; nothing for a channel that is no SIP phone's."""
    return tuple(filter(None, _QUESTIONS.get(environment.get("type"), ())))


def calling(environment: Environment, answers: Sequence[str], pbx: str, proxies: Networks) -> Calling:
    """
    `answers` are those to `questions`, "" where there was none; `pbx` is the address of who asks. What comes through
    one of the `proxies` has its address, which says nothing of the phone.
    """
    account, address, *port, contact = answers or ("", "", "")
    ip, source_port = _address(address, port[0] if port else "")
    if ip in proxies:
        ip = contact = ""
    return Calling(
        call=environment.get("uniqueid"),
        account=account,
        slot=environment.get("callerid"),
        mark=mark_in(environment.get("calleridname")),
        ip=ip,
        contact=_contact(contact, ip, source_port),
        pbx=pbx,
    )


def mark_in(display_name: str) -> str:
    """Return the mark that a display name ends with: `Waiting 4F7K2Q` gives `4F7K2Q`."""
    last = display_name.upper().split()[-1:]
    return last[0] if last and _MARK.fullmatch(last[0]) else ""


def _address(text: str, port: str) -> tuple[str, int]:
    """Read `198.51.100.7:41234`, `[2001:db8::7]:41234`, or an address and its port; ("", 0) is neither."""
    if not port:
        text, _, port = text.rpartition(":")
    try:
        return normal_ip(text.strip("[]")), int(port)
    except (Invalid, ValueError):
        return "", 0


def _contact(text: str, ip: str, port: int) -> str:
    """Return the contact with the address that its packets come from; one that is not understood is none."""
    try:
        return contact_at(text, ip, port) if ip else str(read_contact(text).uri)
    except Invalid:
        return ""
