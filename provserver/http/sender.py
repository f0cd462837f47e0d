"""A file from the disk to a phone: read in threads, as fast as the phone takes it."""

import os
from collections.abc import Callable
from functools import partial
from typing import BinaryIO, Protocol, TypeVar

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IPushProducer
from zope.interface import implementer

from provserver.http.messages import Piece

T = TypeVar("T")

_PIECE = 256 * 1024  # bytes read, and held for a phone, at a time


class InThread(Protocol):
    """Runs blocking work outside the reactor: `deferToThread`."""

    def __call__(self, work: Callable[[], T], /) -> Deferred[T]: ...


class Replaced(Exception):
    """There is another file now than the one that the reply tells of."""


def open_piece(piece: Piece) -> BinaryIO:
    """
    Open a file where the piece begins. It blocks.

    Raises:
        FileNotFoundError: it is gone.
        Replaced: its size is another one.
    """
    file = open(piece.place, "rb", buffering=0)  # noqa: SIM115 - whoever sends it closes it
    if os.fstat(file.fileno()).st_size != piece.size:
        file.close()
        raise Replaced(piece.place)
    file.seek(piece.start)
    return file


@implementer(IPushProducer)
class Sender:
    """Writes a file to a phone; the transport says when to pause."""

    def __init__(self, write: Callable[[bytes], None], in_thread: InThread) -> None:
        self._write = write
        self._in_thread = in_thread
        self._resumed: Deferred[None] | None = None
        self.stopped = False

    async def send(self, file: BinaryIO, length: int) -> bool:
        """Send so many bytes; False: the file ends before, or the phone has gone (`stopped`)."""
        while length and not self.stopped:
            data = await self._in_thread(partial(file.read, min(length, _PIECE)))
            if not data or self.stopped:
                return False
            self._write(data)
            length -= len(data)
            if self._resumed:
                await self._resumed
        return not length

    def pauseProducing(self) -> None:
        self._resumed = self._resumed or Deferred()

    def resumeProducing(self) -> None:
        resumed, self._resumed = self._resumed, None
        if resumed:
            resumed.callback(None)

    def stopProducing(self) -> None:
        self.stopped = True
        self.resumeProducing()
