"""A TFTP server that is a table, with a parser of its own: it answers options, and loses packets if told to."""

from collections.abc import Callable, Mapping
from typing import Any

from twisted.internet.protocol import DatagramProtocol
from twisted.trial.unittest import TestCase

from tests.phone.loopback import TCP


class TftpTable(DatagramProtocol):
    """Everything from one port. `lose` is asked before each packet goes out, and counts them from 1."""

    noisy = False

    def __init__(
        self, files: Mapping[str, bytes], lose: Callable[[int], bool] = lambda number: False
    ) -> None:
        self._files = files
        self._lose = lose
        self._sent = 0
        self._running: dict[
            Any, tuple[bytes, int]
        ] = {}  # address -> what is being sent, in blocks of so many
        self.asked: list[tuple[str, str]] = []  # address, name

    def datagramReceived(self, datagram: bytes, addr: Any) -> None:
        kind, rest = datagram[:2], datagram[2:]
        if kind == b"\0\1":
            self._asked(rest.split(b"\0"), addr)
        elif kind == b"\0\4" and addr in self._running:
            body, size = self._running[addr]
            number = int.from_bytes(rest, "big")
            if number * size <= len(body):
                block = body[number * size : (number + 1) * size]
                self._say(b"\0\3" + (number + 1).to_bytes(2, "big") + block, addr)

    def _asked(self, fields: list[bytes], addr: Any) -> None:
        name = fields[0].decode()
        self.asked.append((addr[0], name))
        if name not in self._files:
            self._say(b"\0\5\0\1no such file\0", addr)
            return
        options = dict(zip(fields[2::2], fields[3::2], strict=False))
        body = self._files[name]
        self._running[addr] = (body, int(options[b"blksize"]))
        agreed = {b"blksize": options[b"blksize"], b"tsize": str(len(body)).encode()}
        self._say(b"\0\6" + b"".join(b"%b\0%b\0" % pair for pair in agreed.items()), addr)

    def _say(self, packet: bytes, addr: Any) -> None:
        self._sent += 1
        if not self._lose(self._sent):
            assert self.transport
            self.transport.write(packet, addr)


def serve_tftp(
    case: TestCase, files: Mapping[str, bytes], lose: Callable[[int], bool] = lambda number: False
) -> tuple[str, TftpTable]:
    """Serve for the time of a test; return the URL."""
    table = TftpTable(files, lose)
    port = TCP.listenUDP(0, table, interface="127.0.0.1")
    case.addCleanup(port.stopListening)
    return f"tftp://127.0.0.1:{port.getHost().port}/", table
