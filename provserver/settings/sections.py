"""The sections of `provd.toml`: a field is a setting, with what holds without a file and what is accepted."""

from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from provserver.address import Networks
from provserver.settings.kinds import (
    ADDRESS,
    ADDRESSES,
    BYTES,
    COUNT,
    ENDPOINT,
    INTERFACES,
    NETWORKS,
    PATH,
    PORT,
    SOME,
    SWITCH,
    URL,
    USERS,
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
    rest_bind: str = field(default="127.0.0.1", metadata=ADDRESS)
    rest_port: int = field(default=8666, metadata=PORT)
    tftp_port: int | None = field(default=None, metadata=PORT)  # None: 69, or 6969 where 69 is not permitted
    tftp_single_port: bool = field(default=False, metadata=SWITCH)
    pnp: tuple[str, ...] = field(default=(), metadata=ADDRESSES)  # of interfaces; (): not at all
    agi: str = field(default="", metadata=ENDPOINT)  # "": not at all


@frozen
class Phones:
    """`url` has no trailing slash; None is the address that the phone itself asked."""

    url: str | None = field(default=None, metadata=URL)
    trusted_proxies: Networks = field(default=_NOWHERE, metadata=NETWORKS)
    uploads: bool = field(default=False, metadata=SWITCH)


@frozen
class Network:
    allowed: Networks = field(default=_LOCAL, metadata=NETWORKS)
    nat: Networks = field(default=_NOWHERE, metadata=NETWORKS)


@frozen
class Limits:
    """`_local` holds on the allowed networks, `_elsewhere` anywhere else, and any other for all together."""

    new_devices_burst_local: int = field(default=5_000, metadata=COUNT)  # from one address
    new_devices_burst_elsewhere: int = field(default=50, metadata=COUNT)
    new_devices_per_minute_local: int = field(default=500, metadata=SOME)
    new_devices_per_minute_elsewhere: int = field(default=10, metadata=SOME)
    waiting_devices: int = field(default=20_000, metadata=COUNT)  # for their first user
    tftp_transfers_per_address_local: int = field(default=2_000, metadata=COUNT)
    tftp_transfers_per_address_elsewhere: int = field(default=32, metadata=COUNT)
    tftp_transfers: int = field(default=10_000, metadata=COUNT)
    tftp_blksize: int = field(default=1468, metadata=whole(8, 65464))  # RFC 2348; fills an Ethernet packet
    tftp_windowsize: int = field(default=64, metadata=whole(1, 65535))  # RFC 7440
    http_connections: int = field(default=10_000, metadata=SOME)
    http_idle_s: int = field(default=30, metadata=SOME)
    http_header_bytes: int = field(default=16 * 1024, metadata=BYTES)
    phone_body_bytes: int = field(default=64 * 1024, metadata=BYTES)
    rest_body_bytes: int = field(default=8 * _MIB, metadata=BYTES)
    upload_bytes: int = field(default=_MIB, metadata=BYTES)  # one file
    uploads_per_device_bytes: int = field(default=10 * _MIB, metadata=BYTES)
    timeline_answers: int = field(default=20, metadata=COUNT)  # of one device
    timeline_bytes: int = field(default=64 * _MIB, metadata=BYTES)
    rendered_cache_bytes: int = field(default=64 * _MIB, metadata=BYTES)


@frozen
class Dhcp:
    """`users` may tell of leases, beside provd's own user; on the interfaces `listen` the wire is read."""

    users: tuple[str, ...] = field(default=("root", "dnsmasq", "_kea", "dhcpd"), metadata=USERS)
    listen: tuple[str, ...] = field(default=(), metadata=INTERFACES)


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
class ServerSettings:
    listen: Listen = Listen()
    phones: Phones = Phones()
    network: Network = Network()
    limits: Limits = Limits()
    dhcp: Dhcp = Dhcp()
    auth: Auth = Auth()
    raw_config: Mapping[str, object] = field(factory=dict, repr=False)  # a valid one


SECTIONS: Mapping[str, Any] = {
    "listen": Listen,
    "phones": Phones,
    "network": Network,
    "limits": Limits,
    "dhcp": Dhcp,
    "auth": Auth,
}
LATER = ("store", "pbx")  # sections that may be there, but in which this version knows no setting
