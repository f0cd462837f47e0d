"""
Claims and resyncs of 10,000 phones: `python -m bench.claims.bench` measures and writes a table to bench/RESULTS.md.

provd runs as a process on core 0, with its store on disk; phones, Asterisk and Manager are played on core 1.
"""

import argparse
import asyncio
import http.client
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from attrs import frozen

from bench.claims.asterisk import Call, Claimed, Manager, claims
from bench.results import write

ROOT = Path(__file__).resolve().parents[2]
PHONES = 10_000
MOST_AT_ONCE = 5_000  # lines in one request
WANTED = 200  # claims a second
FASTEST, AT_ONCE = 5_000, 50  # offered a second, and calls at a time, to see where it ends
RATE = 200  # resyncs a second, of the second part
TICKS = os.sysconf("SC_CLK_TCK")


@frozen
class Server:
    pid: int
    ports: dict[str, int]
    token: str

    def cpu_s(self) -> float:
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS


@contextmanager
def provd(folder: Path, manager_port: int, resyncs_per_s: int) -> Iterator[Server]:
    (folder / "secret").write_text("secret")
    (folder / "provd.toml").write_text(
        f"""
        [listen]
        agi = "127.0.0.1:0"
        [slots]
        file = "{folder}/slots.json"
        [resync]
        per_second = {resyncs_per_s}
        [limits]
        new_devices_burst_local = 100000
        [pbx.office]
        kind = "asterisk"
        host = "127.0.0.1"
        port = {manager_port}
        secret_file = "{folder}/secret"
        """
    )
    twistd = str(Path(sys.executable).with_name("twistd"))
    ports = ("--http-port", "0", "--rest-port", "0", "--tftp-port", "0")
    options = ("--state", str(folder / "state"), "--config", str(folder / "provd.toml"), *ports)
    process = subprocess.Popen(
        ["taskset", "-c", "0", twistd, "-n", "--pidfile=", "provd", *options],
        stdout=(folder / "log").open("w"),
        stderr=subprocess.STDOUT,
    )
    try:
        while "provd-phone boot" not in (folder / "log").read_text():
            if process.poll() is not None:
                raise SystemExit((folder / "log").read_text())
        listening = json.loads((folder / "state/listening.json").read_text())
        yield Server(process.pid, listening, (folder / "state/admin-token").read_text().strip())
    finally:
        process.terminate()
        process.wait()


# --- phones and lines ------------------------------------------------------------------------------------------


def ip_of(number: int) -> str:
    return f"127.1.{number // 250}.{number % 250 + 1}"


def boot(server: Server, numbers: Sequence[int]) -> None:
    """Each phone fetches its file, from an address of its own."""
    for number in numbers:
        mac = f"0015{number:08x}"
        shown = ":".join(mac[at : at + 2] for at in range(0, 12, 2))
        connection = http.client.HTTPConnection(
            "127.0.0.1", server.ports["http"], source_address=(ip_of(number), 0)
        )
        agent = f"Yealink SIP-T46S 66.86.0.15 {shown}"
        connection.request("GET", f"/{mac}.cfg", headers={"User-Agent": agent})
        response = connection.getresponse()
        body = response.read()
        if response.status != 200:
            raise SystemExit(f"phone {number}: {response.status} {body[:200]!r}")
        connection.close()


def rest(server: Server, method: str, path: str, body: object = None) -> Any:
    connection = http.client.HTTPConnection("127.0.0.1", server.ports["rest"])
    headers = {"X-Auth-Token": server.token, "Content-Type": "application/json"}
    connection.request(method, f"/0.2/{path}", None if body is None else json.dumps(body), headers)
    response = connection.getresponse()
    text = response.read()
    if response.status >= 400:
        raise SystemExit(f"{method} {path}: {response.status} {text[:300]!r}")
    return json.loads(text) if text else None


def calls_of(server: Server) -> list[Call]:
    """Make a line for each phone, and return who dials which code."""
    lines = [
        {
            "id": f"u{number}",
            "account": {"username": f"u{number}", "password": "s3cret", "proxy_ip": "192.0.2.20"},
        }
        for number in range(PHONES)
    ]
    rows = [
        row
        for first in range(0, PHONES, MOST_AT_ONCE)
        for row in rest(server, "POST", "lines/bulk", {"lines": lines[first : first + MOST_AT_ONCE]})["bulk"][
            "lines"
        ]
    ]
    devices = {device["id"]: device["ip"] for device in rest(server, "GET", "dev_mgr/devices")["devices"]}
    taken = [slot for slot in rest(server, "GET", "slots")["slots"]["slots"] if slot["device"]]
    return [
        Call(number, slot["username"], row["code"], devices[slot["device"]])
        for number, (slot, row) in enumerate(zip(taken, rows, strict=True))
    ]


# --- what is measured ------------------------------------------------------------------------------------------


@frozen
class Part:
    name: str
    claimed: Claimed
    cpu_us: float
    told: int


async def claiming(folder: Path, wanted_s: int) -> list[Part]:
    manager = Manager()
    listening = await asyncio.start_server(manager.serve, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    slots = [{"username": f"ap{number:05}", "password": f"secret{number:06}"} for number in range(PHONES)]
    (folder / "slots.json").write_text(json.dumps({"registrar": "192.0.2.20", "slots": slots}))
    with provd(folder, port, 1_000) as server:
        await asyncio.to_thread(boot, server, range(PHONES))
        calls = await asyncio.to_thread(calls_of, server)
        sustained = WANTED * wanted_s
        parts = []
        for name, some, per_s, at_once in (
            (f"{WANTED} a second for {wanted_s} s", calls[:sustained], WANTED, 400),
            (f"{AT_ONCE} calls at a time", calls[sustained : sustained + 2_000], FASTEST, AT_ONCE),
        ):
            before, cpu_s = len(manager.contacts), server.cpu_s()
            claimed = await claims(server.ports["agi"], some, per_s, at_once)
            await asyncio.sleep(3)  # those that are told last
            cpu_us = (server.cpu_s() - cpu_s) / len(some) * 1e6
            parts.append(Part(name, claimed, cpu_us, len(manager.contacts) - before))
    listening.close()
    return parts


@frozen
class Spread:
    asked: int
    told: int
    seconds: float
    most: int  # in any second


async def resyncing(folder: Path) -> Spread:
    """All phones at once, asked over REST."""
    manager = Manager()
    listening = await asyncio.start_server(manager.serve, "127.0.0.1", 0)
    with provd(folder, listening.sockets[0].getsockname()[1], RATE) as server:
        devices = await asyncio.to_thread(rest, server, "GET", "dev_mgr/devices")
        ids = [device["id"] for device in devices["devices"]]
        await asyncio.sleep(1)  # the Manager's login

        def ask() -> None:
            for device_id in ids:
                rest(server, "POST", "dev_mgr/synchronize", {"id": device_id})

        await asyncio.to_thread(ask)
        while len(manager.at) < len(ids) and time.perf_counter() - manager.at[-1] < 10:
            await asyncio.sleep(0.5)
    listening.close()
    return Spread(len(ids), len(manager.at), manager.at[-1] - manager.at[0], manager.most_in(1.0))


def report(parts: list[Part], spread: Spread, load: float) -> str:
    machine = f"{os.cpu_count()} cores, Linux {platform.release()}, Python {platform.python_version()}"
    rows = [_row(part) for part in parts]
    return "\n".join(
        (
            "## Claims and resyncs",
            "",
            f"`make bench-claims`, {date.today()}, {machine}; load of the machine before it began: {load:.1f}.",
            f"{PHONES:,} phones wait, each with its slot. A claim is an AGI script with its six commands, the",
            "association, its commit on disk, the script `hangup`, and a NOTIFY to the phone's contact, which a",
            "Manager takes. provd has one core. *A whole core* is what the CPU time of a claim comes to.",
            "",
            "| load | claims/s | refused | told | p50, ms | p99, ms | CPU us each | a whole core, /s | target, /s | |",
            "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
            *rows,
            "",
            f"{spread.asked:,} resyncs asked for at once, at a set rate of {RATE} a second: {spread.told:,} told in"
            f" {spread.seconds:.1f} s, at most {spread.most} in any second"
            f" ({'met' if spread.most <= RATE * 1.02 else 'missed'}).",
        )
    )


def _row(part: Part) -> str:
    claimed, core = part.claimed, 1e6 / part.cpu_us
    is_met = claimed.rate >= WANTED * 0.98 and not claimed.refused and part.told >= claimed.count
    cells = (
        part.name,
        f"{claimed.rate:,.0f}",
        str(claimed.refused),
        f"{part.told:,}",
        f"{claimed.p50_ms:.1f}",
        f"{claimed.p99_ms:.1f}",
        f"{part.cpu_us:,.0f}",
        f"{core:,.0f}",
        f"{WANTED}",
        "met" if is_met else "met by CPU only" if core >= WANTED else "missed",
    )
    return f"| {' | '.join(cells)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=30, help="how long the set rate is kept")
    parser.add_argument("--dry", action="store_true", help="print only")
    options = parser.parse_args()
    os.sched_setaffinity(0, {1 % (os.cpu_count() or 1)})
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        parts = asyncio.run(claiming(Path(folder), options.seconds))
        spread = asyncio.run(resyncing(Path(folder)))
    section = report(parts, spread, load)
    print(section)
    if not options.dry:
        write("claims", section)


if __name__ == "__main__":
    main()
