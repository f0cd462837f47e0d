"""Tokens on the wire. What opens the API is shown once, by the answer that made it."""

from collections.abc import Mapping

from attrs import evolve

from provserver.errors import Invalid
from provserver.model import Token
from provserver.rest.codec.times import read_time, time_text
from provserver.rest.codec.values import kind, text

_LONGEST_NAME = 100
_MOST_PATTERNS = 200


def token_document(token: Token, now: float) -> dict[str, object]:
    return {
        "id": token.id,
        "name": token.name,
        "acl": list(token.acl),
        "tenant_uuid": token.tenant,
        "created_at": time_text(token.created),
        "expires_at": time_text(token.expires),
        "expired": token.expires is not None and token.expires <= now,
    }


def read_token(document: Mapping[str, object], token: Token) -> Token:
    """
    Return the token with the name, ACL and expiry that a client wants.

    Raises:
        Invalid: a field is missing or wrong, or it would have expired when it was made.
    """
    for name in document:
        if name not in ("name", "acl", "expires_at"):
            raise Invalid("expected name, acl and expires_at only", name[:60])
    return evolve(token, name=_name(document), acl=_acl(document), expires=_expiry(document, token.created))


def _name(document: Mapping[str, object]) -> str:
    name = text(document, "name")
    if not name or len(name) > _LONGEST_NAME or not name.isprintable():
        raise Invalid(f"expected a text of 1 to {_LONGEST_NAME} printable characters", "name")
    return name


def _acl(document: Mapping[str, object]) -> tuple[str, ...]:
    acl = document.get("acl")
    if not isinstance(acl, list) or not 0 < len(acl) <= _MOST_PATTERNS:
        raise Invalid(f"expected a list of 1 to {_MOST_PATTERNS} patterns", "acl")
    for at, pattern in enumerate(acl):
        if not isinstance(pattern, str):
            raise Invalid(
                f"expected a pattern like provd.dev_mgr.devices.#, got {kind(pattern)}", f"acl.{at}"
            )
    return tuple(dict.fromkeys(acl))


def _expiry(document: Mapping[str, object], now: float) -> float | None:
    expires = read_time(document, "expires_at", None)
    if expires is not None and expires <= now:
        raise Invalid(f"expected a time to come, got {document['expires_at']!r}", "expires_at")
    return expires
