"""
TFTP beside dnsmasq and atftpd: `python -m bench.tftp` measures, prints a table and, with --write, leaves it in RESULTS.md.

All runs in a network namespace of its own (root), servers on core 0, the storm client on core 1, medians of --rounds.
Only ratios of one run count: see `../shared/bench/README.md`. Needs dnsmasq, atftpd, a C compiler, iproute2.
"""

import argparse
import json
import os
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any

from bench.results import write
from bench.tftp import servers
from bench.tftp.servers import ATFTPD, DNSMASQ, OURS, PORTS, ROOT, WHOLE, cpu_s
from bench.tftp.table import Runs, table

STORM = Path(os.environ.get("STORM", ROOT.parent / "shared" / "bench"))
FIRMWARE_BYTES = 20 << 20
PHONES = ("--source-base", "127.10.0.0")
BIG = ("--file", "fw.rom", "--size", str(FIRMWARE_BYTES), "--limit", "300")
SMALL = ("--file", "small.cfg", "--size", "4096", "--limit", "60")
LOST = ("--drop", "0.01", "--rto", "1000")
KNOWN = ("--clients", "100", "--concurrency", "100", "--mac-base", f"{servers.FIRST_MAC:012x}", *PHONES)

# name -> what the client does
LOADS: dict[str, tuple[str, ...]] = {
    "4 KB, 100 at once": ("--clients", "8000", "--concurrency", "100", *PHONES, *SMALL),
    "100 known phones": (*KNOWN, "--repeat", "80", "--file", "{mac}.cfg", "--limit", "60"),
    "4 KB, 1,000 at once": ("--clients", "1000", "--concurrency", "1000", *PHONES, *SMALL),
    "20 MB, 20 clients": ("--clients", "20", "--concurrency", "20", *PHONES, "--blksize", "1428", *BIG),
    "20 MB, window 16, 1 client": ("--blksize", "1428", "--windowsize", "16", *BIG),
    "20 MB, window 16, 20 clients": (
        *("--clients", "20", "--concurrency", "20", *PHONES),
        *("--blksize", "1428", "--windowsize", "16", *BIG),
    ),
    "1 % lost, 1,000 x 4 KB": ("--clients", "1000", "--concurrency", "100", *PHONES, *SMALL, *LOST),
    "1 % lost, 20 MB, window 16": ("--blksize", "1428", "--windowsize", "16", *BIG, *LOST),
}
MEASURED = {"100 known phones": (WHOLE, OURS, DNSMASQ, ATFTPD)}  # else: all of a folder
TOO_SLOW = {("1 % lost, 20 MB, window 16", DNSMASQ)}  # no window, and 2 s for each lost packet: 290 s


def storm(build: Path, pid: int, port: int, load: tuple[str, ...]) -> dict[str, float]:
    before = cpu_s(pid)
    done = subprocess.run(
        ["taskset", "-c", servers.CLIENTS_CORE, str(build / "tftp_storm"), "--port", str(port), *load],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    told: dict[str, Any] = json.loads(done.stdout)
    return {
        "rate": told["transfers_per_s"],
        "mb": told["mb_per_s"],
        "p99": told["transfer_ms"]["p99"] / 1000,
        "wall": told["wall_s"],
        "cpu": (cpu_s(pid) - before) * 1e6 / max(told["transfers"], 1),
        "errors": told["errors"],
        "again": told["packets"]["out_of_order"],
    }


class Bench:
    """`folder` has the files that the others serve, `build` the storm client."""

    def __init__(self, folder: Path, build: Path, state: Path) -> None:
        self._folder, self._build, self._state = folder, build, state
        self.known_bytes = 0  # of a file of a known phone

    def load(self, name: str, rounds: int) -> Iterator[tuple[str, dict[str, float]]]:
        """The servers take turns, so that what else the machine does strikes them alike."""
        with ExitStack() as stack:
            started = {}
            for server in MEASURED.get(name, (OURS, DNSMASQ, ATFTPD)):
                if (name, server) not in TOO_SLOW:
                    started[server] = self._start(server, stack)
            for _ in range(rounds):
                for server, pid in started.items():
                    yield server, storm(self._build, pid, PORTS[server], LOADS[name])

    def _start(self, server: str, stack: ExitStack) -> int:
        if server == WHOLE:
            pid = stack.enter_context(servers.provd(self._state))
            self.known_bytes = servers.boot_phones(self._state, self._folder)
            return pid
        command = servers.commands(self._folder)[server]
        return stack.enter_context(servers.running(command, says_turns=server == OURS))


def measure(rounds: int, only: str) -> tuple[Runs, int]:
    """Return what was measured, and the size of a known phone's file."""
    runs: Runs = {}
    with ExitStack() as stack:
        folder, build, state = (
            Path(stack.enter_context(tempfile.TemporaryDirectory())) for _ in ("folder", "build", "state")
        )
        folder.chmod(0o755)
        (folder / "small.cfg").write_bytes(os.urandom(4096))
        (folder / "fw.rom").write_bytes(os.urandom(FIRMWARE_BYTES))
        subprocess.run(["make", "-s", "-C", str(STORM), f"BUILD={build}"], check=True)
        bench = Bench(folder, build, state)
        for load in LOADS:
            if only in load:
                for server, told in bench.load(load, rounds):
                    print(load, server, told, flush=True)
                    runs.setdefault((load, server), []).append(told)
        return runs, bench.known_bytes


def _build() -> str:
    """Say where a Python is slower than those that distributions ship."""
    is_optimized = "--enable-optimizations" in str(sysconfig.get_config_var("CONFIG_ARGS"))
    return "" if is_optimized else " (built without profile-guided optimization)"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="", help="part of the name of a load")
    parser.add_argument("--write", action="store_true", help="write bench/RESULTS.md")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if not options.inside:  # a namespace of our own: port 69 is free there, and nobody else is struck
        if missing := servers.missing_tools():
            raise SystemExit(f"needs {', '.join(missing)}")
        os.chdir(ROOT)
        os.execvp(
            "unshare", ["unshare", "--net", sys.executable, "-m", "bench.tftp", "--inside", *sys.argv[1:]]
        )
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    before = os.getloadavg()[0]
    runs, known_bytes = measure(options.rounds, options.only)
    told = (
        f"`make bench-tftp`, {date.today()}, {os.cpu_count()} cores, Linux {os.uname().release}, "
        f"Python {sys.version.split()[0]}{_build()}, load {before:.1f} before and {os.getloadavg()[0]:.1f} at the end, "
        f"medians of {options.rounds}; * not all transfers succeeded.\n\n"
        f"*TFTP alone* serves a folder; *whole chain* is `twistd provd`, where the Yealinks of {servers.PHONES} users "
        f"fetch their own rendered files of {known_bytes:,} bytes, which the others serve from a folder.\n\n"
        f"{table(runs)}\n"
    )
    print(told)
    if options.write and not options.only:
        write("tftp", f"## TFTP\n\n{told}")


if __name__ == "__main__":
    main()
