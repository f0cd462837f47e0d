"""The transfers under way: who they are, and how many there may be, from one address and in all."""

from collections.abc import Iterator
from typing import Any

from attrs import define
from twisted.internet.defer import Deferred

from provserver.tftp.limits import Limits
from provserver.tftp.listening import Listening
from provserver.tftp.options import PLAIN, Agreed
from provserver.tftp.packet import Request
from provserver.tftp.session import Key, Session

_MOST_LINGERING = 1_000


@define(eq=False)
class Transfer:
    """One request from the moment that it is taken; without a session, the backend is still being asked."""

    key: Key
    request: Request
    listening: Listening
    agreed: Agreed = PLAIN
    asked: Deferred[Any] | None = None
    session: Session | None = None
    over: bool = False

    def is_lively(self, now: float) -> bool:
        """Say whether its request, heard again, is a late copy."""
        return self.session is None or self.session.transfer.is_lively(now)


class Transfers:
    """
    Each takes a place, as `limits` says.

    An upload whose file is in its place only lingers, in case that its last acknowledgement was lost: it has no place
    any more, so that it keeps nobody out, but there are only so many of them.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._all: dict[Key, Transfer] = {}
        self._lingering: dict[Key, Transfer] = {}  # the oldest first
        self._taken: dict[str, int] = {}  # places by address

    def __len__(self) -> int:
        return len(self._all)

    def __iter__(self) -> Iterator[Transfer]:
        return iter(list(self._all.values()))

    def get(self, key: Key) -> Transfer | None:
        return self._all.get(key)

    def add(self, transfer: Transfer) -> bool:
        """Take it in, if there is a place."""
        host = transfer.key[0][0]
        limits, taken = self._limits, self._taken.get(host, 0)
        if len(self._all) - len(self._lingering) >= limits.in_all or taken >= limits.per_address_local:
            return False
        # Looking an address up in networks is dear: only who has many is looked up.
        if taken >= limits.per_address_elsewhere and host not in limits.local:
            return False
        self._taken[host] = taken + 1
        self._all[transfer.key] = transfer
        return True

    def linger(self, transfer: Transfer) -> Transfer | None:
        """Give its place to others; return who must end, that there are not too many of its kind."""
        self._leave(transfer.key[0][0])
        self._lingering[transfer.key] = transfer
        return next(iter(self._lingering.values())) if len(self._lingering) > _MOST_LINGERING else None

    def lingering(self) -> tuple[Transfer, ...]:
        return tuple(self._lingering.values())

    def remove(self, transfer: Transfer) -> None:
        del self._all[transfer.key]
        if self._lingering.pop(transfer.key, None) is None:
            self._leave(transfer.key[0][0])

    def _leave(self, host: str) -> None:
        self._taken[host] -= 1
        if not self._taken[host]:
            del self._taken[host]
