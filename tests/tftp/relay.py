"""A bad network: a UDP relay that loses, doubles and reorders what goes through, the same way for the same seed."""

import heapq
import itertools
import random
import select
import socket
import threading
import time
from types import TracebackType

Address = tuple[str, int]
_HOST = "127.0.0.1"


class Relay:
    """
    Stands in front of a TFTP server at a port of its own, in a thread, for as long as its context lasts.

    Each TID of the server becomes a port of the relay, so that clients see what they would see. The first packet of
    each client always arrives: how long a client waits to repeat its request is not ours to test.
    """

    def __init__(self, server: Address, seed: int, lost: float, doubled: float, late: float) -> None:
        self._server = server
        self._chance = random.Random(seed)
        self._lost, self._doubled, self._late = lost, doubled, late
        self._front = self._socket()
        self.port: int = self._front.getsockname()[1]
        self.heard: list[bytes] = []  # whatever has come, from both sides
        self.passed = self.dropped = 0
        self._up: dict[Address, socket.socket] = {}  # client -> who it is to the server
        self._down: dict[
            tuple[Address, Address], socket.socket
        ] = {}  # client, TID -> who that is to the client
        self._ways: dict[socket.socket, tuple[Address, Address | None]] = {}
        self._waiting: list[tuple[float, int, socket.socket, bytes, Address]] = []
        self._count = itertools.count()
        self._open = True
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> "Relay":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open = False
        self._thread.join()
        for sock in (self._front, *self._up.values(), *self._down.values()):
            sock.close()

    def _socket(self) -> socket.socket:
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.bind((_HOST, 0))
        return sock

    def _run(self) -> None:
        while self._open:
            wait = self._waiting[0][0] - time.monotonic() if self._waiting else 0.05
            sockets = [self._front, *self._ways]
            for sock in select.select(sockets, (), (), max(0.0, min(wait, 0.05)))[0]:
                datagram, sender = sock.recvfrom(70_000)
                self._heard(sock, datagram, sender)
            while self._waiting and self._waiting[0][0] <= time.monotonic():
                _, _, sock, datagram, to = heapq.heappop(self._waiting)
                sock.sendto(datagram, to)

    def _heard(self, sock: socket.socket, datagram: bytes, sender: Address) -> None:
        if sock is self._front:
            new = sender not in self._up
            if new:
                up = self._up[sender] = self._socket()
                self._ways[up] = (sender, None)
            self._pass(self._up[sender], datagram, self._server, surely=new)
            return
        client, tid = self._ways[sock]
        if tid is not None:
            self._pass(self._up[client], datagram, tid)
            return
        down = self._down.get((client, sender))
        if down is None:
            down = self._down[client, sender] = self._socket()
            self._ways[down] = (client, sender)
        self._pass(down, datagram, client)

    def _pass(self, sock: socket.socket, datagram: bytes, to: Address, surely: bool = False) -> None:
        self.heard.append(datagram)
        if not surely and self._chance.random() < self._lost:
            self.dropped += 1
            return
        self.passed += 1
        for _ in range(2 if self._chance.random() < self._doubled else 1):
            delay = 0.0 if self._chance.random() >= self._late else self._chance.uniform(0.0, 0.01)
            heapq.heappush(self._waiting, (time.monotonic() + delay, next(self._count), sock, datagram, to))
