"""The sections of `provd.toml`: a field is a setting, with what holds without a file and what is accepted."""

from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from provserver.address import Networks
from provserver.core.access.policy import DEFAULT, ELSEWHERE, LOCAL, shown
from provserver.pbx.settings import PbxSettings
from provserver.settings.kinds import (
    ADDRESS,
    ADDRESSES,
    BYTES,
    COUNT,
    ENDPOINT,
    INTERFACES,
    NETWORKS,
    PATH,
    PIN,
    PLUGINS,
    PORT,
    SOME,
    SWITCH,
    URL,
    USERS,
    choice,
    whole,
)

_MIB = 2**20
_NOWHERE = Networks(())
_LOCAL = Networks(
    (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "169.254.0.0/16",
        "127.0.0.0/8",
        "::1/128",
        "fc00::/7",
        "fe80::/10",
    )
)


@frozen
class Listen:
    """Where provd listens. Port 0 is any free one; `listening.json` tells which."""

    bind: str = field(default="", metadata=ADDRESS)  # for phones
    http_port: int = field(default=8667, metadata=PORT)
    plain_http: bool = field(default=True, metadata=SWITCH)  # False: phones come by TLS, and TFTP
    https_port: int | None = field(default=None, metadata=PORT)  # None: not at all
    https_old_port: int | None = field(default=None, metadata=PORT)  # the same with TLS 1.0 and 1.1
    rest_bind: str = field(default="127.0.0.1", metadata=ADDRESS)
    rest_port: int = field(default=8666, metadata=PORT)
    rest_https_bind: str = field(default="", metadata=ADDRESS)
    rest_https_port: int | None = field(default=None, metadata=PORT)  # None: not at all
    tftp_port: int | None = field(default=None, metadata=PORT)  # None: 69, or 6969 where 69 is not permitted
    tftp_single_port: bool = field(default=False, metadata=SWITCH)
    pnp: tuple[str, ...] = field(default=(), metadata=ADDRESSES)  # of interfaces; (): not at all
    agi: str | None = field(
        default=None, metadata=ENDPOINT
    )  # None: 127.0.0.1:4573 if it is free; "": not at all


@frozen
class Phones:
    """`url` has no trailing slash; None is the address that the phone itself asked."""

    url: str | None = field(default=None, metadata=URL)
    trusted_proxies: Networks = field(default=_NOWHERE, metadata=NETWORKS)
    proxy_certificates: bool = field(
        default=False, metadata=SWITCH
    )  # they say whose certificate they verified
    uploads: bool = field(default=False, metadata=SWITCH)
    upgrades: tuple[str, ...] = field(default=(), metadata=PLUGINS)  # whose firmware phones may be given
    last_good: bool = field(default=False, metadata=SWITCH)  # files go on being served
    random_passwords: bool = field(default=False, metadata=SWITCH)  # each phone its own


@frozen
class Tls:
    """Of provd's own ports; all are PEM. Whoever changes the files changes what new connections get."""

    certificate: str | None = field(default=None, metadata=PATH)  # and those above it
    key: str | None = field(default=None, metadata=PATH)  # None: it is in the same file
    client_ca: str | None = field(
        default=None, metadata=PATH
    )  # folder; None: no phone is asked for a certificate


@frozen
class Network:
    allowed: Networks = field(default=_LOCAL, metadata=NETWORKS)
    nat: Networks = field(default=_NOWHERE, metadata=NETWORKS)
    policy_local: str = field(
        default=shown(DEFAULT.local), metadata=choice(LOCAL)
    )  # of tenants that have none
    policy_elsewhere: str = field(default=shown(DEFAULT.elsewhere), metadata=choice(ELSEWHERE))
    pairing_s: int = field(default=3_600, metadata=COUNT)  # how long a new phone may fetch its token


@frozen
class Limits:
    """`_local` holds on the allowed networks, `_elsewhere` anywhere else, and any other for all together."""

    new_devices_burst_local: int = field(default=5_000, metadata=COUNT)  # from one address
    new_devices_burst_elsewhere: int = field(default=50, metadata=COUNT)
    new_devices_per_minute_local: int = field(default=500, metadata=SOME)
    new_devices_per_minute_elsewhere: int = field(default=10, metadata=SOME)
    waiting_devices: int = field(default=20_000, metadata=COUNT)  # for their first user
    pending_devices: int = field(default=1_000, metadata=COUNT)  # new ones beyond the limits
    pending_s: int = field(default=86_400, metadata=SOME)
    unknown_phones_slowed_local: int = field(default=500, metadata=SOME)  # from one source, within the time
    unknown_phones_slowed_elsewhere: int = field(default=30, metadata=SOME)
    unknown_phones_slowed_all: int = field(default=5_000, metadata=SOME)  # from all sources together
    unknown_phones_refused_local: int = field(default=2_000, metadata=SOME)
    unknown_phones_refused_elsewhere: int = field(default=100, metadata=SOME)
    unknown_phones_s: int = field(default=600, metadata=SOME)  # how long each counts
    refused_s: int = field(default=600, metadata=SOME)
    slowed_by_s: int = field(default=2, metadata=whole(0, 10))
    slowed_answers: int = field(default=1_000, metadata=COUNT)  # that wait at the same time
    tftp_transfers_per_address_local: int = field(default=2_000, metadata=COUNT)
    tftp_transfers_per_address_elsewhere: int = field(default=32, metadata=COUNT)
    tftp_transfers: int = field(default=10_000, metadata=COUNT)
    tftp_blksize: int = field(default=1468, metadata=whole(8, 65464))  # RFC 2348; fills an Ethernet packet
    tftp_windowsize: int = field(default=64, metadata=whole(1, 65535))  # RFC 7440
    http_connections: int = field(default=10_000, metadata=SOME)
    http_idle_s: int = field(default=30, metadata=SOME)
    http_header_bytes: int = field(default=16 * 1024, metadata=BYTES)
    phone_body_bytes: int = field(default=64 * 1024, metadata=BYTES)
    rest_connections: int = field(default=1_000, metadata=SOME)
    rest_body_bytes: int = field(default=8 * _MIB, metadata=BYTES)
    upload_bytes: int = field(default=_MIB, metadata=BYTES)  # one file
    uploads_per_device_bytes: int = field(default=10 * _MIB, metadata=BYTES)
    timeline_answers: int = field(default=20, metadata=COUNT)  # of one device
    timeline_bytes: int = field(default=64 * _MIB, metadata=BYTES)
    rendered_cache_bytes: int = field(default=64 * _MIB, metadata=BYTES)
    last_good_bytes: int = field(default=64 * _MIB, metadata=BYTES)


@frozen
class Dhcp:
    """`users` may tell of leases, beside provd's own user; on the interfaces `listen` the wire is read."""

    users: tuple[str, ...] = field(default=("root", "dnsmasq", "_kea", "dhcpd"), metadata=USERS)
    listen: tuple[str, ...] = field(default=(), metadata=INTERFACES)


@frozen
class Slots:
    """The accounts of waiting phones. `file` is what `provd-pbx --keep` wrote; None: they are told over REST."""

    file: str | None = field(default=None, metadata=PATH)
    keep_hours: int = field(default=168, metadata=whole(1, 100_000))  # of a waiting phone that is not seen


@frozen
class Claims:
    """How guessing of codes is limited. `reset_pin` "": nobody gives a phone back by dialling."""

    reset_pin: str = field(default="", repr=False, metadata=PIN)
    wrong_codes: int = field(default=5, metadata=SOME)  # of one phone, until it is locked
    wrong_codes_per_source: int = field(default=100, metadata=SOME)  # of one address
    locked_s: int = field(default=600, metadata=SOME)


@frozen
class Resync:
    """How phones are told to fetch their files again, and for how long it is watched that they do."""

    per_second: int = field(default=20, metadata=whole(1, 1_000))
    tries: int = field(default=3, metadata=whole(1, 10))
    fetch_s: int = field(default=600, metadata=whole(10, 86_400))  # from the telling to the fetch


@frozen
class Auth:
    """Without `url` provd keeps tokens and tenants itself; with it they are those of a server like wazo-auth."""

    url: str | None = field(default=None, metadata=URL)  # without the `/0.1` of its API
    key_file: str | None = field(
        default=None, metadata=PATH
    )  # who provd is there: service_id and service_key
    ca_file: str | None = field(
        default=None, metadata=PATH
    )  # None: the certificates that this machine trusts
    cache_s: int = field(default=5, metadata=whole(0, 300))
    timeout_s: int = field(default=5, metadata=whole(1, 60))


@frozen
class Store:
    """What lies in the state directory."""

    key_file: str | None = field(default=None, metadata=PATH)  # None: secrets are in clear text


@frozen
class ServerSettings:
    listen: Listen = Listen()
    phones: Phones = Phones()
    tls: Tls = Tls()
    network: Network = Network()
    limits: Limits = Limits()
    dhcp: Dhcp = Dhcp()
    auth: Auth = Auth()
    store: Store = Store()
    slots: Slots = Slots()
    claims: Claims = Claims()
    resync: Resync = Resync()
    pbx: Mapping[str, PbxSettings] = field(factory=dict)  # by name
    raw_config: Mapping[str, object] = field(factory=dict, repr=False)  # a valid one


SECTIONS: Mapping[str, Any] = {
    "listen": Listen,
    "phones": Phones,
    "tls": Tls,
    "network": Network,
    "limits": Limits,
    "dhcp": Dhcp,
    "auth": Auth,
    "store": Store,
    "slots": Slots,
    "claims": Claims,
    "resync": Resync,
}
