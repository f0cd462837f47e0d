"""Many phones out of one: consecutive MACs and, where one is given, consecutive source addresses."""

import ipaddress

from attrs import evolve

from provserver.errors import Invalid
from provserver.phone.values import Phone

_LAST_MAC = 0xFFFFFFFFFFFF


def fleet(first: Phone, count: int) -> tuple[Phone, ...]:
    """
    Return `count` phones: `…:37` from 127.0.0.5, `…:38` from 127.0.0.6, and so on.

    Raises:
        Invalid: the MACs or addresses do not reach so far.
    """
    mac = int(first.mac.replace(":", ""), 16)
    if mac + count - 1 > _LAST_MAC:
        raise Invalid(f"{count} phones from {first.mac} on: there are not so many MAC addresses left")
    try:
        sources = [
            str(ipaddress.ip_address(first.source) + offset) if first.source else ""
            for offset in range(count)
        ]
    except ipaddress.AddressValueError:
        raise Invalid(
            f"{count} phones from {first.source} on: there are not so many addresses left"
        ) from None
    return tuple(
        evolve(first, mac=(mac + offset).to_bytes(6, "big").hex(":"), source=source)
        for offset, source in enumerate(sources)
    )
