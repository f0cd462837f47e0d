"""Real DHCP servers and clients, each with a configuration and a place of its own."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from provserver.dhcp import hook
from tests.dhcp.network import Cable, until

ROOT = Path(__file__).resolve().parents[2]
_PRINT = "import sys; from provserver.dhcp.command import main; sys.exit(main())"
_PATIENCE_S = 60
_BOUND = """#!/bin/sh
# What a client calls when its address changes; what it was given goes to the file.
case "${reason:-$1}" in
BOUND|bound)
    ip address add "${new_ip_address:-$ip}/24" dev eth0
    env > FILE.new && mv FILE.new FILE
esac
"""


def printed(server: str, *options: str) -> str:
    """Return what the command `provd-dhcp` prints, as its users call it."""
    words = ["--subnet", "10.66.0.0/24", "--interface", "eth0", *options]
    done = subprocess.run(
        [sys.executable, "-c", _PRINT, server, *words],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        timeout=_PATIENCE_S,
    )
    return done.stdout


def script(path: Path, text: str) -> Path:
    path.write_text(text)
    path.chmod(0o755)
    return path


def hook_script(folder: Path, socket: Path) -> Path:
    """Return the script that a server calls where the lease socket is not the usual one."""
    program = f'exec {sys.executable} -IS {hook.__file__} --socket {socket} "$@"'
    return script(folder / "provd-lease", f"#!/bin/sh\n{program}\n")


def start_server(cable: Cable, server: str, configuration: str, folder: Path) -> None:
    """Start it, and wait until it has opened its socket for requests."""
    path, log = folder / f"{server}.conf", folder / f"{server}.log"
    path.write_text(configuration)
    (folder / "leases").write_text("")
    # Kea wants two folders of the system; `ip netns exec` gives each program mounts of its own.
    own_folders = "mount -t tmpfs none /var/lib; mount -t tmpfs none /run; mkdir /var/lib/kea /run/kea"
    commands: Mapping[str, Sequence[str]] = {
        "dnsmasq": (
            *("dnsmasq", "--keep-in-foreground", "--port=0", "--user=root", "--no-ping", "--log-facility=-"),
            *(f"--conf-file={path}", f"--dhcp-leasefile={folder}/leases"),
        ),
        "kea": ("sh", "-c", f"{own_folders}; exec kea-dhcp4 -c {path}"),
        "isc": (
            "dhcpd",
            "-d",
            "-4",
            "-cf",
            str(path),
            "-lf",
            f"{folder}/leases",
            "-pf",
            f"{folder}/pid",
            "eth0",
        ),
    }
    process = cable.start(cable.at_server(*commands[server]), log, KEA_LOCKFILE_DIR="none")
    ready = {"dnsmasq": "DHCP, IP range", "kea": "DHCP4_STARTED", "isc": "Socket/fallback"}[server]
    until(f"{server} in {log}", lambda: ready in _text(log) or process.poll() is not None)
    assert process.poll() is None, f"{server} ended:\n{_text(log)}"


def _text(log: Path) -> str:
    return log.read_text(errors="replace")


# --- phones ------------------------------------------------------------------------------------------------


def dhclient(cable: Cable, folder: Path, option_60: str) -> dict[str, str]:
    """Get a lease; return what ISC's client was given: `ip_address`, `tftp_server_name`, `tftp_address`, …"""
    configuration = folder / "dhclient.conf"
    configuration.write_text(
        f'send vendor-class-identifier "{option_60}";\n'
        "option tftp-address code 150 = array of ip-address;\n"
        "also request tftp-server-name, tftp-address;\n"
    )
    given, leases = folder / "given", folder / "dhclient.leases"
    bound = script(folder / "dhclient-script", _BOUND.replace("FILE", str(given)))
    cable.start(
        cable.at_phone(
            *("dhclient", "-4", "-d", "-cf", str(configuration), "-lf", str(leases)),
            *("-pf", str(folder / "dhclient.pid"), "-sf", str(bound), "eth0"),
        ),
        folder / "dhclient.log",
    )
    until("a lease of dhclient", given.exists)
    return {name[4:]: value for name, value in _environment(given).items() if name.startswith("new_")}


def udhcpc(cable: Cable, folder: Path, option_60: str) -> dict[str, str]:
    """Get a lease; return what busybox's client was given: `ip`, `tftp`, `opt150` in hex, …"""
    given = folder / "given"
    bound = script(folder / "udhcpc-script", _BOUND.replace("FILE", str(given)))
    cable.start(
        cable.at_phone(
            *("udhcpc", "-i", "eth0", "-f", "-t", "20", "-T", "1", "-s", str(bound)),
            *("-V", option_60, "-O", "66", "-O", "150"),
        ),
        folder / "udhcpc.log",
    )
    until("a lease of udhcpc", given.exists)
    return _environment(given)


def _environment(path: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in path.read_text().splitlines() if "=" in line)


# A phone that shows the very bytes it is offered: DHCPDISCOVER with an option 60 and without asking for anything.
_DISCOVER = """
import json, os, socket, sys
mac, option_60 = map(bytes.fromhex, sys.argv[1:])
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
    s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"eth0")
    s.bind(("", 68))
    s.settimeout(20)
    options = b"\\x35\\1\\1\\x37\\1\\3" + (bytes([60, len(option_60)]) + option_60 if option_60 else b"") + b"\\xff"
    head = b"\\1\\1\\6\\0" + os.urandom(4) + b"\\0\\0\\x80\\0" + bytes(16) + mac + bytes(202)
    s.sendto((head + b"\\x63\\x82\\x53\\x63" + options).ljust(300, b"\\0"), ("255.255.255.255", 67))
    offer = s.recv(4096)
found, at = {}, 240
while offer[at] != 255:
    if offer[at]:
        found[offer[at]] = offer[at + 2 : at + 2 + offer[at + 1]].hex()
        at += 2 + offer[at + 1]
    else:
        at += 1
print(json.dumps(found))
"""


def offered(cable: Cable, mac: str, option_60: bytes) -> dict[int, bytes]:
    """Return the options of the offer that such a phone gets."""
    done = subprocess.run(
        cable.at_phone(sys.executable, "-c", _DISCOVER, mac.replace(":", ""), option_60.hex()),
        capture_output=True,
        text=True,
        check=False,
        timeout=_PATIENCE_S,
    )
    assert done.returncode == 0, done.stderr
    return {int(code): bytes.fromhex(value) for code, value in json.loads(done.stdout).items()}
