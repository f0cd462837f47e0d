"""
Measures the store with 100,000 devices, configs and presences, beside one file per document and SQLite.

    python -m bench.store [--many 100000] [--core 1] [--folder DIR]

All of it runs on one core, each part in a process of its own, one after the other. The section "Store" of
`bench/RESULTS.md` is written anew.
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
from pathlib import Path
from typing import Any

from bench.results import write
from bench.store import sample
from bench.store.measuring import speed_ms

_ROOT = Path(__file__).resolve().parent.parent.parent


def measured(module: str, what: str, folder: Path, many: int, core: int) -> dict[str, Any]:
    """Run a part in a process of its own; return what it found."""
    print(f"{time.strftime('%H:%M:%S')} {module} {what}", file=sys.stderr, flush=True)
    command = [
        "taskset",
        "-c",
        str(core),
        sys.executable,
        "-m",
        f"bench.store.{module}",
        what,
        str(folder),
        str(many),
    ]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, cwd=_ROOT)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def section(many: int, core: int, folder: Path) -> str:
    load = os.getloadavg()[0]
    speeds = [speed_ms() for _ in range(10)]
    fill = measured("ours", "fill", folder / "ours", many, core)
    ours = measured("ours", "use", folder / "ours", many, core)
    size_mb = sum(path.stat().st_size for path in (folder / "ours").iterdir()) / 1e6
    shutil.rmtree(folder / "ours")
    (folder / "sqlite").mkdir()
    measured("others", "sqlite", folder / "sqlite", many, core)
    sqlite = measured("others", "sqlite", folder / "sqlite", many, core)
    shutil.rmtree(folder / "sqlite")
    written = measured("others", "files", folder / "files", many, core)
    files = {**written, **measured("others", "files", folder / "files", many, core)}
    speeds += [speed_ms() for _ in range(10)]
    return "\n".join((*_head(many, load, speeds, ours), *_table(fill, ours, sqlite, files, size_mb))) + "\n"


def _head(many: int, load: float, speeds: list[float], ours: dict[str, Any]) -> list[str]:
    raw = len(sample.raw_config(1))
    return [
        "## Store",
        "",
        f"`python -m bench.store`, {time.strftime('%Y-%m-%d')}, one core of {os.cpu_count()}, CPython "
        f"{platform.python_version()}, load average before {load:.1f}. {many:,} devices, configs (two lines, 27 "
        f"keys: {raw:,} bytes) and presences. The disk's own append and sync, measured between the commits: "
        f"{ours['sync_ms']:.2f} ms (p99 {ours['sync_p99_ms']:.2f}). The machine is shared: a million turns of an empty "
        f"loop took {min(speeds):.0f} to {max(speeds):.0f} ms.",
        "",
        "| | target | provd | SQLite, WAL, FULL | a file each, in place | a file each, durable |",
        "| --- | --- | --- | --- | --- | --- |",
    ]


def _table(
    fill: dict[str, Any], ours: dict[str, Any], sqlite: dict[str, Any], files: dict[str, Any], size_mb: float
) -> list[str]:
    extra = ours["commit_ms"] - ours["sync_ms"]
    extra_p99 = ours["commit_p99_ms"] - ours["sync_p99_ms"]
    rows = (
        ("start, all in memory, s (its CPU)", "5", f"{ours['start_s']:.1f} ({ours['start_cpu_s']:.1f})",
         f"{sqlite['start_s']:.2f}, nothing in memory", f"{files['start_s']:.1f} ({files['start_cpu_s']:.1f})",
         "the same"),
        ("memory of the process after the start, MB", "500", f"{ours['memory_mb']:.0f}", f"{sqlite['memory_mb']:.0f}",
         f"{files['memory_mb']:.0f}", "the same"),
        (f"the same after {ours['at_once']:,} changes", "", f"{ours['memory_after_mb']:.0f}", "", "", ""),
        ("look up by mac, us", "5", f"{ours['mac_us']:.1f}", f"{sqlite['mac_us']:.1f}", "", ""),
        ("look up by ip, us", "5", f"{ours['ip_us']:.1f}", f"{sqlite['ip_us']:.1f}", "", ""),
        ("one durable commit, ms, median (p99)", "", f"{ours['commit_ms']:.2f} ({ours['commit_p99_ms']:.2f})",
         f"{sqlite['commit_ms']:.2f}", "not durable", f"{files['commit_ms']:.2f}"),
        ("the same beyond the disk's own sync, ms", "5", f"{extra:.2f} ({extra_p99:.2f})", "", "", ""),
        ("a change of what all inherit from, ms", "10", f"{ours['base_ms']:.2f} ({ours['base_p99_ms']:.2f})",
         f"{sqlite['base_ms']:.2f}", "", f"{files['base_ms']:.2f}"),
        ("durable commits/s, 100 in flight (CPU us each)", "5,000",
         f"{ours['at_once_per_s']:,.0f} ({ours['at_once_us']:.0f})",
         f"{sqlite['at_once_per_s']:,.0f} (100 a transaction)", f"{files['in_place_per_s']:,.0f} (with fsync)",
         f"{files['durable_per_s']:,.0f}"),
        ("the same while a snapshot and the history are written", "", f"{ours['compacting_per_s']:,.0f}", "", "", ""),
        ("discoveries/s, 100 in flight (device and config, 2 documents)", "", f"{_per_s(fill):,.0f}", "",
         f"{files['fill_per_s'] / 3:,.0f} (no fsync)", ""),
        ("first page of 50 by mac, of one tenant, ms", "20", f"{ours['page_first_ms']:.2f}",
         f"{sqlite['page_first_ms']:.2f}", f"{files['page_first_ms']:.0f}", ""),
        ("last page by mac; by ip; by id; descending, ms", "20",
         "; ".join(f"{ours[f'page_{name}_ms']:.2f}" for name in ("last", "ip", "id", "down")), "", "", ""),
        ("a page by a client's own field, in slices, ms", "", f"{ours['page_other_ms']:.0f}", "", "", ""),
        ("longest turn, ms (its own CPU): discoveries and their compactions", "50", fill["turns_fill"], "", "", ""),
        ("a snapshot and its history, nothing else", "50", ours["turns_quiet"], "", "", ""),
        ("single commits, pages", "50", ours["turns_use"], "", "", ""),
        (f"{ours['at_once']:,} commits, 100 in flight, with a compaction", "50", ours["turns_at_once"], "", "", ""),
        ("stop during a compaction, s", "", f"{ours['close_s']:.2f}", "", "", ""),
        ("on disk with the history, MB", "", f"{size_mb:.0f}", "", "", ""),
    )  # fmt: skip
    return [f"| {' | '.join(row)} |" for row in rows]


def _per_s(fill: dict[str, Any]) -> float:
    return float(fill["many"] / fill["fill_s"])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--many", type=int, default=sample.MANY)
    parser.add_argument("--core", type=int, default=(os.cpu_count() or 1) - 1)
    parser.add_argument("--folder", type=Path, help="on the disk that is meant; a temporary one otherwise")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        text = section(options.many, options.core, Path(folder))
    write("store", text)
    print(text)


if __name__ == "__main__":
    main()
