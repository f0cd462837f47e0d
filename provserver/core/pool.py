"""The pool of slots as `provd-pbx` writes it and REST takes it, and what changes when it is set."""

import re
from collections.abc import Iterator, Mapping

from attrs import evolve, field, frozen

from provserver.errors import Invalid
from provserver.interfaces import IStore
from provserver.model import Delete, Put, Slot

MOST = 20_000
BATCH = 200  # changes in one commit
_USER = re.compile(r"[0-9A-Za-z._-]{1,64}")
_PASSWORD = re.compile(r"[0-9A-Za-z]{8,64}")  # nothing that a file of some phone gives a meaning to
_HOST = re.compile(r"[0-9A-Za-z]([0-9A-Za-z.-]{0,251}[0-9A-Za-z])?|\[?[0-9A-Fa-f:.]{2,45}\]?")


@frozen
class Pool:
    registrar: str = ""  # "" leaves it to the config of waiting phones
    port: int = 0
    shared: bool = False  # one account for all
    accounts: Mapping[str, str] = field(factory=dict, repr=False)  # user -> password


def read_pool(document: object) -> Pool:
    """
    Read `{"registrar", "port", "shared", "slots": [{"username", "password"}, …]}`; other names are passed over, since
    the file of `provd-pbx` has what is the PBX's.

    Raises:
        Invalid: naming the field.
    """
    if not isinstance(document, dict):
        raise Invalid("expected an object with a list of slots")
    registrar, port, shared = (
        document.get(name, default) for name, default in (("registrar", ""), ("port", 0), ("shared", False))
    )
    if not isinstance(registrar, str) or (registrar and not _HOST.fullmatch(registrar)):
        raise Invalid("expected a host name or an address", "registrar")
    if type(port) is not int or not 0 <= port <= 65_535:
        raise Invalid("expected a port", "port")
    if not isinstance(shared, bool):
        raise Invalid("expected true or false", "shared")
    slots = document.get("slots")
    if not isinstance(slots, list) or len(slots) > MOST:
        raise Invalid(f"expected a list of at most {MOST} slots", "slots")
    accounts = dict(_read_slot(slot, f"slots.{at}") for at, slot in enumerate(slots))
    if len(accounts) < len(slots):
        raise Invalid("two slots have the same username", "slots")
    if shared and len(accounts) > 1:
        raise Invalid(f"expected one account for all, got {len(accounts)}", "slots")
    return Pool(registrar.strip("[]"), port, shared, accounts)


def _read_slot(slot: object, path: str) -> tuple[str, str]:
    if not isinstance(slot, dict):
        raise Invalid('expected an object like {"username": "ap0017", "password": "…"}', path)
    user, password = slot.get("username"), slot.get("password")
    if not isinstance(user, str) or not _USER.fullmatch(user):
        raise Invalid("expected 1 to 64 letters, digits, dots, dashes and underscores", f"{path}.username")
    if not isinstance(password, str) or not _PASSWORD.fullmatch(password):
        raise Invalid("expected 8 to 64 letters and digits", f"{path}.password")
    return user, password


def pool_changes(pool: Pool, store: IStore) -> Iterator[Put | Delete]:
    """Give what must change so that the slots are those of the pool. A phone that has one which stays keeps it."""
    here = {slot.id: slot for slot in store.find(Slot, "all", "")}
    for user, password in pool.accounts.items():
        before = here.pop(user, None)
        slot = evolve(
            before or Slot(user),
            password=password,
            registrar=pool.registrar,
            port=pool.port,
            shared=pool.shared,
            device=None if pool.shared or before is None else before.device,
        )
        if slot != before:
            yield Put(slot, before.rev if before else 0)
    for gone in here.values():
        yield Delete(Slot, gone.id, gone.rev)
