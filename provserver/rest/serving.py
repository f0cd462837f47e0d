"""Klein, kept thin: it finds the route. What is common to all routes happens here, in the contract's order:
route, method, token, media types, JSON; then the route's own function."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import IO

from klein import Klein
from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web.iweb import IRequest
from twisted.web.server import Request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from provserver.core.secrets import SEE_SECRETS
from provserver.errors import NotFound, ProvdError, Unauthorized
from provserver.interfaces import IAuthenticator
from provserver.model import Caller
from provserver.rest.codec.media import is_json, json_type
from provserver.rest.codec.paths import decoded, read_query
from provserver.rest.codec.values import read_json, write_json
from provserver.rest.errors import BUG, NoSuchMethod, NotAcceptable, UnsupportedType, refusal
from provserver.rest.messages import ROOT, Question, Reply, Route
from provserver.rest.turns import Turns

_log = Logger()
_HEADERS = ("if-match", "last-event-id")  # that routes look at
NOBODY = Caller("nobody", "", frozenset())  # who asks where no token is asked for


def klein_app(routes: Iterable[Route], authenticator: IAuthenticator, turns: Turns) -> Klein:
    app = Klein()
    app.url_map.merge_slashes = False  # `devices//` would be redirected, and an empty segment is one
    for route in routes:
        endpoint = f"{route.method} {route.path}"
        app.route(ROOT + route.path, methods=[route.method], endpoint=endpoint)(
            _server(route, authenticator, turns)
        )
    app.handle_errors(HTTPException)(_no_route)
    return app


def _server(route: Route, authenticator: IAuthenticator, turns: Turns) -> Callable[..., Deferred[bytes]]:
    """
    Return what answers requests on a route that exists.

    Klein cancels what it waits for when the client goes away. A change under way must not be cancelled: what Klein
    waits for is therefore another Deferred, which forgets the answer then.
    """

    def serve(request: Request, **segments: str) -> Deferred[bytes]:
        waited_for: Deferred[Reply] = Deferred()
        answer = _answer(route, authenticator, request, segments)
        turns.run(lambda: Deferred.fromCoroutine(answer).chainDeferred(waited_for))
        return waited_for.addCallback(partial(_served, request))

    return serve


def _served(request: Request, reply: Reply) -> bytes | Deferred[bytes]:
    body = written(request, reply)
    if reply.follow is None or request.method == b"HEAD":
        return body
    return reply.follow(request)


async def _answer(
    route: Route, authenticator: IAuthenticator, request: Request, segments: Mapping[str, str]
) -> Reply:
    statuses: Mapping[type[ProvdError], int] = {}
    try:
        question = await _question(route, authenticator, request, segments)
        statuses = route.statuses
        return await route.answer(question)
    except ProvdError as problem:
        return refusal(problem, statuses)
    except Exception:  # the outer edge: whatever it is, others are served, and the client learns no traceback
        _log.failure("{request}: a bug", request=_named(request))
        return BUG


async def _question(
    route: Route, authenticator: IAuthenticator, request: Request, quoted_segments: Mapping[str, str]
) -> Question:
    """Raises: ProvdError, when the request may not reach the route's function."""
    segments = {name: decoded(segment) for name, segment in quoted_segments.items()}
    if route.exists and not route.exists(segments):
        raise NotFound("No such resource")
    token, tenant = _header(request, "x-auth-token"), _header(request, "wazo-tenant")
    caller = NOBODY
    if route.acl:
        caller = await authenticator.authorize(token or "", route.acl_for(segments), tenant)
    sees_secrets = route.secrets and await _sees_secrets(authenticator, token or "", tenant)
    body: object = None
    if route.method in ("POST", "PUT"):
        assert request.content
        body = _read_body(route, _header(request, "content-type") or "", request.content)
    elif route.method == "GET" and not route.media_type and json_type(_header(request, "accept")) is None:
        raise NotAcceptable
    path = _path(request)
    query = read_query(request.uri.partition(b"?")[2])
    headers = {name: value for name in _HEADERS if (value := _header(request, name)) is not None}
    return Question(caller, f"{route.method} {path}", path, segments, query, body, headers, sees_secrets)


async def _sees_secrets(authenticator: IAuthenticator, token: str, tenant: str | None) -> bool:
    """Raises: AuthAway."""
    try:
        await authenticator.authorize(token, SEE_SECRETS, tenant)
    except Unauthorized:
        return False
    return True


def _read_body(route: Route, content_type: str, content: IO[bytes]) -> object:
    """Raises: UnsupportedType, NotJson."""
    if route.takes_type:
        if content_type.partition(";")[0].strip().lower() != route.takes_type:
            raise UnsupportedType(route.takes_type)
        return content.read()
    if not is_json(content_type):
        raise UnsupportedType
    return read_json(content.read())


def _no_route(request: IRequest, failure: Failure) -> bytes:
    """Klein found no route, or none with this method: nobody asks for a token (contract section 1)."""
    assert isinstance(request, Request)
    problem: ProvdError = NotFound("No such resource")
    if isinstance(failure.value, MethodNotAllowed):
        problem = NoSuchMethod(_text(request.method), tuple(sorted(failure.value.valid_methods or ())))
    return written(request, refusal(problem))


def written(request: Request, reply: Reply) -> bytes:
    """Set status and headers; return the body in a form that the client takes."""
    request.setResponseCode(reply.status)
    if reply.status >= 400:
        _log_refusal(request, reply)
    media_type, body = _body(_header(request, "accept"), reply)
    headers = dict(reply.headers)
    if reply.status != 204 and reply.follow is None:
        headers["Content-Length"] = str(len(body))
    if body or reply.media_type:
        headers["Content-Type"] = media_type
    for name, value in headers.items():
        request.responseHeaders.setRawHeaders(name, [value])
    return body


def _body(accept: str | None, reply: Reply) -> tuple[str, bytes]:
    """An error is text, as clients of the reference know it, for all that do not ask for JSON."""
    if reply.media_type:
        return reply.media_type, reply.body
    json = json_type(accept)
    if reply.text and (json is None or accept is None):
        return "text/plain; charset=utf-8", reply.text.encode("utf-8", "backslashreplace")
    return json or "", write_json(reply.document) if reply.document is not None else b""


def _log_refusal(request: Request, reply: Reply) -> None:
    log = _log.debug if reply.status == 404 else _log.warn  # clients ask whether something exists
    log("{request}: {status}, {text!r}", request=_named(request), status=reply.status, text=reply.text)


def _named(request: Request) -> str:
    """Name a request in a log, without its query: it may hold a provisioning key."""
    request_ids = request.responseHeaders.getRawHeaders("x-request-id") or ["-"]
    return f"{request_ids[0]} {_text(request.method)} {_path(request)}"


def _header(request: Request, name: str) -> str | None:
    """Return the first header of a name; its bytes may be anything."""
    values = request.requestHeaders.getRawHeaders(name.encode())
    return values[0].decode("latin-1") if values else None


def _path(request: Request) -> str:
    segments: list[bytes] = (request.prepath or []) + (request.postpath or [])
    return _text(b"/" + b"/".join(segments))


def _text(data: bytes) -> str:
    return data.decode("ascii", "backslashreplace")
