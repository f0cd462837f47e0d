"""
A real phone from power-on to its user's account: linphonec, provd as a process, Kamailio with what provd-pbx prints.

Debian packages: linphone-cli, baresip-core, kamailio, kamailio-utils-modules. All on loopback.
"""

import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

from tests.e2e.server import FREE_PORTS, Provd
from tests.e2e.softphones import PATIENCE_S, baresip, lacks, linphonec, notify, start_kamailio
from tests.pbx.sip_programs import HOST, Programs, free_port, print_configuration

UUID = "70956075-10bc-00bc-8c18-2809a4574486"
USER, PASSWORD = "anna", "s3cret-of-anna"


@frozen
class Office:
    """A provd and a PBX, with a line of Anna's that waits for its phone."""

    provd: Provd
    sip_port: int
    secrets: dict[str, str]  # of the slots

    def rest(self, method: str, path: str, body: object = None) -> Any:
        request = urllib.request.Request(
            f"http://{HOST}:{self.provd.listening['rest']}/0.2/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "X-Auth-Token": self.provd.token,
                "Content-Type": "application/json",
                "Accept": "application/json",
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_S) as response:
                text, place = response.read(), response.headers.get("Location")
        except urllib.error.HTTPError as refused:
            with refused:
                raise AssertionError(refused.read()) from None
        return json.loads(text) if text else place

    def device(self) -> Any:
        (device,) = self.rest("GET", "dev_mgr/devices")["devices"]
        return device

    def timeline(self) -> Any:
        return self.rest("GET", f"dev_mgr/devices/{self.device()['id']}/timeline")

    def until_ended(self, operation: str) -> Any:
        """Return an operation that has come to its end; a resync that is not told again does within 2 s."""
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            found = self.rest("GET", operation)
            if re.match(r"(\w+\|)?(success|fail)", found["status"]):
                return found
            time.sleep(0.1)
        raise AssertionError(found)

    def sits_on(self) -> list[str]:
        """Return the devices on which Anna's line sits."""
        return [seat["device"] for seat in self.rest("GET", f"lines/{USER}")["line"]["devices"]]

    @property
    def code(self) -> str:
        return str(self.rest("GET", f"lines/{USER}")["line"]["code"])

    @property
    def config_uri(self) -> str:
        return f"http://{HOST}:{self.provd.listening['http']}/linphone/{UUID}.xml"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    folder = tmp_path / "kamailio"
    folder.mkdir()
    sip_port = free_port()
    print_configuration(folder, "--slots", "2", "--sip-port", str(sip_port))
    slots = json.loads((folder / "slots.json").read_text())["slots"]
    secrets = {slot["username"]: slot["password"] for slot in slots}
    settings = tmp_path / "provd.toml"
    settings.write_text(
        f'slots.file = "{folder / "slots.json"}"\nlisten.agi = ""\n'
        f'[pbx.office]\nkind = "sip"\nhost = "{HOST}"\nport = {sip_port}\n'
    )
    with (
        Provd(tmp_path / "var", "--config", str(settings), *FREE_PORTS) as provd,
        Programs(folder) as programs,
    ):
        made = Office(provd, sip_port, secrets)
        token = made.rest("POST", "tokens", {"token": {"name": "kamailio", "acl": ["provd.claims.create"]}})
        start_kamailio(programs, sip_port, provd.listening["rest"], token["token"], **{USER: PASSWORD})
        account = {"username": USER, "password": PASSWORD, "display_name": "Anna", "proxy_ip": HOST}
        line = {"id": USER, "account": {**account, "proxy_port": sip_port}}
        made.rest("POST", "lines", {"line": line})
        yield made


def registered_as(name: str, user: str) -> str:
    return f'registered, identity="{name}" <sip:{user}@{HOST}>'


@pytest.mark.skipif(lacks("linphonec", "kamailio") != "", reason=lacks("linphonec", "kamailio"))
def test_a_dialled_code_makes_a_linphone_its_user_s(office: Office, tmp_path: Path) -> None:
    """From the first start of a softphone that knows nothing but a URL, to its user's account and back."""
    home = tmp_path / "home"
    with linphonec(home, office.config_uri) as phone:
        phone.until(registered_as("Waiting [2-9A-HJ-NP-Z]{6}", "ap000[01]"), asking="status register")
        device = office.device()
        assert (device["uuid"], device["vendor"], device["model"]) == (UUID, "Linphone", "Linphone")
        assert (device["plugin"], device["added"]) == ("linphone-5", "auto")
        code = office.code
        phone.tell(f"call {'111111' if code != '111111' else '222222'}")
        phone.until("Call 1 with .* error")
        assert office.sits_on() == []
        phone.tell(f"call {code}")
        phone.until("Call 2 with .* (error|busy)|User is busy")
        assert office.sits_on() == [device["id"]]
    with linphonec(home, office.config_uri) as phone:  # its user closes it, and opens it again
        phone.until(registered_as("Anna", USER), asking="status register")
        phone.tell("proxy list")
        assert "Proxy 1" not in phone.until("(?s)Proxy 0 .*registered: yes")
    reset = office.rest("POST", f"dev_mgr/devices/{device['id']}/autoprov", {})["reset"]
    assert reset == {"outcome": "ok", "device": device["id"], "resync": "resync.by-hand"}
    with linphonec(home, office.config_uri) as phone:
        phone.until(registered_as("Waiting [2-9A-HJ-NP-Z]{6}", "ap000[01]"), asking="status register")


@pytest.mark.skipif(lacks("linphonec", "kamailio") != "", reason=lacks("linphonec", "kamailio"))
def test_a_posted_code_makes_a_linphone_its_user_s(office: Office, tmp_path: Path) -> None:
    """The claim succeeds, and says that the user must restart it: to a NOTIFY it says 200, and does nothing."""
    home = tmp_path / "home"
    with linphonec(home, office.config_uri) as phone:
        said = phone.until(registered_as("Waiting .*", "ap000[01]"), asking="status register")
        slot = re.search("ap000[01]", said)
        assert slot
        before = office.timeline()
        assert notify(office.sip_port, slot[0], "check-sync;reboot=true") == "SIP/2.0 200 Ok"
        phone.until("registered", asking="status register")
        assert office.timeline() == before
    claim = office.rest("POST", "claims", {"claim": {"code": office.code, "slot": slot[0]}})["claim"]
    assert claim == {
        "outcome": "ok",
        "device": office.device()["id"],
        "line": USER,
        "resync": "resync.by-hand",
    }
    with linphonec(home, office.config_uri) as phone:
        phone.until(registered_as("Anna", USER), asking="status register")


@pytest.mark.skipif(lacks("baresip", "kamailio") != "", reason=lacks("baresip", "kamailio"))
def test_a_baresip_dials_for_the_phone_whose_slot_it_has(office: Office, tmp_path: Path) -> None:
    """Another SIP stack registers and dials. It takes no NOTIFY, and provd says so."""
    path, agent = "/001565000001.cfg", "Yealink SIP-T46S 66.86.0.15 00:15:65:00:00:01"
    _, file = office.provd.phone(path, agent)
    slot = re.search("ap000[01]", file.decode())
    assert slot
    registrar = f"{HOST}:{office.sip_port}"
    with baresip(tmp_path / "home", slot[0], office.secrets[slot[0]], registrar) as phone:
        phone.until("registered successfully")
        place = office.rest("POST", "dev_mgr/synchronize", {"id": office.device()["id"]})
        told = office.until_ended(place.removeprefix("/0.2/"))
        assert told["status"].startswith("fail")
        assert told["reason_id"] == "resync.not-understood"  # it says 481
        phone.tell(f"/dial {office.code}")
        phone.until("session closed: 486 Thank you, the phone restarts")
    assert office.sits_on() == [office.device()["id"]]
    assert USER.encode() in office.provd.phone(path, agent)[1]
