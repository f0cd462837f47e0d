"""docs/provd-phone.md shows what the command really prints."""

import re
import shlex
from pathlib import Path

from twisted.trial.unittest import TestCase

from provserver.phone.command import run
from provserver.phone.options import make_parser, read_order
from tests.phone.loopback import CLOCK, closed_port, serve
from tests.phone.scripted import config

OFFICE = {
    "y000000000066.cfg": config("static.auto_provision.server.url = http://127.0.0.1:8667/"),
    "0015654aa936.cfg": config("account.1.enable = 1", "account.1.label = Waiting 4F7K2Q"),
    "0015654aa937.cfg": Path(__file__).with_name("office.cfg").read_bytes(),
    "0015654aa938.cfg": config("account.1.enable = 1", "account.1.label = Bob"),
    "directory_setting.xml": b"<root_favorite_set/>\n",
}
DOCS = Path(__file__).resolve().parents[2] / "docs/provd-phone.md"


def examples() -> list[tuple[str, str]]:
    """Return the commands of the page with what it says that they print."""
    return re.findall(r"^```\n\$ provd-phone (.*)\n\n?((?:(?!```).*\n)*)```$", DOCS.read_text(), re.MULTILINE)


def without_times(text: str) -> str:
    """Times differ from run to run, and with them the width of their column."""
    return re.sub(r" +", " ", re.sub(r"(?<![\d.])\d+\.\d{1,2}(?![\d.])", "N", text)).strip()


class DocsTests(TestCase):
    async def printed_by(self, command: str, server: str) -> str:
        order = read_order(make_parser().parse_args([*shlex.split(command), "--server", server]))
        said: list[str] = []
        await run(CLOCK, order, said.append, said.append)
        return "\n".join(said).replace(server.rstrip("/"), "http://127.0.0.1:8667")

    async def test_the_examples_are_what_is_printed(self) -> None:
        """Whoever types them sees the same, but for the times."""
        server, _ = serve(self, OFFICE)
        nobody = await closed_port()
        shown = examples()
        self.assertEqual(len(shown), 4)
        for command, printed in shown:
            with self.subTest(command=command):
                actual = await self.printed_by(command, nobody if "cannot reach" in printed else server)
                self.assertEqual(without_times(actual), without_times(printed))
