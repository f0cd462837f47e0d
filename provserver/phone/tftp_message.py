"""
TFTP as phones speak it (RFC 1350): one file, read in octet mode, with blksize and tsize (RFCs 2348, 2349).

Our own rather than the server's, so that what provd sends is read by something that provd is not made of.
"""

import re

from provserver.errors import Invalid
from provserver.phone.http_message import MOST_BYTES
from provserver.phone.values import Fetched

_MOST_NAME = 400  # characters; a request is one packet of 512 bytes (RFC 2347)
_BLOCK_BYTES = 512  # unless the server agrees to more
_ASKED_BYTES = 1428  # what fits into one packet of an Ethernet
_NOT_FOUND, _DENIED = 1, 2
_STATUSES = {_NOT_FOUND: 404, _DENIED: 403}
_NAMES = {
    1: "file not found",
    2: "access violation",
    3: "disk full",
    4: "illegal operation",
    5: "unknown transfer id",
    8: "options refused",
}
_RRQ, _DATA, _ACK, _ERROR, _OACK = (number.to_bytes(2, "big") for number in (1, 3, 4, 5, 6))
_FULL, _BAD_OPTION = 3, 8  # our own errors to the server


def stranger() -> bytes:
    """Return what one is told who sends from a port that is not the transfer's (RFC 1350 section 4)."""
    return _error(5)


class Download:
    """
    One file on its way. `packet` is what to send again when nothing comes; `result` is there when the file is
    whole, or cannot become so.
    """

    def __init__(self, name: str) -> None:
        """Raises: Invalid: the name cannot be asked for."""
        if not name or "\0" in name or len(name) > _MOST_NAME:
            raise Invalid(f"not a name of a file: {name[:60]!r}")
        asked = ("octet", "blksize", str(_ASKED_BYTES), "tsize", "0")
        fields = [name.encode("utf-8", "surrogateescape"), *(word.encode() for word in asked)]
        self.packet = _RRQ + b"".join(field + b"\0" for field in fields)
        self.result: Fetched | None = None
        self._block_bytes = _BLOCK_BYTES
        self._size: int | None = None  # as the server said
        self._blocks = 0  # that have come
        self._body = bytearray()

    def fed(self, data: bytes) -> bytes | None:
        """Return what to send for a packet; what is of no use is not answered."""
        kind, rest = data[:2], data[2:]
        if self.result or len(rest) < 2:
            return None
        if kind == _DATA:
            return self._took(int.from_bytes(rest[:2], "big"), rest[2:])
        if kind == _OACK and self._blocks == 0:
            return self._agreed(rest)
        if kind == _ERROR:
            self._refused(int.from_bytes(rest[:2], "big"), rest[2:].partition(b"\0")[0].decode("latin-1"))
        return None

    def _took(self, number: int, block: bytes) -> bytes | None:
        if self._blocks and number == self._blocks & 0xFFFF:
            return self.packet  # it comes again: our ACK was lost
        if number != (self._blocks + 1) & 0xFFFF:
            return None
        if len(block) > self._block_bytes:
            return self._gave_up(
                f"a block of {len(block)} bytes, the most is {self._block_bytes}", _BAD_OPTION
            )
        self._blocks += 1
        self._body += block
        if len(self._body) > MOST_BYTES:
            return self._too_much()
        if len(block) < self._block_bytes:
            self._end()
        return self._acknowledged(number)

    def _agreed(self, options: bytes) -> bytes:
        words = options.decode("latin-1").split("\0")
        agreed = dict(zip((word.lower() for word in words[::2]), words[1::2], strict=False))
        size, block = agreed.get("tsize", "0"), agreed.get("blksize", str(_BLOCK_BYTES))
        if not (re.fullmatch("[0-9]{1,5}", block) and 8 <= int(block) <= _ASKED_BYTES):
            return self._gave_up(f"blksize {block[:20]!r}, expected 8 to {_ASKED_BYTES}", _BAD_OPTION)
        if not re.fullmatch("[0-9]{1,15}", size):
            return self._gave_up(f"tsize {size[:20]!r}, expected a number", _BAD_OPTION)
        if int(size) > MOST_BYTES:
            return self._too_much()
        self._block_bytes, self._size = int(block), int(size) if "tsize" in agreed else None
        return self._acknowledged(0)

    def _refused(self, code: int, text: str) -> None:
        said = f"error {code} {_NAMES.get(code, text)}".rstrip()
        if code in _STATUSES:
            self.result = Fetched(_STATUSES[code], said=said)
        else:
            self.result = Fetched(0, problem=said)

    def _end(self) -> None:
        if self._size in (None, len(self._body)):
            self.result = Fetched(200, body=bytes(self._body), said="received")
        else:
            self.result = Fetched(0, problem=f"{len(self._body):,} bytes, tsize said {self._size:,}")

    def _acknowledged(self, number: int) -> bytes:
        self.packet = _ACK + number.to_bytes(2, "big")
        return self.packet

    def _too_much(self) -> bytes:
        return self._gave_up(f"more than {MOST_BYTES // 1024 // 1024} MiB", _FULL)

    def _gave_up(self, problem: str, code: int) -> bytes:
        self.result = Fetched(0, problem=problem)
        return _error(code)


def _error(code: int) -> bytes:
    return _ERROR + code.to_bytes(2, "big") + _NAMES[code].encode() + b"\0"
