"""What phones write: logs, settings that their users changed. Each device has a folder of its own."""

import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Any, BinaryIO
from urllib.parse import quote

from twisted.internet.defer import Deferred
from zope.interface import implementer

from provserver.errors import StoreFull, TooLarge
from provserver.interfaces import IIncoming, IUploads
from provserver.model import Upload

InThread = Callable[..., Deferred[Any]]
_HALF = ".part"
_MOST_NAME = 200  # of a file name, which may have 255 bytes


@implementer(IUploads)
class LocalUploads:
    """
    `DIR/<mac>-<digest of the id>/<name>`: no id is part of a name, and of two devices with one mac neither can write
    over the other's.
    """

    def __init__(self, folder: Path, most_bytes: int, most_per_device: int, in_thread: InThread) -> None:
        self._folder = folder
        self._most_bytes = most_bytes
        self._most_per_device = most_per_device
        self._in_thread = in_thread
        self._lock = Lock()
        self._under_way: dict[Path, int] = {}  # half a file -> the bytes that it may become

    def begin(self, upload: Upload, size: int | None) -> Deferred[IIncoming]:
        return self._in_thread(self._begin, upload, size)

    def _begin(self, upload: Upload, size: int | None) -> "_Incoming":
        folder = self._folder / _folder_name(upload)
        target = folder / quote(upload.name, safe="")[-_MOST_NAME:].lstrip(".")
        half = folder / f".{secrets.token_hex(8)}{_HALF}"
        try:
            with self._lock:  # several threads may begin uploads of one phone
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                most = min(
                    upload.most_bytes or self._most_bytes,
                    self._most_bytes,
                    self._most_per_device - self._used(folder, target),
                )
                if max(size or 0, 1) > most:
                    raise TooLarge(f"{upload.name} has {size or 'some'} bytes, the most is {max(most, 0)}")
                file = os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
                self._under_way[half] = most  # an announced size is only a promise
        except OSError as problem:
            raise StoreFull(f"cannot write {upload.name}: {problem.strerror}") from None
        return _Incoming(file, half, target, most, self._in_thread, self._ended)

    def _used(self, folder: Path, target: Path) -> int:
        """Return how much a device has written, with what its uploads under way may become. Halves that an earlier
        process left are removed."""
        used = 0
        for path in folder.iterdir():
            if path in self._under_way:
                used += self._under_way[path]
            elif path.name.endswith(_HALF) and path.name.startswith("."):
                path.unlink(missing_ok=True)
            elif path != target:
                used += _size(path)
        return used

    def _ended(self, half: Path) -> None:
        with self._lock:
            del self._under_way[half]


def _folder_name(upload: Upload) -> str:
    digest = sha256(upload.device.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{(upload.mac or '').replace(':', '')}-{digest}"


def _size(path: Path) -> int:
    with suppress(FileNotFoundError):  # another upload of the same phone has just ended
        return path.stat().st_size
    return 0


@implementer(IIncoming)
class _Incoming:
    def __init__(
        self,
        file: BinaryIO,
        half: Path,
        target: Path,
        most: int,
        in_thread: InThread,
        ended: Callable[[Path], None],
    ) -> None:
        self._ended = ended
        self._file = file
        self._half = half
        self._target = target
        self._left = most
        self._in_thread = in_thread

    def append(self, data: bytes) -> Deferred[None]:
        return self._in_thread(self._append, data)

    def finish(self, whole: bool) -> Deferred[None]:
        return self._in_thread(self._finish, whole)

    def _append(self, data: bytes) -> None:
        self._left -= len(data)
        if self._left < 0:
            raise TooLarge(f"{self._target.name} is larger than the phone may write")
        try:
            self._file.write(data)
        except OSError as problem:
            raise StoreFull(f"cannot write {self._target.name}: {problem.strerror}") from None

    def _finish(self, whole: bool) -> None:
        try:
            with self._file:
                if whole:
                    self._file.flush()
                    os.fsync(self._file.fileno())
            if whole:
                self._half.replace(self._target)
        except OSError as problem:
            raise StoreFull(f"cannot write {self._target.name}: {problem.strerror}") from None
        finally:
            self._half.unlink(missing_ok=True)
            self._ended(self._half)
