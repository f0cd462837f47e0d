"""A request over UDP that is repeated until it is answered (RFC 3261 section 17.1.2): block times, no bytes."""

from typing import Literal

T1_S = 0.5  # what a round trip is thought to take
T2_S = 4.0  # the longest pause
Outcome = Literal["waiting", "answered", "no answer"]


class NonInvite:
    """
    The client's side of anything but an INVITE. `start` says that the request is to be sent, `woken` whether it is
    to be sent again; `wake_at` is when `woken` is due (seconds, the caller's clock).
    """

    def __init__(self, now: float) -> None:
        """The request is sent now, by the caller."""
        self.outcome: Outcome = "waiting"
        self._pause_s = T1_S
        self._give_up_at = now + 64 * T1_S  # timer F
        self.wake_at = now + T1_S  # timer E

    def answered(self, status: int) -> None:
        """A provisional answer makes the pauses long; a final one ends it."""
        if status >= 200:
            self.outcome = "answered"
        else:
            self._pause_s = T2_S

    def woken(self, now: float) -> bool:
        """Say whether the request is to be sent again."""
        if self.outcome != "waiting" or now < self.wake_at:
            return False
        if now >= self._give_up_at:
            self.outcome = "no answer"
            return False
        self._pause_s = min(2 * self._pause_s, T2_S)
        self.wake_at = min(now + self._pause_s, self._give_up_at)
        return True
