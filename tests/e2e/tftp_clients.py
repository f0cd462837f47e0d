"""The TFTP clients of Debian 12, with all that each can ask for, and a server process for them."""

import contextlib
import itertools
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from attrs import field, frozen

_ROOT = Path(__file__).resolve().parents[2]
_TRIES = 5
_OACK_CAME_TWICE = ("unexpected OACK", "curl: (71) getpeername()")  # in the words of atftp and curl
_AT_ONCE = 32


def lacking() -> str:
    """Name the clients that are not installed."""
    return ", ".join(name for name in ("tftp", "atftp", "curl", "busybox") if shutil.which(name) is None)


@contextlib.contextmanager
def serving(folder: Path, *inside: str) -> Iterator[tuple[int, int]]:
    """Serve a folder from a process that does not outlive this one; give its two ports, the second in single-port
    mode. `inside` is a command that runs commands elsewhere."""
    # Whatever ends the tests, even SIGKILL, ends the server too.
    command = (
        "setpriv",
        "--pdeathsig",
        "KILL",
        *inside,
        sys.executable,
        "-m",
        "tests.tftp.serving",
        str(folder),
    )
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=_ROOT) as process:
        assert process.stdout
        try:
            yield int(process.stdout.readline()), int(process.stdout.readline())
        finally:
            process.terminate()


def run(command: list[str], limit_s: float) -> "subprocess.CompletedProcess[str]":
    """
    Run a client until it is done; all that it says is in `stdout`.

    A client that gives up because an OACK came twice, which any network may do, is started again.

    Raises: subprocess.TimeoutExpired, of one start; the client is dead then.
    """
    for _ in range(_TRIES):
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=limit_s
        )
        if not any(words in done.stdout for words in _OACK_CAME_TWICE):
            break
    return done


def problem(command: list[str], limit_s: float, place: Path, body: bytes) -> str:
    """Run a client whose transfer must leave `body` at a place; return what is wrong, "" if nothing is."""
    try:
        done = run(command, limit_s)
    except subprocess.TimeoutExpired:
        return f"{' '.join(command)}: not done after {limit_s:.0f} s"
    if done.returncode:
        return f"{' '.join(command)}: status {done.returncode}: {done.stdout[-200:]}"
    return "" if place.exists() and place.read_bytes() == body else f"{' '.join(command)}: other bytes"


def all_at_once(check: Callable[..., str], cases: Iterable[tuple[Any, ...]]) -> list[str]:
    """Call `check` with each case, many at once, since clients mostly wait; return the problems that it found."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return [problem for problem in pool.map(lambda case: check(*case), cases) if problem]


# --- how each is called --------------------------------------------------------------------------------------


@frozen
class Client:
    """`asks` are the options in its request; 0 is the tsize of a read."""

    command: Callable[[str, int, str, str, str], list[str]]  # host, port, remote, local, mode -> what is run
    asks: Mapping[str, int] = field(factory=dict)

    @property
    def blksize(self) -> int:
        return self.asks.get("blksize", 512)

    @property
    def is_slow(self) -> bool:
        """Whether each packet that is lost costs it seconds: it asks for such a timeout."""
        return self.asks.get("timeout", 0) > 1


def hpa(put: bool = False) -> Client:
    def command(host: str, port: int, remote: str, local: str, mode: str) -> list[str]:
        names = ["put", local, remote] if put else ["get", remote, local]
        return ["tftp", "-m", mode, host, str(port), "-c", *names]

    return Client(command)


def atftp(asks: Mapping[str, int], put: bool = False) -> Client:
    def command(host: str, port: int, remote: str, local: str, mode: str) -> list[str]:
        options = [f"mode {mode}", *_spelled(asks)]
        named = ["--remote-file", remote, "--local-file", local]
        words = [word for option in options for word in ("--option", option)]
        return ["atftp", *words, "--put" if put else "--get", *named, host, str(port)]

    return Client(command, asks)


def curl(*words: str, put: bool = False) -> Client:
    """It asks for all or nothing, whatever it is told."""

    def command(host: str, port: int, remote: str, local: str, mode: str) -> list[str]:
        way = ["--upload-file", local] if put else ["--output", local]
        host = f"[{host}]" if ":" in host else host
        url = f"tftp://{host}:{port}/{remote};mode={mode}"
        return ["curl", "--silent", "--show-error", *words, *way, url]

    if "--tftp-no-options" in words:
        return Client(command)
    return Client(command, {"tsize": 0, "blksize": int(words[-1]) if words else 512, "timeout": 6})


def busybox(blksize: int, put: bool = False) -> Client:
    """It always asks for the size, and does not ask for what is so anyway."""

    def command(host: str, port: int, remote: str, local: str, _mode: str) -> list[str]:
        way, size = "-p" if put else "-g", str(blksize)
        return ["busybox", "tftp", way, "-r", remote, "-l", local, "-b", size, host, str(port)]

    return Client(command, {"tsize": 0} if blksize == 512 else {"tsize": 0, "blksize": blksize})


# --- what each can ask for -----------------------------------------------------------------------------------

_BLKSIZES = (8, 512, 1428, 16_384)


def _spelled(asks: Mapping[str, int]) -> list[str]:
    return [f"{option} {value}" if value else option for option, value in asks.items()]


def _atftp_asks() -> Iterator[dict[str, int]]:
    for combination in itertools.product((None, *_BLKSIZES), (None, 8), (None, 0), (None, 1)):
        asked = zip(("blksize", "windowsize", "tsize", "timeout"), combination, strict=True)
        yield {option: value for option, value in asked if value is not None}


def _clients(put: bool) -> dict[str, Client]:
    return {
        "tftp-hpa": hpa(put),
        **{f"atftp {', '.join(_spelled(asks)) or 'plain'}": atftp(asks, put) for asks in _atftp_asks()},
        **{f"curl blksize {size}": curl("--tftp-blksize", str(size), put=put) for size in _BLKSIZES},
        "curl with its defaults": curl(put=put),
        "curl without options": curl("--tftp-no-options", put=put),
        # It refuses to ask for 8.
        **{f"busybox blksize {size}": busybox(size, put) for size in _BLKSIZES if size > 8},
    }


READERS, WRITERS = _clients(put=False), _clients(put=True)
# Over a bad network, those that differ: a block takes a round trip, and some clients wait seconds to ask again.
SOME = (
    "tftp-hpa",
    "atftp plain",
    "atftp blksize 1428",
    "atftp blksize 1428, windowsize 8",
    "atftp blksize 512, windowsize 8, tsize",
    "curl with its defaults",
    "curl blksize 1428",
    "curl without options",
    "busybox blksize 512",
    "busybox blksize 1428",
)
# Without curl and atftp that ask for options: where their first block is lost, curl never sends it again, and atftp
# goes on with the second. Both take an OACK that the network has doubled for the answer to it.
SOME_WRITERS = (
    "tftp-hpa",
    "atftp plain",
    "curl without options",
    "busybox blksize 512",
    "busybox blksize 1428",
)
