"""One table from error to answer."""

from collections.abc import Mapping
from types import MappingProxyType

from provserver.errors import (
    AuthAway,
    BadTemplate,
    Closed,
    Conflict,
    Forbidden,
    Invalid,
    NotAssociated,
    NotClaimed,
    NotFound,
    ProvdError,
    StoreFull,
    TooLarge,
    TooManyTries,
    Unauthorized,
    Unreachable,
)
from provserver.rest.codec.media import HOUSE
from provserver.rest.codec.values import NotJson
from provserver.rest.messages import Reply


class NoSuchMethod(ProvdError):
    """The route exists; `allowed` has the methods that it offers."""

    reason_id = "method-not-allowed"

    def __init__(self, method: str, allowed: tuple[str, ...]) -> None:
        super().__init__(f"{method} is not offered here; there are {', '.join(allowed)}")
        self.allowed = allowed


class NotAcceptable(ProvdError):
    reason_id = "not-acceptable"

    def __init__(self) -> None:
        super().__init__(f'You must accept the "{HOUSE}" MIME type.')


class UnsupportedType(ProvdError):
    reason_id = "unsupported-media-type"

    def __init__(self, expected: str = HOUSE) -> None:
        super().__init__(f'Entity must be in media type "{expected}".')


class Stale(ProvdError):
    """The document is no longer the one that `If-Match` names."""

    reason_id = "stale"


class Busy(ProvdError):
    """It is too much now; come again."""

    reason_id = "busy"

    def __init__(self, text: str, retry_s: int) -> None:
        super().__init__(text)
        self.retry_s = retry_s


STATUS: Mapping[type[ProvdError], int] = {
    Invalid: 400,
    NotJson: 400,
    Unauthorized: 401,
    Forbidden: 403,
    NotFound: 404,
    NoSuchMethod: 405,
    NotAcceptable: 406,
    Conflict: 409,
    NotAssociated: 409,
    NotClaimed: 409,
    Stale: 412,
    TooLarge: 413,
    UnsupportedType: 415,
    TooManyTries: 429,
    Unreachable: 502,
    AuthAway: 503,
    Busy: 503,
    Closed: 503,
    StoreFull: 507,
    ProvdError: 500,
}


def refusal(problem: ProvdError, statuses: Mapping[type[ProvdError], int] = MappingProxyType({})) -> Reply:
    """Answer an error; `statuses` go before the table, and in each the nearest class counts."""
    kinds = type(problem).__mro__
    status = next(table[kind] for table in (statuses, STATUS) for kind in kinds if kind in table)
    text = "Unauthorized" if isinstance(problem, Unauthorized) else str(problem)
    document: dict[str, object] = {"message": text, "reason_id": problem.reason_id}
    if isinstance(problem, Invalid) and problem.field:
        document["field"] = problem.field
    if isinstance(problem, BadTemplate):
        document |= {"template": problem.template, "line": problem.line}
    return Reply(status, document, text, _headers(problem))


def _headers(problem: ProvdError) -> tuple[tuple[str, str], ...]:
    if isinstance(problem, NoSuchMethod):
        return (("Allow", ", ".join(problem.allowed)),)
    if isinstance(problem, Busy | TooManyTries):
        return (("Retry-After", str(problem.retry_s)),)
    return ()


BUG = Reply(500, {"message": "Internal Server Error", "reason_id": "internal"}, "Internal Server Error")
