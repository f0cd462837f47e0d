"""
Which options are granted: RFC 2347, 2348 (blksize), 2349 (timeout, tsize), 7440 (windowsize).

An option that is unknown or has a value that its RFC does not allow is not answered, and so not in force. Of one that
comes twice, the first that can be granted counts.
"""

import re
from collections.abc import Callable

from attrs import frozen

from provserver.tftp.packet import DEFAULT_BLKSIZE, Options

_NUMBER = re.compile(r"[0-9]{1,20}", re.ASCII)


@frozen
class Caps:
    """The most that is granted. A reader that asks for more gets this much; a writer too."""

    blksize: int = 1468  # bytes: fills an Ethernet packet over IPv4
    window: int = 64  # blocks: what one segmented send carries


@frozen
class Agreed:
    """What is in force; `answer` goes into the OACK, and none is sent if it is empty."""

    blksize: int = DEFAULT_BLKSIZE
    window: int = 1
    timeout_s: int | None = None
    tsize: int | None = None  # what a writer announces
    answer: Options = ()


PLAIN = Agreed()  # RFC 1350: without options


def negotiate(asked: Options, caps: Caps, size: int | None = None) -> Agreed:
    """Decide what is in force. `size` is the file's, in bytes as they travel, if it is sent; None if it comes."""
    granted: dict[str, int] = {}
    answer = []
    for spelling, text in asked:
        name = spelling.lower()
        if name in _RULES and name not in granted and _NUMBER.fullmatch(text):
            value = _RULES[name](int(text), caps, size)
            if value is not None:
                granted[name] = value
                answer.append((spelling, str(value)))
    return Agreed(
        granted.get("blksize", DEFAULT_BLKSIZE),
        granted.get("windowsize", 1),
        granted.get("timeout"),
        granted.get("tsize") if size is None else None,
        tuple(answer),
    )


def _blksize(value: int, caps: Caps, _size: int | None) -> int | None:
    return min(value, caps.blksize) if 8 <= value <= 65464 else None


def _timeout(value: int, _caps: Caps, _size: int | None) -> int | None:
    return value if 1 <= value <= 255 else None


def _tsize(value: int, _caps: Caps, size: int | None) -> int | None:
    return value if size is None else size


def _windowsize(value: int, caps: Caps, _size: int | None) -> int | None:
    return min(value, caps.window) if 1 <= value <= 65535 else None


_RULES: dict[str, Callable[[int, Caps, int | None], int | None]] = {
    "blksize": _blksize,
    "timeout": _timeout,
    "tsize": _tsize,
    "windowsize": _windowsize,
}
