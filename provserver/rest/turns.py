"""Turns: REST takes a few milliseconds of each turn of the reactor, so that phones never wait behind a crowd."""

from collections import deque
from collections.abc import Callable

from twisted.internet.interfaces import IReactorTime

_SLICE_S = 0.003


class Turns:
    """Runs what is asked for at once, or where this turn's time is used up in one of the next, in order."""

    def __init__(self, clock: IReactorTime) -> None:
        self._clock = clock
        self._used_s = 0.0
        self._waiting: deque[Callable[[], object]] = deque()
        self._is_set = False  # the beginning of the next turn is waited for

    def run(self, work: Callable[[], object]) -> None:
        """`work` must not raise."""
        if self._waiting or self._used_s >= _SLICE_S:
            self._waiting.append(work)
        else:
            self._do(work)
        if not self._is_set:
            self._is_set = True
            self._clock.callLater(0, self._next)

    def _next(self) -> None:
        self._used_s = 0.0
        while self._waiting and self._used_s < _SLICE_S:
            self._do(self._waiting.popleft())
        self._is_set = bool(self._waiting)
        if self._is_set:
            self._clock.callLater(0, self._next)

    def _do(self, work: Callable[[], object]) -> None:
        began = self._clock.seconds()
        work()
        self._used_s += self._clock.seconds() - began
