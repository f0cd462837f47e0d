"""Edits: what a change that somebody asks for must satisfy, and what follows from it."""

from collections.abc import Iterator

import msgspec
from attrs import evolve

from provserver.core.reading import found, tenant_with
from provserver.core.tenants import check_tree
from provserver.errors import Forbidden, Invalid
from provserver.interfaces import IStore
from provserver.model import Commit, Config, Delete, Device, Document, Presence, Put, Tenant, Token
from provserver.raw_config import check


def completed(commit: Commit, store: IStore) -> Commit:
    """
    Return the commit with all that follows from it.

    Raises:
        Invalid: a value is wrong; the field is named.
        NotFound: what should be deleted does not exist.
        Forbidden: a config that should be deleted is not deletable, or a tenant is needed by others.
    """
    check_tree(commit, store)
    changes = [
        evolve(change, holds=_holds(change)) if isinstance(change, Put) else change
        for change in commit.changes
    ]
    for change in commit.changes:
        if isinstance(change, Put):
            _check(change.document, commit, store)
        changes.extend(_following(change, store))
    return evolve(commit, changes=tuple(changes))


def _check(document: Document, commit: Commit, store: IStore) -> None:
    if not document.id:
        raise Invalid("an empty id", "id")
    if isinstance(document, Config):
        check(msgspec.json.decode(document.raw))
    if isinstance(document, Tenant) and document.key:
        other = tenant_with(store, document.key)
        if other and other.id != document.id and not _is_deleted(other, commit):
            raise Invalid("another tenant already uses this provisioning key.")
    if isinstance(document, Token) and found(store, Tenant, document.tenant) is None:
        raise Invalid(f"there is no tenant {document.tenant[:60]!r}", "tenant_uuid")


def _is_deleted(tenant: Tenant, commit: Commit) -> bool:
    return any(
        isinstance(change, Delete) and (change.kind, change.id) == (Tenant, tenant.id)
        for change in commit.changes
    )


def _holds(put: Put) -> frozenset[tuple[str, str]]:
    if isinstance(put.document, Tenant) and put.document.key:
        return put.holds | {("key", put.document.key)}
    return put.holds


def _following(change: Put | Delete, store: IStore) -> Iterator[Delete]:
    if isinstance(change, Delete):
        document = store.get(change.kind, change.id)
        if isinstance(document, Config) and not document.deletable:
            raise Forbidden(f"The document {document.id} is not deletable")
        if isinstance(document, Device):
            if found(store, Presence, document.id):
                yield Delete(Presence, document.id)
            yield from _abandoned(document, store)
    elif isinstance(change.document, Device):
        before = found(store, Device, change.document.id)
        if before and before.config != change.document.config:
            yield from _abandoned(before, store)


def _abandoned(device: Device, store: IStore) -> Iterator[Delete]:
    """A transient config goes with the last device that used it."""
    config = found(store, Config, device.config)
    if config and config.transient and store.count(Device, "config", config.id) == 1:
        yield Delete(Config, config.id)
