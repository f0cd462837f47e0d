"""
Upgrading: files of an older format are brought to this one, step by step, before a start reads them.

Each file is kept as it was first (`format-1-of-journal-40.jsonl`), then made anew. A crash in between does no harm:
each file says in its first line which format it has, and what is kept already is not written over.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import reduce
from typing import Any

import msgspec
from twisted.logger import Logger

from provserver.errors import Damaged
from provserver.store.disk import IDisk, buffered, write_whole
from provserver.store.lines import FORMAT, Torn, checked_line, sealed

Line = dict[str, Any]
# From a format to the next one: what becomes of a line of a file ("snapshot", "journal", "history"). The first line
# of a file is changed too; its `format` is changed by itself.
STEPS: Mapping[int, Callable[[str, Line], Line]] = {}

_log = Logger()


def upgrade(disk: IDisk, steps: Mapping[int, Callable[[str, Line], Line]] = STEPS) -> None:
    """
    Bring all files to the format FORMAT.

    Raises:
        Damaged: a line is whole, and a step cannot take it.
        OSError: the disk takes nothing more; the files that were not made anew are as they were.
    """
    for name in disk.names():
        found = _format(disk, name)
        if found is None or found >= FORMAT or any(at not in steps for at in range(found, FORMAT)):
            continue  # what has no steps is for the reader to refuse
        kept = f"format-{found}-of-{name}"
        if kept not in disk.names():
            write_whole(disk, kept, buffered(disk.lines(name))).close()
        _log.info(
            "{file} has format {found} and is brought to {now}; as it was it is kept in {kept}",
            file=disk.shown(name), found=found, now=FORMAT, kept=disk.shown(kept),
        )  # fmt: skip
        todo = [steps[at] for at in range(found, FORMAT)]
        write_whole(disk, name, buffered(_changed(disk, name, todo))).close()


def _format(disk: IDisk, name: str) -> int | None:
    """Return the format of a file of the store; None is for any other file, and for one that is damaged."""
    if not name.startswith(("snapshot-", "journal-", "history-")) or not name.endswith(".jsonl"):
        return None
    try:
        first = msgspec.json.decode(checked_line(next(disk.lines(name), b"")))
        found: int | None = first.get("format")
    except (Torn, ValueError, AttributeError):
        return None
    return found if isinstance(found, int) else None


def _changed(disk: IDisk, name: str, todo: list[Callable[[str, Line], Line]]) -> Iterator[bytes]:
    file = name.partition("-")[0]
    for number, text in enumerate(disk.lines(name), 1):
        try:
            line = msgspec.json.decode(checked_line(text), type=dict[str, Any])
        except Torn:
            yield text  # the reader knows what a torn line is
            continue
        try:
            line = reduce(lambda line, step: step(file, line), todo, line)
        except (KeyError, TypeError, ValueError) as problem:
            raise Damaged(f"{disk.shown(name)}: line {number}: it cannot be upgraded ({problem!r})") from None
        line.pop("crc")
        if number == 1:
            line["format"] = FORMAT
        yield sealed(msgspec.json.encode(line)[1:])
