"""Real programs on loopback: Kamailio with the configuration that `provd-pbx` prints, and SIPp as phones."""

import contextlib
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

HOST = "127.0.0.1"
_PRINT = "import sys; from provserver.pbx.command import main; sys.exit(main())"
_ROOT = Path(__file__).resolve().parents[2]
_PATIENCE_S = 20

_REGISTER = """<?xml version="1.0" encoding="UTF-8"?>
<scenario name="register">
  <send><![CDATA[{request}]]></send>
  <recv response="401" auth="true"/>
  <send><![CDATA[{again}]]></send>
  <recv response="{status}"/>
</scenario>
"""
_REQUEST = """
REGISTER sip:{registrar} SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:{user}@{registrar}>;tag=[call_number]
To: <sip:{user}@{registrar}>
Call-ID: [call_id]
CSeq: {cseq} REGISTER
Contact: <{contact}>
{authorization}Max-Forwards: 70
Expires: 300
Content-Length: 0

"""
_CALL = """<?xml version="1.0" encoding="UTF-8"?>
<scenario name="call">
  <send><![CDATA[{request}]]></send>
  <recv response="407" auth="true"/>
  <send><![CDATA[{ack}]]></send>
  <send><![CDATA[{again}]]></send>
  <recv response="100"/>
  <send><![CDATA[{again}]]></send>
  <recv response="100" optional="true"/>
  <recv response="{status}"/>
  <send><![CDATA[{last_ack}]]></send>
  <pause milliseconds="600"/>
</scenario>
"""
_INVITE = """
{method} sip:{code}@{registrar} SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=z9hG4bK-[call_number]-{cseq}
From: "{name}" <sip:{user}@{registrar}>;tag=[call_number]
To: <sip:{code}@{registrar}>[peer_tag_param]
Call-ID: [call_id]
CSeq: {cseq} {method}
Contact: <sip:{user}@192.168.7.31:5060;line={line}>
{authorization}Max-Forwards: 70
Content-Length: 0

"""
_RECEIVE = """<?xml version="1.0" encoding="UTF-8"?>
<scenario name="phone">
  <recv request="NOTIFY"/>
  <send><![CDATA[{first}]]></send>
{then}</scenario>
"""
_CHALLENGES = {
    401: ("WWW-Authenticate", "Unauthorized"),
    407: ("Proxy-Authenticate", "Proxy Authentication Required"),
}
_ANSWER = """
SIP/2.0 {status}
[last_Via:]
[last_From:]
[last_To:];tag=[call_number]
[last_Call-ID:]
[last_CSeq:]
{header}Content-Length: 0

"""


def lacks(*programs: str) -> str:
    """Return why tests with these programs cannot run here, with their Debian packages; "" if they can."""
    packages = {"kamailio": "kamailio", "sipp": "sip-tester"}
    missing = [packages[program] for program in programs if shutil.which(program) is None]
    return f"not installed: apt-get install {' '.join(missing)}" if missing else ""


def free_port() -> int:
    """Return a port that is free for UDP and TCP."""
    while True:
        with socket.socket() as stream, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
            stream.bind((HOST, 0))
            port = int(stream.getsockname()[1])
            with contextlib.suppress(OSError):
                datagrams.bind((HOST, port))
                return port


def print_configuration(folder: Path, *options: str) -> None:
    """Run `provd-pbx kamailio` as its users do."""
    words = [
        "kamailio",
        "--provd",
        HOST,
        "--pbx",
        HOST,
        "--out",
        str(folder),
        "--folder",
        str(folder),
        "--keep",
        str(folder / "slots.json"),
    ]
    subprocess.run(
        [sys.executable, "-c", _PRINT, *words, *options], check=True, cwd=_ROOT, timeout=_PATIENCE_S
    )


class Programs:
    """Leaving the context ends what was started."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._started = contextlib.ExitStack()

    def __enter__(self) -> "Programs":
        return self

    def __exit__(self, *problem: object) -> None:
        self._started.close()

    def kamailio(self, port: int) -> None:
        run = self.folder / "run"
        run.mkdir()
        self._start(
            "kamailio",
            *("kamailio", "-f", str(self.folder / "kamailio.cfg"), "-DD", "-E", "-m", "32", "-M", "4"),
            *("-w", str(self.folder), "-Y", str(run), "-P", str(run / "pid")),
        )

        def listens() -> bool:
            with socket.socket() as probe:
                return probe.connect_ex((HOST, port)) == 0

        until("Kamailio", listens)

    def phone(self, port: int, challenge: int = 0, answer: str = "200 OK") -> "subprocess.Popen[bytes]":
        """A phone that takes one NOTIFY; with a `challenge`, 401 or 407, only the second, with credentials."""
        scenario = _RECEIVE.format(first=_ANSWER.format(status=answer, header=""), then="")
        if challenge:
            name, reason = _CHALLENGES[challenge]
            header = f'{name}: Digest realm="phone", nonce="abcdef", algorithm=MD5\n'
            then = f"""  <recv request="NOTIFY"/>
  <send><![CDATA[{_ANSWER.format(status="200 OK", header="")}]]></send>
"""
            scenario = _RECEIVE.format(
                first=_ANSWER.format(status=f"{challenge} {reason}", header=header), then=then
            )
        path = self.folder / f"phone-{port}.xml"
        path.write_text(scenario)
        started = self._start(
            f"phone-{port}",
            *("sipp", "-sf", str(path), "-i", HOST, "-p", str(port), "-m", "1", "-nostdin", "-trace_msg"),
            *("-message_file", str(self.folder / f"phone-{port}.msg")),
        )
        until(f"a phone on port {port}", lambda: _is_bound(port))
        return started

    def heard(self, port: int) -> str:
        """Return what a phone heard and said."""
        path = self.folder / f"phone-{port}.msg"
        return path.read_text() if path.exists() else ""

    def register(
        self, registrar_port: int, user: str, login: tuple[str, str], port: int, status: int = 200
    ) -> None:
        """Register the contact of a phone on this port, from there: where packets come from is where a NOTIFY goes.
        The registrar must answer with this status after the digest."""
        contact = f"sip:{user}@{HOST}:{port}"
        words = {"registrar": f"{HOST}:{registrar_port}", "user": user, "contact": contact}
        name, password = login
        authorization = f"[authentication username={name} password={password}]\n"
        scenario = _REGISTER.format(
            request=_REQUEST.format(cseq=1, authorization="", **words),
            again=_REQUEST.format(cseq=2, authorization=authorization, **words),
            status=status,
        )
        path = self.folder / f"register-{user}.xml"
        path.write_text(scenario)
        self._sipp(registrar_port, port, path, f"no {status} for {user}")

    def call(
        self,
        registrar_port: int,
        user: str,
        login: tuple[str, str],
        code: str,
        status: int,
        line: str = "1",
        name: str = "Waiting 4F7K2Q",
    ) -> None:
        """Dial a code; the answer after the digest must have this status, and come once though the INVITE goes out
        twice. `line` is a parameter of the contact, `name` is displayed."""
        words = {
            "registrar": f"{HOST}:{registrar_port}",
            "user": user,
            "code": code,
            "line": line,
            "name": name,
        }
        authorization = f"[authentication username={login[0]} password={login[1]}]\n"
        scenario = _CALL.format(
            request=_INVITE.format(method="INVITE", cseq=1, authorization="", **words),
            again=_INVITE.format(method="INVITE", cseq=2, authorization=authorization, **words),
            ack=_INVITE.format(method="ACK", cseq=1, authorization="", **words),
            last_ack=_INVITE.format(method="ACK", cseq=2, authorization="", **words),
            status=status,
        )
        path = self.folder / f"call-{user}.xml"
        path.write_text(scenario)
        self._sipp(registrar_port, free_port(), path, f"no {status} for {code}")

    def _sipp(self, registrar_port: int, port: int, path: Path, problem: str) -> None:
        done = subprocess.run(
            ["sipp", f"{HOST}:{registrar_port}", "-sf", str(path), "-i", HOST, "-p", str(port), "-m", "1",
             "-nostdin", "-timeout", "10", "-timeout_error"],
            capture_output=True, text=True, check=False, cwd=self.folder, timeout=_PATIENCE_S,
        )  # fmt: skip
        assert done.returncode == 0, f"{problem}: {done.stdout[-2000:]}{done.stderr[-2000:]}"

    def _start(self, name: str, *command: str) -> "subprocess.Popen[bytes]":
        with (self.folder / f"{name}.log").open("wb") as out:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=self.folder
            )
        self._started.callback(_end, process)
        return process


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(_PATIENCE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _is_bound(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((HOST, port))
        except OSError:
            return True
    return False


def until(what: str, found: Callable[[], object]) -> None:
    """Wait for another process, which no clock of ours drives."""
    for _ in range(_PATIENCE_S * 50):
        if found():
            return
        time.sleep(0.02)
    raise AssertionError(f"waited in vain for {what}")
