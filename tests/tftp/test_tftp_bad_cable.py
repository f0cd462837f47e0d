"""Transfers over a cable that loses, doubles and reorders, with the kernel's own stack on both sides."""

import hashlib
import shutil
import tempfile
import time
import unittest
from pathlib import Path

import pytest
from twisted.trial.unittest import SynchronousTestCase

from tests.e2e import tftp_clients
from tests.e2e.tftp_clients import READERS, SOME, SOME_WRITERS, WRITERS, Client, all_at_once
from tests.tftp.bad_cable import SERVER_IP, Machine, cables

_LIMIT_S = 150  # of all transfers over one cable
_ROUNDS = 3
_BODY = b"".join(hashlib.sha256(b"%d" % number).digest() for number in range(2_000))


@unittest.skipIf(tftp_clients.lacking(), f"not installed: {tftp_clients.lacking()}")
class BadCableTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        for size in (4_096, 60_000):
            (self.folder / f"{size}.bin").write_bytes(_BODY[:size])

    @pytest.mark.long
    def test_every_transfer_completes_over_a_bad_cable(self) -> None:
        """5 % lost, 5 % doubled, 20 % before or after their turn, both ways. Other than through the relay requests
        are lost too, and the kernel cuts windows for a device that is not loopback."""
        found = cables()
        if not found:
            raise unittest.SkipTest("there can be no bad cable here: needs root and TUN devices or netem")
        for name, cable in found.items():
            with cable() as (server, phone), tftp_clients.serving(self.folder, *server) as ports:
                problems = self.problems(phone, ports)
            self.assertEqual(problems, [], name + "".join(f"\n{problem}" for problem in problems))

    def problems(self, phone: Machine, ports: tuple[int, int]) -> list[str]:
        """Run all transfers at once, all over the same cable."""
        until = time.monotonic() + _LIMIT_S

        def transfer(client: Client, port: int, remote: str, local: Path, place: Path, size: int) -> str:
            command = [*phone, *client.command(SERVER_IP, port, remote, str(local), "octet")]
            return tftp_clients.problem(command, max(until - time.monotonic(), 1.0), place, _BODY[:size])

        cases: list[tuple[object, ...]] = []
        for _ in range(_ROUNDS):
            for port in ports:
                for who in SOME:
                    client, local = READERS[who], Path(self.mktemp())
                    if not client.is_slow:  # curl with options cannot stand an OACK that comes twice
                        cases.append((client, port, "60000.bin", local, local, 60_000))
                for who in SOME_WRITERS:
                    name, local = f"up-{len(cases)}", self.folder / "4096.bin"
                    cases.append((WRITERS[who], port, name, local, self.folder / name, 4_096))
        return all_at_once(transfer, cases)
