"""The disk: all that the store does to files, in one place that a test can take."""
# ruff: noqa: N805 - the methods of an interface have no self

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from zope.interface import Attribute, Interface, implementer

from provserver.store.lock import FolderLock

_FOLDER_MODE = 0o700  # SIP passwords lie in it
_FILE_MODE = 0o600
_WRITE_BYTES = 1024 * 1024
_READ_BYTES = 64 * 1024  # Python's own 8 KiB give lines of 1 to 2 kB at a third of the speed


class IFile(Interface):
    """A file that is being written."""

    size: int = Attribute("bytes written so far, on disk or not")

    def write(data: bytes) -> None:
        """Append. Raises: OSError; part of it may have been written."""

    def sync() -> None:
        """Return when all that was written is on disk. Raises: OSError; what is on disk is then not known."""

    def cut(size: int) -> None:
        """Drop what lies beyond. Raises: OSError."""

    def close() -> None:
        """Let go of it; nothing is made durable by this."""


class IDisk(Interface):
    """One folder. All methods block, and raise OSError."""

    def lock() -> None:
        """Make the folder where it is missing, and keep other processes out of it. Raises: Held."""

    def unlock() -> None:
        """Let other processes in."""

    def shown(name: str = "") -> str:
        """Return the path of a file, or of the folder, for a message."""

    def names() -> tuple[str, ...]:
        """Return the names of all files, sorted."""

    def lines(name: str) -> Iterator[bytes]:
        """Read a file by lines, each with its line break; the last one may lack it."""

    def create(name: str) -> IFile:
        """Make a new, empty file, in the place of any that has the name."""

    def append(name: str) -> IFile:
        """Open a file that exists, to go on at its end."""

    def rename(name: str, to: str) -> None:
        """Give a file another name, in the place of any that has it, at once."""

    def remove(name: str) -> None: ...

    def sync_names() -> None:
        """Return when all that was created, renamed and removed is so on disk."""


@implementer(IFile)
class OpenFile:
    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self.size = os.fstat(descriptor).st_size

    def write(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:  # Linux writes at most 2 GiB at once, and less where the disk is nearly full
            written = os.write(self._descriptor, rest)
            self.size += written
            rest = rest[written:]

    def sync(self) -> None:
        os.fdatasync(self._descriptor)

    def cut(self, size: int) -> None:
        os.ftruncate(self._descriptor, size)
        self.size = size

    def close(self) -> None:
        os.close(self._descriptor)


@implementer(IDisk)
class Disk:
    """A folder of this machine, open to nobody but provd's user."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = FolderLock(folder / "lock", folder)

    def lock(self) -> None:
        missing = [folder for folder in self._folder.parents if not folder.exists()]
        self._folder.mkdir(_FOLDER_MODE, parents=True, exist_ok=True)
        for folder in (self._folder, *missing):  # else a loss of power could take the whole folder away
            with suppress(PermissionError):  # a folder above that only others may list
                _sync_folder(folder.parent)
        self._lock.take()

    def unlock(self) -> None:
        self._lock.give_free()

    def shown(self, name: str = "") -> str:
        return str(self._folder / name)

    def names(self) -> tuple[str, ...]:
        return tuple(sorted(entry.name for entry in self._folder.iterdir() if entry.is_file()))

    def lines(self, name: str) -> Iterator[bytes]:
        with (self._folder / name).open("rb", _READ_BYTES) as file:
            yield from file

    def create(self, name: str) -> OpenFile:
        return self._open(name, os.O_CREAT | os.O_TRUNC)

    def append(self, name: str) -> OpenFile:
        return self._open(name, 0)

    def rename(self, name: str, to: str) -> None:
        (self._folder / name).rename(self._folder / to)

    def remove(self, name: str) -> None:
        (self._folder / name).unlink()

    def sync_names(self) -> None:
        _sync_folder(self._folder)

    def _open(self, name: str, flags: int) -> OpenFile:
        flags |= os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC
        return OpenFile(os.open(self._folder / name, flags, _FILE_MODE))


def write_whole(disk: IDisk, name: str, chunks: Iterable[bytes]) -> IFile:
    """
    Write a file so that it is there whole or not at all, and return it open at its end.

    Raises:
        OSError: then nothing has the name but what had it before, or (of the folder alone was not said whether it
            is on disk) the whole new file.
    """
    file = disk.create(f"{name}{TEMPORARY}")
    try:
        for chunk in chunks:
            file.write(chunk)
        file.sync()
        disk.rename(f"{name}{TEMPORARY}", name)
        disk.sync_names()
    except BaseException:
        file.close()
        raise
    return file


TEMPORARY = ".tmp"


def buffered(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Join lines to what is worth a write."""
    gathered: list[bytes] = []
    size = 0
    for line in lines:
        gathered.append(line)
        size += len(line)
        if size >= _WRITE_BYTES:
            yield b"".join(gathered)
            gathered.clear()
            size = 0
    yield b"".join(gathered)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
