"""
One SIP message, from bytes and to bytes (RFC 3261 section 7).

What is read can be answered: it has Via, and From, To, Call-ID and CSeq once each. What is written cannot be
made to hold a header more by a value with a line break in it.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from attrs import field, frozen

from provserver.errors import Invalid

MOST_BYTES = 65_535  # what a UDP datagram can hold
_MOST_HEADERS = 200
_MOST_HEADER_CHARACTERS = 8_192
_LAST_CSEQ = 2**31 - 1  # RFC 3261 section 8.1.1.5

_TOKEN = r"[-0-9A-Za-z.!%*_+`'~]+"  # noqa: S105 - RFC 3261's word for it
_REQUEST_LINE = re.compile(rf"({_TOKEN}) ([^\s\x00-\x1f\x7f]+) SIP/2\.0")
_STATUS_LINE = re.compile(r"SIP/2\.0 ([1-6][0-9]{2}) ([^\x00-\x08\x0a-\x1f\x7f]*)")
_HEADER = re.compile(rf"({_TOKEN})[ \t]*+:[ \t]*+([^\x00-\x08\x0a-\x1f\x7f]*)")
_CSEQ = re.compile(rf"([0-9]{{1,10}})[ \t]+({_TOKEN})")
_LONG_NAMES = {  # RFC 3261 section 7.3.3, and RFCs 3515, 3892, 4028, 6665
    "b": "Referred-By",
    "c": "Content-Type",
    "e": "Content-Encoding",
    "f": "From",
    "i": "Call-ID",
    "k": "Supported",
    "l": "Content-Length",
    "m": "Contact",
    "o": "Event",
    "r": "Refer-To",
    "s": "Subject",
    "t": "To",
    "u": "Allow-Events",
    "v": "Via",
    "x": "Session-Expires",
}
# What holds commas and semicolons that part nothing. A quote without end takes all, so that no text is read twice.
_CLOSED = r'"(?:[^"\\]|\\.)*+(?:"|\\?$)|<[^<>]*>'
_ELEMENT = re.compile(rf"(?:{_CLOSED}|[^,])+")
_TAG = re.compile(r";[ \t]*+tag[ \t]*+=", re.IGNORECASE)
_ONCE = ("From", "To", "Call-ID", "CSeq")

Headers = tuple[tuple[str, str], ...]


@frozen
class Message:
    """Headers stand in their order, unfolded and under their long names; Content-Length follows from the body.
    Bytes that are no UTF-8 are surrogates, so that what is copied stays what it was."""

    headers: Headers = field(kw_only=True)
    body: bytes = field(default=b"", kw_only=True)

    def all(self, name: str) -> tuple[str, ...]:
        """Return the values of a header; its name may be written in any case."""
        low = name.lower()
        return tuple(value for known, value in self.headers if known.lower() == low)

    def first(self, name: str) -> str:
        """Return the first value of a header, or nothing."""
        return next(iter(self.all(name)), "")

    @property
    def cseq(self) -> tuple[int, str]:
        """Return the number and the method. Raises: Invalid."""
        found = _CSEQ.fullmatch(self.first("CSeq"))
        if found is None or int(found[1]) > _LAST_CSEQ:
            raise Invalid(f"CSeq {self.first('CSeq')[:60]!r}, expected a number and a method")
        return int(found[1]), found[2]


@frozen
class Request(Message):
    method: str
    uri: str


@frozen
class Response(Message):
    status: int
    reason: str


# --- reading ---------------------------------------------------------------------------------------------------


def read_message(data: bytes) -> Request | Response:
    """
    Read a datagram. Empty lines before the message are skipped (RFC 3261 section 7.5), and what comes after
    Content-Length is not looked at (section 18.3).

    Raises:
        Invalid: it is no whole SIP message, or one that could not be answered.
    """
    if len(data) > MOST_BYTES:
        raise Invalid(f"a message of {len(data)} bytes, the most is {MOST_BYTES}")
    head, blank, rest = data.lstrip(b"\r\n").partition(b"\r\n\r\n")
    if not blank:
        raise Invalid("a message without an end of its headers")
    first, *lines = head.decode("utf-8", "surrogateescape").split("\r\n")
    headers = _read_headers(lines)
    message = _started(first, headers, _body(headers, rest))
    _check(message)
    return message


def _started(first: str, headers: Headers, body: bytes) -> Request | Response:
    if line := _REQUEST_LINE.fullmatch(first):
        return Request(line[1], line[2], headers=headers, body=body)
    if line := _STATUS_LINE.fullmatch(first):
        return Response(int(line[1]), line[2], headers=headers, body=body)
    raise Invalid(f"not SIP/2.0: {first[:60]!r}")


def _read_headers(lines: Iterable[str]) -> Headers:
    headers = []
    for line in _unfolded(lines):
        header = _HEADER.fullmatch(line)
        if header is None:
            raise Invalid(f"a broken header: {line[:60]!r}")
        name = _LONG_NAMES.get(header[1].lower(), header[1])
        headers.append((name, header[2].rstrip(" \t")))
    return tuple(headers)


def _unfolded(lines: Iterable[str]) -> Iterator[str]:
    """Join lines that go on with a blank to the one before (RFC 3261 section 7.3.1)."""
    whole: list[list[str]] = []
    for line in lines:
        if not line.startswith((" ", "\t")):
            whole.append([line])
        elif whole:
            whole[-1].append(line.strip(" \t"))
        else:
            raise Invalid("a first header that goes on")
    if len(whole) > _MOST_HEADERS:
        raise Invalid(f"{len(whole)} headers, the most is {_MOST_HEADERS}")
    for parts in whole:
        line = " ".join(parts)
        if len(line) > _MOST_HEADER_CHARACTERS:
            raise Invalid(f"a header of {len(line)} characters, the most is {_MOST_HEADER_CHARACTERS}")
        yield line


def _body(headers: Headers, rest: bytes) -> bytes:
    lengths = {value for name, value in headers if name.lower() == "content-length"}
    if not lengths:
        return rest
    length = lengths.pop()
    if lengths or not re.fullmatch("[0-9]{1,9}", length):
        raise Invalid(f"Content-Length {length[:60]!r}, expected one number")
    if int(length) > len(rest):
        raise Invalid(f"a body of {len(rest)} bytes, Content-Length says {length}")
    return rest[: int(length)]


def _check(message: Request | Response) -> None:
    for name in _ONCE:
        if len(message.all(name)) != 1 or not message.first(name):
            raise Invalid(f"{len(message.all(name))} headers {name}, expected one with a value")
    if not message.first("Via"):
        raise Invalid("no header Via")
    _, method = message.cseq
    if isinstance(message, Request) and method != message.method:
        raise Invalid(f"CSeq is of {method[:60]}, the request is {message.method[:60]}")


# --- writing ---------------------------------------------------------------------------------------------------


def message_bytes(message: Request | Response) -> bytes:
    """Raises: Invalid: it holds what would not be read again as it is."""
    if isinstance(message, Request):
        first = f"{message.method} {message.uri} SIP/2.0"
        good = _REQUEST_LINE.fullmatch(first)
    else:
        first = f"SIP/2.0 {message.status} {message.reason}"
        good = _STATUS_LINE.fullmatch(first)
    if not good:
        raise Invalid(f"not the first line of a message: {first[:60]!r}")
    headers = [pair for pair in message.headers if pair[0].lower() != "content-length"]
    headers.append(("Content-Length", str(len(message.body))))
    lines = [first]
    for name, value in headers:
        line = f"{name}: {value}"
        if not _HEADER.fullmatch(line):
            raise Invalid(f"not a header: {line[:60]!r}")
        lines.append(line)
    return "\r\n".join([*lines, "", ""]).encode("utf-8", "surrogateescape") + message.body


def response(
    request: Request,
    status: int,
    reason: str,
    tag: str,
    headers: Headers = (),
    source: tuple[str, int] | None = None,
) -> Response:
    """
    Return an answer to a request (RFC 3261 section 8.2.6). `tag` goes into To where it has none; `source` is where
    the request came from, for a sender that wants to be told (`;rport`, RFC 3581 section 4).
    """
    copied = [("Via", via) for via in request.all("Via")]
    if source:
        copied[0] = ("Via", _told(copied[0][1], source))
    to = request.first("To")
    copied += [
        ("From", request.first("From")),
        ("To", to if has_tag(to) else f"{to};tag={tag}"),
        ("Call-ID", request.first("Call-ID")),
        ("CSeq", request.first("CSeq")),
    ]
    return Response(status, reason, headers=(*copied, *headers))


def has_tag(address: str) -> bool:
    """Say whether a From or To has a tag: what stands in quotes or between `<` and `>` is no parameter of it."""
    return _TAG.search(re.sub(_CLOSED, "", address)) is not None


def _told(via: str, source: tuple[str, int]) -> str:
    first, comma, others = via.partition(",")
    ip, port = source
    told = re.sub(r";[ \t]*rport(?=[ \t]*(?:;|$))", f";rport={port};received={ip}", first, count=1)
    return f"{told}{comma}{others}"


def listed(values: Sequence[str]) -> tuple[str, ...]:
    """Return the elements of a header that is a list, whether they came in one line or in several: commas in
    quotes or between `<` and `>` part nothing."""
    return tuple(
        element.strip() for value in values for element in _ELEMENT.findall(value) if element.strip()
    )
