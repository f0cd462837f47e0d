"""Phone HTTP over TLS on real sockets: what framing and back pressure do when there is a layer in between."""

import os
from typing import Any

from twisted.internet import reactor as global_reactor
from twisted.internet.threads import deferToThread
from twisted.internet.utils import getProcessOutputAndValue
from twisted.trial.unittest import TestCase

from provserver.address import Networks
from provserver.http.phones import phone_site
from provserver.http.proxies import Proxies
from provserver.model import File
from provserver.settings import Limits
from provserver.tls.clients import certificate_names
from provserver.tls.contexts import make_contexts
from provserver.tls.listening import over_tls
from tests.http.wire import AT, ScriptedProvisioner, folder, served
from tests.tls.authority import Authority

reactor: Any = global_reactor
ROOT = Authority()
CONTEXTS = make_contexts(ROOT.server("127.0.0.1").pair, ())
CONTENT = os.urandom(5_000_000)


class CurlTests(TestCase):
    def setUp(self) -> None:
        self.folder = folder(self)
        (self.folder / "root.pem").write_bytes(ROOT.pem)
        self.provisioner = ScriptedProvisioner()
        nobody = Proxies(Networks([]))
        self.site = phone_site(self.provisioner, nobody, Limits(), reactor, deferToThread, certificate_names)
        port = reactor.listenTCP(
            0, over_tls(self.site, lambda: CONTEXTS.phones, reactor), interface="127.0.0.1"
        )
        self.url = f"https://127.0.0.1:{port.getHost().port}"
        self.addCleanup(self.stop, port)

    async def stop(self, port: Any) -> None:
        await port.stopListening()
        await self.site.finish(1)

    async def curl(self, *arguments: str) -> str:
        """Return all that curl printed; it must have ended well."""
        options = ("-sS", "--max-time", "30", "--cacert", str(self.folder / "root.pem"), *arguments)
        out, err, status = await getProcessOutputAndValue("/usr/bin/curl", options)
        self.assertEqual(status, 0, err)
        return f"{out.decode('latin-1')}{err.decode('latin-1')}"

    async def test_a_firmware_arrives_whole(self) -> None:
        """From disk, in ranges, and to a phone that takes it slowly."""
        (self.folder / "fw").write_bytes(CONTENT)
        place = str(self.folder / "fw")
        self.provisioner.answer_with = served(
            File("fw", "application/octet-stream", "f", len(CONTENT), AT, place=place)
        )
        fetched = self.folder / "fetched"
        for options, expected in (
            ((), CONTENT),
            (("--limit-rate", "5M"), CONTENT),
            (("--range", "4000000-"), CONTENT[4_000_000:]),
        ):
            await self.curl("--output", str(fetched), *options, f"{self.url}/fw")
            self.assertEqual(fetched.read_bytes(), expected)

    async def test_one_connection_serves_many_requests(self) -> None:
        """A handshake costs more than all the rest of a boot."""
        output = await self.curl("--verbose", *[f"{self.url}/{name}.cfg" for name in "abcde"])
        self.assertEqual(output.count("Re-using existing connection"), 4)
        self.assertEqual(
            [sighting.path for sighting in self.provisioner.asked], [f"{n}.cfg" for n in "abcde"]
        )

    async def test_a_phone_reads_why_it_is_refused(self) -> None:
        """The answer arrives although the body that nobody wants is still under way."""
        (self.folder / "long").write_bytes(bytes(3_000_000))
        output = await self.curl(
            "-i", "--data-binary", f"@{self.folder / 'long'}", "-H", "Expect:", f"{self.url}/a.cfg"
        )
        self.assertIn("413", output)
        self.assertEqual(self.provisioner.asked, [])
