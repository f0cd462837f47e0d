"""Over real connections: who is believed to be the external server, and who is not."""

import shutil
import tempfile
from pathlib import Path
from typing import Any

from twisted.internet import reactor as _reactor
from twisted.internet.defer import maybeDeferred
from twisted.internet.endpoints import serverFromString
from twisted.internet.interfaces import IListeningPort
from twisted.trial.unittest import SynchronousTestCase, TestCase
from twisted.web.server import Site

from provserver.auth.agent import pooled_agent, trusting
from provserver.auth.answers import ServiceKey
from provserver.auth.client import AuthServer
from provserver.errors import AuthAway, Invalid
from tests.auth.certificates import Authority
from tests.auth.fake_wazo_auth import MASTER, SERVICE, FakeWazoAuth

reactor: Any = _reactor
PATIENCE_S = 30.0


class VerifyingTests(TestCase):
    def setUp(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        self.authority = Authority()
        self.auth = FakeWazoAuth()
        self.auth.issue("good", MASTER, ["#"])

    async def listening(self, description: str) -> int:
        endpoint = serverFromString(reactor, f"{description}:port=0:interface=127.0.0.1")
        site = Site(self.auth)
        port: IListeningPort = await endpoint.listen(site)
        self.addCleanup(port.stopListening)
        return _number(port)

    def server(self, url: str, pem: bytes | None) -> AuthServer:
        agent, connections = pooled_agent(reactor, trusting(pem), PATIENCE_S)
        self.addCleanup(connections.closeCachedConnections)
        return AuthServer(agent, url, PATIENCE_S, reactor)

    async def refused(self, server: AuthServer) -> None:
        try:
            await server.token("good")
        except AuthAway:
            self.assertEqual(self.auth.asked, [])
        else:
            self.fail("it was believed")

    async def test_without_tls(self) -> None:
        """On the same machine, say; all that goes over the wire arrives, the body of the POST too."""
        server = self.server(f"http://127.0.0.1:{await self.listening('tcp')}/base", None)
        own = await server.own_token(ServiceKey(*SERVICE))
        tenants = await server.tenants(own.token, None)
        self.assertEqual([tenant.id for tenant in tenants], [MASTER])
        await server.check("good", "provd.read", MASTER)

    async def test_with_tls_its_name_must_be_vouched_for(self) -> None:
        """The right name, signed by who is trusted: then, and then alone, tokens are sent."""
        good = self.authority.write_server(self.folder, "localhost")
        port = await self.listening(f"ssl:privateKey={good}:certKey={good}")
        url = f"https://localhost:{port}"
        both = Authority().pem + self.authority.pem
        self.assertEqual((await self.server(url, both).token("good")).tenant, MASTER)
        self.auth.asked.clear()
        await self.refused(self.server(url, Authority().pem))
        await self.refused(self.server(url, None))
        await self.refused(self.server(f"https://127.0.0.1:{port}", self.authority.pem))

    async def test_another_servers_certificate_is_none(self) -> None:
        """Whoever holds any certificate of the same authority must not be able to stand in between."""
        other = self.authority.write_server(self.folder, "other.example.org")
        port = await self.listening(f"ssl:privateKey={other}:certKey={other}")
        await self.refused(self.server(f"https://localhost:{port}", self.authority.pem))

    async def test_nobody_listens(self) -> None:
        """As it is while that server restarts."""
        endpoint = serverFromString(reactor, "tcp:port=0:interface=127.0.0.1")
        listening: IListeningPort = await endpoint.listen(Site(self.auth))
        port = _number(listening)
        await maybeDeferred(listening.stopListening)
        await self.refused(self.server(f"http://127.0.0.1:{port}", None))


def _number(listening: IListeningPort) -> int:
    address: Any = listening.getHost()
    number: int = address.port
    return number


class TrustingTests(SynchronousTestCase):
    def test_a_file_without_good_certificates_is_refused(self) -> None:
        """At start, where somebody reads it."""
        bad = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
        for pem in (b"", b"nonsense", bad, Authority().pem + bad):
            self.assertRaises(Invalid, trusting, pem)
