"""A client of many connections that are kept alive, in one thread; and beside them one phone at a time."""

import itertools
import selectors
import socket
import statistics
import time
from collections.abc import Callable, Iterator

from attrs import define, field, frozen

_PHONE_EVERY_S = 0.02
_READ = 1 << 18


@frozen
class Measured:
    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float
    phone_p99_ms: float
    phones: int

    @property
    def rate(self) -> float:
        return self.requests / self.seconds


@define
class _Connection:
    """One connection, with one request at a time."""

    sock: socket.socket
    began: float = 0.0
    data: bytearray = field(factory=bytearray)
    expected: int = -1  # bytes of the answer; -1 as long as its head is not there

    def send(self, request: bytes) -> None:
        self.began = time.perf_counter()
        self.data.clear()
        self.expected = -1
        self.sock.sendall(request)

    def answered(self) -> bool:
        """Read; say whether the answer is whole. Raises: RuntimeError, for one that is no success."""
        received = self.sock.recv(_READ)
        self.data += received
        if self.expected < 0 and (end := self.data.find(b"\r\n\r\n")) >= 0:
            head = bytes(self.data[:end]).lower()
            if b" 20" not in head[:13]:
                raise RuntimeError(bytes(self.data[:500]).decode())
            _, _, rest = head.partition(b"\r\ncontent-length: ")
            self.expected = end + 4 + (int(rest.split(b"\r\n", 1)[0]) if rest else 0)
        if not received and len(self.data) != self.expected:
            raise RuntimeError("the connection was closed")
        return 0 <= self.expected <= len(self.data)


class Storm:
    def __init__(
        self, port: int, connections: int, requests: Iterator[bytes], phone: tuple[int, bytes] | None
    ) -> None:
        """`requests` never ends; `phone` is the port and the request of a phone."""
        self._requests = requests
        self._phone = phone
        self._selector = selectors.DefaultSelector()
        self._open = [_connect(port) for _ in range(connections)]
        self._times: list[float] = []
        self._phone_times: list[float] = []
        self._asking: _Connection | None = None

    def run(self, seconds: float = 0.0, count: int = 0) -> Measured:
        """Send for so long, or so many."""
        began = now = time.perf_counter()
        left: Callable[[], bool] = (
            (lambda: len(self._times) < count) if count else (lambda: now < began + seconds)
        )
        for connection in self._open:
            self._selector.register(connection.sock, selectors.EVENT_READ, connection)
            connection.send(next(self._requests))
        next_phone = began
        while left():
            now = time.perf_counter()
            if self._phone and self._asking is None and now >= next_phone:
                next_phone = now + _PHONE_EVERY_S
                self._ask()
            for key, _ in self._selector.select(_PHONE_EVERY_S):
                self._read(key.data)
        elapsed = time.perf_counter() - began
        for key in list(self._selector.get_map().values()):
            key.data.sock.close()
        phones = sorted(self._phone_times)
        return Measured(
            len(self._times),
            elapsed,
            statistics.median(self._times) * 1000,
            _p99(self._times) * 1000,
            _p99(phones) * 1000 if phones else 0.0,
            len(phones),
        )

    def _read(self, connection: _Connection) -> None:
        if not connection.answered():
            return
        took = time.perf_counter() - connection.began
        if connection is self._asking:
            self._phone_times.append(took)
            self._selector.unregister(connection.sock)
            connection.sock.close()
            self._asking = None
        else:
            self._times.append(took)
            connection.send(next(self._requests))

    def _ask(self) -> None:
        """A phone opens a connection for each file."""
        assert self._phone
        port, request = self._phone
        began = time.perf_counter()
        self._asking = _connect(port)
        self._selector.register(self._asking.sock, selectors.EVENT_READ, self._asking)
        self._asking.send(request)
        self._asking.began = began


def _connect(port: int) -> _Connection:
    sock = socket.create_connection(("127.0.0.1", port))
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return _Connection(sock)


def _p99(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.99)]


def repeated(request: bytes) -> Iterator[bytes]:
    return itertools.repeat(request)
