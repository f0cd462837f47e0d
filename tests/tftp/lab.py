"""A TFTP server in memory: a backend that is a dict, a clock, phones that are addresses."""

from collections.abc import Callable
from typing import Any

from attrs import define, field
from twisted.internet.defer import Deferred, fail, maybeDeferred, succeed
from twisted.internet.task import Clock
from zope.interface import implementer

from provserver.tftp.errors import TftpRefusal
from provserver.tftp.interfaces import Content, ITftpBackend, ITftpSink
from provserver.tftp.limits import Limits
from provserver.tftp.packet import Ack, Data, Error, OptionAck, Packet, Request, encode, parse
from provserver.tftp.server import TftpServer
from tests.tftp.memory_network import MemoryNetwork, MemorySocket

SERVER = ("10.0.0.1", 69)
PHONE = ("10.0.0.7", 2001)


@implementer(ITftpSink)
@define
class MemorySink:
    """Keeps what comes; `wait` holds the Deferreds of what it was told to hold back."""

    label: str
    most: int = 10_000
    data: bytes = b""
    finished: list[bool] = field(factory=list)
    slow: bool = False
    refuse_finish: Exception | None = None
    waiting: list[Deferred[None]] = field(factory=list)

    def append(self, data: bytes) -> Deferred[None]:
        if len(self.data) + len(data) > self.most:
            return fail(TftpRefusal(3, "too large"))
        self.data += data
        return self._answer()

    def finish(self, whole: bool) -> Deferred[None]:
        self.finished.append(whole)
        return fail(self.refuse_finish) if whole and self.refuse_finish else self._answer()

    def _answer(self) -> Deferred[None]:
        if not self.slow:
            return succeed(None)
        self.waiting.append(Deferred())
        return self.waiting[-1]


@implementer(ITftpBackend)
class MemoryBackend:
    """`files` are read, `sinks` written to; `held` collects Deferreds instead, where `hold` is set."""

    def __init__(self) -> None:
        self.files: dict[str, Content | Exception] = {}
        self.sinks: dict[str, ITftpSink | Exception] = {}
        self.asked: list[tuple[Any, ...]] = []
        self.hold = False
        self.held: list[Deferred[Any]] = []
        self.once: Deferred[Any] | None = None  # the next answer, instead

    def read(self, name: str, peer: tuple[str, int], local: str) -> Deferred[Content]:
        self.asked.append((name, peer, local))
        return self._answer(self.files.get(name, TftpRefusal(1, "file not found", "a.cfg")))

    def write(self, name: str, peer: tuple[str, int], local: str, size: int | None) -> Deferred[ITftpSink]:
        self.asked.append((name, peer, local, size))
        return self._answer(self.sinks.get(name, TftpRefusal(2, "no uploads")))

    def _answer(self, found: Any) -> Deferred[Any]:
        if self.once:
            once, self.once = self.once, None
            return once
        if self.hold:
            self.held.append(Deferred())
            return self.held[-1]
        return fail(found) if isinstance(found, Exception) else succeed(found)


def in_this_thread(function: Callable[..., object], *arguments: object) -> Deferred[object]:
    """`deferToThread` without a thread."""
    return maybeDeferred(function, *arguments)


class Lab:
    def __init__(self, limits: Limits | None = None, single_port: bool = False) -> None:
        self.clock = Clock()
        self.network = MemoryNetwork()
        self.backend = MemoryBackend()
        self.threads: Callable[..., Deferred[Any]] = in_this_thread
        self.server = TftpServer(
            self.clock,
            self.network,
            self.backend,
            limits or Limits(),
            lambda *what: self.threads(*what),
            self.clock.seconds,
            lambda: 0.0,
        )
        self.server.serve(MemorySocket(SERVER), single_port)  # type: ignore[arg-type]  # of this network

    def phone(self, host: str = PHONE[0], port: int = PHONE[1]) -> "Phone":
        return Phone(self.network, (host, port))

    def advance(self, seconds: float, step: float = 0.01) -> None:
        """Let time pass in the small steps of a reactor."""
        for _ in range(round(seconds / step)):
            self.clock.advance(step)


class Phone:
    """Speaks packet by packet; `tid` is the address that answered last."""

    def __init__(self, network: MemoryNetwork, address: tuple[str, int]) -> None:
        self._network, self.address = network, address
        self.tid: tuple[Any, ...] = SERVER

    def asks(self, name: str, mode: str = "octet", writing: bool = False, **options: object) -> list[Packet]:
        pairs = tuple((key, str(value)) for key, value in options.items())
        return self.sends(encode(Request(writing, name, mode == "netascii", pairs)), SERVER)

    def acks(self, block: int) -> list[Packet]:
        return self.sends(encode(Ack(block)))

    def gives(self, block: int, data: bytes) -> list[Packet]:
        return self.sends(encode(Data(block, data)))

    def sends(self, datagram: bytes, to: tuple[Any, ...] | None = None) -> list[Packet]:
        """Send bytes, by default to who answered last; return what has come."""
        self._network.deliver(datagram, self.address, to or self.tid)
        return self.hears()

    def hears(self) -> list[Packet]:
        packets = []
        for datagram, sender in self._network.taken(self.address):
            self.tid = sender
            packets.append(parse(datagram))
        return packets

    def fetches(self, name: str, mode: str = "octet", **options: object) -> bytes:
        """Fetch a whole file over a network without loss."""
        packets, data, blksize = self.asks(name, mode, False, **options), b"", 512
        while packets:
            packet = packets[-1]
            if isinstance(packet, OptionAck):
                blksize = int(dict(packet.options).get("blksize", blksize))
                packets = self.acks(0)
                continue
            assert not isinstance(packet, Error), packet
            parts = [part for part in packets if isinstance(part, Data)]
            data += b"".join(part.data for part in parts)
            packets = self.acks(parts[-1].block)
            if len(parts[-1].data) < blksize:
                return data
        raise AssertionError("the server fell silent")
