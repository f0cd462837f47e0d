"""
Two machines on a cable that loses, doubles and reorders packets.

They are network namespaces, so that the kernel's own stack is on both sides. What is bad about the cable is done by
`tc netem`, or by ourselves where the kernel has none.
"""

import contextlib
import fcntl
import heapq
import itertools
import os
import random
import select
import shutil
import struct
import subprocess
import threading
import time
from collections.abc import Iterator

SERVER_IP, PHONE_IP = "10.67.0.1", "10.67.0.2"
_NETEM = "netem loss 5% duplicate 5% delay 3ms 2ms reorder 20% 50%"
_LOST, _DOUBLED, _LATE, _LATE_S = 0.05, 0.05, 0.2, 0.01
_TUNSETIFF, _IFF_TUN, _IFF_NO_PI = 0x400454CA, 0x0001, 0x1000  # linux/if_tun.h
_MOST_PACKET = 65_536
_numbers = itertools.count(1)


def lacks() -> str:
    """Return why there can be no such cable here, "" if there can."""
    if shutil.which("ip") is None:
        return "not installed: ip"
    if os.geteuid() != 0 or not os.path.exists("/dev/net/tun"):
        return "network namespaces and TUN devices need root"
    return ""


def has_netem() -> bool:
    """Say whether the kernel has it: many small ones do not."""
    if lacks() or shutil.which("tc") is None:
        return False
    command = f"ip link set lo up && tc qdisc add dev lo root {_NETEM}"
    return subprocess.run(["unshare", "--net", "sh", "-c", command], capture_output=True).returncode == 0


@contextlib.contextmanager
def machines() -> Iterator[tuple[str, str]]:
    """Give the namespaces of a server and of a phone."""
    name = f"provd-{os.getpid()}-bad{next(_numbers)}"
    server, phone = f"{name}-s", f"{name}-p"
    with contextlib.ExitStack() as undo:
        for namespace in (server, phone):
            _ip(f"netns add {namespace}")
            undo.callback(_ip, f"netns del {namespace}")
            _ip(f"-n {namespace} link set lo up")
        yield server, phone


@contextlib.contextmanager
def netem_cable() -> Iterator[tuple[str, str]]:
    """A pair of Ethernet devices, each with netem on what it sends."""
    with machines() as (server, phone):
        _ip(f"-n {server} link add eth0 type veth peer name eth0 netns {phone}")
        for namespace, address in ((server, SERVER_IP), (phone, PHONE_IP)):
            _bring_up(namespace, "eth0", address)
            _run(["ip", "netns", "exec", namespace, "tc", *f"qdisc add dev eth0 root {_NETEM}".split()])
        yield server, phone


@contextlib.contextmanager
def tun_cable(seed: int) -> Iterator[tuple[str, str]]:
    """A pair of TUN devices, and a thread that carries packets between them, badly."""
    with machines() as (server, phone), contextlib.ExitStack() as opened:
        ends = []
        for namespace, address in ((server, SERVER_IP), (phone, PHONE_IP)):
            name = f"bad{os.getpid()}x{next(_numbers)}"
            end = _tun(name)
            opened.callback(os.close, end)
            ends.append(end)
            _ip(f"link set {name} netns {namespace}")
            _bring_up(namespace, name, address)
        carrier = _Carrier(ends, seed)
        carrier.start()
        try:
            yield server, phone
        finally:
            carrier.stop()


class _Carrier(threading.Thread):
    def __init__(self, ends: list[int], seed: int) -> None:
        super().__init__(daemon=True)
        self._across = dict(zip(ends, reversed(ends), strict=True))
        self._chance = random.Random(seed)
        self._waiting: list[tuple[float, int, int, bytes]] = []
        self._count = itertools.count()
        self._open = True

    def run(self) -> None:
        while self._open:
            wait = self._waiting[0][0] - time.monotonic() if self._waiting else 0.05
            for end in select.select(list(self._across), (), (), max(0.0, min(wait, 0.05)))[0]:
                self._carry(os.read(end, _MOST_PACKET), self._across[end])
            while self._waiting and self._waiting[0][0] <= time.monotonic():
                _, _, to, packet = heapq.heappop(self._waiting)
                os.write(to, packet)

    def stop(self) -> None:
        self._open = False
        self.join()

    def _carry(self, packet: bytes, to: int) -> None:
        chance = self._chance
        if chance.random() < _LOST:
            return
        for _ in range(2 if chance.random() < _DOUBLED else 1):
            delay = chance.uniform(0.0, _LATE_S) if chance.random() < _LATE else 0.0
            heapq.heappush(self._waiting, (time.monotonic() + delay, next(self._count), to, packet))


def _tun(name: str) -> int:
    """Open a TUN device; it stays ours wherever it is moved."""
    end = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(end, _TUNSETIFF, struct.pack("16sH22x", name.encode(), _IFF_TUN | _IFF_NO_PI))
    return end


def _bring_up(namespace: str, device: str, address: str) -> None:
    _ip(f"-n {namespace} address add {address}/24 dev {device}")
    _ip(f"-n {namespace} link set {device} up")


def _ip(words: str) -> None:
    _run(["ip", *words.split()])


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, capture_output=True)
