"""
Time zones as rules: what a phone needs to know is the offset, and when it changes each year.

The rules are the POSIX ones of the tz database (POSIX.1-2017 section 8.3, RFC 8536 section 3.3), in `rules.py`.
They hold every year, so that no file has to be made anew in January.
"""

import re
from calendar import monthrange
from datetime import datetime, timedelta
from functools import lru_cache

from attrs import evolve, frozen

from provserver.vendors.zones.rules import DATED, RULES

_DAY_S = 86_400
_HOUR_S = 3_600
_NAME = r"(?:<[^>]+>|[A-Za-z]+)"
_OFFSET = r"[+-]?\d+(?::\d+){0,2}"
_CHANGE = rf"M\d+\.\d+\.\d+(?:/{_OFFSET})?"
_POSIX = re.compile(rf"{_NAME}({_OFFSET})(?:{_NAME}({_OFFSET})?,({_CHANGE}),({_CHANGE}))?")
_BY_NAME = {name: rule for rule, names in RULES.items() for name in names.split()}


@frozen
class Weekday:
    """The `week`th (5 = the last) `weekday` (1 = Monday … 7 = Sunday) of a month, and a time of day."""

    month: int
    week: int
    weekday: int
    at_s: int  # wall time before the change; below 0 or above 86,399 it is on another day

    @property
    def by_weekday(self) -> bool:
        """Whether the clock changes on that weekday itself: most phones know nothing else."""
        return 0 <= self.at_s < _DAY_S

    def on(self, year: int) -> datetime:
        """Return the wall time before the change."""
        first, days = monthrange(year, self.month)
        day = (self.weekday - 1 - first) % 7 + 1 + 7 * (self.week - 1)
        return datetime(year, self.month, day if day <= days else day - 7) + timedelta(seconds=self.at_s)


@frozen
class Date:
    """A change that follows no rule of weekdays, known for one year."""

    moment: datetime  # wall time before the change
    by_weekday = False

    def on(self, _year: int) -> datetime:
        return self.moment


Change = Weekday | Date


@frozen
class Zone:
    """
    `offset_s` is east of Greenwich and the smaller one; in summer `save_s` is added to it.

    A summer time that the tz database writes as a negative winter time (Dublin) is turned round.
    """

    offset_s: int
    save_s: int = 0
    starts: Change | None = None  # both, or neither
    ends: Change | None = None


def zone(name: str, year: int) -> Zone | None:
    """Return a zone by its name in the tz database, as it is in a year; None where there is no such zone."""
    rule = _BY_NAME.get(name)
    if rule is None:
        return None
    found = parse(rule)
    if dates := DATED.get(name, {}).get(year):
        starts, ends = (Date(datetime.fromisoformat(moment)) for moment in dates)
        # The rule of such a zone tells the offset of most of the year, which is its summer.
        return evolve(found, offset_s=found.offset_s - _HOUR_S, save_s=_HOUR_S, starts=starts, ends=ends)
    return found


@lru_cache
def parse(rule: str) -> Zone:
    """
    Read a POSIX rule: `CET-1CEST,M3.5.0,M10.5.0/3`.

    Raises:
        ValueError: it is none, or its days are counted otherwise than by weekday, which no zone does.
    """
    match = _POSIX.fullmatch(rule)
    if match is None:
        raise ValueError(f"not a POSIX time zone rule: {rule!r}")
    standard, summer, first, second = match.groups()
    offset_s = -_seconds(standard)
    if first is None:
        return Zone(offset_s)
    save_s = (-_seconds(summer) if summer else offset_s + _HOUR_S) - offset_s
    if save_s < 0:
        return Zone(offset_s + save_s, -save_s, _change(second), _change(first))
    return Zone(offset_s, save_s, _change(first), _change(second))


def _seconds(text: str) -> int:
    """Read `-5`, `5:45` or `+02:00:00`."""
    hours, minutes, seconds = ([int(part) for part in text.lstrip("+-").split(":")] + [0, 0])[:3]
    total = hours * _HOUR_S + minutes * 60 + seconds
    return -total if text.startswith("-") else total


def _change(text: str) -> Weekday:
    day, _, time = text[1:].partition("/")
    month, week, weekday = (int(part) for part in day.split("."))
    return Weekday(month, week, weekday or 7, _seconds(time or "2"))
