"""Measures provd's own store. `python -m bench.store.ours fill|use FOLDER MANY` prints one JSON object."""

import json
import sys
import time
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

from attrs import evolve
from twisted.internet import reactor as module
from twisted.internet.defer import Deferred, gatherResults, maybeDeferred
from twisted.internet.task import deferLater
from twisted.internet.threads import deferToThread

from bench.store import sample
from bench.store.measuring import Turns, median, memory_mb, p99, sync_s, timed
from provserver.model import Commit, Config, Device, Document, Json, Presence, Put
from provserver.rest.codec.devices import device_document
from provserver.store.disk import Disk
from provserver.store.garbage import seldom_searched
from provserver.store.journal import JournalStore

reactor: Any = module
_IN_FLIGHT = 100
_LINE_BYTES = 700  # about what a commit of a device writes


def _in_thread(function: Callable[..., Any], /, *args: object) -> "Deferred[Any]":
    return deferToThread(function, *args) if reactor.running else maybeDeferred(function, *args)


def _putting(*documents: Document) -> Commit:
    return Commit(tuple(Put(document, None) for document in documents), "token:bench", "PUT /0.2/bench")


class Bench:
    def __init__(self, folder: Path, many: int) -> None:
        self.folder = folder
        self.many = many
        self.store = JournalStore(Disk(folder), reactor, _in_thread)
        began, own = time.perf_counter(), time.process_time()
        self.store.load()
        self.found: dict[str, object] = {
            "start_s": time.perf_counter() - began,
            "start_cpu_s": time.process_time() - own,
            "memory_mb": memory_mb(),
            "many": many,
        }
        seldom_searched()  # as provd does when it has started

    async def all_of(self, numbers: Iterator[int], act: Callable[[int], Coroutine[Any, Any, object]]) -> None:
        """Do something with each number, a hundred at a time."""

        async def worker() -> None:
            for number in numbers:
                await act(number)

        await gatherResults([Deferred.fromCoroutine(worker()) for _ in range(_IN_FLIGHT)])

    async def fill(self) -> None:
        await self.store.commit(_putting(*sample.common()))

        async def make(number: int) -> None:
            device = Put(sample.device(number), 0, frozenset((("discovered", sample.mac(number)),)))
            await self.store.commit(Commit((Put(sample.config(number), 0), device), "phone", "learn.new"))
            self.store.note(sample.presence(number))

        began = time.perf_counter()
        await self.all_of(iter(range(self.many)), make)
        self.found["fill_s"] = time.perf_counter() - began
        self.found["turns_fill"] = self.turns.take()

    async def quiet(self) -> None:
        """Let the compaction end that the first commit after a start may begin."""
        await self.store.commit(_putting(sample.device(0)))
        before: list[int] = []
        while before != (sizes := [path.stat().st_size for path in sorted(self.folder.iterdir())]):
            before = sizes
            await deferLater(reactor, 2)

    async def use(self) -> None:
        await self.quiet()
        self.found["turns_quiet"] = self.turns.take()
        await self.one_by_one()
        await self.pages()
        self.found["turns_use"] = self.turns.take()
        await self.many_at_once()

    def look_up(self) -> None:
        numbers = [number * 7919 % self.many for number in range(10_000)]
        self.found["mac_us"] = self.time_to_find(Device, "mac", list(map(sample.mac, numbers)))
        self.found["ip_us"] = self.time_to_find(Presence, "ip", list(map(sample.ip, numbers)))

    def time_to_find(self, kind: type[Document], index: str, values: list[str]) -> float:
        find = self.store.find
        return timed(lambda: [find(kind, index, value) for value in values]) * 1e6 / len(values)

    async def one_by_one(self) -> None:
        """The disk itself is asked between the commits: what else the machine does weighs on both."""
        taken, base, disk = [], [], []
        config = self.store.get(Config, sample.BASE)
        for number in range(300):
            taken.append(await self.time_of(_putting(evolve(sample.device(number), model=f"T{number}"))))
            base.append(await self.time_of(_putting(evolve(config, role=f"x{number}"))))
            if number % 30 == 0:
                disk += await deferToThread(sync_s, self.folder, _LINE_BYTES)
        self.found |= {
            "sync_ms": median(disk) * 1e3, "sync_p99_ms": p99(disk) * 1e3,
            "commit_ms": median(taken) * 1e3, "commit_p99_ms": p99(taken) * 1e3,
            "base_ms": median(base) * 1e3, "base_p99_ms": p99(base) * 1e3,
        }  # fmt: skip

    async def time_of(self, commit: Commit) -> float:
        began = time.perf_counter()
        await self.store.commit(commit)
        return time.perf_counter() - began

    async def pages(self) -> None:
        """As REST asks for them: of one tenant, with the documents that it makes."""

        def view(device: Device) -> dict[str, object]:
            return device_document(device, self.store.get(Presence, device.id), True)

        selector = Json(json.dumps({"tenant_uuid": {"$in": [sample.MASTER]}}).encode())
        for name, sort, skip in (
            ("page_first_ms", "mac", 0),
            ("page_last_ms", "mac", self.many - 50),
            ("page_down_ms", "-mac", 1000),
            ("page_ip_ms", "ip", 0),
            ("page_id_ms", "id", 0),
            ("page_other_ms", "description", 0),
        ):
            taken = []
            for _ in range(1 if sort == "description" else 20):
                began = time.perf_counter()
                found = await self.store.select(Device, selector, view, sort, skip, 50)
                documents = [view(device) for device in found]
                taken.append(time.perf_counter() - began)
                await deferLater(reactor, 0)
                assert len(documents) == 50
            self.found[name] = median(taken) * 1e3

    async def many_at_once(self) -> None:
        """For long enough that a compaction is part of it."""

        async def change(number: int) -> None:
            await self.store.commit(_putting(evolve(sample.device(number % self.many), model=f"A{number}")))

        began, own = time.perf_counter(), time.process_time()
        await self.all_of(iter(range(20_000)), change)
        self.found["at_once_per_s"] = 20_000 / (time.perf_counter() - began)
        self.found["at_once_us"] = (time.process_time() - own) / 20_000 * 1e6
        done, began = 0, time.perf_counter()
        snapshots = self.snapshots()
        while self.snapshots() == snapshots or any(self.folder.glob("*.tmp")) or done < 40_000:
            await self.all_of(iter(range(done, done + 20_000)), change)
            done += 20_000
        self.found |= {
            "compacting_per_s": done / (time.perf_counter() - began),
            "turns_at_once": self.turns.take(),
            "at_once": done,
        }
        began = time.perf_counter()
        await self.store.close()
        self.found["close_s"] = time.perf_counter() - began

    def snapshots(self) -> set[str]:
        return {path.name for path in self.folder.glob("snapshot-*.jsonl")}

    async def run(self, what: str) -> None:
        self.turns = Turns(reactor)
        try:
            await (self.fill() if what == "fill" else self.use())
            if what == "fill":
                await self.store.close()
            self.found["memory_after_mb"] = memory_mb()
            print(json.dumps(self.found))
        finally:
            reactor.stop()


def main() -> None:
    what, folder, many = sys.argv[1:]
    bench = Bench(Path(folder), int(many))
    problems: list[Any] = []

    def begin() -> None:
        Deferred.fromCoroutine(bench.run(what)).addErrback(problems.append)

    if what == "use":
        bench.look_up()
    reactor.callWhenRunning(begin)
    reactor.run()
    for problem in problems:
        problem.raiseException()


if __name__ == "__main__":
    main()
