"""
NOTIFYs through a real Kamailio, with the configuration that `provd-pbx kamailio` prints, to real SIP phones (SIPp).

Debian packages: kamailio, sip-tester, and kamailio-utils-modules for the part that claims. All on loopback.
"""

import json
import subprocess
from pathlib import Path
from typing import Any

from twisted.internet.threads import deferToThread
from twisted.trial.unittest import SynchronousTestCase, TestCase
from twisted.web.resource import Resource
from twisted.web.server import Request, Site

from provserver.errors import NotResynced
from provserver.model import Notify
from provserver.pbx.contacts import Transport, read_contact
from provserver.pbx.interfaces import Target
from provserver.pbx.notify import SipNotifier
from provserver.pbx.sip_notify import Hop, Registrar
from tests.pbx.sip_phone import REACTOR
from tests.pbx.sip_programs import HOST, Programs, free_port, lacks, print_configuration

UTILS = "not installed: apt-get install kamailio-utils-modules"
NOTIFY = Notify("check-sync;reboot=true")


def can_claim() -> bool:
    return bool(list(Path("/usr/lib").glob("*/kamailio/modules/http_client.so")))


class Claims(Resource):
    """provd's REST, as far as a claim goes: one code is right."""

    isLeaf = True

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[str, Any]] = []

    def render_POST(self, request: Request) -> bytes:
        assert request.content
        try:
            claim = json.loads(request.content.read())["claim"]
        except ValueError:
            request.setResponseCode(400)
            return b""
        self.asked.append((request.path.decode(), claim))
        request.setResponseCode(200 if claim["code"] == "482913" else 404)
        return b""


class ConfigurationTests(SynchronousTestCase):
    skip = lacks("kamailio") or None

    def check(self, *options: str, claims: bool = False) -> None:
        folder = Path(self.mktemp()).absolute()
        folder.mkdir()
        print_configuration(folder, *options)
        path = folder / "kamailio.cfg"
        if claims:
            path.write_text(path.read_text().replace("\n##!", "\n#!"))
        done = subprocess.run(
            ["kamailio", "-c", "-f", str(path)], capture_output=True, text=True, check=False, timeout=30
        )
        self.assertEqual(done.returncode, 0, done.stderr[-2000:])
        self.assertNotIn("WARNING", done.stderr)

    def test_kamailio_reads_it(self) -> None:
        """With slots, with very many, and with one account."""
        for options in (("--slots", "3"), ("--slots", "20000"), ("--shared",)):
            self.check(*options)

    def test_kamailio_reads_the_part_that_claims(self) -> None:
        """It is switched off in what is printed, since it needs a module of another package."""
        if not can_claim():
            self.skipTest(UTILS)
        self.check("--slots", "3", claims=True)


class NotifyTests(TestCase):
    skip = lacks("kamailio", "sipp") or None
    timeout = 60

    def setUp(self) -> None:
        self.folder = Path(self.mktemp()).absolute()
        self.folder.mkdir()
        self.port = free_port()
        self.programs = Programs(self.folder)
        self.addCleanup(self.programs.__exit__)

    def start(self, *options: str, claims: bool = False) -> dict[str, str]:
        """Return the secret of each account."""
        print_configuration(self.folder, "--sip-port", str(self.port), *options)
        path = self.folder / "kamailio.cfg"
        if claims:
            path.write_text(path.read_text().replace("\n##!", "\n#!"))
        self.programs.kamailio(self.port)
        slots = json.loads((self.folder / "slots.json").read_text())["slots"]
        return {slot["username"]: slot["password"] for slot in slots}

    async def phone(self, user: str, secret: str, answer: str = "200 OK", challenged: bool = False) -> int:
        """Register a phone and have it wait; return its port."""
        port = free_port()
        await deferToThread(self.programs.register, self.port, user, (user, secret), port)
        self.programs.phone(port, challenged, answer)
        return port

    def notifier(self, transport: Transport = "udp") -> SipNotifier:
        registrar = Registrar(Hop(HOST, self.port, transport), HOST)
        made = SipNotifier(REACTOR, registrar, None, frozenset({"autoprov"}), lambda: f"t{free_port()}")
        self.addCleanup(made.stop)
        return made

    async def told(self, target: Target, transport: Transport = "udp") -> str:
        return await self.notifier(transport).notify(target, NOTIFY)

    async def refused(self, target: Target) -> str:
        problem: Any = await self.assertFailure(self.notifier().notify(target, NOTIFY), NotResynced)
        return str(problem.reason_id)

    async def test_a_slot_is_told(self) -> None:
        """By its address of record, over UDP and TCP, and no other one hears of it."""
        secrets = self.start("--slots", "2")
        for transport in ("udp", "tcp"):
            ports = {user: await self.phone(user, secret) for user, secret in secrets.items()}
            self.assertEqual(await self.told(Target("ap0001"), transport), "answered")
            self.assertIn("Event: check-sync;reboot=true", self.programs.heard(ports["ap0001"]))
            self.assertNotIn("NOTIFY", self.programs.heard(ports["ap0000"]))

    async def test_one_of_three_phones_on_one_account(self) -> None:
        """The shared account behind one NAPT: only the contact with its source is told, though all are registered."""
        ((user, secret),) = self.start("--shared").items()
        ports = [await self.phone(user, secret) for _ in range(3)]
        contact = f"sip:{user}@192.168.7.31:5060;alias={HOST}~{ports[1]}~1"
        self.assertEqual(await self.told(Target(user, contact)), "answered")
        heard = [self.programs.heard(port).count("\nNOTIFY ") for port in ports]
        self.assertEqual(heard, [0, 1, 0])
        self.assertEqual(await self.refused(Target(user)), "resync.shared-account")

    async def test_a_phone_asks_for_a_password(self) -> None:
        """Linksys, Grandstream: 401 comes through Kamailio, and the account's own password goes back."""
        secrets = self.start("--slots", "1")
        port = await self.phone("ap0000", secrets["ap0000"], challenged=True)
        target = Target("ap0000", login=("ap0000", secrets["ap0000"]))
        self.assertEqual(await self.told(target), "answered")
        self.assertIn('Authorization: Digest username="ap0000"', self.programs.heard(port))

    async def test_what_phones_and_kamailio_refuse(self) -> None:
        """Nobody registered, and an event that the phone does not know."""
        secrets = self.start("--slots", "2")
        self.assertEqual(await self.refused(Target("ap0000")), "resync.not-registered")
        await self.phone("ap0001", secrets["ap0001"], answer="489 Bad Event")
        self.assertEqual(await self.refused(Target("ap0001")), "resync.not-understood")

    async def test_a_code_is_claimed(self) -> None:
        """By who has the slot's password: the body is what REST takes, and the contact can be told."""
        if not can_claim():
            self.skipTest(UTILS)
        claims = Claims()
        listening = REACTOR.listenTCP(0, Site(claims), interface=HOST)
        self.addCleanup(listening.stopListening)
        secrets = self.start(
            "--slots", "1", "--rest", f"http://{HOST}:{listening.getHost().port}", claims=True
        )
        login = ("ap0000", secrets["ap0000"])
        for code, status in (("482913", 486), ("111111", 404)):
            await deferToThread(self.programs.call, self.port, "ap0000", login, code, status)
        (path, claim), (_, wrong) = claims.asked
        self.assertEqual(path, "/0.2/claims")
        self.assertEqual((claim["code"], claim["slot"], claim["ip"]), ("482913", "ap0000", HOST))
        contact = read_contact(claim["contact"])
        self.assertEqual((contact.host, str(contact.uri)), (HOST, "sip:ap0000@192.168.7.31:5060;line=1"))
        self.assertEqual(wrong["code"], "111111")

    async def test_an_account_belongs_to_who_has_its_password(self) -> None:
        """Digest alone does not tie the user to the account (pbx-facts section 5)."""
        secrets = self.start("--slots", "2")
        for login, status in ((("ap0001", secrets["ap0001"]), 403), (("ap0000", secrets["ap0001"]), 401)):
            await deferToThread(self.programs.register, self.port, "ap0000", login, free_port(), status)
