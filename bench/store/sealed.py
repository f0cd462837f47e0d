"""
Measures what sealing costs, in processor time, which a busy machine changes least: `python -m bench.store.sealed`.

The sample is that of `bench.store`; both columns are of one process, one after the other.
"""

import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench.store import sample
from provserver.model import Commit, Committed, Device, Put
from provserver.store import whole
from provserver.store.disk import Disk
from provserver.store.lines import change_part, commit_part
from provserver.store.reading import read_folder
from provserver.store.sealing import CLEAR, KEY_BYTES, Seal
from provserver.store.tables import Tables
from provserver.store.watchers import Watchers

_COMMITS = 5000


def taken_s(act: Callable[[], object]) -> float:
    began = time.process_time()
    act()
    return time.process_time() - began


def measured(folder: Path, seal: Seal, many: int) -> dict[str, float]:
    disk = Disk(folder)
    disk.lock()
    devices = [sample.device(number) for number in range(many)]
    documents = (
        *sample.common(),
        *devices,
        *map(sample.config, range(many)),
        *map(sample.presence, range(many)),
    )
    whole.fill(disk, (Put(document, None) for document in documents), "bench", "fill", 0.0, seal)
    commits = [
        Committed(number, 0.0, Commit((Put(sample.config(number), None),), "bench", "PUT"))
        for number in range(_COMMITS)
    ]
    plain = [Committed(0, 0.0, Commit((Put(Device("d", mac="x"), None),), "bench", "PUT"))] * _COMMITS
    found = {
        "start_s": taken_s(lambda: read_folder(disk, Tables(), Watchers(0), seal)),
        "compact_s": taken_s(lambda: whole.compact(disk, seal, everything=True)),
        "config_us": taken_s(lambda: [_part(one, seal) for one in commits]) / _COMMITS * 1e6,
        "device_us": taken_s(lambda: [_part(one, seal) for one in plain]) / _COMMITS * 1e6,
        "megabytes": max(path.stat().st_size for path in folder.glob("snapshot-*")) / 1e6,
    }
    disk.unlock()
    return found


def _part(committed: Committed, seal: Seal) -> bytes:
    commit = committed.commit
    return commit_part(
        committed.at, commit.who, commit.why, [change_part(change, seal) for change in commit.changes]
    )


def main() -> None:
    many = int(sys.argv[1]) if len(sys.argv) > 1 else sample.MANY
    folder = Path(tempfile.mkdtemp(prefix="bench-sealed-"))
    try:
        clear = measured(folder / "clear", CLEAR, many)
        sealed = measured(folder / "sealed", Seal(bytes(range(KEY_BYTES))), many)
    finally:
        shutil.rmtree(folder)
    print(f"{many:,} devices, configs and presences: clear text | sealed")
    for name in clear:
        print(f"  {name:<12}{clear[name]:>10.2f}{sealed[name]:>10.2f}")


if __name__ == "__main__":
    main()
