"""Marks: six letters and digits that name a waiting phone on its screen and in its calls. They prove nothing."""

import hmac
from collections.abc import Iterable

from provserver.model import Device

# 32 letters and digits; without 0, O, 1 and I, which are read wrongly from a display.
LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
LENGTH = 6
KEY = "mark-key"  # the Parameter that holds the key, made by the first start; hex digits


def mark_of(key: bytes, device_id: str) -> str:
    """Return the mark of a device: 30 bits of an HMAC of its id, so that a mark tells nothing of the id."""
    digest = hmac.digest(key, device_id.encode("utf-8", "surrogatepass"), "sha256")
    number = int.from_bytes(digest[:4], "big")
    return "".join(LETTERS[number >> 5 * place & 31] for place in range(LENGTH))


class Marks:
    """From a mark back to the devices that have it, nearly always one at most."""

    def __init__(self, key: bytes, waiting: Iterable[Device]) -> None:
        self._key = key
        self._devices: dict[str, tuple[str, ...]] = {}
        for device in waiting:
            self.add(device.id)

    def of(self, device_id: str) -> str:
        return mark_of(self._key, device_id)

    def devices(self, mark: str) -> tuple[str, ...]:
        """Return the ids of the devices with this mark that were added."""
        return self._devices.get(mark, ())

    def add(self, device_id: str) -> None:
        mark = self.of(device_id)
        others = self._devices.get(mark, ())
        if device_id not in others:
            self._devices[mark] = (*others, device_id)

    def drop(self, device_id: str) -> None:
        mark = self.of(device_id)
        others = tuple(other for other in self._devices.get(mark, ()) if other != device_id)
        if others:
            self._devices[mark] = others
        else:
            self._devices.pop(mark, None)
