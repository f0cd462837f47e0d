"""The bytes of what is sent: from memory, or from disk, read ahead in threads and shared by all who read one file."""

import os
import stat
import tempfile
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Protocol

from attrs import frozen
from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from provserver.tftp import netascii
from provserver.tftp.errors import TftpRefusal
from provserver.tftp.interfaces import Content
from provserver.tftp.packet import NOT_FOUND, UNDEFINED

CHUNK = 256 * 1024
_IN_MEMORY = 64 << 20  # bytes of chunks that are kept

RunInThread = Callable[..., Deferred[Any]]  # (function, *arguments) -> what it returns
_Key = tuple[int, int, int, int]  # device, inode, modified (ns), size


class Source(Protocol):
    size: int

    def read(self, start: int, end: int) -> bytes | None:
        """Return these bytes, fewer at the end of the file; None if they are not in memory yet."""

    async def ready(self, start: int, end: int) -> None:
        """Wait until `read` has them. Raises: OSError."""

    def close(self) -> None: ...


class Body:
    """A small file that was made in memory."""

    __slots__ = ("_body", "size")

    def __init__(self, body: bytes) -> None:
        self._body = body
        self.size = len(body)

    def read(self, start: int, end: int) -> bytes:
        return self._body[start:end]

    async def ready(self, start: int, end: int) -> None:
        """They always are."""

    def close(self) -> None:
        """Nothing is open."""


@frozen
class _Opened:
    descriptor: int
    key: _Key


class _SharedFile:
    """One open file, whoever reads it; closed when nobody does."""

    def __init__(self, opened: _Opened) -> None:
        self.descriptor, self.key = opened.descriptor, opened.key
        self.size = opened.key[3]
        self.users = 0
        self.loading: dict[int, list[Deferred[bytes]]] = {}


class Disk:
    """
    Files that are read from disk. 1,000 phones that load one firmware share its chunks.

    A file that is replaced under its name is another file: whoever reads the old one goes on with it.
    """

    _log = Logger()

    def __init__(self, run_in_thread: RunInThread, most_bytes: int = _IN_MEMORY) -> None:
        self._run_in_thread = run_in_thread
        self._most_bytes = most_bytes
        self._bytes = 0
        self._files: dict[_Key, _SharedFile] = {}
        self._chunks: OrderedDict[tuple[_Key, int], bytes] = OrderedDict()

    async def open(self, content: Content, as_netascii: bool) -> Source:
        """Raises: TftpRefusal; the log has the reason."""
        try:
            opened: _Opened = await self._run_in_thread(
                _open_netascii if as_netascii else _open, content.place
            )
        except OSError as problem:
            self._log.warn("{label}: {problem}", label=content.label, problem=str(problem))
            code = NOT_FOUND if isinstance(problem, FileNotFoundError) else UNDEFINED
            raise TftpRefusal(code, "the file cannot be read", content.label) from None
        shared = self._files.get(opened.key)
        if shared is None:
            shared = self._files[opened.key] = _SharedFile(opened)
        else:
            os.close(opened.descriptor)
        return _Reader(self, shared)

    def chunk(self, shared: _SharedFile, number: int) -> bytes | None:
        found = self._chunks.get((shared.key, number))
        if found is not None:
            self._chunks.move_to_end((shared.key, number))
        return found

    def load(self, shared: _SharedFile, number: int) -> Deferred[bytes]:
        """Read a chunk; those who wait for one chunk wait for one read."""
        waiting: Deferred[bytes] = Deferred()
        if number in shared.loading:
            shared.loading[number].append(waiting)
            return waiting
        shared.loading[number] = [waiting]
        self.use(shared)
        reading = self._run_in_thread(_read, shared.descriptor, number * CHUNK, shared.size)
        reading.addCallback(self._keep, shared, number)
        reading.addBoth(self._loaded, shared, number)
        return waiting

    def use(self, shared: _SharedFile) -> None:
        shared.users += 1

    def leave(self, shared: _SharedFile) -> None:
        shared.users -= 1
        if not shared.users:
            del self._files[shared.key]
            os.close(shared.descriptor)

    def _keep(self, data: bytes, shared: _SharedFile, number: int) -> bytes:
        self._chunks[shared.key, number] = data
        self._bytes += len(data)
        while self._bytes > self._most_bytes and len(self._chunks) > 1:
            self._bytes -= len(self._chunks.popitem(last=False)[1])
        return data

    def _loaded(self, result: bytes | Failure, shared: _SharedFile, number: int) -> None:
        for waiting in shared.loading.pop(number):
            waiting.callback(result)  # a Failure makes it an errback
        self.leave(shared)


class _Reader:
    """One transfer's way through a shared file. Holds the chunks that it is in, so that nobody takes them away."""

    def __init__(self, disk: Disk, shared: _SharedFile) -> None:
        self._disk, self._shared = disk, shared
        self.size = shared.size
        self._held: dict[int, bytes] = {}
        self._base, self._chunk = -1, b""  # the one that was read last
        self._open = True
        disk.use(shared)

    def read(self, start: int, end: int) -> bytes | None:
        base = start - start % CHUNK
        if base == self._base and end <= base + len(self._chunk):  # nearly always
            return self._chunk[start - base : end - base]
        end = min(end, self.size)
        if start >= end:
            return b""
        first, last = start // CHUNK, (end - 1) // CHUNK
        if first not in self._held or last not in self._held:
            self._turn_to(first, last)
        parts = []
        for number in range(first, last + 1):
            chunk = self._held.get(number)
            if chunk is None:
                return None
            base = number * CHUNK
            parts.append(chunk[max(start - base, 0) : end - base])
        self._base, self._chunk = last * CHUNK, self._held[last]
        return parts[0] if len(parts) == 1 else b"".join(parts)

    async def ready(self, start: int, end: int) -> None:
        first, last = start // CHUNK, (min(end, self.size) - 1) // CHUNK
        for number in range(first, last + 1):
            if number not in self._held:
                self._held[number] = await self._disk.load(self._shared, number)
        if self._open:
            self._turn_to(first, last)

    def close(self) -> None:
        self._open = False
        self._held.clear()
        self._base, self._chunk = -1, b""
        self._disk.leave(self._shared)

    def _turn_to(self, first: int, last: int) -> None:
        """Hold what is in memory of these chunks, let go what is behind them, and have the next one read."""
        self._held = {number: chunk for number, chunk in self._held.items() if number >= first}
        for number in range(first, last + 1):
            chunk = self._held.get(number) or self._disk.chunk(self._shared, number)
            if chunk is not None:
                self._held[number] = chunk
        ahead = last + 1
        if (
            ahead * CHUNK < self.size
            and ahead not in self._shared.loading
            and self._disk.chunk(self._shared, ahead) is None
        ):
            self._disk.load(self._shared, ahead).addErrback(lambda _: None)  # who needs it will ask again


# --- in threads ----------------------------------------------------------------------------------------------


def _open(place: str) -> _Opened:
    descriptor = os.open(place, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)  # a FIFO would wait for a writer
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(f"{place} is not a file")
    return _opened(descriptor)


def _open_netascii(place: str) -> _Opened:
    """Translate a whole file into a nameless one: then it has a size, and any block of it can be sent again."""
    with open(place, "rb") as octets, tempfile.TemporaryFile() as lines:
        while part := octets.read(CHUNK):
            lines.write(netascii.encode(part))
        lines.flush()
        return _opened(os.dup(lines.fileno()))


def _opened(descriptor: int) -> _Opened:
    status = os.fstat(descriptor)
    return _Opened(descriptor, (status.st_dev, status.st_ino, status.st_mtime_ns, status.st_size))


def _read(descriptor: int, start: int, size: int) -> bytes:
    wanted = min(CHUNK, size - start)
    data = os.pread(descriptor, wanted, start)
    if len(data) != wanted:
        raise OSError(f"{len(data)} bytes at {start}, there were {wanted}")
    return data
