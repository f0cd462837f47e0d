"""A claim from end to end: provd as a process, Asterisk's two sides played over real sockets."""

import json
import os
import re
import socket
import threading
import urllib.error
import urllib.request
from contextlib import suppress
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from provserver.pbx.command import main
from tests.e2e.server import FREE_PORTS, Provd, provd_fails

MAC = "001565000001"
PHONE = "127.0.0.41"  # nobody else's on this machine: its port 5060 is free
AGENT = "Yealink SIP-T46S 66.86.0.15 00:15:65:00:00:01"
PATIENCE_S = 20.0


class Manager:
    """Asterisk's Manager: it takes any login, says `NOTIFY sent` to anything, and keeps what it was asked."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self.notifies: list[dict[str, str]] = []
        self.logged_in, self.notified = threading.Event(), threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        connection, _ = self._listening.accept()
        self._listening.close()
        with suppress(ConnectionError), connection, connection.makefile("rwb", buffering=0) as stream:
            stream.write(b"Asterisk Call Manager/11.0.0\r\n")
            block: dict[str, str] = {}
            for line in iter(stream.readline, b""):
                name, _, value = line.decode().strip().partition(": ")
                if name:
                    block[name] = value
                    continue
                stream.write(f"Response: Success\r\nActionID: {block['ActionID']}\r\n\r\n".encode())
                if block["Action"] == "Login":
                    self.logged_in.set()
                if block["Action"] == "PJSIPNotify":
                    self.notifies.append(block)
                    self.notified.set()
                block = {}


def agi(port: int, script: str, **values: str) -> dict[str, str]:
    """Run a script as Asterisk does; return the variables that it sets."""
    channel = {
        "CHANNEL(endpoint)": values["callerid"],
        "CHANNEL(pjsip,remote_addr)": "127.0.0.1:41234",
        "CHANNEL(pjsip,target_uri)": f"sip:{values['callerid']}@127.0.0.1:41234",
    }
    said = {"network_script": script, "type": "PJSIP", "uniqueid": "1.0", **values}
    found: dict[str, str] = {}
    with socket.create_connection(("127.0.0.1", port), PATIENCE_S) as connection:
        stream = connection.makefile("rwb", buffering=0)
        stream.write("".join(f"agi_{name}: {value}\n" for name, value in said.items()).encode() + b"\n")
        for line in iter(stream.readline, b""):
            command = line.decode().strip()
            if asked := re.fullmatch(r'GET FULL VARIABLE "\$\{(.*)\}"', command):
                stream.write(f"200 result=1 ({channel.get(asked[1], '')})\n".encode())
            elif told := re.fullmatch(r'SET VARIABLE (\w+) "(.*)"', command):
                found[told[1]] = told[2]
                stream.write(b"200 result=1\n")
    return found


def rest(provd: Provd, method: str, path: str, body: object = None) -> tuple[int, Any]:
    request = urllib.request.Request(
        f"http://127.0.0.1:{provd.listening['rest']}/0.2/{path}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={
            "X-Auth-Token": provd.token,
            "Content-Type": "application/json",
            "Accept": "application/json",
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as response:
            text = response.read()
            return response.status, json.loads(text) if text else response.headers.get("Location")
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, json.loads(refused.read())


def own_file(provd: Provd) -> str:
    connection = HTTPConnection("127.0.0.1", provd.listening["http"], PATIENCE_S, source_address=(PHONE, 0))
    connection.request("GET", f"/{MAC}.cfg", headers={"User-Agent": AGENT})
    response = connection.getresponse()
    body = response.read()
    connection.close()
    assert response.status == 200, body
    return body.decode()


@pytest.mark.parametrize("restarted", [False, True])
def test_a_dialled_code_makes_it_the_user_s_phone(tmp_path: Path, restarted: bool) -> None:
    """From the waiting phone to the fetch of the user's file, by AGI and the Manager; also over a restart."""
    slots, secret = tmp_path / "slots.json", tmp_path / "secret"
    common = ["--slots", "3", "--provd", "127.0.0.1", "--pbx", "192.0.2.20", "--keep", str(slots)]
    assert main(["asterisk", *common, "--out", str(tmp_path / "asterisk")]) == 0
    secret.write_text("manager-secret\n")
    manager = Manager()
    settings = tmp_path / "provd.toml"
    settings.write_text(
        f"""
        listen.agi = "127.0.0.1:0"
        slots.file = "{slots}"
        [pbx.office]
        kind = "asterisk"
        host = "127.0.0.1"
        port = {manager.port}
        secret_file = "{secret}"
        """
    )
    options = ("--config", str(settings), *FREE_PORTS)
    if restarted:
        with Provd(tmp_path / "var", *options) as provd:
            assert "ap0000" in own_file(provd)
            assert provd.stop() == 0
        manager = Manager()
        text = re.sub(r"\n +port = \d+", f"\nport = {manager.port}", settings.read_text())
        settings.write_text(text)
    with Provd(tmp_path / "var", *options) as provd:
        first = own_file(provd)
        assert "ap0000" in first and "192.0.2.20" in first
        mark = re.search(r"Waiting ([2-9A-HJ-NP-Z]{6})", first)
        assert mark
        account = {"username": "anna", "password": "s3cret", "proxy_ip": "192.0.2.20"}
        status, _ = rest(provd, "POST", "lines", {"line": {"id": "anna", "account": account}})
        assert status == 201
        code = rest(provd, "GET", "lines/anna")[1]["line"]["code"]
        assert manager.logged_in.wait(PATIENCE_S)

        caller = {"callerid": "ap0000", "calleridname": f"Waiting {mark[1]}"}
        wrong = "111111" if code != "111111" else "222222"
        port = provd.listening["agi"]
        assert agi(port, "provision", arg_1=wrong, **caller)["PROVD_REASON"] == "code.unknown"
        said = agi(port, "provision", arg_1=code, **caller)
        assert (said["PROVD_OUTCOME"], said["PROVD_REASON"]) == ("ok", "")
        assert not manager.notified.is_set()  # the call goes on
        agi(port, "hangup", **caller)
        assert manager.notified.wait(PATIENCE_S)
        assert manager.notifies[0]["Endpoint"] == "ap0000"  # a slot is one phone

        assert "anna" in own_file(provd)
        device = rest(provd, "GET", "dev_mgr/devices")[1]["devices"][0]
        assert device["id"] == said["PROVD_DEVICE"]
        assert [slot["device"] for slot in rest(provd, "GET", "slots")[1]["slots"]["slots"]] == [None] * 3
        assert provd.stop() == 0


def test_a_resync_over_rest_is_watched_until_the_fetch(tmp_path: Path) -> None:
    """Told by a NOTIFY of provd's own, since no PBX is set; the phone answers, then fetches."""
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone,
        Provd(tmp_path / "var", *FREE_PORTS) as provd,
    ):
        phone.bind((PHONE, 5060))
        phone.settimeout(PATIENCE_S)
        own_file(provd)
        device_id = rest(provd, "GET", "dev_mgr/devices")[1]["devices"][0]["id"]
        _, place = rest(provd, "POST", "dev_mgr/synchronize", {"id": device_id})
        data, sender = phone.recvfrom(65_536)
        notify = data.decode()
        assert notify.startswith("NOTIFY sip:") and "Event: check-sync" in notify
        kept = [line for line in notify.splitlines() if re.match("Via|From|To|Call-ID|CSeq", line)]
        phone.sendto("\r\n".join(["SIP/2.0 200 OK", *kept, "Content-Length: 0", "", ""]).encode(), sender)
        path = str(place).removeprefix("/0.2/")
        expected = "progress(sent|success)(answered|success)(fetched|waiting)"
        status = ""
        for _ in range(200):
            status = rest(provd, "GET", path)[1]["status"]
            if status == expected:
                break
        assert status == expected
        own_file(provd)
        assert rest(provd, "GET", path)[1]["status"].startswith("success")


def test_a_port_of_agi_that_the_settings_name_must_be_had(tmp_path: Path) -> None:
    """The usual one is not worth a start (`AskingTests`): two provds on one machine are fine."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = tmp_path / "provd.toml"
        settings.write_text(f'listen.agi = "127.0.0.1:{taken.getsockname()[1]}"')
        status, printed = provd_fails(tmp_path / "var", "--config", str(settings), *FREE_PORTS)
        assert status == 1 and "AGI: port" in printed and f"(pid {os.getpid()})" in printed


@pytest.mark.parametrize(
    ("toml", "told"),
    [
        ('slots.file = "nothing.json"', "nothing.json"),
        ('slots.file = "wrong.json"', "wrong.json: slots.0.password: expected 8 to 64 letters and digits"),
        ('slots.file = "empty.json"', "empty.json: expected JSON, as provd-pbx writes it"),
        ('[pbx.a]\nkind = "asterisk"\nhost = "h"\nsecret_file = "nothing"', "nothing"),
    ],
)
def test_a_start_that_fails_says_which_file(tmp_path: Path, toml: str, told: str) -> None:
    """One line, and status 1."""
    (tmp_path / "wrong.json").write_text('{"slots": [{"username": "ap1", "password": "x"}]}')
    (tmp_path / "empty.json").write_text("")
    settings = tmp_path / "provd.toml"
    settings.write_text(toml)
    status, printed = provd_fails(tmp_path / "var", "--config", str(settings), *FREE_PORTS)
    assert status == 1 and told in printed and "Traceback" not in printed
