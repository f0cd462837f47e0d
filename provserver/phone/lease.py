"""A DHCP lease as a DHCP server tells of it: what a phone's address and option 60 look like to provd."""

import contextlib
import json
import socket
from pathlib import Path

from attrs import field, frozen

from provserver.errors import Invalid
from provserver.phone.boot import Fetcher
from provserver.phone.fetching import origin
from provserver.phone.values import Fetch, Phone, Unreachable

_VENDOR_CLASS = 60
_MOST_OPTION_BYTES = 255
_GOOD = 204
_REST_PATH = "0.2/dev_mgr/dhcpinfo"


@frozen
class Rest:
    """Where a lease is told over REST."""

    url: str  # ends in `/`
    token: str = field(repr=False)


def lease_event(op: str, ip: str, phone: Phone, vendor_class: str) -> bytes:
    """
    Return one event, the same over the lease socket and over REST; `op` is commit, release or expiry. An empty
    vendor class is none: Kea's hook knows no option 60.

    Raises:
        Invalid: the vendor class is longer than an option can be.
    """
    value = vendor_class.encode("latin-1", "replace")
    if len(value) > _MOST_OPTION_BYTES:
        raise Invalid(f"a vendor class of {len(value)} bytes, the most is {_MOST_OPTION_BYTES}")
    options = [f"{_VENDOR_CLASS:03}{value.hex('.')}"] if value else []
    return json.dumps({"dhcp_info": {"op": op, "ip": ip, "mac": phone.mac, "options": options}}).encode()


def tell_socket(path: Path, event: bytes) -> None:
    """Send an event as a DHCP server's hook does: one datagram, no answer. Raises: Unreachable."""
    with contextlib.closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)) as sock:
        try:
            sock.connect(str(path))
            sock.send(event)
        except OSError as problem:
            reason = problem.strerror or str(problem)
            raise Unreachable(f"cannot tell {path}: {reason}. Is provd running? try: make run") from None


async def tell_rest(rest: Rest, event: bytes, fetch: Fetcher) -> None:
    """Post an event. Raises: Unreachable: also where it is refused."""
    headers = {"X-Auth-Token": rest.token, "Content-Type": "application/json"}
    answer = await fetch(Fetch("dhcpinfo", rest.url + _REST_PATH, headers, body=event))
    if answer.status != _GOOD:
        text = answer.problem or answer.body.decode("utf-8", "replace").strip()[:200]
        raise Unreachable(f"{origin(rest.url)} does not take it: {answer.status} {text}".rstrip())
