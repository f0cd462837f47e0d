"""A TFTP server for measuring: `provserver.tftp` with its sockets and its log, and a folder instead of phones."""

# ruff: noqa: ARG002 - a provider has the arguments of its interface

import argparse
import gc
import os
import random
import resource
import signal
import socket
import time
from pathlib import Path

from twisted.internet import reactor
from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.threads import deferToThread
from twisted.logger import globalLogBeginner
from zope.interface import implementer

from bench.tftp.sampler import Sampler
from provserver.logs import observer
from provserver.tftp.errors import TftpRefusal
from provserver.tftp.interfaces import Content, ITftpBackend, ITftpSink
from provserver.tftp.limits import Limits
from provserver.tftp.network import UdpNetwork
from provserver.tftp.server import TftpServer

_IN_MEMORY = 64 * 1024  # bytes; rendered files are small and come from memory


@implementer(ITftpBackend)
class Folder:
    """Serves the files that are in a folder at the start."""

    def __init__(self, folder: Path) -> None:
        self._contents = {path.name: _content(path) for path in folder.iterdir()}

    def read(self, name: str, peer: tuple[str, int], local: str) -> Deferred[Content]:
        content = self._contents.get(name)
        return succeed(content) if content else fail(TftpRefusal(1, "file not found"))

    def write(self, name: str, peer: tuple[str, int], local: str, size: int | None) -> Deferred[ITftpSink]:
        return fail(TftpRefusal(2, "no uploads"))


def _content(path: Path) -> Content:
    if path.stat().st_size <= _IN_MEMORY:
        return Content(path.name, body=path.read_bytes())
    return Content(path.name, place=str(path))


class TimedNetwork(UdpNetwork):
    """Keeps the longest turn, in seconds of this thread: what others do on a shared core is not ours."""

    longest = 0.0

    def doRead(self) -> None:
        began = time.thread_time()
        super().doRead()
        self.longest = max(self.longest, time.thread_time() - began)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=6969)
    parser.add_argument("--log", default=os.devnull, help="where the log lines go")
    parser.add_argument("--single-port", action="store_true")
    parser.add_argument("--profile", action="store_true", help="say at SIGUSR2 where the time went")
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    log = open(options.log, "a", encoding="utf-8")  # noqa: SIM115 - as long as the process
    globalLogBeginner.beginLoggingTo([observer("text", log)], redirectStandardIO=False)
    sock = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    sock.bind(("::", options.port))
    network = TimedNetwork(reactor, reactor, time.monotonic)
    limits = Limits(per_address_elsewhere=10_000)
    server = TftpServer(
        reactor, network, Folder(options.folder), limits, deferToThread, time.monotonic, random.random
    )
    server.serve(sock, options.single_port)
    signal.signal(signal.SIGUSR1, lambda *_: print(f"{network.longest * 1000:.2f}", flush=True))
    # What is there now stays: the collector need not look at it each time that many transfers come and go. A higher
    # threshold saves more, but a collection then takes longer than a turn may.
    gc.collect()
    gc.freeze()
    gc.set_threshold(5_000, 20, 50)
    if options.profile:
        sampler = Sampler()
        signal.signal(signal.SIGUSR2, lambda *_: print(sampler.top(20), flush=True))
    print("ready", flush=True)
    reactor.run()


if __name__ == "__main__":
    main()
