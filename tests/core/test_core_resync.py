"""Resyncs as closed loops: only a fetch ends one well, and no burst is above the set rate."""

from collections import Counter
from itertools import pairwise

from twisted.trial.unittest import SynchronousTestCase

from provserver.core.resync import CALL_S, PASSING, Do, Fetched, Patience, Resyncs, Stopped, Tell

SILENT = "it has answered, and fetches nothing"
PATIENCE = Patience(tries=3, fetch_s=600.0, pause_s=30.0)


def one() -> Resyncs:
    return Resyncs(10.0, PATIENCE)


def next_do(resyncs: Resyncs) -> tuple[float, tuple[Do, ...]]:
    """Go to the next moment at which something is to be done."""
    while (at := resyncs.wake_at) is not None:
        if done := resyncs.woken(at):
            return at, done
    raise AssertionError("nothing is to be done any more")


class LoopTests(SynchronousTestCase):
    def test_told_answered_fetched(self) -> None:
        """The good end; nothing is left of it."""
        resyncs = one()
        self.assertEqual(resyncs.begin("d1", "sip:a@b", "", 0.0), (Tell("d1", "sip:a@b"),))
        self.assertEqual(resyncs.state("d1"), "waiting")
        self.assertEqual(resyncs.told("d1", answered=True, now=1.0), ())
        self.assertEqual(resyncs.state("d1"), "answered")
        self.assertEqual(resyncs.fetched("d1"), (Fetched("d1"),))
        self.assertEqual((resyncs.state("d1"), resyncs.wake_at), (None, None))

    def test_a_phone_may_fetch_before_it_answers(self) -> None:
        """Or the PBX answers late; what comes then belongs to nobody."""
        resyncs = one()
        resyncs.begin("d1", "", "", 0.0)
        self.assertEqual(resyncs.fetched("d1"), (Fetched("d1"),))
        self.assertEqual(resyncs.told("d1", answered=False, now=1.0), ())
        self.assertEqual(resyncs.failed("d1", "resync.no-answer", "", 1.0, 0.0), ())
        self.assertIsNone(resyncs.wake_at)

    def test_a_fetch_before_it_was_told_proves_nothing(self) -> None:
        """A phone that polls had its turn by chance; of others nobody knows anything."""
        resyncs = one()
        resyncs.begin("d1", "", "call-1", 0.0)
        self.assertEqual(resyncs.fetched("d1"), ())
        self.assertEqual(resyncs.fetched("d2"), ())
        self.assertEqual(resyncs.told("d1", answered=True, now=1.0), ())

    def test_not_fetched_in_time_it_is_told_again(self) -> None:
        """Three times in all, then it says how far it came."""
        for answered, said in ((True, "it has answered"), (False, "it was told")):
            resyncs = one()
            resyncs.begin("d1", "", "", 0.0)
            times: list[float] = []
            for _ in range(2):
                resyncs.told("d1", answered, times[-1] if times else 0.0)
                at, done = next_do(resyncs)
                self.assertEqual(done, (Tell("d1", ""),))
                times.append(at)
            self.assertEqual(times, [600.0, 1200.0])
            resyncs.told("d1", answered, 1200.0)
            at, done = next_do(resyncs)
            self.assertEqual(at, 1800.0)
            self.assertEqual(done, (Stopped("d1", "resync.not-fetched", f"{said}, and fetches nothing"),))
            self.assertIsNone(resyncs.wake_at)

    def test_a_user_who_dials_does_not_wait_for_an_earlier_resync(self) -> None:
        """A phone that heard nothing, or was away, is told when the call has ended, and where it called from."""
        for heard in (True, False):
            resyncs = one()
            resyncs.begin("d1", "sip:old@b", "", 0.0)
            if heard:
                resyncs.told("d1", answered=False, now=0.0)
            else:
                resyncs.failed("d1", "resync.no-answer", "", 0.0, 0.0)
            self.assertEqual(resyncs.begin("d1", "sip:new@b", "call-1", 10.0), ())
            self.assertEqual(resyncs.state("d1"), "waiting")
            self.assertEqual(resyncs.hung_up("call-1", 12.0), (Tell("d1", "sip:new@b"),))
            resyncs.told("d1", answered=True, now=12.0)
            # two tries are left of three
            self.assertEqual(next_do(resyncs), (612.0, (Tell("d1", "sip:new@b"),)))
            resyncs.told("d1", answered=True, now=612.0)
            self.assertEqual(next_do(resyncs)[1][0], Stopped("d1", "resync.not-fetched", SILENT))
            self.assertEqual((resyncs.wake_at, resyncs.hung_up("call-1", 2_000.0)), (None, ()))

    def test_a_phone_that_obeys_late_is_not_told_twice(self) -> None:
        """It was told, waits for the end of its call, restarts, and has the file of the claim by then."""
        resyncs = one()
        resyncs.begin("d1", "", "", 0.0)
        resyncs.told("d1", answered=True, now=0.0)
        resyncs.begin("d1", "", "call-1", 10.0)
        self.assertEqual(resyncs.fetched("d1"), (Fetched("d1"),))
        self.assertEqual((resyncs.wake_at, resyncs.hung_up("call-1", 12.0)), (None, ()))

    def test_a_trouble_that_passes_is_waited_for(self) -> None:
        """Longer each time, and by the jitter longer still; the last trouble is the answer."""
        for reason_id in sorted(PASSING):
            resyncs = one()
            resyncs.begin("d1", "", "", 0.0)
            self.assertEqual(resyncs.failed("d1", reason_id, "x", 0.0, jitter=0.5), ())
            self.assertEqual(next_do(resyncs), (45.0, (Tell("d1", ""),)))
            self.assertEqual(resyncs.failed("d1", reason_id, "x", 50.0, jitter=0.0), ())
            self.assertEqual(next_do(resyncs), (110.0, (Tell("d1", ""),)))
            self.assertEqual(
                resyncs.failed("d1", reason_id, "x", 111.0, 0.0), (Stopped("d1", reason_id, "x"),)
            )

    def test_a_trouble_that_stays_ends_it_at_once(self) -> None:
        """A phone that does not know the event will not know it in a minute."""
        for reason_id in ("resync.not-understood", "resync.by-hand", "resync.refused-login", "internal"):
            resyncs = one()
            resyncs.begin("d1", "", "", 0.0)
            self.assertEqual(resyncs.failed("d1", reason_id, "x", 1.0, 0.0), (Stopped("d1", reason_id, "x"),))

    def test_a_second_one_joins(self) -> None:
        """The phone will fetch what is true then. A newer contact is the better one."""
        resyncs = one()
        resyncs.begin("d1", "old", "call-1", 0.0)
        self.assertEqual(resyncs.begin("d1", "new", "", 1.0), ())
        self.assertEqual(resyncs.begin("d1", "", "", 1.0), ())
        self.assertEqual(resyncs.hung_up("call-1", 2.0), (Tell("d1", "new"),))

    def test_a_stop_ends_all(self) -> None:
        """Each waiter is told."""
        resyncs = one()
        for device in ("d1", "d2", "d3"):
            resyncs.begin(device, "", "call" if device == "d3" else "", 0.0)
        done = resyncs.stop("resync.stopped", "provd stops")
        self.assertEqual({each.device for each in done}, {"d1", "d2", "d3"})
        self.assertIsNone(resyncs.wake_at)
        self.assertEqual(resyncs.hung_up("call", 1.0), ())


class CallTests(SynchronousTestCase):
    def test_it_begins_when_the_call_has_ended(self) -> None:
        """A phone that obeys at once would cut off what its user is told."""
        resyncs = one()
        self.assertEqual(resyncs.begin("d1", "", "call-1", 0.0), ())
        self.assertEqual(resyncs.hung_up("call-2", 1.0), ())
        self.assertEqual(resyncs.hung_up("call-1", 2.0), (Tell("d1", ""),))
        self.assertEqual(resyncs.hung_up("call-1", 2.0), ())

    def test_a_call_that_nobody_ends_ends_by_itself(self) -> None:
        """A dialplan without the h extension, or a PBX that cannot say it."""
        resyncs = one()
        resyncs.begin("d1", "", "call-1", 10.0)
        self.assertEqual(next_do(resyncs), (10.0 + CALL_S, (Tell("d1", ""),)))
        self.assertEqual(resyncs.hung_up("call-1", 16.0), ())


class RateTests(SynchronousTestCase):
    def test_no_burst_is_above_the_rate(self) -> None:
        """10,000 phones at 50 a second are told within 200 s, evenly, and those that fail do not crowd either."""
        resyncs = Resyncs(50.0, PATIENCE)
        times: list[float] = []
        todo = [each for n in range(10_000) for each in resyncs.begin(f"d{n}", "", "", 0.0)]
        now = 0.0
        while len(times) < 10_100:
            for each in todo:
                assert isinstance(each, Tell)
                times.append(now)
                if len(times) <= 100:
                    resyncs.failed(each.device, "resync.no-answer", "x", now, jitter=0.0)
                else:
                    resyncs.told(each.device, answered=True, now=now)
            assert resyncs.wake_at is not None
            now = resyncs.wake_at
            todo = list(resyncs.woken(now))
        self.assertLessEqual(max(Counter(int(time) for time in times).values()), 51)
        gaps = [later - earlier for earlier, later in pairwise(times)]
        self.assertGreaterEqual(min(gaps), 1 / 50 - 1e-9)
        self.assertTrue(199.0 < times[9_999] < 201.0, times[9_999])

    def test_what_a_late_timer_missed_is_not_made_up_for(self) -> None:
        """A reactor that stood still for a second must not tell a second's phones at once."""
        resyncs = one()
        for number in range(50):
            resyncs.begin(f"d{number}", "", "", 0.0)
        self.assertEqual(len(resyncs.woken(3.0)), 1)
        self.assertEqual(len(resyncs.woken(3.05)), 0)
        self.assertEqual(len(resyncs.woken(3.1)), 1)

    def test_a_single_one_does_not_wait(self) -> None:
        """Nor does a phone that pauses keep others waiting."""
        resyncs = one()
        resyncs.begin("d1", "", "", 0.0)
        resyncs.failed("d1", "resync.no-answer", "x", 0.0, 0.0)
        self.assertEqual(resyncs.begin("d2", "", "", 1.0), (Tell("d2", ""),))

    def test_one_that_ends_in_the_queue_takes_nobodys_turn(self) -> None:
        """It was fetched while it waited to be told again."""
        resyncs = one()
        resyncs.begin("d1", "", "", 0.0)
        resyncs.begin("d2", "", "", 0.0)
        resyncs.begin("d3", "", "", 0.0)
        resyncs.stop("resync.stopped", "x")
        self.assertIsNone(resyncs.wake_at)
        self.assertEqual(resyncs.begin("d4", "", "", 1.0), (Tell("d4", ""),))
