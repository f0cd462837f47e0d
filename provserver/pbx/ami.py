"""Asterisk's Manager: how its actions, responses and events are written, and how it is made to send a NOTIFY."""

import re
from collections.abc import Iterable

from provserver.address import url_host
from provserver.errors import Invalid
from provserver.model import Notify
from provserver.pbx.contacts import read_contact, rewritten
from provserver.pbx.interfaces import Target
from provserver.pbx.session import Fields, Reply
from provserver.pbx.targets import account_of

_GREETING = b"Asterisk Call Manager/"
_MOST_LINE_BYTES = 1_024  # that Asterisk takes, line break included
_MOST_LINES = 128
_MOST_BYTES = 65_536  # of a block that comes


class AmiDialect:
    """Blocks of `Name: value` lines, each ended by an empty line; the greeting is one line."""

    ping: Fields = (("Action", "Ping"),)

    def __init__(self, user: str, secret: str) -> None:
        self._user = user
        self._secret = secret
        self._rest = b""
        self._greeted = False

    def read(self, data: bytes) -> tuple[Fields, ...]:
        self._rest += data
        greeting = () if self._greeted else self._greeting()
        if not self._greeted:
            return ()
        *whole, self._rest = self._rest.split(b"\r\n\r\n")
        if len(self._rest) > _MOST_BYTES:
            raise Invalid(f"a block of over {_MOST_BYTES} bytes")
        return (*greeting, *map(_fields, whole))

    def _greeting(self) -> tuple[Fields, ...]:
        line, end, rest = self._rest.partition(b"\r\n")
        looked_at = _GREETING if end else _GREETING[: len(line)]
        if not line.startswith(looked_at) or len(line) > _MOST_LINE_BYTES:
            raise Invalid(f"no Asterisk Manager: {line[:60]!r}")
        if not end:
            return ()
        self._greeted, self._rest = True, rest
        return ((("Greeting", line.decode("utf-8", "replace")),),)

    def login(self, block: Fields) -> bytes | None:  # noqa: ARG002 - the first block is the greeting
        return self.command(
            0,
            (("Action", "Login"), ("Username", self._user), ("Secret", self._secret), ("Events", "off")),
        )

    def command(self, number: int, fields: Fields) -> bytes:
        lines = [f"{name}: {value}" for name, value in (*fields, ("ActionID", f"provd-{number}"))]
        encoded = [line.encode("utf-8", "replace") for line in lines]
        for line in encoded:
            if re.search(rb"[\r\n\0]", line):
                raise Invalid("a value with a line break or NUL, which would end the line")
            if len(line) + 2 > _MOST_LINE_BYTES:
                raise Invalid(f"a line of {len(line) + 2} bytes, the most is {_MOST_LINE_BYTES}")
        if len(encoded) > _MOST_LINES:
            raise Invalid(f"{len(encoded)} lines, the most is {_MOST_LINES}")
        return b"\r\n".join([*encoded, b"", b""])

    def reply(self, number: int, block: Fields) -> Reply | None:
        values = {name.lower(): value for name, value in reversed(block)}
        if "response" not in values or values.get("actionid") != f"provd-{number}":
            return None
        return Reply(values["response"] != "Error", values.get("message", ""))


def notify_fields(target: Target, notify: Notify, shared: frozenset[str]) -> Fields:
    """
    Return the action that has Asterisk send a NOTIFY: to one contact, else to all that the account has, else to the
    phone's address. A slot is told as an account: only for an endpoint does Asterisk answer a phone that asks for a
    password. `shared` are accounts that several phones have.

    Raises:
        NotResynced: nothing says where it is.
        Invalid: the contact, or what is to be sent.
    """
    where: tuple[str, str]
    account = account_of(target, shared)
    if target.contact and not (target.single and account):
        where = ("URI", str(rewritten(read_contact(target.contact))))
    elif account:
        where = ("Endpoint", account)
    else:
        where = ("URI", f"sip:anonymous@{url_host(target.ip)}")
    return (("Action", "PJSIPNotify"), where, *(("Variable", value) for value in _variables(notify)))


def _variables(notify: Notify) -> Iterable[str]:
    yield f"Event={_escaped(notify.event)}"
    if notify.body:
        yield f"Content-Type={_escaped(notify.media_type)}"
        # Asterisk joins the lines with CRLF, and puts none after the last.
        for line in notify.body.decode("utf-8").removesuffix("\n").removesuffix("\r").split("\n"):
            yield f"Content={_escaped(line.removesuffix(chr(13)))}"


def _escaped(text: str) -> str:
    return re.sub(r'(["\\,])', r"\\\1", text)


def _fields(block: bytes) -> Fields:
    lines = block.decode("utf-8", "replace").split("\r\n")
    pairs = (line.partition(":") for line in lines if line)
    return tuple((name.strip(), value.strip()) for name, _, value in pairs)
