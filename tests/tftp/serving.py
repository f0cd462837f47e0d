"""A TFTP server as a process of its own: `python -m tests.tftp.serving FOLDER`; it reads and writes that folder."""

import random
import socket
import sys
import time
from pathlib import Path

from twisted.internet import reactor
from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.threads import deferToThread
from zope.interface import implementer

from provserver.tftp.errors import TftpRefusal
from provserver.tftp.interfaces import Content, ITftpBackend, ITftpSink
from provserver.tftp.limits import Limits
from provserver.tftp.network import UdpNetwork
from provserver.tftp.options import Caps
from provserver.tftp.server import TftpServer


@implementer(ITftpBackend)
class Folder:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, name: str, peer: tuple[str, int], local: str) -> Deferred[Content]:
        place = self._folder / name
        if not place.is_file():
            return fail(TftpRefusal(1, "file not found"))
        if place.stat().st_size < 10_000:
            return succeed(Content(name, body=place.read_bytes()))
        return succeed(Content(name, place=str(place)))

    def write(self, name: str, peer: tuple[str, int], local: str, size: int | None) -> Deferred[ITftpSink]:
        return succeed(FileSink(self._folder / name))


@implementer(ITftpSink)
class FileSink:
    def __init__(self, place: Path) -> None:
        self.label = place.name
        self._place = place
        self._data = b""

    def append(self, data: bytes) -> Deferred[None]:
        self._data += data
        return succeed(None)

    def finish(self, whole: bool) -> Deferred[None]:
        if whole:
            self._place.write_bytes(self._data)
        return succeed(None)


def main() -> None:
    """Listen on two free ports, print both numbers, serve: the second in single-port mode."""
    network = UdpNetwork(reactor, reactor, time.monotonic)
    server = TftpServer(
        reactor,
        network,
        Folder(Path(sys.argv[1])),
        Limits(local=("127.0.0.1", "::1"), caps=Caps(blksize=65_464)),
        deferToThread,
        time.monotonic,
        random.random,
    )
    for single_port in (False, True):
        sock = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        sock.bind(("::", 0))
        print(sock.getsockname()[1], flush=True)  # noqa: T201 - how who started it learns the ports
        server.serve(sock, single_port)
    reactor.run()


if __name__ == "__main__":
    main()
