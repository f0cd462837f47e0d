"""Limits that count per source address: how fast new devices may come, and which addresses are a NAT's."""

from collections import OrderedDict

from attrs import define

from provserver.core.sources import source_of

_WINDOW_S = 600
_MOST_SOURCES = 20_000  # more are forgotten, the one longest unused first


@define
class _Bucket:
    tokens: float
    at: float


class Buckets:
    """A token bucket a source: `burst` at once, then `per_minute`."""

    def __init__(self, burst: int, per_minute: int) -> None:
        self._burst = burst
        self._per_s = per_minute / 60
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def wait_s(self, source: str, at: float) -> int:
        """Say how long this source must wait for its next turn, 0 if not at all; takes nothing."""
        tokens = self._tokens(source, at)
        return 0 if tokens >= 1 else int((1 - tokens) / self._per_s) + 1

    def take(self, source: str, at: float) -> None:
        self._buckets[source] = _Bucket(self._tokens(source, at) - 1, at)
        self._buckets.move_to_end(source)
        if len(self._buckets) > _MOST_SOURCES:
            self._buckets.popitem(last=False)

    def _tokens(self, source: str, at: float) -> float:
        bucket = self._buckets.get(source)
        if bucket is None:
            return self._burst
        return min(self._burst, bucket.tokens + max(0.0, at - bucket.at) * self._per_s)


class Admission:
    """Says whether one more phone that nobody knows may become a device."""

    def __init__(self, local: Buckets, elsewhere: Buckets, most_waiting: int) -> None:
        """`most_waiting`: devices that wait for their first user, in all."""
        self._local = local
        self._elsewhere = elsewhere
        self._most_waiting = most_waiting

    def refusal(self, ip: str, local: bool, waiting: int, at: float) -> tuple[str, str, int] | None:
        """Return the reason_id, its value and after how many seconds to come again; None: it may. Counts nothing."""
        ip = source_of(ip)
        if waiting >= self._most_waiting:
            return "learn.too-many-waiting", str(waiting), 600
        wait_s = self._of(local).wait_s(ip, at)
        return ("learn.too-many-new", ip, wait_s) if wait_s else None

    def admitted(self, ip: str, local: bool, at: float) -> None:
        self._of(local).take(source_of(ip), at)

    def _of(self, local: bool) -> Buckets:
        return self._local if local else self._elsewhere


class OncePerMinute:
    """What may be said once a minute of each source, and of at most so many in all: a flood must not fill the log."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._minute = 0
        self._told: set[str] = set()

    def due(self, source: str, at: float) -> bool:
        minute = int(at // 60)
        if minute != self._minute:
            self._minute = minute
            self._told.clear()
        if source in self._told or len(self._told) >= self._most:
            return False
        self._told.add(source)
        return True


class NatWatch:
    """Addresses that two macs used within ten minutes are a NAT's, until ten minutes later."""

    def __init__(self) -> None:
        self._macs: OrderedDict[str, dict[str, float]] = OrderedDict()

    def saw(self, ip: str, mac: str, at: float) -> None:
        macs = self._macs.setdefault(ip, {})
        macs.pop(mac, None)
        macs[mac] = at
        while len(macs) > 2:  # the two newest decide
            del macs[next(iter(macs))]
        self._macs.move_to_end(ip)
        if len(self._macs) > _MOST_SOURCES:
            self._macs.popitem(last=False)

    def is_nat(self, ip: str, at: float) -> bool:
        return sum(at - seen <= _WINDOW_S for seen in self._macs.get(ip, {}).values()) > 1
