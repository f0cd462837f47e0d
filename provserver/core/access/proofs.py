"""Proofs: what a sighting shows of who it is, besides its address, before anybody has looked which device that is."""

from attrs import evolve, frozen

from provserver.address import normal_mac
from provserver.core.access.certificates import macs_in
from provserver.core.access.digests import REFUSED, Checked, Digests, Use
from provserver.core.reading import found, tenant_with
from provserver.errors import Invalid
from provserver.interfaces import IStore
from provserver.model import Device, Facts, Pairing, Sighting, Tenant


@frozen
class Shown:
    """What was shown. `pairing` is whose token it was, in the path or as the password of HTTP digest."""

    key_of: Tenant | None = None
    pairing: Pairing | None = None
    in_path: bool = False  # the token
    macs: frozenset[str] = frozenset()  # that its certificate names
    use: Use | None = None  # of a nonce, which is to be spent
    stale: bool = False  # the password was right, the nonce was not


def shown(
    sighting: Sighting, store: IStore, digests: Digests | None, own: Use | None
) -> tuple[Sighting, Shown]:
    """
    Take key and token off the front of a sighting's path, and read its certificate and its digest. TFTP and SIP
    show a key and no more: a token there counts for nothing. `own`: the use of a nonce that was spent for this very
    sighting already.
    """
    full_path = f"{sighting.key}/{sighting.path}" if sighting.key else sighting.path
    first, _, rest = full_path.partition("/")
    key_of = tenant_with(store, first) if first else None
    path = rest if key_of else full_path
    first, _, rest = path.partition("/")
    pairing = next(iter(store.find(Pairing, "token", first)), None) if first else None
    if key_of or pairing or sighting.key:
        sighting = evolve(sighting, path=rest if pairing else path, key=(key_of.key or "") if key_of else "")
    if sighting.protocol != "http":
        return sighting, Shown(key_of)
    macs = macs_in(sighting.certificate)
    if pairing:
        return sighting, Shown(key_of, pairing, in_path=True, macs=macs)
    checked = _digest(sighting, store, digests, own)
    return sighting, Shown(key_of, checked.pairing, False, macs, checked.use, checked.stale)


def certified(facts: Facts, shown: Shown) -> Facts:
    """Return the facts with the MAC of the certificate, where the request does not say any itself."""
    if facts.mac or len(shown.macs) != 1:
        return facts
    (mac,) = shown.macs
    return evolve(facts, mac=mac, said_by={**facts.said_by, "mac": "certificate"})


def _digest(sighting: Sighting, store: IStore, digests: Digests | None, own: Use | None) -> Checked:
    credentials = digests.read(sighting) if digests else None
    if digests is None or credentials is None:
        return REFUSED
    return digests.check(credentials, sighting, _pairings(store, credentials.username), own)


def _pairings(store: IStore, username: str) -> tuple[Pairing, ...]:
    """Return what a username may mean: a device's id, or the MAC of one."""
    ids = [username]
    try:
        ids += [device.id for device in store.find(Device, "mac", normal_mac(username))]
    except Invalid:
        pass
    return tuple(pairing for doc_id in ids if (pairing := found(store, Pairing, doc_id)))
