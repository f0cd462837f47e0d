"""
Real softphones of Debian on loopback (linphonec of linphone-cli, baresip), and the Kamailio that they register at.

Each has a home of its own, no sound card, and a terminal on which it is told what to do and says what happens.
"""

import contextlib
import os
import pty
import re
import select
import shutil
import socket
import subprocess
import time
from pathlib import Path
from types import TracebackType

from tests.pbx.sip_programs import HOST, Programs, print_configuration

PATIENCE_S = 20.0
_PACKAGES = {
    "kamailio": "kamailio kamailio-utils-modules",
    "linphonec": "linphone-cli",
    "baresip": "baresip-core",
}


def lacks(*programs: str) -> str:
    """Return why tests with these programs cannot run here, with their Debian packages; "" if they can."""
    missing = [_PACKAGES[program] for program in programs if shutil.which(program) is None]
    if "kamailio" in programs and not list(Path("/usr/lib").glob("*/kamailio/modules/http_client.so")):
        missing.append("kamailio-utils-modules")
    return f"not installed: apt-get install {' '.join(missing)}" if missing else ""


class Softphone:
    """A program on a terminal; leaving the context ends it."""

    def __init__(self, home: Path, *command: str, leave: str) -> None:
        """`leave` is what it is told at its end."""
        self._command, self._home, self._leave = command, home, leave

    def __enter__(self) -> "Softphone":
        self._ours, theirs = pty.openpty()
        self._process = subprocess.Popen(
            self._command,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            cwd=self._home,
            env={**os.environ, "HOME": str(self._home), "TERM": "dumb"},
        )
        os.close(theirs)
        self.said = ""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):
            self.tell(self._leave)
        try:
            self._process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._ours)

    def tell(self, command: str) -> None:
        os.write(self._ours, command.encode() + b"\n")

    def until(self, pattern: str, asking: str = "") -> str:
        """Wait until it says this, and forget what it said; with `asking` it is asked again and again."""
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            if asking:
                self.tell(asking)
            self._hear(0.3)
            if match := re.search(pattern, self.said):
                self.said = ""
                return match[0]
            if self._process.poll() is not None:
                break
        raise AssertionError(f"waited in vain for {pattern}: {self.said[-2000:]}")

    def _hear(self, wait_s: float) -> None:
        while select.select([self._ours], [], [], wait_s)[0]:
            try:
                self.said += os.read(self._ours, 65_536).decode(errors="replace")
            except OSError:  # it has ended
                return


def linphonec(home: Path, config_uri: str) -> Softphone:
    """Linphone as its user starts it: all that it is told is where its settings are."""
    # Without a folder for its database it does nothing.
    (home / ".local/share/linphone").mkdir(parents=True, exist_ok=True)
    settings = home / "linphonerc"
    if not settings.exists():
        settings.write_text(f"[misc]\nconfig-uri={config_uri}\n")
    return Softphone(home, "linphonec", "-c", str(settings), leave="quit")


def baresip(home: Path, user: str, password: str, registrar: str) -> Softphone:
    """baresip as somebody sets it up by hand, with one account."""
    home.mkdir(parents=True, exist_ok=True)
    modules = "\n".join(f"module {name}.so" for name in ("stdio", "g711"))
    home.joinpath("config").write_text(
        f"module_path /usr/lib/baresip/modules\nsip_listen {HOST}:0\n{modules}\nmodule_app account.so\n"
        "module_app menu.so\n"
    )
    home.joinpath("accounts").write_text(
        f"<sip:{user}@{registrar};transport=udp>;auth_user={user};auth_pass={password};regint=60\n"
    )
    return Softphone(home, "baresip", "-f", str(home), leave="/quit")


def start_kamailio(programs: Programs, sip_port: int, rest_port: int, token: str, **accounts: str) -> None:
    """Start a Kamailio that waiting phones register at and claim through; `accounts`: users and their passwords."""
    folder = programs.folder
    print_configuration(
        folder, "--slots", "2", "--sip-port", str(sip_port), "--rest", f"http://{HOST}:{rest_port}"
    )
    path = folder / "kamailio.cfg"
    text = path.read_text().replace("\n##!", "\n#!")  # the part that claims
    text = text.replace("a token with the ACL provd.claims.create", token)
    path.write_text(re.sub(r' \|\| !\(\$au =~ "[^"]*"\)', "", text))  # an office's own users, too
    with (folder / "dbtext/slots").open("a") as rows:
        rows.writelines(f"{user}:0:0:{password}:0\n" for user, password in accounts.items())
    programs.kamailio(sip_port)


def notify(sip_port: int, user: str, event: str) -> str:
    """Tell all phones of a user through the proxy on this port; return the first line of what one answers."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ours:
        ours.bind((HOST, 0))
        ours.settimeout(PATIENCE_S)
        place = f"{HOST}:{ours.getsockname()[1]}"
        lines = (
            f"NOTIFY sip:{user}@{HOST}:{sip_port} SIP/2.0",
            f"Via: SIP/2.0/UDP {place};branch=z9hG4bK-softphones",
            f"From: <sip:provd@{HOST}>;tag=1",
            f"To: <sip:{user}@{HOST}>",
            f"Call-ID: {place}",
            "CSeq: 1 NOTIFY",
            f"Contact: <sip:provd@{place}>",
            "Max-Forwards: 70",
            f"Event: {event}",
            "Subscription-State: terminated",
            "Content-Length: 0",
        )
        ours.sendto("\r\n".join((*lines, "", "")).encode(), (HOST, sip_port))
        return ours.recv(65_536).decode().splitlines()[0]
