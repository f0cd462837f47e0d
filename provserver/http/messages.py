"""Phone HTTP as values: from the parts of a request to a Sighting, from an Answer to status, headers and bytes."""

import re
from collections.abc import Mapping
from email.utils import formatdate
from functools import lru_cache
from urllib.parse import parse_qsl, unquote_to_bytes

from attrs import field, frozen

from provserver.address import normal_path
from provserver.errors import Invalid
from provserver.http.proxies import Proxies, asked_base, forwarded_certificate, origin
from provserver.http.ranges import selected
from provserver.model import Answer, File, Sighting, Upload

METHODS = ("GET", "HEAD", "POST", "PUT")
_OTHER_METHODS = ("CONNECT", "DELETE", "OPTIONS", "PATCH", "TRACE")
_ABSOLUTE = re.compile(rb"https?://[^/?#]*", re.IGNORECASE)
_MOST_FIELDS = 100  # of a query; the most known of a phone are 6


@frozen
class PhoneRequest:
    """One HTTP request, decoded no further than its framing."""

    method: str
    target: bytes = field(repr=False)  # as in the request line; may hold a key
    peer: str  # address at the other end of the connection, in normal form
    base: str  # our end of it: `http://192.0.2.10:8667`
    at: float
    headers: Mapping[str, str] = field(factory=dict, repr=False)  # lower-case name; lines joined with `, `
    certificate: tuple[str, ...] = ()  # names in a client certificate of this connection that verified


@frozen
class Piece:
    """A part of a file on disk, to be sent as the body; `size` is the whole file's."""

    place: str
    size: int
    start: int
    length: int


@frozen
class Reply:
    """What goes back. `refused` says for the log why the request is wrong in itself, else it is empty."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = field(default=b"", repr=False)
    piece: Piece | None = None
    upload: Upload | None = None  # of 204: where the body goes
    refused: str = ""


# --- from bytes to a sighting ----------------------------------------------------------------------------------


def sighting_of(request: PhoneRequest, proxies: Proxies) -> Sighting:
    """
    Return what a request says of the phone. What a proxy that vouches for it says goes before what its connection
    shows: that one is the proxy's.

    Raises:
        Invalid: the request target has no meaning. The text never holds any of it, since it may hold a key.
    """
    path, _, query = _origin_form(request.target).partition(b"?")
    headers = request.headers
    came_from = origin(request.peer, proxies.trusted, headers)
    base, certificate = request.base, request.certificate
    if came_from.vouched:
        base = asked_base(base, headers)
        certificate = forwarded_certificate(headers) if proxies.certificates else ()
    return Sighting(
        "http",
        request.at,
        came_from.ip,
        base,
        path=normal_path(unquote_to_bytes(path).decode("utf-8", "surrogateescape")),
        method=request.method,
        query=_pairs(query.decode("utf-8", "surrogateescape")) if query else (),
        user_agent=headers.get("user-agent", ""),
        certificate=certificate,
        authorization=headers.get("authorization", ""),
        target=request.target.decode("latin-1"),
        unknown_proxy=came_from.unknown_proxy,
    )


def _origin_form(target: bytes) -> bytes:
    """Return path and query, also of a whole URL, which any server must take (RFC 9112 section 3.2.2)."""
    if target.startswith(b"/"):
        return target
    absolute = _ABSOLUTE.match(target)
    if absolute is None:
        raise Invalid("the request target is neither a path beginning with / nor an http URL")
    return target[absolute.end() :]


def _pairs(query: str) -> tuple[tuple[str, str], ...]:
    try:
        pairs = parse_qsl(
            query, keep_blank_values=True, errors="surrogateescape", max_num_fields=_MOST_FIELDS
        )
    except ValueError:
        raise Invalid(f"a query of more than {_MOST_FIELDS} fields") from None
    return tuple(pairs)


# --- from an answer to bytes -----------------------------------------------------------------------------------


def text_reply(
    status: int, text: str, headers: tuple[tuple[str, str], ...] = (), refused: str = "", method: str = "GET"
) -> Reply:
    body = f"{text}\n".encode("utf-8", "backslashreplace")
    described = (("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body))))
    return Reply(status, (*described, *headers), b"" if method == "HEAD" else body, refused=refused)


def bad_method(method: str) -> Reply | None:
    """Return the refusal of a method that no phone has a use for; None for those that are served."""
    if method in METHODS:
        return None
    status = 405 if method in _OTHER_METHODS else 501
    allowed = ", ".join(METHODS)
    return text_reply(
        status, f"this server knows {allowed}", (("Allow", allowed),), f"method {method[:20]}", method
    )


def refusal(status: int, text: str, headers: tuple[tuple[str, str], ...] = (), method: str = "GET") -> Reply:
    """Return the reply to a request that is wrong in itself; `text` is for both the phone's owner and the log."""
    return text_reply(status, text, headers, text, method)


def nothing(method: str) -> Reply:
    """Return the one reply to what is unknown, refused or not existing: outside they are the same."""
    return text_reply(404, "not found", method=method)


def busy(retry_s: int, method: str = "GET", refused: str = "") -> Reply:
    retry = (("Retry-After", str(max(1, retry_s))),)
    return text_reply(503, "busy, please come again", retry, refused, method)


def reply_to(request: PhoneRequest, answer: Answer) -> Reply:
    method = request.method
    if answer.outcome == "file":
        assert answer.file
        return _file(request, answer.file)
    if answer.outcome == "noted":
        return Reply(204, upload=answer.upload)
    if answer.outcome == "busy":
        return busy(answer.retry_s, method)
    if answer.outcome == "challenge":
        asked = tuple(("WWW-Authenticate", challenge) for challenge in answer.challenges)
        return text_reply(401, "unauthorized", asked, method=method)
    if answer.outcome == "bad":
        return text_reply(400, "bad request", method=method)
    return nothing(method)


def _file(request: PhoneRequest, file: File) -> Reply:
    modified = max(0, int(min(file.modified, request.at)))  # RFC 9110 section 8.8.2.1: never in the future
    chosen = selected(request.method, request.headers, file.etag, modified, file.size)
    validators = (("ETag", f'"{file.etag}"'), ("Last-Modified", http_date(modified)))
    if chosen.status == 304:
        return Reply(304, validators)
    if chosen.status == 412:
        return text_reply(412, "precondition failed", method=request.method)
    if chosen.status == 416:
        unsatisfied = (("Content-Range", f"bytes */{file.size}"),)
        return text_reply(416, "the range is not in the file", unsatisfied, method=request.method)
    start, end = chosen.start, chosen.start + chosen.length
    part = (("Content-Range", f"bytes {start}-{end - 1}/{file.size}"),) if chosen.status == 206 else ()
    described = (
        ("Content-Type", file.media_type),
        ("Content-Length", str(chosen.length)),
        *validators,
        ("Accept-Ranges", "bytes"),
        *part,
    )
    if request.method == "HEAD" or not chosen.length:
        return Reply(chosen.status, described)
    if file.body is not None:
        return Reply(chosen.status, described, file.body[start:end])
    assert file.place is not None
    return Reply(chosen.status, described, piece=Piece(file.place, file.size, start, chosen.length))


@lru_cache(1024)
def http_date(at: int) -> str:
    """Return `Sun, 06 Nov 1994 08:49:37 GMT`."""
    return formatdate(at, usegmt=True)
