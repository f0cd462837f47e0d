"""
Three phones behind one address, provd and Kamailio on the other side of a NAPT: only that which is meant restarts.

Kamailio runs the configuration that `provd-pbx kamailio` prints, with two users of its own besides. The phones are
`provd-phone`. What each of them hears and says is read from its network: `pytest -s` shows it as a table.
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from provserver.pbx.command import main as provd_pbx
from tests.dhcp.network import until
from tests.e2e.napt import LACKS, NAPT_IP, PBX_IP, PHONE_IPS, PROVD_IP, Napt, at
from tests.e2e.server import ROOT, Provd, run

pytestmark = pytest.mark.skipif(bool(LACKS), reason=LACKS)

KEY = "Bakery-7Kq2Xw9Lm4Rt"
TENANT = "5b1f1c8e-2f43-4f6e-9d3c-0a6f2d0c7b11"
MODELS = (
    ("yealink", "T46S", "00:15:65:00:00:01"),
    ("snom", "D735", "00:04:13:00:00:02"),
    ("polycom", "VVX410", "00:04:f2:00:00:03"),
)
PLUGINS = {"yealink": "yealink-v86", "snom": "snom-10.1.54.13", "polycom": "polycom-5.9.2"}
USERS = {"anna": "Annas3cret", "bert": "Berts3cret"}
SLOT, SHARED = "ap[0-9]{4}", "autoprov"  # the accounts of waiting phones
SAVES = {SLOT: 'save("location", "0x04");', SHARED: 'save("location");'}
MAPPING_S = 8  # so long the router keeps the port of a phone that is silent
NATPING_S = 1
PATIENCE_S = 150  # on a machine that does much else the first NOTIFY may find nobody; provd tells it again
Said = dict[str, str]


class Office:
    """All of it, up to the point where phones can be plugged in."""

    def __init__(self, folder: Path, napt: Napt, provd: Provd, waiting: str) -> None:
        """`waiting`: the regular expression of the accounts of waiting phones."""
        self.folder, self.napt, self.provd, self.waiting = folder, napt, provd, waiting
        for place in sniffed_places(napt):
            until("the sniffers", (folder / f"sniffed-{place}.log").read_text)
        self._tenant()

    # --- the provider's side -------------------------------------------------------------------------------

    def rest(self, method: str, path: str, document: object = None, tenant: str = TENANT) -> Any:
        """Return the answer's document, or where it says that something is."""
        url = f"http://{PROVD_IP}:8666/0.2/{path}"
        headers = (f"X-Auth-Token: {self.provd.token}", f"Wazo-Tenant: {tenant}", "Accept: application/json",
                   "Content-Type: application/json")  # fmt: skip
        body = [] if document is None else ["-d", json.dumps(document)]
        words = ["curl", "-sSf", "-X", method, *body, *(f"-H{header}" for header in headers), url]
        status, said = run(*at(self.napt.provd, *words))
        assert status == 0, said
        return json.loads(said) if said else None

    def _tenant(self) -> None:
        self.rest("POST", "tenants", {"tenant": {"id": TENANT, "name": "Bakery"}}, "")
        self.rest("PUT", "configure/provisioning_key", {"param": {"value": KEY}})

    def line(self, user: str, **more: object) -> str:
        """Return the code of a new line."""
        account = {"username": user, "password": USERS[user], "proxy_ip": PBX_IP}
        self.rest("POST", "lines", {"line": {"id": user, "account": account, **more}})
        return str(self.rest("GET", f"lines/{user}")["line"]["code"])

    def seat(self, user: str, number: int) -> None:
        """Make a phone the user's before it is plugged in."""
        vendor, model, mac = MODELS[number]
        names = {"vendor": vendor.capitalize(), "model": model, "plugin": PLUGINS[vendor]}
        self.rest("POST", "dev_mgr/devices", {"device": {"id": f"phone{number}", "mac": mac, **names}})
        self.rest("PUT", f"lines/{user}/devices/phone{number}", {})

    def kamailio(self) -> None:
        """Start it as printed, with a token for the claims, and two users who may have several phones; its times are
        as much shorter than in earnest as the router's."""
        acl = {"token": {"name": "kamailio", "acl": ["provd.claims.create"]}}
        token = self.rest("POST", "tokens", acl, "")["token"]
        path = self.folder / "kamailio.cfg"
        text = path.read_text()
        for old, new in (
            ("\n##!", "\n#!"),
            ("a token with the ACL provd.claims.create", token),
            (f"^{self.waiting}$", f"^({'|'.join([self.waiting, *USERS])})$"),
            (SAVES[self.waiting], 'if ($au =~ "^ap[0-9]") { save("location", "0x04"); } else { save("location"); }'),
            ('"natping_interval", 20', f'"natping_interval", {NATPING_S}'),
            ('"fr_timer", 30000', '"fr_timer", 5000'),
        ):  # fmt: skip
            assert old in text, old
            text = text.replace(old, new)
        path.write_text(text)
        with (self.folder / "dbtext" / "slots").open("a") as slots:
            slots.writelines(f"{user}:0:0:{secret}:0\n" for user, secret in USERS.items())
        words = ["kamailio", "-f", str(path), "-DD", "-E", "-m", "32", "-M", "4", "-w", str(self.folder)]
        places = ["-Y", str(self.folder), "-P", str(self.folder / "kamailio.pid")]
        self.napt.start(self.napt.pbx, [*words, *places], self.folder / "kamailio.log", self.folder)
        until("Kamailio", (self.folder / "kamailio.pid").exists)

    # --- the phones' side ----------------------------------------------------------------------------------

    def plug_in(self, number: int, *options: str) -> Any:
        """Start a phone, which stays on."""
        vendor, model, mac = MODELS[number]
        words = ["-m", "provserver.phone.command", "live", vendor, model, "--mac", mac, "--key", KEY]
        server = ["--server", f"http://{PROVD_IP}:8667", "--stay", "300"]
        command = [sys.executable, *words, *server, *options]
        return self.napt.start(self.napt.phones[number], command, self.folder / f"phone{number}.log", ROOT)

    def shown(self, number: int) -> str:
        """Return what a phone has shown so far."""
        return (self.folder / f"phone{number}.log").read_text()

    def registered(self, number: int, user: str) -> None:
        until(f"phone {number} to register", lambda: f"({user}): registered at" in self.shown(number))

    def account(self, number: int) -> str:
        """Wait until a phone waits for its user; return the account by which it has registered."""
        pattern = rf"\(({self.waiting})\): registered at"
        until(f"phone {number} to wait", lambda: re.search(pattern, self.shown(number)))
        return str(re.findall(pattern, self.shown(number))[0])

    # --- what travels --------------------------------------------------------------------------------------

    def sniffed(self, place: object, *words: str) -> list[Said]:
        """Return what begins with one of these words, in order."""
        lines = (self.folder / f"sniffed-{place}.log").read_text().splitlines(keepends=True)
        said: list[Said] = [json.loads(line) for line in lines if line.endswith("\n")]
        return [each for each in said if each["said"].startswith(words)]

    def notified(self) -> list[int]:
        """Return how many NOTIFYs reached each phone; one that is sent again counts once."""
        heard = (self.sniffed(number, "NOTIFY ") for number, _ in enumerate(PHONE_IPS))
        return [len({(each["Call-ID"], each["CSeq"]) for each in said}) for said in heard]

    def files(self, number: int) -> list[str]:
        """Return the names of all files that a phone has asked for."""
        return [each["said"].split()[1].rpartition("/")[2] for each in self.sniffed(number, "GET ")]

    def contact(self, number: int) -> str:
        """Return the contact by which a phone registered last, with its port at the router, as a PBX knows it."""
        own = self.sniffed(number, "REGISTER ")[-1]
        seen = next(each for each in self.sniffed("pbx", "REGISTER ") if each["Call-ID"] == own["Call-ID"])
        return f"{own['Contact'].strip('<>')};alias={seen['from'].replace(':', '~')}~1"

    def tell(self, account: str, contact: str) -> str:
        """Have one contact told from provd's machine; return the outcome."""
        words = ("-m", "tests.e2e.tell", PBX_IP, account, contact)
        status, said = run(*at(self.napt.provd, sys.executable, *words), cwd=ROOT)
        assert status == 0, said
        return said.strip()

    def table(self) -> str:
        """Return how often each phone said and heard what."""
        rows = [("phone", "behind", "port there", "GET", "REGISTER", "INVITE", "NOTIFY", "the NOTIFY")]
        for number, ip in enumerate(PHONE_IPS):
            port = re.findall(r"~(\d+)~", self.contact(number))[0]
            counts = (str(len(self.sniffed(number, f"{word} "))) for word in rows[0][3:7])
            told = self.sniffed(number, "NOTIFY ")
            rows.append((ip, NAPT_IP, port, *counts, told[0]["said"].split()[1] if told else "-"))
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = ("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)
        return "\n".join(["", *lines, ""])


def sniffed_places(napt: Napt) -> dict[str, str]:
    """Return the namespaces in which all that is said is written down, by the names that the tests use."""
    return {"pbx": napt.pbx, **{str(number): name for number, name in enumerate(napt.phones)}}


@pytest.fixture(params=[SLOT], ids=["slots"])
def office(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Office]:
    waiting = str(request.param)
    options = ["--shared"] if waiting == SHARED else ["--slots", "5"]
    folder = ["--out", str(tmp_path), "--folder", str(tmp_path), "--keep", str(tmp_path / "slots.json")]
    assert provd_pbx(["kamailio", *options, "--provd", PROVD_IP, "--pbx", PBX_IP, *folder]) == 0
    settings = tmp_path / "settings.toml"
    listen = f'listen.bind = "{PROVD_IP}"\nlisten.rest_bind = "{PROVD_IP}"\n'
    settings.write_text(listen + (tmp_path / "provd.toml").read_text())
    with Napt(MAPPING_S) as napt:
        for place, namespace in sniffed_places(napt).items():
            log = tmp_path / f"sniffed-{place}.log"
            napt.start(namespace, [sys.executable, "-m", "tests.e2e.sniffer"], log, ROOT)
        with Provd(tmp_path / "var", "--config", str(settings), prefix=at(napt.provd)) as provd:
            yield Office(tmp_path, napt, provd, waiting)


def test_who_has_no_key_gets_nothing(office: Office) -> None:
    """From outside the allowed networks neither a file nor a slot, and no device is made."""
    vendor, model, mac = MODELS[0]
    words = ("-m", "provserver.phone.command", "boot", vendor, model, "--mac", mac)
    for more in ((), ("--key", "x" * len(KEY))):
        command = (sys.executable, *words, "--server", f"http://{PROVD_IP}:8667", *more)
        status, said = run(*at(office.napt.phones[0], *command), cwd=ROOT)
        assert status == 1 and "200 ok" not in said, said
    assert office.rest("GET", "dev_mgr/devices", tenant="")["devices"] == []
    slots = office.rest("GET", "slots", tenant="")["slots"]["slots"]
    assert {slot["device"] for slot in slots} == {None}


@pytest.mark.parametrize("office", [SLOT, SHARED], indirect=True, ids=["slots", "shared"])
def test_only_the_phone_that_dialled_restarts(office: Office) -> None:
    """All three have one address and the tenant's key, and wait; one dials its code, and becomes its user's. With a
    slot for each, and with one account for all, where the mark names the phone."""
    office.kamailio()
    code = office.line("anna")
    office.plug_in(0)
    office.plug_in(2)
    waiting = {office.account(number) for number in (0, 2)}
    before = {number: office.files(number) for number in (0, 2)}

    dialling = office.plug_in(1, "--dial", code, "--restarts", "1")
    assert dialling.wait(PATIENCE_S) == 0, office.shown(1)

    assert len({office.account(1), *waiting}) == (1 if office.waiting == SHARED else 3)
    assert "486 Thank you, the phone restarts" in office.shown(1)
    assert "(anna): registered at" in office.shown(1)
    assert office.notified() == [0, 1, 0]
    assert {number: office.files(number) for number in (0, 2)} == before
    assert len(office.files(1)) > len(set(office.files(1)))  # it began anew
    ports = {office.contact(number).rpartition("~")[0] for number in range(3)}
    assert len(ports) == 3 and all(f"alias={NAPT_IP}~" in port for port in ports)
    assert [line["devices"] != [] for line in office.rest("GET", "lines")["lines"]] == [True]
    sys.stdout.write(office.table())


def test_one_of_two_phones_with_one_account(office: Office) -> None:
    """They differ by their ports at the router: that contact alone is told, and never the account as a whole. It has
    been silent for longer than the router remembers, but Kamailio has pinged it."""
    office.kamailio()
    office.line("anna", when_taken="add")
    office.line("bert")
    for number, user in enumerate(("anna", "anna", "bert")):
        office.seat(user, number)
    told = office.plug_in(1, "--restarts", "1")
    office.plug_in(0)
    office.plug_in(2)
    for number, user in enumerate(("anna", "anna", "bert")):
        office.registered(number, user)
    before = {number: office.files(number) for number in (0, 2)}

    assert office.tell("anna", "") == "resync.shared-account"
    nobody = re.sub("~[0-9]+~", "~9~", office.contact(1))
    assert office.tell("anna", nobody) == "resync.no-answer"  # Kamailio says 408: the router has no such port
    assert office.notified() == [0, 0, 0]
    pinged = MAPPING_S // NATPING_S + 2  # by then the router has forgotten whoever was not pinged
    until("pings", lambda: all(len(office.sniffed(number, "ping")) >= pinged for number in range(3)))
    assert office.tell("anna", office.contact(1)) == "answered"

    assert told.wait(PATIENCE_S) == 0, office.shown(1)
    assert office.notified() == [0, 1, 0]
    assert {number: office.files(number) for number in (0, 2)} == before
    sys.stdout.write(office.table())
