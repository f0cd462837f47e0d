"""Runs a FastAGI script as Asterisk does (pbx-facts section 3): one connection, in which the script asks and sets."""

import re
from collections.abc import Mapping
from typing import Any

from twisted.internet import error
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import TCP4ClientEndpoint, connectProtocol
from twisted.internet.protocol import connectionDone
from twisted.protocols.basic import LineOnlyReceiver
from twisted.python.failure import Failure

CONNECT_S = 2
_GET = re.compile(r'GET FULL VARIABLE "?\$\{(.*)\}"?')
_SET = re.compile(r'SET VARIABLE (\w+) "(.*)"')


class _Script(LineOnlyReceiver):
    transport: Any
    delimiter = b"\n"

    def __init__(self, environment: Mapping[str, str], channel: Mapping[str, str]) -> None:
        self.variables: dict[str, str] = {}
        self.done: Deferred[Mapping[str, str]] = Deferred()
        self._environment = environment
        self._channel = channel

    def connectionMade(self) -> None:
        self._write(*(f"agi_{name}: {value}" for name, value in self._environment.items()), "")

    def lineReceived(self, line: bytes) -> None:
        command = line.decode("utf-8", "replace")
        if asked := _GET.fullmatch(command):
            value = self._channel.get(asked[1], "")
            self._write(f"200 result=1 ({value})")
        elif told := _SET.fullmatch(command):
            self.variables[told[1]] = re.sub(r"\\(.)", r"\1", told[2])
            self._write("200 result=1")
        else:
            self._write("510 Invalid or unknown command")

    def _write(self, *lines: str) -> None:
        self.transport.write("".join(f"{line}\n" for line in lines).encode())

    def connectionLost(self, reason: Failure = connectionDone) -> None:  # noqa: ARG002 - Twisted's
        self.done.callback(self.variables)


async def run_script(
    reactor: Any,
    server: tuple[str, int],
    name: str,
    environment: Mapping[str, str],
    channel: Mapping[str, str],
) -> Mapping[str, str]:
    """Return the variables that a script set; none where nobody answers: the dialplan goes on all the same."""
    host, port = server
    who = {
        "network": "yes",
        "network_script": name,
        "request": f"agi://{host}:{port}/{name}",
        "type": "PJSIP",
        "version": "22.5.0",
        **environment,
    }
    script = _Script(who, channel)
    try:
        await connectProtocol(TCP4ClientEndpoint(reactor, host, port, timeout=CONNECT_S), script)
    except error.ConnectError:
        return {}
    return await script.done
