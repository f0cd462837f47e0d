"""Administrators' templates in memory, over the files that phones are served from."""

from hashlib import sha256

from twisted.internet.defer import Deferred, maybeDeferred
from zope.interface import implementer

from provserver.core.override_names import check_override
from provserver.core.render import ETAG_LENGTH
from provserver.core.templates import check
from provserver.errors import Conflict, NotFound
from provserver.interfaces import IOverrides
from provserver.model import Override
from tests.fakes.files import MemoryFiles


@implementer(IOverrides)
class MemoryOverrides:
    def __init__(self, files: MemoryFiles) -> None:
        self._texts = files.overrides

    def listed(self) -> Deferred[tuple[Override, ...]]:
        return maybeDeferred(
            lambda: tuple(_override(*key, text) for key, text in sorted(self._texts.items()))
        )

    def read(self, plugin_id: str, name: str) -> Deferred[tuple[Override, str]]:
        return maybeDeferred(self._read, plugin_id, name)

    def write(self, plugin_id: str, name: str, text: str, expected: str | None) -> Deferred[Override]:
        return maybeDeferred(self._write, plugin_id, name, text, expected)

    def delete(self, plugin_id: str, name: str, expected: str | None) -> Deferred[None]:
        return maybeDeferred(self._delete, plugin_id, name, expected)

    def _read(self, plugin_id: str, name: str) -> tuple[Override, str]:
        if (plugin_id, name) not in self._texts:
            raise NotFound(f"No such resource: template {name[:60]!r} of {plugin_id[:60]!r}")
        text = self._texts[plugin_id, name]
        return _override(plugin_id, name, text), text

    def _write(self, plugin_id: str, name: str, text: str, expected: str | None) -> Override:
        check_override(plugin_id, name)
        check(name, text)
        self._check(plugin_id, name, expected)
        self._texts[plugin_id, name] = text
        return _override(plugin_id, name, text)

    def _delete(self, plugin_id: str, name: str, expected: str | None) -> None:
        self._read(plugin_id, name)
        self._check(plugin_id, name, expected)
        del self._texts[plugin_id, name]

    def _check(self, plugin_id: str, name: str, expected: str | None) -> None:
        try:
            current = self._read(plugin_id, name)[0].etag
        except NotFound:
            current = "none"
        if expected not in (None, current) and (expected != "*" or current == "none"):
            raise Conflict(f"the template is at {current} now, and {expected} was expected")


def _override(plugin_id: str, name: str, text: str) -> Override:
    body = text.encode()
    return Override(plugin_id, name, len(body), 0.0, sha256(body).hexdigest()[:ETAG_LENGTH])
