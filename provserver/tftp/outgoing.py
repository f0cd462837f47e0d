"""A file on its way to a peer (RFC 1350, RFC 7440): `transfer` says what its methods take and return."""

from provserver.tftp.pace import Pace
from provserver.tftp.transfer import (
    ASKED_S,
    LIVELY_S,
    TURN_S,
    UNPROVEN,
    Done,
    SendData,
    SendOptionAck,
)

UNPROVEN_S = 2.0  # the least that the last of the packets before the first answer waits for it
PATIENCE_S = 30.0  # without progress; with the timeout option at least five times that
LAST_PATIENCE_S = 9.0  # once all blocks are sent: phones restart and do not acknowledge the last one
OPTIONS_S = 1.0  # the least that an OACK waits before it is repeated: curl stumbles over a second one
COPIES = 6  # of what is in flight, sent unasked; then it is the peer's turn


class ReadTransfer:
    """
    Sends a file of `blocks` blocks. With `options`, an OACK goes first: it is block 0.

    An ACK inside a window says that the next block was lost: it goes on from there. So does an ACK that comes again,
    but only once for each block and only with a window: RFC 1123 4.2.3.1.

    Where the peer's ACK was lost it may need a turn: atftp acknowledges a block that comes again once, and then only
    when it has heard nothing for 5 s.
    """

    __slots__ = (
        *("retransmissions", "wake_at", "heard_at", "_blocks", "_window", "_acked", "_sent", "_sent_at"),
        *("_pace", "_deadline", "_patience", "_last_patience", "_proven", "_unproven_left", "_again"),
        *("_resumed", "_copies"),
    )

    def __init__(self, blocks: int, window: int, options: bool, pace: Pace, deadline: float) -> None:
        self.retransmissions = 0  # packets
        self.wake_at = 0.0
        self.heard_at = 0.0
        self._blocks, self._window = blocks, window
        self._acked = self._sent = -1 if options else 0
        self._pace, self._deadline = pace, deadline
        self._patience = max(PATIENCE_S, 5 * pace.wait_s)
        self._last_patience = max(LAST_PATIENCE_S, 3.5 * pace.wait_s)
        self._proven, self._unproven_left = False, UNPROVEN  # the peer has not answered anything yet
        self._sent_at = 0.0
        self._again = False  # what is in flight was sent more than once
        self._resumed = False  # the block after `_acked` was already sent again because of a repeated ACK
        self._copies = 0  # of what is in flight, sent unasked

    @property
    def blocks_acked(self) -> int:
        return max(self._acked, 0)

    def is_lively(self, now: float) -> bool:
        """Say whether its request, heard again, is a late copy; else the phone has restarted."""
        return not self._proven or now - self.heard_at < LIVELY_S

    def start(self, now: float) -> SendData | SendOptionAck:
        self.heard_at = now
        return self._send(now)

    def acked(self, block: int, now: float) -> SendData | SendOptionAck | Done | None:
        ahead = (block - self._acked) & 0xFFFF
        in_flight = self._sent - self._acked
        if 0 < ahead <= in_flight:
            self._acked += ahead
            self.heard_at = now
            self._proven = True
            self._copies = 0
            if self._again:
                self._again = False
            else:
                self._pace.measured(now - self._sent_at)
            if self._acked == self._blocks:
                return Done("sent")
            self._resumed = ahead < in_flight
            if self._resumed:
                self.retransmissions += in_flight - ahead
            return self._send(now)
        if ahead == 0 and in_flight > 1 and not self._resumed:
            self._resumed = True
            return self._send_again(now)
        return None

    def woken(self, now: float) -> SendData | SendOptionAck | Done:
        outcome = self._outcome(now)
        if outcome:
            self._sent = self._acked  # nothing is in flight any more, so no ACK can mean anything
            return Done(outcome)
        self._pace.missed()
        self._copies += 1
        action = self._send_again(now)
        if self._copies % COPIES == 0:
            self.wake_at = min(max(self.wake_at, now + TURN_S), self._deadline)
        return action

    def asked_again(self, now: float) -> SendOptionAck | None:
        """The peer has sent its request again: it has not heard the OACK."""
        if self._acked >= 0 or not self._unproven_left or now - self._sent_at < ASKED_S:
            return None
        action = self._send_again(now)
        return action if isinstance(action, SendOptionAck) else None

    def delayed(self, now: float) -> Done | None:
        """The last Send is carried out only now, or not even now: the disk is slow, not the peer."""
        if now >= self._deadline:
            return Done("deadline")
        self._sent_at = self.heard_at = now
        self.wake_at = min(now + self._pace.wait_s, self._deadline)
        return None

    def _outcome(self, now: float) -> str | None:
        silent = now - self.heard_at
        if now >= self._deadline:
            return "deadline"
        if self._sent == self._blocks and self._proven and silent >= self._last_patience:
            return "unconfirmed"
        if silent >= self._patience or not (self._proven or self._unproven_left):
            return "no-answer"
        return None

    def _send_again(self, now: float) -> SendData | SendOptionAck:
        self._again = True
        action = self._send(now)
        self.retransmissions += action.count if isinstance(action, SendData) else 1
        return action

    def _send(self, now: float) -> SendData | SendOptionAck:
        wait_s = self._pace.wait_s
        if self._acked < 0:
            wait_s = max(wait_s, OPTIONS_S)
        if not self._proven:
            self._unproven_left -= 1
            wait_s = wait_s if self._unproven_left else max(wait_s, UNPROVEN_S)
        wake_at = now + wait_s
        self.wake_at = wake_at if wake_at < self._deadline else self._deadline
        self._sent_at = now
        acked = self._acked
        if acked < 0:
            self._sent = 0
            return SendOptionAck()
        count = self._blocks - acked
        if count > self._window:
            count = self._window
        if acked + count > self._sent:
            self._sent = acked + count
        return SendData(acked + 1, count)
