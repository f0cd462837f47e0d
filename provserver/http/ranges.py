"""What of a file a phone needs: all, a part, or nothing since it has it (RFC 9110 sections 13 and 14)."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from attrs import frozen

_TAG = re.compile(r'(W/)?"([^"]*)"')
_RANGE = re.compile(r"bytes[ \t]*=[ \t]*([0-9]*)-([0-9]*)[ \t]*", re.IGNORECASE)
_DATES = (  # RFC 9110 section 5.6.7: all three must be understood
    re.compile(r"[A-Z][a-z]{2}, (?P<d>\d\d) (?P<m>[A-Z][a-z]{2}) (?P<y>\d{4}) (?P<t>[\d:]{8}) GMT", re.ASCII),
    re.compile(
        r"[A-Z][a-z]{5,8}, (?P<d>\d\d)-(?P<m>[A-Z][a-z]{2})-(?P<y>\d\d) (?P<t>[\d:]{8}) GMT", re.ASCII
    ),
    re.compile(r"[A-Z][a-z]{2} (?P<m>[A-Z][a-z]{2}) (?P<d>[ \d]\d) (?P<t>[\d:]{8}) (?P<y>\d{4})", re.ASCII),
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@frozen
class Selected:
    """200 or 206 with the bytes to send; 304, 412 or 416 without any."""

    status: int
    start: int = 0
    length: int = 0


def selected(method: str, headers: Mapping[str, str], etag: str, modified: int, size: int) -> Selected:
    """
    Return what of a file is to be sent. `headers` by lower-case name; `etag` without quotes, a strong one.

    Preconditions are looked at for GET and HEAD, ranges for GET. Of several ranges the whole file is the answer
    (section 14.2 allows it): no phone asks so, and overlapping ones are an old way to make a server work.
    """
    if method in ("GET", "HEAD"):
        failed = _failed(headers, etag, modified)
        if failed:
            return Selected(failed)
    if method == "GET" and "range" in headers and _still_the_same(headers.get("if-range"), etag, modified):
        return _part(headers["range"], size)
    return Selected(200, 0, size)


def http_time(text: str) -> int | None:
    """Return an HTTP-date in seconds since the epoch; None if it is none."""
    for pattern in _DATES:
        match = pattern.fullmatch(text.strip())
        if match:
            return _time(match)
    return None


def _time(match: re.Match[str]) -> int | None:
    year = int(match["y"])
    if len(match["y"]) == 2:
        year += 1900 if year >= 70 else 2000
    try:
        hour, minute, second = map(int, match["t"].split(":"))
        second = min(second, 59)  # a leap second
        month = _MONTHS.index(match["m"]) + 1
        at = datetime(year, month, int(match["d"]), hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
    return int(at.timestamp())


def _failed(headers: Mapping[str, str], etag: str, modified: int) -> int:
    """Return the status of the first precondition that fails, in the order of section 13.2.2; 0 if none does."""
    if "if-match" in headers:
        if not _names(headers["if-match"], etag, weak=False):
            return 412
    elif "if-unmodified-since" in headers:
        at = http_time(headers["if-unmodified-since"])
        if at is not None and modified > at:
            return 412
    if "if-none-match" in headers:
        if _names(headers["if-none-match"], etag, weak=True):
            return 304
    elif "if-modified-since" in headers:
        at = http_time(headers["if-modified-since"])
        if at is not None and modified <= at:
            return 304
    return 0


def _names(tags: str, etag: str, weak: bool) -> bool:
    if tags.strip() == "*":
        return True
    return any(tag == etag and (weak or not is_weak) for is_weak, tag in _TAG.findall(tags))


def _still_the_same(if_range: str | None, etag: str, modified: int) -> bool:
    """Say whether a part fits what the phone has already; a weak tag or another date never does."""
    if if_range is None:
        return True
    return if_range.strip() == f'"{etag}"' or http_time(if_range) == modified


def _part(text: str, size: int) -> Selected:
    match = _RANGE.fullmatch(text.strip())
    if match is None or match.groups() == ("", ""):
        return Selected(200, 0, size)
    first, last = match.groups()
    if not first:
        length = min(_number(last), size)
        if length == size:
            return Selected(206, 0, size) if size else Selected(200)  # of nothing there is no part to name
        return Selected(206, size - length, length) if length else Selected(416)
    start = _number(first)
    end = min(_number(last), size - 1) if last else size - 1
    if last and _number(last) < start:
        return Selected(200, 0, size)  # section 14.1.1: invalid, so as if it were not there
    return Selected(206, start, end - start + 1) if start < size else Selected(416)


def _number(digits: str) -> int:
    """Return a number, or one beyond every file: Python refuses to read thousands of digits."""
    digits = digits.lstrip("0")
    return int(digits or "0") if len(digits) < 19 else 10**18
