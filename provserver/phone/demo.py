"""
`make demo`: the whole story of a phone, from power-on to its user's and back, with provd and a PBX of their own in a
temporary folder; then the same with Kamailio, where that is installed; then what provd knows of it.

A script from top to bottom: it blocks, and starts the same commands that a person would type.
"""

import json
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from provserver.phone.office import HOST, DemoFailed, Office, free_ports
from provserver.phone.show import table

_COLUMNS = ("mac", "vendor", "model", "version", "plugin", "ip", "configured")
_PHONE = ("yealink", "T46S", "--mac", "00:15:65:4a:a9:37", "--source", "127.0.0.5", "--sip-port", "0")
_OTHERS = (("T31G", "80:5e:c0:d5:7d:72", "127.0.0.6"), ("CP925", "24:9a:d8:88:d0:f4", "127.0.0.7"))
_PIN = "2580"
_USERS = {"anna": "s3cret"}
_KAMAILIO_NEEDS = "kamailio/modules/http_client.so"


def main() -> None:
    twistd = Path(sys.executable).parent / "twistd"
    provd = [str(twistd), "-n", "--pidfile=", "provd"]
    chapters = [name for name in CHAPTERS if name != "kamailio" or has_kamailio()]
    with TemporaryDirectory(prefix="provd-demo-") as folder:
        try:
            demo(provd, Path(folder), partial(print, flush=True), chapters)
        except DemoFailed as problem:
            sys.exit(f"demo: {problem}")


def demo(provd: Sequence[str], folder: Path, say: Callable[[str], None], chapters: Sequence[str]) -> None:
    """
    Play chapters with the server that the command `provd` starts, in an empty folder.

    Raises:
        DemoFailed: something was not as expected.
    """
    for name in chapters:
        office = Office(provd, folder / name, say)
        office.folder.mkdir()
        try:
            CHAPTERS[name](office)
        except (OSError, ValueError, LookupError, subprocess.TimeoutExpired) as problem:
            raise DemoFailed(f"not as expected: {problem!r}{office.tail('provd')}") from None
    say("\nprovd has stopped. Your own: make run")


def has_kamailio() -> bool:
    """Whether there is a Kamailio that can ask provd: Debian's kamailio and kamailio-utils-modules."""
    return shutil.which("kamailio") is not None and any(Path("/usr/lib").glob(f"*/{_KAMAILIO_NEEDS}"))


# --- the story ---------------------------------------------------------------------------------------------


def _with_a_small_pbx(office: Office) -> None:
    office.say("A provd starts, with empty state, and beside it a small PBX that behaves like Asterisk.")
    sip, manager, agi = free_ports(3)
    office.types("provd-pbx", "asterisk", "--slots", "20", "--provd", HOST, "--pbx", HOST, "--sip-port", str(sip),
                 "--agi-port", str(agi), "--keep", "slots.json", "--out", "asterisk")  # fmt: skip
    settings = settings_for(office, manager, agi)
    with small_pbx(office, sip, manager, agi), office.provd(settings):
        code = _line(office, sip)
        office.say(
            "\nA phone is plugged in. It waits, its mark on the display, and its user dials the code of Anna's"
        )
        office.say(f"line. Later it is given back: she dials *48378 and the PIN {_PIN}.")
        office.plays("live", *_PHONE, "--server", _server(office), "--stay", "60", "--restarts", "2",
                     "--dial", code, "--dial", f"*48378{_PIN}", beside="pbx")  # fmt: skip
        office.say("\nReady: the phone waits for its next user. Meanwhile others are plugged in.")
        for model, mac, ip in _OTHERS:
            words = ("yealink", model, "--mac", mac, "--source", ip, "--server", _server(office))
            office.say(office.types("provd-phone", "boot", *words))
        _tell_what_it_knows(office)


def _with_kamailio(office: Office) -> None:
    """Kamailio has the waiting phones; the users' accounts are at the small PBX."""
    office.say("\nThe same with Kamailio, where phones wait; the users have their accounts elsewhere.")
    users, manager, agi = free_ports(3)
    with kamailio_and_provd(office), small_pbx(office, users, manager, agi):
        code = _line(office, users)
        office.plays("live", *_PHONE, "--server", _server(office), "--stay", "60", "--restarts", "1",
                     "--dial", code, beside="pbx")  # fmt: skip
        office.say("\nReady: it is Anna's phone.")


def _line(office: Office, registrar_port: int) -> str:
    """Make a tenant and a line of it; return the code that its user dials."""
    tenant = office.asks("POST", "tenants", {"tenant": {"name": "Anna's Bakery"}})["id"]
    server = {"proxy_ip": HOST, "proxy_port": registrar_port}
    account = {
        "username": "anna",
        "password": _USERS["anna"],
        "display_name": "Anna",
        "number": "201",
        **server,
    }
    office.asks("POST", "lines", {"line": {"id": "anna", "account": account}}, tenant)
    code = str(office.asks("GET", "lines/anna?fields=code", tenant=tenant)["line"]["code"])
    office.say(f"  {code}")
    return code


def _tell_what_it_knows(office: Office) -> None:
    devices = office.asks("GET", "dev_mgr/devices?recurse=true")["devices"]
    rows = [[str(device.get(column) or "") for column in _COLUMNS] for device in devices]
    office.say("\n".join(table([_COLUMNS, *rows])))
    first = next(device for device in devices if device["mac"] == _PHONE[3])
    last, *_ = office.asks("GET", f"dev_mgr/devices/{first['id']}/timeline")["timeline"]
    office.say(f"{last['path']}: {last['outcome']}")
    office.say("\n".join(table([(step["step"], step["text"]) for step in last["steps"]])))


# --- what runs beside provd ----------------------------------------------------------------------------------


def settings_for(office: Office, manager: int, agi: int) -> str:
    """Return what `provd-pbx` says of the PBX, with this machine's ports."""
    secret = json.loads((office.folder / "slots.json").read_text())["manager_secret"]
    (office.folder / "asterisk.secret").write_text(f"{secret}\n")
    return f"""\
listen.agi = "{HOST}:{agi}"
slots.file = "{office.folder}/slots.json"
claims.reset_pin = "{_PIN}"
[pbx.demo]
kind = "asterisk"
host = "{HOST}"
port = {manager}
user = "provd"
secret_file = "{office.folder}/asterisk.secret"
"""


@contextmanager
def small_pbx(
    office: Office, sip: int, manager: int, agi: int, users: Mapping[str, str] = _USERS
) -> Iterator[None]:
    (office.folder / "users.json").write_text(json.dumps(users))
    options = {"slots": "slots.json", "users": "users.json", "sip": f"{HOST}:{sip}",
               "manager": f"{HOST}:{manager}", "agi": f"{HOST}:{agi}"}  # fmt: skip
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    with office.running("pbx", sys.executable, "-m", "provserver.phone.pbx.command", *words) as program:
        office.wait("pbx", program, lambda: "SIP at" in office.log("pbx").read_text())
        office.overhears("pbx")
        yield


@contextmanager
def kamailio_and_provd(office: Office) -> Iterator[int]:
    """Run Kamailio with what `provd-pbx` prints, and a provd that it claims at; give Kamailio's port."""
    sip, rest = free_ports(2)
    folder = str(office.folder)
    places = ("--provd", HOST, "--pbx", HOST, "--sip-port", str(sip), "--rest", f"http://{HOST}:{rest}")
    there = ("--keep", "slots.json", "--out", folder, "--folder", folder)
    office.types("provd-pbx", "kamailio", "--slots", "20", *places, *there)
    pbx = f'kind = "sip"\nhost = "{HOST}"\nport = {sip}\n'
    with office.provd(f'slots.file = "{folder}/slots.json"\n[pbx.kamailio]\n{pbx}', rest):
        token = {"token": {"name": "kamailio", "acl": ["provd.claims.create"]}}
        _switch_on_claims(office.folder / "kamailio.cfg", office.asks("POST", "tokens", token)["token"])
        run = office.folder / "run"
        run.mkdir()
        config = str(office.folder / "kamailio.cfg")
        words = (
            "-f",
            config,
            "-DD",
            "-E",
            "-m",
            "32",
            "-M",
            "4",
            "-w",
            folder,
            "-Y",
            str(run),
            "-P",
            str(run / "pid"),
        )
        with office.running("kamailio", "kamailio", *words) as program:
            office.wait("kamailio", program, partial(_listens, sip))
            yield sip


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


def _switch_on_claims(path: Path, token: str) -> None:
    path.write_text(
        path.read_text().replace("\n##!", "\n#!").replace("a token with the ACL provd.claims.create", token)
    )


def _server(office: Office) -> str:
    return f"http://{HOST}:{office.ports['http']}"


CHAPTERS: Mapping[str, Callable[[Office], None]] = {
    "asterisk": _with_a_small_pbx,
    "kamailio": _with_kamailio,
}

if __name__ == "__main__":
    main()
