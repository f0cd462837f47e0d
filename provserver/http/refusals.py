"""What is refused, in the log: one line a source and minute, whatever a scanner or a broken phone sends."""

from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from provserver.core.limits import OncePerMinute
from provserver.core.metrics import Counts

_MOST_SOURCES = 1000  # a minute


class Refusals:
    _log = Logger()

    def __init__(self, clock: IReactorTime) -> None:
        self._clock = clock
        self._told = OncePerMinute(_MOST_SOURCES)
        self.counts = Counts()  # by status

    def tell(self, ip: str, why: str, status: int = 0) -> None:
        """`why` must hold nothing that the phone sent as it is: a path may hold a key. Status 0: no answer."""
        self.counts.add(str(status))
        if self._told.due(ip, self._clock.seconds()):
            self._log.warn("refused a request from {ip}: {why}", ip=ip, why=why)
