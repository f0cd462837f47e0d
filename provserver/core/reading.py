"""Reading: the questions that the chain asks of the store."""

from collections.abc import Iterator

from provserver.errors import NotFound
from provserver.interfaces import D, IStore
from provserver.model import Config, Device, Parameter, Presence, Tenant


def found(store: IStore, kind: type[D], doc_id: str | None) -> D | None:
    """Return a document, None where there is none."""
    if doc_id is None:
        return None
    try:
        return store.get(kind, doc_id)
    except NotFound:
        return None


def tenant_with(store: IStore, key: str) -> Tenant | None:
    """Return the tenant that a provisioning key belongs to."""
    return next(iter(store.find(Tenant, "key", key)), None)


def master(store: IStore) -> Tenant:
    """Return the tenant that has no parent; the first start made it."""
    return store.find(Tenant, "parent", "")[0]


def parameter(store: IStore, name: str) -> str | None:
    """Return the value of a parameter of the server, None where nobody has set it."""
    document = found(store, Parameter, name)
    return document.value if document else None


def autocreate_template(store: IStore) -> Config | None:
    """Return the config that autoprov configs are made from."""
    return next(iter(store.find(Config, "role", "autocreate")), None)


def is_waiting(store: IStore, config: Config | None) -> bool:
    """Say whether a phone with this config waits for its user: it is its own, and made from the template."""
    template = autocreate_template(store)
    return config is not None and config.transient and template is not None and template.id in config.parents


def waiting_devices(store: IStore) -> Iterator[Device]:
    """Give all devices that wait for their user."""
    template = autocreate_template(store)
    for config in store.find(Config, "parent", template.id) if template else ():
        if config.transient:
            yield from store.find(Device, "config", config.id)


def devices_at(store: IStore, ip: str) -> tuple[Device, ...]:
    """Return the devices that were last seen at an address."""
    presences = store.find(Presence, "ip", ip)
    return tuple(device for presence in presences if (device := found(store, Device, presence.id)))


def rank(store: IStore, device: Device) -> tuple[bool, float]:
    """Of two devices with one mac the configured one is taken, then the one seen last."""
    config = found(store, Config, device.config)
    presence = found(store, Presence, device.id)
    return config is not None and not config.transient, presence.seen if presence else 0.0
