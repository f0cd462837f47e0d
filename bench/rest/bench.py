"""
REST with 10,000 devices: `python -m bench.rest.bench` measures, prints a table and writes it to bench/RESULTS.md.

The server runs on core 0, the client on core 1; a phone fetches its file every 20 ms meanwhile. Beside it stands a
plain Klein route that returns a constant, as the limit. Wall rates swing on a shared machine: CPU a request does not.
"""

import argparse
import itertools
import json
import os
import platform
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from attrs import frozen

from bench.rest.storm import Measured, Storm, repeated
from bench.results import write

ROOT = Path(__file__).resolve().parents[2]
DEVICES = 10_000
READERS, WRITERS = 16, 50  # connections
PHONE_MS = 50
HOUSE = "application/vnd.proformatique.provd+json"
TICKS = os.sysconf("SC_CLK_TCK")


@frozen
class Server:
    pid: int
    port: int
    phones: int = 0
    token: str = ""

    def cpu_s(self) -> float:
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS


@frozen
class Row:
    name: str
    measured: Measured
    cpu_us: float
    target: int | None


@contextmanager
def started(*command: str, ready: str) -> Iterator[subprocess.Popen[str]]:
    """Run a server on core 0 until it says that it is ready, and end it at last."""
    process = subprocess.Popen(
        ["taskset", "-c", "0", *command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        assert process.stdout
        for line in process.stdout:
            if ready in line:
                break
        yield process
    finally:
        process.terminate()
        process.communicate()


@contextmanager
def provd(folder: str) -> Iterator[Server]:
    state = Path(folder, "state")
    twistd = str(Path(sys.executable).with_name("twistd"))
    ports = ("--http-port", "0", "--rest-port", "0", "--tftp-port", "0")
    command = (twistd, "-n", "--pidfile=", "provd", "--state", str(state), *ports)
    with started(*command, ready="provd-phone boot") as process:
        listening = json.loads((state / "listening.json").read_text())
        token = (state / "admin-token").read_text().strip()
        yield Server(process.pid, listening["rest"], listening["http"], token)


def request(server: Server, method: str, path: str, body: object = None) -> bytes:
    data = b"" if body is None else json.dumps(body).encode()
    lines = [f"{method} /0.2{path} HTTP/1.1", "Host: provd", f"X-Auth-Token: {server.token}"]
    if data:
        lines += [f"Content-Type: {HOUSE}", f"Content-Length: {len(data)}"]
    return "\r\n".join([*lines, "", ""]).encode() + data


def mac(number: int) -> str:
    digits = f"001565{number:06x}"
    return ":".join(digits[at : at + 2] for at in range(0, 12, 2))


def device(number: int) -> object:
    config = "autoprov" if number == 0 else None
    return {
        "device": {
            "id": f"d{number:06}", "mac": mac(number), "ip": f"10.0.{number // 250 % 250}.{number % 250 + 1}",
            "vendor": "Yealink", "model": "T46S", "version": "66.86.0.15", "plugin": "yealink-v86", "config": config,
        }
    }  # fmt: skip


def measured(name: str, server: Server, storm: Storm, target: int | None, **much: float) -> Row:
    before = server.cpu_s()
    result = storm.run(**much)  # type: ignore[arg-type]  # seconds or count
    row = Row(name, result, (server.cpu_s() - before) / result.requests * 1e6, target)
    print(shown(row), flush=True)
    return row


def rows(seconds: float) -> Iterator[Row]:
    rng = random.Random(6)
    with started(sys.executable, str(ROOT / "bench/rest/constant.py"), "18999", ready="ready") as process:
        server = Server(process.pid, 18999)
        requests = repeated(b"GET /constant HTTP/1.1\r\nHost: h\r\n\r\n")
        storm = Storm(server.port, READERS, requests, None)
        yield measured("plain Klein, a constant", server, storm, None, seconds=seconds)
    with tempfile.TemporaryDirectory() as folder, provd(folder) as server:
        numbers = itertools.count()
        made = (request(server, "POST", "/dev_mgr/devices", device(number)) for number in numbers)
        agent = f"Yealink SIP-T46S 66.86.0.15 {mac(0)}"
        phone = f"GET /{mac(0).replace(':', '')}.cfg HTTP/1.0\r\nUser-Agent: {agent}\r\n\r\n".encode()
        Storm(server.port, 1, made, None).run(count=1)  # the phone's own
        asked = (server.phones, phone)
        post = Storm(server.port, WRITERS, made, asked)
        yield measured("POST device, durable, 50 in flight", server, post, 800, count=DEVICES)

        def load(name: str, path: str, target: int) -> Row:
            requests = (
                request(server, "GET", path.format(number=number, mac=mac(number)))
                for number in iter(lambda: rng.randrange(DEVICES), None)
            )
            return measured(
                name, server, Storm(server.port, READERS, requests, asked), target, seconds=seconds
            )

        yield load("GET device", "/dev_mgr/devices/d{number:06}", 1500)
        yield load("GET devices?q={mac}", "/dev_mgr/devices?q=%7B%22mac%22:%22{mac}%22%7D", 1000)
        yield load("GET devices, 100 of them", "/dev_mgr/devices?limit=100&sort=mac", 150)


def shown(row: Row) -> str:
    got = row.measured
    core = 1e6 / row.cpu_us
    cells = (
        row.name,
        f"≥ {row.target:,}" if row.target else "",
        f"{got.rate:,.0f}",
        f"{row.cpu_us:.0f}",
        f"{core:,.0f}",
        f"{got.p50_ms:.1f}",
        f"{got.p99_ms:.1f}",
        f"{got.phone_p99_ms:.1f}" if got.phones else "",
        verdict(row, core),
    )
    return f"| {' | '.join(cells)} |"


def verdict(row: Row, core: float) -> str:
    if row.target is None:
        return ""
    if row.measured.rate >= row.target:
        return "met" if row.measured.phone_p99_ms <= PHONE_MS else "met, the phone waits too long"
    return "met by CPU only" if core >= row.target else "missed"


def report(measured_rows: list[Row], load: float) -> str:
    machine = f"{os.cpu_count()} cores, Linux {platform.release()}, Python {platform.python_version()}"
    return "\n".join(
        (
            "## REST",
            "",
            f"`make bench-rest`, {date.today()}, {machine}; load of the machine before it began: {load:.1f}.",
            f"{DEVICES:,} devices, the server on one core, connections kept alive ({READERS} that read, {WRITERS}",
            "that write). A phone fetches its file meanwhile, every 20 ms; the target for its p99 is",
            f"{PHONE_MS} ms. *A whole core* is what the CPU time of a request comes to, whoever else is busy here.",
            "",
            "| load | target, /s | requests/s | CPU us each | a whole core, /s | p50, ms | p99, ms | phone's p99 | |",
            "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
            *map(shown, measured_rows),
        )
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0, help="how long each load of reading lasts")
    parser.add_argument("--dry", action="store_true", help="print only")
    options = parser.parse_args()
    os.sched_setaffinity(0, {1 % (os.cpu_count() or 1)})
    load = os.getloadavg()[0]
    section = report(list(rows(options.seconds)), load)
    if not options.dry:
        write("rest", section)


if __name__ == "__main__":
    main()
