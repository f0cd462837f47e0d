"""The lock: one process for one folder."""

import fcntl
import os
from contextlib import suppress
from pathlib import Path

from provserver.errors import Held


class FolderLock:
    """
    The kernel gives it free when the process ends, however it ends. The file stays: who removed it could lock a
    new one while another process holds the old one.
    """

    def __init__(self, path: Path, folder: Path) -> None:
        """`path` is of the file that is locked, `folder` what it stands for in messages."""
        self._path = path
        self._folder = folder
        self._descriptor: int | None = None

    def take(self) -> None:
        """Raises: Held: another process has it; the text names both. OSError."""
        if self._descriptor is not None:
            return
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid = os.pread(descriptor, 20, 0).decode(errors="replace").strip()
            os.close(descriptor)
            raise Held(
                f"{self._folder} belongs to another provd that runs (pid {pid or 'unknown'})"
            ) from None
        with suppress(OSError):  # the disk may be full, and the pid is only for the message above
            os.pwrite(descriptor, b"%-20d\n" % os.getpid(), 0)
        self._descriptor = descriptor

    def give_free(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
