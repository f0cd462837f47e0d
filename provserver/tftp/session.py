"""One transfer with its port and its bytes: carries out what the pure transfer says, and decides nothing."""

from collections.abc import Callable

from attrs import define
from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from provserver.tftp import netascii
from provserver.tftp.errors import Malformed, TftpRefusal
from provserver.tftp.incoming import WriteTransfer
from provserver.tftp.interfaces import Address, ITftpPort, ITftpSink
from provserver.tftp.options import Agreed
from provserver.tftp.outgoing import ReadTransfer
from provserver.tftp.packet import (
    ERROR,
    UNDEFINED,
    UNKNOWN_TID,
    Ack,
    Data,
    Error,
    OptionAck,
    Packet,
    ack_block,
    encode,
    parse,
)
from provserver.tftp.reading import Source
from provserver.tftp.transfer import Done, Fail, Finish, SendAck, SendData, SendOptionAck, Take, WriteAction

Key = tuple[Address, str]  # peer and local address: no two transfers have the same

_STRANGER = encode(Error(UNKNOWN_TID, "unknown transfer ID"))
_log = Logger()


@define
class Record:
    """What is told of a transfer when it has ended."""

    peer: Address
    writing: bool
    label: str
    agreed: Agreed
    began: float
    seconds: float = 0.0
    bytes: int = 0  # acknowledged, as they travel
    retransmissions: int = 0
    strays: int = 0
    outcome: str = ""  # that of Done, or: aborted (by the phone), failed, stopped, replaced
    detail: str = ""  # what the phone or the disk said

    def __str__(self) -> str:
        verb = "writes" if self.writing else "reads"
        detail = f" ({self.detail})" if self.detail else ""
        return (
            f"{self.peer[0]}:{self.peer[1]} {verb} {self.label}: {self.outcome}{detail}, {self.bytes} bytes in "
            f"{self.seconds:.3f} s, blksize {self.agreed.blksize}, window {self.agreed.window}, "
            f"{self.retransmissions} sent again"
        )


class Link:
    """What a transfer in either direction has: its peer, its port and its record."""

    __slots__ = ("_ended", "over", "peer", "port", "record", "seconds")

    def __init__(
        self, peer: Address, record: Record, seconds: Callable[[], float], ended: Callable[[Record], None]
    ) -> None:
        self.peer, self.record = peer, record
        self.seconds, self._ended = seconds, ended
        self.port: ITftpPort
        self.over = False

    def send(self, packet: Packet) -> None:
        self.port.send(encode(packet))

    def parse(self, datagram: bytes, sender: Address) -> Packet | None:
        """
        Read a packet; None is "nothing for this transfer".

        A stranger hears so (RFC 1350 section 4), unless it complains itself. What is broken is nothing: to end for
        it, as RFC 1350 section 7 would, lets one broken or forged packet end a transfer.
        """
        if sender != self.peer:
            self.record.strays += 1
            if datagram[:2] != bytes((0, ERROR)):
                self.port.send_to(sender, _STRANGER)
            return None
        try:
            return parse(datagram)
        except Malformed:
            return None

    def end(self, outcome: str, detail: str) -> None:
        self.over = True
        record = self.record
        record.outcome, record.detail = outcome, detail
        record.seconds = self.seconds() - record.began
        self.port.close()
        self._ended(record)


class ReadSession:
    """Sends a file."""

    __slots__ = ("_late", "_peer", "_seconds", "_source", "link", "transfer")

    def __init__(self, link: Link, source: Source, transfer: ReadTransfer) -> None:
        self.link, self.transfer = link, transfer
        self._peer, self._source, self._seconds = link.peer, source, link.seconds
        source.cut(link.record.agreed.blksize)
        self._late: SendData | None = None  # what waits for the disk

    def start(self) -> None:
        self._do(self.transfer.start(self.link.seconds()))

    def heard(self, datagram: bytes, sender: Address) -> None:
        block = ack_block(datagram) if sender == self._peer else -1
        if block >= 0:
            action = self.transfer.acked(block, self._seconds())
            if type(action) is SendData:  # nearly always, and a call less
                self._send(action)
            elif action:
                self._do(action)
        elif isinstance(packet := self.link.parse(datagram, sender), Error):
            self.end("aborted", f"{packet.code} {packet.text}")

    def asked_again(self) -> None:
        self._do(self.transfer.asked_again(self._seconds()))

    def woken(self, now: float) -> None:
        self._do(self.transfer.delayed(now) if self._late else self.transfer.woken(now))

    def end(self, outcome: str, detail: str = "", tell: int | None = None) -> None:
        """End for whatever reason; `tell` is the code of an ERROR to the peer."""
        if self.link.over:
            return
        if tell is not None:
            self.link.send(Error(tell, detail))
        record = self.link.record
        record.bytes = min(self.transfer.blocks_acked * record.agreed.blksize, self._source.size)
        record.retransmissions = self.transfer.retransmissions
        self._source.close()
        self.link.end(outcome, detail)

    def _do(self, action: SendData | SendOptionAck | Done | None) -> None:
        if isinstance(action, SendData):
            self._send(action)
        elif isinstance(action, SendOptionAck):
            self.link.send(OptionAck(self.link.record.agreed.answer))
        elif isinstance(action, Done):
            self.end(action.outcome)

    def _send(self, action: SendData) -> None:
        datagrams = self._source.datagrams(action.first, action.count)
        if datagrams is None:
            self._wait(action)
        elif action.count == 1:
            self.link.port.send(datagrams[0])
        else:
            self.link.port.send_all(datagrams)

    def _wait(self, action: SendData) -> None:
        waits, self._late = self._late is not None, action
        if not waits:
            ready = self._source.ready(action.first, action.count)
            Deferred.fromCoroutine(ready).addCallbacks(self._ready, self._unreadable)

    def _ready(self, _: None) -> None:
        action, self._late = self._late, None
        if action and not self.link.over:
            self._do(self.transfer.delayed(self.link.seconds()))
            if not self.link.over:
                self._send(action)

    def _unreadable(self, failure: Failure) -> None:
        _log.warn("{label}: {problem}", label=self.link.record.label, problem=failure.getErrorMessage())
        self.end("failed", "the file cannot be read", UNDEFINED)


class WriteSession:
    """Takes a file."""

    __slots__ = ("_decoder", "_finishing", "_lingers", "_sink", "link", "transfer")

    def __init__(
        self,
        link: Link,
        sink: ITftpSink,
        transfer: WriteTransfer,
        as_netascii: bool,
        lingers: Callable[[], None],
    ) -> None:
        """`lingers` is called when the file is in its place."""
        self.link, self.transfer = link, transfer
        self._sink, self._lingers = sink, lingers
        self._decoder = netascii.Decoder() if as_netascii else None
        self._finishing = False

    def start(self) -> None:
        self._do(self.transfer.start(self.link.seconds()))

    def heard(self, datagram: bytes, sender: Address) -> None:
        if self.link.over:
            return
        packet = self.link.parse(datagram, sender)
        if isinstance(packet, Data):
            action = self.transfer.data(packet.block, len(packet.data), self.link.seconds())
            if isinstance(action, Take):
                self._take(packet.data)
            else:
                self._do(action)
        elif isinstance(packet, Error):
            self.end("aborted", f"{packet.code} {packet.text}")

    def asked_again(self) -> None:
        self._do(self.transfer.asked_again(self.link.seconds()))

    def woken(self, now: float) -> None:
        self._do(self.transfer.woken(now))

    def end(self, outcome: str, detail: str = "", tell: int | None = None) -> None:
        """End for whatever reason; `tell` is the code of an ERROR to the peer."""
        if self.link.over:
            return
        if tell is not None:
            self.link.send(Error(tell, detail))
        if not self._finishing:
            self._finishing = True
            self._sink.finish(False).addErrback(self._bug)
        self.link.record.retransmissions = self.transfer.retransmissions
        self.link.end("received" if self.transfer.is_finished else outcome, detail)

    def _do(self, action: WriteAction | None) -> None:
        if isinstance(action, SendAck):
            self.link.send(Ack(action.block & 0xFFFF))
        elif isinstance(action, SendOptionAck):
            self.link.send(OptionAck(self.link.record.agreed.answer))
        elif isinstance(action, Finish):
            self._finishing = True
            self._sink.finish(True).addCallbacks(self._finished, self._failed)
        elif isinstance(action, Fail):
            self.end("failed", action.text, action.code)
        elif isinstance(action, Done):
            self.end(action.outcome)

    def _take(self, data: bytes) -> None:
        self.link.record.bytes += len(data)
        if self._decoder:
            data = self._decoder.decode(data, last=len(data) < self.link.record.agreed.blksize)
        self._sink.append(data).addCallbacks(self._stored, self._failed)

    def _stored(self, _: None) -> None:
        if not self.link.over:
            self._do(self.transfer.stored(self.link.seconds()))

    def _finished(self, _: None) -> None:
        if not self.link.over:
            self._do(self.transfer.finished(self.link.seconds()))
            self._lingers()

    def _failed(self, failure: Failure) -> None:
        problem = failure.value
        if isinstance(problem, TftpRefusal):
            self.end("failed", problem.text, problem.code)
        else:
            self._bug(failure)
            self.end("failed", "the file cannot be stored", UNDEFINED)

    def _bug(self, failure: Failure) -> None:
        _log.failure("{label}: a bug in its sink", failure, label=self.link.record.label)


Session = ReadSession | WriteSession
