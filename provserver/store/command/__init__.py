"""The command `provd-store`: looks after what provd keeps in its state directory."""

import argparse
import sys
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from provserver.errors import Damaged, Held, Invalid, Locked
from provserver.store import whole
from provserver.store.command.wazo import Wazo
from provserver.store.disk import Disk, buffered, write_whole
from provserver.store.exporting import exported, imported
from provserver.store.lines import FORMAT
from provserver.store.sealing import Seal, name_of, new_key, read_key
from provserver.store.whole import Whole

_BY = "provd-store"
_EXAMPLE = "provd-store --state /var/lib/provd backup /var/backups/provd"


def main(argv: Sequence[str] | None = None) -> int:
    """Return the exit status: 0, or 1 where something is wrong with the store or with what was asked (argparse's own
    is 2)."""
    options = _parser().parse_args(argv)
    try:
        _COMMANDS[options.command](options)
    except (Invalid, Damaged, Held, Locked, OSError) as problem:
        sys.stderr.write(f"provd-store: {problem}\n")
        return 1
    return 0


def _check(options: argparse.Namespace) -> None:
    disk = _disk(options.state)
    seal = _seal(options)
    found = whole.read(disk, seal)
    _print(f"{disk.shown()} is whole: everything up to line {found.found.seq} can be read (format {FORMAT})")
    _print_counts(found)
    if found.found.tail:
        tail = found.found.tail
        _print(
            f"  {tail.name} ends in line {tail.line} with what is just being written, or was never acknowledged; "
            "a start cuts it off"
        )
    if seal.is_on:
        _print(f"  secrets in {found.sealed} lines are sealed")
    if found.odd:
        _print(f"  {found.odd} lines of the history cannot be read; they are passed over")


def _export(options: argparse.Namespace) -> None:
    seal = _seal(options)
    if seal.is_on and not (options.clear_text or options.masked):
        raise Invalid("the secrets are sealed: say --clear-text for an export that shows them, or --masked")
    copy = whole.read(_disk(options.state), seal).copy
    pieces = buffered(exported(copy, not options.no_presence, options.masked))
    if options.file == "-":
        sys.stdout.buffer.writelines(pieces)
        sys.stdout.flush()
        return
    path = Path(options.file)
    folder = Disk(path.parent)  # SIP passwords are in it: nobody else may read it
    write_whole(folder, path.name, pieces).close()


def _import(options: argparse.Namespace) -> None:
    if (options.file is None) == (options.from_wazo is None):
        raise Invalid("import takes either a FILE or --from-wazo DIR")
    report: list[str] = []
    if options.from_wazo:
        source = options.from_wazo
        wazo = Wazo(Path(source), options.master or str(uuid.uuid4()))
        puts, report = wazo.puts(), wazo.report
    else:
        source = options.file
        text = sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
        puts = tuple(imported(text))
    disk = Disk(options.state / "store")
    disk.lock()
    try:
        _make_room(disk, options)
        filled = whole.fill(disk, puts, _BY, f"import {source}", time.time(), _seal(options))
    finally:
        disk.unlock()
    for line in report:
        _print(f"did not fit: {line}")
    _print(f"{disk.shown()} holds what was in {source}")
    _print_counts(filled)


def _make_room(disk: Disk, options: argparse.Namespace) -> None:
    """See that nothing is lost. Raises: Invalid."""
    if not any(name.endswith(".jsonl") for name in disk.names()):
        return
    before = whole.read(disk, _seal(options))
    if not before.copy.count():
        return
    if not options.replace:
        raise Invalid(
            f"{disk.shown()} holds {before.copy.count()} documents. With --replace they are kept in a backup "
            "beside it, and what is imported takes their place"
        )
    kept = options.state / f"store-before-{before.found.seq + 1}"
    _backup_to(disk, kept, _seal(options))
    _print(f"what was there is kept in {kept}")


def _backup(options: argparse.Namespace) -> None:
    target = Path(options.to)
    copied = _backup_to(_disk(options.state), target / "store", _seal(options))
    _print(
        f"{target} is a whole copy up to line {copied.found.seq}; `provd-store --state {target} check` looks again"
    )
    _print_counts(copied)


def _backup_to(disk: Disk, folder: Path, seal: Seal) -> Whole:
    to = Disk(folder)
    to.lock()
    try:
        return whole.backup(disk, to, seal)
    finally:
        to.unlock()


def _compact(options: argparse.Namespace) -> None:
    disk = _disk(options.state)
    seal = _new_seal(options)
    disk.lock()
    try:
        before, after = whole.compact(disk, seal, everything=options.key_file is not None)
    finally:
        disk.unlock()
    sizes = [_megabytes(sum(one.sizes.values())) for one in (before, after)]
    _print(f"{disk.shown()}: {sizes[0]} MB before, {sizes[1]} MB now")
    if options.key_file:
        _print(f"  secrets in {after.sealed} lines are sealed")


def _new_seal(options: argparse.Namespace) -> Seal:
    """Return what opens the store as it is, and seals it as it shall be."""
    if not (options.new_key_file or options.clear_text):
        return _seal(options)
    if options.new_key_file and options.clear_text:
        raise Invalid("compact takes either --new-key-file or --clear-text")
    if options.key_file is None:
        raise Invalid("--key-file must name the key until now")
    key = read_key(options.new_key_file) if options.new_key_file else None
    return Seal(key, read_key(options.key_file))


def _new_key(options: argparse.Namespace) -> None:
    path = Path(options.file)
    name = name_of(new_key(path))
    _print(
        f"{path} holds key {name}. Keep a copy of it elsewhere: without it no password in the state directory, "
        "nor in any backup of it, can be read again"
    )


_COMMANDS: Mapping[str, Callable[[argparse.Namespace], None]] = {
    "check": _check,
    "export": _export,
    "import": _import,
    "backup": _backup,
    "compact": _compact,
    "new-key": _new_key,
}


def _disk(state: Path) -> Disk:
    """Raises: Invalid: there is nothing, and to look must not make it."""
    folder = state / "store"
    if not folder.is_dir():
        raise Invalid(f"there is no folder {folder}; --state names the state directory of provd")
    return Disk(folder)


def _seal(options: argparse.Namespace) -> Seal:
    return Seal(read_key(options.key_file) if options.key_file else None)


def _print_counts(found: Whole) -> None:
    for name, count in found.counts().items():
        if count:
            _print(f"  {name:<12}{count:>9}")
    _print(f"  {len(found.sizes)} files with {_megabytes(sum(found.sizes.values()))} MB")


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f}"


def _print(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="provd-store", description=__doc__, epilog=f"Example: {_EXAMPLE}")
    parser.add_argument(
        "--state", type=Path, default=Path("var"), metavar="DIR", help="provd's state directory (%(default)s)"
    )
    parser.add_argument(
        "--key-file",
        type=Path,
        metavar="FILE",
        help="the key of the secrets, as in the setting store.key_file",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add(commands, "check", "verify everything and count it; provd may run")
    export = _add(commands, "export", "write all documents as one JSON document; provd may run")
    export.add_argument(
        "file", nargs="?", default="-", metavar="FILE", help="`-` or nothing is standard output"
    )
    export.add_argument("--no-presence", action="store_true", help="without what is only seen of phones")
    export.add_argument("--masked", action="store_true", help="without secrets; it cannot be imported")
    export.add_argument(
        "--clear-text", action="store_true", help="with secrets, although they are sealed here"
    )
    taking = _add(commands, "import", "hold what an export has, or another server; provd must not run")
    taking.add_argument("file", nargs="?", metavar="FILE", help="an export; `-` is standard input")
    taking.add_argument("--from-wazo", metavar="DIR", help="wazo-provd's folder, /var/lib/wazo-provd")
    taking.add_argument("--master", metavar="UUID", help="with --from-wazo: the master tenant, Wazo's own")
    taking.add_argument(
        "--replace", action="store_true", help="also if there are documents; they are kept beside"
    )
    backup = _add(commands, "backup", "copy the store; provd may run")
    backup.add_argument("to", metavar="DIR", help="a new state directory for the copy")
    compact = _add(commands, "compact", "write a snapshot and begin a new journal; provd must not run")
    compact.add_argument("--new-key-file", type=Path, metavar="FILE", help="seal all secrets with this key")
    compact.add_argument("--clear-text", action="store_true", help="seal nothing any more")
    making = _add(commands, "new-key", "make a file with a key for the setting store.key_file")
    making.add_argument("file", metavar="FILE", help="a new file")
    return parser


def _add(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, title: str
) -> argparse.ArgumentParser:
    return commands.add_parser(name, help=title, description=f"{title[0].upper()}{title[1:]}.")
