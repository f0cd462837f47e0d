"""
Identify: what does a sighting say about the phone?

The fingerprints of all vendors are compiled into one dispatcher that finds rows by their literal and tries no
others, so that the cost does not grow with the number of vendors.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from attrs import frozen

from provserver.address import normal_mac
from provserver.errors import Invalid
from provserver.interfaces import IVendor
from provserver.model import Facts, Fingerprint, Sighting, Step, Where

ORDER: tuple[Where, ...] = ("user-agent", "query", "path", "option-60", "oui")
FACTS = ("vendor", "model", "version", "mac", "serial", "uuid")
_REMEMBERED = 4096  # texts per place: a phone sends the same User-Agent with each of its requests


@frozen
class Hit:
    """A row that matched; hits sort by how much they are believed, the most first."""

    rank: int  # place of `where` in ORDER
    lightness: int  # the row's weight, negated
    vendor: str
    facts: tuple[tuple[str, str], ...]

    @property
    def rule(self) -> str:
        return f"{self.vendor}: {ORDER[self.rank]}"


def _believed(hit: Hit) -> tuple[int, int, str]:
    return hit.rank, hit.lightness, hit.vendor


class _Rows:
    """The rows of one place, indexed by the first letters of their literals."""

    def __init__(self, rank: int, rows: Iterable[tuple[str, Fingerprint]]) -> None:
        self._rank = rank
        self._by_start: dict[str, list[tuple[str, Fingerprint, re.Pattern[str]]]] = {}
        rows = list(rows)
        self._width = min((len(row.literal) for _, row in rows), default=1)
        self._width = min(self._width, 3)
        for vendor, row in rows:
            pattern = re.compile(row.pattern, re.IGNORECASE)
            self._by_start.setdefault(row.literal[: self._width], []).append((vendor, row, pattern))
        self.hits = lru_cache(_REMEMBERED)(self._hits)

    def _hits(self, text: str) -> tuple[Hit, ...]:
        low = text.lower()
        tried: set[int] = set()
        found = []
        for at in range(len(low) - self._width + 1):
            for vendor, row, pattern in self._by_start.get(low[at : at + self._width], ()):
                if id(row) in tried or not low.startswith(row.literal, at):
                    continue
                tried.add(id(row))
                if match := pattern.search(text):
                    said = {
                        **row.gives,
                        **{name: value for name, value in match.groupdict().items() if value},
                    }
                    found.append(Hit(self._rank, -row.weight, vendor, tuple(said.items())))
        return tuple(found)


class Dispatcher:
    """All fingerprints of all vendors. A vendor has one vote, however many plugins it has."""

    def __init__(self, vendors: Iterable[IVendor]) -> None:
        rows = [(vendor.id, row) for vendor in vendors for row in vendor.fingerprints]
        self._places = [
            _Rows(rank, [(vendor, row) for vendor, row in rows if row.where == where])
            for rank, where in enumerate(ORDER)
        ]
        self._found = lru_cache(_REMEMBERED)(self._find)

    def identify(self, sighting: Sighting) -> tuple[Facts, tuple[Step, ...]]:
        """Say what is known, by which rule, and what contradicts it. The vendor of the most believed row is
        the phone's; only its rows speak."""
        told_by = "lease" if sighting.protocol == "dhcp" else "SIP PnP"
        return self._found(_texts(sighting), sighting.mac, told_by)

    def _find(self, texts: tuple[str, ...], told_mac: str, told_by: str) -> tuple[Facts, tuple[Step, ...]]:
        hits = [hit for rank, text in enumerate(texts) if text for hit in self._places[rank].hits(text)]
        mac = told_mac or _mac_of(hits)
        if mac:
            hits.extend(self._places[-1].hits(mac))
        hits.sort(key=_believed)
        facts, steps = _agree(hits, told_mac, told_by)
        named = tuple(getattr(facts, name) or "" for name in FACTS)
        if any(named):
            return facts, (Step("identify", "identify.found", named), *steps)
        return facts, (Step("identify", "identify.nothing", (texts[0], texts[2])), *steps)


def _texts(sighting: Sighting) -> tuple[str, ...]:
    """Return what is looked at in each place of ORDER but the last."""
    query = "&".join(f"{name}={value}" for name, value in sighting.query)
    return (sighting.user_agent, query, sighting.path, sighting.options.get(60, b"").decode("latin-1"))


def _mac_of(hits: Iterable[Hit]) -> str:
    for hit in sorted(hits, key=_believed):
        for name, text in hit.facts:
            if name == "mac" and (mac := _normal(name, text)):
                return mac
    return ""


def _normal(name: str, text: str) -> str | None:
    """Return a fact in its normal form, None where the text is none (phones write `000000000000`)."""
    if name == "mac":
        try:
            return normal_mac(text)
        except Invalid:
            return None
    return text.lower() if name == "uuid" else text


def _agree(hits: list[Hit], told_mac: str, told_by: str) -> tuple[Facts, list[Step]]:
    """Of two values of one fact the more believed is taken; the other becomes a step."""
    known: dict[str, str] = {"mac": told_mac} if told_mac else {}
    said_by: dict[str, str] = {"mac": told_by} if told_mac else {}
    steps: list[Step] = []
    for hit, name, text in _said(hits):
        value = _normal(name, text)
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
    return _facts(known, said_by), steps


def _said(hits: list[Hit]) -> Iterator[tuple[Hit, str, str]]:
    return ((hit, name, text) for hit in hits for name, text in hit.facts)


def _facts(known: Mapping[str, str], said_by: Mapping[str, str]) -> Facts:
    return Facts(**known, said_by=said_by)
