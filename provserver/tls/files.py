"""Certificate, key and authorities as files: read at start, and again when they have changed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from attrs import frozen
from cryptography.x509 import Certificate
from twisted.internet.defer import Deferred
from twisted.logger import Logger

from provserver.errors import Invalid, ProvdError
from provserver.tls.contexts import Contexts, make_contexts
from provserver.tls.pem import read_certificates, read_pair, validity

InThread = Callable[..., Deferred[Any]]
_DAY_S = 86_400
_SUFFIXES = (".pem", ".crt")

Stamp = tuple[tuple[Path, int, int, int], ...]  # file, time of change in ns, size, inode


@frozen
class Paths:
    certificate: Path
    key: Path  # may be the same file
    client_ca: Path | None  # folder of makers' authorities


@frozen
class Loaded:
    stamp: Stamp
    certificate: Certificate
    contexts: Contexts


class TlsFiles:
    """
    Connections that are open keep the certificate that they were made with. Where a new pair is broken the old one
    goes on, and the log says so once.
    """

    _log = Logger()

    def __init__(self, paths: Paths, in_thread: InThread, now: Callable[[], float]) -> None:
        self._paths = paths
        self._in_thread = in_thread
        self._now = now
        self._problem = ""
        self._warned_on = -1  # day

    def load(self) -> None:
        """Read them for the first time, blocking. Raises: Invalid, OSError."""
        self._loaded = _load(self._paths)
        self._warn_of_time()

    @property
    def contexts(self) -> Contexts:
        return self._loaded.contexts

    def refresh(self) -> Deferred[None]:
        """Read them if they have changed; it does not fail. The next call waits for the end of this one."""
        return Deferred.fromCoroutine(self._refresh())

    async def _refresh(self) -> None:
        try:
            found: Loaded | None = await self._in_thread(_load_changed, self._paths, self._loaded.stamp)
        except (ProvdError, OSError) as problem:
            if str(problem) != self._problem:
                self._problem = str(problem)
                self._log.error("TLS goes on with the certificate from before: {why}", why=self._problem)
        else:
            self._problem = ""
            if found:
                self._loaded = found
                self._warned_on = -1
                self._log.info("TLS has a new certificate, good until {ends}", ends=_ends(found.certificate))
        self._warn_of_time()

    def _warn_of_time(self) -> None:
        day = int(self._now()) // _DAY_S
        if day == self._warned_on:
            return
        self._warned_on = day
        trouble = validity(self._loaded.certificate, self._now())
        if trouble:
            self._log.warn(
                "the certificate {path} {trouble}", path=str(self._paths.certificate), trouble=trouble
            )


def _ends(certificate: Certificate) -> str:
    return f"{certificate.not_valid_after_utc:%Y-%m-%d}"


def _load_changed(paths: Paths, stamp: Stamp) -> Loaded | None:
    return _load(paths) if _stamp(paths) != stamp else None


def _load(paths: Paths) -> Loaded:
    stamp = _stamp(paths)  # before the content: what changes meanwhile is seen the next time
    pair = read_pair(paths.certificate.read_bytes(), paths.key.read_bytes())
    contexts = make_contexts(pair, _authorities(paths.client_ca) if paths.client_ca else ())
    return Loaded(stamp, pair.certificate, contexts)


def _authorities(folder: Path) -> tuple[Certificate, ...]:
    found: dict[Certificate, None] = {}
    for path in _files(folder):
        try:
            found.update(dict.fromkeys(read_certificates(path.read_bytes())))
        except Invalid as problem:
            raise Invalid(f"{path}: {problem.text}", "tls.client_ca") from None
    if not found:
        raise Invalid(f"expected certificates ({', '.join(_SUFFIXES)}) in {folder}", "tls.client_ca")
    return tuple(found)


def _files(folder: Path) -> list[Path]:
    """Raises: OSError."""
    return sorted(path for path in folder.iterdir() if path.suffix in _SUFFIXES and path.is_file())


def _stamp(paths: Paths) -> Stamp:
    """Raises: OSError."""
    files = [paths.certificate, paths.key, *(_files(paths.client_ca) if paths.client_ca else ())]
    return tuple(
        (path, found.st_mtime_ns, found.st_size, found.st_ino) for path in files for found in (path.stat(),)
    )
