"""How many transfers there may be, from one address and in all."""

from collections.abc import Callable, Container

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
    admits: Callable[[str], bool] = lambda _: True  # whether a request of this host is looked at now
