"""Start provd as its users do: as a process of its own, with its state in a temporary directory."""

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
TWISTD = str(Path(sys.executable).parent / "twistd")
FREE_PORTS = ("--http-port", "0", "--rest-port", "0", "--tftp-port", "0")
_COMMAND = (TWISTD, "-n", "--pidfile=", "provd")
_PATIENCE_S = 60


class Provd:
    """A running provd; leaving the context ends it."""

    def __init__(
        self,
        state: Path,
        *options: str,
        prefix: Sequence[str] = (),
        command: Sequence[str] = (),
        **environment: str,
    ) -> None:
        """`prefix` runs before twistd, `command` instead of it."""
        self.state = state
        self._command = command or [*prefix, *_COMMAND, "--state", str(state), *options]
        self._environment = {**os.environ, **environment}

    def __enter__(self) -> "Provd":
        self.process = subprocess.Popen(
            self._command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=self.state.parent,
            env=self._environment,
        )
        self.printed = ""
        assert self.process.stdout
        for line in self.process.stdout:
            self.printed += line
            if "provd-phone boot" in line:  # the last line of what it says at start
                self.listening: dict[str, Any] = json.loads((self.state / "listening.json").read_text())
                token = self.state / "admin-token"  # not there where an external server has the tokens
                self.token = token.read_text().strip() if token.exists() else ""
                return self
        self.process.wait(_PATIENCE_S)
        raise AssertionError(f"provd did not start:\n{self.printed}")

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.stop()
        assert self.process.stdout
        self.process.stdout.close()

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Return the exit status."""
        self.process.send_signal(number)
        rest, _ = self.process.communicate(timeout=_PATIENCE_S)
        self.printed += rest
        return self.process.returncode

    def phone(self, path: str, user_agent: str = "", **headers: str) -> tuple[int, bytes]:
        return fetch(
            f"http://127.0.0.1:{self.listening['http']}{path}", {"User-Agent": user_agent, **headers}
        )

    def rest(self, path: str) -> Any:
        url = f"http://127.0.0.1:{self.listening['rest']}/0.2/{path}"
        status, body = fetch(url, {"X-Auth-Token": self.token})
        assert status == 200, (status, body)
        return json.loads(body)


def fetch(url: str, headers: dict[str, str]) -> tuple[int, bytes]:
    request = urllib.request.Request(url, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=_PATIENCE_S) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.read()


def run(*command: str, cwd: Path | None = None, **environment: str) -> tuple[int, str]:
    """Run a command to its end; return its exit status and all it printed."""
    done = subprocess.run(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=cwd,
        env={**os.environ, **environment},
        timeout=300,
        check=False,
    )
    return done.returncode, done.stdout


def provd_fails(state: Path, *options: str) -> tuple[int, str]:
    return run(*_COMMAND, "--state", str(state), *options, cwd=state.parent)
