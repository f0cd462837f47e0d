"""What a route is, what it is asked and what it answers: all that its function sees of HTTP."""

from collections.abc import Awaitable, Callable, Mapping

from attrs import field, frozen
from twisted.internet.defer import Deferred
from twisted.web.server import Request

from provserver.core.secrets import masked, restored
from provserver.errors import ProvdError
from provserver.interfaces import D
from provserver.model import Caller, Commit, Delete, Put
from provserver.rest.codec.paths import quoted

ROOT = "/0.2"


@frozen
class Question:
    """A request whose route, token, media types and JSON are right."""

    caller: Caller
    why: str  # `PUT /0.2/dev_mgr/devices/3f2a`, for the history
    path: str  # as asked, each segment quoted
    segments: Mapping[str, str] = field(factory=dict)  # those that the route names, decoded
    query: Mapping[str, str] = field(factory=dict)
    body: object = None  # decoded JSON; bytes where the route takes something else
    headers: Mapping[str, str] = field(factory=dict)  # `if-match` and `last-event-id`, where they were sent
    sees_secrets: bool = False  # the caller has the ACL for it; looked at only where the route says `secrets`

    @property
    def who(self) -> str:
        return f"token:{self.caller.name}"

    @property
    def recurses(self) -> bool:
        """Say whether a list is to look beneath the tenant too (contract section 6.1)."""
        return self.query.get("recurse") in ("true", "True")

    def shown(self, document: D) -> D:
        """Return a document as the caller may see it."""
        return document if self.sees_secrets else masked(document)

    def meant(self, document: D, kept: D | None) -> D:
        """Return what the caller means who changes `shown(kept)`. Raises: Invalid."""
        return document if self.sees_secrets else restored(document, kept)

    def commit(self, *changes: Put | Delete) -> Commit:
        return Commit(changes, self.who, self.why)


@frozen
class Reply:
    """`text` is for who takes no JSON; `body`, of `media_type`, is an answer that is no document. With none of them
    there is no body."""

    status: int
    document: Mapping[str, object] | None = None
    text: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    media_type: str = ""
    follow: Callable[[Request], Deferred[bytes]] | None = None  # writes what comes later; fires at the end


def created(question: Question, doc_id: str, *headers: tuple[str, str]) -> Reply:
    """Answer with the id; the Location has neither scheme nor host (contract section 1.1)."""
    location = f"{question.path}/{quoted(doc_id)}"
    return Reply(201, {"id": doc_id}, headers=(("Location", location), *headers))


DONE = Reply(204)


@frozen
class Query:
    """What a request may say beside its body: in the query, unless `place` is `header` or `path`."""

    name: str
    what: str  # for the reader
    kind: type = str
    required: bool = False
    place: str = "query"


@frozen
class Route:
    """
    One method on one path under ROOT. `<device_id>` in the path is a segment, `{device_id}` in the ACL its value with
    `_` for each dot (contract section 3.3), `{tenant_uuid}` the caller's tenant, which the authenticator fills in.

    An empty ACL asks for no token. `statuses` has where this route differs from the table of all errors. What follows
    it is for the reader, by whom the API is described: the documents made of it are what the tests hold it to.
    """

    method: str
    path: str
    acl: str
    answer: Callable[[Question], Awaitable[Reply]]
    statuses: Mapping[type[ProvdError], int] = field(factory=dict)
    exists: Callable[[Mapping[str, str]], bool] | None = None  # asked before the token; else it is 404
    summary: str = field(default="", kw_only=True)
    takes: object = field(default=None, kw_only=True)  # the type of its body
    takes_type: str = field(default="", kw_only=True)  # the media type of a body that is no JSON document
    gives: object = field(default=None, kw_only=True)  # the type of its answer, None where it has no body
    query: tuple[Query, ...] = field(default=(), kw_only=True)
    secrets: bool = field(default=False, kw_only=True)  # there may be some in what it takes or gives
    success: int = field(kw_only=True)
    media_type: str = field(default="", kw_only=True)  # of an answer that is no JSON document

    @success.default
    def _success(self) -> int:
        return {"GET": 200, "POST": 201}.get(self.method, 204)

    def acl_for(self, segments: Mapping[str, str]) -> str:
        values = {name: value.replace(".", "_") for name, value in segments.items()}
        return self.acl.format(**{"tenant_uuid": "{tenant_uuid}", **values})
