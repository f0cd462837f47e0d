"""a real process, killed with SIGKILL."""

import pytest
from twisted.trial.unittest import SynchronousTestCase

from tests.store.crash import harness


class CrashTests(SynchronousTestCase):
    def check(self, kills: int, seed: int) -> None:
        figures = harness(kills, seed)
        self.assertEqual(
            (figures.lost, figures.half, figures.invented, figures.unrecorded), (0, 0, 0, 0), figures
        )
        self.assertEqual(figures.kills, kills)
        self.assertGreater(figures.acknowledged, 20 * kills)

    def test_nothing_acknowledged_is_lost_and_nothing_is_half_there(self) -> None:
        """Kill -9 at any instant, in starts, groups and compactions; the next start has it all, history included."""
        self.check(24, seed=0)

    @pytest.mark.long
    def test_the_same_thousands_of_times(self) -> None:
        """What happens once in a thousand kills happens every week to somebody."""
        self.check(3_000, seed=1)
