"""The servers that are measured, each as a process of its own on core 0: provd in two forms, dnsmasq, atftpd."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from provserver.tftp.packet import Ack, Data, Request, encode, parse

ROOT = Path(__file__).resolve().parents[2]
CORE, CLIENTS_CORE = "0", "1"
OURS, WHOLE, DNSMASQ, ATFTPD = "provd", "provd, whole chain", "dnsmasq", "atftpd"
PORTS = {OURS: 6969, WHOLE: 6971, DNSMASQ: 69, ATFTPD: 6970}
TOOLS = ("dnsmasq", "atftpd", "taskset", "unshare", "ip", "make")
PHONES, FIRST_MAC, FIRST_ADDRESS = (
    100,
    0x001565000000,
    "127.10.0.",
)  # Yealinks, as the storm client counts them
_PATIENCE_S = 30.0


def missing_tools() -> list[str]:
    return [tool for tool in TOOLS if not shutil.which(tool)]


def commands(folder: Path) -> dict[str, list[str]]:
    """Return the command line of each server of a folder; all of them stay in the foreground."""
    server = ROOT / "bench" / "tftp" / "server.py"
    return {
        OURS: [sys.executable, str(server), "--port", str(PORTS[OURS]), str(folder)],
        DNSMASQ: [
            *("dnsmasq", "--no-daemon", "--port=0", "--conf-file=/dev/null", "--user=root"),
            *("--enable-tftp", f"--tftp-root={folder}", "--tftp-max=2000", "--log-facility=/dev/null"),
        ],
        ATFTPD: [
            *("atftpd", "--daemon", "--no-fork", "--port", str(PORTS[ATFTPD])),
            *("--maxthread", "2000", "--user", "root", str(folder)),
        ],
    }


@contextmanager
def running(command: list[str], says_turns: bool = False) -> Iterator[int]:
    """Run a server for as long as the context lasts; give its process id."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            ["taskset", "-c", CORE, *command], stdout=said, stderr=said, env=environment
        )
        time.sleep(2.0)
        try:
            if process.poll() is not None:
                said.seek(0)
                raise SystemExit(f"{command[0]} did not start: {said.read().decode()}")
            yield process.pid
            if says_turns:
                process.send_signal(signal.SIGUSR1)
                time.sleep(0.3)
                said.seek(0)
                print("longest turn, ms:", said.read().decode().split()[-1])
        finally:
            process.terminate()
            process.wait()


@contextmanager
def provd(state: Path) -> Iterator[int]:
    """Run a real provd with a state directory of its own, and have PHONES phones boot, so that it knows them."""
    twistd = Path(sys.executable).with_name("twistd")
    ports = ("--tftp-port", str(PORTS[WHOLE]), "--http-port", "0", "--rest-port", "0")
    with running([str(twistd), "-n", "--pidfile=", "provd", "--state", str(state), *ports]) as pid:
        until = time.monotonic() + _PATIENCE_S
        while not _listens(state):
            if time.monotonic() > until:
                raise SystemExit("provd did not start")
            time.sleep(0.1)
        yield pid


def _listens(state: Path) -> bool:
    place = state / "listening.json"
    return place.exists() and json.loads(place.read_text())["tftp"] == PORTS[WHOLE]


def boot_phones(state: Path, folder: Path) -> int:
    """Let each phone fetch its file, which makes it known, give it to a user, and let it fetch again, as after a power
    cut; leave the files for the other servers, and return the size of the largest."""
    files = [(f"{FIRST_MAC + number:012x}.cfg", f"{FIRST_ADDRESS}{number + 1}") for number in range(PHONES)]
    for name, address in files:
        _fetched(name, address)
    _give_users(state)
    for name, address in files:
        (folder / name).write_bytes(_fetched(name, address))
    return max((folder / name).stat().st_size for name, _ in files)


def _give_users(state: Path) -> None:
    for number, device in enumerate(_rest(state, "GET", "dev_mgr/devices")["devices"]):
        line = {
            "username": f"u{number}",
            "password": "s3cret",
            "proxy_ip": "192.0.2.2",
            "display_name": "Anna",
        }
        config = {"id": f"c{number}", "parent_ids": ["base"], "raw_config": {"sip_lines": {"1": line}}}
        _rest(state, "POST", "cfg_mgr/configs", {"config": config})
        _rest(state, "PUT", f"dev_mgr/devices/{device['id']}", {"device": {**device, "config": config["id"]}})


def _rest(state: Path, method: str, path: str, document: object = None) -> Any:
    port = json.loads((state / "listening.json").read_text())["rest"]
    token = (state / "admin-token").read_text().strip()
    headers = {"X-Auth-Token": token, "Content-Type": "application/json"}
    body = None if document is None else json.dumps(document).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{port}/0.2/{path}", body, headers, method=method)
    with urllib.request.urlopen(request, timeout=_PATIENCE_S) as answer:
        return json.loads(answer.read() or b"null")


def _fetched(name: str, address: str) -> bytes:
    got = b""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(_PATIENCE_S)
        sock.bind((address, 0))
        sock.sendto(encode(Request(False, name)), ("127.0.0.1", PORTS[WHOLE]))
        while True:
            datagram, server = sock.recvfrom(2000)
            packet = parse(datagram)
            if not isinstance(packet, Data):
                raise SystemExit(f"{name}: {packet}")
            got += packet.data
            sock.sendto(encode(Ack(packet.block)), server)
            if len(packet.data) < 512:
                return got


def cpu_s(pid: int) -> float:
    """Return the time that a process has had of a core, user and system."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
