"""What the TFTP server asks of others, and what its parts may rely on of each other. It knows nothing of phones."""

# ruff: noqa: N805 - methods of a zope interface have no self

from collections.abc import Callable, Sequence
from typing import Any

from attrs import field, frozen
from twisted.internet.defer import Deferred
from zope.interface import Attribute, Interface

# As the socket gives it: ("10.0.0.7", 2001), or ("fe80::1", 2001, flow, scope). An IPv4 peer of an IPv6 socket is
# written as IPv4.
Address = tuple[Any, ...]


@frozen
class Content:
    """What a reader gets: `body`, or a file on disk whose bytes nobody changes while it is open. `label` is what
    the log calls it; unlike the name that was asked for it holds no secret."""

    label: str
    body: bytes | None = field(default=None, repr=False)
    place: str | None = None


class ITftpSink(Interface):
    """Takes one upload. Nothing may be seen of it before `finish(True)`."""

    label: str = Attribute("what the log calls it; no secret")

    def append(data: bytes) -> Deferred[None]:
        """Take the next bytes; they are acknowledged when this fires. May be called again before it has fired;
        the order is that of the calls. Errors: TftpRefusal ends the transfer, 3 where it is too large."""

    def finish(whole: bool) -> Deferred[None]:
        """Put the file under its name in one step, or forget it. The last call, made once; the last block is
        acknowledged when it fires. Errors: TftpRefusal."""


class ITftpBackend(Interface):
    """Says what to send, and where uploads go. `name` is as it was asked for: any text, odd bytes as surrogates.
    `local` is the address that was asked. Errors: TftpRefusal, Silence; anything else is a bug, logged, and the
    phone is told error 0. What has not fired after `Limits.backend_s` is cancelled."""

    def read(name: str, peer: tuple[str, int], local: str) -> Deferred[Content]:
        """Say what to send. Asked once for each transfer, however often the phone repeats its request."""

    def write(name: str, peer: tuple[str, int], local: str, size: int | None) -> Deferred[ITftpSink]:
        """Say where an upload goes; `size` is what the phone announces (tsize), in bytes as they travel."""


class ITftpPort(Interface):
    """
    Where one transfer speaks to its peer from.

    Sending never raises and never waits: what the kernel does not take is lost like any packet, and comes again.
    """

    def send(datagram: bytes) -> None:
        """Send one datagram to the peer."""

    def send_all(datagrams: Sequence[bytes]) -> None:
        """Send several to the peer, in order; all but the last have one length."""

    def send_to(stranger: Address, datagram: bytes) -> None:
        """Send to somebody else who spoke to this port."""

    def poll() -> None:
        """Hear what has arrived already."""

    def close() -> None:
        """Hear no more. May be called twice."""


class IListener(Interface):
    """A port that requests come to."""

    def send_to(stranger: Address, local: str, datagram: bytes) -> None:
        """Answer from the address that was asked."""

    def port(peer: Address, local: str) -> ITftpPort:
        """Return a port for one transfer that speaks through this one; the peer's answers come to the listener."""

    def close() -> None:
        """Hear no more, and close the socket."""


class INetwork(Interface):
    """UDP. Whoever hears is called in the reactor's thread, never from within `listen` or `port`."""

    def listen(sock: Any, heard: Callable[[bytes, Address, str], None], most: int) -> IListener:
        """Take over a bound socket. `heard` is told each datagram, cut off after `most` bytes, who sent it and the
        address that it was sent to; broadcasts and multicasts are not told (RFC 1123 4.2.3.5)."""

    def port(
        peer: Address, local: str, heard: Callable[[bytes, Address], None], most: int, lasting: bool = False
    ) -> ITftpPort:
        """Open a port of its own (a TID, RFC 1350 section 4) at a local address. `heard` is told what anybody
        sends to it, cut off after `most` bytes; `lasting` is for many packets. Raises: OSError, when there are no
        more sockets."""

    def most_payload(peer: Address) -> int:
        """Return how many bytes of UDP payload reach a peer in one packet, as far as the path is known."""
