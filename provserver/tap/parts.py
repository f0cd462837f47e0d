"""What a running provd consists of, made from the settings."""

import json
import random
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
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

from provserver.associating import Associations
from provserver.core.access.digests import Digests
from provserver.core.access.pairing import Windows
from provserver.core.access.policy import Policy, need
from provserver.core.firmware import Firmware
from provserver.core.fitness import Fitness
from provserver.core.last_good import LastGood
from provserver.core.limits import Admission, Buckets, NatWatch
from provserver.core.metrics import Metric
from provserver.core.reception import Reception
from provserver.core.render import Renderer
from provserver.core.resolve import Resolver
from provserver.core.seeds import passwords
from provserver.core.surroundings import Surroundings, Vendors
from provserver.core.timeline import Timelines
from provserver.core.waiting import Waiting
from provserver.dhcp.heard import Heard
from provserver.dhcp.listener import Listener
from provserver.dhcp.receiver import Receiver
from provserver.dhcp.sockets import LeaseSocket
from provserver.http.phones import PhoneSite, phone_site
from provserver.http.proxies import Proxies
from provserver.interfaces import IAnswers, IFiles, IPlugins, IProvisioner, IStore, IUploads
from provserver.model import Json, Protocol
from provserver.ports import own_address
from provserver.provisioner import Provisioner
from provserver.rest.site import Behind, rest_site
from provserver.rest.templates import TemplateParts
from provserver.settings import ServerSettings
from provserver.sip.multicast import Sockets, interface_addresses, open_sockets
from provserver.sip.pnp import PnpServer
from provserver.store.sealing import Seal, read_key
from provserver.tap.authentication import External, Own
from provserver.tap.telephony import Telephony
from provserver.tftp.limits import Limits as TftpLimits
from provserver.tftp.network import UdpNetwork
from provserver.tftp.options import Caps
from provserver.tftp.server import TftpServer
from provserver.tftp_backend import PhoneBackend
from provserver.tls.clients import certificate_names
from provserver.turnstile import Turnstile
from provserver.uploads import LocalUploads
from provserver.vendors.catalogue import HttpCatalogue

InThread = Callable[..., Deferred[Any]]
_CONNECT_S = 4.0
EVERY = "*"  # interface


@frozen
class Ports:
    """Where phones are told to come which did not ask by HTTP."""

    http: int
    tftp: int
    scheme: str = "http"  # of the port `http`


def home_url(settings: ServerSettings, ports: Ports) -> str:
    """Return the base URL where no phone says how it reached us."""
    return settings.phones.url or f"{ports.scheme}://{own_address()}:{ports.http}"


def surroundings(
    settings: ServerSettings,
    store: IStore,
    files: IFiles,
    vendors: Vendors,
    ports: Ports,
    nat: NatWatch,
    mark_key: bytes,
    reception: Reception,
    reactor: Any,
) -> Surroundings:
    limits = settings.limits
    last_good = LastGood(limits.last_good_bytes if settings.phones.last_good else 0)
    store.watch(store.seq, last_good.committed)
    renderer = Renderer(files.template, limits.rendered_cache_bytes, files.overridden)
    resolver = Resolver(settings.raw_config, ports.tftp)
    return Surroundings(
        store=store,
        files=files,
        renderer=renderer,
        fitness=Fitness(renderer, lambda: datetime.fromtimestamp(reactor.seconds(), UTC).date()),
        resolver=resolver,
        waiting=Waiting(store, resolver, mark_key, settings.slots.keep_hours * 3600),
        allowed=settings.network.allowed,
        is_nat=lambda ip, at: ip in settings.network.nat or nat.is_nat(ip, at),
        admission=Admission(
            Buckets(limits.new_devices_burst_local, limits.new_devices_per_minute_local),
            Buckets(limits.new_devices_burst_elsewhere, limits.new_devices_per_minute_elsewhere),
            limits.waiting_devices,
        ),
        advertised_url=settings.phones.url,
        http_port=ports.http,
        policy=policy(settings),
        pairing_s=settings.network.pairing_s,
        digests=Digests(secrets.token_bytes(32)),
        http_scheme=ports.scheme,
        uploads_by=frozenset[Protocol]({"http", "tftp"} if settings.phones.uploads else ()),
        firmware=Firmware(files, frozenset(map(vendors.canonical, settings.phones.upgrades))),
        last_good=last_good,
        new_passwords=new_passwords if settings.phones.random_passwords else None,
        sources=reception.sources,
    )


def seal(settings: ServerSettings) -> Seal:
    """Return what seals the secrets on disk. Raises: Invalid, OSError: of the key file."""
    key_file = settings.store.key_file
    return Seal(read_key(Path(key_file)) if key_file else None)


def policy(settings: ServerSettings) -> Policy:
    """Return the policy of tenants that have none."""
    return Policy(need(settings.network.policy_local), need(settings.network.policy_elsewhere))


def windows(settings: ServerSettings) -> Windows:
    return Windows(policy(settings), settings.network.pairing_s, new_id)


def provisioner(
    settings: ServerSettings,
    vendors: Vendors,
    around: Surroundings,
    nat: NatWatch,
    reception: Reception,
    ports: Ports,
    reactor: Any,
) -> Provisioner:
    limits = settings.limits
    timelines = Timelines(limits.timeline_answers, limits.timeline_bytes)
    url, pause = home_url(settings, ports), partial(deferLater, reactor)
    return Provisioner(vendors, around, nat, timelines, url, new_id, pause, reception)


def kept_uploads(settings: ServerSettings, state: Path, in_thread: InThread) -> LocalUploads:
    """Return where phones write, by whatever protocol: what one of them may write in all is counted there."""
    limits = settings.limits
    return LocalUploads(state / "uploads", limits.upload_bytes, limits.uploads_per_device_bytes, in_thread)


def phones(
    settings: ServerSettings, chain: IAnswers, uploads: IUploads, reactor: Any, in_thread: InThread
) -> PhoneSite:
    proxies = Proxies(settings.phones.trusted_proxies, settings.phones.proxy_certificates)
    taken = uploads if settings.phones.uploads else None
    return phone_site(chain, proxies, settings.limits, reactor, in_thread, certificate_names, taken)


def rest(
    settings: ServerSettings,
    chain: IProvisioner,
    store: IStore,
    plugins: IPlugins,
    associations: Associations,
    phoning: Telephony,
    auth: Own | External,
    base: str,
    reception: Reception,
    metrics: Callable[[], tuple[Metric, ...]],
    templates: TemplateParts,
    reactor: Any,
) -> Site:
    catalogue = HttpCatalogue(Agent(reactor, connectTimeout=_CONNECT_S), reactor)
    behind = Behind(
        chain,
        store,
        plugins,
        catalogue,
        phoning.resyncs,
        phoning.claims,
        base,
        new_id,
        new_token,
        reactor,
        associations,
        partial(secrets.randbelow, 1_000_000),
        reception,
        metrics,
        templates,
        auth.elsewhere,
        policy=policy(settings),
        pairing_s=settings.network.pairing_s,
    )
    limits = settings.limits
    return rest_site(behind, auth.authenticator, limits.rest_body_bytes, limits.rest_connections)


def tftp(
    settings: ServerSettings, turnstile: Turnstile, uploads: IUploads, reactor: Any, in_thread: InThread
) -> TftpServer:
    limits = settings.limits
    return TftpServer(
        reactor,
        UdpNetwork(reactor, reactor, time.monotonic),
        PhoneBackend(turnstile, uploads, reactor),
        TftpLimits(
            per_address_local=limits.tftp_transfers_per_address_local,
            per_address_elsewhere=limits.tftp_transfers_per_address_elsewhere,
            in_all=limits.tftp_transfers,
            local=settings.network.allowed,
            caps=Caps(limits.tftp_blksize, limits.tftp_windowsize),
            admits=turnstile.admits,
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
    return secrets.token_hex(16)


def new_token() -> str:
    return secrets.token_urlsafe(32)


def new_passwords() -> Json:
    return Json(json.dumps(passwords(new_secret), separators=(",", ":")).encode())


def new_secret() -> str:
    """Return 12 letters and digits, 71 bits: some phones have users type them, and take no other characters."""
    return "".join(secrets.choice(ascii_letters + digits) for _ in range(12))
