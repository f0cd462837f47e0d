"""Measures others with the same documents: one file per document, and SQLite.

`python -m bench.store.others files|sqlite FOLDER MANY` prints one JSON object.
"""

import json
import os
import sqlite3
import sys
import time
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

from bench.store import sample
from bench.store.measuring import median, memory_mb, timed
from provserver.model import Document
from provserver.store.codec import NAMES, written

_SAMPLED = 2000  # where each takes a sync, not all are written so
_SCHEMA = """
CREATE TABLE document (kind TEXT, id TEXT, mac TEXT, ip TEXT, tenant TEXT, body BLOB, PRIMARY KEY (kind, id));
CREATE INDEX by_mac ON document (mac);
CREATE INDEX by_ip ON document (ip);
CREATE INDEX by_tenant ON document (tenant, mac);
"""
_PUT = "INSERT OR REPLACE INTO document VALUES (?, ?, ?, ?, ?, ?)"
_PAGE = "SELECT body FROM document WHERE kind = 'device' AND tenant = ? ORDER BY mac LIMIT 50"


def documents(many: int) -> Iterator[Document]:
    yield from sample.common()
    for number in range(many):
        yield sample.config(number)
        yield sample.device(number)
        yield sample.presence(number)


class Files:
    """The reference's way: one JSON document a file, written in place, all read at start."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        for name in NAMES.values():
            (folder / name).mkdir(parents=True, exist_ok=True)

    def put(self, document: Document, sync: bool) -> None:
        path = self._folder / NAMES[type(document)] / document.id
        with path.open("wb") as file:
            file.write(written(document))
            if sync:
                file.flush()
                os.fsync(file.fileno())

    def put_all(self, documents: Iterable[Document], sync: bool) -> None:
        for document in documents:
            self.put(document, sync)

    def put_durably(self, document: Document) -> None:
        """What the reference does not do: whole or not at all, and on disk."""
        path = self._folder / NAMES[type(document)] / document.id
        half = path.with_suffix(".tmp")
        with half.open("wb") as file:
            file.write(written(document))
            file.flush()
            os.fsync(file.fileno())
        half.rename(path)
        descriptor = os.open(path.parent, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)

    def read(self) -> dict[str, dict[str, dict[str, object]]]:
        return {
            kind.name: {path.name: json.loads(path.read_bytes()) for path in kind.iterdir()}
            for kind in self._folder.iterdir()
        }


def files(folder: Path, many: int) -> dict[str, object]:
    store = Files(folder)
    if not any((folder / "device").iterdir()):
        fill_s = timed(lambda: store.put_all(documents(many), sync=False))
        os.sync()
        numbers = range(_SAMPLED)
        durable = [timed(partial(store.put_durably, sample.device(number))) for number in numbers]
        return {
            "fill_per_s": 3 * many / fill_s,
            "in_place_per_s": _SAMPLED / timed(lambda: store.put_all(map(sample.device, numbers), sync=True)),
            "durable_per_s": _SAMPLED / sum(durable),
        }
    began, own = time.perf_counter(), time.process_time()
    read = store.read()
    found: dict[str, object] = {
        "start_s": time.perf_counter() - began,
        "start_cpu_s": time.process_time() - own,
        "memory_mb": memory_mb(),
    }
    devices = read["device"].values()
    page = timed(lambda: sorted(devices, key=lambda device: str(device.get("mac")))[:50])
    base = [timed(lambda: store.put_durably(sample.common()[-1])) for _ in range(200)]
    one = [timed(partial(store.put_durably, sample.device(number))) for number in range(200)]
    return {
        **found,
        "page_first_ms": page * 1e3,
        "base_ms": median(base) * 1e3,
        "commit_ms": median(one) * 1e3,
    }


def row(document: Document) -> tuple[object, ...]:
    fields = (getattr(document, name, None) for name in ("mac", "ip", "tenant"))
    return NAMES[type(document)], document.id, *fields, written(document)


def sqlite(folder: Path, many: int) -> dict[str, object]:
    path = folder / "store.sqlite"
    is_new = not path.exists()
    began = time.perf_counter()
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")

    def transaction(rows: list[tuple[object, ...]]) -> None:
        database.execute("BEGIN IMMEDIATE")
        database.executemany(_PUT, rows)
        database.execute("COMMIT")

    if is_new:
        database.executescript(_SCHEMA)
        transaction([row(document) for document in documents(many)])
        return {}
    found: dict[str, object] = {}
    database.execute(_PAGE, (sample.MASTER,)).fetchall()
    found["start_s"] = time.perf_counter() - began
    found["memory_mb"] = memory_mb()
    macs = [sample.mac(number * 7919 % many) for number in range(10_000)]
    ips = [sample.ip(number * 7919 % many) for number in range(10_000)]

    def time_to_find(query: str, values: list[str]) -> float:
        find = database.execute
        return (
            timed(lambda: [json.loads(find(query, (one,)).fetchone()[0]) for one in values])
            * 1e6
            / len(values)
        )

    found["mac_us"] = time_to_find("SELECT body FROM document WHERE mac = ?", macs)
    found["ip_us"] = time_to_find("SELECT body FROM document WHERE ip = ?", ips)
    page = [
        timed(lambda: [json.loads(body) for (body,) in database.execute(_PAGE, (sample.MASTER,))])
        for _ in range(20)
    ]
    one = [timed(partial(transaction, [row(sample.device(number))])) for number in range(300)]
    base = [timed(lambda: transaction([row(sample.common()[-1])])) for _ in range(300)]
    rows = [row(sample.device(number % many)) for number in range(20_000)]
    groups = [rows[at : at + 100] for at in range(0, len(rows), 100)]
    at_once = sum(timed(partial(transaction, group)) for group in groups)
    return {
        **found,
        "page_first_ms": median(page) * 1e3,
        "commit_ms": median(one) * 1e3,
        "base_ms": median(base) * 1e3,
        "durable_per_s": len(one) / sum(one),
        "at_once_per_s": len(rows) / at_once,
    }


def main() -> None:
    what, folder, many = sys.argv[1:]
    measure = {"files": files, "sqlite": sqlite}[what]
    print(json.dumps(measure(Path(folder), int(many))))


if __name__ == "__main__":
    main()
