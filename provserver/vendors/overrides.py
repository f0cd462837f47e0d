"""The administrator's templates on this node's disk: `DIR/templates/<plugin id>/<name>`."""

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred, DeferredLock
from zope.interface import implementer

from provserver.core.override_names import check_override
from provserver.core.render import ETAG_LENGTH
from provserver.core.templates import check
from provserver.errors import Conflict, Invalid, NotFound, StoreFull
from provserver.interfaces import IOverrides
from provserver.model import Override

InThread = Callable[..., Deferred[Any]]
_MOST = 2_000  # templates: all are kept in memory


@implementer(IOverrides)
class LocalOverrides:
    """
    Writes one at a time, in a thread. Somebody may work in the folder with an editor at the same time; a link counts
    where it leads to a file of the same folder, and nowhere else.
    """

    def __init__(self, folder: Path, in_thread: InThread, refresh: Callable[[], Deferred[None]]) -> None:
        """`refresh`: look for templates again."""
        self._folder = folder
        self._in_thread = in_thread
        self._refresh = refresh
        self._changing = DeferredLock()

    def listed(self) -> Deferred[tuple[Override, ...]]:
        return self._in_thread(self._listed)

    def read(self, plugin_id: str, name: str) -> Deferred[tuple[Override, str]]:
        return self._in_thread(self._read_text, plugin_id, name)

    def write(self, plugin_id: str, name: str, text: str, expected: str | None) -> Deferred[Override]:
        return self._changed(self._write, plugin_id, name, text, expected)

    def delete(self, plugin_id: str, name: str, expected: str | None) -> Deferred[None]:
        return self._changed(self._delete, plugin_id, name, expected)

    def _changed(self, function: Callable[..., Any], *args: object) -> Deferred[Any]:
        return self._changing.run(lambda: Deferred.fromCoroutine(self._change(function, *args)))

    async def _change(self, function: Callable[..., Any], *args: object) -> Any:
        done = await self._in_thread(function, *args)
        await self._refresh()
        return done

    # --- in a thread ---------------------------------------------------------------------------------------

    def _listed(self) -> tuple[Override, ...]:
        found = []
        for path in sorted(self._folder.glob("*/**/*.tpl")):
            plugin_id, *rest = path.relative_to(self._folder).parts
            with suppress(Invalid, NotFound):
                found.append(self._read(plugin_id, "/".join(rest))[0])
        return tuple(found)

    def _read_text(self, plugin_id: str, name: str) -> tuple[Override, str]:
        override, body = self._read(plugin_id, name)
        try:
            return override, body.decode()
        except UnicodeDecodeError as problem:
            raise Invalid(f"{name} is not UTF-8, byte {problem.start} is not") from None

    def _read(self, plugin_id: str, name: str) -> tuple[Override, bytes]:
        """Raises: NotFound."""
        try:
            path = self._path(plugin_id, name)
            with path.open("rb") as file:
                modified, body = os.fstat(file.fileno()).st_mtime, file.read()
        except (OSError, Invalid):
            raise NotFound(f"No such resource: template {name[:60]!r} of {plugin_id[:60]!r}") from None
        return Override(plugin_id, name, len(body), modified, _etag(body)), body

    def _write(self, plugin_id: str, name: str, text: str, expected: str | None) -> Override:
        path = self._path(plugin_id, name)
        check(name, text)
        self._check_expected(plugin_id, name, expected)
        if not path.exists() and len(self._listed()) >= _MOST:
            raise Invalid(f"there are {_MOST} templates, and that is the most", "name")
        body = text.encode()
        half = path.with_name(f".{secrets.token_hex(8)}.part")
        with _on_disk(name):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                    file.write(body)
                    file.flush()
                    os.fsync(file.fileno())
                half.replace(path)
                _sync(path.parent)
            finally:
                half.unlink(missing_ok=True)
            return Override(plugin_id, name, len(body), path.stat().st_mtime, _etag(body))

    def _delete(self, plugin_id: str, name: str, expected: str | None) -> None:
        self._read(plugin_id, name)
        self._check_expected(plugin_id, name, expected)
        path = self._path(plugin_id, name)
        with _on_disk(name):
            path.unlink()
            _sync(path.parent)
            with suppress(OSError):  # something is left in it
                path.parent.rmdir()

    def _check_expected(self, plugin_id: str, name: str, expected: str | None) -> None:
        if expected is None:
            return
        try:
            current = self._read(plugin_id, name)[0].etag
        except NotFound:
            current = "none"
        if current != expected and (expected != "*" or current == "none"):
            raise Conflict(f"the template is at {current} now, and {expected[:60]} was expected")

    def _path(self, plugin_id: str, name: str) -> Path:
        """Raises: Invalid: it is no name, or a link on the way leads elsewhere."""
        check_override(plugin_id, name)
        root = (self._folder / plugin_id).resolve()
        path = root / name
        if not path.resolve().is_relative_to(root):
            raise Invalid(f"a link leads out of {root}", "name")
        return path


def _etag(body: bytes) -> str:
    return sha256(body).hexdigest()[:ETAG_LENGTH]


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _on_disk(name: str) -> Iterator[None]:
    try:
        yield
    except OSError as problem:
        raise StoreFull(f"cannot write {name}: {problem.strerror}") from None
