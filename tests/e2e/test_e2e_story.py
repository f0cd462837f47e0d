"""
The whole life of a phone with programs of their own: provd, a PBX, `provd-phone`; from power-on to its user and back.

The test PBX is ours; Kamailio is the real one, with the configuration that `provd-pbx kamailio` prints.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from provserver.phone import demo
from provserver.phone.demo import has_kamailio
from provserver.phone.office import HOST, Office, free_ports
from tests.e2e.server import TWISTD
from tests.pbx.sip_programs import lacks

PROVD = (TWISTD, "-n", "--pidfile=", "provd")
HERE = Path(__file__).parent
DOCS = HERE.parents[1] / "docs/provd-phone.md"
MAC = "00:15:65:4a:a9:37"
PATIENCE_S = 60


class Story:
    """An office with the small PBX; what is made over REST, and phones that are switched on there."""

    def __init__(self, office: Office, sip: int) -> None:
        self.office = office
        self.sip = sip

    def line(self, name: str, **fields: Any) -> str:
        """Make a line at the small PBX; return its code."""
        account = {"username": name, "password": "s3cret", "proxy_ip": HOST, "proxy_port": self.sip}
        self.office.asks("POST", "lines", {"line": {"id": name, "account": account, **fields}})
        return str(self.office.asks("GET", f"lines/{name}")["line"]["code"])

    def phone(self, *options: str, model: tuple[str, str] = ("yealink", "T46S"), mac: str = MAC) -> "Phone":
        return Phone(self.office, model, mac, options)

    def seats(self, name: str) -> list[tuple[str, int]]:
        seats = self.office.asks("GET", f"lines/{name}")["line"]["devices"]
        return [(seat["device"], seat["position"]) for seat in seats]

    def pbx_said(self) -> str:
        return self.office.log("pbx").read_text()


class Phone:
    """A `provd-phone` that is on."""

    def __init__(self, office: Office, model: tuple[str, str], mac: str, options: tuple[str, ...]) -> None:
        place = ["--mac", mac, "--server", f"http://{HOST}:{office.ports['http']}", "--sip-port", "0"]
        if "--source" not in options:
            place += ["--source", "127.0.0.61"]
        words = ("-m", "provserver.phone.command", "live", *model, *place, "--stay", "30", *options)
        self._process = subprocess.Popen(
            [sys.executable, *words], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )

    def ends(self) -> tuple[int, str]:
        """Return its status and all it printed."""
        said, _ = self._process.communicate(timeout=PATIENCE_S)
        return self._process.returncode, said


@contextmanager
def story(folder: Path, users: tuple[str, ...] = ()) -> Iterator[Story]:
    office = empty_office(folder)
    sip, manager, agi = free_ports(3)
    places = ("--provd", HOST, "--pbx", HOST, "--sip-port", str(sip), "--agi-port", str(agi))
    office.types(
        "provd-pbx", "asterisk", *places, "--slots", "20", "--keep", "slots.json", "--out", "asterisk"
    )
    users_too = dict.fromkeys(users, "s3cret")
    settings = demo.settings_for(office, manager, agi)
    with demo.small_pbx(office, sip, manager, agi, users_too), office.provd(settings):
        yield Story(office, sip)


def empty_office(folder: Path) -> Office:
    said: list[str] = []
    office = Office(PROVD, folder / "office", said.append)
    office.folder.mkdir()
    return office


def accounts(text: str) -> list[str]:
    """Return the user that each registration was of, in order."""
    return re.findall(r"\((\w+)\): registered at", text)


def test_the_demo_plays_to_its_end(tmp_path: Path) -> None:
    """`make demo`: waiting, claimed by dialling, told through the PBX, its user's; given back, waiting again."""
    said: list[str] = []
    demo.demo(PROVD, tmp_path, said.append, ["asterisk"])
    text = "\n".join(said)
    assert accounts(text) == ["ap0000", "anna", "ap0001"]
    assert len(re.findall(r"Waiting ([2-9A-HJ-NP-Z]{6})  Waiting \1  ap000[01]", text)) == 2
    assert text.count("NOTIFY check-sync from") == 2
    assert re.search(r"PBX: anna dialled \*48378 and a PIN: ok", text)
    assert text.count("$ provd-phone boot") == 2
    assert "00:15:65:4a:a9:37  Yealink  T46S   66.86.0.15   yealink-v86  127.0.0.5  True" in text
    assert said[-1] == "\nprovd has stopped. Your own: make run"
    assert "s3cret" not in text.replace('"password": "s3cret"', "")

    page = DOCS.read_text().partition("<!-- live:")[2]
    example = re.search(r"(?ms)^```console\n.*?\n\n(.*?)^```$", page)
    assert example
    printed = iter(without_numbers(text))
    missing = [line for line in without_numbers(example[1]) if line not in printed]
    assert missing == []


def without_numbers(text: str) -> list[str]:
    """Return lines that two runs have in common: ports, times, sizes, codes and marks differ."""
    text = re.sub(r"Waiting \w{6}", "Waiting MARK", text)
    return [re.sub(r" +", " ", re.sub(r"[\d,.]+", "N", line)).strip() for line in text.splitlines()]


@pytest.mark.skipif(not has_kamailio(), reason="apt-get install kamailio kamailio-utils-modules")
def test_the_demo_with_kamailio(tmp_path: Path) -> None:
    """Its route script claims over REST, and hands provd's NOTIFY on to the phone."""
    said: list[str] = []
    demo.demo(PROVD, tmp_path, said.append, ["kamailio"])
    text = "\n".join(said)
    assert "486 Thank you, the phone restarts" in text
    assert accounts(text) == ["ap0000", "anna"]


def test_three_phones_at_one_address(tmp_path: Path) -> None:
    """As behind one NAPT, each at a port of its own: only the one whose user dials restarts."""
    with story(tmp_path, ("anna",)) as here:
        code = here.line("anna")
        macs = [f"00:15:65:00:00:0{at}" for at in range(1, 4)]
        others = [here.phone("--stay", "5", mac=mac) for mac in macs[:2]]
        status, said = here.phone("--dial", code, "--restarts", "1", mac=macs[2]).ends()
        assert (status, accounts(said)[1]) == (0, "anna"), said
        for phone in others:
            status, said = phone.ends()
            assert (status, len(accounts(said))) == (0, 1)
            assert "NOTIFY" not in said
        assert len({slot["device"] for slot in slots(here) if slot["device"]}) == 2


def slots(here: Story) -> list[dict[str, str]]:
    found: list[dict[str, str]] = here.office.asks("GET", "slots")["slots"]["slots"]
    return found


def test_a_base_gets_its_users_one_by_one(tmp_path: Path) -> None:
    """Each handset has a slot; a code that is dialled at the third lands there, and the others go on waiting."""
    with story(tmp_path, ("anna",)) as here:
        code = here.line("anna")
        base = here.phone("--dial", code, "--line", "3", "--restarts", "1", model=("yealink", "W70B"))
        status, said = base.ends()
        assert status == 0, said
        assert [position for _, position in here.seats("anna")] == [3]
        assert re.search(r"account 3 \(anna\): registered", said)
        assert len(re.findall(r"account \d+ \(ap\d+\): registered", said)) > 2


@pytest.mark.parametrize("vendor", [("snom", "D785"), ("polycom", "VVX410")])
def test_phones_of_other_vendors(tmp_path: Path, vendor: tuple[str, str]) -> None:
    """Each finds its account in its own vendor's file, and obeys its own vendor's event."""
    with story(tmp_path, ("anna",)) as here:
        code = here.line("anna")
        status, said = here.phone("--dial", code, "--restarts", "1", model=vendor).ends()
        assert (status, accounts(said)[1:]) == (0, ["anna"]), said


def test_a_phone_that_asks_by_tftp(tmp_path: Path) -> None:
    """Known by its lease alone; it obeys `service-control`, whose body comes through the Manager line by line."""
    model = ("cisco_sip", "8945")
    with story(tmp_path, ("anna",)) as here:
        lease = ("--mac", MAC, "--ip", "127.0.0.64", "--socket", str(here.office.folder / "state/run/lease"))
        here.office.types("provd-phone", "lease", *model, *lease)
        server = f"tftp://{HOST}:{here.office.ports['tftp']}"
        options = (
            "--server",
            server,
            "--source",
            "127.0.0.64",
            "--dial",
            here.line("anna"),
            "--restarts",
            "1",
        )
        status, said = here.phone(*options, model=model).ends()
        assert (status, accounts(said)[1:]) == (0, ["anna"]), said + here.pbx_said()
        assert "NOTIFY service-control from" in said


def test_codes_that_do_nothing(tmp_path: Path) -> None:
    """A wrong code and a used one: the phone hears it, goes on waiting, and nothing has changed."""
    with story(tmp_path, ("anna", "ben")) as here:
        code = here.line("anna")
        wrong = "111111" if code != "111111" else "222222"
        status, said = here.phone("--dial", wrong, "--stay", "3").ends()
        assert (status, len(accounts(said))) == (0, 1)
        assert f"dialled {wrong}: refused code.unknown; it hears pbx-invalid" in here.pbx_said()
        assert here.seats("anna") == []
        assert here.phone("--dial", code, "--restarts", "1").ends()[0] == 0
        other = ("--source", "127.0.0.62", "--dial", code, "--stay", "3")
        assert here.phone(*other, mac="00:15:65:00:00:09").ends()[0] == 0
        assert f"dialled {code}: refused code.used" in here.pbx_said()


def test_a_phone_that_takes_all_others_off(tmp_path: Path) -> None:
    """The bad manners of some phones hurt nobody where each has a slot: the user's second phone alone is gone."""
    with story(tmp_path, ("anna",)) as here:
        code = here.line("anna", keeps_code=True, when_taken="add")
        first = here.phone("--dial", code, "--restarts", "1", "--unregister-all")
        assert first.ends()[0] == 0
        second = here.phone(
            "--dial", code, "--restarts", "1", "--source", "127.0.0.62", mac="00:15:65:00:00:09"
        )
        status, said = second.ends()
        assert (status, accounts(said)[1]) == (0, "anna"), said
        assert len(here.seats("anna")) == 2


@pytest.mark.skipif(bool(lacks("kamailio", "sipp")), reason=lacks("kamailio", "sipp"))
def test_a_sipp_phone_dials_and_is_told(tmp_path: Path) -> None:
    """A phone that nobody here wrote registers with its slot, dials at Kamailio, and gets provd's NOTIFY."""
    if not has_kamailio():
        pytest.skip("apt-get install kamailio-utils-modules")
    office = empty_office(tmp_path)
    with demo.kamailio_and_provd(office) as sip:
        slot = json.loads((office.folder / "slots.json").read_text())["slots"][0]
        boot = ("boot", "yealink", "T46S", "--mac", MAC, "--server", f"http://{HOST}:{office.ports['http']}")
        assert slot["username"] in office.types("provd-phone", *boot)
        account = {"username": "anna", "password": "s3cret"}
        office.asks("POST", "lines", {"line": {"id": "anna", "account": account}})
        code = office.asks("GET", "lines/anna")["line"]["code"]
        heard = tmp_path / "heard"
        done = subprocess.run(
            ["sipp", f"{HOST}:{sip}", "-sf", str(HERE / "sipp_waits.xml"), "-oocsf", str(HERE / "sipp_told.xml"),
             "-i", HOST, "-p", str(free_ports(1)[0]), "-m", "1", "-nostdin", "-s", code, "-timeout", "30",
             "-timeout_error", "-au", slot["username"], "-ap", slot["password"],
             "-trace_msg", "-message_file", str(heard)],
            capture_output=True, text=True, check=False, cwd=tmp_path, timeout=PATIENCE_S,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
        assert "Event: check-sync" in heard.read_text()
        assert "anna" in office.types("provd-phone", *boot)


@pytest.mark.skipif(not has_kamailio(), reason="apt-get install kamailio kamailio-utils-modules")
def test_a_strict_phone_is_told_through_kamailio(tmp_path: Path) -> None:
    """It asks who that is, and provd answers with the slot's own password (pbx-facts section 8.2)."""
    office = empty_office(tmp_path)
    users, manager, agi = free_ports(3)
    with demo.kamailio_and_provd(office), demo.small_pbx(office, users, manager, agi):
        here = Story(office, users)
        status, said = here.phone("--dial", here.line("anna"), "--restarts", "1", "--strict-notify").ends()
        assert (status, accounts(said)[1:]) == (0, ["anna"]), said
        assert re.search(r"401, who is that\?\n.*NOTIFY check-sync .* 200, restarts", said)
