"""Transfers over a cable that loses, doubles and reorders, with the kernel's own stack on both sides."""

import contextlib
import hashlib
import shutil
import subprocess
import sys
import tempfile
import unittest
from collections.abc import Iterator
from pathlib import Path

import pytest
from twisted.trial.unittest import SynchronousTestCase

from tests.e2e.test_e2e_tftp import READERS, ROOT, SOME, WRITERS, Command
from tests.tftp.bad_cable import SERVER_IP, has_netem, lacks, netem_cable, tun_cable

_PATIENCE_S = 120
_TRIES = 5  # atftp gives up when an OACK comes twice, which any network may do, and no server can help it
# curl leaves out a block of what it writes when an OACK comes twice: only without options is its upload whole.
_SOUND = {who: command for who, command in WRITERS.items() if who != "curl with its defaults"}
_SLOW = ("curl with its defaults", "curl blksize 1428")  # curl asks for a timeout of 6 s, and gets it
_SIZES = {name: 4_096 if name in _SLOW else 60_000 for name in SOME}
_LACKS = lacks() or (
    "" if all(map(shutil.which, ("tftp", "atftp", "curl", "busybox"))) else "needs the TFTP clients"
)


class Transfers:
    """A server on one machine, clients on the other, a folder that both see."""

    def __init__(self, server: str, phone: str, folder: Path) -> None:
        self._server, self._phone, self._folder = server, phone, folder

    @contextlib.contextmanager
    def serving(self) -> Iterator[None]:
        command = [
            "ip",
            "netns",
            "exec",
            self._server,
            sys.executable,
            "-m",
            "tests.tftp.serving",
            str(self._folder),
        ]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
            assert process.stdout
            self._ports = [int(process.stdout.readline()) for _ in range(2)]
            try:
                yield
            finally:
                process.terminate()

    def run(self, command: Command, remote: str, local: str, single_port: bool = False) -> None:
        port = self._ports[single_port]
        client = ["ip", "netns", "exec", self._phone, *command(SERVER_IP, port, remote, local, "octet")]
        for _ in range(_TRIES):
            done = subprocess.run(client, capture_output=True, text=True, timeout=_PATIENCE_S)
            if "unexpected OACK" not in done.stderr:
                break
        assert done.returncode == 0, f"{client}: {done.stdout}{done.stderr}"


class BadCableTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        self.body = b"".join(hashlib.sha256(b"%d" % number).digest() for number in range(2_000))
        for size in set(_SIZES.values()):
            (self.folder / f"{size}.bin").write_bytes(self.body[:size])

    def all_transfers(self, cable: contextlib.AbstractContextManager[tuple[str, str]]) -> None:
        with cable as (server, phone):
            transfers = Transfers(server, phone, self.folder)
            with transfers.serving():
                for who, single_port in ((who, single_port) for who in SOME for single_port in (False, True)):
                    size, local = _SIZES[who], self.mktemp()
                    transfers.run(READERS[who], f"{size}.bin", local, single_port)
                    self.assertEqual(Path(local).read_bytes(), self.body[:size], (who, single_port))
                for number, (who, command) in enumerate(_SOUND.items()):
                    transfers.run(command, f"up-{number}", str(self.folder / "4096.bin"))
                    self.assertEqual((self.folder / f"up-{number}").read_bytes(), self.body[:4_096], who)

    @pytest.mark.long
    @unittest.skipIf(_LACKS, _LACKS)
    @unittest.skipUnless(has_netem(), "the kernel has no netem")
    def test_every_transfer_completes_through_netem(self) -> None:
        """5 % lost, 5 % doubled, 20 % before their turn, both ways: each client gets and gives the right bytes."""
        self.all_transfers(netem_cable())

    @pytest.mark.long
    @unittest.skipIf(_LACKS, _LACKS)
    def test_every_transfer_completes_over_a_bad_cable(self) -> None:
        """The same where the kernel has no netem. Other than through the relay requests are lost too, and the kernel
        cuts windows for a device that is not loopback."""
        for seed in range(3):
            self.all_transfers(tun_cable(seed))
