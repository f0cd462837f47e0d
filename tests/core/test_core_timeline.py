"""timelines: the last answers of a device, bounded."""

from twisted.trial.unittest import SynchronousTestCase

from provserver.core.timeline import Timelines
from provserver.model import Answer, Asked, File, Step, Upload


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
        timelines = Timelines(most=5, most_bytes=550)
        for device in ("a", "b", "a", "c"):
            timelines.add(device, asked(1.0))
        self.assertEqual([len(timelines.of(device)) for device in "abc"], [0, 0, 1])

    def test_forgetting_gives_the_bytes_back(self) -> None:
        """Otherwise the bound would shrink with each device that is deleted."""
        timelines = Timelines(most=5, most_bytes=550)
        timelines.add("a", asked(1.0))
        timelines.forget("a")
        timelines.forget("never-seen")
        timelines.add("b", asked(1.0))
        timelines.add("c", asked(1.0))
        self.assertEqual([len(timelines.of(device)) for device in "abc"], [0, 1, 1])

    def test_what_is_kept_is_what_was_answered(self) -> None:
        """Each part of an answer is somebody's question."""
        file = File("x.cfg", "text/plain", "e7a9", 4096, 7.5, place="static/x.cfg")
        upload = Upload("d", "00:15:65:4a:a9:37", "x.log", 1_000)
        answers = (
            Answer("file", (Step("find", "find.found", ("x.cfg", "device")),), "d", file),
            Answer("noted", (), "d", upload=upload),
            Answer("busy", (), retry_s=30),
            Answer("challenge", (), challenges=("Digest one", "Digest two")),
        )
        timelines = Timelines(most=5, most_bytes=10_000)
        kept = [Asked(float(number), "tftp", "fd00::7", "x.cfg", one) for number, one in enumerate(answers)]
        for one in kept:
            timelines.add("d", one)
        self.assertEqual(list(timelines.of("d")), kept[::-1])

    def test_a_phones_odd_bytes_can_be_shown(self) -> None:
        """They come as lone surrogates, which nothing can write."""
        timelines = Timelines(most=5, most_bytes=10_000)
        answer = Answer("nothing", (Step("find", "find.no-rule", ("acme-2", "\udcff.cfg")),))
        timelines.add("d", Asked(1.0, "http", "10.0.0.7", "\udcff.cfg", answer))
        (shown,) = timelines.of("d")
        self.assertEqual(
            (shown.path, shown.answer.steps[0].values), ("\\udcff.cfg", ("acme-2", "\\udcff.cfg"))
        )
        self.assertEqual(shown.at, 1.0)
