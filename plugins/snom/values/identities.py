"""The SIP identities of a desk phone. One that fails over to another server does so by a second identity."""

from collections.abc import Mapping
from typing import NamedTuple

from provserver.vendors.table import Draft

from .words import CODECS, DTMF, DTMF_EVENTS, SRTP, Said, label, lines_of, registrar, text

_MOST = 12  # identities of a phone that nobody knows


class Identity(NamedTuple):
    """For the template to unpack, which has its elements written out: that costs a third."""

    idx: int
    label: str
    number: str
    host: str
    outbound: str
    srtp: str
    savp: str
    user: str
    auth_user: str
    password: str
    shown: str
    mailbox: str
    dtmf: str
    codecs: str
    hidden: str
    failover: object


def identities(draft: Draft) -> Mapping[str, object]:
    """Return those that are used, the numbers of those that are not, and what must not be told of the backups."""
    lines, backups = lines_of(draft), _backups(draft)
    transport = str(draft.settings.values.get("sip_transport", "udp"))
    used = {
        **{number: _identity(number, line, transport, backups.get(number)) for number, line in lines.items()},
        **{at: _backup(at, lines[number], transport) for number, at in backups.items()},
    }
    most = draft.model.lines if draft.model else max(_MOST, *used, 0)
    return {
        "identities": tuple(used[number] for number in sorted(used)),
        "unused": tuple(number for number in range(1, most + 1) if number not in used),
        "blocked": "".join(f" Identity{at:02}IsNotRegistered" for at in sorted(backups.values())),
    }


def _backups(draft: Draft) -> Mapping[int, int]:
    """Return which identity takes over for a line: the one behind it, or else the last that is free. Without one the
    line has no backup."""
    lines = lines_of(draft)
    last = draft.model.lines if draft.model else _MOST
    free = [number for number in range(1, last + 1) if number not in lines]
    found = {}
    for number, line in lines.items():
        if text(line, "backup_proxy_ip", "backup_registrar_ip") and free:
            found[number] = number + 1 if number + 1 in free else free[-1]
            free.remove(found[number])
    return found


def _identity(
    number: int, line: Said, transport: str, failover: int | None = None, which: str = ""
) -> Identity:
    domain, outbound = registrar(line, which)
    srtp, savp = SRTP[str(line.get("srtp_mode", "disabled"))]
    in_band = line.get("dtmf_mode") == "RTP-in-band"
    return Identity(
        number,
        label=label(line),
        number=text(line, "number"),
        host=domain,
        outbound=f"{outbound};transport={transport}" if outbound else "",
        srtp=srtp,
        savp=savp,
        user=text(line, "username"),
        auth_user=text(line, "auth_username"),
        password=text(line, "password"),
        shown=text(line, "display_name"),
        mailbox=text(line, "voicemail"),
        dtmf=DTMF.get(str(line.get("dtmf_mode")), "off"),
        codecs=CODECS if in_band else f"{CODECS},{DTMF_EVENTS}",
        hidden="false",
        failover=failover or "none",
    )


def _backup(number: int, line: Said, transport: str) -> Identity:
    return _identity(number, line, transport, which="backup_")._replace(number="", hidden="true")
