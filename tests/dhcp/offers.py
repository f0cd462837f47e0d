"""Vendors of a few rows, and DHCP servers that are asked whether a configuration is right."""

import shutil
import subprocess
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from provserver.dhcp.config.dnsmasq import dnsmasq
from provserver.dhcp.config.isc import isc
from provserver.dhcp.config.kea import kea
from provserver.dhcp.config.mikrotik import mikrotik
from provserver.dhcp.config.plan import Plan, lan, plan
from provserver.dhcp.config.rules import Rule, rules
from provserver.vendors.table import DhcpOffer, DhcpOption, Vendor

VALUES = {"url": "http://10.66.0.1:8667/KEY", "tftp": "10.66.0.1", "ip": "10.66.0.1"}
KEA_LIBRARY = next(iter(map(str, Path("/usr/lib").glob("*/kea/hooks/libdhcp_run_script.so"))), "/none")
SERVERS: Mapping[str, Callable[[Plan], str]] = {
    "kea": partial(kea, library=KEA_LIBRARY),
    "dnsmasq": dnsmasq,
    "isc": isc,
    "mikrotik": mikrotik,
}
_TESTS = {
    "kea": ("kea-dhcp4", "-t"),
    "dnsmasq": ("dnsmasq", "--test", "-C"),
    "isc": ("dhcpd", "-t", "-cf"),
}
IP, HOST, URL = DhcpOption(150, "{ip}", "ip"), DhcpOption(66, "{tftp}"), DhcpOption(66, "{url}/")


def vendor(name: str, *offers: DhcpOffer) -> Vendor:
    return Vendor(
        id=name,
        name=name.title(),
        version="1",
        folder="/vendors",
        fingerprints=(),
        models={},
        releases=(),
        files=(),
        values=lambda _: {},
        resync=None,
        dhcp=offers,
    )


def offer(
    *options: DhcpOption,
    option_60: tuple[str, ...] = (),
    ouis: tuple[str, ...] = (),
    source: str = "its manual",
) -> DhcpOffer:
    return DhcpOffer(options, source, option_60, ouis)


# Rows that fit the same phones, and texts that mean something in one server's language or another's.
ODD = "a\"b\\c'd,#e${f};{g}/"
VENDORS = (
    vendor("any-cisco", offer(IP, HOST, DhcpOption(161, "41", "bytes"), option_60=("Cisco Systems*",))),
    vendor("mpp", offer(URL, option_60=("Cisco Systems, Inc. IP Phone CP-*-3PCC",), source="line\none {")),
    vendor("exact", offer(DhcpOption(66, "{url}/exact"), option_60=("Panasonic",))),
    vendor(
        "odd",
        offer(
            DhcpOption(66, ODD.replace("{", "{{").replace("}", "}}")),
            DhcpOption(160, "10.0.0.9"),
            DhcpOption(43, parts=(DhcpOption(2, "{url}"), DhcpOption(3, "00", "bytes"))),
            option_60=("o'd\"d\\x*",),
            ouis=("02:aa:bb",),
        ),
    ),
    vendor(
        "oui", offer(DhcpOption(66, "it's"), DhcpOption(128, "0a0b", "bytes"), ouis=("02:aa:bb", "02:aa:cc"))
    ),
    vendor("none"),
)


def odd_rules() -> tuple[Rule, ...]:
    return rules(VENDORS, VALUES)


def plan_of(
    given: tuple[Rule, ...], hook: str = "/usr/local/bin/provd-lease", socket: str = "", interface: str = ""
) -> Plan:
    network = lan("10.66.0.0/24", "10.66.0.100-10.66.0.200", "10.66.0.254", ["10.66.0.1"], interface)
    return plan(network, given, hook, socket)


def program_of(server: str) -> str:
    return _TESTS[server][0]


def complaint(server: str, configuration: Path) -> str:
    """Return what the real server has against a configuration, "" if it takes it."""
    assert shutil.which(program_of(server))
    done = subprocess.run(
        [*_TESTS[server], str(configuration)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "KEA_LOCKFILE_DIR": "none"},
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr
