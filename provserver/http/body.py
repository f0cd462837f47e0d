"""The body of a request, piece by piece: while one is worked on no more is read, so that little is held."""

from collections.abc import Callable

from twisted.internet.defer import Deferred


class Body:
    """`whole` once all of it was taken with `next`; not where the phone broke off."""

    def __init__(self, hold: Callable[[], None], release: Callable[[], None]) -> None:
        """`hold` stops what is read from the phone, `release` lets it go on."""
        self._hold = hold
        self._release = release
        self._pieces: list[bytes] = []
        self._waiting: Deferred[None] | None = None
        self.ended = self.whole = False

    def append(self, data: bytes) -> None:
        self._pieces.append(data)
        self._hold()
        self._wake()

    def end(self, whole: bool) -> None:
        """Note that there is no more; the first call counts."""
        if not self.ended:
            self.ended, self.whole = True, whole
            self._wake()

    async def next(self) -> bytes:
        """Return what has come since the last call, b"" at the end."""
        if not self._pieces and not self.ended:
            self._waiting = Deferred()
            self._release()
            await self._waiting
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)

    def _wake(self) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting:
            waiting.callback(None)
