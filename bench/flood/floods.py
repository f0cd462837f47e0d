"""
The floods: each does its worst to a provd on loopback for so many seconds, then says how much it did.

    python -m bench.flood.floods NAME HTTP_PORT TFTP_PORT SECONDS

Addresses in 127.1/16 are of an allowed network, those in 127.2/16 are elsewhere.
"""

import contextlib
import errno
import itertools
import random
import resource
import selectors
import socket
import sys
import time
from collections.abc import Callable, Iterator

from bench.flood.phones import request

_CONNECTED = 12_000  # more than the limit of connections
_SLOW = 4_000
_AT_ONCE = 200
_TFTP_SOURCES = 2_000
_TFTP_RATE = 5_000  # a second; of many more the kernel throws away any phone's as well
_FILL = b"x" * 65536


class Flood:
    """One flood: a bounded loop, and what it has done."""

    def __init__(self, http_port: int, tftp_port: int, seconds: float) -> None:
        self.http = ("127.0.0.1", http_port)
        self.tftp = ("127.0.0.1", tftp_port)
        self.until = time.monotonic() + seconds
        self.done = 0
        self.random = random.Random(1)
        self.selector = selectors.DefaultSelector()
        self._sending: dict[int, Iterator[bytes]] = {}

    @property
    def goes_on(self) -> bool:
        return time.monotonic() < self.until

    def connect(self, source: str = "127.2.0.1") -> socket.socket:
        """Begin a connection; it may fail later."""
        sock = socket.socket()
        sock.setblocking(False)
        sock.setsockopt(
            socket.IPPROTO_IP, 24, 1
        )  # IP_BIND_ADDRESS_NO_PORT: ports are chosen by the connection
        sock.bind((source, 0))
        with contextlib.suppress(BlockingIOError):
            sock.connect(self.http)
        return sock

    # --- connections ---------------------------------------------------------------------------------------

    def idle(self) -> None:
        """More connections than there may be, all silent; those that provd closes are opened anew."""
        self._hold(_CONNECTED, trickles=False)

    def slowloris(self) -> None:
        """Connections that send their headers a byte at a time."""
        self._hold(_SLOW, trickles=True)

    def _hold(self, count: int, trickles: bool) -> None:
        held: list[socket.socket] = []
        while self.goes_on:
            for number in range(min(100, count - len(held))):
                held.append(self.connect(f"127.2.0.{number % 250 + 1}"))
                self.done += 1
            lost = []
            for sock in self.random.sample(held, min(200, len(held))):
                try:
                    if trickles:
                        sock.send(b"X")
                    if sock.recv(65536) == b"":
                        lost.append(sock)
                except BlockingIOError:
                    pass
                except OSError as problem:
                    if problem.errno != errno.ENOTCONN:
                        lost.append(sock)
            for sock in lost:
                sock.close()
                held.remove(sock)
            time.sleep(0.02)

    # --- what is too large ---------------------------------------------------------------------------------

    def headers(self) -> None:
        """Headers without end."""
        self._push(
            lambda: itertools.chain(
                [b"GET / HTTP/1.1\r\n"], itertools.repeat(b"X-A: " + b"a" * 4000 + b"\r\n")
            )
        )

    def bodies(self) -> None:
        """Bodies of gigabytes, announced or in chunks."""
        announced = b"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n"
        chunked = b"POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        chunk = b"10000\r\n" + _FILL + b"\r\n"

        def body() -> Iterator[bytes]:
            if self.random.random() < 0.5:
                return itertools.chain([announced], itertools.repeat(_FILL))
            return itertools.chain([chunked], itertools.repeat(chunk))

        self._push(body)

    def pipelining(self) -> None:
        """Requests without end on one connection, whose answers nobody reads."""
        many = b"GET /0015650f0f0f.cfg HTTP/1.1\r\nHost: a\r\n\r\n" * 500
        self._push(lambda: itertools.repeat(many), reads=False)

    def _push(self, made: Callable[[], Iterator[bytes]], reads: bool = True) -> None:
        """Keep some connections that send as much as they can."""
        for number in range(_AT_ONCE):
            self._begin(number, made)
        while self.goes_on:
            for key, _ in self.selector.select(0.1):
                sock, (number, left) = key.fileobj, key.data
                assert isinstance(sock, socket.socket)
                try:
                    while True:
                        data = left.pop() if left else next(self._sending[number])
                        sent = sock.send(data)
                        self.done += sent
                        if sent < len(data):
                            left.append(data[sent:])
                            break
                        if reads:
                            break
                    if reads:
                        with contextlib.suppress(BlockingIOError):
                            sock.recv(65536)
                except BlockingIOError:
                    continue
                except OSError:
                    self.selector.unregister(sock)
                    sock.close()
                    self._begin(number, made)

    def _begin(self, number: int, made: Callable[[], Iterator[bytes]]) -> None:
        self._sending[number] = made()
        sock = self.connect(f"127.2.0.{number % 250 + 1}")
        self.selector.register(sock, selectors.EVENT_WRITE, (number, []))

    # --- phones that nobody knows --------------------------------------------------------------------------

    def macs_elsewhere(self) -> None:
        """A MAC a request, from one address, which is refused before long."""
        self._ask(itertools.repeat("127.2.0.1"))

    def macs_of_many(self) -> None:
        """A MAC a request, from 60,000 addresses."""
        self._ask(f"127.2.{number // 250 % 250}.{number % 250 + 1}" for number in itertools.count())

    def macs_local(self) -> None:
        """A MAC a request from an allowed network: devices are made up to the limit."""
        self._ask(itertools.repeat("127.1.0.1"))

    def _ask(self, sources: Iterator[str]) -> None:
        numbers = itertools.count(0x100000)
        asking: dict[socket.socket, int] = {}
        while self.goes_on:
            while len(asking) < _AT_ONCE:
                new = self.connect(next(sources))
                asking[new] = next(numbers)
                self.selector.register(new, selectors.EVENT_WRITE)
            for key, events in self.selector.select(0.1):
                sock = key.fileobj
                assert isinstance(sock, socket.socket)
                if not self._goes_on(sock, events, asking[sock]):
                    self.selector.unregister(sock)
                    sock.close()
                    del asking[sock]

    def _goes_on(self, sock: socket.socket, events: int, number: int) -> bool:
        try:
            if events & selectors.EVENT_WRITE:
                sock.send(request(number))
                self.selector.modify(sock, selectors.EVENT_READ)
                return True
            if sock.recv(65536):
                return True
            self.done += 1
        except BlockingIOError:
            return True
        except OSError:
            pass
        return False

    # --- TFTP ----------------------------------------------------------------------------------------------

    def tftp_macs(self) -> None:
        """5,000 read requests a second with a MAC each, from 2,000 addresses elsewhere."""
        self._rrq("127.2", (f"001565{number % 0x1000000:06x}.cfg" for number in itertools.count(0x200000)))

    def tftp_unanswered(self) -> None:
        """5,000 read requests a second of a file that is sent and never acknowledged, from 2,000 addresses of an allowed
        network."""
        self._rrq("127.1", itertools.repeat("y000000000028.cfg"))

    def _rrq(self, network: str, names: Iterator[str]) -> None:
        socks = []
        for number in range(_TFTP_SOURCES):
            sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            sock.setblocking(False)
            sock.bind((f"{network}.{number // 250}.{number % 250 + 1}", 0))
            socks.append(sock)
        began = time.monotonic()
        while self.goes_on:
            due = int((time.monotonic() - began) * _TFTP_RATE)
            for number in range(self.done, due):
                with contextlib.suppress(BlockingIOError):
                    socks[number % len(socks)].sendto(
                        b"\0\1" + next(names).encode() + b"\0octet\0", self.tftp
                    )
            self.done = max(self.done, due)
            time.sleep(0.002)


FLOODS = {
    "idle": "connections",
    "slowloris": "connections",
    "headers": "bytes",
    "bodies": "bytes",
    "pipelining": "bytes",
    "macs_elsewhere": "requests",
    "macs_of_many": "requests",
    "macs_local": "requests",
    "tftp_macs": "requests",
    "tftp_unanswered": "requests",
}


def main() -> None:
    name, http_port, tftp_port, seconds = sys.argv[1:]
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    flood = Flood(int(http_port), int(tftp_port), float(seconds))
    runs = {
        "idle": flood.idle,
        "slowloris": flood.slowloris,
        "headers": flood.headers,
        "bodies": flood.bodies,
        "pipelining": flood.pipelining,
        "macs_elsewhere": flood.macs_elsewhere,
        "macs_of_many": flood.macs_of_many,
        "macs_local": flood.macs_local,
        "tftp_macs": flood.tftp_macs,
        "tftp_unanswered": flood.tftp_unanswered,
    }
    runs[name]()
    print(flood.done)


if __name__ == "__main__":
    main()
