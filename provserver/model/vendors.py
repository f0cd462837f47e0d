"""What vendor plugins say and are told, and who asks over REST."""

from collections.abc import Mapping

from attrs import field, frozen

from provserver.model.words import Source, Where


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
class Override:
    """An administrator's template. It goes before the plugin's own of that name."""

    plugin: str  # id
    name: str
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
