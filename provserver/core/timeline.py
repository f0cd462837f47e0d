"""Timelines: the last answers of each device, in memory only."""

from collections import OrderedDict, deque

from provserver.model import Asked

_ENTRY_BYTES = 600  # an Asked with its Answer and tuple, without its texts
_TEXT_BYTES = 60  # of a text beside its letters


def _size(asked: Asked) -> int:
    size = _ENTRY_BYTES + len(asked.path)
    for step in asked.answer.steps:
        size += sum(map(len, step.values)) + _TEXT_BYTES * len(step.values)
    return size


class Timelines:
    """Keeps `most` answers a device and about `most_bytes` in all; then the device quiet for longest goes."""

    def __init__(self, most: int, most_bytes: int) -> None:
        self._most = most
        self._most_bytes = most_bytes
        self._bytes = 0
        self._devices: OrderedDict[str, deque[tuple[int, Asked]]] = OrderedDict()  # with their sizes

    def add(self, device_id: str, asked: Asked) -> None:
        answers = self._devices.setdefault(device_id, deque())
        self._devices.move_to_end(device_id)
        if len(answers) == self._most:
            self._bytes -= answers.pop()[0]
        size = _size(asked)
        answers.appendleft((size, asked))
        self._bytes += size
        while self._bytes > self._most_bytes and len(self._devices) > 1:
            self.forget(next(iter(self._devices)))

    def of(self, device_id: str) -> tuple[Asked, ...]:
        return tuple(asked for _, asked in self._devices.get(device_id, ()))

    def forget(self, device_id: str) -> None:
        self._bytes -= sum(size for size, _ in self._devices.pop(device_id, ()))
