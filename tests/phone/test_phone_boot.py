"""The runner of scripts: it waits, asks, tells, and passes on."""

from twisted.internet.defer import Deferred, ensureDeferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from provserver.phone.boot import boot
from provserver.phone.profiles import PROFILES
from provserver.phone.values import Exchange, Fetched, Memory, Report, Unreachable
from tests.phone.scripted import BASE, T46S, TableServer, config, ok

OWN = "0015654aa937.cfg"


class BootTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.told: list[Exchange] = []

    def boot(self, answers: dict[str, Fetched | Exception]) -> Deferred[Report]:
        script = PROFILES["yealink"].boot(T46S, BASE, Memory())
        server = TableServer(self.clock, answers)
        return ensureDeferred(boot(T46S, script, server.fetch, self.clock, self.told.append))

    def test_every_answer_is_told_with_its_time(self) -> None:
        """The rows are shown as they come, and the report holds them all."""
        report = self.successResultOf(self.boot({OWN: ok(config())}))
        self.assertTrue(report.provisioned)
        self.assertEqual([exchange.fetched.status for exchange in self.told], [404, 404, 404, 200])
        self.assertEqual([round(exchange.took_s, 6) for exchange in self.told], [0.002] * 4)
        self.assertEqual(report.exchanges, tuple(self.told))

    def test_it_waits_as_long_as_the_script_says(self) -> None:
        """The time comes from the clock it is given: a test needs no real minute."""
        waiting = self.boot({OWN: Fetched(503, {"retry-after": "7"})})
        self.assertEqual(len(self.told), 4)
        self.assertNoResult(waiting)
        self.clock.advance(6.9)
        self.assertEqual(len(self.told), 4)
        self.clock.advance(0.1)
        self.assertEqual(len(self.told), 5)
        self.clock.pump([7, 7])
        self.assertFalse(self.successResultOf(waiting).provisioned)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_nobody_there_is_a_report_too(self) -> None:
        """Of a hundred phones one may be unable to ask: the others go on."""
        report = self.successResultOf(self.boot({"0015654aa937.boot": Unreachable("cannot reach it")}))
        self.assertEqual(report, Report(T46S, (), None, "cannot reach it"))
        self.assertFalse(report.provisioned)

    def test_nobody_there_later_is_the_scripts_to_judge(self) -> None:
        """It is thrown in where the answer would have been, and the script goes on."""
        report = self.successResultOf(
            self.boot({"y000000000066.cfg": Unreachable("gone"), OWN: ok(config())})
        )
        assert report.booted is not None
        self.assertEqual(report.booted.problems, ("gone",))
        self.assertTrue(report.provisioned)
