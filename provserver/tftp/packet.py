"""
TFTP packets as values: RFC 1350 section 5 and appendix, RFC 2347 for options.

    RRQ, WRQ   01|02 name 0 mode 0 [option 0 value 0]...
    DATA       03 block data         ACK   04 block
    ERROR      05 code text 0        OACK  06 [option 0 value 0]...

Block numbers here are as on the wire: 16 bits.
"""

import struct

from attrs import field, frozen

from provserver.tftp.errors import Malformed

RRQ, WRQ, DATA, ACK, ERROR, OACK = range(1, 7)
MOST_REQUEST = 512  # bytes, RFC 2347; also the most that a phone's ERROR may have
DEFAULT_BLKSIZE = 512
HEADER = 4  # bytes of a DATA packet before its data

# RFC 1350 appendix
UNDEFINED, NOT_FOUND, ACCESS_VIOLATION, DISK_FULL, ILLEGAL_OPERATION, UNKNOWN_TID, FILE_EXISTS = range(7)

Options = tuple[tuple[str, str], ...]  # as on the wire: order, spelling and doubles are kept

_HEAD = struct.Struct("!HH")
_REQUESTS = (RRQ, WRQ)
_MODES = {"octet": False, "netascii": True}


@frozen
class Request:
    """A read or write request; `name` keeps bytes that are not UTF-8 as surrogates."""

    writing: bool
    name: str
    netascii: bool = False
    options: Options = ()


@frozen
class Data:
    block: int
    data: bytes = field(repr=False)


@frozen
class Ack:
    block: int


@frozen
class Error:
    code: int
    text: str  # printable ASCII


@frozen
class OptionAck:
    options: Options


Packet = Request | Data | Ack | Error | OptionAck


def opcode(datagram: bytes) -> int:
    """Raises: Malformed."""
    if len(datagram) < 2:
        raise Malformed(f"a packet of {len(datagram)} bytes")
    return datagram[0] << 8 | datagram[1]


def parse(datagram: bytes) -> Packet:
    """
    Read any packet.

    Raises:
        Malformed: whatever is wrong with it.
    """
    kind = opcode(datagram)
    if kind in _REQUESTS:
        return _request(kind == WRQ, datagram)
    rest = datagram[2:]
    if kind == OACK:
        return OptionAck(_pairs(_strings(rest)) if rest else ())
    if kind not in (DATA, ACK, ERROR):
        raise Malformed(f"unknown opcode {kind}")
    if len(rest) < 2:
        raise Malformed(f"a packet of {len(datagram)} bytes, at least {HEADER} are needed")
    number = rest[0] << 8 | rest[1]
    if kind == DATA:
        return Data(number, rest[2:])
    if kind == ACK:
        return Ack(number)  # some clients pad it: what follows the number is nothing
    return Error(number, _shown(rest[2:]))


def ack_block(datagram: bytes) -> int:
    """Return an ACK's block number, -1 if the packet is none: `parse` for the one packet that must be fast."""
    if len(datagram) >= HEADER and datagram[1] == ACK and not datagram[0]:
        return datagram[2] << 8 | datagram[3]
    return -1


def encode(packet: Packet) -> bytes:
    """Write a packet; what `parse` reads of it is equal to it."""
    if isinstance(packet, Data):
        return _HEAD.pack(DATA, packet.block) + packet.data
    if isinstance(packet, Ack):
        return _HEAD.pack(ACK, packet.block)
    if isinstance(packet, Error):
        return _HEAD.pack(ERROR, packet.code) + packet.text.encode("ascii", "replace") + b"\0"
    if isinstance(packet, OptionAck):
        return b"\0\6" + _joined(packet.options)
    mode = "netascii" if packet.netascii else "octet"
    return (b"\0\2" if packet.writing else b"\0\1") + _joined(((packet.name, mode), *packet.options))


def data_packet(block: int, data: bytes) -> bytes:
    """Return the DATA packet of a file's block, counted from 1 and not wrapped; numbers roll over to 0."""
    return _HEAD.pack(DATA, block & 0xFFFF) + data


def data_packets(first: int, count: int, data: bytes, blksize: int) -> list[bytes]:
    """The same for `count` blocks; the last is as short as `data` leaves it, also empty."""
    return [data_packet(first + i, data[i * blksize : (i + 1) * blksize]) for i in range(count)]


def _request(writing: bool, datagram: bytes) -> Request:
    if len(datagram) > MOST_REQUEST:
        raise Malformed(f"a request of {len(datagram)} bytes, the most is {MOST_REQUEST}")
    texts = _strings(datagram[2:])
    if len(texts) < 2:
        raise Malformed("a request without a mode")
    name, mode, *options = texts
    if not name:
        raise Malformed("a request without a file name")
    netascii = _MODES.get(mode.lower())
    if netascii is None:
        raise Malformed(f"mode {mode[:20]!r} is neither octet nor netascii")
    return Request(writing, name, netascii, _pairs(options) if options else ())


def _strings(data: bytes) -> list[str]:
    if not data.endswith(b"\0"):
        raise Malformed("the last text does not end with a NUL")
    return data[:-1].decode("utf-8", "surrogateescape").split("\0")


def _pairs(texts: list[str]) -> Options:
    if len(texts) % 2:
        raise Malformed(f"option {texts[-1][:20]!r} without a value")
    return tuple(zip(texts[::2], texts[1::2], strict=True))


def _joined(pairs: Options) -> bytes:
    return "".join(f"{name}\0{value}\0" for name, value in pairs).encode("utf-8", "surrogateescape")


def _shown(text: bytes) -> str:
    """Return a peer's text as one line that can stand in a log."""
    line = text.partition(b"\0")[0][:100].decode("ascii", "replace")
    return "".join(character if " " <= character <= "~" else "?" for character in line)
