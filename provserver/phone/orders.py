"""What `provd-phone` can be told to do, read from the options of its command line."""

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import quote

from attrs import field, frozen

from provserver.errors import Invalid
from provserver.phone.fleet import fleet
from provserver.phone.lease import Rest, lease_event
from provserver.phone.login import Login
from provserver.phone.profiles import PROFILES
from provserver.phone.sip.agent import Manners
from provserver.phone.values import Phone, Profile


@frozen
class BootOrder:
    """These phones boot, so many times one after the other."""

    profile: Profile
    phones: tuple[Phone, ...]
    server: str = field(repr=False)  # ends in `/`; holds the key
    boots: int
    as_json: bool
    login: Login | None = None


@frozen
class LiveOrder:
    """A phone stays on: it boots, registers, dials the next of the codes after each start, and restarts when told."""

    boot: BootOrder  # of one phone
    codes: tuple[str, ...]
    line: int  # the number of the account that dials
    sip_port: int
    stay_s: float  # how long it waits to be told, each time
    restarts: int | None  # after so many it ends; None: never
    manners: Manners


@frozen
class PnpOrder:
    """A phone looks for its server by SIP PnP, and boots from it if `boot`."""

    profile: Profile
    phone: Phone
    group: tuple[str, int]
    boot: bool


@frozen
class LeaseOrder:
    """A DHCP server tells provd of an event of a phone's lease."""

    profile: Profile
    phone: Phone
    what: str
    event: bytes
    to: Path | Rest  # the lease socket, or REST


Order = BootOrder | LiveOrder | PnpOrder | LeaseOrder


def read_order(options: argparse.Namespace) -> Order:
    """Return what the options of a command ask for. Raises: Invalid."""
    profile = PROFILES[options.vendor]
    names = {name.lower(): name for name in profile.models}
    model = names.get(options.model.lower())
    if model is None:
        raise Invalid(f"no {profile.vendor} {options.model}; it can play {', '.join(profile.models)}")
    version = options.version or profile.models[model]
    phone = Phone(options.vendor, model, options.mac, version, options.source or "")
    return _ORDERS[options.command](options, profile, phone)


def _boot(options: argparse.Namespace, profile: Profile, first: Phone) -> BootOrder:
    return BootOrder(
        profile,
        fleet(first, options.count),
        _server(options, profile),
        boots=2 if options.again else 1,
        as_json=options.json,
        login=_login(options),
    )


def _server(options: argparse.Namespace, profile: Profile) -> str:
    return (options.server or profile.server) + (f"{quote(options.key, safe='')}/" if options.key else "")


def _live(options: argparse.Namespace, profile: Profile, phone: Phone) -> LiveOrder:
    if profile.credentials is None:
        raise Invalid(f"a {profile.vendor} {phone.model} does not speak SIP")
    return LiveOrder(
        BootOrder(profile, (phone,), _server(options, profile), 1, as_json=False, login=_login(options)),
        tuple(options.dial),
        options.line,
        options.sip_port,
        options.stay,
        options.restarts,
        Manners(profile.restarts_at, options.strict_notify, options.unregister_all),
    )


def _login(options: argparse.Namespace) -> Login | None:
    if (options.user is None) != (options.password is None):
        raise Invalid("--user and --password go together")
    return None if options.user is None else Login(options.user, options.password)


def _pnp(options: argparse.Namespace, profile: Profile, phone: Phone) -> PnpOrder:
    if not profile.pnp:
        raise Invalid(f"a {profile.vendor} {phone.model} does not look for its server by SIP PnP")
    if ":" in phone.source:
        raise Invalid(f"{phone.source}: SIP PnP is IPv4 only")
    return PnpOrder(profile, phone, options.group, options.boot)


def _lease(options: argparse.Namespace, profile: Profile, phone: Phone) -> LeaseOrder:
    vendor_class = profile.vendor_class(phone) if options.vendor_class is None else options.vendor_class
    event = lease_event(options.op, options.ip, phone, vendor_class)
    shown = f"option 60 {vendor_class!r}" if vendor_class else "without option 60"
    what = f"{options.op} of {options.ip}, {shown}"
    if options.rest is None:
        return LeaseOrder(profile, phone, what, event, options.socket)
    try:
        token = options.token_file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as problem:
        raise Invalid(f"no token in {options.token_file}: {problem}") from None
    return LeaseOrder(profile, phone, what, event, Rest(options.rest, token))


_ORDERS: Mapping[str, Callable[[argparse.Namespace, Profile, Phone], Order]] = {
    "boot": _boot,
    "live": _live,
    "pnp": _pnp,
    "lease": _lease,
}
