"""DHCP messages read off the wire, where anybody may send anything."""

import socket

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from provserver.dhcp import wire
from provserver.dhcp.sockets import attach
from provserver.errors import Invalid
from tests.dhcp.frames import MAC, ethernet, frame, ipv4, message, option, reply, request, udp

YEALINK = request(option(60, b"yealink"))
KIND = option(53, b"\x03")


class ReadTests(SynchronousTestCase):
    def test_a_request_says_who_sends_it_and_what(self) -> None:
        """Option 60 is what Kea's hook leaves out."""
        body = request(option(12, b"phone"), option(55, b"\1\3"), option(60, b"yealink\0"), option(77, b"u"))
        seen = wire.read_frame(frame(body))
        self.assertEqual((seen.reply, seen.kind, seen.mac, seen.ip), (False, 3, MAC, "0.0.0.0"))
        self.assertEqual(seen.options, {12: b"phone", 60: b"yealink\0", 77: b"u"})

    def test_an_acknowledgement_says_which_address(self) -> None:
        """That is the lease."""
        seen = wire.read_frame(frame(reply("10.0.0.7"), port=68))
        self.assertEqual((seen.reply, seen.kind, seen.mac, seen.ip), (True, wire.ACK, MAC, "10.0.0.7"))

    def test_tags_padding_and_longer_headers_are_passed(self) -> None:
        """Voice has a VLAN of its own more often than not, and short frames are padded."""
        for seen in (
            frame(YEALINK, tags=(0x8100,)),
            frame(YEALINK, tags=(0x88A8, 0x8100)),
            ethernet(ipv4(udp(YEALINK)), padding=40),
            ethernet(ipv4(udp(YEALINK), words=15)),
            ethernet(ipv4(udp(YEALINK), flags=0)),
            ethernet(ipv4(udp(YEALINK + bytes(64)))),
        ):
            self.assertEqual(wire.read_frame(seen).options, {60: b"yealink"})

    def test_a_long_option_comes_in_pieces(self) -> None:
        """RFC 3396: the pieces are one value, however far apart they stand."""
        for body in (
            message(KIND, option(60, b"x" * 300)),
            message(option(60, b"x" * 200), KIND, option(60, b"x" * 100)),
            message(KIND, b"\0\0", option(60, b"x" * 299), b"\0", option(60, b"x")),
        ):
            self.assertEqual(wire.read_message(body).options, {60: b"x" * 300})

    def test_overloaded_fields_are_options(self) -> None:
        """Option 52 turns the fields `file` and `sname` into room for options, in this order (RFC 3396)."""
        sname, file = option(60, b"name"), option(60, b"file")
        for value, expected in ((0, b""), (1, b"file"), (2, b"name"), (3, b"filename"), (4, b"")):
            body = message(KIND, option(52, bytes([value])), sname=sname, file=file)
            self.assertEqual(wire.read_message(body).options.get(60, b""), expected, value)
        self.assertEqual(
            wire.read_message(message(KIND, option(52, b""), sname=sname, file=file)).options, {}
        )

    def test_a_message_may_lack_its_end(self) -> None:
        """Some clients fill up with zeros instead."""
        self.assertEqual(wire.read_message(message(KIND, end=b"")).kind, 3)
        self.assertEqual(wire.read_message(message(KIND, end=bytes(60))).kind, 3)

    def test_what_follows_the_end_is_nothing(self) -> None:
        """Rubbish behind the end option is often what was in the buffer before."""
        self.assertEqual(wire.read_message(message(KIND) + option(60, b"rubbish")).options, {})


# A frame, and the word that says why it is refused.
BAD: tuple[tuple[bytes, str], ...] = (
    (b"", "IPv4"),
    (frame(YEALINK)[:13], "IPv4"),
    (frame(YEALINK)[:20], "UDP"),
    (frame(YEALINK)[:40], "a packet of"),
    (frame(YEALINK)[:-1], "a packet of"),
    (ethernet(ipv4(udp(YEALINK)), kind=0x86DD), "IPv4"),
    (ethernet(ipv4(udp(YEALINK)), kind=0x0806), "IPv4"),
    (frame(YEALINK, tags=(0x8100,) * 3), "IPv4"),
    (ethernet(b"", tags=(0x8100,)), "UDP"),
    (ethernet(ipv4(udp(YEALINK), version=6)), "UDP"),
    (ethernet(ipv4(udp(YEALINK), protocol=6)), "UDP"),
    (ethernet(ipv4(udp(YEALINK), flags=0x2000)), "fragment"),
    (ethernet(ipv4(udp(YEALINK), flags=0x0001)), "fragment"),
    (ethernet(ipv4(udp(YEALINK), total=0)), "a packet of"),
    (ethernet(ipv4(udp(YEALINK), total=27)), "a packet of"),
    (ethernet(ipv4(udp(YEALINK), total=65535)), "a packet of"),
    (ethernet(ipv4(udp(YEALINK), words=4)), "a packet of"),
    (ethernet(ipv4(b"", words=15)), "a packet of"),
    (ethernet(ipv4(udp(YEALINK, port=69))), "port 69"),
    (ethernet(ipv4(udp(YEALINK, length=7))), "a datagram of"),
    (ethernet(ipv4(udp(YEALINK, length=65535))), "a datagram of"),
    (frame(b""), "not a DHCP message"),
    (frame(YEALINK[:239]), "not a DHCP message"),
    (frame(YEALINK[:236] + b"BOOT" + YEALINK[240:]), "not a DHCP message"),
    (frame(message(KIND, op=0)), "Ethernet client"),
    (frame(message(KIND, op=3)), "Ethernet client"),
    (frame(message(KIND, hardware=(6, 6))), "Ethernet client"),
    (frame(message(KIND, hardware=(1, 16))), "Ethernet client"),
    (frame(message(KIND, mac="")), "MAC"),
    (frame(message(option(60, b"x"))), "message type"),
    (frame(message(option(53, b""))), "message type"),
    (frame(message(option(53, b"\1\3"))), "message type"),
    (frame(message(KIND, KIND)), "message type"),
    (frame(message(KIND, end=bytes([60]))), "option 60 is cut off"),
    (frame(message(KIND, end=bytes([60, 5]) + b"yeal")), "option 60 is cut off"),
    (frame(message(KIND, option(52, b"\1"), file=bytes([43] * 128))), "option 43 is cut off"),
)


class BadInputTests(SynchronousTestCase):
    def test_what_is_no_whole_message_is_refused(self) -> None:
        """With the reason, and never with another error: it would end the listener."""
        for bad, word in BAD:
            with self.subTest(frame=bad[:60]), self.assertRaises(Invalid) as refused:
                wire.read_frame(bad)
            self.assertIn(word, str(refused.exception))

    def test_a_message_may_end_anywhere(self) -> None:
        """Each truncation is refused, or is a message without what was cut off."""
        whole = request(option(60, b"yealink"), option(61, b"\1abc"))
        for size in range(len(whole)):
            try:
                seen = wire.read_message(whole[:size])
            except Invalid:
                continue
            self.assertTrue(seen.options.items() <= {60: b"yealink", 61: b"\1abc"}.items(), size)

    @settings(max_examples=500, derandomize=True, deadline=None)
    @given(st.binary(max_size=400))
    def test_no_options_are_an_error(self, area: bytes) -> None:
        """Whatever stands where options should."""
        try:
            seen = wire.read_message(message(KIND, area))
        except Invalid:
            return
        self.assertLessEqual(sum(map(len, seen.options.values())), len(area))

    @settings(max_examples=500, derandomize=True, deadline=None)
    @given(st.data())
    def test_no_frame_is_an_error(self, data: st.DataObject) -> None:
        """A good frame with some bytes changed gets further than noise does."""
        damaged = bytearray(frame(request(option(60, b"yealink"), option(52, b"\3"))))
        for at in data.draw(st.lists(st.integers(0, len(damaged) - 1), max_size=6)):
            damaged[at] = data.draw(st.integers(0, 255))
        cut = data.draw(st.integers(0, len(damaged)))
        for seen in (bytes(damaged), bytes(damaged[:cut])):
            try:
                wire.read_frame(seen)
            except Invalid as refused:
                self.assertLess(len(str(refused)), 200)


class FilterTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.sender, self.receiver = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.sender.close)
        self.addCleanup(self.receiver.close)
        self.receiver.setblocking(False)
        attach(self.receiver, wire.FILTER)

    def passes(self, seen: bytes) -> bool:
        self.sender.send(seen)
        try:
            return self.receiver.recv(65535) == seen
        except BlockingIOError:
            return False

    def test_the_kernel_passes_what_is_read(self) -> None:
        """What it kept back would never be seen."""
        for seen in (
            frame(YEALINK),
            frame(YEALINK, tags=(0x8100,)),
            frame(YEALINK, tags=(0x88A8,)),
            frame(reply("10.0.0.7"), port=68),
            frame(reply("10.0.0.7"), port=68, tags=(0x8100,)),
            ethernet(ipv4(udp(YEALINK), words=15)),
        ):
            self.assertTrue(self.passes(seen), seen[:40])

    def test_the_kernel_keeps_the_rest_to_itself(self) -> None:
        """Ten calls are a thousand packets a second, which none of us needs to look at."""
        for seen in (
            frame(YEALINK, port=5060),
            frame(YEALINK, port=5060, tags=(0x8100,)),
            frame(YEALINK, tags=(0x8100, 0x8100)),
            ethernet(ipv4(udp(YEALINK), protocol=6)),
            ethernet(ipv4(udp(YEALINK), flags=0x2001)),
            ethernet(ipv4(udp(YEALINK)), kind=0x86DD),
            ethernet(ipv4(udp(YEALINK)), kind=0x86DD, tags=(0x8100,)),
            frame(YEALINK)[:30],
            b"x",
        ):
            self.assertFalse(self.passes(seen), seen[:40])

    def test_what_it_passes_is_nearly_what_is_read(self) -> None:
        """Of the frames that are refused above, none passes that the kernel can tell."""
        passing = {word for bad, word in BAD if bad and self.passes(bad)}
        self.assertEqual(passing & {"IPv4", "fragment", "port 69"}, set())
