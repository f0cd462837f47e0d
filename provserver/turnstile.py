"""The turnstile: however many ask at once, known phones come first, and no turn of the reactor is long."""

from collections import OrderedDict, deque
from collections.abc import Callable

from twisted.internet.defer import Deferred, maybeDeferred, succeed
from twisted.internet.interfaces import IReactorTime
from zope.interface import implementer

from provserver.interfaces import IAnswers
from provserver.model import Answer, Sighting

_SLICE_S = 0.002  # of a turn, for answers
_MOST_WAITING = 2_000  # of sources without a known phone
_SHARE = 4  # one of so many answers is for them, however many known phones wait
_BUSY_S = 30

_Waiting = tuple[Sighting, Deferred[Answer]]


class _Queue:
    """Those who wait, by source: one of each after the other, so that who asks the most waits longest."""

    def __init__(self) -> None:
        self._sources: OrderedDict[str, deque[_Waiting]] = OrderedDict()
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def add(self, sighting: Sighting, answered: Deferred[Answer]) -> None:
        self._sources.setdefault(sighting.ip, deque()).append((sighting, answered))
        self._length += 1

    def take(self) -> _Waiting:
        ip, waiting = self._sources.popitem(last=False)
        chosen = waiting.popleft()
        if waiting:
            self._sources[ip] = waiting  # behind all others
        self._length -= 1
        return chosen


@implementer(IAnswers)
class Turnstile:
    """
    Asks for an answer at once, as long as this turn's time is not used up; what comes later waits for a next one.

    `comes_first` says of an address and a time whether a known phone was served from there.
    """

    def __init__(
        self, inner: IAnswers, clock: IReactorTime, comes_first: Callable[[str, float], bool]
    ) -> None:
        self._inner = inner
        self._clock = clock
        self._comes_first = comes_first
        self._known, self._others = _Queue(), _Queue()
        self._taken = 0
        self._began: float | None = None  # when this turn's first request came

    @property
    def waiting(self) -> int:
        return len(self._known) + len(self._others)

    def admits(self, ip: str) -> bool:
        """Say, at next to no cost, whether a request from there would wait for its turn, and not be sent away."""
        return len(self._others) < _MOST_WAITING or self._comes_first(ip, self._clock.seconds())

    def answer(self, sighting: Sighting) -> Deferred[Answer]:
        known = self._comes_first(sighting.ip, sighting.at)
        # Whoever reads datagrams must go on reading: known phones' wait in the kernel's queue behind all the others.
        is_datagram = sighting.protocol == "tftp" and not known
        if self._has_time() and not self.waiting and not is_datagram:
            return self._inner.answer(sighting)
        if not known and len(self._others) >= _MOST_WAITING:
            return succeed(Answer("busy", (), retry_s=_BUSY_S))
        answered: Deferred[Answer] = Deferred()
        (self._known if known else self._others).add(sighting, answered)
        return answered

    def _has_time(self) -> bool:
        now = self._clock.seconds()
        if self._began is None:
            self._began = now
            self._clock.callLater(0, self._next)
        return now - self._began < _SLICE_S

    def _next(self) -> None:
        """A new turn."""
        self._began = None
        while self.waiting and self._has_time():
            sighting, answered = self._take()
            maybeDeferred(self._inner.answer, sighting).chainDeferred(answered)

    def _take(self) -> _Waiting:
        self._taken += 1
        others_turn = self._taken % _SHARE == 0 and len(self._others) > 0
        return self._known.take() if len(self._known) and not others_turn else self._others.take()
