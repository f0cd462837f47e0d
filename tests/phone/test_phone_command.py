"""The whole command: in this process against a server on loopback, and as its users start it."""

import contextlib
import io
import json
import socket
import subprocess
import sys
from collections.abc import Callable

from twisted.internet.interfaces import ITCPTransport
from twisted.trial.unittest import SynchronousTestCase, TestCase

from provserver.phone.command import main, run
from provserver.phone.options import make_parser
from provserver.phone.orders import read_order
from provserver.phone.profiles import PROFILES
from tests.phone.cisco_files import SCCP, SIP
from tests.phone.folders import free_path
from tests.phone.loopback import CLOCK, closed_port, serve, serve_bytes
from tests.phone.scripted import config
from tests.phone.tftp_table import serve_tftp
from tests.sip.pnp_fakes import given, serve_pnp

FILES = {
    "0015654aa937.cfg": config("account.1.enable = 1", "account.1.label = Alice"),
    "0015654aa938.cfg": config("account.1.enable = 1", "account.1.label = Bob"),
}


class RunTests(TestCase):
    def setUp(self) -> None:
        self.said: list[str] = []
        self.complained: list[str] = []

    async def boot(self, server: str, *options: str) -> bool:
        """Run `boot`; return whether all got what they asked for."""
        arguments = ["boot", "yealink", "T46S", "--mac", "00:15:65:4a:a9:37", "--server", server, *options]
        order = read_order(make_parser().parse_args(arguments))
        return await run(CLOCK, order, self.said.append, self.complained.append)

    async def test_a_boot_is_shown_as_it_goes(self) -> None:
        """Title, a row for each request, the display."""
        server, files = serve(self, FILES)
        self.assertTrue(await self.boot(server, "--source", "127.0.0.5"))
        self.assertIn("Yealink T46S  00:15:65:4a:a9:37  firmware 66.86.0.15  from 127.0.0.5", self.said[0])
        self.assertEqual(len(self.said), 1 + 4 + 1)
        self.assertIn("404 not found", self.said[1])
        self.assertIn("200 ok", self.said[4])
        self.assertIn("Alice", self.said[5])
        self.assertEqual({ip for ip, _, _ in files.asked}, {"127.0.0.5"})

    async def test_again_is_answered_by_304(self) -> None:
        """The second boot costs no file, and shows the same."""
        server, _ = serve(self, FILES)
        self.assertTrue(await self.boot(server, "--again"))
        self.assertIn("304 not modified", self.said[-2])
        self.assertIn("Alice", self.said[-1])

    async def test_a_phone_without_configuration_is_a_failure(self) -> None:
        """So that a script notices."""
        server, _ = serve(self, {})
        self.assertFalse(await self.boot(server))
        self.assertIn("Not provisioned.", self.said[-1])

    async def test_nobody_there_is_one_line(self) -> None:
        """Nothing else is printed, on either output."""
        server = await closed_port()
        self.assertFalse(await self.boot(server))
        self.assertEqual(self.said, [])
        self.assertEqual(
            self.complained,
            [f"provd-phone: cannot reach {server[:-1]}: connection refused. Is provd running? try: make run"],
        )

    async def test_many_phones_boot_together(self) -> None:
        """Each with its own mac and address; it is a success only if all got their configuration."""
        server, files = serve(self, FILES)
        self.assertTrue(await self.boot(server, "--count", "2", "--source", "127.0.0.5"))
        self.assertIn("2 of 2 provisioned: 8 requests", self.said[0])
        self.assertEqual({ip for ip, _, _ in files.asked}, {"127.0.0.5", "127.0.0.6"})
        self.assertFalse(await self.boot(server, "--count", "3"))
        self.assertIn("2 of 3 provisioned: 12 requests", self.said[1])

    async def test_many_phones_remember_too(self) -> None:
        """A second storm asks whether anything has changed."""
        server, _ = serve(self, FILES)
        self.assertTrue(await self.boot(server, "--count", "2", "--again", "--json"))
        first, second = ([json.loads(line) for line in text.splitlines()] for text in self.said)
        for reports, status in ((first, 200), (second, 304)):
            self.assertEqual([each["requests"][-1]["status"] for each in reports], [status, status])

    async def test_json_of_a_phone_that_reaches_nobody(self) -> None:
        """The reason is in the object, twice where the phone was to boot twice."""
        self.assertFalse(await self.boot(await closed_port(), "--json", "--again"))
        self.assertEqual(len(self.said), 2)
        self.assertIn("connection refused", json.loads(self.said[1])["problems"][0])


class TftpRunTests(TestCase):
    def setUp(self) -> None:
        self.said: list[str] = []
        self.complained: list[str] = []

    async def boot(self, vendor: str, model: str, server: str, *options: str) -> bool:
        mac = ("--mac", "00:1b:54:12:34:56")
        order = read_order(
            make_parser().parse_args(["boot", vendor, model, *mac, "--server", server, *options])
        )
        return await run(CLOCK, order, self.said.append, self.complained.append)

    async def test_a_phone_boots_by_tftp(self) -> None:
        """Its requests are shown in TFTP's own words, and the key is in every name."""
        server, table = serve_tftp(self, {"K3y/SEP001B54123456.cnf.xml": SIP})
        self.assertTrue(await self.boot("cisco_sip", "8945", server, "--key", "K3y", "--source", "127.0.0.9"))
        self.assertEqual(len(table.asked), 7)
        self.assertEqual({address for address, _ in table.asked}, {"127.0.0.9"})
        self.assertTrue(all(name.startswith("K3y/") for _, name in table.asked))
        self.assertRegex(self.said[1], r"^  1  CTLSEP001B54123456.tlv +error 1 file not found +0 ")
        self.assertRegex(self.said[4], r"^  4  SEP001B54123456.cnf.xml +received +1,[0-9]{3} ")
        self.assertIn("1        1001   Alice A       alice", self.said[-1])
        self.assertNotIn("K3y", "".join(self.said))

    async def test_a_phone_of_a_call_manager_says_so(self) -> None:
        """Its accounts are not in the file: that there are none is no fault."""
        server, _ = serve_tftp(self, {"SEP001B54123456.cnf.xml": SCCP})
        self.assertTrue(await self.boot("cisco_sccp", "7962G", server))
        self.assertIn("call managers  192.0.2.20:2000, 192.0.2.21:2001", self.said[-1])
        self.assertNotIn("no account", self.said[-1])

    async def test_any_phone_may_boot_by_tftp(self) -> None:
        """The transport is the URL's; a restart fetches everything again, since TFTP has no conditions."""
        server, table = serve_tftp(self, {"001b54123456.cfg": config("account.1.enable = 1")})
        self.assertTrue(await self.boot("yealink", "T46S", server, "--again"))
        self.assertEqual(len(table.asked), 8)

    async def test_a_phone_that_gets_nothing_is_told_whom_to_ask(self) -> None:
        """provd says why, for TFTP as for HTTP."""
        server, _ = serve_tftp(self, {})
        self.assertFalse(await self.boot("cisco_sip", "8945", server, "--source", "127.0.0.9"))
        self.assertIn("    -d protocol=tftp -d ip=127.0.0.9 -d path=XMLDefault.cnf.xml", self.said[-1])
        self.assertNotIn("user_agent", self.said[-1])


class PnpRunTests(TestCase):
    async def pnp(self, url: bytes, *options: str) -> tuple[bool, list[str]]:
        """Look for a provd that tells this URL."""
        ip, port = serve_pnp(self, given(url))
        arguments = ["pnp", "yealink", "T46S", "--mac", "00:15:65:4a:a9:37", "--group", f"{ip}:{port}"]
        order = read_order(make_parser().parse_args([*arguments, *options]))
        said: list[str] = []
        return await run(CLOCK, order, said.append, said.append), said

    async def test_the_url_is_shown(self) -> None:
        """The search row by row; it is a success without any boot."""
        good, said = await self.pnp(b"http://192.0.2.10:8667/")
        self.assertTrue(good)
        self.assertRegex(said[-1], r"^ +0.0[0-9] s  NOTIFY http://192.0.2.10:8667  from 127.0.0.7:[0-9]+$")

    async def test_it_goes_on_and_boots(self) -> None:
        """From the URL that it was told."""
        server, files = serve(self, FILES)
        good, said = await self.pnp(server.encode(), "--boot", "--source", "127.0.0.5")
        self.assertTrue(good)
        self.assertEqual({ip for ip, _, _ in files.asked}, {"127.0.0.5"})
        self.assertIn("Alice", said[-1])
        self.assertFalse((await self.pnp((await closed_port()).encode(), "--boot"))[0])


def saying(reply: bytes) -> Callable[[ITCPTransport], None]:
    return lambda transport: transport.write(reply)


class LeaseRunTests(TestCase):
    async def lease(self, *options: str) -> tuple[bool, list[str]]:
        arguments = ["lease", "cisco_sip", "8945", "--mac", "00:1b:54:12:34:56", "--ip", "127.0.0.9"]
        order = read_order(make_parser().parse_args([*arguments, *options]))
        said: list[str] = []
        return await run(CLOCK, order, said.append, said.append), said

    async def test_over_the_socket(self) -> None:
        """One datagram; nobody there is one line."""
        path = str(free_path(self))
        good, said = await self.lease("--socket", path)
        self.assertFalse(good)
        self.assertIn(f"provd-phone: cannot tell {path}: No such file", said[-1])
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
            receiver.bind(path)
            good, said = await self.lease("--socket", path)
            self.assertIn(b'"mac": "00:1b:54:12:34:56"', receiver.recv(4096))
        self.assertTrue(good)
        self.assertEqual(said[-1], f"sent to {path}")

    async def test_over_rest(self) -> None:
        """Taken, or refused with the server's reason."""
        token = free_path(self)
        token.write_text("t0ken")
        for answer_line, good in ((b"204 No Content", True), (b"401 Unauthorized", False)):
            reply = b"HTTP/1.1 " + answer_line + b"\r\nContent-Length: 0\r\n\r\n"
            url = serve_bytes(self, saying(reply))
            done, said = await self.lease("--rest", url, "--token-file", str(token))
            self.assertEqual(done, good)
            self.assertIn("taken by" if good else "does not take it: 401", said[-1])


def command(*arguments: str) -> tuple[int, str, str]:
    """Start the command as a user does; return its status, output and errors."""
    done = subprocess.run(
        [sys.executable, "-m", "provserver.phone.command", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


class CommandTests(SynchronousTestCase):
    def test_help_is_good_reading(self) -> None:
        """Each help has an example that can be typed."""
        boot = "  provd-phone boot yealink T46S --mac 00:15:65:4a:a9:37\n"
        pnp = "  provd-phone pnp yealink T46S --mac 00:15:65:4a:a9:37 --source 192.168.7.31 --boot\n"
        lease = "  provd-phone lease cisco_sip 8945 --mac 00:1b:54:12:34:56 --ip 127.0.0.9\n"
        for arguments, example in (((), boot), (("boot",), boot), (("pnp",), pnp), (("lease",), lease)):
            with self.subTest(arguments=arguments):
                status, out, _ = command(*arguments, "--help")
                self.assertEqual(status, 0)
                self.assertIn(example, out)

    def test_exit_statuses(self) -> None:
        """Through the reactor and back: 2 for bad usage, 1 where nobody is there (port 1 is never provd)."""
        boot = ("boot", "yealink", "T46S", "--mac", "00:15:65:4a:a9:37")
        status, out, error = command(*boot, "--server", "http://127.0.0.1:1")
        self.assertEqual((status, out, error.count("\n")), (1, "", 1))
        status, _, error = command("boot", "yealink", "T99X", "--mac", "00:15:65:4a:a9:37")
        self.assertEqual(status, 2)
        self.assertIn("provd-phone: error: no Yealink T99X", error)

    def test_the_list_can_be_read(self) -> None:
        """Vendor, model, firmware: what `boot` wants to be told."""
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            main(["list"])
            main(["list", "yealink"])
        self.assertEqual(out.getvalue().count("  yealink "), 2 * len(PROFILES["yealink"].models))
        self.assertRegex(out.getvalue(), r"(?m)^  cisco_sip +8945 +SIP8941_8945\.9-3-1-18$")

    def test_more_phones_than_there_are_macs_are_bad_usage(self) -> None:
        """What argparse cannot see is told as argparse would."""
        error = io.StringIO()
        with contextlib.redirect_stderr(error):
            arguments = ["boot", "yealink", "T46S", "--mac", "ff:ff:ff:ff:ff:ff", "--count", "2"]
            problem = self.assertRaises(SystemExit, main, arguments)
        self.assertEqual(problem.code, 2)
        self.assertIn("2 phones from ff:ff:ff:ff:ff:ff on", error.getvalue())
