"""Sliced: work that must be done in order, a long one in slices of several turns."""

from collections import deque
from collections.abc import Callable, Iterator

from twisted.internet.interfaces import IReactorTime

_SLICE_S = 0.003


class Sliced:
    """Does one work after another. What comes while a long one goes on waits; a short one is done at once."""

    def __init__(self, clock: IReactorTime, idle: Callable[[], None]) -> None:
        """`idle` is called whenever all is done."""
        self._clock = clock
        self._idle = idle
        self._works: deque[Iterator[None]] = deque()

    @property
    def busy(self) -> bool:
        return bool(self._works)

    def add(self, work: Iterator[None]) -> None:
        """`work` may be interrupted where it yields. It must not raise."""
        self._works.append(work)
        if len(self._works) == 1:
            self._go_on()

    def _go_on(self) -> None:
        began = self._clock.seconds()
        while self._works:
            for _ in self._works[0]:
                if not 0 <= self._clock.seconds() - began < _SLICE_S:
                    self._clock.callLater(0, self._go_on)
                    return
            self._works.popleft()
        self._idle()
