"""docs/provd-phone.md shows what the command really prints."""

import re
import shlex
import socket
from pathlib import Path

from twisted.trial.unittest import TestCase

from provserver.phone.command import run
from provserver.phone.options import make_parser
from provserver.phone.orders import read_order
from tests.phone.cisco_files import SCCP, SIP
from tests.phone.folders import free_path
from tests.phone.loopback import CLOCK, closed_port, serve
from tests.phone.scripted import config
from tests.phone.tftp_table import serve_tftp
from tests.sip.pnp_fakes import given, serve_pnp

OFFICE = {
    "y000000000066.cfg": config("static.auto_provision.server.url = http://127.0.0.1:8667/"),
    "0015654aa936.cfg": config("account.1.enable = 1", "account.1.label = Waiting 4F7K2Q"),
    "0015654aa937.cfg": Path(__file__).with_name("office.cfg").read_bytes(),
    "0015654aa938.cfg": config("account.1.enable = 1", "account.1.label = Bob"),
    "directory_setting.xml": b"<root_favorite_set/>\n",
}
CISCO = {"SEP001B54123456.cnf.xml": SIP, "SEP001B54123457.cnf.xml": SCCP}
DOCS = Path(__file__).resolve().parents[2] / "docs/provd-phone.md"


def examples() -> list[tuple[str, str]]:
    """Return the commands of the page with what it says that they print."""
    return re.findall(r"^```\n\$ provd-phone (.*)\n\n?((?:(?!```).*\n)*)```$", DOCS.read_text(), re.MULTILINE)


def without_times(text: str) -> str:
    """Times differ from run to run, and with them the width of their column."""
    return re.sub(r" +", " ", re.sub(r"(?<![\d.])\d+\.\d{1,2}(?![\d.])", "N", text)).strip()


class DocsTests(TestCase):
    async def printed_by(self, command: str, **instead: tuple[str, str]) -> str:
        """Run a command with other values of its options, and show it with those that the page has."""
        added = [f"--{name}={value}" for name, (value, _) in instead.items()]
        order = read_order(make_parser().parse_args([*shlex.split(command), *added]))
        said: list[str] = []
        await run(CLOCK, order, said.append, said.append)
        text = "\n".join(said)
        for value, on_the_page in instead.values():
            text = text.replace(value.rstrip("/"), on_the_page)
        return text

    def lease_socket(self) -> str:
        path = str(free_path(self))
        receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(receiver.close)
        receiver.bind(path)
        return path

    async def test_the_examples_are_what_is_printed(self) -> None:
        """Whoever types them sees the same, but for the times."""
        http, tftp = serve(self, OFFICE)[0], serve_tftp(self, CISCO)[0]
        nobody, lease = await closed_port(), self.lease_socket()
        ip, port = serve_pnp(self, given(b"http://127.0.0.1:8667/"))
        shown = examples()
        self.assertEqual(len(shown), 8)
        for command, printed in shown:
            with self.subTest(command=command):
                if command.startswith("lease"):
                    actual = await self.printed_by(command, socket=(lease, "var/run/lease"))
                elif command.startswith("pnp"):
                    actual = await self.printed_by(command, group=(f"{ip}:{port}", "224.0.1.75:5060"))
                    printed = printed.replace("192.0.2.1:5060", "224.0.1.75:5060")
                elif "cisco" in command:
                    actual = await self.printed_by(command, server=(tftp, "tftp://127.0.0.1:6969"))
                else:
                    server = nobody if "cannot reach" in printed else http
                    actual = await self.printed_by(command, server=(server, "http://127.0.0.1:8667"))
                self.assertEqual(without_times(actual), without_times(printed))
