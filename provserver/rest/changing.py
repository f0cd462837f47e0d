"""Changing a document that was read before."""

from collections.abc import Awaitable, Callable

from provserver.errors import Conflict
from provserver.model import Document
from provserver.rest.errors import Stale
from provserver.rest.messages import Query, Question, Reply

_TRIES = 5
IF_MATCH = Query("If-Match", "the ETag that the document must still have", place="header")


async def last_one_wins(change: Callable[[], Awaitable[Reply]]) -> Reply:
    """
    Read, decide and write anew where somebody else was faster: the client named no revision, so it wants to
    replace whatever is there, but not to bring back what was deleted meanwhile. Where it named one, by `If-Match`,
    reading anew finds that it has passed.
    """
    for _ in range(_TRIES - 1):
        try:
            return await change()
        except Conflict:
            pass
    return await change()


def etag(rev: int) -> tuple[str, str]:
    """Return the header that names a revision of a document. What is only seen of a phone changes none."""
    return "ETag", f'"{rev}"'


def check_match(question: Question, document: Document) -> None:
    """Raises: Stale, when `If-Match` names other revisions only (RFC 9110 section 13.1.1)."""
    wanted = question.headers.get("if-match")
    if wanted is None:
        return
    tags = {tag.strip() for tag in wanted.split(",")}
    _, current = etag(document.rev)
    if not tags & {"*", current}:
        raise Stale(f"the document is at {current} now, and If-Match asks for {wanted[:60]}")
