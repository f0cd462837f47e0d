"""Operations over REST: numbers, deleting, expiry, and what goes wrong (contract section 9)."""

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from provserver.core.operations import Operation
from provserver.errors import Unreachable
from provserver.model import Caller
from provserver.rest.messages import Question, Reply, Route
from provserver.rest.operations import Operations, Tell

PATH = "/pg_mgr/plugins/<plugin_id>/install"


class OperationTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.operations = Operations(self.clock)
        self.get, self.delete = self.operations.routes(PATH)
        self.done: Deferred[Operation]  # of the one begun last

    def question(self, path: str) -> Question:
        return Question(Caller("anna", "t", frozenset({"t"})), f"POST {path}", path)

    def begin(self, path: str = "/0.2/pg_mgr/plugins/a/install") -> str:
        done = self.done = Deferred()

        async def work(tell: Tell) -> Operation:
            tell(Operation("progress"))
            return await done

        return self.operations.begin(path, Operation(), work)

    def asked(self, route: Route, path: str) -> Reply:
        return self.successResultOf(Deferred.fromCoroutine(route.answer(self.question(path))))  # type: ignore[arg-type]  # Awaitable

    def exists(self, plugin_id: str, number: str) -> bool:
        assert self.get.exists
        return self.get.exists({"plugin_id": plugin_id, "operation_id": number})

    def document(self, path: str) -> object:
        return self.asked(self.get, path).document

    def test_each_resource_counts_from_one(self) -> None:
        """The reference does, and so its clients' recordings say."""
        first, second, other = self.begin(), self.begin(), self.begin("/0.2/pg_mgr/plugins/b/install")
        self.assertEqual(first, "/0.2/pg_mgr/plugins/a/install/1")
        self.assertEqual(second, "/0.2/pg_mgr/plugins/a/install/2")
        self.assertEqual(other, "/0.2/pg_mgr/plugins/b/install/1")
        self.assertTrue(self.exists("b", "1"))
        for plugin_id, number in (("b", "2"), ("a", "3"), ("a", "01"), ("a", ""), ("a", "1/"), ("c", "1")):
            self.assertFalse(self.exists(plugin_id, number), (plugin_id, number))

    def test_it_exists_before_its_work_has_ended(self) -> None:
        """A client reads it in the moment that it learns where."""
        place = self.begin()
        self.assertEqual(self.document(place), {"status": "progress"})
        self.done.callback(Operation("success"))
        self.assertEqual(self.document(place), {"status": "success"})

    def test_how_it_fails(self) -> None:
        """A refusal says why; a bug is logged, and the client does not wait for ever."""
        refused = self.begin()
        self.done.errback(Unreachable("nobody there"))
        self.assertEqual(
            self.document(refused), {"status": "fail", "reason_id": "unreachable", "message": "nobody there"}
        )
        broken = self.begin()
        self.done.errback(ZeroDivisionError())
        self.assertEqual(
            self.document(broken),
            {"status": "fail", "reason_id": "internal", "message": "Internal Server Error"},
        )
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)

    def test_to_delete_it_stops_nothing(self) -> None:
        """It is only forgotten."""
        place = self.begin()
        self.assertEqual(self.asked(self.delete, place).status, 204)
        self.assertFalse(self.exists("a", "1"))
        self.done.callback(Operation("success"))
        self.assertEqual(self.begin(), "/0.2/pg_mgr/plugins/a/install/2")

    def test_forgotten_ones_go(self) -> None:
        """An hour after they ended: most clients never delete them. What is under way stays."""
        self.begin()
        self.clock.advance(4000)
        self.done.callback(Operation("success"))
        self.clock.advance(3599)
        self.begin()
        self.assertTrue(self.exists("a", "1"))
        self.clock.advance(2)
        self.begin()
        self.assertFalse(self.exists("a", "1"))
        self.clock.advance(10_000)
        self.begin()
        self.assertTrue(self.exists("a", "3"))

    def test_there_are_never_more_than_ten_thousand(self) -> None:
        """Work that hangs may not fill the memory."""
        for _ in range(10_001):
            self.begin()
        self.assertFalse(self.exists("a", "1"))
        self.assertTrue(self.exists("a", "2"))

    def test_one_that_went_meanwhile_is_404(self) -> None:
        """While the token was asked about, another client deleted it."""
        gone = self.get.answer(self.question("/0.2/x/1"))
        waiting: Deferred[Reply] = Deferred.fromCoroutine(gone)  # type: ignore[arg-type]  # Awaitable
        self.assertEqual(self.failureResultOf(waiting).value.reason_id, "not-found")
