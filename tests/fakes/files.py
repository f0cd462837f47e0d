"""Files in memory: a vendor's own templates, which all plugins share, its plugins' files, and the administrator's."""

from collections.abc import Mapping
from hashlib import sha256

from zope.interface import implementer

from provserver.core.render import ETAG_LENGTH
from provserver.core.templates import OWN
from provserver.interfaces import IFiles
from provserver.model import Stored


@implementer(IFiles)
class MemoryFiles:
    def __init__(
        self,
        templates: Mapping[str, str] | None = None,
        files: Mapping[tuple[str, str], bytes] | None = None,
    ) -> None:
        """`templates` by name, `files` by plugin id and name."""
        self.templates = dict(templates or {})
        self.overrides: dict[tuple[str, str], str] = {}
        self._files = {key: _stored(*key, body) for key, body in (files or {}).items()}
        self.asked: list[tuple[str, str]] = []  # plugin id and name, in order

    def override(self, plugin_id: str, name: str, text: str) -> None:
        """Put a template of the administrator's there."""
        self.overrides[plugin_id, name] = text

    def store(self, plugin_id: str, name: str, body: bytes) -> None:
        """Put a file of the administrator's there."""
        self._files[plugin_id, name] = _stored(plugin_id, name, body)

    def template(self, plugin_id: str, name: str) -> str | None:
        self.asked.append((plugin_id, name))
        if name.startswith(OWN):
            return self.templates.get(name.removeprefix(OWN))
        return self.overrides.get((plugin_id, name), self.templates.get(name))

    def overridden(self, plugin_id: str) -> frozenset[str]:
        return frozenset(name for owner, name in self.overrides if owner == plugin_id)

    def file(self, plugin_id: str, name: str) -> Stored | None:
        self.asked.append((plugin_id, name))
        return self._files.get((plugin_id, name))


def _stored(plugin_id: str, name: str, body: bytes) -> Stored:
    etag = sha256(body).hexdigest()[:ETAG_LENGTH]
    return Stored(f"memory:{plugin_id}/{name}", len(body), 0.0, etag)
