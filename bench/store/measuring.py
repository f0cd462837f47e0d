"""What all measurements share: times, memory, and the turns of a reactor."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


def memory_mb() -> float:
    """Return the resident memory of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


def p99(values: list[float]) -> float:
    return sorted(values)[len(values) * 99 // 100]


def speed_ms() -> float:
    """Return how long a million turns of an empty loop take: what the machine has left for us now."""
    began = time.perf_counter()
    for _ in range(1_000_000):
        pass
    return (time.perf_counter() - began) * 1e3


def timed(act: Callable[[], object]) -> float:
    """Return seconds."""
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def sync_s(folder: Path, size: int) -> list[float]:
    """Return how long the disk itself takes to append and sync so many bytes, a hundred times."""
    path = folder / "sync-probe"
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    data = b"x" * size

    def once() -> None:
        os.write(descriptor, data)
        os.fdatasync(descriptor)

    taken = [timed(once) for _ in range(100)]
    os.close(descriptor)
    path.unlink()
    return taken


class Turns:
    """
    The turns of a reactor, each from the end of one `poll` to the next: by the clock on the wall, in which other
    programs and threads have their part, and by what the reactor's thread itself computed. It stands in the place of
    the reactor's poller, since a timer that measured would keep the reactor busy.
    """

    def __init__(self, reactor: Any) -> None:
        self._poller, reactor._poller = reactor._poller, self
        self.longest_ms = self.longest_own_ms = 0.0
        self._began: tuple[float, float] | None = None

    def take(self) -> str:
        """Return the longest turns since the last time, and forget them."""
        shown = f"{self.longest_ms:.0f} ({self.longest_own_ms:.0f})"
        self.longest_ms = self.longest_own_ms = 0.0
        return shown

    def poll(self, *args: Any) -> Any:
        if self._began:
            wall, own = self._began
            self.longest_ms = max(self.longest_ms, (time.perf_counter() - wall) * 1e3)
            self.longest_own_ms = max(self.longest_own_ms, (time.thread_time() - own) * 1e3)
        try:
            return self._poller.poll(*args)
        finally:
            self._began = time.perf_counter(), time.thread_time()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._poller, name)
