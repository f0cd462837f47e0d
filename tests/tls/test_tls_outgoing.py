"""
Where provd is the TLS client: a certificate for another name, or of nobody whom we trust, gets nothing from us.

Of the authentication server `tests/auth/test_auth_agent.py` says it, of SIP `tests/pbx/test_pbx_notify.py`.
"""

import os
from typing import Any

from twisted.internet import reactor as global_reactor
from twisted.internet.defer import Deferred
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.task import deferLater
from twisted.trial.unittest import TestCase
from twisted.web.client import Agent
from twisted.web.resource import Resource
from twisted.web.server import Request, Site

from provserver.errors import NotResynced, Unreachable
from provserver.model import Notify
from provserver.pbx.interfaces import Target
from provserver.pbx.making import notifier
from provserver.pbx.settings import PbxSettings
from provserver.tls.contexts import make_contexts
from provserver.tls.listening import over_tls
from provserver.vendors.catalogue import HttpCatalogue
from tests.tls.authority import Authority, Issued, temporary

reactor: Any = global_reactor
ROOT = Authority()
STRANGER = Authority("A stranger")
RIGHT = ROOT.server("localhost", "127.0.0.1")
WRONG = (
    ROOT.server("other.example.org"),
    STRANGER.server("localhost", "127.0.0.1"),
)


class Packages(Resource):
    isLeaf = True

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    def render_GET(self, request: Request) -> bytes:
        self.asked += 1
        return b"{}"


class Manager(Protocol):
    """Greets as Asterisk's Manager does, and keeps what it hears."""

    heard: bytearray

    def connectionMade(self) -> None:
        assert self.transport
        self.transport.write(b"Asterisk Call Manager/7.0.3\r\n")

    def dataReceived(self, data: bytes) -> None:
        self.heard += data


class OutgoingTests(TestCase):
    def listen(self, issued: Issued, factory: Any) -> int:
        contexts = make_contexts(issued.pair, ())
        port = reactor.listenTCP(0, over_tls(factory, lambda: contexts.rest, reactor), interface="127.0.0.1")
        self.addCleanup(port.stopListening)
        number: int = port.getHost().port
        return number

    async def test_a_plugin_server_must_have_its_name(self) -> None:
        """What it lists would be trusted; the system's own authorities are asked, here ours stand in for them."""
        with temporary() as folder:
            (folder / "root.pem").write_bytes(ROOT.pem)
            os.environ["SSL_CERT_FILE"] = str(folder / "root.pem")
            self.addCleanup(os.environ.pop, "SSL_CERT_FILE")
            catalogue = HttpCatalogue(
                Agent(reactor, connectTimeout=4.0), reactor
            )  # as `tap/parts.py` makes it
            packages = Packages()
            await catalogue.fetch(f"https://localhost:{self.listen(RIGHT, Site(packages))}", lambda _: None)
            self.assertEqual(packages.asked, 1)
            for issued in WRONG:
                url = f"https://localhost:{self.listen(issued, Site(packages))}"
                await self.assertFailure(catalogue.fetch(url, lambda _: None), Unreachable)
            self.assertEqual(packages.asked, 1)

    async def test_the_managers_secret_goes_to_the_pbx_alone(self) -> None:
        """Whoever stands in between must not hear the login."""
        self.assertIn(b"Secret: s3cret", await self.heard_of(RIGHT, b"Secret"))
        for issued in WRONG:
            self.assertEqual(await self.heard_of(issued, None), b"")

    async def heard_of(self, issued: Issued, until: bytes | None) -> bytes:
        """Return what a PBX with this certificate hears; with None until provd says that it is not connected."""
        Manager.heard = bytearray()
        port = self.listen(issued, Factory.forProtocol(Manager))
        settings = PbxSettings("asterisk", "127.0.0.1", port, transport="tls", tls_name="localhost")
        client = notifier("office", settings, "s3cret", ROOT.pem.decode(), reactor, lambda: 1.0, lambda: "t")
        client.start()
        self.addCleanup(client.stop)
        while not (until in Manager.heard if until else "certificate" in await self.trouble(client)):
            await self.pause(0.02)
        await client.stop()
        return bytes(Manager.heard)

    async def trouble(self, client: Any) -> str:
        try:
            await client.notify(Target("ap0017"), Notify("check-sync"))
        except NotResynced as problem:
            return str(problem)
        return ""

    def pause(self, seconds: float) -> Deferred[None]:
        return deferLater(reactor, seconds)
