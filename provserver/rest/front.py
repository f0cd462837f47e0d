"""In front of Klein: bodies that are not too large, paths in one form, and what every answer carries."""

from collections.abc import Callable
from io import BytesIO
from typing import Any, cast

from klein.resource import KleinResource
from twisted.internet.interfaces import IReactorTime
from twisted.web.http import Request as HTTPRequest
from twisted.web.resource import Resource
from twisted.web.server import Request, Site

from provserver.errors import Invalid, TooLarge
from provserver.rest.codec.paths import normal_segments
from provserver.rest.errors import refusal
from provserver.rest.messages import Reply
from provserver.rest.serving import written

_IDLE_S = 60
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


class RestSite(Site):
    requestFactory = RestRequest
    noisy = False

    def __init__(self, front: "Front", most_body_bytes: int, clock: IReactorTime) -> None:
        super().__init__(front, timeout=_IDLE_S, reactor=clock, parsePOSTFormSubmission=False)  # type: ignore[no-untyped-call]  # Twisted's
        self.most_body_bytes = most_body_bytes

    def log(self, request: HTTPRequest) -> None:
        """No line for each request: what was refused has its own."""


class Front(Resource):
    """The only resource of the site."""

    isLeaf = True

    def __init__(self, routes: KleinResource, most_body_bytes: int, new_id: Callable[[], str]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # Twisted's
        self._routes = routes
        self._most_body_bytes = most_body_bytes
        self._new_id = new_id

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
            return refusal(TooLarge(f"expected a body of at most {self._most_body_bytes} bytes"))
        if request.method == b"OPTIONS":  # whatever the path: browsers ask before they show their token
            return Reply(200)
        if not (request.method.isalpha() and request.method.isupper()):
            return refusal(Invalid("not a method of HTTP"))
        return None
