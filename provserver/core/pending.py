"""
Pending: new phones that came when the limits took no more of them. They wait here for an administrator, or until the
limits take them after all.

They are kept in memory alone: writing down a flood is what the limits prevent. A phone asks again anyway.
"""

from collections import Counter, OrderedDict

from attrs import define, frozen

from provserver.core.learn import Learnt
from provserver.errors import NotFound
from provserver.model import Device


@frozen
class Pending:
    """A phone that waits. Times in seconds since the epoch."""

    learnt: Learnt  # what discovery would have committed
    ip: str
    since: float
    last: float
    until: float

    @property
    def device(self) -> Device:
        return self.learnt.device


@define
class _Kept:
    learnt: Learnt
    ip: str
    since: float
    last: float


class PendingDevices:
    """
    At most `most`, each for `keep_s` after it was last heard of. Where there is no room, the source that has the most
    gives up its oldest, so that a flood pushes out its own phones and nobody else's.
    """

    def __init__(self, most: int = 1_000, keep_s: float = 86_400) -> None:
        self._most = most
        self._keep_s = keep_s
        self._kept: OrderedDict[str, _Kept] = OrderedDict()  # by identity, the one longest quiet first
        self._ids: dict[str, str] = {}  # device id -> identity
        self._sources: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._kept)

    def add(self, learnt: Learnt, ip: str, at: float) -> None:
        """Keep a phone; of one that is here already, that it came again."""
        self._forget_old(at)
        kept = self._kept.get(learnt.who)
        if kept:
            kept.last = at
            self._kept.move_to_end(learnt.who)
        elif self._most:
            if len(self._kept) >= self._most:
                self._make_room()
            self._kept[learnt.who] = _Kept(learnt, ip, at, at)
            self._ids[learnt.device.id] = learnt.who
            self._sources[ip] += 1

    def listed(self, at: float) -> tuple[Pending, ...]:
        """Return all, the last heard of first."""
        self._forget_old(at)
        return tuple(self._pending(kept) for kept in reversed(self._kept.values()))

    def named(self, device_id: str, at: float) -> Pending:
        """Return one by the id that its device would have. Raises: NotFound."""
        self._forget_old(at)
        if device_id not in self._ids:
            raise NotFound(f"No such resource: pending device {device_id[:60]!r}")
        return self._pending(self._kept[self._ids[device_id]])

    def forget(self, who: str) -> None:
        """It is a device now, or nobody wants it. `who`: as in Learnt; of one that is not here, nothing."""
        kept = self._kept.pop(who, None)
        if kept:
            del self._ids[kept.learnt.device.id]
            self._sources[kept.ip] -= 1
            if not self._sources[kept.ip]:
                del self._sources[kept.ip]

    def _make_room(self) -> None:
        source = max(self._sources, key=lambda ip: self._sources[ip])
        self.forget(next(who for who, kept in self._kept.items() if kept.ip == source))

    def _forget_old(self, at: float) -> None:
        while self._kept:
            who = next(iter(self._kept))
            if self._kept[who].last + self._keep_s > at:
                return
            self.forget(who)

    def _pending(self, kept: _Kept) -> Pending:
        return Pending(kept.learnt, kept.ip, kept.since, kept.last, kept.last + self._keep_s)
