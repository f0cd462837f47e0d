#!/usr/bin/python3 -IS
"""
`provd-lease`: tells provd of a lease. DHCP servers call it, each in its own way:

    dnsmasq     provd-lease add|old|del MAC IP [NAME]          dhcp-script; more in DNSMASQ_…
    Kea         provd-lease leases4_committed|lease4_renew|…   run_script hook; all is in LEASE4_…
    ISC dhcpd   provd-lease commit|release|expiry IP [MAC [OPTION…]]   execute; OPTION is 06079.65.61

Before these may stand `--socket PATH`, the lease socket of provd. Without it PROVD_LEASE_SOCKET names it, else it
is the one of a provd that keeps its state in /var/lib/provd.

The DHCP server is never kept waiting, nor told of a failure: the exit status is 0 also where provd is down. IPv6
leases, and hardware that is not Ethernet, are passed over.
"""

# It works as a file of its own, and imports next to nothing: `json`, `socket` and `collections.abc` would together
# take longer than all of Python's start.
from __future__ import annotations

import _socket
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

DEFAULT_SOCKET = "/var/lib/provd/run/lease"
# The kernel keeps ten datagrams (net.unix.max_dgram_qlen); then provd has one turn of its reactor to take them.
_MOST_WAIT_S = 0.05
_MOST_LEASES = 16  # of one Kea event; it has one, or two where a phone moves

_DNSMASQ = {"add": "commit", "old": "commit", "del": "release"}
_ISC = ("commit", "release", "expiry")
# What a Kea event says of which leases; `{}` is the number of a lease in a list.
_KEA = {
    "leases4_committed": (("release", "DELETED_LEASES4"), ("commit", "LEASES4")),
    "lease4_renew": (("commit", "LEASE4"),),
    "lease4_release": (("release", "LEASE4"),),
    "lease4_decline": (("release", "LEASE4"),),
    "lease4_expire": (("expiry", "LEASE4"),),
}
# Options that dnsmasq puts into the environment as they are.
_DNSMASQ_OPTIONS = {12: "DNSMASQ_SUPPLIED_HOSTNAME", 60: "DNSMASQ_VENDOR_CLASS", 77: "DNSMASQ_USER_CLASS0"}

Event = tuple[str, str, str, tuple[str, ...]]  # op, ip, mac, options, as the REST API's `dhcpinfo` has them


def events(arguments: Sequence[str], environment: Mapping[str, str]) -> Iterator[Event]:
    """Yield what a call tells. Words that are not known here yield nothing: dnsmasq says that it will have more."""
    word, *rest = arguments
    if word in _DNSMASQ:
        found = _of_dnsmasq(_DNSMASQ[word], rest, environment)
    elif word in _KEA:
        found = _of_kea(word, environment)
    elif word in _ISC:
        found = _of_isc(word, rest)
    else:
        return
    for op, ip, mac, options in found:
        if "." in ip and ":" not in ip and (mac or op != "commit"):
            yield op, ip, mac, options


def _of_dnsmasq(op: str, rest: Sequence[str], environment: Mapping[str, str]) -> Iterator[Event]:
    mac, ip = [*rest, "", ""][:2]
    if "-" in mac:  # `06-01:23:45:67:89:ab`: a type of hardware that is not Ethernet
        return
    options = [
        _option(code, os.fsencode(environment[name]))
        for code, name in _DNSMASQ_OPTIONS.items()
        if environment.get(name)
    ]
    yield op, ip, mac, (*options, *_client_id(environment.get("DNSMASQ_CLIENT_ID", "")))


def _of_kea(word: str, environment: Mapping[str, str]) -> Iterator[Event]:
    for op, name in _KEA[word]:
        for prefix in _kea_prefixes(name, environment):
            if environment.get(f"{prefix}_HWADDR_TYPE", "1") == "1":
                ip, mac = (environment.get(f"{prefix}_{part}", "") for part in ("ADDRESS", "HWADDR"))
                yield op, ip, mac, _client_id(environment.get(f"{prefix}_CLIENT_ID", ""))


def _kea_prefixes(name: str, environment: Mapping[str, str]) -> Iterator[str]:
    if name == "LEASE4":
        yield name
        return
    size = environment.get(f"{name}_SIZE", "")
    for number in range(min(int(size), _MOST_LEASES) if size.isdecimal() else 0):
        yield f"{name}_AT{number}"


def _of_isc(op: str, rest: Sequence[str]) -> Iterator[Event]:
    ip, mac, *options = [*rest, "", ""][: max(len(rest), 2)]
    # A phone that sends no option 60 leaves that argument empty, or with nothing behind the number.
    yield op, ip, mac, tuple(option for option in options if len(option) > len("060"))


def _option(code: int, value: bytes) -> str:
    return f"{code:03}{value.hex('.')}"


def _client_id(text: str) -> tuple[str, ...]:
    """Return option 61 of `01:00:15:65:4a:a9:37`; of another text none: the lease matters more."""
    pairs = text.lower().split(":")
    if all(len(pair) in (1, 2) and not pair.strip("0123456789abcdef") for pair in pairs):
        return (f"061{'.'.join(pairs)}",)
    return ()


def datagram(event: Event) -> bytes:
    """
    Return an event as the body of `dhcpinfo`, which is what the lease socket takes.

    Raises:
        ValueError: a part holds what no part of a lease can hold.
    """
    op, ip, mac, options = event
    for text in (ip, mac, *options):
        if not text.isascii() or not text.isprintable() or '"' in text or "\\" in text:
            raise ValueError(f"not a part of a lease: {text!r:.60}")
    listed = ", ".join(f'"{option}"' for option in options)
    info = f'"op": "{op}", "ip": "{ip}", "mac": "{mac}", "options": [{listed}]'
    return f'{{"dhcp_info": {{{info}}}}}'.encode("ascii")


def tell(arguments: Sequence[str], environment: Mapping[str, str]) -> str:
    """Tell provd what a call tells; return what to complain of, or ""."""
    path = environment.get("PROVD_LEASE_SOCKET") or DEFAULT_SOCKET
    if arguments[:1] == ["--socket"]:
        path, arguments = "".join(arguments[1:2]), arguments[2:]
    if not arguments:
        return (__doc__ or "").strip()
    sock = _socket.socket(_socket.AF_UNIX, _socket.SOCK_DGRAM)
    sock.settimeout(_MOST_WAIT_S)
    try:
        for event in events(arguments, environment):
            sock.sendto(datagram(event), path)
    except (OSError, ValueError) as problem:
        return f"provd-lease: provd was not told of a lease ({path!r}): {problem}"
    finally:
        sock.close()
    return ""


def main() -> int:
    complaint = tell(sys.argv[1:], os.environ)
    if complaint:
        try:
            os.write(2, f"{complaint}\n".encode(errors="backslashreplace"))
        except OSError:
            pass  # the DHCP server closed it
    return 0


if __name__ == "__main__":
    sys.exit(main())
