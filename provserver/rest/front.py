"""In front of Klein: bodies that are not too large, paths in one form, and what every answer carries."""

from collections.abc import Callable
from io import BytesIO
from typing import Any, cast

from klein.resource import KleinResource
from twisted.internet.interfaces import IReactorTime
from twisted.python.failure import Failure
from twisted.web.http import HTTPChannel
from twisted.web.http import Request as HTTPRequest
from twisted.web.resource import Resource
from twisted.web.server import Request, Site

from provserver.core.metrics import Counts
from provserver.errors import Invalid, TooLarge
from provserver.rest.codec.paths import normal_segments
from provserver.rest.errors import refusal
from provserver.rest.messages import Reply
from provserver.rest.serving import written

_PATIENCE_S = 120  # until a request is complete, from when its connection was free for it
_DRAINED = 4  # times the largest body: who sends more is cut off
_CUT_OFF = b"HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
_CORS = (  # contract section 2.1
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Allow-Methods", "GET, POST, PUT, DELETE, OPTIONS"),
    (
        "Access-Control-Allow-Headers",
        "Origin, X-Requested-With, Accept, Content-Type, X-Auth-Token, Wazo-Tenant",
    ),
    ("Access-Control-Allow-Credentials", "false"),
    ("Access-Control-Expose-Headers", "Location"),
)


class RestRequest(Request):
    """
    A request whose body is thrown away beyond the site's most. It is read on all the same, with some patience: a
    connection closed with bytes unread is reset, and the client may never see the answer.
    """

    _received = 0

    def gotLength(self, length: int | None) -> None:
        super().gotLength(length)  # type: ignore[no-untyped-call]  # Twisted's
        if length is not None and length > self._most:
            self.content = BytesIO()  # not a temporary file

    def handleContentChunk(self, data: bytes) -> None:
        patience = _DRAINED * self._most
        was_patient = self._received <= patience
        self._received += len(data)
        if not self.is_too_large:
            super().handleContentChunk(data)  # type: ignore[no-untyped-call]  # Twisted's
        elif was_patient and self._received > patience:
            channel: Any = self.channel
            channel.transport.write(_CUT_OFF)
            channel.loseConnection()

    @property
    def is_too_large(self) -> bool:
        return self._received > self._most

    @property
    def _most(self) -> int:
        channel: Any = self.channel
        return cast(RestSite, channel.site).most_body_bytes


class RestChannel(HTTPChannel):
    """
    A connection. There are only so many at a time: whoever opens thousands would take the phones' places, as all need
    one of the system's numbers of open files.
    """

    site: "RestSite"

    def connectionMade(self) -> None:
        super().connectionMade()  # type: ignore[no-untyped-call]  # Twisted's
        if not self.site.admits(self):
            self.loseConnection()  # type: ignore[no-untyped-call]  # Twisted's

    def connectionLost(self, reason: Failure) -> None:  # type: ignore[override]  # Twisted's own has no default either
        self.site.forget(self)
        super().connectionLost(reason)  # type: ignore[no-untyped-call]  # Twisted's

    def resetTimeout(self) -> None:
        """A byte buys no time."""


class RestSite(Site):
    protocol = RestChannel  # type: ignore[assignment]  # Twisted's wraps one that may change to HTTP/2
    requestFactory = RestRequest
    noisy = False

    def __init__(
        self, front: "Front", most_body_bytes: int, most_connections: int, limits: Counts, clock: IReactorTime
    ) -> None:
        """`limits` counts those that were hit."""
        super().__init__(front, timeout=_PATIENCE_S, reactor=clock, parsePOSTFormSubmission=False)  # type: ignore[no-untyped-call]  # Twisted's
        self.most_body_bytes = most_body_bytes
        self._most_connections = most_connections
        self._limits = limits
        self._open: set[HTTPChannel] = set()

    def admits(self, channel: HTTPChannel) -> bool:
        if len(self._open) >= self._most_connections:
            self._limits.add("rest_connections")
            return False
        self._open.add(channel)
        return True

    def forget(self, channel: HTTPChannel) -> None:
        self._open.discard(channel)

    def log(self, request: HTTPRequest) -> None:
        """No line for each request: what was refused has its own."""


class Front(Resource):
    """The only resource of the site."""

    isLeaf = True

    def __init__(
        self, routes: KleinResource, most_body_bytes: int, new_id: Callable[[], str], limits: Counts
    ) -> None:
        """`limits` counts those that were hit."""
        super().__init__()  # type: ignore[no-untyped-call]  # Twisted's
        self._routes = routes
        self._most_body_bytes = most_body_bytes
        self._new_id = new_id
        self._limits = limits

    def render(self, request: RestRequest) -> object:
        for name, value in (*_CORS, ("X-Request-Id", self._new_id())):
            request.responseHeaders.setRawHeaders(name, [value])
        # Klein reads the path as text and the Host as a host's name. The client's own may be neither.
        request.prepath, request.postpath = [], [part.encode() for part in normal_segments(request.path)]
        request.requestHeaders.setRawHeaders("host", ["provd"])
        reply = self._at_once(request)
        return self._routes.render(request) if reply is None else written(request, reply)

    def _at_once(self, request: RestRequest) -> Reply | None:
        """Return the answer where it takes no route."""
        if request.is_too_large:
            self._limits.add("rest_body_bytes")
            return refusal(TooLarge(f"expected a body of at most {self._most_body_bytes} bytes"))
        if request.method == b"OPTIONS":  # whatever the path: browsers ask before they show their token
            return Reply(200)
        if not (request.method.isalpha() and request.method.isupper()):
            return refusal(Invalid("not a method of HTTP"))
        return None
