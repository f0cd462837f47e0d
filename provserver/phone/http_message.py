"""
HTTP/1.1 as phones speak it (RFC 9112): one request on a connection, then its answer.

Our own rather than Twisted's, so that what provd sends is read by something that provd is not made of; and so
that a hostile server cannot make the phone hold more than `MOST_BYTES`, headers included.
"""

import re
from http import HTTPStatus
from urllib.parse import urlsplit

from attrs import frozen

from provserver.errors import Invalid
from provserver.phone.values import Fetch, Fetched

MOST_BYTES = 8 * 1024 * 1024
_MOST_HEAD_BYTES = 64 * 1024
_STATUS_LINE = re.compile(r"HTTP/1\.[01] ([0-9]{3})(?: .*)?")
_HEADER = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\x00-\x08\x0a-\x1f\x7f]*)")
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;.*)?")


def target_of(fetch: Fetch) -> str:
    """Return what stands in the request line."""
    parts = urlsplit(fetch.url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def method_of(fetch: Fetch) -> str:
    return fetch.method or ("POST" if fetch.body else "GET")


def request_bytes(fetch: Fetch) -> bytes:
    parts = urlsplit(fetch.url)
    headers = {"Host": parts.netloc, "Accept": "*/*", "Connection": "close", **fetch.headers}
    if fetch.body:
        headers["Content-Length"] = str(len(fetch.body))
    lines = [
        f"{method_of(fetch)} {target_of(fetch)} HTTP/1.1",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "".join(f"{line}\r\n" for line in [*lines, ""]).encode("latin-1") + fetch.body


@frozen
class _Head:
    status: int
    headers: dict[str, str]
    length: int | None  # None: until the connection is closed
    chunked: bool


class Reply:
    """An answer as it arrives. `fed` and `closed` return it when it is whole, or when it cannot become so."""

    def __init__(self) -> None:
        self._data = bytearray()  # what is not yet understood
        self._total = 0
        self._head: _Head | None = None
        self._body = bytearray()  # of an answer in chunks

    def fed(self, data: bytes) -> Fetched | None:
        self._data += data
        self._total += len(data)
        try:
            if self._total > MOST_BYTES:
                raise Invalid(f"more than {MOST_BYTES // 1024 // 1024} MiB")
            return self._whole()
        except Invalid as problem:
            return self.broken(problem.text)

    def closed(self) -> Fetched:
        if self._head is None:
            return self.broken("closed without an answer")
        if self._head.chunked or self._head.length is not None:
            return self.broken("cut off")
        return self._fetched(self._data)

    def broken(self, problem: str) -> Fetched:
        """Return what stands instead of an answer that did not come whole."""
        return Fetched(self._head.status if self._head else 0, problem=problem)

    def _whole(self) -> Fetched | None:
        if self._head is None:
            end = self._data.find(b"\r\n\r\n")
            if max(end, len(self._data) if end < 0 else 0) > _MOST_HEAD_BYTES:
                raise Invalid("headers of more than 64 KiB")
            if end < 0:
                return None
            self._head = _read_head(self._data[:end].decode("latin-1"))
            del self._data[: end + 4]
        if self._head.chunked:
            return self._fetched(self._body) if self._take_chunks() else None
        length = self._head.length
        return None if length is None or len(self._data) < length else self._fetched(self._data[:length])

    def _take_chunks(self) -> bool:
        """Move whole chunks into the body (RFC 9112 section 7.1); say whether the last one has come."""
        while (end := self._data.find(b"\r\n")) >= 0:
            size_line = _CHUNK_SIZE.fullmatch(self._data[:end])
            if not size_line:
                raise Invalid("a broken chunk")
            size, start = int(size_line[1], 16), end + 2
            if size == 0:
                return True
            if len(self._data) < start + size + 2:
                return False
            self._body += self._data[start : start + size]
            del self._data[: start + size + 2]
        return False

    def _fetched(self, body: bytearray) -> Fetched:
        assert self._head is not None
        return Fetched(self._head.status, self._head.headers, bytes(body))


def _read_head(text: str) -> _Head:
    first, *lines = text.split("\r\n")
    status_line = _STATUS_LINE.fullmatch(first)
    if not status_line:
        raise Invalid("an answer that is not HTTP")
    headers: dict[str, str] = {}
    for line in lines:
        header = _HEADER.fullmatch(line)
        if not header:
            raise Invalid("a broken header")
        name, value = header[1].lower(), header[2].rstrip()
        several = name == "www-authenticate" and name in headers  # a server may offer several, a line each
        headers[name] = f"{headers[name]}\n{value}" if several else value
    status = int(status_line[1])
    chunked = "transfer-encoding" in headers
    if chunked and headers["transfer-encoding"].lower() != "chunked":
        raise Invalid("an unknown transfer-encoding")
    length = headers.get("content-length")
    if length is not None and not re.fullmatch("[0-9]{1,15}", length):
        raise Invalid("a content-length that is no number")
    if status in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED):
        return _Head(status, headers, 0, chunked=False)
    return _Head(status, headers, None if length is None else int(length), chunked)
