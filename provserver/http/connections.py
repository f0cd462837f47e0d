"""All phones that are connected, and whose turn it is: who lets us wait too long must go."""

from enum import Enum, auto
from typing import Protocol

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime

from provserver.core.metrics import Counts

_SETTLED_S = (
    1.0  # a connection that was quiet for less is not taken from its phone: it may be a round trip away
)
_SENDING_FACTOR = 4  # a phone at 20 kbit/s takes a minute and a half for a piece of 256 KiB


class Turn(Enum):
    """Who must do something next."""

    OURS = auto()
    QUIET = auto()  # the phone: ask, or go
    SENDING = auto()  # the phone: take what was sent, of which we hold the rest


class Connection(Protocol):
    def expire(self) -> None:
        """The phone let us wait too long: go, or if that was said already, be gone."""

    def leave(self) -> None:
        """Go once the answer that is under way is sent."""

    def abort(self) -> None:
        """Be gone."""


class Connections:
    """
    At most `most` at a time. When one more comes, the one that was quiet for longest makes room, so that who opens
    many and says nothing keeps no phone out; only where none is quiet the newcomer is turned away.

    One timer serves all: a connection ends at most a tenth of its patience late.
    """

    def __init__(self, most: int, idle_s: float, clock: IReactorTime) -> None:
        """`idle_s`: how long a phone may be quiet before its request is complete."""
        self._most = most
        self._patience_s = {Turn.QUIET: idle_s, Turn.SENDING: idle_s * _SENDING_FACTOR}
        self._period_s = idle_s / 10
        self._clock = clock
        self._turns: dict[Connection, Turn] = {}
        self._since: dict[Turn, dict[Connection, float]] = {turn: {} for turn in Turn}  # the oldest first
        self._sweep: IDelayedCall | None = None
        self._gone: Deferred[None] | None = None
        self.counts = Counts()  # of those that had to go: `idle`, `made room`, `no room`

    def __len__(self) -> int:
        return len(self._turns)

    def admit(self, connection: Connection) -> bool:
        """Take one more in, quiet; False: there is no room, or we are about to end."""
        if self._gone or (len(self) >= self._most and not self._make_room()):
            self.counts.add("no room")
            return False
        self._turns[connection] = Turn.QUIET
        self._since[Turn.QUIET][connection] = self._clock.seconds()
        if self._sweep is None:
            self._sweep = self._clock.callLater(self._period_s, self._swept)
        return True

    def turn(self, connection: Connection, turn: Turn) -> None:
        """Note whose turn it is from now on; of one that was not admitted, or is lost, nothing."""
        before = self._turns.get(connection)
        if before is not None:
            del self._since[before][connection]
            self._turns[connection] = turn
            self._since[turn][connection] = self._clock.seconds()

    def lost(self, connection: Connection) -> None:
        turn = self._turns.pop(connection, None)
        if turn is None:
            return
        del self._since[turn][connection]
        if not self._turns:
            self._ended()

    def finish(self, within_s: float) -> Deferred[None]:
        """Let answers under way end, all else now, and everything after `within_s`. Fires when all are gone."""
        gone = self._gone = Deferred()
        late = self._clock.callLater(within_s, self._abort_all)
        for connection in list(self._turns):
            connection.leave()
        if not self._turns:
            self._ended()
        return gone.addBoth(lambda _: late.cancel() if late.active() else None)

    def _make_room(self) -> bool:
        quiet = self._since[Turn.QUIET]
        if not quiet:
            return False
        oldest = next(iter(quiet))
        if self._clock.seconds() - quiet[oldest] < _SETTLED_S:
            return False
        self.counts.add("made room")
        self.lost(oldest)  # counted no longer, though its socket lives for another turn of the reactor
        oldest.abort()
        return True

    def _swept(self) -> None:
        self._sweep = self._clock.callLater(self._period_s, self._swept)
        now = self._clock.seconds()
        for turn, patience_s in self._patience_s.items():
            for connection, since in list(self._since[turn].items()):
                if since + patience_s > now:
                    break
                self.counts.add("idle")
                self.turn(connection, Turn.QUIET)
                connection.expire()

    def _abort_all(self) -> None:
        for connection in list(self._turns):
            connection.abort()

    def _ended(self) -> None:
        if self._sweep:
            self._sweep.cancel()
            self._sweep = None
        if self._gone and not self._gone.called:
            self._gone.callback(None)
