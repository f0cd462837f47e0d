"""What a running provd consists of, made from the settings."""

import random
import secrets
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from socket import socket
from string import ascii_letters, digits
from typing import Any

from attrs import frozen
from twisted.internet.defer import Deferred
from twisted.internet.task import deferLater
from twisted.web.client import Agent
from twisted.web.server import Site

from provserver.core.limits import Admission, Buckets, NatWatch
from provserver.core.render import Renderer
from provserver.core.resolve import Resolver
from provserver.core.surroundings import Surroundings, Vendors
from provserver.core.timeline import Timelines
from provserver.dhcp.heard import Heard
from provserver.dhcp.listener import Listener
from provserver.dhcp.receiver import Receiver
from provserver.dhcp.sockets import LeaseSocket
from provserver.http.phones import PhoneSite, phone_site
from provserver.interfaces import IFiles, IPlugins, IProvisioner, IStore
from provserver.model import Protocol
from provserver.ports import own_address
from provserver.provisioner import Provisioner
from provserver.rest.site import Behind, rest_site
from provserver.rest.synchronize import NoResync
from provserver.settings import ServerSettings
from provserver.sip.multicast import Sockets, interface_addresses, open_sockets
from provserver.sip.pnp import PnpServer
from provserver.tap.authentication import External, Own
from provserver.tftp.limits import Limits as TftpLimits
from provserver.tftp.network import UdpNetwork
from provserver.tftp.options import Caps
from provserver.tftp.server import TftpServer
from provserver.tftp_backend import PhoneBackend
from provserver.uploads import LocalUploads
from provserver.vendors.catalogue import HttpCatalogue

InThread = Callable[..., Deferred[Any]]
_CONNECT_S = 4.0
EVERY = "*"  # interface


@frozen
class Ports:
    http: int
    tftp: int


def home_url(settings: ServerSettings, http_port: int) -> str:
    """Return the base URL where no phone says how it reached us."""
    return settings.phones.url or f"http://{own_address()}:{http_port}"


def provisioner(
    settings: ServerSettings, store: IStore, files: IFiles, vendors: Vendors, ports: Ports, reactor: Any
) -> Provisioner:
    limits = settings.limits
    nat = NatWatch()
    around = Surroundings(
        store=store,
        files=files,
        renderer=Renderer(files.template, limits.rendered_cache_bytes),
        resolver=Resolver(settings.raw_config, ports.tftp),
        allowed=settings.network.allowed,
        is_nat=lambda ip, at: ip in settings.network.nat or nat.is_nat(ip, at),
        admission=Admission(
            Buckets(limits.new_devices_burst_local, limits.new_devices_per_minute_local),
            Buckets(limits.new_devices_burst_elsewhere, limits.new_devices_per_minute_elsewhere),
            limits.waiting_devices,
        ),
        advertised_url=settings.phones.url,
        http_port=ports.http,
        uploads_by=frozenset[Protocol]({"tftp"} if settings.phones.uploads else ()),
    )
    timelines = Timelines(limits.timeline_answers, limits.timeline_bytes)
    url, pause = home_url(settings, ports.http), partial(deferLater, reactor)
    return Provisioner(vendors, around, nat, timelines, url, new_id, pause)


def phones(settings: ServerSettings, chain: IProvisioner, reactor: Any, in_thread: InThread) -> PhoneSite:
    return phone_site(chain, settings.phones.trusted_proxies, settings.limits, reactor, in_thread)


def rest(
    settings: ServerSettings,
    chain: IProvisioner,
    store: IStore,
    plugins: IPlugins,
    auth: Own | External,
    base: str,
    reactor: Any,
) -> Site:
    catalogue = HttpCatalogue(Agent(reactor, connectTimeout=_CONNECT_S), reactor)
    behind = Behind(
        chain, store, plugins, catalogue, NoResync(), base, new_id, new_token, reactor, auth.elsewhere
    )
    return rest_site(behind, auth.authenticator, settings.limits.rest_body_bytes)


def tftp(
    settings: ServerSettings, chain: IProvisioner, state: Path, reactor: Any, in_thread: InThread
) -> TftpServer:
    limits = settings.limits
    uploads = LocalUploads(state / "uploads", limits.upload_bytes, limits.uploads_per_device_bytes, in_thread)
    return TftpServer(
        reactor,
        UdpNetwork(reactor, time.monotonic),
        PhoneBackend(chain, uploads, reactor),
        TftpLimits(
            per_address_local=limits.tftp_transfers_per_address_local,
            per_address_elsewhere=limits.tftp_transfers_per_address_elsewhere,
            in_all=limits.tftp_transfers,
            local=settings.network.allowed,
            caps=Caps(limits.tftp_blksize, limits.tftp_windowsize),
        ),
        in_thread,
        time.monotonic,
        random.random,
    )


# --- who else tells of phones ------------------------------------------------------------------------------


def pnp_sockets(settings: ServerSettings) -> tuple[Sockets, ...]:
    """Raises: Held."""
    wanted = settings.listen.pnp
    return tuple(map(open_sockets, interface_addresses() if EVERY in wanted else wanted))


def pnp(settings: ServerSettings, sockets: Sequence[Sockets], chain: IProvisioner, reactor: Any) -> PnpServer:
    token = partial(secrets.token_hex, 8)
    return PnpServer(reactor, sockets, chain, settings.network.allowed, new_token=token)


def lease_readers(
    settings: ServerSettings,
    told: LeaseSocket,
    wires: Mapping[str, socket],
    chain: IProvisioner,
    base: str,
    reactor: Any,
) -> tuple[Receiver | Listener, ...]:
    """Return what hears of leases: from DHCP servers, and off the wire."""
    heard = Heard()
    return (
        Receiver(told, settings.dhcp.users, chain, base, reactor, reactor, heard),
        *(Listener(name, sock, heard, chain, base, reactor, reactor) for name, sock in wires.items()),
    )


def new_id() -> str:
    return uuid.uuid4().hex


def new_token() -> str:
    return secrets.token_urlsafe(32)


def new_secret() -> str:
    """Return 12 letters and digits, 71 bits: some phones have users type them, and take no other characters."""
    return "".join(secrets.choice(ascii_letters + digits) for _ in range(12))
