"""
NOTIFYs through a real Kamailio, with the configuration that `provd-pbx kamailio` prints, to real SIP phones (SIPp).

Debian packages: kamailio, sip-tester, and kamailio-utils-modules for the part that claims. All on loopback.
"""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from twisted.internet.defer import Deferred, fail
from twisted.internet.threads import deferToThread
from twisted.trial.unittest import SynchronousTestCase, TestCase
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Request, Site

from provserver.core.resync import Patience
from provserver.errors import NotResynced
from provserver.interfaces import Told
from provserver.model import Answer, Call, Device, Notify, Sighting, Step
from provserver.pbx.contacts import Transport, read_contact
from provserver.pbx.interfaces import Target
from provserver.pbx.notify import SipNotifier
from provserver.pbx.resync import Pbx, ResyncLoop, Teller
from provserver.pbx.sip_notify import Hop, Registrar
from provserver.sip.requests import Login
from tests.pbx.sip_phone import REACTOR
from tests.pbx.sip_programs import HOST, Programs, free_port, lacks, print_configuration

UTILS = "not installed: apt-get install kamailio-utils-modules"
NOTIFY = Notify("check-sync;reboot=true")
CLAIMING = {"\n##!": "\n#!"}
FOUND = Step("find", "find.found", ("a.cfg", "device"))


def can_claim() -> bool:
    return bool(list(Path("/usr/lib").glob("*/kamailio/modules/http_client.so")))


ANSWERS = {"482913": 200, "111111": 409, "222222": 429, "333333": 401}
GONE, SILENT = "444444", "555555"  # provd goes in the middle, or says nothing
SLOW_S = 0.3  # so that an INVITE which comes again finds the first still waiting


class Claims(Resource):
    """provd's REST, as far as a claim goes: each code has its answer, some time later."""

    isLeaf = True

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[str, Any]] = []

    def render_POST(self, request: Request) -> bytes | int:
        assert request.content
        try:
            claim = json.loads(request.content.read())["claim"]
        except ValueError:
            request.setResponseCode(400)
            return b""
        self.asked.append((request.path.decode(), claim))
        if claim["code"] in ANSWERS:
            request.setResponseCode(ANSWERS[claim["code"]])
            REACTOR.callLater(SLOW_S, request.finish)
        elif claim["code"] == GONE:
            request.loseConnection()
        return NOT_DONE_YET


def nothing_else(call: Call, ip: str) -> Deferred[Told]:
    return fail(AssertionError(f"{call} at {ip}, where a NOTIFY was meant"))


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

    def start(self, *options: str, changes: Mapping[str, str] = MappingProxyType({})) -> dict[str, str]:
        """Return the secret of each account."""
        print_configuration(self.folder, "--sip-port", str(self.port), *options)
        path = self.folder / "kamailio.cfg"
        text = path.read_text()
        for old, new in changes.items():
            assert old in text, old
            text = text.replace(old, new)
        path.write_text(text)
        self.programs.kamailio(self.port)
        slots = json.loads((self.folder / "slots.json").read_text())["slots"]
        return {slot["username"]: slot["password"] for slot in slots}

    async def phone(self, user: str, secret: str, answer: str = "200 OK", challenge: int = 0) -> int:
        """Register a phone and have it wait; return its port."""
        port = free_port()
        await deferToThread(self.programs.register, self.port, user, (user, secret), port)
        self.programs.phone(port, challenge, answer)
        return port

    def notifier(self, transport: Transport = "udp", login: Login | None = None) -> SipNotifier:
        registrar = Registrar(Hop(HOST, self.port, transport), HOST, login)
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
        port = await self.phone("ap0000", secrets["ap0000"], challenge=401)
        target = Target("ap0000", login=("ap0000", secrets["ap0000"]))
        self.assertEqual(await self.told(target), "answered")
        self.assertIn('\nAuthorization: Digest username="ap0000"', self.programs.heard(port))

    async def test_a_proxy_asks_for_a_password(self) -> None:
        """407 is a proxy's, also when it comes from behind Kamailio: provd's own user and password go back."""
        secrets = self.start("--slots", "1")
        port = await self.phone("ap0000", secrets["ap0000"], challenge=407)
        target = Target("ap0000", login=("ap0000", secrets["ap0000"]))
        notifier = self.notifier(login=("provd", "s3cret"))
        self.assertEqual(await notifier.notify(target, NOTIFY), "answered")
        self.assertIn('\nProxy-Authorization: Digest username="provd"', self.programs.heard(port))

    async def test_a_phone_that_is_away_is_told_again(self) -> None:
        """408 while nobody is at its contact; once it is back it hears, and the fetch ends the resync."""
        secrets = self.start("--slots", "1", changes={'"fr_timer", 30000': '"fr_timer", 500'})
        port = free_port()
        await deferToThread(self.programs.register, self.port, "ap0000", ("ap0000", secrets["ap0000"]), port)
        self.assertEqual(await self.refused(Target("ap0000")), "resync.no-answer")
        tries: list[str] = []

        def how_of(device_id: str) -> tuple[Device, Notify]:
            tries.append(device_id)
            if len(tries) == 2:
                self.programs.phone(port)
            return Device(device_id), NOTIFY

        notifier = self.notifier()
        teller = Teller({"office": Pbx(notifier)}, notifier, nothing_else, lambda device: Target("ap0000"))
        loop = ResyncLoop(teller, how_of, REACTOR, lambda: 0.0, 20, Patience(pause_s=0.2))
        told: Deferred[Told] = Deferred()
        done = loop.begin("d1", tell=told.callback)
        self.assertEqual(await told, "answered")
        self.assertEqual((len(tries), done.called), (2, False))
        loop.saw(Sighting("http", 0.0, HOST, ""), Answer("file", (FOUND,), "d1"))
        await done
        self.assertEqual(self.programs.heard(port).count("\nNOTIFY "), 1)

    async def test_what_phones_and_kamailio_refuse(self) -> None:
        """Nobody registered, and an event that the phone does not know."""
        secrets = self.start("--slots", "2")
        self.assertEqual(await self.refused(Target("ap0000")), "resync.not-registered")
        await self.phone("ap0001", secrets["ap0001"], answer="489 Bad Event")
        self.assertEqual(await self.refused(Target("ap0001")), "resync.not-understood")

    async def test_a_code_is_claimed(self) -> None:
        """By who has the slot's password: the body is what REST takes, and the contact can be told. An INVITE that
        comes again while provd thinks is the same claim."""
        if not can_claim():
            self.skipTest(UTILS)
        claims = Claims()
        listening = REACTOR.listenTCP(0, Site(claims), interface=HOST)
        self.addCleanup(listening.stopListening)
        rest = f"http://{HOST}:{listening.getHost().port}"
        secrets = self.start("--slots", "1", "--rest", rest, changes=CLAIMING)
        login = ("ap0000", secrets["ap0000"])
        for code, status in (("482913", 486), ("111111", 404), ("222222", 480), ("333333", 503)):
            await deferToThread(self.programs.call, self.port, "ap0000", login, code, status)
        self.assertEqual([claim["code"] for _, claim in claims.asked], [*ANSWERS])
        path, claim = claims.asked[0]
        self.assertEqual(path, "/0.2/claims")
        said = {name: claim[name] for name in ("slot", "mark", "ip")}
        self.assertEqual(said, {"slot": "ap0000", "mark": "4F7K2Q", "ip": HOST})
        contact = read_contact(claim["contact"])
        self.assertEqual((contact.host, str(contact.uri)), (HOST, "sip:ap0000@192.168.7.31:5060;line=1"))
        for name in ("4F7K2Q Anna", ""):
            await deferToThread(self.programs.call, self.port, "ap0000", login, "111111", 404, name=name)
        self.assertEqual({claim["mark"] for _, claim in claims.asked[len(ANSWERS) :]}, {""})

    async def test_provd_is_away(self) -> None:
        """It goes in the middle, says nothing, is not there: the phone shows that the code may do later."""
        if not can_claim():
            self.skipTest(UTILS)
        claims = Claims()
        listening = REACTOR.listenTCP(0, Site(claims), interface=HOST)
        rest = f"http://{HOST}:{listening.getHost().port}"
        changes = {**CLAIMING, '"connection_timeout", 15': '"connection_timeout", 1'}
        secrets = self.start("--slots", "1", "--rest", rest, changes=changes)
        login = ("ap0000", secrets["ap0000"])
        for code in (GONE, SILENT):
            await deferToThread(self.programs.call, self.port, "ap0000", login, code, 503)
        await listening.stopListening()
        await deferToThread(self.programs.call, self.port, "ap0000", login, "482913", 503)
        self.assertEqual([claim["code"] for _, claim in claims.asked], [GONE, SILENT])

    async def test_an_account_belongs_to_who_has_its_password(self) -> None:
        """Digest alone does not tie the user to the account (pbx-facts section 5)."""
        secrets = self.start("--slots", "2")
        for login, status in ((("ap0001", secrets["ap0001"]), 403), (("ap0000", secrets["ap0001"]), 401)):
            await deferToThread(self.programs.register, self.port, "ap0000", login, free_port(), status)
