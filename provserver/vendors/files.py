"""
The files on this node's disk: a vendor's templates, its plugins' static files, and the administrator's.

    DIR/templates/<plugin id>/<name>    DIR/files/<plugin id>/<path>    the administrator's, taken first
    <vendor's templates>/<name>         <plugin's root>/<path>          the vendor's own

Hidden files are passed over: editors and rsync leave half-written ones. A link counts where it leads to a file of
the same folder, and nowhere else.
"""

import hashlib
import os
import stat
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Generic, TypeVar

from attrs import frozen
from twisted.logger import Logger
from zope.interface import implementer

from provserver.core.render import ETAG_LENGTH
from provserver.core.templates import OWN
from provserver.interfaces import IFiles
from provserver.model import Stored
from provserver.vendors.loader import Loaded

T = TypeVar("T")

_SETTLED_S = 2.0
_MOST_TEMPLATE = 1 << 20  # bytes


@frozen
class _Index:
    """By plugin id, then by name. A file that is None is there, and cannot be served yet."""

    templates: Mapping[str, Mapping[str, str]]
    overridden: Mapping[str, frozenset[str]]
    files: Mapping[str, Mapping[str, Stored | None]]


class _LeftOut(Exception):
    """A file is not served; the text says why."""


@implementer(IFiles)
class LocalFiles:
    """
    Answers from an index; `refresh` makes a new one and then puts it in the old one's place.

    A file that is being copied is not there until two seconds after its last change, and hides the plugin's own
    meanwhile: a phone that gets nothing asks again, one that gets half a firmware may never start again.
    """

    _log = Logger()

    def __init__(self, state: Path, clock: Callable[[], float] = time.time) -> None:
        self._state = state
        self._clock = clock
        self._index = _Index({}, {}, {})
        self._texts = _Read(_text)
        self._stored = _Read(self._hashed)
        self._left_out: dict[str, str] = {}  # path -> why

    def template(self, plugin_id: str, name: str) -> str | None:
        return self._index.templates.get(plugin_id, {}).get(name)

    def overridden(self, plugin_id: str) -> frozenset[str]:
        return self._index.overridden.get(plugin_id, frozenset())

    def file(self, plugin_id: str, name: str) -> Stored | None:
        return self._index.files.get(plugin_id, {}).get(name)

    def refresh(self, loaded: Loaded) -> None:
        """Look at the disk again. It blocks, and must not run twice at a time. What cannot be served is logged
        once, for as long as it stays so."""
        templates: dict[str, Mapping[str, str]] = {}
        overridden: dict[str, frozenset[str]] = {}
        files: dict[str, Mapping[str, Stored | None]] = {}
        left_out: dict[str, str] = {}
        for vendor in loaded.vendors:
            own = self._texts.under(vendor.templates, left_out)
            always = {f"{OWN}{name}": text for name, text in own.items()}
            for plugin in vendor.plugins:
                mine = self._texts.under(f"{self._state}/templates/{plugin.id}", left_out)
                templates[plugin.id] = {**own, **mine, **always}
                overridden[plugin.id] = frozenset(mine) - always.keys()
                files[plugin.id] = {
                    **self._stored.under(plugin.root, left_out),
                    **self._stored.under(f"{self._state}/files/{plugin.id}", left_out),
                }
        self._texts.done()
        self._stored.done()
        for path, why in left_out.items() - self._left_out.items():
            self._log.warn("{path!r} is left out: {why}", path=path, why=why)
        self._left_out = left_out
        self._index = _Index(templates, overridden, files)

    def _hashed(self, path: str, status: os.stat_result) -> Stored | None:
        if 0 <= self._clock() - status.st_mtime < _SETTLED_S:  # a time to come was set by hand, at the end
            return None
        with open(path, "rb") as file:
            digest = hashlib.file_digest(file, "sha256")
            if _signature(os.fstat(file.fileno())) != _signature(status):
                return None
        return Stored(path, status.st_size, status.st_mtime, digest.hexdigest()[:ETAG_LENGTH])


class _Read(Generic[T]):
    """Reads the files of folders, each anew only when it has changed, or could not be served the last time."""

    def __init__(self, read: Callable[[str, os.stat_result], T]) -> None:
        self._read = read
        self._before: dict[str, tuple[tuple[int, ...], T]] = {}  # by path
        self._now: dict[str, tuple[tuple[int, ...], T]] = {}

    def under(self, folder: str, left_out: dict[str, str]) -> dict[str, T]:
        """Return what was read by name: relative to the folder, `/` between its parts."""
        found = {}
        root = os.path.realpath(folder)
        for path in _paths(root, left_out) if folder else ():
            try:
                found[os.path.relpath(path, root)] = self._value(path, root)
            except (_LeftOut, OSError) as problem:
                left_out[path] = str(problem)
        return found

    def done(self) -> None:
        """Forget the files that were not met since the last time."""
        self._before, self._now = self._now, {}

    def _value(self, path: str, root: str) -> T:
        path = os.path.realpath(path)
        if not path.startswith(f"{root}/"):
            raise _LeftOut(f"it is a link that leaves {root}")
        status = os.stat(path)
        if not stat.S_ISREG(status.st_mode):
            raise _LeftOut("it is not a file")
        signature, value = self._before.get(path, ((), None))
        if signature != _signature(status) or value is None:
            value = self._read(path, status)
        self._now[path] = (_signature(status), value)
        return value


def _paths(root: str, left_out: dict[str, str]) -> Iterator[str]:
    """Yield what lies under a folder and is neither a folder nor hidden; none where there is no such folder."""

    def unreadable(problem: OSError) -> None:
        if not isinstance(problem, FileNotFoundError):
            left_out[problem.filename] = str(problem)

    for folder, folders, names in os.walk(root, onerror=unreadable):
        folders[:] = [name for name in folders if not name.startswith(".")]
        links = [name for name in folders if os.path.islink(f"{folder}/{name}")]
        yield from (f"{folder}/{name}" for name in (*names, *links) if not name.startswith("."))


def _signature(status: os.stat_result) -> tuple[int, ...]:
    return (status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino, status.st_dev)


def _text(path: str, status: os.stat_result) -> str:
    if status.st_size > _MOST_TEMPLATE:
        raise _LeftOut(f"a template of {status.st_size} bytes, the most is {_MOST_TEMPLATE}")
    try:
        return Path(path).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as problem:
        raise _LeftOut(f"a template must be UTF-8, byte {problem.start} is not") from None
