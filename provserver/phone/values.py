"""
What the parts of the simulated phone hand to each other.

A boot is a *script*: a generator that yields what the phone asks for, is sent what came, and returns what the
phone has become. Whoever runs it (`boot.py`, or a test with a list of answers) owns the network and the time.
"""

from collections.abc import Callable, Generator, Mapping

from attrs import field, frozen

from provserver.errors import ProvdError


class Unreachable(ProvdError):
    """Nobody answers at an address. Its runner throws it into a script in place of an answer."""

    reason_id = "phone.unreachable"


@frozen
class Phone:
    """One phone as it comes out of its box."""

    vendor: str  # the name of its profile: `yealink`
    model: str
    mac: str
    version: str  # of its firmware
    source: str = ""  # the address that it asks from; empty: the system chooses


@frozen
class Fetch:
    """Ask for one file."""

    name: str  # as it is shown: relative to the provisioning server, without its key
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(factory=dict, repr=False)  # of HTTP
    after_s: float = 0.0  # wait so long first
    body: bytes = field(default=b"", repr=False)  # to be written, or posted
    method: str = ""  # "": GET, or with a body POST


@frozen
class Fetched:
    """What came: names of headers in lower case. A body that came in part is dropped. What TFTP says is told in
    the nearest status of HTTP, and `said` in its own words."""

    status: int  # 0: not even a status came
    headers: Mapping[str, str] = field(factory=dict)
    body: bytes = field(default=b"", repr=False)
    problem: str = ""  # `more than 8 MiB`
    said: str = ""  # `error 1 file not found`


@frozen
class Exchange:
    """One row of what is shown."""

    fetch: Fetch
    fetched: Fetched
    took_s: float


@frozen
class Kept:
    """A file in the phone's flash, with what the server said to compare it by."""

    body: bytes = field(repr=False)
    etag: str = ""
    modified: str = ""


@frozen
class Memory:
    """What a phone keeps over a restart: files by URL, and settings in its vendor's own names."""

    files: Mapping[str, Kept] = field(factory=dict, repr=False)
    settings: Mapping[str, str] = field(factory=dict, repr=False)


@frozen
class Account:
    number: int
    enabled: bool
    label: str
    display_name: str
    user_name: str
    server: str  # `192.0.2.10:5060`
    transport: str  # `udp`
    password_set: bool


@frozen
class Credentials:
    """What an account registers with, beyond what is shown of it. A text that is empty is the account's own."""

    user: str  # of digest
    password: str = field(repr=False)
    registrar: str = ""  # `192.0.2.10:5060`
    outbound: str = ""  # where all its packets go
    expires: str = ""  # seconds for which to register


@frozen
class Key:
    place: str  # `line key 2`, `EXP50 1 key 3`
    type: str  # `speed dial`, `BLF`
    label: str
    value: str
    account: int | None


@frozen
class Display:
    """What the phone would show. A text that is empty was never set: the vendor's factory default."""

    accounts: tuple[Account, ...] = ()
    keys: tuple[Key, ...] = ()
    language: str = ""
    time_zone: str = ""
    call_managers: tuple[
        str, ...
    ] = ()  # `192.0.2.20:2000`: a phone that gets its accounts and keys from there


@frozen
class Booted:
    """What a phone has become."""

    provisioned: bool  # in this boot a configuration came for this very phone, and it could be read
    display: Display
    problems: tuple[str, ...]  # what the phone could not get or read, or has no place for
    memory: Memory


Script = Generator[Fetch, Fetched, Booted]


@frozen
class Profile:
    """How the phones of one vendor boot. `boot` takes the phone, the URL of its server and its memory."""

    vendor: str  # as it is written on the phone: `Yealink`
    models: Mapping[str, str]  # model -> the firmware that it runs unless told otherwise
    server: str  # the URL by which a provd of this machine is asked
    user_agent: Callable[[Phone], str]  # of HTTP; empty where the vendor's phones have none
    vendor_class: Callable[[Phone], str]  # option 60 of DHCP
    pnp: bool  # looks for its server by SIP PnP
    boot: Callable[[Phone, str, Memory], Script]
    # Of the settings that a phone keeps and the number of an account; None where its phones do not speak SIP.
    credentials: Callable[[Mapping[str, str], int], Credentials] | None = None
    restarts_at: str = "check-sync"  # the event of a NOTIFY that such a phone obeys


@frozen
class Report:
    """One boot as it went. Where nobody answered there is no `booted`, and `problem` says why."""

    phone: Phone
    exchanges: tuple[Exchange, ...]
    booted: Booted | None
    problem: str = ""

    @property
    def provisioned(self) -> bool:
        return self.booted is not None and self.booted.provisioned
