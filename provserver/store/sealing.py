"""
Sealing: secrets as they lie on disk, where a key file is set.

Each document is written in two parts: what anybody may read, and what is or may hold a secret, which is encrypted
(AES-256 in GCM, NIST SP 800-38D) for its kind and id. As text it is `KEY.DATA`: the name of the key, and in Base64 12
random bytes with the cipher text behind them.
"""

import os
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from provserver.errors import Invalid, Locked

KEY_BYTES = 32
_NONCE_BYTES = 12
_OTHERS = 0o077


class Seal:
    """Seals with one key, and opens what any of its keys has sealed."""

    def __init__(
        self, key: bytes | None = None, *others: bytes, random: Callable[[int], bytes] = os.urandom
    ) -> None:
        """Without `key` nothing is sealed; `others` only open."""
        self._ciphers = {name_of(one): AESGCM(one) for one in (key, *others) if one is not None}
        self._name = name_of(key) if key is not None else ""
        self._random = random

    @property
    def is_on(self) -> bool:
        return self._name != ""

    def sealed(self, text: bytes, of: str) -> str:
        """Seal the secrets of a document: `of` is its kind and id."""
        nonce = self._random(_NONCE_BYTES)
        data = self._ciphers[self._name].encrypt(nonce, text, of.encode())
        return f"{self._name}.{b64encode(nonce + data).decode()}"

    def opened(self, sealed: str, of: str) -> bytes:
        """
        Return what was sealed.

        Raises:
            Locked: by another key.
            ValueError: it is not as it was sealed, or is another document's.
        """
        name, _, text = sealed.partition(".")
        cipher = self._ciphers.get(name)
        if cipher is None:
            known = (
                f"that is none of those given: {', '.join(self._ciphers)}"
                if self._ciphers
                else "none is given"
            )
            raise Locked(
                f"the secrets of {of} are sealed with key {name[:60]}, and {known}. The file with the key is named "
                "by the setting store.key_file, and by --key-file of provd-store"
            )
        try:
            data = b64decode(text, validate=True)
            return cipher.decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], of.encode())
        except (NotBase64, InvalidTag, ValueError):
            raise ValueError(f"the sealed secrets of {of} are not as they were written") from None


CLEAR = Seal()


def name_of(key: bytes) -> str:
    """Return the name of a key, which tells nothing of it."""
    return sha256(b"provd key " + key).hexdigest()[:8]


def new_key(path: Path, random: Callable[[int], bytes] = os.urandom) -> bytes:
    """Make a file with a new key that nobody else may read, and return the key. Raises: OSError."""
    key = random(KEY_BYTES)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with open(descriptor, "wb") as file:
        file.write(b64encode(key) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    return key


def read_key(path: Path) -> bytes:
    """
    Read a key file.

    Raises:
        Invalid: it holds no key, or others than its owner may read it.
        OSError.
    """
    with path.open("rb") as file:
        mode = os.fstat(file.fileno()).st_mode & 0o777
        text = file.read(1024).strip()
    if mode & _OTHERS:
        raise Invalid(f"others may read {path} (mode {mode:04o}): expected 0600 or 0400")
    try:
        key = b64decode(text, validate=True)
    except NotBase64:
        key = b""
    if len(key) != KEY_BYTES:
        raise Invalid(
            f"{path} holds no key: expected {KEY_BYTES} bytes in Base64, as `provd-store new-key` makes them"
        )
    return key
