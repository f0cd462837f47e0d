"""The crash harness: a process that writes is killed with SIGKILL, again and again, and nothing may be missing."""

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from operator import add
from pathlib import Path

import msgspec
from attrs import astuple, define
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from provserver.errors import NotFound
from provserver.model import Committed, Config
from provserver.store.disk import Disk
from provserver.store.history import MOST_OF_ONE
from provserver.store.journal import JournalStore
from tests.store.crash_child import SLOTS
from tests.store.threads import at_once

# What a kill leaves is what the system has, on whatever kind of disk; in memory there are more kills in a minute.
PLACE = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
_KILLS = 100  # in one store: the more there is to compare, the rarer the kills
_ROOT = Path(__file__).resolve().parent.parent.parent


@define
class Figures:
    kills: int = 0
    asked: int = 0
    acknowledged: int = 0
    lost: int = 0  # acknowledged and not there
    half: int = 0  # of two documents of one commit only one
    invented: int = 0  # there, and never asked for
    unrecorded: int = 0  # acknowledged and not in the history
    while_compacting: int = 0  # kills in which a snapshot or a part of the history was half written


class Harness:
    def __init__(self, folder: Path, seed: int) -> None:
        self.figures = Figures()
        self._folder = folder
        self._chance = random.Random(seed)
        self._asked = 0
        self._done: defaultdict[int, list[int]] = defaultdict(list)  # by slot
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.store.crash_child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
            cwd=_ROOT,
        )

    def close(self) -> None:
        self._process.stdin.close()  # type: ignore[union-attr]
        self._process.stdout.close()  # type: ignore[union-attr]
        self._process.wait()

    def kill(self) -> None:
        """Let it run for a moment, kill it, and compare."""
        compact_bytes = self._chance.choice((300, 300, 80_000))
        self._say(f"{self._folder} {self._asked} {compact_bytes}")
        pid = int(self._heard()[1])
        if self._chance.random() < 0.1:
            time.sleep(self._chance.random() * 0.1)  # in its start, or soon after
        else:
            left = self._chance.randrange(1, 200)
            while left:
                left -= self._listen() == "done"
            time.sleep(self._chance.random() * 0.005)
        os.kill(pid, signal.SIGKILL)
        while self._listen() != "dead":
            pass
        self.figures.kills += 1
        self.figures.asked = self._asked
        self.figures.while_compacting += any(path.suffix == ".tmp" for path in self._folder.glob("*"))
        self._compare()

    def _say(self, text: str) -> None:
        self._process.stdin.write(f"{text}\n")  # type: ignore[union-attr]

    def _heard(self) -> list[str]:
        line = self._process.stdout.readline().split()  # type: ignore[union-attr]
        assert line and line[0] != "failed", line
        return line

    def _listen(self) -> str:
        word, *number = self._heard()
        if word == "asked":
            self._asked = int(number[0]) + 1
        elif word == "done":
            self._done[int(number[0]) % SLOTS].append(int(number[0]))
            self.figures.acknowledged += 1
        return word

    def _compare(self) -> None:
        store = JournalStore(Disk(self._folder), Clock(), at_once)
        store.load()
        for slot in range(SLOTS):
            a, b = (_number(store, f"{letter}{slot}") for letter in "ab")
            done = self._done[slot]
            self.figures.half += a != b
            self.figures.lost += a < max(done, default=-1)
            self.figures.invented += not (a == -1 or (a % SLOTS == slot and a < self._asked))
            known = {int(one.commit.why) for one in _history(store, f"a{slot}")}
            self.figures.unrecorded += not known.issuperset(_newest(done, a)) or (a >= 0 and a not in known)
        store.close()


def _newest(done: list[int], now: int) -> list[int]:
    """Return what must be in the history: of the acknowledged ones, those that no twenty others have pushed out."""
    return [number for number in done if (now - number) // SLOTS < MOST_OF_ONE]


def _number(store: JournalStore, doc_id: str) -> int:
    try:
        return int(msgspec.json.decode(store.get(Config, doc_id).raw)["number"])
    except NotFound:
        return -1


def _history(store: JournalStore, doc_id: str) -> tuple[Committed, ...]:
    found: list[tuple[Committed, ...]] = []
    asked: Deferred[tuple[Committed, ...]] = store.history(Config, doc_id, MOST_OF_ONE)
    asked.addCallback(found.append)
    return found[0]


def harness(kills: int, seed: int) -> Figures:
    """Kill so often, in one store after the other; return the sums. Seeds count on from the first."""
    total = Figures()
    while total.kills < kills:
        with tempfile.TemporaryDirectory(dir=PLACE) as place:
            one = _in_one_store(Path(place) / "store", min(_KILLS, kills - total.kills), seed)
        total = Figures(*map(add, astuple(total), astuple(one)))
        seed += 1
    return total


def _in_one_store(folder: Path, kills: int, seed: int) -> Figures:
    one = Harness(folder, seed)
    try:
        for _ in range(kills):
            one.kill()
    finally:
        one.close()
    return one.figures


if __name__ == "__main__":
    print(harness(int(sys.argv[1]), seed=1))  # noqa: T201 - it is what it is for
