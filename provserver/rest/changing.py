"""Changing a document that was read before."""

from collections.abc import Awaitable, Callable

from provserver.errors import Conflict
from provserver.rest.messages import Reply

_TRIES = 5


async def last_one_wins(change: Callable[[], Awaitable[Reply]]) -> Reply:
    """
    Read, decide and write anew where somebody else was faster: the client named no revision, so it wants to
    replace whatever is there, but not to bring back what was deleted meanwhile.
    """
    for _ in range(_TRIES - 1):
        try:
            return await change()
        except Conflict:
            pass
    return await change()
