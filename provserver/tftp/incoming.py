"""A file that a peer sends (RFC 1350, RFC 7440): `transfer` says what its methods take and return."""

from provserver.tftp.transfer import (
    ASKED_S,
    LIVELY_S,
    TURN_S,
    UNPROVEN,
    Done,
    Fail,
    Finish,
    SendAck,
    SendOptionAck,
    Take,
    WriteAction,
)

PATIENCE_S = 20.0  # without progress; with the timeout option at least five times that
LINGER_S = 2 * TURN_S  # where all that is missing is the peer's turn


class WriteTransfer:
    """
    Takes a file. With `options`, an OACK goes first instead of the ACK of block 0.

    A window is acknowledged when all of it is stored, at its end or, where a block is missing, once at the gap.

    Whatever was lost, it is the peer's turn first. An ACK that comes twice makes tftp-hpa wait anew, and busybox go
    without the last one; but curl sends nothing again by itself, so in the end it comes. An OACK comes again only
    when the request does: curl and atftp take it for the answer to their first block, which is missing then.

    When the file is in its place, each of its blocks is acknowledged that comes again, and an empty one behind its
    end: an ACK that comes late leads atftp back to an old block, or lets it end the file twice.
    """

    def __init__(
        self, blksize: int, window: int, options: bool, timeout_s: float | None, deadline: float
    ) -> None:
        """`timeout_s` is what the timeout option agreed on."""
        self.retransmissions = 0
        self.wake_at = 0.0
        self.heard_at = 0.0
        self._blksize, self._window, self._options = blksize, window, options
        self._deadline = deadline
        self._turn = max(TURN_S, timeout_s or 0.0)
        self._patience = max(PATIENCE_S, 5 * (timeout_s or 0.0))
        self._proven, self._unproven_left = False, UNPROVEN  # the peer has not answered anything yet
        self._received = self._stored = self._acked = 0
        self._sent_at = self._lingers_until = 0.0
        self._gap = False
        self._final = self._finished = self._over = False

    @property
    def is_finished(self) -> bool:
        """Whether the file is in its place: only its last acknowledgement may be missing."""
        return self._finished

    def is_lively(self, now: float) -> bool:
        """The same as of ReadTransfer."""
        return not self._proven or now - self.heard_at < LIVELY_S

    def start(self, now: float) -> SendAck | SendOptionAck:
        self.heard_at = now
        return self._ack(now)

    def data(self, block: int, length: int, now: float) -> WriteAction | None:
        if self._over:
            return None
        ahead = (block - self._received) & 0xFFFF
        if length > self._blksize:
            self._over = True
            return Fail(4, f"a block of {length} bytes, {self._blksize} were agreed")
        if ahead == 1 and not self._final:
            self._heard(now)
            self._received += 1
            self._gap = False
            self._final = length < self._blksize
            return Take()
        if ahead == 0 and self._received and self._acked == self._received:
            self._lingers_until = now + LINGER_S
            return self._ack_again(now)  # our ACK was lost
        if self._finished and (0x10000 - ahead < self._received or (ahead == 1 and not length)):
            return SendAck(block)
        if 1 < ahead <= self._window and not self._gap and not self._final:
            self._heard(now)
            self._gap = True
            return self._ack(now) if self._stored == self._received else None
        return None

    def stored(self, now: float) -> SendAck | SendOptionAck | Finish | None:
        self._stored += 1
        if self._stored < self._received:
            return None
        if self._final:
            return Finish()
        if self._received - self._acked >= self._window or self._gap:
            return self._ack(now)
        self._wake(now)
        return None

    def finished(self, now: float) -> SendAck | SendOptionAck:
        """The file is in its place. Stays for a while: the peer may not hear of it."""
        self._finished = True
        self._lingers_until = now + LINGER_S
        return self._ack(now)

    def woken(self, now: float) -> SendAck | SendOptionAck | Done | None:
        outcome = self._outcome(now)
        if outcome:
            self._over = True
            return Done(outcome)
        if self._stored < self._received or (self._final and not self._finished):
            self._wake(now)  # our own disk is slow
            return None
        return self._ack_again(now)

    def asked_again(self, now: float) -> SendAck | SendOptionAck | None:
        """The peer has sent its request again: it has not heard the first answer."""
        if self._proven or not self._unproven_left or now - self._sent_at < ASKED_S:
            return None
        return self._ack_again(now)

    def _outcome(self, now: float) -> str | None:
        if self._finished:
            return "received" if now >= min(self._lingers_until, self._deadline) else None
        if now >= self._deadline:
            return "deadline"
        if not self._proven:
            return "no-answer" if self._options or not self._unproven_left else None
        is_silent = now - self.heard_at >= self._patience and self._stored == self._received
        return "no-answer" if is_silent and not self._final else None

    def _heard(self, now: float) -> None:
        self.heard_at = now
        self._proven = True

    def _ack_again(self, now: float) -> SendAck | SendOptionAck:
        self.retransmissions += 1
        return self._ack(now)

    def _ack(self, now: float) -> SendAck | SendOptionAck:
        self._acked = self._received
        self._sent_at = now
        self._unproven_left -= 1
        self._wake(now)
        return SendOptionAck() if self._options and not self._proven else SendAck(self._received)

    def _wake(self, now: float) -> None:
        is_last = not self._proven and (self._options or not self._unproven_left)
        self.wake_at = min(now + (LINGER_S if is_last else self._turn), self._deadline)
