"""Paths and queries: each segment is percent-decoded on its own, and odd bytes become surrogates."""

from collections.abc import Mapping
from urllib.parse import parse_qsl, quote, unquote

_ODD = "surrogateescape"


def normal_segments(path: bytes) -> list[str]:
    """Return the segments of a request's path, each quoted in the one way that routes and answers use:
    `/0.2/a%2fb//c` gives `0.2`, `a%2Fb`, "", `c`."""
    text = path.decode("ascii", _ODD)
    return [quoted(decoded(segment)) for segment in text.removeprefix("/").split("/")]


def quoted(segment: str) -> str:
    return quote(segment, safe="", errors=_ODD)


def decoded(segment: str) -> str:
    return unquote(segment, errors=_ODD)


def read_query(query: bytes) -> Mapping[str, str]:
    """Return the parameters; of several with one name the first counts."""
    pairs = parse_qsl(query.decode("ascii", _ODD), keep_blank_values=True, errors=_ODD)
    return dict(reversed(pairs))
