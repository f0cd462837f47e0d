"""Answers that are believed for a short while, and asked for once by all who want them at the same time."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

V = TypeVar("V")


class Believed(Generic[V]):
    """A failure is told to all who waited for the same answer, and kept for nobody."""

    def __init__(self, for_s: float, most: int, seconds: Callable[[], float]) -> None:
        self._for_s = for_s
        self._most = most
        self._seconds = seconds
        self._kept: OrderedDict[Hashable, tuple[float, V]] = OrderedDict()  # the oldest first
        self._asked: dict[Hashable, list[Deferred[V]]] = {}

    async def get(self, key: Hashable, ask: Callable[[], Awaitable[V]]) -> V:
        kept = self._kept.get(key)
        if kept and self._seconds() < kept[0]:
            return kept[1]
        if key in self._asked:
            waiting: Deferred[V] = Deferred()
            self._asked[key].append(waiting)
            return await waiting
        self._asked[key] = []
        try:
            value = await ask()
        except BaseException:
            failure = Failure()
            for waiter in self._asked.pop(key):
                waiter.errback(failure)
            raise
        self._keep(key, value)
        for waiter in self._asked.pop(key):
            waiter.callback(value)
        return value

    def _keep(self, key: Hashable, value: V) -> None:
        self._kept.pop(key, None)
        self._kept[key] = (self._seconds() + self._for_s, value)
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)
