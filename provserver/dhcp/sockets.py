"""The sockets of DHCP that only a privileged process may open: before provd gives its privileges up."""

import contextlib
import os
import socket
import stat
from array import array
from collections.abc import Sequence
from pathlib import Path
from struct import pack

from attrs import frozen

from provserver.dhcp import wire
from provserver.errors import Held, Invalid

_MODE = 0o666  # who may tell is decided by datagram, not by file
_ETH_P_ALL = 3  # linux/if_ether.h; no other protocol gives frames that leave
_SO_ATTACH_FILTER = 26  # asm-generic/socket.h


@frozen
class LeaseSocket:
    """A UNIX datagram socket whose senders the kernel names (SO_PASSCRED)."""

    socket: socket.socket
    path: Path
    inode: int

    def remove(self) -> None:
        """Close it, and take its file away if it is still ours."""
        self.socket.close()
        with contextlib.suppress(OSError):  # the folder may be root's, and we no longer root
            if self.path.stat().st_ino == self.inode:
                self.path.unlink()


def bind_lease_socket(path: Path) -> LeaseSocket:
    """
    Make the lease socket; it blocks. A file that a dead provd left is replaced.

    Raises:
        Held: another process takes leases there, or a file that is no such socket lies there.
        OSError: the folder is not there, or not ours.
    """
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)  # first: none may come without
        _clear(path)
        _bind(sock, path)
        path.chmod(_MODE)
        return LeaseSocket(sock, path, path.stat().st_ino)
    except BaseException:
        sock.close()
        raise


def _clear(path: Path) -> None:
    """Remove the socket of a provd that is dead. Raises: Held, where it lives or the file is none."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(mode):
        raise Held(f"lease socket: {path} is there and is no socket")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(os.fspath(path))
        except ConnectionRefusedError:
            path.unlink()
        except OSError as problem:
            raise Held(f"lease socket: {path} is not provd's: {problem.strerror}") from None
        else:
            raise Held(f"lease socket: {path} is held by another process")


def _bind(sock: socket.socket, path: Path) -> None:
    try:
        sock.bind(os.fspath(path))
    except OSError as problem:
        raise type(problem)(f"lease socket: {path}: {problem.strerror or problem}") from None


def open_interface(name: str) -> socket.socket:
    """
    Return a socket that hears the DHCP messages on an interface.

    Raises:
        PermissionError: CAP_NET_RAW is missing.
        Invalid: there is no such interface.
    """
    try:
        # Protocol 0 hears nothing until it is bound, when the filter is in place.
        sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    except PermissionError:
        raise PermissionError(f"dhcp.listen: {name}: CAP_NET_RAW is needed") from None
    sock.setblocking(False)
    attach(sock, wire.FILTER)
    try:
        sock.bind((name, _ETH_P_ALL))
    except OSError as problem:
        sock.close()
        raise Invalid(f"{name!r}: {problem.strerror}", "dhcp.listen") from None
    return sock


def attach(sock: socket.socket, program: Sequence[wire.Instruction]) -> None:
    """Let the kernel hand over only what a classic BPF program accepts (linux/filter.h)."""
    code = array("B", b"".join(pack("HBBI", *instruction) for instruction in program))
    address, _ = code.buffer_info()
    sock.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, pack("HL", len(program), address))
