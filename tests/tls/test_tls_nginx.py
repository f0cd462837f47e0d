"""The proxies of docs/tls.md, run by Debian's nginx and asked by curl."""

import re
from pathlib import Path
from subprocess import PIPE, STDOUT, Popen
from typing import Any

from twisted.internet import reactor as global_reactor
from twisted.internet.defer import Deferred
from twisted.internet.task import deferLater
from twisted.internet.threads import deferToThread
from twisted.internet.utils import getProcessOutputAndValue
from twisted.trial.unittest import TestCase

from provserver.address import Networks
from provserver.http.phones import phone_site
from provserver.http.proxies import Proxies
from provserver.model import Sighting
from provserver.settings import Limits
from tests.http.wire import BODY, ScriptedProvisioner, folder
from tests.tls.authority import DAY, Authority, Issued
from tests.tls.ports import free_port

reactor: Any = global_reactor
DOCUMENTATION = Path(__file__).resolve().parent.parent.parent / "docs" / "tls.md"
NGINX = "/usr/sbin/nginx"
ROOT = Authority("provd's")
MAKER = Authority("Acme Root")
DEVICES = Authority("Acme Devices", above=MAKER)
NAME = "provd.example.org"
MAC = "0015654AA937"
PHONE, FIRST, SECOND = "127.0.0.5", "127.0.0.2", "127.0.0.3"  # whose connections come from where
FORGED = (
    ("X-SSL-Client-Verify", "SUCCESS"),
    ("X-SSL-Client-S-DN", "CN=0015650000FF"),
    ("X-Forwarded-For", "10.1.1.1"),
    ("Forwarded", "for=10.1.1.1"),
    ("X-Forwarded-Proto", "http"),
)
_AROUND = """daemon off; pid {folder}/nginx.pid; error_log stderr; worker_processes 1; user root;
events {{ worker_connections 64; }}
http {{ access_log off; client_body_temp_path {folder}/b; proxy_temp_path {folder}/p;
fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
{servers}
}}
"""


def example(number: int) -> str:
    found: list[str] = re.findall(r"```nginx\n(.*?)```", DOCUMENTATION.read_text(), re.DOTALL)
    return found[number]


def replaced(text: str, *pairs: tuple[str, str]) -> str:
    for before, after in pairs:
        assert before in text, before
        text = text.replace(before, after)
    return text


class NginxTests(TestCase):
    def setUp(self) -> None:
        self.folder = folder(self)
        ROOT.server(NAME).write(self.folder, "own")
        (self.folder / "makers.pem").write_bytes(MAKER.pem)
        (self.folder / "root.pem").write_bytes(ROOT.pem)
        self.provisioner = ScriptedProvisioner()
        self.https = free_port()

    def provd(self, *trusted: str) -> int:
        """Listen as phone HTTP does; return the port."""
        proxies = Proxies(Networks(trusted), certificates=True)
        site = phone_site(self.provisioner, proxies, Limits(), reactor, deferToThread)
        port = reactor.listenTCP(0, site, interface="127.0.0.1")
        self.addCleanup(self.stop, port, site)
        number: int = port.getHost().port
        return number

    async def stop(self, port: Any, site: Any) -> None:
        await port.stopListening()
        await site.finish(1)

    def tls_server(self, upstream: int) -> str:
        live = f"/etc/letsencrypt/live/{NAME}"
        return replaced(
            example(0),
            ("listen 443", f"listen 127.0.0.1:{self.https}"),
            (f"{live}/fullchain.pem", f"{self.folder}/own.crt"),
            (f"{live}/privkey.pem", f"{self.folder}/own.key"),
            ("/etc/provd/phone-makers.pem", f"{self.folder}/makers.pem"),
            (
                "proxy_pass http://127.0.0.1:8667;",
                f"proxy_bind {FIRST}; proxy_pass http://127.0.0.1:{upstream};",
            ),
        )

    def second_server(self, listen: int, upstream: int) -> str:
        return replaced(
            example(1),
            ("allow 10.0.0.11", f"allow {FIRST}"),
            ("listen 8080", f"listen 127.0.0.1:{listen}"),
            (
                "proxy_pass http://127.0.0.1:8667;",
                f"proxy_bind {SECOND}; proxy_pass http://127.0.0.1:{upstream};",
            ),
        )

    async def nginx(self, *servers: str) -> None:
        configuration = self.folder / "nginx.conf"
        configuration.write_text(_AROUND.format(folder=self.folder, servers="\n".join(servers)))
        process = Popen((NGINX, "-c", str(configuration), "-p", str(self.folder)), stdout=PIPE, stderr=STDOUT)
        self.addCleanup(self.ended, process)
        for _ in range(200):
            if (await self.curl("--insecure", "--head"))[0] != 7:  # could not connect
                self.provisioner.asked.clear()
                return
            await self.pause(0.05)
        raise AssertionError("nginx does not listen")

    def ended(self, process: "Popen[bytes]") -> None:
        process.terminate()
        process.communicate(timeout=20)

    def pause(self, seconds: float) -> Deferred[None]:
        return deferLater(reactor, seconds)

    async def curl(self, *options: str, shown: Issued | None = None) -> tuple[int, str]:
        """Return curl's exit status and all it printed."""
        certificate = ("--cert", str(shown.write(self.folder, "phone"))) if shown else ()
        where = ("--connect-to", f"{NAME}:443:127.0.0.1:{self.https}", f"https://{NAME}/a.cfg")
        out, err, status = await getProcessOutputAndValue(
            "/usr/bin/curl",
            ("-sS", "--max-time", "20", "--interface", PHONE, "--cacert", str(self.folder / "root.pem"),
             *certificate, *options, *where),
        )  # fmt: skip
        return status, (out + err).decode()

    async def sighting(self, *options: str, shown: Issued | None = None) -> Sighting:
        """Return what provd sees of a phone that fetches its file."""
        self.provisioner.asked.clear()
        self.assertEqual(await self.curl(*options, shown=shown), (0, BODY.decode()))
        (sighting,) = self.provisioner.asked
        return sighting

    async def test_the_proxy_says_who_the_phone_is(self) -> None:
        """Address, HTTPS and certificate arrive; the phone's own words on them do not."""
        await self.nginx(self.tls_server(self.provd(FIRST)))
        forged = [part for name, value in FORGED for part in ("-H", f"{name}: {value}")]
        for headers in ([], forged):
            for shown, names in ((None, ()), (DEVICES.issue(MAC), (MAC,))):
                sighting = await self.sighting(*headers, shown=shown)
                self.assertEqual((sighting.ip, sighting.certificate), (PHONE, names))
                self.assertEqual(sighting.base, f"https://127.0.0.1:{self.https}")
                self.assertFalse(sighting.unknown_proxy)

    async def test_a_certificate_that_does_not_verify_breaks_nothing(self) -> None:
        """Expired, or of another maker: nginx would answer 400 by itself."""
        await self.nginx(self.tls_server(self.provd(FIRST)))
        for shown in (MAKER.issue(MAC, ends=-DAY), Authority("A stranger").issue(MAC), Authority(MAC).own):
            for method in ((), ("--data", "x")):
                sighting = await self.sighting(*method, shown=shown)
                self.assertEqual((sighting.certificate, sighting.ip), ((), PHONE))
                self.assertEqual((sighting.path, sighting.method), ("a.cfg", "POST" if method else "GET"))

    async def test_a_proxy_that_is_not_trusted_proves_nothing(self) -> None:
        """The forgotten setting: its phones are strangers, not local ones."""
        await self.nginx(self.tls_server(self.provd()))
        sighting = await self.sighting(shown=DEVICES.issue(MAC))
        self.assertEqual((sighting.certificate, sighting.ip), ((), FIRST))
        self.assertTrue(sighting.unknown_proxy)
        self.assertTrue(sighting.base.startswith("http://127.0.0.1:"))

    async def test_two_proxies_in_a_row(self) -> None:
        """Both are trusted, so the phone is who the first one saw; nobody goes round the first one."""
        between = free_port()
        chain = self.provd(FIRST, SECOND)
        await self.nginx(self.tls_server(between), self.second_server(between, chain))
        sighting = await self.sighting("-H", "X-Forwarded-For: 10.1.1.1", shown=DEVICES.issue(MAC))
        self.assertEqual((sighting.ip, sighting.certificate), (PHONE, (MAC,)))
        self.assertTrue(sighting.base.startswith("https://"))
        status, text = await self.curl(
            "-i", "--connect-to", f"second:80:127.0.0.1:{between}", "http://second/b.cfg"
        )
        self.assertEqual(status, 0)
        self.assertIn("403 Forbidden", text)
        self.assertEqual([asked.path for asked in self.provisioner.asked], ["a.cfg", "a.cfg"])

    async def test_a_forgotten_proxy_in_a_row_is_taken_for_the_phone(self) -> None:
        """Of two only the last one is trusted: no phone gets the address of another, but that of the first proxy."""
        between = free_port()
        await self.nginx(self.tls_server(between), self.second_server(between, self.provd(SECOND)))
        self.assertEqual((await self.sighting()).ip, FIRST)
