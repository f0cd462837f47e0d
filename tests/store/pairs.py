"""A journal store over a fake disk, and commits of which a half would be seen."""

import contextlib
import errno
from collections.abc import Callable, Iterator

from twisted.internet.task import Clock

from provserver.errors import NotFound
from provserver.model import Commit, Config
from provserver.store.journal import JournalStore
from provserver.store.writer import RunInThread
from tests.fakes.disk import FakeDisk
from tests.store.contract_case import json_of, putting
from tests.store.threads import at_once


def opened(
    disk: FakeDisk, clock: Clock | None = None, run: RunInThread = at_once, compact_bytes: int = 10**9
) -> JournalStore:
    store = JournalStore(disk, clock or Clock(), run, compact_bytes)
    store.load()
    return store


def pair(number: int) -> Commit:
    """Return a commit of two documents: the half of it would be seen."""
    raw = json_of({"number": number, "filling": "x" * 100})
    return putting(Config(f"a{number}", raw=raw), Config(f"b{number}", raw=raw))


def numbers(store: JournalStore) -> set[int]:
    """Return which commits of `pair` are there; one that is half there is an error."""
    halves: list[set[int]] = []
    for letter in "ab":
        found = set()
        for number in range(50):
            with contextlib.suppress(NotFound):
                store.get(Config, f"{letter}{number}")
                found.add(number)
        halves.append(found)
    assert halves[0] == halves[1], halves
    return halves[0]


def needed(disk: FakeDisk) -> dict[str, bytes]:
    """Return the files that a start reads: all but the history."""
    return {name: text for name, text in disk.files.items() if not name.startswith("history-")}


def failing(operation: str, name: str, number: int = errno.EIO) -> Callable[[str, str], None]:
    """Return what makes an operation fail on files whose names begin so."""

    def before(doing: str, on: str) -> None:
        if doing == operation and on.startswith(name):
            raise OSError(number, "failed on purpose")

    return before


@contextlib.contextmanager
def failing_disk(disk: FakeDisk, operation: str, name: str, number: int) -> Iterator[None]:
    disk.before = failing(operation, name, number)
    yield
    disk.before = failing("never", "")
