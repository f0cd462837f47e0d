"""Two machines on one cable: network namespaces with a veth pair, for real DHCP servers and clients."""

import contextlib
import itertools
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

SERVER_IP = "10.66.0.1"
_numbers = itertools.count(1)
_PATIENCE_S = 30


def lacks(*programs: str) -> str:
    """Return why tests with namespaces and these programs cannot run here, "" if they can."""
    missing = [program for program in ("ip", *programs) if shutil.which(program) is None]
    if missing:
        return f"not installed: {', '.join(missing)}"
    if os.geteuid() != 0 or _ip("netns", "list") is None:
        return "network namespaces need root"
    return ""


def _ip(*words: str) -> str | None:
    done = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else None


class Cable:
    """A server's machine with the address SERVER_IP on `eth0`, a phone's with `mac` on `eth0`; nothing else of this
    computer is on it. Leaving the context ends what was started and takes both away."""

    def __init__(self, mac: str) -> None:
        self._mac = mac
        name = f"provd-{os.getpid()}-{next(_numbers)}"
        self.server, self.phone = f"{name}-s", f"{name}-p"
        self._started = contextlib.ExitStack()

    def __enter__(self) -> "Cable":
        with contextlib.ExitStack() as undo:
            for namespace in (self.server, self.phone):
                self._must("netns", "add", namespace)
                undo.callback(_ip, "netns", "del", namespace)
            self._must("-n", self.server, "link", "add", "eth0", "type", "veth",
                       "peer", "name", "eth0", "netns", self.phone)  # fmt: skip
            self._must("-n", self.phone, "link", "set", "eth0", "address", self._mac)
            self._must("-n", self.server, "address", "add", f"{SERVER_IP}/24", "dev", "eth0")
            for namespace, link in itertools.product((self.server, self.phone), ("lo", "eth0")):
                self._must("-n", namespace, "link", "set", link, "up")
            self._started.push(undo.pop_all())
        return self

    def __exit__(self, *problem: object) -> None:
        self._started.close()

    def _must(self, *words: str) -> None:
        subprocess.run(["ip", *words], check=True, timeout=_PATIENCE_S)

    def at_server(self, *command: str) -> list[str]:
        return ["ip", "netns", "exec", self.server, *command]

    def at_phone(self, *command: str) -> list[str]:
        return ["ip", "netns", "exec", self.phone, *command]

    def start(self, command: Sequence[str], log: Path, **environment: str) -> subprocess.Popen[bytes]:
        """Start a program that runs until the context is left; what it prints goes to `log`."""
        with log.open("wb") as out:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env={**os.environ, **environment}
            )
        self._started.callback(_end, process)
        return process


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(_PATIENCE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def until(what: str, found: Callable[[], object]) -> None:
    """Wait for another process, which no clock of ours drives."""
    for _ in range(_PATIENCE_S * 50):
        if found():
            return
        time.sleep(0.02)
    raise AssertionError(f"waited in vain for {what}")
