"""Tenants: a tree with the master tenant at its root, what is in each, and what goes with it."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from attrs import evolve

from provserver.core.reading import found, master
from provserver.errors import Forbidden, Invalid
from provserver.interfaces import IStore
from provserver.model import Commit, Committed, Config, Delete, Device, Line, Put, Tenant, Token

_AT_ONCE = 200  # documents of one commit: more would keep phones waiting
Change = Put | Delete


class TenantTree:
    """Who stands beneath whom. What was found is kept until a tenant changes: each request asks."""

    def __init__(self, store: IStore) -> None:
        self._store = store
        self._kept: dict[str, frozenset[str]] = {}
        store.watch(store.seq, self._changed)

    def beneath(self, tenant_id: str) -> frozenset[str]:
        """Return a tenant and all that descend from it."""
        if tenant_id not in self._kept:
            self._kept[tenant_id] = beneath(self._store, tenant_id)
        return self._kept[tenant_id]

    def _changed(self, committed: Committed) -> None:
        if _tenants_of(committed.commit):
            self._kept.clear()


def beneath(store: IStore, tenant_id: str) -> frozenset[str]:
    """Return a tenant and all that descend from it; that it exists is not looked at."""
    known: set[str] = set()
    todo = [tenant_id]
    while todo:
        next_id = todo.pop()
        if next_id not in known:
            known.add(next_id)
            todo += [child.id for child in store.find(Tenant, "parent", next_id)]
    return frozenset(known)


def above(store: IStore, tenant_id: str) -> frozenset[str]:
    """Return all tenants from which one descends."""
    known: set[str] = set()
    tenant = found(store, Tenant, tenant_id)
    while tenant and tenant.parent and tenant.parent not in known:
        known.add(tenant.parent)
        tenant = found(store, Tenant, tenant.parent)
    return frozenset(known)


def check_tree(commit: Commit, store: IStore) -> None:
    """
    See that the tenants are one tree after a commit.

    Raises:
        Invalid: a parent that does not exist or descends from the tenant, or a second tenant without parent.
        Forbidden: nothing would be left to be the master tenant, or a tenant would lose its parent.
    """
    changed = _tenants_of(commit)
    if not changed:
        return
    now = master(store)
    root = changed.get(now.id, now)
    roots = {one.id for one in changed.values() if one and one.parent is None}
    if root and root.parent is None:
        roots.add(now.id)
    for tenant_id, tenant in changed.items():
        if tenant:
            _check_line(tenant, changed, store)
        elif any(child.id not in changed for child in store.find(Tenant, "parent", tenant_id)):
            raise Forbidden(f"tenant {tenant_id} has tenants beneath it")
    if not roots:
        raise Forbidden(f"{now.id} is the master tenant, which there must be")
    if len(roots) > 1:
        raise Invalid("expected the id of a tenant: there is one master tenant", "parent_id")


def _check_line(tenant: Tenant, changed: Mapping[str, Tenant | None], store: IStore) -> None:
    """Go up from a tenant to the master."""
    passed = {tenant.id}
    at = tenant
    while at.parent is not None:
        if at.parent in passed:
            raise Invalid(f"tenant {at.parent} is the tenant itself, or beneath it", "parent_id")
        passed.add(at.parent)
        above_it = changed[at.parent] if at.parent in changed else found(store, Tenant, at.parent)
        if above_it is None:
            raise Invalid(f"there is no tenant {at.parent[:60]!r}", "parent_id")
        at = above_it


def _tenants_of(commit: Commit) -> dict[str, Tenant | None]:
    """Return the tenants of a commit as it leaves them; None is deleted."""
    tenants: dict[str, Tenant | None] = {}
    for change in commit.changes:
        if isinstance(change, Put) and isinstance(change.document, Tenant):
            tenants[change.document.id] = change.document
        elif isinstance(change, Delete) and change.kind is Tenant:
            tenants[change.id] = None
    return tenants


# --- what is in a tenant ---------------------------------------------------------------------------------------


def contents(store: IStore, tenant_id: str) -> dict[str, int]:
    """Count what would have no owner without a tenant."""
    return {
        "tenants": store.count(Tenant, "parent", tenant_id),
        "devices": sum(device.tenant == tenant_id for device in store.find(Device, "tenant", tenant_id)),
        "configs": store.count(Config, "tenant", tenant_id),
        "lines": store.count(Line, "tenant", tenant_id),
        "tokens": store.count(Token, "tenant", tenant_id),
    }


def removal(store: IStore, tenant_id: str) -> Iterator[tuple[Change, ...]]:
    """
    Give the commits that take a tenant away with all that is in it and beneath it, one after another: each is made
    of what is there when the one before has happened. Tokens go first, so that nobody adds to it, the tenant last but
    for what phones brought meanwhile. Where it ends early, doing it again goes on.
    """
    for child in store.find(Tenant, "parent", tenant_id):
        yield from removal(store, child.id)
    yield from _portions(Delete(Token, token.id) for token in store.find(Token, "tenant", tenant_id))
    yield from _emptied(store, tenant_id)
    if found(store, Tenant, tenant_id):
        yield (Delete(Tenant, tenant_id),)
    yield from _emptied(store, tenant_id)


def _emptied(store: IStore, tenant_id: str) -> Iterator[tuple[Change, ...]]:
    yield from _portions(Delete(Line, line.id) for line in store.find(Line, "tenant", tenant_id))
    yield from _portions(_without(device, tenant_id) for device in store.find(Device, "tenant", tenant_id))
    kept = (config for config in store.find(Config, "tenant", tenant_id) if not config.deletable)
    yield from _portions(Put(evolve(config, deletable=True), config.rev) for config in kept)
    yield from _portions(Delete(Config, config.id) for config in store.find(Config, "tenant", tenant_id))


def _without(device: Device, tenant_id: str) -> Change:
    if device.tenant == tenant_id:
        return Delete(Device, device.id)
    return Put(
        evolve(device, guests=tuple(guest for guest in device.guests if guest != tenant_id)), device.rev
    )


def moved(store: IStore, before: str, after: str) -> Iterator[tuple[Change, ...]]:
    """Give the commits that bring the devices, configs, lines and tokens of a tenant into another."""
    kinds: tuple[Any, ...] = (Device, Config, Line, Token)
    for kind in kinds:
        owned = (one for one in store.find(kind, "tenant", before) if one.tenant == before)
        yield from _portions(Put(evolve(one, tenant=after), one.rev) for one in owned)


def _portions(changes: Iterable[Change]) -> Iterator[tuple[Change, ...]]:
    iterator = iter(changes)
    while portion := tuple(islice(iterator, _AT_ONCE)):
        yield portion
