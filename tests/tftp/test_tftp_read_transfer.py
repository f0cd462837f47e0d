"""tftp.transfer, reading: which block goes out when."""

import random

from twisted.trial.unittest import SynchronousTestCase

from provserver.tftp.outgoing import COPIES, LAST_PATIENCE_S, OPTIONS_S, PATIENCE_S, UNPROVEN_S, ReadTransfer
from provserver.tftp.pace import FIRST_S, LEAST_S, MOST_S, Pace
from provserver.tftp.transfer import ASKED_S, LIVELY_S, TURN_S, Done, SendData, SendOptionAck

HOUR = 3600.0


def reading(
    blocks: int, window: int = 1, options: bool = False, fixed_s: float | None = None, deadline: float = HOUR
) -> ReadTransfer:
    return ReadTransfer(blocks, window, options, Pace(fixed_s), deadline)


class LockStepTests(SynchronousTestCase):
    def test_each_ack_sends_the_next_block(self) -> None:
        """RFC 1350 section 2: one packet in flight; the last acknowledgement ends it."""
        transfer = reading(2)
        self.assertEqual(transfer.start(0.0), SendData(1, 1))
        self.assertEqual(transfer.acked(1, 0.1), SendData(2, 1))
        self.assertEqual(transfer.acked(2, 0.2), Done("sent"))
        self.assertEqual((transfer.blocks_acked, transfer.retransmissions), (2, 0))

    def test_a_repeated_ack_sends_nothing(self) -> None:
        """RFC 1123 4.2.3.1: otherwise one delay doubles all later traffic (Sorcerer's Apprentice)."""
        transfer = reading(3)
        transfer.start(0.0)
        transfer.acked(1, 0.1)
        for block in (1, 0, 1):
            self.assertIsNone(transfer.acked(block, 0.2))
        self.assertEqual(transfer.acked(2, 0.3), SendData(3, 1))

    def test_an_ack_of_what_was_never_sent_is_nothing(self) -> None:
        """Neither a forged nor a broken number may skip blocks."""
        transfer = reading(100)
        transfer.start(0.0)
        for block in (2, 3, 99, 100, 32_768, 65_535):
            self.assertIsNone(transfer.acked(block, 0.1), block)
        self.assertEqual(transfer.acked(1, 0.2), SendData(2, 1))

    def test_after_the_end_late_packets_change_nothing(self) -> None:
        """Copies arrive when they like."""
        transfer = reading(1)
        transfer.start(0.0)
        transfer.acked(1, 0.1)
        self.assertIsNone(transfer.acked(1, 0.2))
        given_up = reading(5, window=4)
        given_up.start(0.0)
        given_up.acked(1, 0.1)
        self.assertEqual(given_up.woken(HOUR), Done("deadline"))
        for block in range(6):
            self.assertIsNone(given_up.acked(block, HOUR + 1), block)

    def test_block_numbers_roll_over_to_zero(self) -> None:
        """A file over 32 MB has more than 65,535 blocks of 512 bytes."""
        transfer = reading(200_000)
        transfer.start(0.0)
        for block in range(1, 200_000):
            self.assertEqual(transfer.acked(block & 0xFFFF, 0.001 * block), SendData(block + 1, 1))
        self.assertEqual(transfer.acked(200_000 & 0xFFFF, 300.0), Done("sent"))


class OptionAckTests(SynchronousTestCase):
    def test_options_are_answered_before_the_first_block(self) -> None:
        """RFC 2347: the OACK is acknowledged as block 0."""
        transfer = reading(1, options=True)
        self.assertEqual(transfer.start(0.0), SendOptionAck())
        self.assertIsNone(transfer.acked(1, 0.1))
        self.assertIsNone(transfer.acked(65_535, 0.1))
        self.assertEqual(transfer.acked(0, 0.1), SendData(1, 1))
        self.assertEqual(transfer.acked(1, 0.2), Done("sent"))

    def test_an_option_ack_that_is_lost_comes_again(self) -> None:
        """It is a packet like any other."""
        transfer = reading(1, options=True)
        transfer.start(0.0)
        self.assertEqual(transfer.woken(transfer.wake_at), SendOptionAck())
        self.assertEqual(transfer.retransmissions, 1)
        self.assertEqual(transfer.acked(0, 1.0), SendData(1, 1))

    def test_it_is_patient_with_an_option_ack(self) -> None:
        """On a slow link a second one comes into the middle of the file, and curl begins anew."""
        transfer = reading(1, options=True)
        transfer.start(0.0)
        self.assertEqual(transfer.wake_at, OPTIONS_S)

    def test_a_request_that_comes_again_is_answered_again(self) -> None:
        """The peer did not hear the OACK. A copy of the request that the network made is nothing, and nobody gets
        more than three packets before the first answer."""
        transfer = reading(1, options=True)
        transfer.start(0.0)
        self.assertIsNone(transfer.asked_again(ASKED_S / 2))
        self.assertEqual(transfer.asked_again(5.0), SendOptionAck())
        self.assertEqual(transfer.asked_again(10.0), SendOptionAck())
        self.assertIsNone(transfer.asked_again(15.0))
        self.assertEqual(transfer.acked(0, 16.0), SendData(1, 1))
        self.assertIsNone(transfer.asked_again(20.0))

    def test_without_options_a_request_that_comes_again_is_nothing(self) -> None:
        """Block 1 comes again by itself, and soon."""
        transfer = reading(1)
        transfer.start(0.0)
        self.assertIsNone(transfer.asked_again(5.0))


class WindowTests(SynchronousTestCase):
    def test_a_window_goes_out_together(self) -> None:
        """RFC 7440: one acknowledgement a window; the last window is as long as the file leaves it."""
        transfer = reading(10, window=4)
        self.assertEqual(transfer.start(0.0), SendData(1, 4))
        self.assertEqual(transfer.acked(4, 0.1), SendData(5, 4))
        self.assertEqual(transfer.acked(8, 0.2), SendData(9, 2))
        self.assertEqual(transfer.acked(10, 0.3), Done("sent"))

    def test_it_resumes_at_the_acknowledged_block(self) -> None:
        """RFC 7440 section 4: the next block was lost, those before it arrived."""
        transfer = reading(20, window=8)
        transfer.start(0.0)
        self.assertEqual(transfer.acked(3, 0.1), SendData(4, 8))
        self.assertEqual(transfer.retransmissions, 5)

    def test_a_lost_first_block_is_sent_again_at_once_but_only_once(self) -> None:
        """Its only sign is the last ACK again. A second copy may be a mere copy: RFC 1123 4.2.3.1."""
        transfer = reading(20, window=4)
        transfer.start(0.0)
        transfer.acked(4, 0.1)
        self.assertEqual(transfer.acked(4, 0.2), SendData(5, 4))
        self.assertIsNone(transfer.acked(4, 0.2))
        self.assertEqual(transfer.acked(8, 0.3), SendData(9, 4))
        self.assertEqual(transfer.acked(8, 0.4), SendData(9, 4))

    def test_after_a_gap_each_further_copy_is_nothing(self) -> None:
        """Some phones acknowledge once for every block that came after the gap."""
        transfer = reading(20, window=8)
        transfer.start(0.0)
        transfer.acked(3, 0.1)
        for _ in range(5):
            self.assertIsNone(transfer.acked(3, 0.1))

    def test_an_ack_of_an_earlier_flight_still_counts(self) -> None:
        """Blocks that were sent twice may be acknowledged by the first copy."""
        transfer = reading(20, window=4)
        transfer.start(0.0)
        transfer.woken(transfer.wake_at)
        self.assertEqual(transfer.acked(4, 2.0), SendData(5, 4))
        self.assertIsNone(transfer.acked(2, 2.0))

    def test_a_window_rolls_over(self) -> None:
        """The window that holds block 65,536 is acknowledged as 1 or 2, not as what was never sent."""
        transfer = reading(70_000, window=16)
        transfer.start(0.0)
        for block in range(16, 65_537, 16):
            transfer.acked(block & 0xFFFF, 1.0)
        self.assertEqual(transfer.acked(2, 2.0), SendData(65_539, 16))

    def test_any_mixture_of_loss_and_copies_ends(self) -> None:
        """A phone that hears and is heard by chance gets each block in order, and the transfer ends."""
        for seed in range(200):
            chance = random.Random(seed)
            window, blocks = chance.choice((1, 2, 5, 16)), chance.randrange(1, 60)
            self.assertEqual(
                _fetch(reading(blocks, window, chance.random() < 0.5), blocks, window, chance), blocks
            )


def _fetch(transfer: ReadTransfer, blocks: int, window: int, chance: random.Random) -> int:
    """Play a phone of RFC 7440 over a bad network; return the last block that it has in order."""
    now, got, acks = 0.0, 0, list[int]()
    action: object = transfer.start(0.0)
    while now < HOUR:
        for block in _arriving(action, chance):
            if block == got + 1:
                got += 1
            if block > got or got == blocks or got % window == 0:
                acks.append(got)
        if isinstance(action, SendOptionAck) and chance.random() < 0.8:
            acks.append(0)
        if acks and chance.random() < 0.9:
            action = transfer.acked(acks.pop(chance.randrange(len(acks))) & 0xFFFF, now)
        else:
            now = max(now, transfer.wake_at)
            action = transfer.woken(now)
        if isinstance(action, Done):
            unproven = action.outcome == "no-answer" and not transfer.blocks_acked  # it asks again
            return got if action.outcome in ("sent", "unconfirmed") else blocks if unproven else -1
        now += 0.001
    raise AssertionError("it did not end")


def _arriving(action: object, chance: random.Random) -> list[int]:
    if not isinstance(action, SendData):
        return []
    sent = range(action.first, action.first + action.count)
    arriving = [block for block in sent for _ in range(chance.choice((0, 1, 1, 1, 1, 2)))]
    if chance.random() < 0.3:
        chance.shuffle(arriving)
    return arriving


class TimeTests(SynchronousTestCase):
    def test_what_is_not_answered_is_sent_again_ever_more_slowly(self) -> None:
        """RFC 1123 4.2.3.2, RFC 6298: the wait doubles, up to a bound; but after some copies the peer has a turn."""
        transfer = reading(9)
        transfer.start(0.0)
        transfer.acked(1, 0.01)
        waits, now = [], 0.01
        for _ in range(8):
            waits.append(round(transfer.wake_at - now, 2))
            now = transfer.wake_at
            self.assertEqual(transfer.woken(now), SendData(2, 1))
        self.assertEqual(waits, [0.04, 0.08, 0.16, 0.32, 0.64, 1.28, TURN_S, 4.0])
        self.assertEqual(transfer.retransmissions, 8)

    def test_a_peer_that_was_not_heard_has_a_turn(self) -> None:
        """atftp, whose ACK was lost, waits 5 s anew for each copy that it hears, and only then acknowledges again."""
        for fixed_s in (None, 1.0, 4.0):
            transfer = reading(9, fixed_s=fixed_s)
            transfer.start(0.0)
            transfer.acked(1, 0.01)
            sent, pauses = [0.01], []
            while not isinstance(transfer.woken(now := transfer.wake_at), Done):
                pauses.append(now - sent[-1])
                sent.append(now)
            self.assertGreater(max(pauses), 5.0, fixed_s)
            self.assertEqual(pauses.index(max(pauses)), COPIES)

    def test_a_phone_that_vanishes_costs_a_bounded_time(self) -> None:
        """Nothing is heard any more: the transfer ends by itself, and not at the deadline."""
        transfer = reading(9)
        transfer.start(0.0)
        transfer.acked(1, 0.01)
        action: object = None
        while not isinstance(action, Done):
            now = transfer.wake_at
            action = transfer.woken(now)
        self.assertEqual(action, Done("no-answer"))
        self.assertLess(now, PATIENCE_S + 2 * MOST_S)

    def test_an_address_that_answers_nothing_gets_three_packets(self) -> None:
        """Its request may be forged; phones that need longer than the first wait have the last one's."""
        for options, waited in ((False, FIRST_S + 2 * FIRST_S), (True, 2 * OPTIONS_S)):
            transfer = reading(9, options=options)
            transfer.start(0.0)
            sent = 1
            while not isinstance(transfer.woken(now := transfer.wake_at), Done):
                sent += 1
            self.assertEqual(sent, 3)
            self.assertEqual(now, waited + UNPROVEN_S)

    def test_a_window_waits_for_the_proof_of_the_address(self) -> None:
        """With a window there is an OACK, and until it is acknowledged no data goes out at all."""
        transfer = reading(9, window=9, options=True)
        self.assertEqual(transfer.start(0.0), SendOptionAck())
        self.assertEqual(transfer.woken(1.0), SendOptionAck())
        self.assertEqual(transfer.acked(0, 1.1), SendData(1, 9))

    def test_the_timeout_option_is_kept_to(self) -> None:
        """RFC 2349: what was agreed on is neither measured nor doubled."""
        transfer = reading(9, fixed_s=3)
        transfer.start(0.0)
        transfer.acked(1, 0.01)
        for _ in range(4):
            before = transfer.wake_at
            self.assertEqual(transfer.woken(before), SendData(2, 1))
            self.assertEqual(transfer.wake_at, before + 3)

    def test_a_long_timeout_is_given_its_time(self) -> None:
        """A phone that asks for 60 seconds is not given up after 20."""
        transfer = reading(9, fixed_s=60)
        transfer.start(0.0)
        transfer.acked(1, 0.0)
        for _ in range(4):
            self.assertEqual(transfer.woken(transfer.wake_at), SendData(2, 1))

    def test_a_missing_last_ack_is_not_waited_for_long(self) -> None:
        """Phones restart with what they got and do not say so."""
        transfer = reading(2)
        transfer.start(0.0)
        transfer.acked(1, 0.0)
        self.assertEqual(transfer.woken(LAST_PATIENCE_S), Done("unconfirmed"))

    def test_a_last_block_that_is_lost_comes_again_however_long_the_timeout(self) -> None:
        """curl always asks for 6 s: to be done before the first copy is due would leave it waiting for ever."""
        transfer = reading(2, fixed_s=6)
        transfer.start(0.0)
        transfer.acked(1, 0.0)
        self.assertEqual([transfer.woken(at) for at in (6.0, 12.0, 18.0)], [SendData(2, 1)] * 3)
        self.assertEqual(transfer.woken(transfer.wake_at), Done("unconfirmed"))

    def test_no_transfer_outlives_its_deadline(self) -> None:
        """One that crawls holds a place that another phone needs."""
        transfer = reading(1000, deadline=10.0)
        transfer.start(0.0)
        for block in range(1, 20):
            transfer.acked(block, block / 2)
            self.assertLessEqual(transfer.wake_at, 10.0)
        self.assertEqual(transfer.woken(10.0), Done("deadline"))

    def test_a_slow_disk_is_not_the_phones_fault(self) -> None:
        """What could not be sent yet is not missed, and is no round trip."""
        transfer = reading(9, deadline=100.0)
        transfer.start(0.0)
        transfer.acked(1, 0.01)
        self.assertIsNone(transfer.delayed(30.0))
        self.assertEqual(transfer.wake_at, 30.0 + LEAST_S)
        self.assertEqual(transfer.acked(2, 30.01), SendData(3, 1))
        self.assertEqual(transfer.delayed(100.0), Done("deadline"))

    def test_a_request_heard_again_is_a_copy_while_the_transfer_moves(self) -> None:
        """An impatient phone asks again; one that restarted asks anew."""
        transfer = reading(9)
        transfer.start(0.0)
        self.assertTrue(transfer.is_lively(2.0))
        transfer.acked(1, 2.0)
        self.assertTrue(transfer.is_lively(2.0 + LIVELY_S / 2))
        self.assertFalse(transfer.is_lively(2.0 + LIVELY_S))


class PaceTests(SynchronousTestCase):
    def test_it_follows_the_round_trip(self) -> None:
        """RFC 6298: smoothed mean and four deviations, between two bounds."""
        pace = Pace()
        self.assertEqual(pace.wait_s, FIRST_S)
        pace.measured(0.2)
        self.assertAlmostEqual(pace.wait_s, 0.2 + 4 * 0.1)
        for _ in range(50):
            pace.measured(0.2)
        self.assertAlmostEqual(pace.wait_s, 0.2, places=3)
        for _ in range(100):
            pace.measured(0.001)
        self.assertEqual(pace.wait_s, LEAST_S)
        pace.measured(100.0)
        self.assertEqual(pace.wait_s, MOST_S)

    def test_what_was_sent_twice_is_not_measured(self) -> None:
        """Karn's rule: nobody knows which copy was answered; the doubled wait stays until something is."""
        transfer = reading(9)
        transfer.start(0.0)
        transfer.woken(0.25)
        transfer.acked(1, 0.26)
        self.assertEqual(transfer.wake_at, 0.26 + 2 * FIRST_S)
        transfer.acked(2, 0.27)
        self.assertAlmostEqual(transfer.wake_at, 0.27 + LEAST_S)

    def test_jitter_spreads_phones_that_lost_a_packet_together(self) -> None:
        """Otherwise 1,000 of them would come again in the same millisecond."""
        waits = {Pace(jitter=jitter).wait_s for jitter in (0.0, 0.5, 0.999)}
        self.assertEqual(len(waits), 3)
        self.assertLessEqual(max(waits), FIRST_S * 1.25)
