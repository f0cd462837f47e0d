"""
The DATA packets of what is sent: cut from memory, or from disk, read ahead and cut in threads.

1,000 phones that load one firmware in blocks of one length share its packets.
"""

import os
import stat
import tempfile
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from attrs import frozen
from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from provserver.tftp import netascii
from provserver.tftp.errors import TftpRefusal
from provserver.tftp.interfaces import Content
from provserver.tftp.packet import NOT_FOUND, UNDEFINED, data_packet, data_packets

CHUNK = 256 * 1024  # bytes of a file that are read at once
_MOST_PACKETS = 512  # that they are cut into: of tiny blocks fewer bytes are read
_OVERHEAD = 41  # bytes of a packet in memory beside its data: header, object, place in its list
_IN_MEMORY = 64 << 20  # bytes of chunks that are kept

RunInThread = Callable[..., Deferred[Any]]  # (function, *arguments) -> what it returns
_Key = tuple[int, int, int, int]  # device, inode, modified (ns), size
_Where = tuple[int, int]  # block size, number of the chunk


class Source(Protocol):
    """One file on its way to one phone. Blocks are counted from 1."""

    size: int

    def cut(self, blksize: int) -> None:
        """Say how long its blocks are, before any is asked for."""

    def datagrams(self, first: int, count: int) -> Sequence[bytes] | None:
        """Return the DATA packets of blocks that the file has; None if they are not in memory yet."""

    async def ready(self, first: int, count: int) -> None:
        """Wait until `datagrams` has them. Raises: OSError."""

    def close(self) -> None: ...


class Body:
    """A small file that was made in memory."""

    __slots__ = ("_blksize", "_body", "size")

    def __init__(self, body: bytes) -> None:
        self._body, self._blksize = body, 0
        self.size = len(body)

    def cut(self, blksize: int) -> None:
        self._blksize = blksize

    def datagrams(self, first: int, count: int) -> Sequence[bytes]:
        blksize = self._blksize
        start = (first - 1) * blksize
        if count == 1:
            return (data_packet(first, self._body[start : start + blksize]),)
        return data_packets(first, count, self._body[start : start + count * blksize], blksize)

    async def ready(self, first: int, count: int) -> None:
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
        self.loading: dict[_Where, list[Deferred[list[bytes]]]] = {}


class Disk:
    """
    Files that are read from disk, in chunks of whole blocks.

    A file that is replaced under its name is another file: whoever reads the old one goes on with it.
    """

    _log = Logger()

    def __init__(self, run_in_thread: RunInThread, most_bytes: int = _IN_MEMORY) -> None:
        self._run_in_thread = run_in_thread
        self._most_bytes = most_bytes
        self._bytes = 0
        self._files: dict[_Key, _SharedFile] = {}
        self._chunks: OrderedDict[tuple[_Key, _Where], list[bytes]] = OrderedDict()

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

    def chunk(self, shared: _SharedFile, where: _Where) -> list[bytes] | None:
        found = self._chunks.get((shared.key, where))
        if found is not None:
            self._chunks.move_to_end((shared.key, where))
        return found

    def load(self, shared: _SharedFile, where: _Where) -> Deferred[list[bytes]]:
        """Read a chunk; those who wait for one chunk wait for one read."""
        waiting: Deferred[list[bytes]] = Deferred()
        if where in shared.loading:
            shared.loading[where].append(waiting)
            return waiting
        shared.loading[where] = [waiting]
        self.use(shared)
        reading = self._run_in_thread(_read, shared.descriptor, shared.size, where)
        reading.addCallback(self._keep, shared, where)
        reading.addBoth(self._loaded, shared, where)
        return waiting

    def use(self, shared: _SharedFile) -> None:
        shared.users += 1

    def leave(self, shared: _SharedFile) -> None:
        shared.users -= 1
        if not shared.users:
            del self._files[shared.key]
            os.close(shared.descriptor)

    def _keep(self, chunk: list[bytes], shared: _SharedFile, where: _Where) -> list[bytes]:
        self._chunks[shared.key, where] = chunk
        self._bytes += _weight(chunk)
        while self._bytes > self._most_bytes and len(self._chunks) > 1:
            self._bytes -= _weight(self._chunks.popitem(last=False)[1])
        return chunk

    def _loaded(self, result: list[bytes] | Failure, shared: _SharedFile, where: _Where) -> None:
        for waiting in shared.loading.pop(where):
            waiting.callback(result)  # a Failure makes it an errback
        self.leave(shared)


class _Reader:
    """One transfer's way through a shared file. Holds the chunks that it is in, so that nobody takes them away."""

    def __init__(self, disk: Disk, shared: _SharedFile) -> None:
        self._disk, self._shared = disk, shared
        self.size = shared.size
        self._blksize, self._each = 0, 0  # bytes of a block, blocks of a chunk
        self._held: dict[int, list[bytes]] = {}
        self._base, self._chunk = 0, _NONE  # the one that was used last, and the block that it begins with
        self._open = True
        disk.use(shared)

    def cut(self, blksize: int) -> None:
        self._blksize, self._each = blksize, _blocks_each(blksize)

    def datagrams(self, first: int, count: int) -> Sequence[bytes] | None:
        at = first - self._base
        if at >= 0 and at + count <= len(self._chunk):  # nearly always
            return self._chunk[at : at + count]
        numbers = self._numbers(first, count)
        if any(number not in self._held for number in numbers):
            self._turn_to(numbers)
        found: list[bytes] = []
        for number in numbers:
            chunk = self._held.get(number)
            if chunk is None:
                return None
            self._base, self._chunk = number * self._each + 1, chunk
            found += chunk[max(first - self._base, 0) : first + count - self._base]
        return found

    async def ready(self, first: int, count: int) -> None:
        numbers = self._numbers(first, count)
        for number in numbers:
            if number not in self._held:
                self._held[number] = await self._disk.load(self._shared, (self._blksize, number))
        if self._open:
            self._turn_to(numbers)

    def close(self) -> None:
        self._open = False
        self._held.clear()
        self._chunk = _NONE
        self._disk.leave(self._shared)

    def _numbers(self, first: int, count: int) -> range:
        return range((first - 1) // self._each, (first + count - 2) // self._each + 1)

    def _turn_to(self, numbers: range) -> None:
        """Hold what is in memory of these chunks, let go what is behind them, and have the next one read."""
        self._held = {number: chunk for number, chunk in self._held.items() if number >= numbers.start}
        for number in numbers:
            chunk = self._held.get(number) or self._disk.chunk(self._shared, (self._blksize, number))
            if chunk is not None:
                self._held[number] = chunk
        ahead = (self._blksize, numbers.stop)
        if (
            numbers.stop * self._each <= self.size // self._blksize
            and ahead not in self._shared.loading
            and self._disk.chunk(self._shared, ahead) is None
        ):
            self._disk.load(self._shared, ahead).addErrback(lambda _: None)  # who needs it will ask again


_NONE: list[bytes] = []


def _blocks_each(blksize: int) -> int:
    return min(CHUNK // blksize, _MOST_PACKETS)


def _weight(chunk: list[bytes]) -> int:
    return sum(map(len, chunk)) + _OVERHEAD * len(chunk)


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


def _read(descriptor: int, size: int, where: _Where) -> list[bytes]:
    """Return the packets of a chunk: where the file is at its end, with the short one that says so."""
    blksize, number = where
    each = _blocks_each(blksize)
    before = number * each
    wanted = min(each * blksize, size - before * blksize)
    data = os.pread(descriptor, wanted, before * blksize)
    if len(data) != wanted:
        raise OSError(f"{len(data)} bytes at {before * blksize}, there were {wanted}")
    return data_packets(before + 1, min(each, size // blksize + 1 - before), data, blksize)
