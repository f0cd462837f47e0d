"""
Measures what known phones wait for their files while provd is flooded, and its memory before and after.

    python -m bench.flood [--seconds 20] [--only NAME] [--core 0]

A real `twistd provd` on one core, its state in a temporary folder, on loopback alone. 200 phones of an allowed network
are known and served all the time, each flood lasts so many seconds. The section "Flood" of `bench/RESULTS.md` is written
anew, unless `--only` chose a part.
"""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attrs import frozen

from bench.flood.floods import FLOODS, Flood
from bench.flood.phones import by_http, mac_text
from bench.results import write

_ROOT = Path(__file__).resolve().parent.parent.parent
_PHONES = 200
_TARGET_MS = 200
# Others on this machine are not what is measured: provd and the phones come before them, where root may say so.
_FIRST = ("chrt", "--rr", "1") if os.geteuid() == 0 else ()
_SETTINGS = '[network]\nallowed = ["127.0.0.1/32", "127.1.0.0/16"]\n'


@frozen
class Row:
    name: str
    did: int
    phones: dict[str, Any]
    before_mb: float
    after_mb: float


class Provd:
    """A provd on one core; leaving the context ends it."""

    def __init__(self, folder: Path, core: int) -> None:
        self._folder = folder
        self._core = core

    def __enter__(self) -> "Provd":
        config = self._folder / "provd.toml"
        config.write_text(_SETTINGS)
        twistd = Path(sys.executable).with_name("twistd")
        state = self._folder / "state"
        options: list[str | Path] = [
            "--config",
            config,
            "--state",
            state,
            "--http-port",
            "0",
            "--rest-port",
            "0",
            "--tftp-port",
            "0",
        ]
        self.process = subprocess.Popen(
            [*_FIRST, "taskset", "-c", str(self._core), twistd, "-n", "--pidfile=", "provd", *options],
            stdout=(self._folder / "log").open("wb"),
            stderr=subprocess.STDOUT,
            cwd=self._folder,
        )
        listening = state / "listening.json"
        for _ in range(600):
            if listening.exists():
                break
            time.sleep(0.05)
        self.ports = json.loads(listening.read_text())
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(60)

    def make_phones(self) -> None:
        """Make the known phones, each with a user's config."""
        for number in range(_PHONES):
            line = {
                "username": f"u{number}",
                "password": "s3cret",
                "proxy_ip": "10.0.0.2",
                "display_name": "Anna",
            }
            config = {"id": f"c{number}", "parent_ids": ["base"], "raw_config": {"sip_lines": {"1": line}}}
            device = {
                "mac": mac_text(number),
                "config": f"c{number}",
                "plugin": "yealink-v86",
                "vendor": "Yealink",
            }
            self._post("cfg_mgr/configs", {"config": config})
            self._post("dev_mgr/devices", {"device": {**device, "model": "T46S"}})

    def _post(self, path: str, document: dict[str, Any]) -> None:
        url = f"http://127.0.0.1:{self.ports['rest']}/0.2/{path}"
        token = (self._folder / "state/admin-token").read_text().strip()
        headers = {"X-Auth-Token": token, "Content-Type": "application/json"}
        urllib.request.urlopen(
            urllib.request.Request(url, json.dumps(document).encode(), headers), timeout=10
        ).close()

    @property
    def memory_mb(self) -> float:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def measured(provd: Provd, name: str, seconds: float) -> Row:
    ports = [str(provd.ports["http"]), str(provd.ports["tftp"])]
    before = provd.memory_mb
    flood = None
    if name:
        flood = _python("bench.flood.floods", name, *ports, str(seconds + 2))
        time.sleep(1.5)  # it is in full swing
    phones = _python("bench.flood.phones", *ports, str(seconds), str(_PHONES))
    told = json.loads(phones.communicate()[0])
    did = int(flood.communicate()[0]) if flood else 0
    time.sleep(1)
    row = Row(name, did, told, before, provd.memory_mb)
    print(_line(row), file=sys.stderr, flush=True)
    return row


def _python(module: str, *arguments: str) -> "subprocess.Popen[bytes]":
    prefix = _FIRST if module.endswith("phones") else ()
    return subprocess.Popen(
        [*prefix, sys.executable, "-m", module, *arguments], stdout=subprocess.PIPE, cwd=_ROOT
    )


def rows(seconds: float, only: str, core: int) -> Iterator[Row]:
    folder = Path(tempfile.mkdtemp())
    try:
        with Provd(folder, core) as provd:
            provd.make_phones()
            for number in range(_PHONES):
                assert b"200 OK" in by_http(provd.ports["http"], number)[:20]
            yield measured(provd, "", seconds)
            for name in FLOODS:
                if only in name:
                    yield measured(provd, name, seconds)
    finally:
        shutil.rmtree(folder)


def section(found: list[Row], seconds: float, load: float) -> str:
    head = (
        f"`make bench-flood`, {time.strftime('%Y-%m-%d')}, {os.cpu_count()} cores, CPython {platform.python_version()}; "
        f"load of the machine before it began: {load:.1f}. One provd on one core; each flood lasts {seconds:.0f} s, all "
        f"one after the other in one process. {_PHONES} known phones fetch their files meanwhile, one after the other, by "
        f"HTTP and by TFTP; p50, p99 and the most are in ms. The target is {_TARGET_MS} ms for the p99 of HTTP and of TFTP's first "
        "block, without an error. The file has some 34 blocks of 512 bytes, each of which waits for the acknowledgement of the "
        "one before."
    )
    lines = [
        "## Flood",
        "",
        head,
        "",
        "| flood | it did | HTTP: the file | TFTP: first block | TFTP: the file | phones, errors | memory, MB | |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
        *map(_line, found),
        "",
        *(f"- `{name}`: {' '.join((getattr(Flood, name).__doc__ or '').split())}" for name in FLOODS),
    ]
    return "\n".join(lines) + "\n"


def _line(row: Row) -> str:
    http, tftp, file = (row.phones[kind] for kind in ("http", "tftp", "file"))
    errors = http["errors"] + file["errors"]
    met = max(http["p99_ms"], tftp["p99_ms"]) <= _TARGET_MS and not errors
    times = (f"{one['p50_ms']:.1f}, {one['p99_ms']:.1f}, {one['most_ms']:.0f}" for one in (http, tftp, file))
    did = f"{row.did:,} {FLOODS[row.name]}" if row.name else ""
    return (
        f"| {row.name or 'none'} | {did} | {' | '.join(times)} | {http['phones'] + file['phones']:,}, {errors} "
        f"| {row.before_mb:.0f} → {row.after_mb:.0f} | {'met' if met else 'missed'} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--only", default="", help="part of the name of a flood")
    parser.add_argument("--core", type=int, default=0)
    options = parser.parse_args()
    load = os.getloadavg()[0]
    text = section(list(rows(options.seconds, options.only, options.core)), options.seconds, load)
    print(text)
    if not options.only:
        write("flood", text)


if __name__ == "__main__":
    main()
