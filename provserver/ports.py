"""Ports: bind them all before anything is read, and say who holds one that is taken."""

import contextlib
import errno
import os
import socket
from collections.abc import Iterator
from pathlib import Path

from attrs import frozen

from provserver.address import url_host
from provserver.errors import Held

_TABLES = ("tcp", "tcp6", "udp", "udp6")


@frozen
class Bound:
    """A port that is ours. TCP ports do not listen yet: who comes too early is refused, not kept waiting."""

    socket: socket.socket
    port: int

    def listen(self, backlog: int) -> None:
        self.socket.listen(backlog)


def bind(what: str, host: str, port: int, kind: socket.SocketKind) -> Bound:
    """
    Bind a port; `host` "" is every address, IPv4 and IPv6. `what` names it in an error: `phone HTTP`.

    Raises:
        Held: another process has it; the text says which.
        PermissionError: this user may not bind so low a port.
    """
    family, address = _family(host)
    sock = socket.socket(family, kind)
    try:
        sock.setblocking(False)
        if kind == socket.SOCK_STREAM:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, int(bool(host)))
        sock.bind((address, port))
    except PermissionError:
        sock.close()
        raise
    except OSError as problem:
        sock.close()
        if problem.errno == errno.EADDRINUSE:
            raise Held(f"{what}: port {port} is held by {_holder(port, kind)}") from None
        raise Held(f"{what}: cannot listen on {host or '*'} port {port}: {problem.strerror}") from None
    return Bound(sock, sock.getsockname()[1])


def own_address() -> str:
    """Return the address that other machines most likely reach this one by; nothing is sent to learn it."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect(("192.0.2.1", 9))  # RFC 5737: never a real host; `connect` only looks at the routes
        return str(sock.getsockname()[0])
    return "127.0.0.1"


def shown(host: str, port: int) -> str:
    return f"{url_host(host) if host else '*'}:{port}"


def _family(host: str) -> tuple[socket.AddressFamily, str]:
    if ":" in host or (not host and _has_ipv6()):
        return socket.AF_INET6, host or "::"
    return socket.AF_INET, host or "0.0.0.0"  # noqa: S104 - every address is what an office wants


def _has_ipv6() -> bool:
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as sock:
        sock.bind(("::1", 0))
        return True
    return False


def _holder(port: int, kind: socket.SocketKind) -> str:
    """Say who has a port: `twistd (pid 4711)`; what other users run is not ours to see."""
    inodes = set(_inodes(port, kind))
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            for descriptor in (process / "fd").iterdir():
                with contextlib.suppress(OSError):
                    if os.readlink(descriptor) in inodes:
                        return f"{(process / 'comm').read_text().strip()} (pid {process.name})"
    return "another process"


def _inodes(port: int, kind: socket.SocketKind) -> Iterator[str]:
    prefix = "tcp" if kind == socket.SOCK_STREAM else "udp"
    for table in _TABLES:
        with contextlib.suppress(OSError):
            lines = Path("/proc/net", table).read_text().splitlines()[1:] if table.startswith(prefix) else []
            for line in lines:
                fields = line.split()
                if int(fields[1].rpartition(":")[2], 16) == port:
                    yield f"socket:[{fields[9]}]"
