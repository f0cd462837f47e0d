"""What a server that speaks wazo-auth's API answers, and the file that says who provd is there."""

import re
from typing import TypeVar

import msgspec
from attrs import field, frozen

from provserver.errors import AuthAway, Invalid
from provserver.model import Tenant

_T = TypeVar("_T")


@frozen
class Known:
    """What the server says of a token."""

    holder: str
    tenant: str
    acl: tuple[str, ...]


@frozen
class OwnToken:
    """What opens the server to provd itself."""

    token: str = field(repr=False)
    tenant: str


@frozen
class ServiceKey:
    id: str
    key: str = field(repr=False)


class _Metadata(msgspec.Struct):
    tenant_uuid: str


class _Data(msgspec.Struct):
    metadata: _Metadata
    token: str = ""
    auth_id: str | None = None
    acl: list[str] | None = None


class _Token(msgspec.Struct):
    data: _Data


class _Tenant(msgspec.Struct):
    uuid: str
    name: str | None = None
    parent_uuid: str | None = None


class _Tenants(msgspec.Struct):
    items: list[_Tenant]


def read_token(body: bytes) -> Known:
    """Read `{"data": {"token", "auth_id", "acl", "metadata": {"tenant_uuid"}}}`. Raises: AuthAway."""
    data = _decoded(body, _Token).data
    return Known(data.auth_id or "unnamed", data.metadata.tenant_uuid, tuple(data.acl or ()))


def read_own_token(body: bytes) -> OwnToken:
    """Read the same, of the token that was made. Raises: AuthAway."""
    data = _decoded(body, _Token).data
    return OwnToken(data.token, data.metadata.tenant_uuid)


def read_tenants(body: bytes) -> tuple[Tenant, ...]:
    """Read `{"items": [{"uuid", "name", "parent_uuid"}]}`; the root is its own parent there. Raises: AuthAway."""
    return tuple(
        Tenant(item.uuid, name=item.name or "", parent=item.parent_uuid if item.parent_uuid != item.uuid else None)
        for item in _decoded(body, _Tenants).items
    )  # fmt: skip


def read_service_key(text: str) -> ServiceKey:
    """
    Read the lines `service_id: …` and `service_key: …`, as wazo-auth writes them.

    Raises:
        Invalid: one of them is missing. What the file holds is not told.
    """
    pairs = re.findall(r"^(service_id|service_key)\s*:\s*(['\"]?)(\S+)\2\s*$", text, re.MULTILINE)
    values = {name: value for name, _, value in pairs}
    for name in ("service_id", "service_key"):
        if name not in values:
            raise Invalid(f"expected a line `{name}: …`")
    return ServiceKey(values["service_id"], values["service_key"])


def _decoded(body: bytes, kind: type[_T]) -> _T:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise AuthAway("the authentication server's answer is not what it should be") from None
