"""timelines: the last answers of a device, bounded."""

from twisted.trial.unittest import SynchronousTestCase

from provserver.core.timeline import Timelines
from provserver.model import Answer, Asked, Step


def asked(at: float) -> Asked:
    return Asked(
        at, "http", "10.0.0.7", "x.cfg", Answer("nothing", (Step("match", "match.none", ("v" * 40,)),))
    )


class TimelinesTests(SynchronousTestCase):
    def test_the_newest_come_first_and_the_oldest_go(self) -> None:
        """Who asks wants to know what happened last."""
        timelines = Timelines(most=2, most_bytes=10_000)
        for at in (1.0, 2.0, 3.0):
            timelines.add("d", asked(at))
        self.assertEqual([entry.at for entry in timelines.of("d")], [3.0, 2.0])

    def test_the_device_quiet_for_longest_is_forgotten_first(self) -> None:
        """Memory is bounded in all; a flood of devices must not end the process."""
        timelines = Timelines(most=5, most_bytes=1500)
        for device in ("a", "b", "a", "c"):
            timelines.add(device, asked(1.0))
        self.assertEqual([len(timelines.of(device)) for device in "abc"], [0, 0, 1])

    def test_forgetting_gives_the_bytes_back(self) -> None:
        """Otherwise the bound would shrink with each device that is deleted."""
        timelines = Timelines(most=5, most_bytes=1500)
        timelines.add("a", asked(1.0))
        timelines.forget("a")
        timelines.forget("never-seen")
        timelines.add("b", asked(1.0))
        timelines.add("c", asked(1.0))
        self.assertEqual([len(timelines.of(device)) for device in "abc"], [0, 1, 1])
