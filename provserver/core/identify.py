"""
Identify: what does a sighting say about the phone?

The fingerprints of all vendors are compiled into one dispatcher that finds rows by their literal and tries no
others, so that the cost does not grow with the number of vendors.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from operator import attrgetter

from attrs import frozen

from provserver.address import is_normal_mac, normal_mac
from provserver.errors import Invalid
from provserver.interfaces import IVendor
from provserver.model import Facts, Fingerprint, Sighting, Step, Where

ORDER: tuple[Where, ...] = ("user-agent", "query", "path", "option-60", "oui")
FACTS = ("vendor", "model", "version", "mac", "serial", "uuid")
_NAMED = attrgetter(*FACTS)
_BARE_MAC = re.compile("([0-9a-f]{2})" * 6)
_NO_MAC = "00:00:00:00:00:00"
_REMEMBERED = 4096  # texts per place: a phone sends the same User-Agent with each of its requests
_MOST_REMEMBERED = 400  # characters; the longest known of a phone has 150


@frozen
class Hit:
    """A row that matched; hits sort by how much they are believed, the most first."""

    rank: int  # place of `where` in ORDER
    lightness: int  # the row's weight, negated
    vendor: str
    rule: str  # `yealink: user-agent`
    facts: tuple[tuple[str, str, str | None], ...]  # name, text, and its normal form: None where it has none


def _believed(hit: Hit) -> tuple[int, int, str]:
    return hit.rank, hit.lightness, hit.vendor


@frozen(eq=False)
class _Row:
    literal: str
    search: Callable[[str], re.Match[str] | None]
    rank: int
    lightness: int
    vendor: str
    rule: str
    gives: Mapping[str, str]

    def hit(self, text: str) -> Hit | None:
        match = self.search(text)
        if match is None:
            return None
        said = {**self.gives, **{name: value for name, value in match.groupdict().items() if value}}
        facts = tuple([(name, value, _normal(name, value)) for name, value in said.items()])
        return Hit(self.rank, self.lightness, self.vendor, self.rule, facts)


def _row(rank: int, vendor: str, row: Fingerprint) -> _Row:
    search = re.compile(row.pattern, re.IGNORECASE).search
    return _Row(row.literal, search, rank, -row.weight, vendor, f"{vendor}: {row.where}", row.gives)


class _Rows:
    """The rows of one place. One expression finds which of their literals occur, and those rows alone are tried."""

    def __init__(self, rows: list[_Row]) -> None:
        literals = {row.literal for row in rows}
        self._search = re.compile(_any_of(literals)).search
        # Where a literal occurs so do those that it begins with, of which the expression does not tell.
        self._rows = {
            literal: [row for row in rows if literal.startswith(row.literal)] for literal in literals
        }
        self._known = lru_cache(_REMEMBERED)(self._found)

    def hits(self, text: str) -> tuple[Hit, ...]:
        return self._known(text) if len(text) <= _MOST_REMEMBERED else self._found(text)

    def _found(self, text: str) -> tuple[Hit, ...]:
        low = text.lower()
        rows: dict[_Row, None] = {}
        match = self._search(low)
        while match:
            rows.update(dict.fromkeys(self._rows[match[0]]))
            match = self._search(low, match.start() + 1)
        return tuple([hit for row in rows if (hit := row.hit(text))])


def _any_of(literals: Iterable[str]) -> str:
    """
    Return an expression for the longest of these texts that stands at a place, common beginnings written once:
    `{"yea", "yealink"}` gives `yea(?:link)?`. What it costs does not grow with how many there are.
    """
    by_first: dict[str, set[str]] = {}
    for literal in literals:
        if literal:
            by_first.setdefault(literal[0], set()).add(literal[1:])
    if not by_first:
        return "(?!)"
    branches = []
    for first, rests in sorted(by_first.items()):
        longer = rests - {""}
        rest = _any_of(longer) if longer else ""
        ends_here = longer and "" in rests
        branches.append(re.escape(first) + (f"(?:{rest})?" if ends_here else rest))
    return branches[0] if len(branches) == 1 else f"(?:{'|'.join(branches)})"


class Dispatcher:
    """All fingerprints of all vendors. A vendor has one vote, however many plugins it has."""

    def __init__(self, vendors: Iterable[IVendor]) -> None:
        rows = [(vendor.id, row) for vendor in vendors for row in vendor.fingerprints]
        self._places = [
            _Rows([_row(rank, vendor, row) for vendor, row in rows if row.where == where])
            for rank, where in enumerate(ORDER)
        ]
        self._known = lru_cache(_REMEMBERED)(self._found)

    def identify(self, sighting: Sighting) -> tuple[Facts, tuple[Step, ...]]:
        """Say what is known, by which rule, and what contradicts it. The vendor of the most believed row is
        the phone's; only its rows speak."""
        told_by = "lease" if sighting.protocol == "dhcp" else "SIP PnP"
        texts = _texts(sighting)
        find = self._known if sum(map(len, texts)) <= _MOST_REMEMBERED else self._found
        return find(texts, sighting.mac, told_by)

    def _found(self, texts: tuple[str, ...], told_mac: str, told_by: str) -> tuple[Facts, tuple[Step, ...]]:
        hits = [
            hit for place, text in zip(self._places, texts, strict=False) if text for hit in place.hits(text)
        ]
        hits.sort(key=_believed)
        mac = told_mac or _mac_of(hits)
        if mac:
            hits.extend(sorted(self._places[-1].hits(mac), key=_believed))  # the last place is believed least
        facts, steps = _agree(hits, told_mac, told_by)
        named = tuple([value or "" for value in _NAMED(facts)])
        if any(named):
            return facts, (Step("identify", "identify.found", named), *steps)
        return facts, (Step("identify", "identify.nothing", (texts[0], texts[2])), *steps)


def _texts(sighting: Sighting) -> tuple[str, ...]:
    """Return what is looked at in each place of ORDER but the last."""
    query = "&".join(f"{name}={value}" for name, value in sighting.query)
    return (sighting.user_agent, query, sighting.path, sighting.options.get(60, b"").decode("latin-1"))


def _mac_of(hits: Iterable[Hit]) -> str:
    """Return the MAC address that is believed most."""
    for hit in hits:
        for name, _, value in hit.facts:
            if name == "mac" and value:
                return value
    return ""


def _normal(name: str, text: str) -> str | None:
    """Return a fact in its normal form, None where the text is none (phones write `000000000000`)."""
    if name != "mac":
        return text.lower() if name == "uuid" else text
    low = text.lower()
    bare = _BARE_MAC.fullmatch(low)
    if bare:  # as most phones write it; the general way takes four times as long
        low = ":".join(bare.groups())
    if is_normal_mac(low):
        return low if low != _NO_MAC else None
    try:
        return normal_mac(text)
    except Invalid:
        return None


def _agree(hits: list[Hit], told_mac: str, told_by: str) -> tuple[Facts, list[Step]]:
    """Of two values of one fact the more believed is taken; the other becomes a step."""
    known: dict[str, str] = {"mac": told_mac} if told_mac else {}
    said_by: dict[str, str] = {"mac": told_by} if told_mac else {}
    steps: list[Step] = []
    for hit, name, text, value in _said(hits):
        if value is None:
            steps.append(Step("identify", "identify.malformed", (name, text, hit.rule)))
        elif name in known and known[name] != value:
            step = Step(
                "identify", "identify.contradiction", (name, known[name], said_by[name], value, hit.rule)
            )
            if step not in steps:
                steps.append(step)
        elif hit.vendor == hits[0].vendor and name not in known:
            known[name], said_by[name] = value, hit.rule
    return Facts(**known, said_by=said_by), steps


def _said(hits: list[Hit]) -> Iterator[tuple[Hit, str, str, str | None]]:
    return ((hit, *fact) for hit in hits for fact in hit.facts)
