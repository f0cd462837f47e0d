"""Which phones are given which options, from the vendors' tables: in no server's words yet."""

import re
from collections.abc import Iterable, Iterator, Mapping
from ipaddress import IPv4Address
from typing import Literal

from attrs import frozen

from provserver.address import normal_mac
from provserver.errors import Invalid
from provserver.interfaces import IVendor
from provserver.vendors.table import DhcpOffer, DhcpOption, Vendor

_MOST_OPTION = 255  # bytes; longer ones take several pieces (RFC 3396), which few phones can read


@frozen
class Pattern:
    """How an option 60 begins and ends; `exact`: it is `start`."""

    start: bytes
    end: bytes = b""
    exact: bool = False

    def matches(self, option_60: bytes) -> bool:
        told = option_60.rstrip(b"\0")
        if self.exact:
            return told == self.start
        return told.startswith(self.start) and told.endswith(self.end)

    def overlaps(self, other: "Pattern") -> bool:
        """Say whether some option 60 may fit both, as far as its beginning tells."""
        return self.start.startswith(other.start) or other.start.startswith(self.start)


@frozen
class Option:
    code: int
    value: bytes
    kind: Literal["text", "ip", "bytes"]

    @property
    def shown(self) -> str:
        """The value for people: on one line, and printable."""
        match self.kind:
            case "text":
                return self.value.decode("ascii")
            case "ip":
                return ", ".join(map(str, self.addresses))
            case "bytes":
                return self.value.hex(":")

    @property
    def addresses(self) -> tuple[IPv4Address, ...]:
        return tuple(IPv4Address(self.value[at : at + 4]) for at in range(0, len(self.value), 4))


@frozen
class Rule:
    """Phones whose option 60 fits a pattern, or else whose MAC address begins so, and what they are given."""

    name: str  # letters, digits and dashes: `yealink`, `cisco-sip-2`
    patterns: tuple[Pattern, ...]
    ouis: tuple[bytes, ...]  # none is in two rules
    options: tuple[Option, ...]
    source: str
    after: tuple[str, ...]  # rules before it that may fit the same option 60


def rules(vendors: Iterable[IVendor], values: Mapping[str, str]) -> tuple[Rule, ...]:
    """
    Return what all vendors' phones are given. Of two rules that fit one phone the first holds: the one that asks
    for more of an option 60 comes first, whatever the order of the vendors.

    Raises:
        Invalid: a row that no DHCP server could be told, or an address that is needed and not known.
    """
    made: list[Rule] = []
    for name, offer in sorted(_named(vendors), key=lambda row: _least_asked(row[1]), reverse=True):
        made.append(_rule(name, offer, values, made))
    return tuple(made)


def _named(vendors: Iterable[IVendor]) -> Iterator[tuple[str, DhcpOffer]]:
    for vendor in vendors:
        offers = vendor.dhcp if isinstance(vendor, Vendor) else ()  # only vendors of tables have the rows
        for number, offer in enumerate(offers, 1):
            name = vendor.id if len(offers) == 1 else f"{vendor.id}-{number}"
            yield re.sub(r"[^a-z0-9]+", "-", name.lower()), offer


def _least_asked(offer: DhcpOffer) -> int:
    return min((len(text) for text in offer.option_60), default=0)


def _rule(name: str, offer: DhcpOffer, values: Mapping[str, str], before: Iterable[Rule]) -> Rule:
    patterns = tuple(_pattern(text, name) for text in offer.option_60)
    taken = {oui for rule in before for oui in rule.ouis}
    ouis = dict.fromkeys(_oui(text, name) for text in offer.ouis)
    after = [
        rule.name
        for rule in before
        if any(mine.overlaps(theirs) for mine in patterns for theirs in rule.patterns)
    ]
    return Rule(
        name=name,
        patterns=patterns,
        ouis=tuple(oui for oui in ouis if oui not in taken),
        options=tuple(_option(option, name, values) for option in offer.options),
        source=" ".join("".join(letter if letter.isprintable() else " " for letter in offer.source).split()),
        after=tuple(after),
    )


def _pattern(text: str, name: str) -> Pattern:
    start, star, end = text.partition("*")
    if not start or "*" in end or not text.isascii() or not text.isprintable():
        raise Invalid(f"not an option 60 with one `*` at most, and not at its beginning: {text!r}", name)
    return Pattern(start.encode(), end.encode(), exact=not star)


def _oui(text: str, name: str) -> bytes:
    if not re.fullmatch(r"[0-9a-f]{2}(:[0-9a-f]{2}){2}", text):
        raise Invalid(f"not the first half of a MAC address like 00:15:65: {text!r}", name)
    return bytes.fromhex(text.replace(":", ""))


def _option(row: DhcpOption, name: str, values: Mapping[str, str]) -> Option:
    field = f"{name}: option {row.code}"
    if not 1 <= row.code <= 254:
        raise Invalid("the code must be from 1 to 254", field)
    if row.parts:
        inner = (_option(part, name, values) for part in row.parts)
        value = b"".join(bytes((part.code, len(part.value))) + part.value for part in inner)
        return Option(row.code, _bounded(value, field), "bytes")
    return Option(row.code, _bounded(_value(row, field, values), field), row.kind)


def _value(row: DhcpOption, field: str, values: Mapping[str, str]) -> bytes:
    try:
        text = row.value.format_map(values)
    except KeyError as missing:
        if missing.args == ("ip",):
            raise Invalid(f"{field} needs the IPv4 address of the TFTP server", "--tftp") from None
        raise Invalid(f"unknown name {missing} in {row.value!r}", field) from None
    except (ValueError, IndexError, AttributeError):
        raise Invalid(f"braces that name nothing in {row.value!r}", field) from None
    try:
        match row.kind:
            case "text":
                return _printable(text)
            case "ip":
                return b"".join(IPv4Address(part).packed for part in text.split())
            case "bytes":
                return bytes.fromhex(text)
    except ValueError:
        raise Invalid(f"{text!r} is no value of kind {row.kind}", field) from None


def _printable(text: str) -> bytes:
    if not text.isprintable():
        raise ValueError
    return text.encode("ascii")


def _bounded(value: bytes, field: str) -> bytes:
    if not 1 <= len(value) <= _MOST_OPTION:
        raise Invalid(f"{len(value)} bytes, expected 1 to {_MOST_OPTION}", field)
    return value


def rule_for(rules: Iterable[Rule], option_60: bytes, mac: str) -> Rule | None:
    """
    Return the rule that fits a phone; `mac` may be "".

    Raises:
        Invalid: `mac` is none.
    """
    rules = tuple(rules)
    for rule in rules:
        if any(pattern.matches(option_60) for pattern in rule.patterns):
            return rule
    oui = bytes.fromhex(normal_mac(mac).replace(":", ""))[:3] if mac else b""
    return next((rule for rule in rules if oui in rule.ouis), None)
