"""What is refused, in the log: one line a source and minute, whatever a scanner or a broken phone sends."""

from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

_MOST_SOURCES = 1000  # a minute


class Refusals:
    _log = Logger()

    def __init__(self, clock: IReactorTime) -> None:
        self._clock = clock
        self._minute = 0.0
        self._told: set[str] = set()

    def tell(self, ip: str, why: str) -> None:
        """`why` must hold nothing that the phone sent as it is: a path may hold a key."""
        minute = self._clock.seconds() // 60
        if minute != self._minute:
            self._minute = minute
            self._told.clear()
        if ip not in self._told and len(self._told) < _MOST_SOURCES:
            self._told.add(ip)
            self._log.warn("refused a request from {ip}: {why}", ip=ip, why=why)
