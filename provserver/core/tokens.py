"""Tokens: what is kept of them, and when they are good."""

from hashlib import sha256

from provserver.core.acl import EVERYTHING
from provserver.model import Token

_ADMINISTRATOR = "administrator"  # its id, which no token that is made can have


def digest_of(token: str) -> str:
    """Return what is kept of a token. It has 256 random bits, so nothing slower than SHA-256 is needed."""
    return sha256(token.encode("utf-8", "backslashreplace")).hexdigest()


def administrators(digest: str, master: str) -> Token:
    """Return the administrator's token, which may do everything in every tenant and is in no store."""
    return Token(_ADMINISTRATOR, name=_ADMINISTRATOR, digest=digest, acl=(EVERYTHING,), tenant=master)


def is_over(token: Token, now: float) -> bool:
    return token.expires is not None and token.expires <= now


def known_as(token: Token) -> str:
    """Return how the history calls its holder: `7f3a9c01 (Anna)`."""
    return token.id if token.id == _ADMINISTRATOR else f"{token.id[:8]} ({token.name})"
