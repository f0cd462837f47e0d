"""Timelines: the last answers of each device, in memory only."""

from collections import OrderedDict, deque

import msgspec

from provserver.core.explain import printable
from provserver.model import Asked

_ENTRY_BYTES = 50  # of an entry, beside what is written of it
_write = msgspec.msgpack.Encoder().encode
_read = msgspec.msgpack.Decoder(Asked).decode


class Timelines:
    """
    Keeps `most` answers a device and about `most_bytes` in all; then the device quiet for longest goes.

    Answers are kept as bytes: they are seldom read, and thousands of small objects a second that stay are what the
    search for garbage takes long over.
    """

    def __init__(self, most: int, most_bytes: int) -> None:
        self._most = most
        self._most_bytes = most_bytes
        self._bytes = 0
        self._devices: OrderedDict[str, deque[bytes]] = OrderedDict()

    def add(self, device_id: str, asked: Asked) -> None:
        answers = self._devices.setdefault(device_id, deque())
        self._devices.move_to_end(device_id)
        if len(answers) == self._most:
            self._bytes -= _size(answers.pop())
        written = _written(asked)
        answers.appendleft(written)
        self._bytes += _size(written)
        while self._bytes > self._most_bytes and len(self._devices) > 1:
            self.forget(next(iter(self._devices)))

    def of(self, device_id: str) -> tuple[Asked, ...]:
        """Return the newest first. A phone's odd bytes (lone surrogates) are written out, `\\udcff`."""
        return tuple(map(_read, self._devices.get(device_id, ())))

    def forget(self, device_id: str) -> None:
        self._bytes -= sum(map(_size, self._devices.pop(device_id, ())))


def _size(written: bytes) -> int:
    return len(written) + _ENTRY_BYTES


def _written(asked: Asked) -> bytes:
    try:
        return _write(asked)
    except UnicodeEncodeError:
        return _write(_plain(msgspec.to_builtins(asked)))


def _plain(value: object) -> object:
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value
