"""Timelines: the last answers of each device, in memory only."""

from collections import OrderedDict, deque

from provserver.model import Asked

_ENTRY_BYTES = 600  # an Asked with its Answer and tuple, without its texts


def _size(asked: Asked) -> int:
    texts = sum(len(value) + 60 for step in asked.answer.steps for value in step.values)
    return _ENTRY_BYTES + len(asked.path) + texts


class Timelines:
    """Keeps `most` answers a device and about `most_bytes` in all; then the device quiet for longest goes."""

    def __init__(self, most: int, most_bytes: int) -> None:
        self._most = most
        self._most_bytes = most_bytes
        self._bytes = 0
        self._devices: OrderedDict[str, deque[Asked]] = OrderedDict()

    def add(self, device_id: str, asked: Asked) -> None:
        answers = self._devices.setdefault(device_id, deque())
        self._devices.move_to_end(device_id)
        if len(answers) == self._most:
            self._bytes -= _size(answers.pop())
        answers.appendleft(asked)
        self._bytes += _size(asked)
        while self._bytes > self._most_bytes and len(self._devices) > 1:
            self.forget(next(iter(self._devices)))

    def of(self, device_id: str) -> tuple[Asked, ...]:
        return tuple(self._devices.get(device_id, ()))

    def forget(self, device_id: str) -> None:
        self._bytes -= sum(map(_size, self._devices.pop(device_id, ())))
