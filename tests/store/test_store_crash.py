"""a real process, killed with SIGKILL."""

import tempfile
from pathlib import Path

import pytest
from twisted.trial.unittest import SynchronousTestCase

from tests.store.crash import PLACE, harness


class CrashTests(SynchronousTestCase):
    def check(self, kills: int, seed: int) -> None:
        with tempfile.TemporaryDirectory(dir=PLACE) as folder:
            figures = harness(Path(folder) / "store", kills, seed)
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
        """What happens once in a thousand kills happens every week to somebody. A store for each hundred: the more
        there is to compare, the rarer the kills."""
        for seed in range(1, 31):
            self.check(100, seed)
