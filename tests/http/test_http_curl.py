"""http.phones: over a real port, asked by curl and by a bare socket."""

import os
import socket
from collections.abc import Callable
from functools import partial
from typing import Any

from twisted.internet import reactor as global_reactor
from twisted.internet.threads import deferToThread
from twisted.internet.utils import getProcessOutput
from twisted.trial.unittest import TestCase

from provserver.address import Networks
from provserver.http.phones import phone_site
from provserver.http.proxies import Proxies
from provserver.interfaces import IUploads
from provserver.model import Answer, File, Upload
from provserver.settings import Limits
from provserver.uploads import LocalUploads
from tests.http.wire import AT, BODY, GET, ScriptedProvisioner, folder, request, served

reactor: Any = global_reactor
CONTENT = os.urandom(700_000)
_PATIENCE_S = 20


class CurlTests(TestCase):
    def setUp(self) -> None:
        self.provisioner = ScriptedProvisioner()
        self.listen()

    def listen(self, uploads: IUploads | None = None, **limits: int) -> None:
        proxies = Proxies(Networks([]))
        self.site = phone_site(
            self.provisioner, proxies, Limits(**limits), reactor, deferToThread, uploads=uploads
        )
        self.port = reactor.listenTCP(0, self.site, interface="127.0.0.1")
        self.address = ("127.0.0.1", self.port.getHost().port)
        self.url = "http://{}:{}".format(*self.address)
        self.addCleanup(self.stop, self.port, self.site)

    async def stop(self, port: Any, site: Any) -> None:
        await port.stopListening()
        await site.finish(1)

    async def curl(self, *arguments: str) -> str:
        output: bytes = await getProcessOutput(
            "/usr/bin/curl",
            ("--silent", "--show-error", "--max-time", str(_PATIENCE_S), *arguments),
            errortoo=True,
        )
        return output.decode("latin-1")

    async def test_curl_keeps_its_connection_and_its_copy(self) -> None:
        """Keep-alive, 304 and a range, by a client that is not ours."""
        output = await self.curl("--verbose", f"{self.url}/a.cfg", f"{self.url}/../b.cfg", "--path-as-is")
        self.assertIn("Re-using existing connection", output)
        self.assertEqual(output.count(BODY.decode()), 2)
        self.assertEqual([sighting.path for sighting in self.provisioner.asked], ["a.cfg", "b.cfg"])
        self.assertEqual(self.provisioner.asked[0].base, self.url)
        place = folder(self) / "fetched"
        code = ("--write-out", "%{http_code}", "--output", str(place))
        self.assertEqual(await self.curl(*code, "-H", 'If-None-Match: "e7a9"', self.url), "304")
        self.assertEqual(await self.curl(*code, "--range", "8-12", self.url), "206")
        self.assertEqual(place.read_bytes(), BODY[8:13])
        self.assertEqual(await self.curl(*code, "--head", self.url), "200")

    async def test_curl_fetches_a_file_from_disk(self) -> None:
        """Through real threads and a real socket, with back pressure."""
        place = folder(self) / "content"
        place.write_bytes(CONTENT)
        firmware = File("fw", "application/octet-stream", "f", len(CONTENT), AT, place=str(place))
        self.provisioner.answer_with = served(firmware)
        fetched = place.with_name("fetched")
        await self.curl("--output", str(fetched), f"{self.url}/fw")
        self.assertEqual(fetched.read_bytes(), CONTENT)

    async def test_curl_reads_why_its_upload_is_refused(self) -> None:
        """It is still sending when the answer comes: a reset would take the answer with it."""
        place = folder(self) / "content"
        place.write_bytes(CONTENT)
        for extra in ((), ("-H", "Transfer-Encoding: chunked"), ("-H", "Expect:")):
            output = await self.curl("--include", *extra, "--upload-file", str(place), f"{self.url}/log")
            self.assertIn("413", output)
            self.assertIn("the body is too long", output)

    async def test_curl_writes_a_file(self) -> None:
        """curl -T: with its length, in chunks, and waiting for 100 Continue; each whole, in its device's folder."""
        here = folder(self)
        (here / "log").write_bytes(CONTENT)
        uploads = LocalUploads(here / "uploads", 1 << 20, 10 << 20, deferToThread)
        upload = Upload("d1", "00:ac:ed:00:00:01", "boot.log", 0)
        self.provisioner.answer_with = Answer("noted", (), device="d1", upload=upload)
        self.listen(uploads)
        for extra in ((), ("-H", "Transfer-Encoding: chunked"), ("-H", "Expect:")):
            output = await self.curl(
                "--include", *extra, "--upload-file", str(here / "log"), f"{self.url}/log"
            )
            self.assertIn("204 No Content", output)
            (written,) = (here / "uploads").rglob("*.log")
            self.assertEqual((written.name, written.read_bytes()), ("boot.log", CONTENT))
            written.unlink()
        (here / "log").write_bytes(CONTENT * 2)
        for extra in ((), ("-H", "Transfer-Encoding: chunked"), ("-H", "Expect:")):
            output = await self.curl(
                "--include", *extra, "--upload-file", str(here / "log"), f"{self.url}/log"
            )
            self.assertIn("413", output)
        self.assertEqual([path for path in (here / "uploads").rglob("*") if path.is_file()], [])

    async def test_a_socket_is_answered_after_it_closed_its_half(self) -> None:
        """And one over the limit reads why it is turned away."""
        reply = await deferToThread(self.exchange, _ask_and_close)
        self.assertTrue(reply.endswith(BODY), reply)
        self.listen(http_connections=1)
        with socket.create_connection(self.address, _PATIENCE_S):
            await deferToThread(self.exchange, _say_nothing, 0.05)
            reply = await deferToThread(self.exchange, _say_nothing)
        self.assertIn(b"503", reply)
        self.assertIn(b"Retry-After: 30", reply)

    async def test_a_refused_socket_reads_to_the_end(self) -> None:
        """The server's side is closed at once, so that nobody waits for a timeout."""
        for sent, status in (
            (b"nonsense\r\n" + b"x" * 100_000, b"400"),
            (request("X: " + "x" * 20_000), b"431"),
        ):
            reply = await deferToThread(self.exchange, partial(_send, sent))
            self.assertEqual(reply.split()[1], status)

    def exchange(self, ask: Callable[[socket.socket], object], patience_s: float = _PATIENCE_S) -> bytes:
        """Do something with a connection, then read it to its end, or as long as there is patience."""
        reply = b""
        with socket.create_connection(self.address, patience_s) as connection:
            ask(connection)
            try:
                while data := connection.recv(65536):
                    reply += data
            except TimeoutError:
                pass
        return reply


def _send(sent: bytes, connection: socket.socket) -> None:
    connection.sendall(sent)


def _ask_and_close(connection: socket.socket) -> None:
    connection.sendall(GET)
    connection.shutdown(socket.SHUT_WR)


def _say_nothing(connection: socket.socket) -> None:
    """It waits to be told."""
