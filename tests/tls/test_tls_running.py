"""A whole provd with TLS, asked by curl and by `openssl s_client`."""

import subprocess
import time
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

from twisted.trial.unittest import SynchronousTestCase

from tests.e2e.server import FREE_PORTS, Provd, provd_fails, run
from tests.tls.authority import DAY, Authority, Issued

ROOT = Authority("provd's")
MAKER = Authority("Acme Root")
NAME = "provd.example.org"
FILE = "/y000000000028.cfg"
T46S = "Yealink SIP-T46S 66.84.0.15 00:15:65:4a:a9:37"
_PATIENCE_S = 30


class RunningTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.folder = Path(mkdtemp())
        self.addCleanup(rmtree, self.folder)
        self.state = self.folder / "var"
        self.config = self.folder / "provd.toml"
        (self.folder / "makers").mkdir()
        (self.folder / "makers" / "acme.pem").write_bytes(MAKER.pem)
        (self.folder / "root.pem").write_bytes(ROOT.pem)
        self.serve_as(ROOT.server(NAME, "127.0.0.1"))

    def serve_as(self, issued: Issued) -> None:
        issued.write(self.folder, "own")

    def provd(self, listen: str, *more: str) -> Provd:
        tls = f'[tls]\ncertificate = "{self.folder}/own.crt"\nkey = "{self.folder}/own.key"\n'
        makers = f'client_ca = "{self.folder}/makers"\n'
        self.config.write_text("\n".join(("[listen]", 'agi = ""', listen, tls + makers, *more)))
        return Provd(self.state, "--config", str(self.config), *FREE_PORTS)

    def curl(self, port: int, path: str, *options: str) -> tuple[int, str]:
        where = ("--connect-to", f"{NAME}:443:127.0.0.1:{port}", f"https://{NAME}{path}")
        return run("curl", "-sS", "--max-time", "20", "--cacert", str(self.folder / "root.pem"), "-A", T46S,
                   *options, *where)  # fmt: skip

    def spoken(self, port: int, *options: str) -> str:
        """Return the version and cipher that `openssl s_client` and the port agree upon; "" is none."""
        command = (
            "openssl",
            "s_client",
            "-connect",
            f"127.0.0.1:{port}",
            "-cipher",
            "ALL@SECLEVEL=0",
            *options,
        )
        done = subprocess.run(command, input=b"", capture_output=True, timeout=20, check=False)
        for line in done.stdout.decode().splitlines():
            if line.startswith("New, ") and "NONE" not in line:
                return line.removeprefix("New, ")
        return ""

    def test_phones_and_rest_are_served_over_tls(self) -> None:
        """With a keep-alive, a client certificate, and the URL of https in the file."""
        ports = "https_port = 0\nrest_https_port = 0"
        with self.provd(ports) as provd:
            https, rest = provd.listening["https"], provd.listening["rest_https"]
            self.assertIsNone(provd.listening["https_old"])
            certificate = MAKER.issue("0015654AA937").write(self.folder, "phone")
            for options in ((), ("--cert", str(certificate))):
                status, text = self.curl(https, FILE, *options)
                self.assertEqual(status, 0, text)
                self.assertIn(f"https://127.0.0.1:{https}/", text)
            token = ("-H", f"X-Auth-Token: {provd.token}")
            status, text = self.curl(rest, "/0.2/dev_mgr/devices", *token, "-v", f"https://{NAME}/0.2/status",
                                     "--connect-to", f"{NAME}:443:127.0.0.1:{rest}")  # fmt: skip
            self.assertEqual(status, 0, text)
            self.assertIn("Re-using existing connection", text)
            self.assertIn('"00:15:65:4a:a9:37"', text)
            self.assertIn("HTTP/1.1 401", self.curl(rest, "/0.2/dev_mgr/devices", "-i")[1])
            self.assertEqual(provd.phone(FILE, T46S)[0], 200)  # plain HTTP beside it
            self.assertEqual(provd.stop(), 0)

    def test_a_makers_certificate_opens_what_is_the_phones(self) -> None:
        """Where a certificate is asked for: its own files, nobody else's, and to a phone without there is nothing."""
        policy = '[network]\nallowed = ["10.0.0.0/8"]\npolicy_elsewhere = "certificate"'
        own, other = "/0015654aa937.cfg", "/0015654aa938.cfg"
        with self.provd("https_port = 0", policy) as provd:
            https = provd.listening["https"]
            shown = {
                "maker": MAKER.issue("0015654AA937"),
                "expired": MAKER.issue("0015654AA937", ends=-DAY),
                "stranger": Authority("A stranger").issue("0015654AA937"),
            }
            options = {
                name: ("--cert", str(issued.write(self.folder, name))) for name, issued in shown.items()
            }
            status, text = self.curl(https, own, "-i", *options["maker"])
            self.assertEqual((status, "HTTP/1.1 200" in text), (0, True), text)
            for path, certificate in (
                (other, options["maker"]),
                (own, ()),
                (own, options["expired"]),
                (own, options["stranger"]),
            ):
                self.assertIn("HTTP/1.1 404", self.curl(https, path, "-i", *certificate)[1])

    def test_old_tls_is_spoken_on_its_own_port_alone(self) -> None:
        """By an OpenSSL that is not ours; old ciphers of TLS 1.2 the same."""
        with self.provd("https_port = 0\nhttps_old_port = 0\nrest_https_port = 0") as provd:
            old = provd.listening["https_old"]
            for port in (provd.listening["https"], provd.listening["rest_https"]):
                self.assertEqual(self.spoken(port, "-tls1"), "")
                self.assertEqual(self.spoken(port, "-tls1_1"), "")
                self.assertEqual(
                    self.spoken(port, "-tls1_2", "-cipher", "AES128-SHA:ECDHE-ECDSA-AES128-SHA"), ""
                )
                self.assertTrue(self.spoken(port, "-tls1_2").startswith("TLSv1.2, Cipher is ECDHE-"))
                self.assertTrue(self.spoken(port, "-tls1_3").startswith("TLSv1.3, "))
                self.assertTrue(self.spoken(port, "-servername", "other.example.org").startswith("TLSv1.3, "))
                self.assertTrue(self.spoken(port, "-noservername").startswith("TLSv1.3, "))
            for version in ("-tls1", "-tls1_1", "-tls1_2", "-tls1_3"):
                self.assertNotEqual(self.spoken(old, version), "", version)
            text = self.curl(old, FILE)[1]
            self.assertIn(f"https://127.0.0.1:{old}/", text)
            provd.stop()
            self.assertIn("no TLS: unsupported protocol", provd.printed)

    def test_a_new_certificate_needs_no_restart(self) -> None:
        """A broken one is passed over, and the next good one taken."""
        with self.provd("https_port = 0") as provd:
            https = provd.listening["https"]
            (self.folder / "own.key").write_bytes(b"half")
            self.assertEqual(self.curl(https, FILE)[0], 0)
            renewed = Authority("Another")
            (self.folder / "other.pem").write_bytes(renewed.pem)
            self.serve_as(renewed.server(NAME))
            deadline = time.monotonic() + _PATIENCE_S
            while self.curl(https, FILE, "--cacert", str(self.folder / "other.pem"))[0] != 0:
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.2)
            self.assertNotEqual(self.curl(https, FILE)[0], 0)
            provd.stop()
            self.assertIn("TLS has a new certificate", provd.printed)

    def test_tls_may_be_all_there_is(self) -> None:
        """Phones that come by TFTP are sent to HTTPS, by the URL of the settings."""
        url = f'[phones]\nurl = "https://{NAME}"'
        with self.provd("plain_http = false\nhttps_port = 0", url) as provd:
            self.assertIsNone(provd.listening["http"])
            self.assertIn(f"https://{NAME}/", self.curl(provd.listening["https"], FILE)[1])
            provd.stop()
            self.assertIn(f"phones   https://{NAME}/", provd.printed)
            self.assertIn("--server tftp://127.0.0.1:", provd.printed)

    def test_what_cannot_serve_does_not_start(self) -> None:
        """One line says which setting."""
        self.provd("https_port = 0")
        (self.folder / "own.key").write_bytes(b"")
        status, printed = provd_fails(self.state, "--config", str(self.config), *FREE_PORTS)
        self.assertEqual((status, printed.count("Traceback")), (1, 0), printed)
        self.assertIn("provd: tls.key: expected a private key in PEM form", printed)

    def test_an_expired_certificate_warns(self) -> None:
        """And serves: many phones do not look at the time, which they may not know."""
        self.serve_as(ROOT.server(NAME, ends=-DAY))
        with self.provd("https_port = 0") as provd:
            self.assertEqual(self.curl(provd.listening["https"], FILE, "--insecure")[0], 0)
            self.assertIsNone(provd.listening["rest_https"])
            provd.stop()
            self.assertIn("own.crt has expired on ", provd.printed)
