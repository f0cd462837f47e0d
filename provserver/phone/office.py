"""An office for `make demo`: a provd with its state in a folder, what runs beside it, what a person types there."""

import contextlib
import json
import secrets
import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from provserver.errors import ProvdError

START_S = 30.0
STOP_S = 15.0
PHONE_S = 90.0
HOST = "127.0.0.1"
_LOG_LINES = 20
_PORTS = range(20_000, 32_000)
# What a person types, as this Python runs it whether or not its scripts are on the path.
_COMMANDS = {
    "provd-phone": "from provserver.phone.command import main; main()",
    "provd-pbx": "from provserver.pbx.command import main; raise SystemExit(main())",
}


class DemoFailed(ProvdError):
    reason_id = "demo.failed"


class Office:
    """`provd` is the command that starts the server, `folder` is empty, `say` takes the lines of the transcript."""

    def __init__(self, provd: Sequence[str], folder: Path, say: Callable[[str], None]) -> None:
        self.folder = folder
        self.say = say
        self.ports: Mapping[str, int] = {}
        self._provd = provd
        self._read: dict[Path, int] = {}  # how much of a log was shown

    @contextlib.contextmanager
    def running(self, name: str, *command: str) -> Iterator[subprocess.Popen[bytes]]:
        """Run a program until the context is left; what it prints goes into `{name}.log`."""
        with self.log(name).open("wb") as out:
            program = subprocess.Popen(  # noqa: S603 - ours
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, cwd=self.folder
            )
        try:
            yield program
        finally:
            program.terminate()
            try:
                program.wait(STOP_S)
            except subprocess.TimeoutExpired:
                program.kill()
                program.wait()

    @contextlib.contextmanager
    def provd(self, settings: str = "", rest_port: int = 0) -> Iterator[None]:
        """Run provd on free ports, with these settings."""
        (self.folder / "provd.toml").write_text(settings)
        ports = ("--http-port", "0", "--tftp-port", "0", "--rest-port", str(rest_port))
        options = ("--state", str(self._state), "--config", str(self.folder / "provd.toml"), *ports)
        with self.running("provd", *self._provd, *options) as program:
            listening = self._state / "listening.json"

            def reads() -> bool:
                with contextlib.suppress(
                    FileNotFoundError, json.JSONDecodeError
                ):  # not there, or half written
                    self.ports = json.loads(listening.read_text())
                return bool(self.ports)

            self.wait("provd", program, reads)
            yield

    def wait(self, name: str, program: subprocess.Popen[bytes], ready: Callable[[], bool]) -> None:
        """Wait for a program to be ready. Raises: DemoFailed, with the end of its log."""
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline and program.poll() is None:
            if ready():
                return
            time.sleep(0.05)
        how = f"did not start within {START_S:.0f} s" if program.returncode is None else "stopped at once"
        raise DemoFailed(f"{name} {how}{self.tail(name)}")

    # --- what a person types -------------------------------------------------------------------------------

    def types(self, name: str, *arguments: str) -> str:
        """Run one of our commands to its end, and return what it printed. Raises: DemoFailed."""
        self._show(name, arguments)
        done = subprocess.run(  # noqa: S603 - ours
            self._command(name, arguments), cwd=self.folder, text=True, check=False, timeout=PHONE_S,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        if done.returncode:
            raise DemoFailed(f"{name} ended with status {done.returncode}: {done.stdout.rstrip()}")
        return done.stdout.rstrip()

    def plays(self, *arguments: str, beside: str) -> None:
        """Run `provd-phone`, and show what it prints as it comes, with what `beside` logs meanwhile."""
        self._show("provd-phone", arguments)
        with subprocess.Popen(  # noqa: S603 - ours
            self._command("provd-phone", arguments), cwd=self.folder, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        ) as phone:  # fmt: skip
            assert phone.stdout
            for line in phone.stdout:
                self.say(line.rstrip())
                self.overhears(beside)
        self.overhears(beside)
        if phone.returncode:
            raise DemoFailed(f"provd-phone ended with status {phone.returncode}{self.tail('provd')}")

    def asks(self, method: str, path: str, body: object = None, tenant: str = "") -> Any:
        """Ask REST, shown as a person would with curl; return what came, as JSON."""
        url = f"http://{HOST}:{self.ports['rest']}/0.2/{path}"
        data = None if body is None else json.dumps(body)
        words = ["-X", method] if data else []
        words += ["-H", f"Wazo-Tenant: {tenant}"] if tenant else []
        words += ["-d", data] if data else []
        self.say("")
        self.say(" ".join(["$ curl", '-H "X-Auth-Token: $TOKEN"', *map(shlex.quote, words), url]))
        headers = {
            "X-Auth-Token": (self._state / "admin-token").read_text().strip(),
            "Accept": "application/json",
        }
        headers |= {"Wazo-Tenant": tenant} if tenant else {}
        headers |= {"Content-Type": "application/json"} if data else {}
        request = Request(url, data.encode() if data else None, headers, method=method)
        try:
            with urlopen(request, timeout=10) as answer:  # noqa: S310 - our own URL
                return json.load(answer)
        except HTTPError as refused:
            with refused:
                raise DemoFailed(f"{refused}: {refused.read().decode()}{self.tail('provd')}") from None

    def overhears(self, name: str) -> None:
        """Show what a program has logged since it was last shown."""
        for line in self._new_lines(self.log(name)):
            self.say(line)

    # --- logs ----------------------------------------------------------------------------------------------

    def log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def tail(self, name: str) -> str:
        log = self.log(name)
        lines = log.read_text(errors="replace").splitlines()[-_LOG_LINES:] if log.exists() else ()
        return "\n".join([f"; the end of the log of {name}:", *lines])

    def _new_lines(self, log: Path) -> Sequence[str]:
        """Only whole lines: the rest comes with the next."""
        text = log.read_text(errors="replace")
        whole = text.rpartition("\n")[0]
        lines = whole.splitlines()[self._read.get(log, 0) :]
        self._read[log] = self._read.get(log, 0) + len(lines)
        return lines

    @property
    def _state(self) -> Path:
        return self.folder / "state"

    def _show(self, name: str, arguments: Sequence[str]) -> None:
        self.say(f"\n$ {shlex.join([name, *arguments])}")

    def _command(self, name: str, arguments: Sequence[str]) -> Sequence[str]:
        return [sys.executable, "-c", _COMMANDS[name], *arguments]


def free_ports(count: int) -> Sequence[int]:
    """Return ports that are free for UDP and TCP, and none that the system itself gives to whoever connects."""
    found: set[int] = set()
    while len(found) < count:
        port = secrets.choice(_PORTS)
        with (
            contextlib.suppress(OSError),
            socket.socket() as stream,
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams,
        ):
            stream.bind((HOST, port))
            datagrams.bind((HOST, port))
            found.add(port)
    return tuple(found)
