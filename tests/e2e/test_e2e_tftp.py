"""Real TFTP clients against our server, each combination of options, directly and through a bad network."""

import itertools
import shutil
import subprocess
import sys
import tempfile
import unittest
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import ClassVar

import pytest
from twisted.trial.unittest import SynchronousTestCase

from tests.tftp.relay import Relay

ROOT = Path(__file__).resolve().parent.parent.parent
_PATIENCE_S = 60
Command = Callable[[str, int, str, str, str], list[str]]  # host, port, remote, local, mode -> what is run

# --- the clients, and all that each can ask for --------------------------------------------------------------

BLKSIZES = (None, 8, 512, 1428, 16_384)


def hpa(host: str, port: int, remote: str, local: str, mode: str) -> list[str]:
    return ["tftp", "-m", mode, host, str(port), "-c", "get", remote, local]


def hpa_put(host: str, port: int, remote: str, local: str, mode: str) -> list[str]:
    return ["tftp", "-m", mode, host, str(port), "-c", "put", local, remote]


def atftp(*options: str, put: bool = False) -> Command:
    asked = [word for option in options for word in ("--option", option)]
    way = "--put" if put else "--get"

    def command(host: str, port: int, remote: str, local: str, mode: str) -> list[str]:
        named = ["--remote-file", remote, "--local-file", local]
        return ["atftp", *asked, "--option", f"mode {mode}", way, *named, host, str(port)]

    return command


def curl(*options: str, put: bool = False) -> Command:
    def command(host: str, port: int, remote: str, local: str, mode: str) -> list[str]:
        way = ["--upload-file", local] if put else ["--output", local]
        host = f"[{host}]" if ":" in host else host
        url = f"tftp://{host}:{port}/{remote};mode={mode}"
        return ["curl", "--silent", "--show-error", *options, *way, url]

    return command


def busybox(blksize: int | None, put: bool = False) -> Command:
    asked = ["-b", str(blksize)] if blksize else []

    def command(host: str, port: int, remote: str, local: str, _mode: str) -> list[str]:
        return ["busybox", "tftp", "-p" if put else "-g", "-r", remote, "-l", local, *asked, host, str(port)]

    return command


def _atftp_options() -> Iterator[tuple[str, ...]]:
    for blksize, window, tsize, timeout in itertools.product(BLKSIZES, (None, 8), (False, True), (None, 1)):
        options = []
        if blksize:
            options.append(f"blksize {blksize}")
        if window:
            options.append(f"windowsize {window}")
        if tsize:
            options.append("tsize")
        if timeout:
            options.append(f"timeout {timeout}")
        yield tuple(options)


READERS: dict[str, Command] = {
    "tftp-hpa": hpa,
    **{f"atftp {', '.join(options) or 'plain'}": atftp(*options) for options in _atftp_options()},
    **{f"curl blksize {size}": curl("--tftp-blksize", str(size)) for size in BLKSIZES if size},
    "curl with its defaults": curl(),
    "curl without options": curl("--tftp-no-options"),
    **{f"busybox blksize {size}": busybox(size) for size in BLKSIZES if size != 8},
}
# Over a bad network, those that differ: a block takes a round trip, and some clients wait seconds to ask again.
SOME = (
    "tftp-hpa",
    "atftp plain",
    "atftp blksize 1428",
    "atftp blksize 1428, windowsize 8",
    "atftp blksize 512, windowsize 8, tsize",
    "curl with its defaults",
    "curl blksize 1428",
    "curl without options",
    "busybox blksize None",
    "busybox blksize 1428",
)
WRITERS: dict[str, Command] = {
    "tftp-hpa": hpa_put,
    "atftp plain": atftp(put=True),
    "atftp blksize 1428, tsize": atftp("blksize 1428", "tsize", put=True),
    "curl with its defaults": curl(put=True),
    "curl without options": curl("--tftp-no-options", put=True),
    "busybox plain": busybox(None, put=True),
    "busybox blksize 1428": busybox(1428, put=True),
}
TEXT = b"".join(b"line %d of a text\r with both\r\n kinds of ends\n" % i for i in range(300))


@unittest.skipUnless(all(map(shutil.which, ("tftp", "atftp", "curl", "busybox"))), "needs the TFTP clients")
class InteropTests(SynchronousTestCase):
    """tftp-hpa, atftp, curl and busybox: the packages tftp-hpa, atftp, curl and busybox of Debian."""

    folder: ClassVar[Path]
    server: ClassVar["subprocess.Popen[str]"]
    port: ClassVar[int]
    single_port: ClassVar[int]

    @classmethod
    def setUpClass(cls) -> None:
        cls.folder = Path(tempfile.mkdtemp())
        for size in (0, 1, 511, 512, 513, 4096, 300_000):
            (cls.folder / f"{size}.bin").write_bytes((bytes(range(256)) * (size // 256 + 1))[:size])
        (cls.folder / "text").write_bytes(TEXT)
        cls.server = subprocess.Popen(
            [sys.executable, "-m", "tests.tftp.serving", str(cls.folder)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        assert cls.server.stdout
        cls.port, cls.single_port = (int(cls.server.stdout.readline()) for _ in range(2))

    @classmethod
    def tearDownClass(cls) -> None:
        cls.server.terminate()
        cls.server.communicate()
        shutil.rmtree(cls.folder)

    def reads(
        self, command: Command, name: str, port: int, mode: str = "octet", host: str = "127.0.0.1"
    ) -> bytes:
        local = self.mktemp()
        self.run_client(command(host, port, name, local, mode))
        # curl makes no file of zero bytes
        return Path(local).read_bytes() if Path(local).exists() else b""

    def run_client(self, command: list[str]) -> str:
        done = subprocess.run(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_PATIENCE_S,
            check=False,
        )
        self.assertEqual(done.returncode, 0, f"{command}: {done.stdout}")
        return done.stdout

    def test_every_combination_of_options_reads(self) -> None:
        """Sizes round a block, and one of many blocks; the same bytes in every case."""
        for who, command in READERS.items():
            # curl loses its way in an empty file, whatever the server; blocks of 8 bytes are many
            for size in (
                (513,) if "8," in who else (511, 512, 513, 4096) if "curl" in who else (0, 511, 512, 4096)
            ):
                body = (self.folder / f"{size}.bin").read_bytes()
                self.assertEqual(self.reads(command, f"{size}.bin", self.port), body, (who, size))

    def test_a_file_from_disk_reads(self) -> None:
        """More than one chunk, in windows and without."""
        body = (self.folder / "300000.bin").read_bytes()
        for who in SOME:
            self.assertEqual(self.reads(READERS[who], "300000.bin", self.port), body, who)

    def test_through_a_bad_network_the_bytes_are_the_same(self) -> None:
        """5 % lost, 5 % doubled, 20 % late and so out of order, in both directions."""
        (self.folder / "bad.bin").write_bytes((self.folder / "300000.bin").read_bytes()[:60_000])
        for seed, who in enumerate(SOME):
            # curl asks for a timeout of 6 s, and gets it
            name = "4096.bin" if who in ("curl with its defaults", "curl blksize 1428") else "bad.bin"
            with Relay(("127.0.0.1", self.port), seed, lost=0.05, doubled=0.05, late=0.2) as relay:
                got = self.reads(READERS[who], name, relay.port)
            self.assertEqual(got, (self.folder / name).read_bytes(), who)

    def test_through_a_bad_network_a_single_port_serves_as_well(self) -> None:
        """The same with everything on one port."""
        body = (self.folder / "4096.bin").read_bytes()
        for seed, who in enumerate(SOME):
            with Relay(("127.0.0.1", self.single_port), seed, lost=0.05, doubled=0.05, late=0.2) as relay:
                self.assertEqual(self.reads(READERS[who], "4096.bin", relay.port), body, who)

    def test_single_port_mode_is_understood(self) -> None:
        """No client minds that the TID is the port that was asked."""
        body = (self.folder / "4096.bin").read_bytes()
        for who in SOME:
            self.assertEqual(self.reads(READERS[who], "4096.bin", self.single_port), body, who)

    def test_netascii_reads(self) -> None:
        """What a client makes of our CR LF and CR NUL is the file; curl leaves them as they travel."""
        wire = TEXT.replace(b"\r", b"\r\0").replace(b"\n", b"\r\n")
        for who, got in (("tftp-hpa", TEXT), ("atftp plain", TEXT), ("curl with its defaults", wire)):
            self.assertEqual(self.reads(READERS[who], "text", self.port, "netascii"), got, who)

    def test_ipv6_reads(self) -> None:
        """One socket serves both families."""
        body = (self.folder / "4096.bin").read_bytes()
        for who in ("curl with its defaults", "atftp plain", "busybox blksize 1428"):
            self.assertEqual(self.reads(READERS[who], "4096.bin", self.port, host="::1"), body, who)

    def test_uploads_are_written(self) -> None:
        """Each client's bytes arrive, whatever size; also through the single port."""
        for (number, (who, command)), size in itertools.product(enumerate(WRITERS.items()), (1, 512, 4096)):
            place = self.folder / f"{size}.bin"
            for port in (self.port, self.single_port):
                name = f"up-{number}-{size}-{port}"
                self.run_client(command("127.0.0.1", port, name, str(place), "octet"))
                self.assertEqual((self.folder / name).read_bytes(), place.read_bytes(), (who, size))

    def test_uploads_through_a_bad_network_are_the_same_bytes(self) -> None:
        """What was acknowledged was stored, once, in order."""
        place = self.folder / "4096.bin"
        for seed, (who, command) in enumerate(WRITERS.items()):
            with Relay(("127.0.0.1", self.port), seed, lost=0.05, doubled=0.05, late=0.2) as relay:
                self.run_client(command("127.0.0.1", relay.port, f"bad-{seed}", str(place), "octet"))
            self.assertEqual((self.folder / f"bad-{seed}").read_bytes(), place.read_bytes(), who)

    def test_a_missing_file_is_told(self) -> None:
        """Error 1, in each client's words; curl has a status for it."""
        for who, told in (
            ("tftp-hpa", "not found"),
            ("atftp plain", "not found"),
            ("curl with its defaults", "status 68"),
            ("busybox blksize None", "not found"),
        ):
            command = READERS[who]("127.0.0.1", self.port, "none", self.mktemp(), "octet")
            done = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE_S, check=False)
            self.assertIn(told, f"{done.stdout}{done.stderr} status {done.returncode}".lower(), who)

    @pytest.mark.long
    def test_every_combination_survives_a_worse_network(self) -> None:
        """20 seeds of 10 % loss for each of them."""
        body = (self.folder / "4096.bin").read_bytes()
        for seed, (who, command) in itertools.product(range(20), READERS.items()):
            with Relay(("127.0.0.1", self.port), seed, lost=0.1, doubled=0.1, late=0.3) as relay:
                self.assertEqual(self.reads(command, "4096.bin", relay.port), body, (who, seed))
