"""TLS in memory: a server's factory at one end, Python's own `ssl` (another OpenSSL) as the client at the other."""

import ssl
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from OpenSSL import SSL
from twisted.internet.address import IPv4Address
from twisted.internet.error import ConnectionDone
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.internet.task import Clock
from twisted.python.failure import Failure

from provserver.tls.listening import over_tls
from tests.http.wire import Wire


class Greeter(Protocol):
    """Answers what comes in upper case; keeps how its connection ended."""

    lost: Failure | None = None

    def dataReceived(self, data: bytes) -> None:
        assert self.transport
        self.transport.write(data.upper())

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.lost = reason


def always(context: SSL.Context) -> Callable[[], SSL.Context]:
    return lambda: context


def client_context(ca: bytes, own: Path | None = None, old: bool = False) -> ssl.SSLContext:
    """Return a context that trusts `ca`, shows the certificate in `own`, and with `old` speaks TLS 1.0 alone."""
    context = ssl.create_default_context(cadata=ca.decode())
    if own:
        context.set_ciphers("ALL:@SECLEVEL=0")  # OpenSSL would not show a weak one
        context.load_cert_chain(own)
    if old:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.set_ciphers("ALL:@SECLEVEL=0")
            context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1
    return context


class Client:
    """
    One connection. `shake` does the handshake; `ask` sends, and returns what came back.

    Raises where the client's side does: `ssl.SSLError`.
    """

    def __init__(
        self,
        context: Callable[[], SSL.Context],
        client: ssl.SSLContext,
        name: str | None = "provd.example.org",
        factory: Any = None,
        clock: Clock | None = None,
    ) -> None:
        self.clock = clock or Clock()
        host, peer = IPv4Address("TCP", "10.0.0.1", 443), IPv4Address("TCP", "10.0.0.7", 4000)
        secured: Any = over_tls(factory or Factory.forProtocol(Greeter), context, self.clock)
        self.server: Any = secured.buildProtocol(peer)
        self._protocol = self.server.wrappedProtocol
        self.transport = Wire(self.clock, host, peer)
        self.transport.protocol = self.server
        self.server.makeConnection(self.transport)
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = client.wrap_bio(self.incoming, self.outgoing, server_hostname=name)

    @property
    def protocol(self) -> Any:
        return self._protocol

    def shake(self) -> "Client":
        self._until_done(self.tls.do_handshake)
        self.pump()
        return self

    def ask(self, data: bytes = b"hello") -> bytes:
        self.tls.write(data)
        self.pump()
        answer: bytes = self._until_done(lambda: self.tls.read(65536))
        return answer

    def send_raw(self, data: bytes) -> None:
        """Send what may be no TLS at all."""
        self.pump(data)

    def _until_done(self, act: Callable[[], Any]) -> Any:
        for _ in range(20):
            try:
                return act()
            except ssl.SSLWantReadError:
                self.pump()
        raise AssertionError("the server says nothing")

    def hang_up(self) -> None:
        self.transport.lost(ConnectionDone())

    def pump(self, raw: bytes = b"") -> None:
        data = raw or self.outgoing.read()
        if data and self.transport.connected:
            self.server.dataReceived(data)
        for _ in range(5):
            self.clock.advance(0)
        self.incoming.write(self.transport.value())
        self.transport.clear()
        if not self.transport.connected:
            self.incoming.write_eof()
