"""A small office behind a NAPT: network namespaces for provd, a PBX, the router with its one address, and phones."""

import contextlib
import itertools
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.dhcp.network import lacks

PROVD_IP, PBX_IP, NAPT_IP = "198.51.100.10", "198.51.100.20", "198.51.100.7"
PHONE_IPS = ("192.168.7.31", "192.168.7.32", "192.168.7.33")
_LAN_IP = "192.168.7.1"
_PATIENCE_S = 30
_numbers = itertools.count(1)

# Random ports for all, and no word to who comes without having been asked: the worst that is usual.
_RULES = """
table ip napt {
  chain out {
    type nat hook postrouting priority srcnat
    ip saddr 192.168.7.0/24 oifname "wan" masquerade random,fully-random
  }
  chain in {
    type filter hook input priority filter
    iifname "wan" drop
  }
}
"""

LACKS = lacks("nft", "kamailio", "curl")
if not LACKS and not list(Path("/usr/lib").glob("*/kamailio/modules/http_client.so")):
    LACKS = "not installed: apt-get install kamailio-utils-modules"


class Napt:
    """`phones` are the machines with PHONE_IPS. Leaving the context ends what was started and takes all away."""

    def __init__(self, mapping_s: int) -> None:
        """`mapping_s`: so long without a packet, and the router forgets whose port it was."""
        name = f"provd-{os.getpid()}-napt{next(_numbers)}"
        self.provd, self.pbx, self._router = f"{name}-provd", f"{name}-pbx", f"{name}-router"
        self.phones = tuple(f"{name}-phone{number}" for number, _ in enumerate(PHONE_IPS, 1))
        self._mapping_s = mapping_s
        self._started = contextlib.ExitStack()

    def __enter__(self) -> "Napt":
        with contextlib.ExitStack() as undo:
            for namespace in (self._router, self.provd, self.pbx, *self.phones):
                _run("ip", "netns", "add", namespace)
                undo.callback(subprocess.run, ["ip", "netns", "del", namespace], check=False)
            self._ip(self._router, _bridge("wan", NAPT_IP), _bridge("lan", _LAN_IP))
            for number, (namespace, ip) in enumerate([(self.provd, PROVD_IP), (self.pbx, PBX_IP)]):
                self._plug("wan", number, namespace, ip)
            for number, (namespace, ip) in enumerate(zip(self.phones, PHONE_IPS, strict=True)):
                self._plug("lan", number, namespace, ip)
                self._ip(namespace, f"route add default via {_LAN_IP}")
            times = (
                f"net.netfilter.nf_conntrack_udp_timeout{kind}={self._mapping_s}" for kind in ("", "_stream")
            )
            _run(*at(self._router, "sysctl", "-q", "-w", "net.ipv4.ip_forward=1", *times))
            _run(*at(self._router, "nft", "-f", "-"), text=_RULES)
            self._started.push(undo.pop_all())
        return self

    def __exit__(self, *problem: object) -> None:
        self._started.close()

    def start(
        self, namespace: str, command: Sequence[str], log: Path, cwd: Path
    ) -> "subprocess.Popen[bytes]":
        """Start a program that runs until the context is left; what it prints goes to `log`."""
        with log.open("wb") as out:
            process = subprocess.Popen(
                at(namespace, *command), stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=cwd
            )
        self._started.callback(_end, process)
        return process

    def _plug(self, bridge: str, number: int, namespace: str, ip: str) -> None:
        """Put a machine on one of the router's sides."""
        self._ip(
            self._router,
            f"link add {bridge}{number} type veth peer name eth0 netns {namespace}",
            f"link set {bridge}{number} master {bridge} up",
        )
        self._ip(namespace, "link set lo up", "link set eth0 up", f"address add {ip}/24 dev eth0")

    def _ip(self, namespace: str, *lines: str) -> None:
        _run("ip", "-n", namespace, "-batch", "-", text="\n".join([*lines, ""]))


def at(namespace: str, *command: str) -> list[str]:
    return ["ip", "netns", "exec", namespace, *command]


def _bridge(name: str, ip: str) -> str:
    return f"link add name {name} type bridge\naddress add {ip}/24 dev {name}\nlink set {name} up"


def _run(*command: str, text: str = "") -> None:
    subprocess.run(command, input=text.encode(), check=True, timeout=_PATIENCE_S)


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(_PATIENCE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
