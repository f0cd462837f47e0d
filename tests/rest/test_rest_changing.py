"""Writing over a document that others write too."""

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from provserver.errors import Conflict
from provserver.rest.changing import last_one_wins
from provserver.rest.messages import DONE, Reply


class LastOneWinsTests(SynchronousTestCase):
    def changed(self, conflicts: int) -> tuple[Deferred[Reply], list[int]]:
        tries: list[int] = []

        async def change() -> Reply:
            tries.append(len(tries))
            if len(tries) <= conflicts:
                raise Conflict("somebody was faster")
            return DONE

        return Deferred.fromCoroutine(last_one_wins(change)), tries

    def test_it_decides_anew_after_a_conflict(self) -> None:
        """The client asked for no revision, so there is none that it could be told is stale."""
        for conflicts in (0, 1, 4):
            done, tries = self.changed(conflicts)
            self.assertEqual(self.successResultOf(done), DONE)
            self.assertEqual(len(tries), conflicts + 1)

    def test_it_does_not_try_for_ever(self) -> None:
        """A document that somebody writes all the time must not hold the request."""
        done, tries = self.changed(conflicts=100)
        self.failureResultOf(done, Conflict)
        self.assertEqual(len(tries), 5)
