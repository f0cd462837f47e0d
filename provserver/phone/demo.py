"""
`make demo`: a provd of its own in a temporary folder, three phones that boot against it, and what it then knows.

A script from top to bottom: it blocks, and starts the same commands that a person would type.
"""

import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.request import Request, urlopen

from provserver.errors import ProvdError
from provserver.phone.show import table

START_S = 30.0
STOP_S = 15.0
BOOT_S = 60.0
_STATE = "state"
_LOG = "provd.log"
_LOG_LINES = 20
_COLUMNS = ("mac", "vendor", "model", "version", "plugin", "ip", "configured")
_PHONES = (
    ("T46S", "00:15:65:4a:a9:37", "127.0.0.5"),
    ("T31G", "80:5e:c0:d5:7d:72", "127.0.0.6"),
    ("CP925", "24:9a:d8:88:d0:f4", "127.0.0.7"),
)


class DemoFailed(ProvdError):
    reason_id = "demo.failed"


def main() -> None:
    twistd = Path(sys.executable).parent / "twistd"
    with TemporaryDirectory(prefix="provd-demo-") as folder:
        try:
            demo([str(twistd), "-n", "--pidfile=", "provd"], Path(folder), partial(print, flush=True))
        except DemoFailed as problem:
            sys.exit(f"demo: {problem}")


def demo(provd: Sequence[str], folder: Path, say: Callable[[str], None]) -> None:
    """Play the demo with the server that the command `provd` starts, in an empty folder. Raises: DemoFailed."""
    say("A provd of its own starts, with empty state.")
    with _running(provd, folder) as ports:
        try:
            for model, mac, source in _PHONES:
                _boot(model, mac, source, f"http://127.0.0.1:{ports['http']}", say)
            _tell_what_it_knows(f"http://127.0.0.1:{ports['rest']}/0.2/dev_mgr/devices", folder, say)
        except (OSError, ValueError, LookupError, subprocess.TimeoutExpired) as problem:
            raise DemoFailed(f"provd did not answer as expected: {problem!r}{_log_tail(folder)}") from None
    say("\nprovd has stopped. Your own: make run")


@contextlib.contextmanager
def _running(provd: Sequence[str], folder: Path) -> Iterator[Mapping[str, int]]:
    """Run a server on free ports; give what is in its `listening.json`."""
    options = ["--state", str(folder / _STATE), "--http-port", "0", "--rest-port", "0", "--tftp-port", "0"]
    with (folder / _LOG).open("wb") as out:
        command = [*provd, *options]
        server = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)  # noqa: S603 - ours
    try:
        yield _listening(server, folder)
    finally:
        server.terminate()
        try:
            server.wait(STOP_S)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _listening(server: subprocess.Popen[bytes], folder: Path) -> Mapping[str, int]:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and server.poll() is None:
        with contextlib.suppress(FileNotFoundError, json.JSONDecodeError):  # not there yet, or half written
            ports: Mapping[str, int] = json.loads((folder / _STATE / "listening.json").read_text())
            return ports
        time.sleep(0.05)
    how = f"did not start within {START_S:.0f} s" if server.returncode is None else "stopped at once"
    raise DemoFailed(f"provd {how}{_log_tail(folder)}")


def _log_tail(folder: Path) -> str:
    lines = (folder / _LOG).read_text(errors="replace").splitlines()[-_LOG_LINES:]
    return "\n".join(["; the end of its log:", *lines])


def _boot(model: str, mac: str, source: str, server: str, say: Callable[[str], None]) -> None:
    arguments = ["boot", "yealink", model, "--mac", mac, "--server", server, "--source", source]
    say(f"\n$ provd-phone {' '.join(arguments)}\n")
    command = [sys.executable, "-m", "provserver.phone.command", *arguments]
    phone = subprocess.run(command, capture_output=True, text=True, timeout=BOOT_S, check=False)  # noqa: S603
    say(f"{phone.stdout}{phone.stderr}".rstrip())


def _tell_what_it_knows(devices_url: str, folder: Path, say: Callable[[str], None]) -> None:
    token = (folder / _STATE / "admin-token").read_text().strip()
    devices = _get(devices_url, token, say)["devices"]
    rows = [[str(device.get(column) or "") for column in _COLUMNS] for device in devices]
    say("\n".join(table([_COLUMNS, *rows])))
    for asked in reversed(_get(f"{devices_url}/{devices[0]['id']}/timeline", token, say)["timeline"]):
        say(f"{asked['path']}: {asked['outcome']}")
        say("\n".join(table([(step["step"], step["text"]) for step in asked["steps"]])))


def _get(url: str, token: str, say: Callable[[str], None]) -> Any:
    say(f'\n$ curl -H "X-Auth-Token: $TOKEN" {url}\n')
    with urlopen(Request(url, headers={"X-Auth-Token": token}), timeout=10) as answer:  # noqa: S310 - our own URL
        return json.load(answer)


if __name__ == "__main__":
    main()
