"""What is told of transfers: counters for metrics, and one log line each."""

from time import time

from attrs import define, field
from twisted.logger import Logger, LogLevel

from provserver.tftp.errors import TftpRefusal
from provserver.tftp.interfaces import Address
from provserver.tftp.session import Record

_MINUTE_S = 60.0
_MOST_SOURCES = 1_000  # of complaints within a minute
_MOST_REFUSALS = 1_000  # told of within a minute


@define
class Counters:
    """They only grow."""

    requests: int = 0
    repeated: int = 0  # requests whose transfer was under way
    malformed: int = 0  # packets to a listener that are none
    limited: int = 0  # requests met with silence because of a limit
    refused: int = 0  # requests answered with an ERROR
    silenced: int = 0  # requests that the backend wanted no answer to
    strays: int = 0  # packets of strangers
    sent_bytes: int = 0
    received_bytes: int = 0
    retransmissions: int = 0
    outcomes: dict[str, int] = field(factory=dict)


_log = Logger(namespace="provserver.tftp")


class Report:
    def __init__(self) -> None:
        self.counters = Counters()
        self._minute = -_MINUTE_S  # when the one began that these are of
        self._complained: set[str] = set()
        self._refusals = 0

    def ended(self, record: Record) -> None:
        counters = self.counters
        counters.outcomes[record.outcome] = counters.outcomes.get(record.outcome, 0) + 1
        counters.retransmissions += record.retransmissions
        counters.strays += record.strays
        if record.writing:
            counters.received_bytes += record.bytes
        else:
            counters.sent_bytes += record.bytes
        # What `_log.info` would tell, in half the time. The text is made by `Record`: of ten fields, Twisted's
        # formatting takes longer than the whole transfer.
        _log.observer(
            {
                "log_logger": _log,
                "log_level": LogLevel.info,
                "log_namespace": _log.namespace,
                "log_source": None,
                "log_format": "{transfer}",
                "log_time": time(),
                "transfer": record,
                "who": f"{record.peer[0]}:{record.peer[1]}",
                "verb": "writes" if record.writing else "reads",
                "file": record.label,
                "outcome": record.outcome,
                "detail": record.detail,
                "bytes": record.bytes,
                "seconds": record.seconds,
                "blksize": record.agreed.blksize,
                "window": record.agreed.window,
                "retransmissions": record.retransmissions,
            }
        )

    def refused(self, peer: Address, writing: bool, refusal: TftpRefusal, now: float) -> None:
        self.counters.refused += 1
        self._begin_minute(now)
        self._refusals += 1
        if self._refusals > _MOST_REFUSALS:
            return
        _log.info(
            "{who} {verb} {file}: refused ({detail})",
            who=f"{peer[0]}:{peer[1]}",
            verb="writes" if writing else "reads",
            file=refusal.label or "a file",
            outcome="refused",
            detail=refusal.text,
        )

    def limited(self, host: str, why: str, now: float) -> None:
        """Complain of a source at most once a minute: a flood must not fill the disk."""
        self.counters.limited += 1
        self._begin_minute(now)
        if host not in self._complained and len(self._complained) < _MOST_SOURCES:
            self._complained.add(host)
            _log.warn("{who}: no answer, {why}", who=host, why=why)

    def _begin_minute(self, now: float) -> None:
        if now - self._minute >= _MINUTE_S:
            self._minute = now
            self._complained.clear()
            self._refusals = 0
