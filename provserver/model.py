"""
The values that the parts of provd hand to each other; `docs/words.md` explains the words.

Whatever is handed out is read-only. Times are seconds since the epoch, given by the caller.
"""

from collections.abc import Mapping
from enum import IntEnum
from typing import Literal, NewType

from attrs import field, frozen

Json = NewType("Json", bytes)  # one object, compact UTF-8: immutable and small; decoded where it is used
Protocol = Literal["http", "tftp", "dhcp", "sip"]
Where = Literal["user-agent", "query", "path", "option-60", "oui"]  # of two facts the earlier one wins
Source = Literal["device", "common", "static", "firmware", "upload"]
Outcome = Literal["file", "noted", "nothing", "challenge", "busy", "bad"]

NOTHING = Json(b"{}")


class Proof(IntEnum):
    """How strongly a sighting proves that it is the device; a policy names the least that it takes."""

    NONE = 0
    ADDRESS = 1
    KEY = 2
    TOKEN = 3
    CERTIFICATE = 4


# --- what is seen of a phone -------------------------------------------------------------------------------


@frozen
class Sighting:
    """One thing seen from a phone: decoded once, nothing guessed. The shells leave `key` empty: whether the
    first element of the path is a tenant's key is the chain's to say."""

    protocol: Protocol
    at: float
    ip: str  # the phone's, after trusted proxies
    base: str  # where it asked us: `http://192.0.2.10:8667`, `tftp://192.0.2.10`
    path: str = ""  # decoded, no leading `/`, no `..`; odd bytes as surrogates
    key: str = field(default="", repr=False)  # the provisioning key that was in the path
    method: str = "GET"  # TFTP: `GET` for RRQ, `PUT` for WRQ
    query: tuple[tuple[str, str], ...] = ()
    user_agent: str = ""
    mac: str = ""  # DHCP and SIP PnP only
    options: Mapping[int, bytes] = field(factory=dict)  # of DHCP, as sent, NULs and all
    certificate: tuple[str, ...] = ()  # subject and SAN names of a client certificate that verified
    authorization: str = field(default="", repr=False)
    unknown_proxy: bool = False  # X-Forwarded-For from a peer that is no trusted proxy: never a local network


@frozen
class Facts:
    """What a sighting says about the phone; None is "it does not say"."""

    mac: str | None = None  # 00:15:65:4a:a9:37
    vendor: str | None = None  # as it is written on the phone: `Yealink`
    model: str | None = None
    version: str | None = None
    serial: str | None = None
    uuid: str | None = None
    said_by: Mapping[str, str] = field(factory=dict)  # fact -> rule: "mac" -> "yealink: user-agent"


# --- documents ---------------------------------------------------------------------------------------------


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


# --- changes -----------------------------------------------------------------------------------------------


@frozen
class Put:
    """Write one document over revision `expected`: 0 = there is none, None = any."""

    document: Document
    expected: int | None
    holds: frozenset[tuple[str, str]] = frozenset()  # unique keys: ("code", "482913"), ("discovered", mac)


@frozen
class Delete:
    kind: type[Document]
    id: str
    expected: int | None = None


@frozen
class Commit:
    """Changes that happen together or not at all; who asked for them, and why, for the history."""

    changes: tuple[Put | Delete, ...]
    who: str  # `token:7f3a (Anna)`, `phone:10.0.0.7`, `provd`
    why: str


@frozen
class Committed:
    seq: int  # the new `rev` of every document in it
    at: float
    commit: Commit


# --- answers -----------------------------------------------------------------------------------------------


@frozen
class Step:
    """One step of the chain. `core/explain.py` makes the sentence when someone reads it. No value is a secret."""

    name: str  # identify match access learn choose find render
    reason_id: str  # `match.by-mac`, `choose.no-plugin`, `access.needs-key`
    values: tuple[str, ...] = ()


@frozen
class File:
    """Either `body`, or a place on disk whose bytes nobody changes and the shell streams."""

    name: str
    media_type: str
    etag: str  # of the bytes, never of revisions: the same bytes give 304. Without quotes
    size: int
    modified: float
    body: bytes | None = field(default=None, repr=False)
    place: str | None = None


@frozen
class Upload:
    """What a phone may write: one file of its own, in the place of any that has the name."""

    device: str  # id
    mac: str | None  # of the device, for the eyes of the administrator
    name: str
    most_bytes: int


@frozen
class Answer:
    """`nothing` is unknown, refused or not existing: outside they are one. `busy` is 503 over HTTP and silence
    over TFTP, `noted` a lease or an upload, `bad` a request that is wrong in itself."""

    outcome: Outcome
    steps: tuple[Step, ...]
    device: str | None = None
    file: File | None = None
    upload: Upload | None = None  # of `noted`: what the request may now write
    retry_s: int = 0  # of `busy`
    challenge: str = ""  # of `challenge`: HTTP digest


@frozen
class Asked:
    """One entry of a device's timeline: what was asked, and the answer without its bytes."""

    at: float
    protocol: Protocol
    ip: str
    path: str
    answer: Answer


@frozen
class Status:
    """Whether a device's own files can be made, and if not, why."""

    configured: bool
    steps: tuple[Step, ...]
    twins: tuple[str, ...] = ()  # other devices with the same mac
    ignored: tuple[str, ...] = ()  # settings that the phone will not see


# --- vendors -----------------------------------------------------------------------------------------------


@frozen
class Fingerprint:
    """A row of `identify.py`. The dispatcher indexes rows by `where` and `literal` and tries no others."""

    where: Where
    literal: str  # lower-case text that must occur: `yealink`, `.cnf.xml`, an OUI; never empty
    pattern: str  # regular expression; its named groups are facts
    gives: Mapping[str, str] = field(factory=dict)  # facts that the row itself knows
    weight: int = 0  # decides between rows of one `where`; then the vendor's id
    examples: tuple[tuple[str, Mapping[str, str]], ...] = ()  # text -> every fact that must come out


@frozen
class FileRule:
    source: Source
    name: str  # as served; `<name>.tpl` is the first override looked up
    template: str = ""  # or the path under the plugin's own root
    format: str = "text"  # row of `vendors/formats.py`: escaping, encoding, line ends, longest line
    media_type: str = "text/plain"
    secret: bool = True
    proves_config: bool = False  # who fetched it runs this config
    most_bytes: int = 0  # of an upload; 0 leaves it to the settings


@frozen
class Notify:
    event: str  # `check-sync;reboot=true`
    body: bytes = b""
    media_type: str = ""


@frozen
class Call:
    url: str = field(repr=False)  # `http:`, or `telnet:` with one line of `body` after another
    method: str = "GET"
    body: bytes = field(default=b"", repr=False)


@frozen
class Settings:
    """A valid raw config with defaults. `core/merge.py` says on demand from which layer a value came."""

    base_url: str = field(repr=False)  # no trailing slash; holds the key only where the sighting earned it
    values: Mapping[str, object] = field(repr=False)  # by the names of the raw-config contract
    lines: Mapping[int, Mapping[str, object]] = field(repr=False)
    keys: Mapping[int, Mapping[str, object]] = field(repr=False)


@frozen
class Stored:
    """A file that lies on disk: a plugin's own, or one that the administrator put there."""

    place: str
    size: int
    modified: float
    etag: str  # of the bytes


@frozen
class Caller:
    """Who asks over REST."""

    name: str  # `7f3a9c01 (Anna)`, for the history
    tenant: str  # the one asked for, else the token's
    tenants: frozenset[str]  # that one and all beneath it
    home: str = ""  # the token's own tenant
    acl: tuple[str, ...] = ()  # what the token may do
    token: str = ""  # its id
