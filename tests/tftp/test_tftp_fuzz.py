"""Random datagrams: whatever comes, the server goes on serving, and forgets in the end."""

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from provserver.tftp.interfaces import Content
from provserver.tftp.limits import Limits
from provserver.tftp.packet import Ack, Data, Error, OptionAck, Request, encode
from tests.tftp.lab import SERVER, Lab, MemorySink

FILE = b"0123456789\r\n" * 500
NAMES = st.sampled_from(["a.cfg", "log", "none", "", "../a", "\udcff"])
OPTIONS = st.lists(
    st.tuples(
        st.sampled_from(["blksize", "BLKSIZE", "tsize", "timeout", "windowsize", "x", ""]),
        st.one_of(st.integers(-5, 70_000).map(str), st.text(max_size=5)),
    ),
    max_size=6,
).map(tuple)
PACKETS = st.one_of(
    st.binary(max_size=40),
    st.builds(Request, st.booleans(), NAMES, st.booleans(), OPTIONS).map(encode),
    st.builds(Ack, st.one_of(st.integers(0, 20), st.integers(0, 65_535))).map(encode),
    st.builds(Data, st.integers(0, 12), st.binary(max_size=600)).map(encode),
    st.builds(Error, st.integers(0, 9), st.just("x")).map(encode),
    st.builds(OptionAck, OPTIONS).map(encode),
)
# who sends, what, to the listener or to who answered last, and how much time passes
EVENTS = st.lists(
    st.tuples(st.integers(0, 3), PACKETS, st.booleans(), st.sampled_from([0.0, 0.0, 0.05, 1.5])), max_size=40
)


def attacked(single_port: bool) -> Lab:
    lab = Lab(Limits(per_address_elsewhere=8, in_all=20, deadline_s=60), single_port)
    lab.backend.files["a.cfg"] = Content("a.cfg", body=FILE)
    lab.backend.sinks["log"] = MemorySink("log", most=2_000)
    return lab


class FuzzTests(SynchronousTestCase):
    def lives(self, lab: Lab) -> None:
        """A good phone is served, and in the end nothing is left of all the others."""
        lab.advance(70, step=0.05)
        self.assertEqual(lab.server.active, 0)
        self.assertEqual(lab.phone("192.0.2.1", 5).fetches("a.cfg", blksize=100, windowsize=3), FILE)
        lab.server.stop(0)
        lab.advance(0.1)
        self.assertEqual((lab.network.open, lab.clock.getDelayedCalls()), (0, []))

    @settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
    @given(EVENTS, st.booleans())
    def test_any_datagrams_leave_it_serving(
        self, events: list[tuple[int, bytes, bool, float]], single: bool
    ) -> None:
        """Requests, answers and junk, from several phones, to any port, in any order."""
        lab = attacked(single)
        phones = [lab.phone("10.0.0.7", 2000 + i) for i in range(4)]
        for who, datagram, to_listener, pause in events:
            phones[who].sends(datagram, SERVER if to_listener else None)
            lab.advance(pause, step=0.05)
        self.lives(lab)

    @pytest.mark.long
    def test_minutes_of_random_datagrams_leave_it_serving(self) -> None:
        """The same at length: real packets with a few bytes changed, from a hundred phones."""
        chance = random.Random(20_261_126)
        for _ in range(60):
            lab = attacked(chance.random() < 0.5)
            phones = [lab.phone(f"10.0.0.{1 + i % 9}", 2000 + i) for i in range(100)]
            for _ in range(5_000):
                datagram = bytearray(chance.choice(SEEDS))
                for _ in range(chance.choice((0, 0, 1, 3))):
                    datagram[chance.randrange(len(datagram))] = chance.randrange(256)
                del datagram[chance.randrange(1, 2 * len(datagram) + 1) :]
                chance.choice(phones).sends(bytes(datagram), SERVER if chance.random() < 0.4 else None)
                if chance.random() < 0.05:
                    lab.advance(chance.choice((0.01, 0.3, 2.0)), step=0.05)
            self.lives(lab)


SEEDS = (
    encode(Request(False, "a.cfg")),
    encode(Request(False, "a.cfg", True, (("blksize", "1428"), ("windowsize", "16"), ("tsize", "0")))),
    encode(Request(True, "log", options=(("tsize", "900"), ("timeout", "2")))),
    *(encode(Ack(block)) for block in range(9)),
    *(encode(Data(block, b"x" * length)) for block in (1, 2) for length in (0, 512)),
    encode(Error(0, "enough")),
)
