"""Threads that tests can see through."""

from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred, fail, succeed
from twisted.python.failure import Failure


def at_once(function: Callable[..., Any], /, *args: object) -> Deferred[Any]:
    """Run it here and now. A `Killed` goes through: it ends everything."""
    try:
        return succeed(function(*args))
    except Exception:
        return fail()


class ByHand:
    """Keeps what should be run until it is told to, like a slow disk."""

    def __init__(self) -> None:
        self.waiting: list[tuple[Callable[..., Any], tuple[object, ...], Deferred[Any]]] = []

    def __call__(self, function: Callable[..., Any], /, *args: object) -> Deferred[Any]:
        done: Deferred[Any] = Deferred()
        self.waiting.append((function, args, done))
        return done

    def names(self) -> list[str]:
        return [function.__name__ for function, _, _ in self.waiting]

    def run(self, at: int = 0) -> None:
        """Run one of those that wait."""
        function, args, done = self.waiting.pop(at)
        try:
            done.callback(function(*args))
        except Exception:
            done.errback(Failure())

    def run_all(self) -> None:
        while self.waiting:
            self.run()
