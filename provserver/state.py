"""The state directory: who may read it, the administrator's token, and what listens where."""

import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

_TRAVERSED = 0o711  # a DHCP server must reach the lease socket, and may list nothing on its way
_PRIVATE = 0o700
_FILE = 0o600


class StateFolder:
    """
    `DIR/{admin-token,listening.json}` and the folders `run`, `store`, `templates`, `files`.

    Every method blocks, and is called only before the reactor runs or after it has stopped listening.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.token_path = path / "admin-token"
        self.run = path / "run"
        self.store = path / "store"
        self._listening = path / "listening.json"

    def make(self) -> None:
        """Make the folders that are not there, and give those of ours their modes. Raises: OSError."""
        for folder, mode in ((self.path, _TRAVERSED), (self.run, _TRAVERSED), (self.store, _PRIVATE)):
            folder.mkdir(mode=mode, parents=folder == self.path, exist_ok=True)
            folder.chmod(mode)
        for name in ("templates", "files"):
            (self.path / name).mkdir(mode=_PRIVATE, exist_ok=True)

    def token(self) -> str:
        """Return the administrator's token; the first start makes it. Raises: OSError."""
        try:
            if token := self.token_path.read_text(encoding="ascii").strip():
                return token
        except FileNotFoundError:
            pass
        token = secrets.token_urlsafe(32)
        self._write(self.token_path, f"{token}\n")
        return token

    def says_listening(self, ports: Mapping[str, object]) -> None:
        self._write(self._listening, json.dumps(ports) + "\n")

    def says_stopped(self) -> None:
        self._listening.unlink(missing_ok=True)

    def _write(self, path: Path, text: str) -> None:
        """Write in one step: nobody reads half of it, and nobody but our user reads it at all."""
        half = path.with_name(f".{path.name}.new")
        half.unlink(missing_ok=True)
        descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _FILE)
        with open(descriptor, "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        half.replace(path)
