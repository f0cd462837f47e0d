"""What a route is, what it is asked and what it answers: all that its function sees of HTTP."""

from collections.abc import Awaitable, Callable, Mapping

from attrs import field, frozen

from provserver.errors import ProvdError
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
    body: object = None  # decoded JSON

    @property
    def who(self) -> str:
        return f"token:{self.caller.name}"

    def commit(self, *changes: Put | Delete) -> Commit:
        return Commit(changes, self.who, self.why)


@frozen
class Reply:
    """`text` is for who takes no JSON; without `document` and `text` there is no body."""

    status: int
    document: Mapping[str, object] | None = None
    text: str = ""
    headers: tuple[tuple[str, str], ...] = ()


def created(question: Question, doc_id: str) -> Reply:
    """Answer with the id; the Location has neither scheme nor host (contract section 1.1)."""
    location = f"{question.path}/{quoted(doc_id)}"
    return Reply(201, {"id": doc_id}, headers=(("Location", location),))


DONE = Reply(204)


@frozen
class Route:
    """
    One method on one path under ROOT. `<device_id>` in the path is a segment, `{device_id}` in the ACL its value with
    `_` for each dot (contract section 3.3), `{tenant_uuid}` the caller's tenant, which the authenticator fills in.

    `statuses` has where this route differs from the table of all errors.
    """

    method: str
    path: str
    acl: str
    answer: Callable[[Question], Awaitable[Reply]]
    statuses: Mapping[type[ProvdError], int] = field(factory=dict)

    def acl_for(self, segments: Mapping[str, str]) -> str:
        values = {name: value.replace(".", "_") for name, value in segments.items()}
        return self.acl.format(**{"tenant_uuid": "{tenant_uuid}", **values})
