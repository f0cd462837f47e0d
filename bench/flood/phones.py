"""
Known phones, one after the other: what each waits for its file, by HTTP and by TFTP.

    python -m bench.flood.phones HTTP_PORT TFTP_PORT SECONDS PHONES

Prints one JSON object. A phone that gets no file within five seconds, or not its own, is an error.
"""

import itertools
import json
import socket
import struct
import sys
import time
from collections.abc import Callable
from functools import partial

EVERY_S = 0.02
_PATIENCE_S = 5.0
_BLOCK = 512
_DATA = 3


def mac(number: int) -> str:
    """Return twelve hex digits of a Yealink phone."""
    return f"001565{number:06x}"


def mac_text(number: int) -> str:
    digits = mac(number)
    return ":".join(digits[at : at + 2] for at in range(0, 12, 2))


def user_agent(number: int) -> str:
    return f"Yealink SIP-T46S 66.86.0.15 {mac_text(number)}"


def request(number: int, path: str = "") -> bytes:
    return (
        f"GET /{path or mac(number) + '.cfg'} HTTP/1.1\r\nHost: provd\r\nUser-Agent: {user_agent(number)}\r\n"
        "Connection: close\r\n\r\n"
    ).encode()


def by_http(port: int, number: int, source: str = "127.0.0.1") -> bytes:
    """Return the whole answer. Raises: OSError."""
    with socket.create_connection(("127.0.0.1", port), _PATIENCE_S, (source, 0)) as sock:
        sock.sendall(request(number))
        received = b""
        while data := sock.recv(65536):
            received += data
    return received


def by_tftp(port: int, number: int, first: list[float]) -> bytes:
    """Return the file, empty where there is none; add to `first` when its first block came. Raises: OSError."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(_PATIENCE_S)
        sock.bind(("127.0.0.1", 0))
        sock.sendto(b"\0\1" + f"{mac(number)}.cfg".encode() + b"\0octet\0", ("127.0.0.1", port))
        received = b""
        while True:
            datagram, peer = sock.recvfrom(2048)
            first.append(time.perf_counter())
            opcode, block = struct.unpack("!HH", datagram[:4])
            if opcode != _DATA:
                return b""
            received += datagram[4:]
            sock.sendto(struct.pack("!HH", 4, block), peer)
            if len(datagram) < _BLOCK + 4:
                return received


class Measured:
    """What phones have waited, of one kind."""

    def __init__(self) -> None:
        self.times: list[float] = []
        self.errors = 0

    def add(self, took: float, is_good: bool) -> None:
        self.times.append(took)
        self.errors += not is_good

    def told(self) -> dict[str, float]:
        times = sorted(self.times)
        return {
            "phones": len(times),
            "p50_ms": times[len(times) // 2] * 1000,
            "p99_ms": times[int(len(times) * 0.99)] * 1000,
            "most_ms": times[-1] * 1000,
            "errors": self.errors,
        }


def measure(http_port: int, tftp_port: int, seconds: float, phones: int) -> dict[str, dict[str, float]]:
    """Return what was waited for an answer by HTTP, a first block by TFTP, and for a whole file by TFTP."""
    http, block, file = Measured(), Measured(), Measured()
    until = time.perf_counter() + seconds
    for number in itertools.cycle(range(phones)):
        began = time.perf_counter()
        if began >= until:
            return {"http": http.told(), "tftp": block.told(), "file": file.told()}
        answer = _tried(partial(by_http, http_port, number))
        http.add(time.perf_counter() - began, b"#!version" in answer)
        began = time.perf_counter()
        first: list[float] = []
        answer = _tried(partial(by_tftp, tftp_port, number, first))
        ended = time.perf_counter()
        file.add(ended - began, b"#!version" in answer)
        block.add((first[0] if first else ended) - began, bool(first))
        time.sleep(EVERY_S)
    raise AssertionError("a cycle ends only by its return")


def _tried(ask: Callable[[], bytes]) -> bytes:
    try:
        return ask()
    except OSError:
        return b""


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4]))))
