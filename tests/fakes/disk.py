"""A disk in memory that fills, fails, and loses what was never synced: also what a sync that failed should have."""

from __future__ import annotations

import errno
import io
import random
from collections.abc import Callable, Iterator

from zope.interface import implementer

from provserver.errors import Held
from provserver.store.disk import IDisk, IFile

_PAGE = 64  # bytes that reach the disk together, or not


class Killed(BaseException):
    """The process ended here; nothing of it may catch this."""


class Content:
    """The bytes of one file: as programs see them, and as they are on disk."""

    def __init__(self, data: bytes = b"") -> None:
        self.seen = bytearray(data)
        self.on_disk = bytes(data)
        self._forgotten: set[int] = set()  # pages that a failed sync left clean: no later one writes them

    def sync(self) -> None:
        """Bring what was written to the disk, but for the pages that the system thinks are there."""
        new = bytearray(self.seen)
        for page in self._forgotten:
            at = page * _PAGE
            old = self.on_disk[at : at + _PAGE]
            new[at : at + _PAGE] = old.ljust(len(new[at : at + _PAGE]), b"\0")[: len(new[at : at + _PAGE])]
        self.on_disk = bytes(new)

    def forget(self) -> None:
        """Linux after a sync that failed: all that was to be written counts as written."""
        pages = range(-(-len(self.seen) // _PAGE))
        self._forgotten |= {
            page for page in pages if self._page(self.seen, page) != self._page(self.on_disk, page)
        }

    def _page(self, data: bytes | bytearray, page: int) -> bytes:
        return bytes(data[page * _PAGE : (page + 1) * _PAGE])

    def after_power_loss(self, chance: random.Random) -> bytes:
        """Return what a start would find: each page that was not synced is old or new, and the length any."""
        old, new = self.on_disk, bytes(self.seen)
        size = chance.randint(min(len(old), len(new)), max(len(old), len(new)))
        pages = []
        for at in range(0, size, _PAGE):
            page = (new if chance.random() < 0.5 else old)[at : at + _PAGE]
            pages.append(page.ljust(min(_PAGE, size - at), b"\0"))
        return b"".join(pages)[:size]


@implementer(IFile)
class FakeFile:
    def __init__(self, disk: FakeDisk, name: str, content: Content) -> None:
        self._disk, self._name, self._content = disk, name, content

    @property
    def size(self) -> int:
        return len(self._content.seen)

    def write(self, data: bytes) -> None:
        try:
            self._disk.doing("write", self._name)
        except OSError:
            self._content.seen += data[: len(data) // 2]
            raise
        room = self._disk.room
        taken = data if room is None else data[:room]
        self._content.seen += taken
        if room is not None:
            self._disk.room = room - len(taken)
            if len(taken) < len(data):
                raise OSError(errno.ENOSPC, "No space left on device")

    def sync(self) -> None:
        try:
            self._disk.doing("sync", self._name)
        except OSError:
            self._content.forget()
            raise
        self._content.sync()

    def cut(self, size: int) -> None:
        self._disk.doing("cut", self._name)
        del self._content.seen[size:]

    def close(self) -> None:
        """Nothing: what is not synced stays so."""


@implementer(IDisk)
class FakeDisk:
    """
    `before` is called with each operation and file before it happens, and may raise; `done` lists them. A write that
    fails has written half. `room` is how many more bytes fit.
    """

    def __init__(self, files: dict[str, bytes] | None = None) -> None:
        self.before: Callable[[str, str], None] = lambda operation, name: None
        self.done: list[tuple[str, str]] = []
        self.room: int | None = None
        self.locked = False
        self._names = {name: Content(data) for name, data in (files or {}).items()}
        self._names_on_disk = dict(self._names)
        self._unsynced: list[Callable[[dict[str, Content]], None]] = []

    def doing(self, operation: str, name: str) -> None:
        self.before(operation, name)
        self.done.append((operation, name))

    # --- what is left of it --------------------------------------------------------------------------------

    @property
    def files(self) -> dict[str, bytes]:
        """What a start finds after a kill: the system has all that was written."""
        return {name: bytes(content.seen) for name, content in self._names.items()}

    def after_power_loss(self, chance: random.Random) -> FakeDisk:
        names = dict(self._names_on_disk)
        for change in self._unsynced:
            if chance.random() < 0.5:
                change(names)
        return FakeDisk({name: content.after_power_loss(chance) for name, content in names.items()})

    # --- IDisk ---------------------------------------------------------------------------------------------

    def lock(self) -> None:
        if self.locked:
            return
        self.doing("lock", "")
        self.locked = True

    def unlock(self) -> None:
        self.locked = False

    def shown(self, name: str = "") -> str:
        return f"/fake/{name}"

    def names(self) -> tuple[str, ...]:
        return tuple(sorted(self._names))

    def lines(self, name: str) -> Iterator[bytes]:
        self.doing("read", name)
        yield from io.BytesIO(self._named(name).seen)

    def create(self, name: str) -> FakeFile:
        self.doing("create", name)
        content = Content()
        self._change(lambda names: names.__setitem__(name, content))
        return FakeFile(self, name, content)

    def append(self, name: str) -> FakeFile:
        self.doing("append", name)
        return FakeFile(self, name, self._named(name))

    def rename(self, name: str, to: str) -> None:
        self.doing("rename", name)
        content = self._named(name)

        def change(names: dict[str, Content]) -> None:
            names.pop(name, None)
            names[to] = content

        self._change(change)

    def remove(self, name: str) -> None:
        self.doing("remove", name)
        self._named(name)

        def change(names: dict[str, Content]) -> None:
            names.pop(name, None)

        self._change(change)

    def sync_names(self) -> None:
        self.doing("sync_names", "")
        self._names_on_disk = dict(self._names)
        self._unsynced.clear()

    def _named(self, name: str) -> Content:
        if name not in self._names:
            raise FileNotFoundError(errno.ENOENT, "No such file or directory", name)
        return self._names[name]

    def _change(self, change: Callable[[dict[str, Content]], None]) -> None:
        change(self._names)
        self._unsynced.append(change)


def held_disk(pid: int) -> FakeDisk:
    """Return a disk that another process has."""

    def refuse(operation: str, name: str) -> None:
        if operation == "lock":
            raise Held(f"/fake/ belongs to another provd that runs (pid {pid})")

    disk = FakeDisk()
    disk.before = refuse
    return disk
