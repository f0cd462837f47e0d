"""
A program that writes down what is said on this machine's eth0: one JSON object for each SIP message over UDP, ping
of a SIP proxy, and HTTP request, until it is ended; the first one says that it listens.
"""

import json
import re
import socket
import struct
import sys
import time
from typing import Any

_ALL = 0x0003  # ETH_P_ALL: what goes out as well
_IPV4 = 0x0800
_UDP, _TCP = 17, 6
_PING = re.compile(rb"\0{4}\Z")  # by which Kamailio keeps a NAT open
_FIRST_LINE = re.compile(rb"(?:[A-Z]+ \S+ (?:SIP/2\.0|HTTP/1\.[01])|SIP/2\.0 [0-9]{3} [^\r\n]*)(?=\r\n)")


def read_packet(packet: bytes) -> dict[str, str] | None:
    """Return who said what to whom, None where it is neither SIP, a ping, nor the beginning of an HTTP request."""
    start, protocol = (packet[0] & 15) * 4, packet[9]
    if protocol not in (_UDP, _TCP):
        return None
    source, destination = (socket.inet_ntoa(packet[at : at + 4]) for at in (12, 16))
    ports = struct.unpack("!HH", packet[start : start + 4])
    head = 8 if protocol == _UDP else (packet[start + 12] >> 4) * 4
    text = packet[start + head : struct.unpack("!H", packet[2:4])[0]]
    first = _PING.match(text) or _FIRST_LINE.match(text)
    if first is None:
        return None
    words = "ping" if first.re is _PING else first[0].decode()
    said = {"from": f"{source}:{ports[0]}", "to": f"{destination}:{ports[1]}", "said": words}
    said["at"] = f"{time.time():.2f}"
    for name in ("Call-ID", "Contact", "Event", "CSeq"):
        found = re.search(rf"(?im)^{name}: *([^\r\n]*)\r$".encode(), text)
        said[name] = found[1].decode() if found else ""
    return said


def main() -> None:
    with socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(_ALL)) as sniffed:
        sniffed.bind(("eth0", _ALL))
        _write({"said": "ready"})
        while True:
            packet, (_, protocol, *_) = sniffed.recvfrom(65_536)
            said = read_packet(packet) if protocol == _IPV4 else None
            if said:
                _write(said)


def _write(said: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
