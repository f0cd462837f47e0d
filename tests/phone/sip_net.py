"""A network in memory, on a clock that tests move: UDP and TCP between whoever listens there."""

from collections.abc import Callable
from typing import Any

from twisted.internet import error
from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.protocol import DatagramProtocol, Factory, Protocol
from twisted.internet.task import Clock
from twisted.python.failure import Failure

Address = tuple[str, int]


class _Udp:
    """The transport of one socket."""

    def __init__(self, net: "Net", address: Address, protocol: DatagramProtocol) -> None:
        self._net = net
        self._address = address
        self.protocol = protocol

    def getHost(self) -> IPv4Address:
        return IPv4Address("UDP", *self._address)

    def write(self, data: bytes, to: Address) -> None:
        self._net.send(data, self._address, to)

    def stopListening(self) -> None:
        del self._net.udp[self._address]


class _Tcp:
    """One end of a connection."""

    disconnecting = False

    def __init__(self, net: "Net") -> None:
        self.other: _Tcp
        self.protocol: Any = None
        self.open = True
        self._net = net

    def write(self, data: bytes) -> None:
        self._net.callLater(0, self.other.arrives, data)

    def arrives(self, data: bytes) -> None:
        if self.open:
            self.protocol.dataReceived(data)

    def loseConnection(self) -> None:
        self.disconnecting = True
        self._net.callLater(0, self.other.ends)
        self._net.callLater(0, self.ends)

    abortConnection = loseConnection

    def ends(self) -> None:
        if self.open:
            self.open = False
            self.protocol.connectionLost(Failure(error.ConnectionDone()))


class _Listening:
    def __init__(self, address: IPv4Address) -> None:
        self._address = address

    def getHost(self) -> IPv4Address:
        return self._address


class Net(Clock):
    """A reactor as far as phones and their PBX need one. `heard` is every datagram; what `lost` says is lost."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[tuple[Address, Address, bytes]] = []
        self.lost: Callable[[bytes], bool] = lambda data: False
        self.udp: dict[Address, _Udp] = {}
        self.tcp: dict[int, Any] = {}  # factories by port
        self._next_port = 40_000

    def send(self, data: bytes, source: Address, to: Address) -> None:
        if not 0 < to[1] < 65_536:
            raise OSError(22, "Invalid argument")
        self.heard.append((source, to, data))
        if not self.lost(data):
            self.callLater(0, self._deliver, data, source, to)

    def run(self, seconds: float = 1.0) -> None:
        """Let so much time pass, in small steps."""
        for _ in range(round(seconds * 20)):
            self.advance(0.05)

    def first_lines(self) -> list[str]:
        return [data.decode().partition("\r\n")[0] for _, _, data in self.heard]

    # --- what a reactor has --------------------------------------------------------------------------------

    def listenUDP(
        self, port: int, protocol: DatagramProtocol, interface: str = "", maxPacketSize: int = 8_192
    ) -> _Udp:
        if port == 0:
            self._next_port += 1
            port = self._next_port
        if (interface, port) in self.udp:
            raise error.CannotListenError(interface, port, OSError("in use"))
        made = self.udp[interface, port] = _Udp(self, (interface, port), protocol)
        transport: Any = made
        protocol.makeConnection(transport)
        return made

    def listenTCP(self, port: int, factory: Any, interface: str = "") -> "_Listening":
        self.tcp[port] = factory
        return _Listening(IPv4Address("TCP", interface, port))

    def connectTCP(
        self, host: str, port: int, factory: Any, timeout: float = 30, bindAddress: Any = None
    ) -> Any:
        if port not in self.tcp:
            self.callLater(0, factory.clientConnectionFailed, None, Failure(error.ConnectionRefusedError()))
            return None
        near, far = _Tcp(self), _Tcp(self)
        near.other, far.other = far, near
        far.protocol = self.tcp[port].buildProtocol(IPv4Address("TCP", "127.0.0.1", 50_000))
        near.protocol = factory.buildProtocol(IPv4Address("TCP", host, port))
        far.protocol.makeConnection(far)
        near.protocol.makeConnection(near)
        return None

    def resolve(self, name: str) -> Deferred[str]:
        if name == "nowhere":
            return fail(error.DNSLookupError("no such host"))
        return succeed("127.0.0.20" if name == "pbx.example" else name)

    def _deliver(self, data: bytes, source: Address, to: Address) -> None:
        there = self.udp.get(to)
        if there:
            there.protocol.datagramReceived(data, source)


class Client(Protocol):
    """One end of a TCP connection that keeps what it hears."""

    transport: Any

    def __init__(self) -> None:
        self.heard = b""
        self.open = True

    def dataReceived(self, data: bytes) -> None:
        self.heard += data

    def connectionLost(self, reason: Any = None) -> None:
        self.open = False


def connected(net: Net, port: int) -> Client:
    client = Client()
    net.connectTCP("127.0.0.1", port, Factory.forProtocol(lambda: client))
    return client
