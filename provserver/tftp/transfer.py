"""
One file going to or coming from one peer, as block numbers and times: no bytes, no socket, no clock.

Each method is told what happened at `now` (seconds, the caller's clock) and returns what the caller must do, or None
for nothing. Blocks are counted from 1 and do not wrap; `acked` and `data` take the 16 bits of the wire. `wake_at` is
when `woken` is due. After a Done, late packets are still welcome and change nothing.
"""

from attrs import define, frozen

from provserver.tftp.pace import Pace

UNPROVEN = 3  # packets that an address gets before it has answered one: it may be forged
UNPROVEN_S = 2.0  # the least that the last of them waits for its answer
PATIENCE_S = 20.0  # without progress; with the timeout option at least five times that
LAST_PATIENCE_S = 5.0  # once all blocks are sent: phones restart and do not acknowledge the last one
LIVELY_S = 1.0
LINGER_S = 12.0  # of an upload, where all that is missing is the peer's turn: clients send again after 5 s
ACK_COPIES = 2  # of one acknowledgement, sent unasked


@frozen
class SendOptionAck:
    pass


@define  # there is one for each packet, and a frozen one takes twice as long to make
class SendData:
    first: int
    count: int  # blocks of the window, sent together


@frozen
class SendAck:
    block: int


@frozen
class Take:
    """Keep the data of the packet that was told; say `stored` when that is done."""


@frozen
class Finish:
    """All is stored: put the file in its place; say `finished` when that is done."""


@frozen
class Fail:
    """Tell the peer, and end. `code` is RFC 1350's."""

    code: int
    text: str


@frozen
class Done:
    outcome: str  # sent, unconfirmed, received, no-answer, deadline


WriteAction = SendAck | SendOptionAck | Take | Finish | Fail | Done


class ReadTransfer:
    """
    Sends a file of `blocks` blocks (RFC 1350, RFC 7440). With `options`, an OACK goes first: it is block 0.

    An ACK inside a window says that the next block was lost: it goes on from there. So does an ACK that comes again,
    but only once for each block and only with a window: RFC 1123 4.2.3.1.
    """

    __slots__ = (
        *("retransmissions", "wake_at", "heard_at", "_blocks", "_window", "_acked", "_sent", "_sent_at"),
        *("_pace", "_deadline", "_patience", "_proven", "_unproven_left", "_again", "_resumed"),
    )

    def __init__(self, blocks: int, window: int, options: bool, pace: Pace, deadline: float) -> None:
        self.retransmissions = 0  # packets
        self.wake_at = 0.0
        self.heard_at = 0.0
        self._blocks, self._window = blocks, window
        self._acked = self._sent = -1 if options else 0
        self._pace, self._deadline = pace, deadline
        self._patience = max(PATIENCE_S, 5 * pace.wait_s)
        self._proven, self._unproven_left = False, UNPROVEN  # the peer has not answered anything yet
        self._sent_at = 0.0
        self._again = False  # what is in flight was sent more than once
        self._resumed = False  # the block after `_acked` was already sent again because of a repeated ACK

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
        return self._send_again(now)

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
        if self._sent == self._blocks and self._proven and silent >= LAST_PATIENCE_S:
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


class WriteTransfer:
    """
    Takes a file (RFC 1350, RFC 7440). With `options`, an OACK goes first instead of the ACK of block 0.

    A window is acknowledged when all of it is stored, at its end or, where a block is missing, once at the gap. An
    acknowledgement that is not answered may have been lost, so it comes again; but only ACK_COPIES times: tftp-hpa
    begins to wait anew with each that it hears, and would never send its lost block again.
    """

    def __init__(self, blksize: int, window: int, options: bool, pace: Pace, deadline: float) -> None:
        self.retransmissions = 0
        self.wake_at = 0.0
        self.heard_at = 0.0
        self._blksize, self._window, self._options = blksize, window, options
        self._pace, self._deadline = pace, deadline
        self._patience = max(PATIENCE_S, 5 * pace.wait_s)
        self._proven, self._unproven_left = False, UNPROVEN  # the peer has not answered anything yet
        self._received = self._stored = self._acked = 0
        self._sent_at = 0.0
        self._again = False  # the last ACK was sent more than once
        self._copies_left = ACK_COPIES
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

    def data(self, block: int, length: int, now: float) -> Take | SendAck | SendOptionAck | Fail | None:
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
            return self._ack_again(now)  # our ACK was lost
        if 1 < ahead <= self._window and not self._gap and not self._final:
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
        return self._ack(now)

    def woken(self, now: float) -> SendAck | SendOptionAck | Done | None:
        outcome = self._outcome(now)
        if outcome:
            self._over = True
            return Done(outcome)
        if self._stored < self._received or self._final:
            self._wake(now)  # our own disk is slow
            return None
        self._pace.missed()
        self._copies_left -= 1
        return self._ack_again(now)

    def _outcome(self, now: float) -> str | None:
        if self._finished:
            return "received"
        if now >= self._deadline:
            return "deadline"
        silent = now - self.heard_at >= self._patience and self._stored == self._received and not self._final
        return "no-answer" if silent or not (self._proven or self._unproven_left) else None

    def _heard(self, now: float) -> None:
        if self._received == self._acked and not self._again:
            self._pace.measured(now - self._sent_at)
        self.heard_at = now
        self._proven = True
        self._again = False
        self._copies_left = ACK_COPIES

    def _ack_again(self, now: float) -> SendAck | SendOptionAck:
        self._again = True
        self.retransmissions += 1
        return self._ack(now)

    def _ack(self, now: float) -> SendAck | SendOptionAck:
        self._acked = self._received
        self._sent_at = now
        self._wake(now)
        return SendAck(self._received) if self._received or not self._options else SendOptionAck()

    def _wake(self, now: float) -> None:
        wake_at = now + (LINGER_S if self._finished else self._pace.wait_s)
        if not self._proven:
            self._unproven_left -= 1
            if not self._unproven_left:
                wake_at = max(wake_at, now + LINGER_S)
        elif self._copies_left <= 0:
            wake_at = max(wake_at, self.heard_at + self._patience)
        self.wake_at = min(wake_at, self._deadline)
