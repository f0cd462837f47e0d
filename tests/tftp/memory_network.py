"""A network in memory: what is sent waits in the mailbox of its address until a test takes it."""

from collections import defaultdict
from collections.abc import Callable, Sequence

from attrs import define, field
from zope.interface import implementer

from provserver.tftp.interfaces import Address, IListener, INetwork, ITftpPort

Sent = tuple[bytes, Address]  # and who sent it


@define
class MemorySocket:
    """What takes the place of a bound socket."""

    address: Address


@implementer(INetwork)
class MemoryNetwork:
    """Datagrams that nobody listens for stay in `mailboxes`: that is where a test plays its phones."""

    def __init__(self) -> None:
        self.mailboxes: dict[Address, list[Sent]] = defaultdict(list)
        self.mtu_payload = 1472
        self.ports_left = 100_000
        self._ears: dict[Address, Callable[[bytes, Address], None]] = {}
        self._next_port = 40_000

    def listen(
        self, sock: MemorySocket, heard: Callable[[bytes, Address, str], None], most: int
    ) -> IListener:
        listener = _Listener(self, sock.address, heard, most)
        self._ears[sock.address] = listener.heard
        return listener

    def port(
        self,
        peer: Address,
        local: str,
        heard: Callable[[bytes, Address], None],
        most: int,
        lasting: bool = False,
    ) -> ITftpPort:
        if not self.ports_left:
            raise OSError(24, "Too many open files")
        self.ports_left -= 1
        self._next_port += 1
        own = (local, self._next_port, *peer[2:])
        self._ears[own] = lambda datagram, sender: heard(datagram[:most], sender)
        return _Port(self, own, peer)

    def most_payload(self, peer: Address) -> int:
        return self.mtu_payload

    def deliver(self, datagram: bytes, sender: Address, receiver: Address) -> None:
        """Send as a phone does."""
        ear = self._ears.get(receiver)
        if ear:
            ear(datagram, sender)
        else:
            self.mailboxes[receiver].append((datagram, sender))

    def taken(self, receiver: Address) -> list[Sent]:
        """Take what has come for a phone."""
        return self.mailboxes.pop(receiver, [])

    @property
    def open(self) -> int:
        return len(self._ears)

    def shut(self, own: Address) -> None:
        self._ears.pop(own, None)


@implementer(ITftpPort)
@define(eq=False)
class _Port:
    network: MemoryNetwork
    own: Address
    peer: Address
    shared: bool = False

    def send(self, datagram: bytes) -> None:
        self.network.deliver(datagram, self.own, self.peer)

    def send_all(self, datagrams: Sequence[bytes]) -> None:
        for datagram in datagrams:
            self.send(datagram)

    def send_to(self, stranger: Address, datagram: bytes) -> None:
        self.network.deliver(datagram, self.own, stranger)

    def poll(self) -> None:
        """Nothing waits: it is delivered at once."""

    def close(self) -> None:
        if not self.shared:
            self.network.shut(self.own)


@implementer(IListener)
@define(eq=False)
class _Listener:
    network: MemoryNetwork
    own: Address
    tell: Callable[[bytes, Address, str], None] = field(repr=False)
    most: int

    def heard(self, datagram: bytes, sender: Address) -> None:
        self.tell(datagram[: self.most], sender, self.own[0])

    def send_to(self, stranger: Address, local: str, datagram: bytes) -> None:
        self.network.deliver(datagram, (local, *self.own[1:]), stranger)

    def port(self, peer: Address, local: str) -> ITftpPort:
        return _Port(self.network, (local, *self.own[1:]), peer, shared=True)

    def close(self) -> None:
        self.network.shut(self.own)
