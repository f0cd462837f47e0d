"""Tenants on the wire. The provisioning key is a parameter of the tenant, with an ACL of its own."""

import re
from collections.abc import Mapping

from attrs import evolve

from provserver.errors import Invalid
from provserver.model import Tenant
from provserver.rest.codec.values import kind, text

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_LONGEST_NAME = 256


def tenant_document(tenant: Tenant) -> dict[str, object]:
    return {"id": tenant.id, "name": tenant.name, "parent_id": tenant.parent}


def read_tenant(document: Mapping[str, object], before: Tenant) -> Tenant:
    """
    Return the tenant that a client describes; what it leaves out stays as before.

    Raises:
        Invalid: a field has a value that it cannot have, or is none of a tenant's.
    """
    for name in document:
        if name not in ("id", "name", "parent_id"):
            raise Invalid("expected id, name and parent_id only", name[:60])
    name = (text(document, "name") or "") if "name" in document else before.name
    if len(name) > _LONGEST_NAME or (name and not name.isprintable()):
        raise Invalid(f"expected a text of at most {_LONGEST_NAME} printable characters", "name")
    parent = document.get("parent_id", before.parent)
    if parent is not None and not isinstance(parent, str):
        raise Invalid(f"expected the id of a tenant, got {kind(parent)}", "parent_id")
    return evolve(before, name=name, parent=parent)


def uuid_of(document: Mapping[str, object]) -> str | None:
    """Return the id that a client chose, as clients write tenants. Raises: Invalid."""
    chosen = document.get("id")
    if chosen is None:
        return None
    if not isinstance(chosen, str) or not _UUID.fullmatch(chosen):
        got = repr(chosen[:60]) if isinstance(chosen, str) else kind(chosen)
        raise Invalid(f"expected a UUID in lower case like 3f2a0c1e-…, with its hyphens, got {got}", "id")
    return chosen
