"""Many timers for the price of one: what is due is found in steps of a tick, and moving a timer costs nothing."""

import heapq
import math
from typing import Generic, TypeVar

T = TypeVar("T")


class TimerWheel(Generic[T]):
    """
    Keeps things until about a time, never less, at most a tick more.

    A timer that is moved later stays where it is: whoever takes it out looks when it is really due and puts it back.
    So a packet that moves its transfer's timer writes one number and touches nothing here.
    """

    def __init__(self, tick_s: float) -> None:
        self._tick_s = tick_s
        self._buckets: dict[int, list[T]] = {}
        self._order: list[int] = []  # a heap of the buckets' numbers

    def __bool__(self) -> bool:
        return bool(self._order)

    def put(self, thing: T, at: float) -> None:
        number = math.ceil(at / self._tick_s)
        bucket = self._buckets.get(number)
        if bucket is None:
            bucket = self._buckets[number] = []
            heapq.heappush(self._order, number)
        bucket.append(thing)

    def due(self, now: float) -> list[T]:
        """Take out what is due, the earliest first."""
        last = math.floor(now / self._tick_s)
        things: list[T] = []
        while self._order and self._order[0] <= last:
            things += self._buckets.pop(heapq.heappop(self._order))
        return things
