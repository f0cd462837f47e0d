"""What a DHCP server is to do: a subnet, the options of phones, and whom to tell of leases."""

import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network

from attrs import frozen

from provserver.dhcp.config.rules import Rule
from provserver.errors import Invalid

LEASE_S = 12 * 3600
_MOST_PREFIX = 30  # of a subnet that has room for a server and a phone


@frozen
class Lan:
    subnet: IPv4Network
    first: IPv4Address  # of those that phones get
    last: IPv4Address
    router: IPv4Address | None
    dns: tuple[IPv4Address, ...]
    interface: str  # "": all, or what the server's own files say


@frozen
class Plan:
    lan: Lan
    rules: tuple[Rule, ...]
    hook: str  # the program `provd-lease`
    socket: str  # "": where the hook looks by itself


def plan(lan: Lan, rules: tuple[Rule, ...], hook: str, socket: str) -> Plan:
    """Raises: Invalid: `hook` or `socket` is not a path that every configuration can hold."""
    for option, path in (("--hook", hook), ("--socket", socket)):
        if path and not re.fullmatch(r"/[A-Za-z0-9_./@+:=-]+", path):
            raise Invalid(f"expected an absolute path without blanks and quotes, got {path!r}", option)
    return Plan(lan, rules, hook, socket)


def lan(subnet: str, addresses: str, router: str, dns: Iterable[str], interface: str) -> Lan:
    """
    Read a subnet from words: `addresses` is `10.0.0.100-10.0.0.200`, or "" for the upper half.

    Raises:
        Invalid: naming the option of the command line.
    """
    try:
        network = IPv4Network(subnet)
    except ValueError:
        raise Invalid(f"not an IPv4 subnet like 10.0.0.0/24: {subnet!r}", "--subnet") from None
    if network.prefixlen > _MOST_PREFIX:
        raise Invalid(f"{network} has no room for phones", "--subnet")
    hosts = (network.network_address + 1, network.broadcast_address - 1)
    first, last = _range(addresses, network.network_address + network.num_addresses // 2, hosts[1])
    if not hosts[0] <= first <= last <= hosts[1]:
        raise Invalid(f"{first}-{last} is not inside {hosts[0]}-{hosts[1]} of {network}", "--range")
    gateway = _ip(router, "--router") if router else None
    if gateway and (gateway not in network or first <= gateway <= last):
        raise Invalid(f"{gateway} must be in {network}, and not among the phones' addresses", "--router")
    if not re.fullmatch(r"[A-Za-z0-9_.:@-]{0,15}", interface):
        raise Invalid(f"not the name of an interface: {interface!r}", "--interface")
    return Lan(network, first, last, gateway, tuple(_ip(server, "--dns") for server in dns), interface)


def _range(text: str, first: IPv4Address, last: IPv4Address) -> tuple[IPv4Address, IPv4Address]:
    if not text:
        return first, last
    low, dash, high = text.partition("-")
    if not dash:
        raise Invalid(f"not a range like 10.0.0.100-10.0.0.200: {text!r}", "--range")
    return _ip(low.strip(), "--range"), _ip(high.strip(), "--range")


def _ip(text: str, option: str) -> IPv4Address:
    try:
        return IPv4Address(text)
    except ValueError:
        raise Invalid(f"not an IPv4 address: {text!r}", option) from None


def places(url: str, tftp: str) -> dict[str, str]:
    """
    Return what may stand in the value of an option. `tftp` "" is the host of the URL; `ip` is missing where neither
    is an address.

    Raises:
        Invalid: naming the option of the command line.
    """
    parts = re.fullmatch(r"https?://([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?(/[!-~]*)?", url)
    if parts is None or re.search(r"""[?#@"'\\`]""", url):
        raise Invalid(f"not a URL like http://10.0.0.5:8667: {url!r}", "--url")
    host = tftp or parts[1].strip("[]")
    if not re.fullmatch(r"[A-Za-z0-9.:-]+", host):
        raise Invalid(f"not a host: {host!r}", "--tftp")
    found = {"url": url.rstrip("/"), "tftp": host}
    for address in (host, parts[1]):
        if re.fullmatch(r"[0-9]+(\.[0-9]+){3}", address):
            return {**found, "ip": str(_ip(address, "--tftp"))}
    return found


def summary(plan: Plan, server: str) -> tuple[str, ...]:
    """Return the first lines of a configuration, for people."""
    return (
        f"DHCP for the phones of {plan.lan.subnet}, printed by `provd-dhcp {server}`; docs/dhcp.md explains it.",
        "What a phone is given is decided by its option 60, else by the first half of its MAC address.",
    )


def wrapper(plan: Plan) -> tuple[str, ...]:
    """Return what to say where a server calls its hook without a word of ours, and the socket is elsewhere."""
    if not plan.socket:
        return ()
    return (
        f"{plan.hook} is called without arguments that could name the socket, so it must be this script:",
        "    #!/bin/sh",
        f'    exec provd-lease --socket {plan.socket} "$@"',
    )
