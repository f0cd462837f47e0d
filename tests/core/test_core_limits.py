"""limits: bursts are allowed, floods are not, and memory is bounded."""

from twisted.trial.unittest import SynchronousTestCase

from provserver.core import limits
from provserver.core.limits import Admission, Buckets, NatWatch, OncePerMinute


class BucketsTests(SynchronousTestCase):
    def test_a_burst_then_a_rate(self) -> None:
        """An office that is switched on is a burst; who goes on is told when to come again."""
        buckets = Buckets(burst=3, per_minute=6)
        for _ in range(3):
            self.assertEqual(buckets.wait_s("a", 100.0), 0)
            buckets.take("a", 100.0)
        self.assertEqual(buckets.wait_s("a", 100.0), 11)
        self.assertEqual(buckets.wait_s("b", 100.0), 0)
        self.assertEqual(buckets.wait_s("a", 110.0), 0)

    def test_it_never_holds_more_than_the_burst(self) -> None:
        """A quiet night is no right to a flood in the morning."""
        buckets = Buckets(burst=1, per_minute=60)
        buckets.take("a", 0.0)
        buckets.take("a", 9999.0)
        self.assertGreater(buckets.wait_s("a", 9999.0), 0)

    def test_a_clock_that_goes_back_gives_nothing(self) -> None:
        """NTP steps the clock at boot."""
        buckets = Buckets(burst=1, per_minute=60)
        buckets.take("a", 1000.0)
        self.assertEqual(buckets.wait_s("a", 10.0), 2)

    def test_sources_are_bounded(self) -> None:
        """A million forged addresses cost a bounded memory."""
        self.patch(limits, "_MOST_SOURCES", 2)
        buckets = Buckets(burst=1, per_minute=1)
        for source in "abc":
            buckets.take(source, 0.0)
        self.assertEqual([buckets.wait_s(source, 0.0) for source in "abc"], [0, 61, 61])


class AdmissionTests(SynchronousTestCase):
    def test_networks_have_limits_of_their_own_and_one_in_common(self) -> None:
        """The office may bring 5,000 phones at once, the internet may not."""
        admission = Admission(Buckets(2, 60), Buckets(1, 60), most_waiting=10)
        admission.admitted("x", local=True, at=0.0)
        admission.admitted("x", local=False, at=0.0)
        self.assertIsNone(admission.refusal("x", True, 9, 0.0))
        self.assertEqual(admission.refusal("x", False, 9, 0.0), ("learn.too-many-new", "x", 2))
        self.assertEqual(admission.refusal("y", True, 10, 0.0), ("learn.too-many-waiting", "10", 600))


class NatWatchTests(SynchronousTestCase):
    def test_two_macs_within_ten_minutes_make_a_nat(self) -> None:
        """Behind such an address no device may be known by it."""
        watch = NatWatch()
        watch.saw("10.0.0.7", "a", 0.0)
        watch.saw("10.0.0.7", "a", 1.0)
        self.assertFalse(watch.is_nat("10.0.0.7", 1.0))
        watch.saw("10.0.0.7", "b", 599.0)
        self.assertTrue(watch.is_nat("10.0.0.7", 600.0))
        self.assertFalse(watch.is_nat("10.0.0.7", 602.0))
        self.assertFalse(watch.is_nat("10.0.0.8", 600.0))

    def test_its_memory_is_bounded(self) -> None:
        """Neither many addresses nor many macs at one of them may fill it."""
        self.patch(limits, "_MOST_SOURCES", 2)
        watch = NatWatch()
        for mac in "abcdef":
            watch.saw("10.0.0.7", mac, 0.0)
        self.assertTrue(watch.is_nat("10.0.0.7", 0.0))
        watch.saw("10.0.0.8", "a", 0.0)
        watch.saw("10.0.0.9", "a", 0.0)
        self.assertFalse(watch.is_nat("10.0.0.7", 0.0))


class OncePerMinuteTests(SynchronousTestCase):
    def test_a_source_is_told_of_once_a_minute(self) -> None:
        """And of all sources so many: a flood must not fill the log."""
        told = OncePerMinute(2)
        self.assertEqual([told.due(source, 59.0) for source in "aabc"], [True, False, True, False])
        self.assertEqual([told.due(source, 60.0) for source in "ac"], [True, True])
