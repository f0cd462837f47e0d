"""
Whose configs are whose (design section 9).

A config is its owner's and that of the tenants above it. What a tenant above hands down may be inherited from, but is
seen and changed only where it is the config of the tenant's own devices and of nobody else's. Tokens of the master
tenant see all, as clients of wazo-provd are used to.
"""

from collections.abc import Iterator

from provserver.core.reading import found, master
from provserver.core.tenants import above
from provserver.errors import Conflict, Forbidden, Invalid
from provserver.interfaces import IStore
from provserver.model import Caller, Config, Device, Tenant


def sees_all(store: IStore, caller: Caller) -> bool:
    return caller.home == master(store).id


def check_sees_all(store: IStore, caller: Caller, why: str) -> None:
    """See that who changes what is everybody's is of the master tenant. Raises: Forbidden."""
    if not sees_all(store, caller):
        raise Forbidden(f"only a token of the master tenant may: {why}")


def owner_of(store: IStore, caller: Caller) -> str:
    """Return the owner of a config that the caller makes, as `Config.tenant` has it."""
    return "" if caller.tenant == master(store).id else caller.tenant


def may_see(store: IStore, caller: Caller, config: Config) -> bool:
    """Say whether the caller sees a config; then it may change it too, because only its own devices feel it."""
    if sees_all(store, caller) or config.tenant in caller.tenants:
        return True
    if not _is_handed_down(store, caller, config) or not store.count(Device, "config", config.id):
        return False
    return all(device.tenant in caller.tenants for device in _devices_beneath(store, config.id))


def may_inherit(store: IStore, caller: Caller, config: Config) -> bool:
    """
    Say whether a config of the caller may have it as parent, which shows all that is in it. That of another tenant's
    phone holds its passwords, whoever wrote it.
    """
    if sees_all(store, caller) or config.tenant in caller.tenants:
        return True
    own = (device.tenant in caller.tenants for device in store.find(Device, "config", config.id))
    return _is_handed_down(store, caller, config) and all(own)


def check_config(store: IStore, caller: Caller, before: Config | None, config: Config) -> None:
    """
    See that a caller does not reach beyond its own by writing a config. Before a config exists nobody may wait for
    it: it would be handed to whoever guessed its id.

    Raises:
        Invalid: naming the field.
        Conflict: the id of a new config is in use already.
    """
    if sees_all(store, caller):
        return
    if config.role != (before.role if before else None):
        raise Invalid(
            "only a token of the master tenant may change it: it is about all tenants' phones", "role"
        )
    known = {config.id, *(before.parents if before else ())}
    for at, parent_id in enumerate(config.parents):
        parent = found(store, Config, parent_id)
        if parent_id not in known and (parent is None or not may_inherit(store, caller, parent)):
            raise Invalid(f"there is no config {parent_id[:60]!r} to inherit from", f"parent_ids.{at}")
    if before is None and not _is_free(store, caller, config.id):
        raise Conflict(config.id)


def check_device(store: IStore, caller: Caller, before: Device | None, device: Device) -> None:
    """See the same of a device: its phone, and so the caller, gets all that is in the config. Raises: Invalid."""
    if sees_all(store, caller) or device.config is None or (before and before.config == device.config):
        return
    config = found(store, Config, device.config)
    if config is None or not may_see(store, caller, config):
        raise Invalid(f"there is no config {device.config[:60]!r}", "config")


def check_tenant(store: IStore, caller: Caller, before: Tenant | None, tenant: Tenant) -> None:
    """See the same of the configs that a tenant names, which its devices inherit from. Raises: Invalid."""
    known = {before.default_config, *before.templates} if before else set()
    named = {"default_config": tenant.default_config}
    named |= {f"templates.{at}": config_id for at, config_id in enumerate(tenant.templates)}
    for name, config_id in named.items():
        config = found(store, Config, config_id)
        if config_id not in (None, *known) and (config is None or not may_inherit(store, caller, config)):
            raise Invalid(f"there is no config {str(config_id)[:60]!r} to inherit from", name)


def _is_handed_down(store: IStore, caller: Caller, config: Config) -> bool:
    return not config.tenant or config.tenant in above(store, caller.tenant)


def _is_free(store: IStore, caller: Caller, config_id: str) -> bool:
    """Say whether nothing of others waits for a config with this id."""
    children = store.find(Config, "parent", config_id)
    return all(child.tenant in caller.tenants for child in children) and all(
        device.tenant in caller.tenants for device in _devices_beneath(store, config_id)
    )


def _devices_beneath(store: IStore, config_id: str) -> Iterator[Device]:
    """Give the devices that have a config, or one that inherits from it."""
    passed: set[str] = set()
    todo = [config_id]
    while todo:
        next_id = todo.pop()
        if next_id not in passed:
            passed.add(next_id)
            yield from store.find(Device, "config", next_id)
            todo += [child.id for child in store.find(Config, "parent", next_id)]
