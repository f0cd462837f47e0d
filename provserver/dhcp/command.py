"""The command `provd-dhcp`: prints the configuration of a DHCP server, or says what a phone would be given."""

import argparse
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from glob import glob

from provserver.address import normal_mac
from provserver.dhcp.config.check import check
from provserver.dhcp.config.dnsmasq import dnsmasq
from provserver.dhcp.config.isc import isc
from provserver.dhcp.config.kea import kea
from provserver.dhcp.config.mikrotik import mikrotik
from provserver.dhcp.config.plan import Plan, lan, places, plan
from provserver.dhcp.config.rules import rules
from provserver.errors import Invalid
from provserver.interfaces import IVendor
from provserver.ports import own_address
from provserver.vendors.loader import bundled, load

_HOOK = "/usr/local/bin/provd-lease"
_KEA_LIBRARY = "/usr/lib/x86_64-linux-gnu/kea/hooks/libdhcp_run_script.so"  # Debian's, on a PC
_EXAMPLE = "provd-dhcp dnsmasq --subnet 10.0.0.0/24 --router 10.0.0.1 --url http://10.0.0.5:8667"


def main(argv: Sequence[str] | None = None) -> int:
    """Return the exit status: 0, or 1 where something is wrong with what was asked (argparse's own is 2)."""
    options = _parser().parse_args(argv)
    loaded = load([bundled()], None)
    for broken in loaded.broken:
        sys.stderr.write(f"provd-dhcp: a vendor folder is left out: {broken.text}\n")
    try:
        sys.stdout.write(answer(options, loaded.vendors))
    except Invalid as problem:
        sys.stderr.write(f"provd-dhcp: {problem}\n")
        return 1
    return 0


def answer(options: argparse.Namespace, vendors: Sequence[IVendor]) -> str:
    """Raises: Invalid."""
    url = options.url or f"http://{own_address()}:8667"
    given = rules(vendors, places(url, options.tftp))
    if options.command == "check":
        mac = normal_mac(options.mac) if options.mac else ""
        return "".join(f"{line}\n" for line in check(vendors, given, option_60(options.option_60), mac))
    network = lan(options.subnet, options.range, options.router, options.dns, options.interface)
    return _servers(options)[options.command](plan(network, given, options.hook, options.socket))


def _servers(options: argparse.Namespace) -> Mapping[str, Callable[[Plan], str]]:
    library = getattr(options, "library", "")
    return {"kea": partial(kea, library=library), "dnsmasq": dnsmasq, "isc": isc, "mikrotik": mikrotik}


def option_60(text: str) -> bytes:
    r"""Return what an argument stands for, which cannot hold a NUL but as `\0`; other odd bytes as `\x1f`."""

    def byte(match: re.Match[str]) -> str:
        return chr(int(match[1] or "0", 16))

    return re.sub(r"\\(?:x([0-9a-fA-F]{2})|0)", byte, text).encode("latin-1", "replace")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="provd-dhcp", description=__doc__, epilog=f"Example: {_EXAMPLE}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, title in (
        ("kea", "print a kea-dhcp4.conf"),
        ("dnsmasq", "print a file for /etc/dnsmasq.d"),
        ("isc", "print a dhcpd.conf"),
        ("mikrotik", "print commands for a router with RouterOS"),
    ):
        _add_network(_add(commands, name, title))
    commands.choices["kea"].add_argument(
        "--library",
        default=next(iter(sorted(glob("/usr/lib/*/kea/hooks/libdhcp_run_script.so"))), _KEA_LIBRARY),
        help="Kea's run_script hook (%(default)s)",
    )
    checks = _add(commands, "check", "say what a phone would be given, and what provd takes it for")
    checks.add_argument("option_60", help=r'its option 60, "" for none; \0 is a NUL')
    checks.add_argument("--mac", default="", help="its MAC address")
    return parser


def _add(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, title: str
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=title, description=title)
    parser.add_argument("--url", default="", help="provd as phones reach it, with the tenant's key if any")
    parser.add_argument("--tftp", default="", metavar="HOST", help="provd's TFTP server (the URL's host)")
    return parser


def _add_network(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--subnet", required=True, help="like 10.0.0.0/24")
    parser.add_argument(
        "--range", default="", metavar="FIRST-LAST", help="addresses of phones (the upper half)"
    )
    parser.add_argument("--router", default="", metavar="IP")
    parser.add_argument("--dns", default=[], action="append", metavar="IP", help="may be given several times")
    parser.add_argument("--interface", default="", help="where the DHCP server listens")
    parser.add_argument("--hook", default=_HOOK, metavar="PATH", help="the program provd-lease (%(default)s)")
    parser.add_argument(
        "--socket", default="", metavar="PATH", help="provd's lease socket, if not the usual one"
    )
