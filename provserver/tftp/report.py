"""What is told of transfers: counters for metrics, and one log line each."""

from attrs import define, field
from twisted.logger import Logger

from provserver.tftp.errors import TftpRefusal
from provserver.tftp.interfaces import Address
from provserver.tftp.session import Record

_COMPLAINT_S = 60.0  # between two lines about limits for one address
_MOST_SOURCES = 1_000


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


class Report:
    _log = Logger(namespace="provserver.tftp")

    def __init__(self) -> None:
        self.counters = Counters()
        self._complained: dict[str, float] = {}

    def ended(self, record: Record) -> None:
        counters = self.counters
        counters.outcomes[record.outcome] = counters.outcomes.get(record.outcome, 0) + 1
        counters.retransmissions += record.retransmissions
        counters.strays += record.strays
        if record.writing:
            counters.received_bytes += record.bytes
        else:
            counters.sent_bytes += record.bytes
        # The text is made by `Record`: from ten fields, Twisted's formatting takes longer than the whole transfer.
        self._log.info(
            "{transfer}",
            transfer=record,
            who=f"{record.peer[0]}:{record.peer[1]}",
            verb="writes" if record.writing else "reads",
            file=record.label,
            outcome=record.outcome,
            detail=record.detail,
            bytes=record.bytes,
            seconds=record.seconds,
            blksize=record.agreed.blksize,
            window=record.agreed.window,
            retransmissions=record.retransmissions,
        )

    def refused(self, peer: Address, writing: bool, refusal: TftpRefusal) -> None:
        self.counters.refused += 1
        self._log.info(
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
        if now - self._complained.get(host, -_COMPLAINT_S) < _COMPLAINT_S:
            return
        if len(self._complained) >= _MOST_SOURCES:
            self._complained.clear()
        self._complained[host] = now
        self._log.warn("{who}: no answer, {why}", who=host, why=why)
