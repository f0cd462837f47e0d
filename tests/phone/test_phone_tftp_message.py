"""TFTP as phones speak it: packets in, packets out, and whatever a server may send instead."""

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from provserver.errors import Invalid
from provserver.phone.tftp_message import Download, stranger
from provserver.phone.values import Fetched

RRQ = b"\0\1a.cfg\0octet\0blksize\x001428\0tsize\x000\0"


def data(number: int, block: bytes = b"") -> bytes:
    return b"\0\3" + number.to_bytes(2, "big") + block


def ack(number: int) -> bytes:
    return b"\0\4" + number.to_bytes(2, "big")


def oack(**options: str) -> bytes:
    return b"\0\6" + b"".join(f"{name}\0{value}\0".encode() for name, value in options.items())


def error(code: int, text: bytes = b"x\0") -> bytes:
    return b"\0\5" + code.to_bytes(2, "big") + text


USELESS = (
    *(b"", b"\0", b"\0\3", b"\0\3\0", RRQ, ack(0), ack(1), b"\0\7\0\1", b"\1\3\0\1", b"\xff" * 600),
    *(data(0), data(2), data(65535)),
)

# packet -> what the phone says to the server, and shows
BROKEN = {
    data(1, bytes(513)): (8, "a block of 513 bytes, the most is 512"),
    oack(blksize="7"): (8, "blksize '7', expected 8 to 1428"),
    oack(blksize="1429"): (8, "blksize '1429', expected 8 to 1428"),
    oack(blksize="-8"): (8, "blksize '-8', expected 8 to 1428"),
    oack(blksize="9" * 5000): (8, "blksize '99999999999999999999', expected 8 to 1428"),
    oack(tsize="many"): (8, "tsize 'many', expected a number"),
    oack(tsize="8388609"): (3, "more than 8 MiB"),
}

ERRORS = {
    error(1, b"File not found\0"): Fetched(404, said="error 1 file not found"),
    error(2): Fetched(403, said="error 2 access violation"),
    error(0, b"go away\0"): Fetched(0, problem="error 0 go away"),
    error(0, b""): Fetched(0, problem="error 0"),
    error(8, b"no end"): Fetched(0, problem="error 8 options refused"),
    error(99, b"\xe9\0"): Fetched(0, problem="error 99 é"),
}


class DownloadTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.download = Download("a.cfg")

    def test_it_asks_with_options(self) -> None:
        """Octet mode, blocks that fit into a packet of an Ethernet, and the size if it is known."""
        self.assertEqual(self.download.packet, RRQ)

    def test_a_file_with_options(self) -> None:
        """OACK, blocks of the agreed size, and a short one at the end."""
        self.assertEqual(self.download.fed(oack(blksize="1000", tsize="1500")), ack(0))
        self.assertEqual(self.download.fed(data(1, bytes(1000))), ack(1))
        self.assertIsNone(self.download.result)
        self.assertEqual(self.download.fed(data(2, bytes(500))), ack(2))
        self.assertEqual(self.download.result, Fetched(200, body=bytes(1500), said="received"))

    def test_a_file_without_options(self) -> None:
        """A server that knows none sends blocks of 512 bytes at once; a whole number of them ends with an empty
        one."""
        for number in (1, 2):
            self.assertEqual(self.download.fed(data(number, bytes(512))), ack(number))
        self.assertEqual(self.download.fed(data(3)), ack(3))
        self.assertEqual(self.download.result, Fetched(200, body=bytes(1024), said="received"))

    def test_option_names_may_be_in_any_case(self) -> None:
        """RFC 2347: names are compared without case; an option that was not asked for is ignored."""
        self.assertEqual(self.download.fed(oack(BlkSize="600", windowsize="4")), ack(0))
        self.download.fed(data(1, bytes(600)))
        self.assertIsNone(self.download.result)

    def test_repeated_packets_are_acknowledged_again(self) -> None:
        """The ACK was lost on its way: without another the server would wait, and each byte counts once."""
        self.assertEqual(self.download.fed(oack(blksize="512")), ack(0))
        self.assertEqual(self.download.fed(oack(blksize="512")), ack(0))
        self.assertEqual(self.download.fed(data(1, bytes(512))), ack(1))
        self.assertEqual(self.download.fed(data(1, bytes(512))), ack(1))
        self.assertIsNone(self.download.fed(oack(blksize="512")))
        self.download.fed(data(2, b"end"))
        assert self.download.result
        self.assertEqual(len(self.download.result.body), 515)

    def test_block_numbers_roll_over(self) -> None:
        """A file of more than 65,535 blocks goes on with block 0."""
        self.download.fed(oack(blksize="8"))
        for number in range(1, 65_538):
            self.assertEqual(self.download.fed(data(number & 0xFFFF, b"12345678")), ack(number & 0xFFFF))
        self.download.fed(data(2))
        assert self.download.result
        self.assertEqual(len(self.download.result.body), 65_537 * 8)

    def test_what_is_of_no_use_is_not_answered(self) -> None:
        """And does not end the transfer: anybody may send to a port."""
        for packet in USELESS:
            with self.subTest(packet=packet[:20]):
                self.assertIsNone(self.download.fed(packet))
        self.assertIsNone(self.download.result)
        self.assertEqual(self.download.packet, RRQ)

    def test_what_is_wrong_ends_it_with_an_error(self) -> None:
        """The server is told by an ERROR packet, the user in words."""
        for packet, (code, problem) in BROKEN.items():
            with self.subTest(packet=packet[:20]):
                download = Download("a.cfg")
                answer = download.fed(packet)
                assert answer is not None
                self.assertEqual(answer[:4], b"\0\5" + code.to_bytes(2, "big"))
                self.assertTrue(answer.endswith(b"\0"))
                self.assertEqual(download.result, Fetched(0, problem=problem))

    def test_errors_are_answers(self) -> None:
        """Nothing is sent for an ERROR (RFC 1350 section 5); that there is no such file is as normal as a 404."""
        for packet, fetched in ERRORS.items():
            with self.subTest(packet=packet):
                download = Download("a.cfg")
                self.assertIsNone(download.fed(packet))
                self.assertEqual(download.result, fetched)

    def test_after_the_end_nothing_counts(self) -> None:
        """A late packet does not change a result."""
        self.download.fed(error(1))
        self.assertIsNone(self.download.fed(data(1, b"late")))
        self.assertEqual(self.download.result, Fetched(404, said="error 1 file not found"))

    def test_a_file_without_end_is_cut(self) -> None:
        """A server that never stops sending costs 8 MiB and no more."""
        self.download.fed(oack(blksize="1428"))
        number, answer = 0, None
        while self.download.result is None:
            number += 1
            answer = self.download.fed(data(number, bytes(1428)))
        self.assertEqual(self.download.result, Fetched(0, problem="more than 8 MiB"))
        self.assertEqual((number, (answer or b"")[:4]), (5875, b"\0\5\0\3"))

    def test_a_size_that_was_wrong_is_told(self) -> None:
        """A file that is shorter than the server said is half a configuration."""
        self.download.fed(oack(tsize="2000"))
        self.download.fed(data(1, b"abc"))
        self.assertEqual(self.download.result, Fetched(0, problem="3 bytes, tsize said 2,000"))

    def test_names_that_cannot_be_asked_for(self) -> None:
        """A NUL would end the name on the wire, and a request is one packet."""
        for name in ("", "a\0b", "x" * 401):
            self.assertIn("not a name of a file", str(self.assertRaises(Invalid, Download, name)))
        self.assertIn(b"\0\1\xff.cfg\0", Download(b"\xff.cfg".decode("utf-8", "surrogateescape")).packet)

    def test_a_stranger_is_sent_away(self) -> None:
        """RFC 1350 section 4: error 5, and the transfer goes on."""
        self.assertEqual(stranger(), b"\0\5\0\5unknown transfer id\0")

    @settings(derandomize=True, max_examples=300)
    @given(
        st.lists(st.binary(max_size=40), max_size=5), st.sampled_from([b"", b"\0\3\0\1", b"\0\6", b"\0\5"])
    )
    def test_no_packets_surprise_it(self, packets: list[bytes], start: bytes) -> None:
        """Whatever comes, it is answered or it is not."""
        download = Download("a.cfg")
        for packet in packets:
            download.fed(start + packet)
