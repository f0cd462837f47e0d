"""Tenants on the wire. The provisioning key is a parameter of the tenant, with an ACL of its own."""

import re
from collections.abc import Mapping

from attrs import evolve

from provserver.core.access.policy import ELSEWHERE, LOCAL
from provserver.errors import Invalid
from provserver.model import Tenant
from provserver.rest.codec.values import flag, kind, text

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_LONGEST_NAME = 256
_MOST_TEMPLATES = 100
_FIELDS = ("id", "name", "parent_id", "policy", "default_config", "templates", "disabled")
_CHOICES = {"local": LOCAL, "elsewhere": ELSEWHERE}


def tenant_document(tenant: Tenant) -> dict[str, object]:
    policy = {name: value for name, value in _policy_of(tenant).items() if value is not None}
    document: dict[str, object] = {"id": tenant.id, "name": tenant.name, "parent_id": tenant.parent}
    if tenant.default_config:
        document["default_config"] = tenant.default_config
    if tenant.templates:
        document["templates"] = list(tenant.templates)
    if tenant.disabled:
        document["disabled"] = True
    return document | ({"policy": policy} if policy else {})


def read_tenant(document: Mapping[str, object], before: Tenant) -> Tenant:
    """
    Return the tenant that a client describes; what it leaves out stays as before.

    Raises:
        Invalid: a field has a value that it cannot have, or is none of a tenant's.
    """
    for name in document:
        if name not in _FIELDS:
            raise Invalid(f"expected {', '.join(_FIELDS)} only", name[:60])
    name = (text(document, "name") or "") if "name" in document else before.name
    if len(name) > _LONGEST_NAME or (name and not name.isprintable()):
        raise Invalid(f"expected a text of at most {_LONGEST_NAME} printable characters", "name")
    parent = document.get("parent_id", before.parent)
    if parent is not None and not isinstance(parent, str):
        raise Invalid(f"expected the id of a tenant, got {kind(parent)}", "parent_id")
    policy = _read_policy(document["policy"]) if "policy" in document else _policy_of(before)
    return evolve(
        before,
        name=name,
        parent=parent,
        policy_local=policy["local"],
        policy_elsewhere=policy["elsewhere"],
        default_config=_default_config(document, before),
        templates=_templates(document, before),
        disabled=flag(document, "disabled", before.disabled),
    )


def _default_config(document: Mapping[str, object], before: Tenant) -> str | None:
    config_id = document.get("default_config", before.default_config)
    if config_id is not None and not isinstance(config_id, str):
        raise Invalid(f"expected the id of a config, got {kind(config_id)}", "default_config")
    return config_id


def _templates(document: Mapping[str, object], before: Tenant) -> tuple[str, ...]:
    """Raises: Invalid."""
    if "templates" not in document:
        return before.templates
    templates = document["templates"] or []
    if not isinstance(templates, list) or len(templates) > _MOST_TEMPLATES:
        raise Invalid(f"expected a list of at most {_MOST_TEMPLATES} ids of configs", "templates")
    for at, config_id in enumerate(templates):
        if not isinstance(config_id, str):
            raise Invalid(f"expected the id of a config, got {kind(config_id)}", f"templates.{at}")
    return tuple(dict.fromkeys(templates))


def _policy_of(tenant: Tenant) -> dict[str, str | None]:
    return {"local": tenant.policy_local, "elsewhere": tenant.policy_elsewhere}


def _read_policy(policy: object) -> dict[str, str | None]:
    """Return both halves of a policy; one that is left out, or null, is that of the tenant above."""
    if policy is not None and not isinstance(policy, dict):
        raise Invalid(f"expected an object, got {kind(policy)}", "policy")
    said: dict[str, object] = policy or {}
    for name in said:
        if name not in _CHOICES:
            raise Invalid("expected local and elsewhere only", f"policy.{name[:60]}")
    return {name: _read_need(said.get(name), name) for name in _CHOICES}


def _read_need(word: object, name: str) -> str | None:
    if word is None or (isinstance(word, str) and word in _CHOICES[name]):
        return word
    got = repr(word[:60]) if isinstance(word, str) else kind(word)
    raise Invalid(f"expected one of {', '.join(_CHOICES[name])}, or null, got {got}", f"policy.{name}")


def uuid_of(document: Mapping[str, object]) -> str | None:
    """Return the id that a client chose, as clients write tenants. Raises: Invalid."""
    chosen = document.get("id")
    if chosen is None:
        return None
    if not isinstance(chosen, str) or not _UUID.fullmatch(chosen):
        got = repr(chosen[:60]) if isinstance(chosen, str) else kind(chosen)
        raise Invalid(f"expected a UUID in lower case like 3f2a0c1e-…, with its hyphens, got {got}", "id")
    return chosen
