"""A lease socket in a folder of its own, with somebody who hears of its leases."""

import os
import shutil
import socket
from collections.abc import Sequence
from unittest.mock import patch

from twisted.trial.unittest import SynchronousTestCase

from provserver.dhcp import hook
from provserver.dhcp.heard import Heard
from provserver.dhcp.receiver import Receiver
from provserver.dhcp.sockets import bind_lease_socket
from provserver.interfaces import IProvisioner
from tests.dhcp.told import BASE, Logged, Readers, Told, short_folder

MAC = "00:15:65:4a:a9:37"
COMMIT = hook.datagram(("commit", "10.0.0.7", MAC, ("06079.65",)))
STRANGER = 4711


def commit(ip: str, mac: str, *options: str) -> bytes:
    return hook.datagram(("commit", ip, mac, options))


class ReceiverCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.folder = short_folder()
        self.addCleanup(shutil.rmtree, self.folder)
        self.path = self.folder / "lease"
        self.reactor = Readers()
        self.reactor.advance(1_800_000_000)
        self.told = Told()
        self.logged = Logged(self, Receiver)

    def receiver(
        self, users: Sequence[str] = (), provisioner: IProvisioner | None = None, heard: Heard | None = None
    ) -> Receiver:
        """Return one that is bound; it goes with the test."""
        self.bound = bind_lease_socket(self.path)
        receiver = Receiver(
            self.bound, users, provisioner or self.told, BASE, self.reactor, self.reactor, heard
        )
        self.addCleanup(receiver.stop)
        return receiver

    def started(
        self, users: Sequence[str] = (), provisioner: IProvisioner | None = None, heard: Heard | None = None
    ) -> Receiver:
        receiver = self.receiver(users, provisioner, heard)
        receiver.start()
        return receiver

    def as_stranger(self, users: Sequence[str]) -> Receiver:
        """Return one to which this process is neither a user nor its own."""
        with patch.object(os, "getuid", return_value=STRANGER):
            return self.started(users)

    def send(self, *datagrams: bytes) -> None:
        """Send so many, as many at a time as the kernel keeps, and have them all read."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            for datagram in datagrams:
                sender.sendto(datagram, str(self.path))
                self.turn()

    def turn(self) -> None:
        for reader in self.reactor.readers:
            reader.doRead()
