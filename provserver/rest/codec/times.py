"""Times that clients write and read, to the second: `2027-01-31T12:00:00Z`."""

from collections.abc import Mapping
from datetime import UTC, datetime

from provserver.errors import Invalid
from provserver.rest.codec.values import kind

_EXPECTED = "expected a time like 2027-01-31T12:00:00Z, with its zone"


def read_time(document: Mapping[str, object], name: str, before: float | None) -> float | None:
    """Return a time that a client wants, `before` where it says nothing. Raises: Invalid."""
    if name not in document:
        return before
    told = document[name]
    if told is None:
        return None
    if not isinstance(told, str):
        raise Invalid(f"{_EXPECTED}, got {kind(told)}", name)
    try:
        time = datetime.fromisoformat(told)
        if time.tzinfo is None:
            raise ValueError
        return time.astimezone(UTC).replace(microsecond=0).timestamp()  # what it was read as can be written
    except (ValueError, OverflowError):
        raise Invalid(f"{_EXPECTED}, got {told[:60]!r}", name) from None


def time_text(at: float | None) -> str | None:
    if at is None:
        return None
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
