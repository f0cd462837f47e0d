"""tftp.packet: bytes to values and back."""

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from provserver.tftp.errors import Malformed
from provserver.tftp.packet import (
    Ack,
    Data,
    Error,
    OptionAck,
    Packet,
    Request,
    ack_block,
    data_packet,
    data_packets,
    encode,
    opcode,
    parse,
)

PACKETS: tuple[tuple[bytes, Packet], ...] = (
    (b"\0\1a.cfg\0octet\0", Request(False, "a.cfg")),
    (b"\0\1a.cfg\0NetASCII\0", Request(False, "a.cfg", True)),
    (
        b"\0\2up/a.log\0octet\0BLKSIZE\x001428\0tsize\x0012\0",
        Request(True, "up/a.log", options=(("BLKSIZE", "1428"), ("tsize", "12"))),
    ),
    (b"\0\1a\0octet\0x\0\0", Request(False, "a", options=(("x", ""),))),
    (b"\0\1\xff\xc3\xa9\0octet\0", Request(False, "\udcff\xe9")),
    (b"\0\3\0\1abc", Data(1, b"abc")),
    (b"\0\3\xff\xff", Data(65535, b"")),
    (b"\0\4\1\2", Ack(258)),
    (b"\0\4\1\2padding", Ack(258)),
    (b"\0\5\0\1not found\0", Error(1, "not found")),
    (b"\0\5\0\0", Error(0, "")),
    (b"\0\5\0\0no NUL", Error(0, "no NUL")),
    (b"\0\5\0\x63line\n\x1b[31m\xe9\0", Error(99, "line??[31m?")),
    (b"\0\5\0\0" + b"x" * 500 + b"\0", Error(0, "x" * 100)),
    (b"\0\6", OptionAck(())),
    (b"\0\6blksize\x001428\0", OptionAck((("blksize", "1428"),))),
)

MALFORMED: tuple[tuple[str, bytes], ...] = (
    ("nothing", b""),
    ("half an opcode", b"\0"),
    ("opcode 0", b"\0\0a\0octet\0"),
    ("opcode 7", b"\0\7\0\1"),
    ("an opcode in the other byte order", b"\1\0a\0octet\0"),
    ("a request of nothing", b"\0\1"),
    ("a request of one NUL", b"\0\1\0"),
    ("no mode", b"\0\1a.cfg\0"),
    ("no NUL after the mode", b"\0\1a.cfg\0octet"),
    ("no NUL at all", b"\0\1a.cfg"),
    ("no file name", b"\0\1\0octet\0"),
    ("mode mail", b"\0\1a\0mail\0"),
    ("an empty mode", b"\0\1a\0\0"),
    ("a non-ASCII mode", b"\0\1a\0oct\xe9t\0"),
    ("an option without a value", b"\0\1a\0octet\0blksize\0"),
    ("a value without a NUL", b"\0\1a\0octet\0blksize\x00512"),
    ("a padded request", b"\0\1a\0octet\0\0"),
    ("a request of 513 bytes", b"\0\1" + b"a" * 504 + b"\0octet\0"),
    ("DATA without a number", b"\0\3"),
    ("DATA with half a number", b"\0\3\0"),
    ("ACK with half a number", b"\0\4\0"),
    ("ERROR without a code", b"\0\5"),
    ("OACK with half a pair", b"\0\6blksize\0"),
    ("OACK without a NUL", b"\0\6blksize\x001428"),
)


class PacketTests(SynchronousTestCase):
    def test_packets_are_read(self) -> None:
        """RFC 1350 section 5, RFC 2347: any case of the mode, options as they stand, texts that can be logged."""
        for datagram, packet in PACKETS:
            self.assertEqual(parse(datagram), packet, datagram)

    def test_malformed_packets_are_refused(self) -> None:
        """Whatever comes from the network raises this one error."""
        for why, datagram in MALFORMED:
            with self.assertRaises(Malformed, msg=why):
                parse(datagram)

    def test_the_longest_request_is_read(self) -> None:
        """RFC 2347: 512 bytes."""
        name = "a" * 503
        self.assertEqual(parse(b"\0\1" + name.encode() + b"\0octet\0"), Request(False, name))

    def test_what_is_written_is_read_back(self) -> None:
        """The client of the tests and the server speak through one codec."""
        for _, packet in PACKETS:
            self.assertEqual(parse(encode(packet)), packet)

    def test_the_fast_way_reads_the_same_acks(self) -> None:
        """`ack_block` is `parse` for the hot path, and nothing else."""
        for datagram, packet in PACKETS:
            self.assertEqual(ack_block(datagram), packet.block if isinstance(packet, Ack) else -1, datagram)
        for why, datagram in MALFORMED:
            self.assertEqual(ack_block(datagram), -1, why)

    def test_block_numbers_roll_over_to_zero(self) -> None:
        """A file of 65,536 blocks and more: number 65,536 is 0 on the wire."""
        self.assertEqual(data_packet(65_535, b"x"), b"\0\3\xff\xffx")
        self.assertEqual(
            data_packets(65_535, 3, b"abcde", 2), [b"\0\3\xff\xffab", b"\0\3\0\0cd", b"\0\3\0\1e"]
        )
        self.assertEqual(data_packets(1, 2, b"ab", 2), [b"\0\3\0\1ab", b"\0\3\0\2"])

    @given(st.binary(max_size=600))
    def test_any_bytes_are_read_or_refused(self, datagram: bytes) -> None:
        """No datagram raises anything but Malformed, here or in the fast way."""
        block = ack_block(datagram)
        try:
            packet = parse(datagram)
        except Malformed:
            self.assertEqual(block, -1)
            return
        self.assertEqual(block, packet.block if isinstance(packet, Ack) else -1)
        self.assertEqual(opcode(datagram), opcode(encode(packet)))
        self.assertEqual(parse(encode(packet)), packet)
