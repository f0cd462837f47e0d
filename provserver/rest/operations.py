"""
Operations in progress (contract section 9): each is a resource below the one that it was asked of, numbered from 1.

They are kept in memory, and forgotten an hour after they ended: most clients never delete them.
"""

import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping

from attrs import define
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from provserver.core.operations import Operation
from provserver.errors import NotFound, ProvdError
from provserver.rest.codec import shapes
from provserver.rest.codec.paths import quoted
from provserver.rest.messages import DONE, ROOT, Question, Reply, Route

Tell = Callable[[Operation], None]
Work = Callable[[Tell], Awaitable[Operation]]

_KEPT_S = 3600  # after it ended
_MOST = 10_000  # then the oldest goes, ended or not


@define
class _Kept:
    operation: Operation
    ended_at: float = 0.0


class Operations:
    _log = Logger()

    def __init__(self, clock: IReactorTime) -> None:
        self._clock = clock
        self._kept: OrderedDict[str, _Kept] = OrderedDict()  # by path, oldest first
        self._counts: dict[str, int] = {}  # by the path of what they were asked of

    def routes(self, *parents: str) -> tuple[Route, ...]:
        """Return the routes of the operations below these paths (`/dev_mgr/synchronize`)."""
        routes = []
        for parent in parents:
            one = f"{parent}/<operation_id>"
            said = f"an operation of {parent}"
            routes += [
                Route(
                    "GET",
                    one,
                    "provd.operation.read",
                    self.read,
                    exists=self._exists(one),
                    summary=f"Read {said}",
                    gives=shapes.OperationStatus,
                ),
                Route(
                    "DELETE",
                    one,
                    "provd.operation.delete",
                    self.delete,
                    exists=self._exists(one),
                    summary=f"Forget {said}; what is under way goes on",
                ),
            ]
        return tuple(routes)

    def begin(self, path: str, operation: Operation, work: Work | None) -> str:
        """
        Set to work, and return the path of the operation. `path`: of the resource that was asked, as in a Question.

        `work` is given what tells of progress, and returns how it ended; a ProvdError is how it failed. None: there
        is nothing left to do.
        """
        self._forget_old()
        self._counts[path] = number = self._counts.get(path, 0) + 1
        kept = _Kept(operation, self._clock.seconds())
        place = f"{path}/{number}"
        self._kept[place] = kept

        def tell(now: Operation) -> None:
            if not kept.operation.ended:
                kept.operation = now

        if work:
            Deferred.fromCoroutine(self._run(kept, work, tell))
        return place

    def started(self, question: Question, operation: Operation, work: Work | None) -> Reply:
        """Set to work, and answer where to look. The Location has neither scheme nor host (contract section 1.1)."""
        return Reply(201, headers=(("Location", self.begin(question.path, operation, work)),))

    def ended(self, question: Question, operation: Operation) -> Reply:
        """Answer where to look for what is done already."""
        return self.started(question, operation, None)

    async def read(self, question: Question) -> Reply:
        operation = self._kept[self._named(question)].operation
        document: dict[str, object] = {"status": operation.status}
        if operation.reason_id:
            document |= {"reason_id": operation.reason_id, "message": operation.reason}
        return Reply(200, document)

    async def delete(self, question: Question) -> Reply:
        del self._kept[self._named(question)]
        return DONE

    async def _run(self, kept: _Kept, work: Work, tell: Tell) -> None:
        try:
            tell(await work(tell))
        except ProvdError as problem:
            tell(kept.operation.failed(problem.reason_id, str(problem)))
        except Exception:  # nobody waits for it but the client, who must not wait for ever
            self._log.failure("an operation failed by a bug")
            tell(kept.operation.failed("internal", "Internal Server Error"))
        kept.ended_at = self._clock.seconds()

    def _forget_old(self) -> None:
        until = self._clock.seconds() - _KEPT_S
        while self._kept:
            oldest = next(iter(self._kept.values()))
            old = oldest.operation.ended and oldest.ended_at < until
            if not old and len(self._kept) < _MOST:
                return
            self._kept.popitem(last=False)

    def _exists(self, pattern: str) -> Callable[..., bool]:
        return lambda segments: _place(pattern, segments) in self._kept

    def _named(self, question: Question) -> str:
        """Raises: NotFound, when it went between the route and here."""
        if question.path not in self._kept:
            raise NotFound("No such resource")
        return question.path


def _place(pattern: str, segments: Mapping[str, str]) -> str:
    """Return the path of an operation, as it was made: `/0.2/dev_mgr/synchronize/3`."""
    return ROOT + re.sub(r"<(\w+)>", lambda name: quoted(segments[name[1]]), pattern)
