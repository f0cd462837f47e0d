"""
What is killed: a process that commits as fast as it can, and says what was acknowledged.

The program reads lines `FOLDER FIRST COMPACT_BYTES`. For each it forks a child, which opens the store and commits
numbers from FIRST on; the child says `pid N`, `asked N`, `done N`, and when it is dead, its parent says `dead`.
"""

import os
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

from provserver.model import Commit, Config, Presence, Put
from provserver.store.disk import Disk
from provserver.store.journal import JournalStore
from tests.store.contract_case import json_of

SLOTS = 20  # pairs of documents, written over and over
_IN_FLIGHT = 12


def numbered(number: int) -> Commit:
    """Return a commit of two documents: the half of it would be seen."""
    raw = json_of({"number": number, "filling": "x" * (number * 37 % 400)})
    pair = (Config(f"{letter}{number % SLOTS}", raw=raw) for letter in "ab")
    return Commit(tuple(Put(config, None) for config in pair), "child", str(number))


def say(text: str) -> None:
    os.write(1, f"{text}\n".encode())  # less than a pipe takes at once: never torn


def child(folder: str, first: int, compact_bytes: int) -> None:
    say(f"pid {os.getpid()}")
    from twisted.internet import reactor as module
    from twisted.internet.defer import Deferred
    from twisted.internet.threads import deferToThread

    reactor: Any = module
    store = JournalStore(Disk(Path(folder)), reactor, deferToThread, compact_bytes)

    async def work(numbers: Iterator[int]) -> None:
        for number in numbers:
            say(f"asked {number}")
            await store.commit(numbered(number))
            say(f"done {number}")
            store.note(Presence(f"p{number % SLOTS}", ip=str(number)), at_once=number % 5 == 0)

    def begin() -> None:
        numbers = count(first)
        for _ in range(_IN_FLIGHT):
            Deferred.fromCoroutine(work(numbers)).addErrback(lambda failure: say(f"failed {failure.value!r}"))

    store.load()
    reactor.callWhenRunning(begin)
    reactor.run(installSignalHandlers=False)


def main() -> None:
    for line in sys.stdin:
        folder, first, compact_bytes = line.split()
        pid = os.fork()
        if pid == 0:
            try:
                child(folder, int(first), int(compact_bytes))
            finally:
                os._exit(1)
        os.waitpid(pid, 0)
        say("dead")


if __name__ == "__main__":
    main()
