"""
Guessing: whoever dials wrong codes is made slow and then locked, and nobody else is.

Each try counts as wrong from its beginning, so that many at the same time do not get around it, until it is excused.
"""

from collections import OrderedDict
from math import ceil

from attrs import define, frozen

from provserver.errors import TooManyTries

_MOST_KEPT = 20_000  # of each kind; then the one longest unused is forgotten
_FIRST_DELAY_S, _MOST_DELAY_S = 0.5, 8.0  # of one phone, after its first wrong code, and at most
# How many wrong codes of a tenant's phones, and in all, delay every try a little: they never lock anybody.
_OF_TENANT, _IN_ALL = 50, 500
_MOST_CROWD_DELAY_S = 4.0


@frozen
class GuessLimits:
    per_phone: int = 5
    per_source: int = 100
    locked_s: float = 600.0  # for which wrong codes count, and for which a lock lasts


@frozen
class Guesser:
    """Who tries; each is "" where it is not known."""

    phone: str = ""  # its slot, account or mark
    source: str = ""  # address that its packets come from
    tenant: str = ""


@define
class _Tally:
    wrong: int
    until: float


class Guesses:
    def __init__(self, limits: GuessLimits) -> None:
        self._limits = limits
        self._phones = _Tallies(limits.locked_s)
        self._sources = _Tallies(limits.locked_s)
        self._tenants = _Tallies(limits.locked_s)
        self._all = _Tallies(limits.locked_s)

    def begin(self, who: Guesser, now: float) -> float:
        """
        Count a try, and say how long to wait before the code is looked at, in seconds.

        Raises:
            TooManyTries: there were too many wrong ones. That counts nothing.
        """
        limits = self._limits
        for tallies, key, most in (
            (self._phones, who.phone, limits.per_phone),
            (self._sources, who.source, limits.per_source),
        ):
            if key and tallies.wrong(key, now) >= most:
                raise TooManyTries("too many wrong codes", ceil(tallies.left_s(key, now)))
        wait_s = self._delay_s(who, now)
        self._phones.add(who.phone, now, limits.per_phone)
        self._sources.add(who.source, now, limits.per_source)
        self._tenants.add(who.tenant, now)
        self._all.add("all", now)
        return wait_s

    def excuse(self, who: Guesser) -> None:
        """Take back a try that was no guess: the code was right, or was not looked at."""
        for tallies, key in (
            (self._phones, who.phone),
            (self._sources, who.source),
            (self._tenants, who.tenant),
            (self._all, "all"),
        ):
            tallies.take_back(key)

    def _delay_s(self, who: Guesser, now: float) -> float:
        wrong = self._phones.wrong(who.phone, now) if who.phone else self._sources.wrong(who.source, now)
        own = min(_MOST_DELAY_S, _FIRST_DELAY_S * 2.0 ** (min(wrong, 10) - 1)) if wrong else 0.0
        crowds = max(
            self._tenants.wrong(who.tenant, now) // _OF_TENANT, self._all.wrong("all", now) // _IN_ALL
        )
        return own + (
            min(_MOST_CROWD_DELAY_S, _FIRST_DELAY_S * 2.0 ** (min(crowds, 10) - 1)) if crowds else 0.0
        )


class _Tallies:
    def __init__(self, locked_s: float) -> None:
        self._locked_s = locked_s
        self._tallies: OrderedDict[str, _Tally] = OrderedDict()

    def wrong(self, key: str, now: float) -> int:
        tally = self._tallies.get(key)
        if tally is None or now >= tally.until:
            return 0
        return tally.wrong

    def left_s(self, key: str, now: float) -> float:
        return self._tallies[key].until - now

    def add(self, key: str, now: float, most: int = 0) -> None:
        """With the one that is `most` the time begins anew: that is the lock."""
        if not key:
            return
        tally = self._tallies.get(key)
        if tally is None or now >= tally.until:
            tally = self._tallies[key] = _Tally(0, now + self._locked_s)
        tally.wrong += 1
        if tally.wrong == most:
            tally.until = now + self._locked_s
        self._tallies.move_to_end(key)
        if len(self._tallies) > _MOST_KEPT:
            self._tallies.popitem(last=False)

    def take_back(self, key: str) -> None:
        tally = self._tallies.get(key)
        if tally is None:
            return
        tally.wrong -= 1
        if tally.wrong <= 0:
            del self._tallies[key]
