"""What is seen of a phone."""

from collections.abc import Mapping

from attrs import field, frozen

from provserver.model.words import Protocol


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
    target: str = field(default="", repr=False)  # as the request line of HTTP has it, which HTTP digest signs
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
