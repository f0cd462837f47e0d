"""FreeSWITCH's Event Socket: how its commands and replies are written, and how it is made to send a NOTIFY."""

import re
from urllib.parse import quote

from provserver.address import url_host
from provserver.errors import Invalid
from provserver.model import Notify
from provserver.pbx.contacts import read_contact
from provserver.pbx.interfaces import Target
from provserver.pbx.session import Fields, Reply
from provserver.pbx.targets import account_of

_MOST_BYTES = 65_536  # of a block that comes
_BODY = "_body"  # the name of what follows the headers, which is no header


class EslDialect:
    """Blocks of `Name: value` lines and an empty line; Content-Length says how much follows. Replies are in order."""

    ping: Fields = (("noevents", ""),)

    def __init__(self, secret: str) -> None:
        self._secret = secret
        self._rest = b""

    def read(self, data: bytes) -> tuple[Fields, ...]:
        self._rest += data
        blocks = []
        while block := self._block():
            blocks.append(block)
        if len(self._rest) > _MOST_BYTES:
            raise Invalid(f"a block of over {_MOST_BYTES} bytes")
        return tuple(blocks)

    def _block(self) -> Fields:
        """Return the next block that is whole, () where there is none."""
        head, end, rest = self._rest.partition(b"\n\n")
        if not end:
            return ()
        pairs = (line.partition(":") for line in head.decode("utf-8", "replace").split("\n") if line.strip())
        fields = tuple((name.strip().lower(), value.strip()) for name, _, value in pairs)
        length = dict(fields).get("content-length", "0")
        if not re.fullmatch("[0-9]{1,7}", length) or int(length) > _MOST_BYTES:
            raise Invalid(f"Content-Length {length[:60]!r}, expected a number up to {_MOST_BYTES}")
        if len(rest) < int(length):
            return ()
        self._rest = rest[int(length) :]
        return fields or (("", ""),)

    def login(self, block: Fields) -> bytes | None:
        kind = dict(block).get("content-type", "")
        if kind == "text/rude-rejection":
            raise Invalid("FreeSWITCH takes no commands from this address")
        if kind != "auth/request":
            raise Invalid(f"no Event Socket of FreeSWITCH: {kind[:60]!r}")
        return self.command(0, ((f"auth {self._secret}", ""),))

    def command(self, number: int, fields: Fields) -> bytes:  # noqa: ARG002 - replies have no number
        (first, _), *headers = [pair for pair in fields if pair[0] != _BODY]
        body = dict(fields).get(_BODY, "").encode("utf-8")
        lines = [first, *(f"{name}: {value}" for name, value in headers)]
        if any(re.search(r"[\r\n\0]", line) for line in lines):
            raise Invalid("a value with a line break or NUL, which would end the line")
        if body:
            lines.append(f"content-length: {len(body)}")
        return "\n".join([*lines, "", ""]).encode("utf-8", "replace") + body

    def reply(self, number: int, block: Fields) -> Reply | None:  # noqa: ARG002 - replies have no number
        values = dict(block)
        if values.get("content-type") != "command/reply":
            return None
        text = values.get("reply-text", "")
        return Reply(text.startswith("+OK"), text.removeprefix("+OK").removeprefix("-ERR").strip())


def notify_fields(
    target: Target, notify: Notify, shared: frozenset[str], profile: str, domain: str
) -> Fields:
    """
    Return the command that has FreeSWITCH send a NOTIFY; `domain` is that of its users. One contact is told, else all
    registrations of the account. `shared` are accounts that several phones have.

    Raises:
        NotResynced: nothing says where it is.
        Invalid: the contact.
    """
    account = account_of(target, shared)
    contact = target.contact or ("" if account else f"sip:anonymous@{url_host(target.ip)}")
    return (
        ("sendevent NOTIFY", ""),
        ("profile", profile),
        ("event-string", notify.event),
        ("content-type", notify.media_type or "text/plain"),  # without one nothing is sent
        *(_at_contact(contact, domain) if contact else (("user", account), ("host", domain))),
        (_BODY, notify.body.decode("utf-8")),
    )


def _at_contact(text: str, domain: str) -> Fields:
    contact = read_contact(text)
    path = quote(f"sip:{url_host(contact.host)}:{contact.port};transport={contact.transport}", safe="")
    return (
        ("to-uri", str(contact.uri)),
        ("from-uri", f"sip:provd@{domain}"),
        ("contact-uri", f"{contact.uri};fs_path={path}"),
    )
