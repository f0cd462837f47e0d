"""TFTP amplification: who forges an address makes provd send little to it."""

from twisted.trial.unittest import SynchronousTestCase

from provserver.tftp.interfaces import Content
from provserver.tftp.limits import Limits
from provserver.tftp.packet import Request, encode
from tests.tftp.lab import SERVER, Lab

VICTIM = ("203.0.113.9", 4000)


class AmplificationTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.lab = Lab(Limits(per_address_local=8, per_address_elsewhere=8))
        self.lab.backend.files["f.rom"] = Content("f.rom", b"x" * 1_000_000)

    def forge(self, request: bytes, times: int = 1) -> tuple[int, int]:
        """Send requests in the victim's name; return the packets and bytes that it gets within ten minutes."""
        for number in range(times):
            self.lab.network.deliver(request, (VICTIM[0], VICTIM[1] + number), SERVER)
        self.lab.advance(600, step=0.5)
        got = [
            datagram
            for number in range(times)
            for datagram, _ in self.lab.network.taken((VICTIM[0], VICTIM[1] + number))
        ]
        return len(got), sum(map(len, got))

    def test_a_file_is_not_sent_to_who_does_not_ask_for_more(self) -> None:
        """Three packets of 516 bytes, then it is given up."""
        packets, size = self.forge(encode(Request(False, "f.rom", False, ())))
        self.assertEqual((packets, size), (3, 3 * 516))

    def test_with_options_only_their_answer_is_sent(self) -> None:
        """A window of 64 blocks would be 94,000 bytes: none is sent before the options are acknowledged."""
        request = encode(Request(False, "f.rom", False, (("blksize", "65464"), ("windowsize", "65535"))))
        packets, size = self.forge(request)
        self.assertEqual(packets, 3)
        self.assertLess(size, 3 * len(request))

    def test_what_is_not_there_costs_one_short_packet(self) -> None:
        """About as long as the request itself."""
        request = encode(Request(False, "001565000001.cfg", False, ()))
        packets, size = self.forge(request)
        self.assertEqual(packets, 1)
        self.assertLess(size, len(request))

    def test_a_victim_gets_no_more_transfers_than_one_address_may_have(self) -> None:
        """However many requests are forged, and over all its ports."""
        packets, _ = self.forge(encode(Request(False, "f.rom", False, ())), times=100)
        self.assertEqual(packets, 8 * 3)

    def test_it_leaves_nothing(self) -> None:
        """The transfers end by themselves."""
        self.forge(encode(Request(False, "f.rom", False, ())), times=5)
        self.assertEqual(self.lab.server.active, 0)
        self.assertEqual(self.lab.clock.getDelayedCalls(), [])
