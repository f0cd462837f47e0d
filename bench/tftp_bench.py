"""
TFTP beside dnsmasq and atftpd: `python bench/tftp_bench.py` measures, prints a table and writes it to RESULTS.md.

All runs in a network namespace of its own (root), servers on core 0, the storm client on core 1, medians of --rounds.
Only ratios of one run count: see `../shared/bench/README.md`. Needs dnsmasq, atftpd, a C compiler, iproute2.
"""

import argparse
import json
import math
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
STORM = Path(os.environ.get("STORM", ROOT.parent / "shared" / "bench"))
RESULTS = ROOT / "bench" / "RESULTS.md"
_BEGIN, _END = "<!-- tftp: begin -->", "<!-- tftp: end -->"
FIRMWARE_BYTES = 20 << 20
PHONES = ("--source-base", "127.10.0.0")
BIG = ("--file", "fw.rom", "--size", str(FIRMWARE_BYTES), "--limit", "300")
SMALL = ("--file", "small.cfg", "--size", "4096", "--limit", "60")
LOST = ("--drop", "0.01", "--rto", "1000")

# name -> what the client does
LOADS: dict[str, tuple[str, ...]] = {
    "4 KB, 100 at once": ("--clients", "8000", "--concurrency", "100", *PHONES, *SMALL),
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
OURS, DNSMASQ, ATFTPD = "provd", "dnsmasq", "atftpd"
TOO_SLOW = {("1 % lost, 20 MB, window 16", DNSMASQ)}  # no window, and 2 s for each lost packet: 290 s
Runs = dict[tuple[str, str], list[dict[str, float]]]


# --- servers -------------------------------------------------------------------------------------------------


def commands(folder: Path) -> dict[str, tuple[int, list[str]]]:
    """Return port and command line of each server; all of them stay in the foreground."""
    user = ["--user", "root"]
    return {
        OURS: (6969, [sys.executable, str(ROOT / "bench" / "tftp_server.py"), "--port", "6969", str(folder)]),
        DNSMASQ: (
            69,
            [
                *("dnsmasq", "--no-daemon", "--port=0", "--conf-file=/dev/null", "--user=root"),
                *("--enable-tftp", f"--tftp-root={folder}", "--tftp-max=2000", "--log-facility=/dev/null"),
            ],
        ),
        ATFTPD: (
            6970,
            ["atftpd", "--daemon", "--no-fork", "--port", "6970", "--maxthread", "2000", *user, str(folder)],
        ),
    }


@contextmanager
def running(command: list[str]) -> Iterator[int]:
    """Run a server on core 0 for as long as the context lasts; give its process id."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            ["taskset", "-c", "0", *command], stdout=said, stderr=said, env=environment
        )
        time.sleep(2.0)
        try:
            if process.poll() is not None:
                said.seek(0)
                raise SystemExit(f"{command[0]} did not start: {said.read().decode()}")
            yield process.pid
            if command[0] == sys.executable:
                process.send_signal(signal.SIGUSR1)
                time.sleep(0.3)
                said.seek(0)
                print("longest turn, ms:", said.read().decode().split()[-1])
        finally:
            process.terminate()
            process.wait()


def cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def storm(build: Path, pid: int, port: int, load: tuple[str, ...]) -> dict[str, float]:
    before = cpu_s(pid)
    done = subprocess.run(
        ["taskset", "-c", "1", str(build / "tftp_storm"), "--port", str(port), *load],
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


# --- what is made of it ---------------------------------------------------------------------------------------


def one_load(
    build: Path, servers: dict[str, tuple[int, list[str]]], load: str, options: tuple[str, ...], rounds: int
) -> Iterator[tuple[str, dict[str, float]]]:
    """The servers take turns, so that what else the machine does strikes them alike."""
    with ExitStack() as stack:
        started = {
            name: (port, stack.enter_context(running(command)))
            for name, (port, command) in servers.items()
            if (load, name) not in TOO_SLOW
        }
        for _ in range(rounds):
            for name, (port, pid) in started.items():
                yield name, storm(build, pid, port, options)


def measure(rounds: int, only: str) -> Runs:
    runs: Runs = {}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.chmod(0o755)
        (folder / "small.cfg").write_bytes(os.urandom(4096))
        (folder / "fw.rom").write_bytes(os.urandom(FIRMWARE_BYTES))
        build = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        subprocess.run(["make", "-s", "-C", str(STORM), f"BUILD={build}"], check=True)
        for load, options in LOADS.items():
            if only in load:
                for name, told in one_load(build, commands(folder), load, options, rounds):
                    print(load, name, told, flush=True)
                    runs.setdefault((load, name), []).append(told)
    return runs


def median(runs: Runs, load: str, server: str, what: str) -> float:
    """Return NaN for what was not measured: whatever it is compared with is missed."""
    return statistics.median([run[what] for run in runs.get((load, server), ())] or [math.nan])


def table(runs: Runs) -> str:
    lines = [
        "| load | | provd | dnsmasq | atftpd | ratio | target | |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for load, what, unit, against, target, higher in TARGETS:
        if (load, OURS) not in runs:
            continue
        own, *peers = (median(runs, load, server, what) for server in (OURS, DNSMASQ, ATFTPD))
        if against:
            base = {DNSMASQ: peers[0], ATFTPD: peers[1], "best": (max if higher else min)(peers)}[against]
            ratio = own / base if base else 0.0
            shown, met = f"{ratio:.2f} x {against}", ratio >= target if higher else ratio <= target
        else:
            shown, met = "", own >= target if higher else own <= target
        sign = "≥" if higher else "≤"
        failed = [median(runs, load, server, "errors") > 0 for server in (OURS, DNSMASQ, ATFTPD)]
        numbers = " | ".join(
            f"{number:.4g}{'*' if bad else ''}" for number, bad in zip((own, *peers), failed, strict=True)
        )
        lines.append(
            f"| {load} | {unit} | {numbers} | {shown} | {sign} {target} | {'met' if met else 'missed'} |"
        )
    return "\n".join(lines)


# load, figure, unit, whom it is compared with, target, whether more is better
TARGETS: tuple[tuple[str, str, str, str, float, bool], ...] = (
    ("4 KB, 1,000 at once", "rate", "transfers/s", "best", 4.0, True),
    ("4 KB, 1,000 at once", "p99", "p99, s", "", 0.3, False),
    ("4 KB, 1,000 at once", "errors", "errors", "", 0, False),
    ("4 KB, 1,000 at once", "again", "sent again", "", 0, False),
    ("4 KB, 100 at once", "cpu", "CPU us a transfer", DNSMASQ, 1.4, False),
    ("4 KB, 100 at once", "cpu", "CPU us a transfer", ATFTPD, 1.0, False),
    ("20 MB, window 16, 1 client", "mb", "MB/s", "best", 1.2, True),
    ("20 MB, window 16, 20 clients", "mb", "MB/s", "best", 2.5, True),
    ("20 MB, 20 clients", "mb", "MB/s", DNSMASQ, 0.8, True),
    ("1 % lost, 1,000 x 4 KB", "wall", "s", ATFTPD, round(1 / 3.5, 3), False),
    ("1 % lost, 20 MB, window 16", "wall", "s", ATFTPD, 0.1, False),
)


def write(text: str) -> None:
    """Put the section between its markers; the rest of the page is others'."""
    page = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else "# Results\n"
    section = f"{_BEGIN}\n## TFTP\n\n{text}\n{_END}"
    if _BEGIN in page:
        before, _, rest = page.partition(_BEGIN)
        page = before + section + rest.partition(_END)[2]
    else:
        page = f"{page.rstrip()}\n\n{section}\n"
    RESULTS.write_text(page, encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="", help="part of the name of a load")
    parser.add_argument("--write", action="store_true", help="write bench/RESULTS.md")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if not options.inside:  # a namespace of our own: port 69 is free there, and nobody else is struck
        missing = [
            tool for tool in ("dnsmasq", "atftpd", "taskset", "unshare", "make") if not shutil.which(tool)
        ]
        if missing:
            raise SystemExit(f"needs {', '.join(missing)}")
        os.execvp("unshare", ["unshare", "--net", sys.executable, __file__, "--inside", *sys.argv[1:]])
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    text = table(measure(options.rounds, options.only))
    told = (
        f"`make bench-tftp`, {date.today()}, {os.cpu_count()} cores, Linux {os.uname().release}, "
        f"Python {sys.version.split()[0]}, load {os.getloadavg()[0]:.1f} at the end, medians of {options.rounds}; "
        f"* not all transfers succeeded.\n\n{text}\n"
    )
    print(told)
    if options.write:
        write(told)


if __name__ == "__main__":
    main()
