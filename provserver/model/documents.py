"""Documents: what the store keeps. `docs/words.md` explains the words."""

from collections.abc import Mapping
from typing import Literal

from attrs import field, frozen

from provserver.model.words import HOLDS_SECRETS, NOTHING, SECRET, Json

WhenTaken = Literal["refuse", "move", "add"]


@frozen
class Document:
    """`rev` is the commit that wrote it: it grows, is never used twice, and on the wire is only the ETag."""

    id: str
    rev: int = field(default=0, kw_only=True)
    # A client's unknown fields, given back.
    other: Json = field(default=NOTHING, kw_only=True, repr=False, metadata=HOLDS_SECRETS)


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
    options: Json = field(default=NOTHING, repr=False, metadata=HOLDS_SECRETS)
    # Settings made for this phone alone, which hold where its config says nothing: random passwords.
    passwords: Json = field(default=NOTHING, repr=False, metadata=HOLDS_SECRETS)


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
    raw: Json = field(default=NOTHING, repr=False, metadata=HOLDS_SECRETS)
    role: str | None = None  # `autocreate`: the one that autoprov configs are made from
    transient: bool = False  # deleted with its last device
    deletable: bool = True
    tenant: str = ""  # its owner; "" is the master tenant


@frozen
class Tenant(Document):
    """An owner of devices, lines and configs. The one without parent is the master tenant."""

    name: str = ""
    parent: str | None = None
    key: str | None = field(default=None, repr=False, metadata=SECRET)  # its provisioning key
    mirrored: bool = False  # it was seen at the external server, and goes when it is gone there
    policy_local: str | None = None  # what proof a secret needs (`core/access/policy.py`); None: as above it
    policy_elsewhere: str | None = None
    default_config: str | None = None  # under its lines' devices: registrar, domain, time zone, passwords
    templates: tuple[str, ...] = ()  # configs of which its lines may name one
    disabled: bool = False  # no code of its lines is taken, nor of those of tenants beneath it


@frozen
class Seat:
    """Where a line sits."""

    device: str  # id
    position: int  # port, handset or account of the device, from 1


@frozen
class Line(Document):
    """A SIP account of a tenant, the code that brings it to a phone, and the seats it has there."""

    tenant: str = ""
    # As `sip_lines.N`: username, password, number, …
    account: Json = field(default=NOTHING, repr=False, metadata=HOLDS_SECRETS)
    # 6 digits, unique among all tenants; None when spent.
    code: str | None = field(default=None, repr=False, metadata=SECRET)
    code_expires: float | None = None  # None: never
    keeps_code: bool = False  # it is not spent on use
    when_taken: WhenTaken = "refuse"  # what a claim does where the line already sits on another device
    template: str | None = None  # one of its tenant's
    # A raw config that goes with the user: function keys, …
    options: Json = field(default=NOTHING, repr=False, metadata=HOLDS_SECRETS)
    seats: tuple[Seat, ...] = ()


@frozen
class Associated:
    """A line sits on a device now."""

    device: str  # id
    line: str  # id
    position: int


@frozen
class Slot(Document):
    """One of a pool of SIP accounts that the PBX knows; a waiting phone has one. The id is the SIP user."""

    password: str = field(default="", repr=False, metadata=SECRET)
    registrar: str = ""  # host where it registers; "" leaves it to the config of waiting phones
    port: int = 0
    shared: bool = False  # one account for all: it is given to nobody, and any waiting phone may use it
    device: str | None = None  # who has it
    position: int = 1  # port, handset or account of that device
    given: float = 0.0  # when it was last given or came back


@frozen
class Token(Document):
    """What opens the REST API. The id names it and is no secret; the token itself is nowhere kept."""

    name: str = ""
    digest: str = field(default="", repr=False, metadata=SECRET)  # SHA-256 of the token, hex
    acl: tuple[str, ...] = ()  # patterns (`core/acl.py`)
    tenant: str = ""
    created: float = 0.0
    expires: float | None = None  # None: never


@frozen
class Pairing(Document):
    """A device's own token: an element of its URL, and its password for HTTP digest. The id is the device's."""

    token: str = field(default="", repr=False, metadata=SECRET)
    open_until: float = 0.0  # until then the token is in the files of its phone; 0: the phone has it


@frozen
class Parameter(Document):
    """A parameter of the server that clients set while it runs; the id is its name. Without a document it has its
    default; None was set by somebody."""

    value: str | None = field(default=None, repr=False, metadata=HOLDS_SECRETS)  # the password of a proxy


@frozen
class Uninstalled(Document):
    """A plugin that is here and was taken out of use; the id is the plugin's."""
