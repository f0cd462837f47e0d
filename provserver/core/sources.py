"""
Sources: who asks for phones that nobody knows, or whose secrets it may not have. Such a source is slowed down, then
refused for a while.

What counts is distinct phones, not requests: a phone that asks again and again is one. Never slowed down and never
refused is a source from which a known phone was served lately, so that no office is locked out with one that guesses
behind its NAT.
"""

import ipaddress
from collections import OrderedDict
from collections.abc import Iterable
from functools import lru_cache
from typing import Literal

from attrs import define, evolve, field, frozen

from provserver.address import is_normal_mac
from provserver.model import Protocol

State = Literal["watched", "slowed", "refused"]
Transport = Literal["tcp", "udp"]  # counted apart: who sends UDP may forge the address, and harm others by it

_Key = tuple[str, Transport]

_MOST_SOURCES = 5_000  # of each kind; more are forgotten, the one longest quiet first
_MOST_PHONES = 200_000  # of all watched sources together
_MOST_LIVE = 100_000
_LIVE_S = 86_400  # a phone that is served today speaks for its source until tomorrow
_RUN = 10  # further phones of one OUI count double: who guesses goes through a maker's numbers
_OUI_LENGTH = 8  # `00:15:65`


@frozen
class Bounds:
    """How many unknown phones from one source are too many, on one kind of network."""

    slowed: int
    refused: int


@frozen
class Source:
    """What is known of one that is watched. Times in seconds since the epoch."""

    address: str  # of IPv6 the /64
    transport: Transport
    state: State
    phones: int  # distinct ones that it asked for in vain, within the window
    oui: str  # the maker's number that most of them have, "" where none has any
    requests: int  # that were in vain, since it is watched
    since: float
    last: float
    until: float | None  # of one that is refused


@define
class _Watched:
    since: float
    bounds: Bounds
    last: float = 0.0
    requests: int = 0
    slowed: bool = False
    phones: dict[int, tuple[float, str]] = field(factory=dict)  # by hash: when it was counted, and its OUI
    ouis: dict[str, int] = field(factory=dict)
    doubled: int = 0  # phones that count double

    @property
    def oui(self) -> str:
        return max(self.ouis, key=lambda oui: self.ouis[oui], default="")

    @property
    def points(self) -> int:
        return len(self.phones) + self.doubled

    def count(self, phone: str, at: float) -> bool:
        """Say whether the phone is one more. Beyond the bound nothing more needs to be known."""
        key = hash(phone)
        if key in self.phones or self.points >= self.bounds.refused:
            return False
        oui = phone[:_OUI_LENGTH] if is_normal_mac(phone) else ""
        self.phones[key] = (at, oui)
        if oui:
            self.ouis[oui] = self.ouis.get(oui, 0) + 1
            self.doubled += self.ouis[oui] > _RUN
        return True

    def forget_but(self, since: float, until: float) -> int:
        """Forget phones counted before or, if the clock was set back, after these times; return how many."""
        forgotten = 0
        while self.phones:
            key = next(iter(self.phones))
            at, oui = self.phones[key]
            if since <= at <= until:
                break
            forgotten += 1
            del self.phones[key]
            if oui:
                self.doubled -= self.ouis[oui] > _RUN
                self.ouis[oui] -= 1
                if not self.ouis[oui]:
                    del self.ouis[oui]
        return forgotten


@define
class _Refused:
    source: Source  # as it was when it was refused
    until: float
    last: float
    requests: int


@frozen
class Noted:
    """What became of a request in vain. `fresh`: a phone among its own was not counted yet; `turned`: the source has
    only now become what it is."""

    state: State
    fresh: bool
    turned: bool


class Sources:
    """
    Time is the caller's. `window_s`: how long a phone counts; `refused_s`: how long a source is refused, after which
    it begins anew; `slowed_all`: from so many phones on, of all sources together, each source is slowed down.

    Memory is bounded: by the number of sources, and of the phones of all.
    """

    def __init__(
        self,
        local: Bounds = Bounds(500, 2_000),
        elsewhere: Bounds = Bounds(30, 100),
        window_s: float = 600,
        refused_s: float = 600,
        slowed_all: int = 5_000,
    ) -> None:
        self._local = local
        self._elsewhere = elsewhere
        self._window_s = window_s
        self._refused_s = refused_s
        self._slowed_all = slowed_all
        self._watched: OrderedDict[_Key, _Watched] = (
            OrderedDict()
        )  # the one longest quiet first, as in the others
        self._refused: OrderedDict[_Key, _Refused] = OrderedDict()
        self._live: OrderedDict[str, float] = OrderedDict()
        self._phones = 0  # of all that are watched

    def refuses(self, ip: str, protocol: Protocol, at: float) -> bool:
        """Say whether such a source gets nothing now. Changes nothing."""
        if not self._refused:
            return False
        refused = self._refused.get(_key(ip, protocol))
        return refused is not None and self._is_refused(refused, at)

    def slows(self, ip: str, protocol: Protocol, at: float) -> bool:
        """Say whether answers to what such a source asks in vain are to be held back."""
        key = _key(ip, protocol)
        if self._phones >= self._slowed_all:
            return not self.is_live(ip, at)
        watched = self._watched.get(key)
        return key in self._refused or (watched is not None and watched.slowed)

    def asked(self, ip: str, protocol: Protocol, phones: Iterable[str], local: bool, at: float) -> Noted:
        """Note a request that got nothing, and the phones, or other secrets, that it named."""
        key = _key(ip, protocol)
        refused = self._refused.get(key)
        if refused and self._is_refused(refused, at):
            refused.last = at
            refused.requests += 1
            return Noted("refused", False, False)
        self._refused.pop(key, None)
        watched = self._watched.setdefault(key, _Watched(at, self._local if local else self._elsewhere))
        self._watched.move_to_end(key)
        watched.last = at
        watched.requests += 1
        self._forget_old(watched, at)
        fresh = sum(watched.count(phone, at) for phone in phones)
        self._phones += fresh
        while len(self._watched) > _MOST_SOURCES or self._phones > _MOST_PHONES:
            self._unwatch(next(iter(self._watched)))
        return self._judged(key, watched, fresh > 0, at)

    def served(self, ip: str, at: float) -> None:
        """A phone that is known was given what it asked for, with the proof that it takes."""
        address = source_of(ip)
        self._live[address] = at
        self._live.move_to_end(address)
        if len(self._live) > _MOST_LIVE:
            self._live.popitem(last=False)
        for transport in ("tcp", "udp") if self._refused else ():
            self._refused.pop((address, transport), None)

    def listed(self, at: float) -> tuple[Source, ...]:
        """Return all that are watched, slowed down or refused, the last heard of first."""
        found = [
            evolve(refused.source, last=refused.last, requests=refused.requests)
            for refused in self._refused.values()
            if self._is_refused(refused, at)
        ]
        for key, watched in list(self._watched.items()):
            self._forget_old(watched, at)
            if watched.phones:
                slow = watched.points >= watched.bounds.slowed and not self.is_live(key[0], at)
                found.append(_shown(key, watched, "slowed" if slow else "watched"))
            else:
                self._unwatch(key)
        return tuple(sorted(found, key=lambda source: (-source.last, source.address, source.transport)))

    def tally(self, at: float) -> dict[State, int]:
        """Return how many sources are in each state."""
        slowed = sum(watched.slowed for watched in self._watched.values())
        refused = sum(self._is_refused(refused, at) for refused in self._refused.values())
        return {"watched": len(self._watched) - slowed, "slowed": slowed, "refused": refused}

    def forgive(self, ip: str | None = None) -> bool:
        """Forget what is held against a source, or against all. False: there was nothing."""
        address = ip and source_of(ip)
        keys = [key for key in (*self._watched, *self._refused) if address in (None, key[0])]
        for key in keys:
            self._unwatch(key)
            self._refused.pop(key, None)
        return bool(keys)

    def _judged(self, key: _Key, watched: _Watched, fresh: bool, at: float) -> Noted:
        points, bounds = watched.points, watched.bounds
        if self.is_live(key[0], at) or points < min(bounds.slowed, bounds.refused):
            watched.slowed = False
            return Noted("watched", fresh, False)
        if points < bounds.refused:
            turned, watched.slowed = not watched.slowed, True
            return Noted("slowed", fresh, turned)
        until = at + self._refused_s
        source = _shown(key, watched, "refused", until)
        self._refused[key] = _Refused(source, until, at, watched.requests)
        self._unwatch(key)
        if len(self._refused) > _MOST_SOURCES:
            self._refused.popitem(last=False)
        return Noted("refused", fresh, True)

    def _forget_old(self, watched: _Watched, at: float) -> None:
        self._phones -= watched.forget_but(at - self._window_s, at)

    def _unwatch(self, key: _Key) -> None:
        watched = self._watched.pop(key, None)
        self._phones -= len(watched.phones) if watched else 0

    def _is_refused(self, refused: _Refused, at: float) -> bool:
        return at < refused.until <= at + self._refused_s  # never for longer, if the clock is set back

    def is_live(self, ip: str, at: float) -> bool:
        """Say whether a known phone was served from there lately."""
        seen = self._live.get(source_of(ip))
        return seen is not None and at - seen <= _LIVE_S


def _shown(key: _Key, watched: _Watched, state: State, until: float | None = None) -> Source:
    return Source(
        *key, state, len(watched.phones), watched.oui, watched.requests, watched.since, watched.last, until
    )


@lru_cache(4096)
def source_of(ip: str) -> str:
    """Return what counts as one source: an IPv4 address, or of an IPv6 address its /64, which is one customer's."""
    if ":" not in ip:
        return ip
    return str(ipaddress.ip_network((ip.partition("%")[0], 64), strict=False).network_address)


def _key(ip: str, protocol: Protocol) -> _Key:
    return source_of(ip), "tcp" if protocol == "http" else "udp"
