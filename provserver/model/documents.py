"""Documents: what the store keeps. `docs/words.md` explains the words."""

from collections.abc import Mapping

from attrs import field, frozen

from provserver.model.words import NOTHING, Json


@frozen
class Document:
    """`rev` is the commit that wrote it: it grows, is never used twice, and on the wire is only the ETag."""

    id: str
    rev: int = field(default=0, kw_only=True)
    other: Json = field(default=NOTHING, kw_only=True)  # a client's unknown fields, given back


@frozen
class Device(Document):
    """What is *decided* about a phone. What is only seen is in its `Presence`: a boot changes no rev here."""

    mac: str | None = None
    vendor: str | None = None
    model: str | None = None
    serial: str | None = None
    uuid: str | None = None
    plugin: str | None = None  # as the client wrote it; may name one that is not here
    chosen: str = ""  # `auto`: a sighting chose the plugin, and one that says more may choose anew
    config: str | None = None  # may name one that does not exist yet
    tenant: str = ""
    added: str = ""  # `auto` where a sighting made it
    guests: tuple[str, ...] = ()  # other tenants that have a line on it: they see it, and no more
    options: Json = NOTHING


@frozen
class Presence(Document):
    """What was last seen of the device with this id. Written in batches, not waited for, not in the history."""

    ip: str | None = None
    version: str | None = None
    seen: float = 0.0
    proven_ip: str | None = None  # set by a lease, or by a sighting of proof KEY or more; by nothing else
    username: str | None = None  # the account that it last fetched (`remote_state_sip_username`)
    fetched: Mapping[str, str] = field(factory=dict)  # file name -> ETag


@frozen
class Config(Document):
    """A named layer of settings. `parents` may name configs that are missing, or itself."""

    parents: tuple[str, ...] = ()
    raw: Json = NOTHING
    role: str | None = None  # `autocreate`: the one that autoprov configs are made from
    transient: bool = False  # deleted with its last device
    deletable: bool = True
    tenant: str = ""  # its owner; "" is the master tenant


@frozen
class Tenant(Document):
    """An owner of devices, lines and configs. The one without parent is the master tenant."""

    name: str = ""
    parent: str | None = None
    key: str | None = field(default=None, repr=False)  # its provisioning key
    mirrored: bool = False  # it was seen at the external server, and goes when it is gone there


@frozen
class Token(Document):
    """What opens the REST API. The id names it and is no secret; the token itself is nowhere kept."""

    name: str = ""
    digest: str = field(default="", repr=False)  # SHA-256 of the token, hex
    acl: tuple[str, ...] = ()  # patterns (`core/acl.py`)
    tenant: str = ""
    created: float = 0.0
    expires: float | None = None  # None: never


@frozen
class Parameter(Document):
    """A parameter of the server that clients set while it runs; the id is its name. Without a document it has its
    default; None was set by somebody."""

    value: str | None = field(default=None, repr=False)  # of a proxy it may hold a password


@frozen
class Uninstalled(Document):
    """A plugin that is here and was taken out of use; the id is the plugin's."""
