"""Edits: what a change that somebody asks for must satisfy, and what follows from it."""

from collections.abc import Callable, Iterator

import msgspec
from attrs import evolve

from provserver.core.association.building import LINES
from provserver.core.association.following import followed
from provserver.core.lines import check_line
from provserver.core.reading import found, tenant_with
from provserver.core.slots import freed
from provserver.core.tenants import check_tree
from provserver.errors import Forbidden, Invalid
from provserver.interfaces import IStore
from provserver.model import (
    Commit,
    Config,
    Delete,
    Device,
    Document,
    Line,
    Pairing,
    Presence,
    Put,
    Tenant,
    Token,
)
from provserver.raw_config import check

_MADE_OF_LINES = "config {} is made of the lines that sit on its device, and changes with them"


def checks(commit: Commit, store: IStore) -> Iterator[None]:
    """
    Look at one change of a commit after another, so that whoever has many may pause between them.

    Raises:
        Invalid: a value is wrong; the field is named.
        NotFound: what should be deleted does not exist.
        Forbidden: a config that should be deleted is not deletable or made of lines, or a tenant is needed by others.
    """
    check_tree(commit, store)
    for change in commit.changes:
        if isinstance(change, Put):
            _check(change.document, commit, store)
        else:
            _check_deletable(store.get(change.kind, change.id))
        yield


def completed(commit: Commit, store: IStore, new_id: Callable[[], str]) -> Commit:
    """Return a commit, which was checked, with all that follows from it."""
    changes = followed(commit, store, new_id)
    held = [_holding(change) if isinstance(change, Put) else change for change in changes]
    following = (then for change in changes for then in _following(change, store))
    return evolve(commit, changes=(*held, *following, *freed(changes, store)))


def _check(document: Document, commit: Commit, store: IStore) -> None:
    if not document.id:
        raise Invalid("an empty id", "id")
    if isinstance(document, Config):
        check(msgspec.json.decode(document.raw))
        before = found(store, Config, document.id)
        if LINES in (document.role, before.role if before else None):
            raise Forbidden(_MADE_OF_LINES.format(document.id))
    if isinstance(document, Line):
        check_line(document, found(store, Line, document.id), store)
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


def _check_deletable(document: Document) -> None:
    if isinstance(document, Config) and document.role == LINES:
        raise Forbidden(_MADE_OF_LINES.format(document.id))
    if isinstance(document, Config) and not document.deletable:
        raise Forbidden(f"The document {document.id} is not deletable")


def _holding(put: Put) -> Put:
    """Return a change with the unique key that its document holds."""
    document = put.document
    if isinstance(document, Tenant) and document.key:
        return Put(document, put.expected, put.holds | {("key", document.key)})
    if isinstance(document, Line) and document.code:
        return Put(document, put.expected, put.holds | {("code", document.code)})
    return put


def _following(change: Put | Delete, store: IStore) -> Iterator[Delete]:
    if isinstance(change, Delete):
        device = found(store, Device, change.id) if change.kind is Device else None
        if device:
            for kind in (Presence, Pairing):
                if found(store, kind, device.id):
                    yield Delete(kind, device.id)
            yield from _abandoned(device, store)
    elif isinstance(change.document, Device):
        before = found(store, Device, change.document.id)
        if before and before.config != change.document.config:
            yield from _abandoned(before, store)


def _abandoned(device: Device, store: IStore) -> Iterator[Delete]:
    """A transient config goes with the last device that used it, and so does one that is made of its lines."""
    config = found(store, Config, device.config)
    goes = config is not None and (config.transient or config.role == LINES)
    if config and goes and store.count(Device, "config", config.id) == 1:
        yield Delete(Config, config.id)
