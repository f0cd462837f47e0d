"""What provd has to do with PBXes, made from the settings: how phones are told, who claims, and who may ask."""

import json
import random
import secrets
import socket
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from socket import SOCK_STREAM
from typing import Any

from attrs import frozen
from twisted.internet.defer import Deferred
from twisted.internet.task import deferLater
from twisted.logger import Logger

from provserver.address import Networks
from provserver.claiming import Claiming
from provserver.core.guessing import Guesses, GuessLimits
from provserver.core.reading import found
from provserver.core.resync import Patience
from provserver.core.surroundings import Surroundings
from provserver.errors import Held, NotResynced
from provserver.interfaces import IAssociations, IPlugins, IProvisioner, IStore
from provserver.model import Call, Config, Device, Notify, Presence, Slot
from provserver.pbx.agi import AgiServer
from provserver.pbx.call import VendorCalls
from provserver.pbx.interfaces import IClaims, IResyncs, Target
from provserver.pbx.making import notifier
from provserver.pbx.notify import SipNotifier
from provserver.pbx.resync import Pbx, ResyncLoop, Teller
from provserver.pbx.settings import PbxSettings
from provserver.ports import Bound, bind
from provserver.settings import ServerSettings

AGI_HOST, AGI_PORT = "127.0.0.1", 4573
_LOOPBACK = ("127.0.0.0/8", "::1/128")
_log = Logger()


@frozen
class Telephony:
    """What runs. `agi` is what to listen with."""

    claims: IClaims
    resyncs: IResyncs
    agi: AgiServer
    teller: Teller
    loop: ResyncLoop

    def start(self) -> None:
        self.teller.start()

    def stop(self) -> Deferred[None]:
        self.agi.finish()
        self.loop.stop()
        return self.teller.stop()


def bind_agi(settings: ServerSettings) -> Bound | None:
    """
    Raises:
        Held: the settings name a port that another process has. Of the default one it is only said, since most
            offices need none.
    """
    wanted = settings.listen.agi
    if wanted == "":
        return None
    if wanted is not None:
        host, _, port = wanted.rpartition(":")
        return bind("AGI", host.strip("[]"), int(port), SOCK_STREAM)
    try:
        bound = bind("AGI", AGI_HOST, AGI_PORT, SOCK_STREAM)
    except Held as problem:
        _log.warn("no AGI for Asterisk: {problem}", problem=str(problem))
        return None
    try:
        bound.listen(1)  # two that start at once may both bind it, and only one may listen
    except OSError as problem:
        bound.socket.close()
        _log.warn("no AGI for Asterisk: {problem}", problem=str(problem))
        return None
    return bound


def telephony(
    settings: ServerSettings,
    around: Surroundings,
    provisioner: IProvisioner,
    plugins: IPlugins,
    associations: IAssociations,
    reactor: Any,
) -> Telephony:
    """Raises: OSError, UnicodeDecodeError: a file of the settings."""
    store = around.store
    token = partial(secrets.token_hex, 8)
    teller = Teller(
        {name: _pbx(name, pbx, reactor, token) for name, pbx in settings.pbx.items()},
        SipNotifier(reactor, None, None, frozenset(), token),
        VendorCalls(reactor, token).carry_out,
        partial(target_of, store, provisioner),
    )
    patience = Patience(tries=settings.resync.tries, fetch_s=settings.resync.fetch_s)
    how_of = partial(_how_of, store, provisioner)
    loop = ResyncLoop(teller, how_of, reactor, random.random, settings.resync.per_second, patience)
    provisioner.watch_answers(loop.saw)
    limits = settings.claims
    claims = Claiming(
        store,
        provisioner,
        plugins,
        associations,
        loop,
        around.waiting,
        Guesses(GuessLimits(limits.wrong_codes, limits.wrong_codes_per_source, limits.locked_s)),
        lambda ip: ip not in around.allowed or around.behind_nat(ip, reactor.seconds()),
        limits.reset_pin,
        reactor.seconds,
        partial(deferLater, reactor),
    )
    pbxes = settings.pbx.values()
    asking = Networks((*_LOOPBACK, *_addresses(pbx.host for pbx in pbxes if pbx.kind == "asterisk")))
    proxies = Networks(_addresses(pbx.host for pbx in pbxes if pbx.kind == "sip"))
    return Telephony(claims, loop, AgiServer(claims, asking, proxies, reactor), teller, loop)


def target_of(store: IStore, provisioner: IProvisioner, device: Device) -> Target:
    """Say what is known of where a phone is. It is registered by the account that it last fetched."""
    presence = found(store, Presence, device.id)
    if presence is None:
        return Target()
    account = presence.username or ""
    slot = found(store, Slot, account)
    login = _login(account, slot, store, provisioner, device)
    return Target(account, "", presence.ip or "", login, slot is not None and not slot.shared)


def _login(
    account: str, slot: Slot | None, store: IStore, provisioner: IProvisioner, device: Device
) -> tuple[str, str]:
    """Return what the phone takes, should it ask who we are: its own user and password."""
    if slot:
        return slot.id, slot.password
    config = found(store, Config, device.config)
    raw = json.loads(provisioner.raw_config(config.id)) if account and config else {}
    for line in raw.get("sip_lines", {}).values():
        if line.get("username") == account:
            return line.get("auth_username") or account, line.get("password") or ""
    return "", ""


def _how_of(store: IStore, provisioner: IProvisioner, device_id: str) -> tuple[Device, Notify | Call]:
    device = found(store, Device, device_id)
    if device is None:
        raise NotResynced("resync.gone", f"device {device_id!r} is no longer there")
    return device, provisioner.resync(device)


def _pbx(name: str, settings: PbxSettings, reactor: Any, new_token: Callable[[], str]) -> Pbx:
    secret = Path(settings.secret_file).read_text(encoding="utf-8").strip() if settings.secret_file else ""
    authorities = Path(settings.ca_file).read_text(encoding="utf-8") if settings.ca_file else ""
    made = notifier(name, settings, secret, authorities, reactor, random.random, new_token)
    return Pbx(made, frozenset(settings.tenants))


def _addresses(hosts: Iterator[str]) -> tuple[str, ...]:
    """Look names up, once: the reactor does not run yet."""
    found: list[str] = []
    for host in hosts:
        try:
            found += [str(place[4][0]) for place in socket.getaddrinfo(host, None, type=SOCK_STREAM)]
        except OSError as problem:
            _log.warn("PBX {host} may not ask by AGI: {problem}", host=host, problem=str(problem))
    return tuple(dict.fromkeys(found))
