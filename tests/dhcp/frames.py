"""Ethernet frames with DHCP messages in them, built field by field."""

import struct

from provserver.address import normal_mac

MAC = "00:15:65:4a:a9:37"
COOKIE = b"\x63\x82\x53\x63"
DISCOVER, REQUEST, ACK, NAK, INFORM = 1, 3, 5, 6, 8


def option(code: int, value: bytes) -> bytes:
    """Return an option; one that is too long in pieces (RFC 3396)."""
    pieces = [value[at : at + 255] for at in range(0, len(value), 255)] or [b""]
    return b"".join(bytes([code, len(piece)]) + piece for piece in pieces)


def message(
    *options: bytes,
    op: int = 1,
    mac: str = MAC,
    yiaddr: str = "0.0.0.0",
    sname: bytes = b"",
    file: bytes = b"",
    hardware: tuple[int, int] = (1, 6),
    end: bytes = b"\xff",
) -> bytes:
    chaddr = bytes.fromhex(normal_mac(mac).replace(":", "")) if mac else bytes(6)
    return (
        bytes([op, *hardware, 0])
        + bytes(12)
        + bytes(map(int, yiaddr.split(".")))
        + bytes(8)
        + chaddr.ljust(16, b"\0")
        + sname.ljust(64, b"\0")
        + file.ljust(128, b"\0")
        + COOKIE
        + b"".join(options)
        + end
    )


def request(*options: bytes, kind: int = REQUEST, mac: str = MAC) -> bytes:
    return message(option(53, bytes([kind])), *options, mac=mac)


def reply(ip: str, kind: int = ACK, mac: str = MAC) -> bytes:
    return message(option(53, bytes([kind])), op=2, mac=mac, yiaddr=ip)


def udp(payload: bytes, port: int = 67, length: int | None = None) -> bytes:
    return struct.pack("!HHHH", 68, port, 8 + len(payload) if length is None else length, 0) + payload


def ipv4(
    payload: bytes,
    protocol: int = 17,
    flags: int = 0x4000,
    total: int | None = None,
    words: int = 5,
    version: int = 4,
) -> bytes:
    """Return a packet whose header has `words` of 4 bytes."""
    size = words * 4 + len(payload) if total is None else total
    header = struct.pack("!BBHHHBBH8x", version << 4 | words, 0, size, 1, flags, 64, protocol, 0)
    return header + bytes(max(0, words * 4 - 20)) + payload


def ethernet(packet: bytes, kind: int = 0x0800, tags: tuple[int, ...] = (), padding: int = 0) -> bytes:
    marks = b"".join(struct.pack("!HH", tag, 5) for tag in tags)
    return (
        bytes.fromhex("ffffffffffff0015654aa937") + marks + struct.pack("!H", kind) + packet + bytes(padding)
    )


def frame(payload: bytes, port: int = 67, tags: tuple[int, ...] = ()) -> bytes:
    return ethernet(ipv4(udp(payload, port)), tags=tags)
