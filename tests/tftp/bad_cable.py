"""
Two machines on a cable that loses, doubles and reorders packets.

They are network namespaces, so that the kernel's own stack is on both sides. What is bad about the cable is done by
ourselves, between two TUN devices, and by `tc netem` where the kernel has it.
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
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

Machine = tuple[str, ...]  # the beginning of a command that runs the rest there

SERVER_IP, PHONE_IP = "10.67.0.1", "10.67.0.2"
_NETEM = "netem loss 5% duplicate 5% delay 3ms 2ms reorder 20% 50%"
_LOST, _DOUBLED, _LATE, _LATE_S = 0.05, 0.05, 0.2, 0.01
_SEED = 1
_TUNSETIFF, _IFF_TUN, _IFF_NO_PI = 0x400454CA, 0x0001, 0x1000  # linux/if_tun.h
_MOST_PACKET = 65_536
_STEP_S = 20  # for any command here
_numbers = itertools.count(1)


def cables() -> dict[str, Callable[[], AbstractContextManager[tuple[Machine, Machine]]]]:
    """Return the cables that there can be here, by name; none without root, namespaces or either device."""
    if any(shutil.which(name) is None for name in ("ip", "nsenter", "setpriv", "unshare")):
        return {}
    if not _succeeds("unshare", "--net", "true"):
        return {}
    found: dict[str, Callable[[], AbstractContextManager[tuple[Machine, Machine]]]] = {}
    if os.access("/dev/net/tun", os.R_OK | os.W_OK):
        found["TUN"] = tun_cable
    if _succeeds("unshare", "--net", "sh", "-c", f"ip link set lo up && tc qdisc add dev lo root {_NETEM}"):
        found["netem"] = netem_cable
    return found


@contextlib.contextmanager
def netem_cable() -> Iterator[tuple[Machine, Machine]]:
    """A pair of Ethernet devices, each with netem on what it sends."""
    with _namespace() as server, _namespace() as phone:
        _run("ip", *f"link add eth0 netns {server} type veth peer name eth0 netns {phone}".split())
        for pid, address in ((server, SERVER_IP), (phone, PHONE_IP)):
            _bring_up(pid, "eth0", address)
            _run(*_machine(pid), "tc", *f"qdisc add dev eth0 root {_NETEM}".split())
        yield _machine(server), _machine(phone)


@contextlib.contextmanager
def tun_cable() -> Iterator[tuple[Machine, Machine]]:
    """A pair of TUN devices, and a thread that carries packets between them, badly."""
    with _namespace() as server, _namespace() as phone, contextlib.ExitStack() as opened:
        ends = []
        for pid, address in ((server, SERVER_IP), (phone, PHONE_IP)):
            name = f"bad{os.getpid()}x{next(_numbers)}"
            end = _tun(name)
            opened.callback(os.close, end)
            ends.append(end)
            _run("ip", *f"link set {name} netns {pid}".split())
            _bring_up(pid, name, address)
        carrier = _Carrier(ends)
        carrier.start()
        opened.callback(carrier.stop)  # before the devices go
        yield _machine(server), _machine(phone)


@contextlib.contextmanager
def _namespace() -> Iterator[int]:
    """Give the process whose namespace it is. It ends with us, whatever ends us, for then its input ends; and with
    it ends the namespace, with all devices in it."""
    with subprocess.Popen(
        ["unshare", "--net", "cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    ) as process:
        assert process.stdin and process.stdout
        process.stdin.write("there\n")
        process.stdout.readline()  # so it is in its namespace now
        yield process.pid


def _machine(pid: int) -> Machine:
    """What runs there does not outlive us either: it would keep the namespace."""
    return ("setpriv", "--pdeathsig", "KILL", "nsenter", f"--net=/proc/{pid}/ns/net")


def _bring_up(pid: int, device: str, address: str) -> None:
    commands = f"ip link set lo up && ip address add {address}/24 dev {device} && ip link set {device} up"
    _run(*_machine(pid), "sh", "-c", commands)


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, timeout=_STEP_S)


def _succeeds(*command: str) -> bool:
    return subprocess.run(command, capture_output=True, timeout=_STEP_S).returncode == 0


class _Carrier(threading.Thread):
    def __init__(self, ends: list[int]) -> None:
        super().__init__(daemon=True)
        self._across = dict(zip(ends, reversed(ends), strict=True))
        self._chance = random.Random(_SEED)
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
