"""tftp.transfer, writing: which block is taken, and when it is acknowledged."""

from twisted.trial.unittest import SynchronousTestCase

from provserver.tftp.incoming import LINGER_S, PATIENCE_S, WriteTransfer
from provserver.tftp.transfer import (
    ASKED_S,
    LIVELY_S,
    TURN_S,
    UNPROVEN,
    Done,
    Fail,
    Finish,
    SendAck,
    SendOptionAck,
    Take,
)

HOUR = 3600.0


def writing(
    window: int = 1, options: bool = False, timeout_s: float | None = None, deadline: float = HOUR
) -> WriteTransfer:
    return WriteTransfer(8, window, options, timeout_s, deadline)


def took(transfer: WriteTransfer, block: int, length: int = 8, now: float = 0.1) -> object:
    """Send one block that must be taken, and store it."""
    action = transfer.data(block, length, now)
    assert action == Take(), action
    return transfer.stored(now)


class WriteTests(SynchronousTestCase):
    def test_each_block_is_acknowledged_when_it_is_stored(self) -> None:
        """RFC 1350: and the last, a short one, only when the file is in its place."""
        transfer = writing()
        self.assertEqual(transfer.start(0.0), SendAck(0))
        self.assertEqual(transfer.data(1, 8, 0.1), Take())
        self.assertEqual(transfer.stored(0.2), SendAck(1))
        self.assertEqual(transfer.data(2, 0, 0.3), Take())
        self.assertEqual(transfer.stored(0.4), Finish())
        self.assertEqual(transfer.finished(0.5), SendAck(2))
        self.assertTrue(transfer.is_finished)

    def test_options_are_answered_instead_of_block_0(self) -> None:
        """RFC 2347: the first DATA acknowledges the OACK."""
        transfer = writing(options=True)
        self.assertEqual(transfer.start(0.0), SendOptionAck())
        self.assertEqual(took(transfer, 1), SendAck(1))

    def test_an_option_ack_comes_again_only_when_the_request_does(self) -> None:
        """curl and atftp would leave out a block. A copy of the request that the network made is nothing."""
        transfer = writing(options=True)
        transfer.start(0.0)
        self.assertEqual(transfer.wake_at, LINGER_S)
        self.assertIsNone(transfer.asked_again(ASKED_S / 2))
        self.assertEqual(transfer.asked_again(5.0), SendOptionAck())
        self.assertEqual(took(transfer, 1, now=5.1), SendAck(1))
        self.assertIsNone(transfer.asked_again(9.0))
        silent = writing(options=True)
        silent.start(0.0)
        self.assertEqual(silent.woken(silent.wake_at), Done("no-answer"))

    def test_without_options_the_first_ack_also_comes_by_itself(self) -> None:
        """curl does not send its first block again before that."""
        transfer = writing()
        transfer.start(0.0)
        self.assertEqual(transfer.wake_at, TURN_S)
        self.assertEqual(transfer.woken(transfer.wake_at), SendAck(0))
        self.assertEqual(transfer.asked_again(TURN_S + 1), SendAck(0))
        self.assertEqual(took(transfer, 1, now=TURN_S + 1.1), SendAck(1))

    def test_a_block_that_comes_again_is_acknowledged_again_and_not_stored(self) -> None:
        """Our ACK was lost; the phone stands still until it comes."""
        transfer = writing()
        transfer.start(0.0)
        took(transfer, 1)
        self.assertEqual(transfer.data(1, 8, 0.2), SendAck(1))
        self.assertEqual(took(transfer, 2), SendAck(2))
        self.assertIsNone(transfer.data(1, 8, 0.3))

    def test_a_block_under_way_to_the_disk_is_not_acknowledged_early(self) -> None:
        """What is acknowledged must not be lost any more."""
        transfer = writing()
        transfer.start(0.0)
        self.assertEqual(transfer.data(1, 8, 0.1), Take())
        self.assertIsNone(transfer.data(1, 8, 0.2))
        self.assertEqual(transfer.stored(0.3), SendAck(1))

    def test_blocks_of_nowhere_are_nothing(self) -> None:
        """Block 0, blocks far ahead, blocks long gone."""
        transfer = writing()
        transfer.start(0.0)
        for block in (0, 2, 3, 40_000, 65_535):
            self.assertIsNone(transfer.data(block, 8, 0.1), block)

    def test_a_block_longer_than_agreed_ends_it(self) -> None:
        """The phone uses a size that was not granted: each next block would be in the wrong place."""
        transfer = writing()
        transfer.start(0.0)
        action = transfer.data(1, 9, 0.1)
        assert isinstance(action, Fail)
        self.assertEqual(action.code, 4)
        self.assertIsNone(transfer.data(1, 8, 0.2))

    def test_after_the_last_block_there_is_no_other(self) -> None:
        """A block after the short one is no part of the file."""
        transfer = writing()
        transfer.start(0.0)
        self.assertEqual(took(transfer, 1, length=3), Finish())
        self.assertIsNone(transfer.data(2, 8, 0.2))
        transfer.finished(0.3)
        self.assertIsNone(transfer.data(2, 8, 0.4))

    def test_an_end_after_the_end_is_acknowledged(self) -> None:
        """atftp counts an ACK that comes late as a new one, and sends one empty block more. It would give up a file
        that is in its place."""
        transfer = writing()
        transfer.start(0.0)
        took(transfer, 1, length=3)
        self.assertIsNone(transfer.data(2, 0, 0.2))
        transfer.finished(0.3)
        self.assertEqual([transfer.data(2, 0, at) for at in (0.4, 5.4)], [SendAck(2)] * 2)
        self.assertEqual(transfer.data(1, 3, 6.0), SendAck(1))

    def test_who_has_lost_its_way_is_led_to_the_end(self) -> None:
        """An old ACK, come late, sends atftp back. While the file is under way old blocks are nothing, since some
        clients would answer their ACKs with all that follows (RFC 1123 4.2.3.1)."""
        transfer = writing()
        transfer.start(0.0)
        for block in (1, 2, 3):
            took(transfer, block)
        self.assertIsNone(transfer.data(1, 8, 0.2))
        took(transfer, 4, length=0)
        transfer.finished(0.3)
        self.assertEqual(
            [transfer.data(block, 8, 5.0) for block in (1, 2, 3)], [SendAck(1), SendAck(2), SendAck(3)]
        )
        self.assertEqual(transfer.data(4, 0, 5.0), SendAck(4))
        for block in (0, 6, 7, 40_000, 65_535):
            self.assertIsNone(transfer.data(block, 0, 5.0), block)

    def test_block_numbers_roll_over(self) -> None:
        """Uploads over 32 MB have the same 16 bits."""
        transfer = writing()
        transfer.start(0.0)
        for block in range(1, 66_000):
            self.assertEqual(took(transfer, block & 0xFFFF), SendAck(block))


class WriteWindowTests(SynchronousTestCase):
    def test_a_window_is_acknowledged_once(self) -> None:
        """RFC 7440."""
        transfer = writing(window=3, options=True)
        transfer.start(0.0)
        self.assertEqual([took(transfer, block) for block in (1, 2, 3, 4)], [None, None, SendAck(3), None])
        self.assertEqual(took(transfer, 5, length=1), Finish())
        self.assertEqual(transfer.finished(0.2), SendAck(5))

    def test_a_gap_is_told_once(self) -> None:
        """RFC 7440 section 4: the phone goes on at the block after the one that is acknowledged."""
        transfer = writing(window=4, options=True)
        transfer.start(0.0)
        took(transfer, 1)
        self.assertEqual(transfer.data(3, 8, 0.2), SendAck(1))
        self.assertIsNone(transfer.data(4, 8, 0.2))
        self.assertIsNone(took(transfer, 2))
        self.assertEqual([took(transfer, block) for block in (3, 4, 5)], [None, None, SendAck(5)])

    def test_a_gap_at_the_beginning_is_no_reason_for_another_option_ack(self) -> None:
        """Who sends data has heard the first one."""
        transfer = writing(window=4, options=True)
        transfer.start(0.0)
        self.assertEqual(transfer.data(2, 8, 0.1), SendAck(0))
        self.assertEqual(transfer.woken(transfer.wake_at), SendAck(0))

    def test_a_gap_waits_for_what_is_being_stored(self) -> None:
        """The ACK at the gap must not acknowledge more than the disk has."""
        transfer = writing(window=4, options=True)
        transfer.start(0.0)
        self.assertEqual([transfer.data(1, 8, 0.1), transfer.data(2, 8, 0.1)], [Take(), Take()])
        self.assertIsNone(transfer.data(4, 8, 0.1))
        self.assertIsNone(transfer.stored(0.2))
        self.assertEqual(transfer.stored(0.3), SendAck(2))

    def test_the_rest_of_a_window_that_was_lost_is_asked_for(self) -> None:
        """Nothing more comes: what is there is acknowledged, and the phone goes on from it."""
        transfer = writing(window=4, options=True)
        transfer.start(0.0)
        took(transfer, 1)
        self.assertEqual(transfer.woken(transfer.wake_at), SendAck(1))
        self.assertEqual(transfer.retransmissions, 1)


class WriteTimeTests(SynchronousTestCase):
    def test_a_phone_that_never_writes_gets_three_packets(self) -> None:
        """Its request may be forged, and be forged again and again."""
        transfer = writing()
        sent = [transfer.start(0.0), *(transfer.asked_again(float(at)) for at in range(1, 20))]
        self.assertEqual([action for action in sent if action], [SendAck(0)] * UNPROVEN)
        self.assertEqual(transfer.woken(transfer.wake_at), Done("no-answer"))
        self.assertIsNone(transfer.data(1, 8, 40.0))

    def test_it_is_the_phones_turn_first(self) -> None:
        """tftp-hpa waits 5 s anew for each ACK that it hears, and busybox does not wait for its last one any more."""
        for timeout_s, turn_s in ((None, TURN_S), (1.0, TURN_S), (60.0, 60.0)):
            transfer = writing(timeout_s=timeout_s)
            transfer.start(0.0)
            took(transfer, 1)
            self.assertEqual(transfer.wake_at, 0.1 + turn_s)
            self.assertEqual(transfer.woken(transfer.wake_at), SendAck(1))
            self.assertEqual(took(transfer, 2, now=0.2 + turn_s), SendAck(2))

    def test_what_is_asked_for_is_acknowledged_however_often(self) -> None:
        """A block that comes again shows that the phone did not hear: it is answered each time."""
        transfer = writing()
        transfer.start(0.0)
        took(transfer, 1)
        for now in (0.2, 5.0, 10.0, 15.0, 19.0):
            self.assertEqual(transfer.data(1, 8, now), SendAck(1))

    def test_a_phone_that_vanishes_costs_a_bounded_time(self) -> None:
        """An upload that stops is forgotten."""
        transfer = writing()
        transfer.start(0.0)
        took(transfer, 1)
        action: object = None
        while not isinstance(action, Done):
            now = transfer.wake_at
            action = transfer.woken(now)
        self.assertEqual(action, Done("no-answer"))
        self.assertLess(now, PATIENCE_S + 10)

    def test_a_slow_disk_is_waited_for_until_the_deadline(self) -> None:
        """The phone is not told anything, and not blamed."""
        transfer = writing(deadline=100.0)
        transfer.start(0.0)
        transfer.data(1, 8, 0.1)
        for now in (1.0, 30.0, 60.0):
            self.assertIsNone(transfer.woken(now))
        self.assertEqual(transfer.woken(100.0), Done("deadline"))

    def test_it_stays_to_acknowledge_the_last_block_again(self) -> None:
        """RFC 1350 section 6, "dallying": the last ACK may be lost. It also comes again by itself: curl waits."""
        transfer = writing()
        transfer.start(0.0)
        took(transfer, 1, length=1)
        transfer.finished(1.0)
        self.assertEqual(transfer.data(1, 1, 2.0), SendAck(1))
        self.assertEqual(transfer.woken(transfer.wake_at), SendAck(1))
        self.assertEqual(transfer.wake_at, 2.0 + LINGER_S)
        self.assertEqual(transfer.woken(transfer.wake_at), Done("received"))

    def test_a_request_heard_again_is_a_copy_while_the_transfer_moves(self) -> None:
        """As of reading."""
        transfer = writing()
        transfer.start(0.0)
        self.assertTrue(transfer.is_lively(1.5))
        took(transfer, 1, now=2.0)
        self.assertTrue(transfer.is_lively(2.1))
        self.assertFalse(transfer.is_lively(2.0 + LIVELY_S))
