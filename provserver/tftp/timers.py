"""Wakes sessions when their transfers want it: one delayed call of the reactor for them all."""

from collections.abc import Callable

from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger

from provserver.tftp.session import Session
from provserver.tftp.wheel import TimerWheel

TICK_S = 0.01
_TURN_S = 0.005  # the most that one tick takes


class Timers:
    _log = Logger()

    def __init__(self, clock: IReactorTime, seconds: Callable[[], float]) -> None:
        self._clock, self._seconds = clock, seconds
        self._wheel: TimerWheel[Session] = TimerWheel(TICK_S)
        self._new: list[Session] = []  # most transfers are over before the first tick, and never need a timer
        self._call: IDelayedCall | None = None

    def watch(self, session: Session) -> None:
        """Wake a session at its `wake_at`, wherever that moves, until it is over."""
        self._new.append(session)
        if self._call is None:
            self._call = self._clock.callLater(TICK_S, self._tick)

    def stop(self) -> None:
        """All are over."""
        if self._call is not None:
            self._call.cancel()
            self._call = None

    def _tick(self) -> None:
        self._call = None
        now = self._seconds()
        until = now + _TURN_S
        new, self._new = self._new, []
        for session in new:
            if not session.link.over:
                self._wheel.put(session, session.transfer.wake_at)
        due = self._wheel.due(now)[::-1]
        while due and self._seconds() < until:
            session = due.pop()
            self._look_at(session, now)
            if not session.link.over:
                self._wheel.put(session, session.transfer.wake_at)
        for session in due:
            self._wheel.put(session, now)  # first of all in the next tick
        if self._wheel and self._call is None:
            self._call = self._clock.callLater(TICK_S, self._tick)

    def _look_at(self, session: Session, now: float) -> None:
        transfer, link = session.transfer, session.link
        if link.over or transfer.wake_at > now:
            return
        try:
            link.port.poll()  # an answer may have come while we were busy: then nothing was missed
            if not link.over and transfer.wake_at <= now:
                session.woken(now)
        except Exception:  # a bug in one transfer must not stop the clock of them all
            self._log.failure("a bug in a TFTP transfer")
            session.end("failed", "a bug")
