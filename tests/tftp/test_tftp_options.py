"""tftp.options and tftp.netascii: what is granted, and how text travels."""

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from provserver.tftp import netascii
from provserver.tftp.options import Agreed, Caps, negotiate
from provserver.tftp.packet import Options

CAPS = Caps(blksize=1468, window=64)
SIZE = 5_000_000_000  # over 4 GB

GRANTED: tuple[tuple[str, Options, Agreed], ...] = (
    ("nothing asked", (), Agreed()),
    ("blksize", (("blksize", "1428"),), Agreed(1428, answer=(("blksize", "1428"),))),
    ("the least", (("blksize", "8"),), Agreed(8, answer=(("blksize", "8"),))),
    ("capped", (("blksize", "65464"),), Agreed(1468, answer=(("blksize", "1468"),))),
    ("any case, spelt as asked", (("BlkSize", "512"),), Agreed(512, answer=(("BlkSize", "512"),))),
    ("timeout", (("timeout", "255"),), Agreed(timeout_s=255, answer=(("timeout", "255"),))),
    ("tsize over 4 GB", (("tsize", "0"),), Agreed(answer=(("tsize", "5000000000"),))),
    ("window", (("windowsize", "16"),), Agreed(window=16, answer=(("windowsize", "16"),))),
    ("window capped", (("windowsize", "65535"),), Agreed(window=64, answer=(("windowsize", "64"),))),
    (
        "all, in the order asked",
        (("windowsize", "4"), ("tsize", "0"), ("blksize", "1024"), ("timeout", "3")),
        Agreed(
            1024,
            4,
            3,
            answer=(("windowsize", "4"), ("tsize", str(SIZE)), ("blksize", "1024"), ("timeout", "3")),
        ),
    ),
    (
        "twice: the first",
        (("blksize", "512"), ("BLKSIZE", "1024")),
        Agreed(512, answer=(("blksize", "512"),)),
    ),
    ("twice, the first absurd", (("blksize", "7"), ("blksize", "8")), Agreed(8, answer=(("blksize", "8"),))),
)

NOT_GRANTED: Options = (
    ("blksize", "7"),
    ("blksize", "0"),
    ("blksize", "-1"),
    ("blksize", "65465"),
    ("blksize", "99999999999999999999999"),
    ("blksize", ""),
    ("blksize", "+512"),
    ("blksize", " 512"),
    ("blksize", "512x"),
    ("blksize", "0x200"),
    ("blksize", "5.12"),
    ("blksize", "٥١٢"),
    ("timeout", "0"),
    ("timeout", "256"),
    ("timeout", "1.5"),
    ("tsize", "-1"),
    ("tsize", "all"),
    ("windowsize", "0"),
    ("windowsize", "65536"),
    ("multicast", ""),
    ("utimeout", "5"),
    ("", ""),
    ("blksize ", "512"),
    ("\udcff", "1"),
)


class NegotiateTests(SynchronousTestCase):
    def test_what_is_asked_is_granted_within_the_caps(self) -> None:
        """RFC 2347, 2348, 2349, 7440: the answer says what is in force and nothing else."""
        for why, asked, agreed in GRANTED:
            self.assertEqual(negotiate(asked, CAPS, SIZE), agreed, why)

    def test_the_absurd_and_the_unknown_are_not_answered(self) -> None:
        """An option without an answer is not in force, and a phone without options goes on by RFC 1350."""
        for option in NOT_GRANTED:
            self.assertEqual(negotiate((option,), CAPS, SIZE), Agreed(), option)

    def test_a_writers_tsize_is_given_back(self) -> None:
        """RFC 2349: on a write request the size is the phone's to say."""
        agreed = negotiate((("tsize", "6000000000"),), CAPS)
        self.assertEqual((agreed.tsize, agreed.answer), (6_000_000_000, (("tsize", "6000000000"),)))

    def test_an_empty_file_has_a_size(self) -> None:
        """Zero is a size, not "unknown"."""
        self.assertEqual(negotiate((("tsize", "0"),), CAPS, 0).answer, (("tsize", "0"),))


class NetasciiTests(SynchronousTestCase):
    def test_lines_travel_with_cr_lf_and_bare_cr_with_nul(self) -> None:
        """RFC 764, as RFC 1350 wants it."""
        self.assertEqual(netascii.encode(b"a\nb\rc\r\n"), b"a\r\nb\r\0c\r\0\r\n")

    def test_what_nobody_should_send_is_kept(self) -> None:
        """A CR before anything else stays a CR, also the last byte of all."""
        self.assertEqual(netascii.Decoder().decode(b"a\rb\r", last=True), b"a\rb\r")

    @given(st.lists(st.sampled_from([b"a", b"\r", b"\n", b"\0", b"\r\n"])), st.integers(1, 5))
    def test_any_bytes_come_back_however_they_are_cut(self, parts: list[bytes], size: int) -> None:
        """A pair may be cut in two by the end of a block."""
        data = b"".join(parts)
        wire = netascii.encode(data)
        decoder, back = netascii.Decoder(), b""
        for at in range(0, len(wire), size):
            back += decoder.decode(wire[at : at + size], last=False)
        self.assertEqual(back + decoder.decode(b"", last=True), data)
