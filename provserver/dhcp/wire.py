"""
DHCP messages read out of Ethernet frames, for the listener (RFC 894, RFC 791, RFC 768, RFC 2131, RFC 2132).

A frame is whatever some machine of the network sent: every length is checked, and a message that is cut off or
contradicts itself is refused as a whole.
"""

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Address
from struct import unpack_from

from attrs import frozen

from provserver.address import normal_mac
from provserver.errors import Invalid

REQUESTS = (1, 3, 8)  # DHCPDISCOVER, DHCPREQUEST, DHCPINFORM (RFC 2132 section 9.6)
ACK = 5
NO_ADDRESS = "0.0.0.0"  # noqa: S104 - what an acknowledgement of DHCPINFORM gives; nothing is bound to it
TOLD = (12, 60, 61, 77)  # options that are kept: host name, vendor class, client identifier, user class

_IPV4 = 0x0800
_TAG, _OUTER_TAG = 0x8100, 0x88A8  # IEEE 802.1Q, 802.1ad: four bytes more
_UDP = 17
_PORTS = (67, 68)
_FRAGMENT = 0x3FFF  # more fragments, or not the first
_COOKIE = b"\x63\x82\x53\x63"
_SNAME, _FILE, _OPTIONS = slice(44, 108), slice(108, 236), slice(240, None)
_PAD, _OVERLOAD, _KIND, _END = 0, 52, 53, 255


@frozen
class Message:
    reply: bool  # from a server
    kind: int
    mac: str  # of the phone
    ip: str  # that it is given; `0.0.0.0` in a request
    options: Mapping[int, bytes]  # those of TOLD that are there


def read_frame(frame: bytes) -> Message:
    """Raises: Invalid: it is no DHCP message of an Ethernet client, or not a whole one."""
    return read_message(_udp(_ipv4(frame)))


def _ipv4(frame: bytes) -> bytes:
    at = 12
    while at <= 16 and _number(frame, at) in (_TAG, _OUTER_TAG):
        at += 4
    if _number(frame, at) != _IPV4:
        raise Invalid("not an IPv4 packet")
    return frame[at + 2 :]


def _number(frame: bytes, at: int) -> int:
    return int.from_bytes(frame[at : at + 2], "big")


def _udp(packet: bytes) -> bytes:
    """Return what a UDP datagram carries. Its checksum is not looked at: a frame that is sent by this machine has
    none yet where the network card computes it."""
    if len(packet) < 20 or packet[0] >> 4 != 4 or packet[9] != _UDP:
        raise Invalid("not a UDP datagram over IPv4")
    header = (packet[0] & 15) * 4
    total, fragment = unpack_from("!H2xH", packet, 2)
    if fragment & _FRAGMENT:
        raise Invalid("a fragment")
    if not 20 <= header <= total - 8 or total > len(packet):
        raise Invalid(f"a packet of {total} bytes with a header of {header}, of which {len(packet)} are here")
    port, length = unpack_from("!HH", packet, header + 2)
    if port not in _PORTS:
        raise Invalid(f"for port {port}, which is not DHCP's")
    if not 8 <= length <= total - header:
        raise Invalid(f"a datagram of {length} bytes in a packet that has room for {total - header}")
    return packet[header + 8 : header + length]


def read_message(message: bytes) -> Message:
    """Raises: Invalid: as `read_frame`."""
    if len(message) < 240 or message[236:240] != _COOKIE:
        raise Invalid("not a DHCP message")
    op, hardware, hardware_length = message[:3]
    if op not in (1, 2) or (hardware, hardware_length) != (1, 6):
        raise Invalid("not of an Ethernet client")
    options = _all_options(message)
    if len(options.get(_KIND, b"")) != 1:
        raise Invalid("no DHCP message type")
    return Message(
        reply=op == 2,
        kind=options[_KIND][0],
        mac=normal_mac(message[28:34].hex(":")),
        ip=str(IPv4Address(message[16:20])),
        options={code: options[code] for code in TOLD if code in options},
    )


def _all_options(message: bytes) -> dict[int, bytes]:
    """Return all options. One that comes in several pieces is one (RFC 3396), also where pieces are in the fields
    that option 52 turns into room for options."""
    options = _joined({}, message[_OPTIONS])
    overload = options.get(_OVERLOAD, b"\0")[0:1]
    if overload in (b"\1", b"\3"):
        _joined(options, message[_FILE])
    if overload in (b"\2", b"\3"):
        _joined(options, message[_SNAME])
    return options


def _joined(options: dict[int, bytes], area: bytes) -> dict[int, bytes]:
    for code, piece in _pieces(area):
        options[code] = options.get(code, b"") + piece
    return options


def _pieces(area: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(area) and area[at] != _END:
        if area[at] == _PAD:
            at += 1
            continue
        code = area[at]
        length = area[at + 1] if at + 1 < len(area) else len(area)
        piece = area[at + 2 : at + 2 + length]
        if len(piece) < length:
            raise Invalid(f"option {code} is cut off")
        yield code, piece
        at += 2 + len(piece)


# --- the same in the kernel ------------------------------------------------------------------------------------

_LOAD_BYTE, _LOAD, _LOAD_AFTER_HEADER, _HEADER_OF = 0x30, 0x28, 0x48, 0xB1
_IS, _HAS_BITS, _TAKE = 0x15, 0x45, 0x06
_WHOLE = 0xFFFF

Instruction = tuple[int, int, int, int]  # code, jump if true, jump if false, value: `struct sock_filter`


def _dhcp_at(ip: int) -> tuple[Instruction, ...]:
    """Accept a frame whose IPv4 header is at `ip` if it is UDP, no fragment, and for a DHCP port."""
    return (
        (_LOAD_BYTE, 0, 0, ip + 9),
        (_IS, 0, 7, _UDP),
        (_LOAD, 0, 0, ip + 6),
        (_HAS_BITS, 5, 0, _FRAGMENT),
        (_HEADER_OF, 0, 0, ip),
        (_LOAD_AFTER_HEADER, 0, 0, ip + 2),
        (_IS, 1, 0, _PORTS[0]),
        (_IS, 0, 1, _PORTS[1]),
        (_TAKE, 0, 0, _WHOLE),
        (_TAKE, 0, 0, 0),
    )


# Classic BPF (linux/filter.h): without it every frame of the interface, calls too, would wake us. The kernel has
# taken the outermost tag off before.
FILTER: tuple[Instruction, ...] = (
    (_LOAD, 0, 0, 12),
    (_IS, 14, 0, _IPV4),
    (_IS, 1, 0, _TAG),
    (_IS, 0, 11, _OUTER_TAG),
    (_LOAD, 0, 0, 16),
    (_IS, 0, 9, _IPV4),
    *_dhcp_at(18),
    *_dhcp_at(14),
)
