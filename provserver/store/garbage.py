"""Garbage: Python seldom searches for it where a hundred thousand documents lie, which never are any."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

# Objects, and searches of the young: to look at all that came in a flood takes a third of a second.
_THRESHOLDS = (2_000, 5, 1_000)


@contextmanager
def not_searched() -> Iterator[None]:
    """Make many documents: each search would look at all of them."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def seldom_searched() -> None:
    """Leave alone what is here, which lives as long as the process, and search the rest seldom; for a start's end."""
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
