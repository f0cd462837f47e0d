"""Real TFTP clients against our server, each combination of options, directly and through a bad network."""

import contextlib
import itertools
import shutil
import tempfile
import unittest
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import ClassVar

import pytest
from attrs import frozen
from twisted.trial.unittest import SynchronousTestCase

from provserver.tftp.packet import OptionAck, Request, parse
from tests.e2e import tftp_clients
from tests.e2e.tftp_clients import READERS, SOME, SOME_WRITERS, WRITERS, all_at_once
from tests.tftp.relay import Relay

_LIMIT_S = 90  # of one client: each packet that is lost can cost 6 s
_SIZES = (0, 1, 64, 511, 512, 513, 4096, 60_000, 300_000)
Direction = Callable[["InteropTests", str, int, int], str]  # who, size, port: what is wrong about it


@frozen
class Bad:
    """What a network does to how many of its packets."""

    lost: float
    doubled: float
    late: float


BAD, WORSE = Bad(0.05, 0.05, 0.2), Bad(0.1, 0.1, 0.3)
TEXT = b"".join(b"line %d of a text\r with both\r\n kinds of ends\n" % i for i in range(300))


def _few_blocks(who: str) -> int:
    """Return a size of at most nine blocks, for each packet that is lost can cost seconds: one with the option
    `timeout 1`, six with curl's, and five until atftp asks again for what it has had twice."""
    return 64 if READERS[who].blksize == 8 else 4096


@unittest.skipIf(tftp_clients.lacking(), f"not installed: {tftp_clients.lacking()}")
class InteropTests(SynchronousTestCase):
    """tftp-hpa, atftp, curl and busybox: the packages tftp-hpa, atftp, curl and busybox of Debian."""

    folder: ClassVar[Path]
    running: ClassVar[contextlib.ExitStack]
    port: ClassVar[int]
    single_port: ClassVar[int]

    @classmethod
    def setUpClass(cls) -> None:
        with contextlib.ExitStack() as running:
            cls.folder = Path(tempfile.mkdtemp())
            running.callback(shutil.rmtree, cls.folder)
            for size in _SIZES:
                (cls.folder / f"{size}.bin").write_bytes((bytes(range(256)) * (size // 256 + 1))[:size])
            (cls.folder / "text").write_bytes(TEXT)
            cls.port, cls.single_port = running.enter_context(tftp_clients.serving(cls.folder))
            cls.running = running.pop_all()

    @classmethod
    def tearDownClass(cls) -> None:
        cls.running.close()

    def none_of(self, problems: list[str]) -> None:
        self.assertEqual(problems, [], "\n" + "\n".join(problems))

    # --- one transfer; what is wrong about it, "" if nothing is ---------------------------------------------

    def read(self, who: str, size: int, port: int, host: str = "127.0.0.1") -> str:
        local = Path(self.mktemp())
        command = READERS[who].command(host, port, f"{size}.bin", str(local), "octet")
        return tftp_clients.problem(command, _LIMIT_S, local, (self.folder / f"{size}.bin").read_bytes())

    def written(self, who: str, size: int, port: int) -> str:
        place, name = self.folder / f"{size}.bin", f"up-{Path(self.mktemp()).name}"
        command = WRITERS[who].command("127.0.0.1", port, name, str(place), "octet")
        return tftp_clients.problem(command, _LIMIT_S, self.folder / name, place.read_bytes())

    def badly(self, direction: Direction, bad: Bad, who: str, size: int, port: int, seed: int) -> str:
        # An OACK that comes twice makes curl begin anew, in the middle of the file: no server can help it.
        doubled = 0.0 if READERS[who].is_slow else bad.doubled
        with Relay(("127.0.0.1", port), seed, bad.lost, doubled, bad.late) as relay:
            problem = direction(self, who, size, relay.port)
        return problem and f"seed {seed}, {relay.dropped} packets lost: {problem}"

    def granted(self, direction: Direction, who: str) -> str:
        with Relay(("127.0.0.1", self.port), 0, lost=0, doubled=0, late=0) as relay:
            problem = direction(self, who, 4096, relay.port)
        request, answer = (parse(datagram) for datagram in relay.heard[:2])
        assert isinstance(request, Request)
        wishes = {option: str(value) for option, value in READERS[who].asks.items()}
        size = {"tsize": "4096"} if "tsize" in wishes else {}
        asks = dict(request.options), wishes | size if request.writing else wishes
        gets = dict(answer.options) if isinstance(answer, OptionAck) else {}, wishes | size
        return problem or "".join(f"{who}: {is_} is not {must}" for is_, must in (asks, gets) if is_ != must)

    # --- a good network --------------------------------------------------------------------------------------

    def test_every_combination_of_options_reads(self) -> None:
        """Sizes round a block, and one of many blocks; the same bytes in every case."""
        cases = [
            (who, size, self.port)
            for who in READERS
            for size in (0, 511, 512, 513, 4096)
            if size or not READERS[who].is_slow  # curl loses its way in an empty file, whatever the server
        ]
        self.none_of(all_at_once(self.read, cases))

    def test_what_each_client_asks_for_is_granted(self) -> None:
        """The right bytes alone would not show that an option was in force."""
        cases = itertools.product((InteropTests.read, InteropTests.written), READERS)
        self.none_of(all_at_once(self.granted, cases))

    def test_a_file_from_disk_reads(self) -> None:
        """More than one chunk, in windows and without."""
        self.none_of(all_at_once(self.read, [(who, 300_000, self.port) for who in SOME]))

    def test_single_port_mode_is_understood(self) -> None:
        """No client minds that the TID is the port that was asked."""
        self.none_of(all_at_once(self.read, [(who, 4096, self.single_port) for who in READERS]))

    def test_netascii_reads(self) -> None:
        """What a client makes of our CR LF and CR NUL is the file; curl leaves them as they travel."""
        wire = TEXT.replace(b"\r", b"\r\0").replace(b"\n", b"\r\n")
        for who, body in (("tftp-hpa", TEXT), ("atftp plain", TEXT), ("curl with its defaults", wire)):
            local = Path(self.mktemp())
            command = READERS[who].command("127.0.0.1", self.port, "text", str(local), "netascii")
            self.assertEqual(tftp_clients.problem(command, _LIMIT_S, local, body), "")

    def test_ipv6_reads(self) -> None:
        """One socket serves both families."""
        for who in ("tftp-hpa", "curl with its defaults", "atftp plain", "busybox blksize 1428"):
            self.assertEqual(self.read(who, 4096, self.port, host="::1"), "")

    def test_uploads_are_written(self) -> None:
        """Each client's bytes arrive, whatever size; also through the single port."""
        cases = itertools.product(WRITERS, (0, 1, 512, 4096), (self.port, self.single_port))
        self.none_of(all_at_once(self.written, cases))

    def test_a_missing_file_is_told(self) -> None:
        """Error 1, in each client's words; curl has a status for it."""
        for who, told in (
            ("tftp-hpa", "not found"),
            ("atftp plain", "not found"),
            ("curl with its defaults", "status 68"),
            ("busybox blksize 512", "not found"),
        ):
            command = READERS[who].command("127.0.0.1", self.port, "none", self.mktemp(), "octet")
            done = tftp_clients.run(command, _LIMIT_S)
            self.assertIn(told, f"{done.stdout} status {done.returncode}".lower(), who)

    # --- a bad one -------------------------------------------------------------------------------------------

    def test_through_a_bad_network_the_bytes_are_the_same(self) -> None:
        """In both directions packets are lost, doubled, late and so out of order."""
        sizes = {who: 4096 if READERS[who].is_slow else 60_000 for who in SOME}
        cases = [(who, sizes[who], self.port, seed) for seed, who in enumerate(SOME)]
        self.none_of(all_at_once(partial(self.badly, InteropTests.read, BAD), cases))

    def test_every_combination_survives_a_bad_network(self) -> None:
        """Each option is in force while packets are lost; a few blocks of each."""
        cases = [(who, _few_blocks(who), self.port, seed) for seed, who in enumerate(READERS)]
        self.none_of(all_at_once(partial(self.badly, InteropTests.read, BAD), cases))

    def test_through_a_bad_network_a_single_port_serves_as_well(self) -> None:
        """The same with everything on one port."""
        cases = [(who, 4096, self.single_port, seed) for seed, who in enumerate(SOME)]
        self.none_of(all_at_once(partial(self.badly, InteropTests.read, BAD), cases))

    def test_uploads_through_a_bad_network_are_the_same_bytes(self) -> None:
        """What was acknowledged was stored, once, in order; also through the single port."""
        ports = (self.port, self.single_port)
        cases = [(who, 4096, port, seed) for seed, who in enumerate(SOME_WRITERS) for port in ports]
        self.none_of(all_at_once(partial(self.badly, InteropTests.written, BAD), cases))

    @pytest.mark.long
    def test_every_combination_survives_a_worse_network(self) -> None:
        """20 seeds for each of them."""
        cases = [(who, _few_blocks(who), self.port, seed) for seed in range(20) for who in READERS]
        self.none_of(all_at_once(partial(self.badly, InteropTests.read, WORSE), cases))
