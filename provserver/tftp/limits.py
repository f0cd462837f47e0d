"""How many transfers there may be, from one address and in all."""

from collections.abc import Container

from attrs import field, frozen

from provserver.tftp.options import Caps


@frozen
class Limits:
    per_address_local: int = 2_000
    per_address_elsewhere: int = 32
    in_all: int = 10_000
    local: Container[str] = field(factory=frozenset)  # the addresses that are local
    caps: Caps = field(factory=Caps)
    deadline_s: float = 3_600.0  # of one transfer
    backend_s: float = 20.0  # for the backend's answer


class Places:
    """Counts the transfers under way."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._all = 0
        self._taken: dict[str, int] = {}

    def take(self, host: str) -> bool:
        """Take a place, if there is one."""
        limits, taken = self._limits, self._taken.get(host, 0)
        if self._all >= limits.in_all or taken >= limits.per_address_local:
            return False
        # Looking an address up in networks is dear: only who has many is looked up.
        if taken >= limits.per_address_elsewhere and host not in limits.local:
            return False
        self._all += 1
        self._taken[host] = taken + 1
        return True

    def leave(self, host: str) -> None:
        self._all -= 1
        self._taken[host] -= 1
        if not self._taken[host]:
            del self._taken[host]
