"""
What a transfer says to whoever carries it out: one file going to or coming from one peer, as block numbers and times,
without bytes, socket or clock. `outgoing` has the one that sends, `incoming` the one that takes.

Each method is told what happened at `now` (seconds, the caller's clock) and returns what the caller must do, or None
for nothing. Blocks are counted from 1 and do not wrap; `acked` and `data` take the 16 bits of the wire. `wake_at` is
when `woken` is due. After a Done, late packets are still welcome and change nothing.
"""

from attrs import define, frozen

UNPROVEN = 3  # packets that an address gets before it has answered one: it may be forged
LIVELY_S = 1.0  # a request that comes again later is no late copy
ASKED_S = 0.5  # one that comes again sooner is one that the network has made
TURN_S = 6.0  # of the peer: clients ask again 5 s after the last packet that they heard, whatever it was


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
