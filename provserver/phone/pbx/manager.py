"""Asterisk's Manager at the test PBX (pbx-facts section 4): it says `NOTIFY sent` to anything."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from twisted.internet.protocol import ServerFactory
from twisted.protocols.basic import LineOnlyReceiver

_GREETING = "Asterisk Call Manager/11.0.0"
_MOST_LINES = 128
_MOST_BYTES = 1_024

Words = tuple[str, ...]  # `Success`, and further lines


class Exchange(Protocol):
    """What can be told by a Manager: both send, and say nothing of what comes of it."""

    def knows(self, endpoint: str) -> bool: ...

    def notify_endpoint(self, endpoint: str, headers: Mapping[str, str], body: str) -> None: ...

    def notify_uri(self, uri: str, headers: Mapping[str, str], body: str) -> None: ...


class ManagerFactory(ServerFactory):
    noisy = False

    def __init__(self, exchange: Exchange, user: str, secret: str) -> None:
        self.exchange = exchange
        self.login = (user, secret)

    def buildProtocol(self, addr: Any) -> "Manager":  # noqa: ARG002 - Twisted's
        return Manager(self)


class Manager(LineOnlyReceiver):
    """One session: one action at a time, answers in order, an event between."""

    transport: Any
    delimiter = b"\n"  # a bare one ends a line too
    MAX_LENGTH = _MOST_BYTES

    def __init__(self, server: ManagerFactory) -> None:
        self._server = server
        self._logged_in = False
        self._block: list[tuple[str, str]] = []

    def connectionMade(self) -> None:
        self._write(_GREETING)

    def lineReceived(self, line: bytes) -> None:
        text = line.decode("utf-8", "replace").removesuffix("\r")
        name, _, value = text.partition(":")
        if text:
            self._block.append((name.strip(), value.strip()))
            if len(self._block) > _MOST_LINES:
                self.transport.loseConnection()
            return
        block, self._block = self._block, []
        if block:
            self._act(block)

    def _act(self, block: Sequence[tuple[str, str]]) -> None:
        fields = dict(block)
        action = fields.get("Action", "")
        if action == "Login" or not self._logged_in:
            self._log_in(fields)
            return
        act = _ACTIONS.get(action)
        words = act(self, block) if act else ("Error", f"Message: Invalid/unknown command: {action}.")
        self._reply(fields, words)
        if action == "Logoff":
            self.transport.loseConnection()

    def _log_in(self, fields: Mapping[str, str]) -> None:
        self._logged_in = (fields.get("Username"), fields.get("Secret")) == self._server.login
        if self._logged_in:
            self._reply(fields, ("Success", "Message: Authentication accepted"))
            self._send("Event: FullyBooted", "Privilege: system,all", "Status: Fully Booted")
        else:
            self._reply(fields, ("Error", "Message: Authentication failed"))
            self.transport.loseConnection()

    def _ping(self, block: Sequence[tuple[str, str]]) -> Words:  # noqa: ARG002 - as the others
        return "Success", "Ping: Pong"

    def _log_off(self, block: Sequence[tuple[str, str]]) -> Words:  # noqa: ARG002 - as the others
        return "Goodbye", "Message: Thanks for all the fish."

    def _notify(self, block: Sequence[tuple[str, str]]) -> Words:
        fields = dict(block)
        targets = [name for name in ("Endpoint", "URI", "Channel") if name in fields]
        variables = [value.partition("=") for name, value in block if name == "Variable"]
        if len(targets) != 1 or not variables:
            return "Error", "Message: PJSIPNotify requires one of Endpoint, URI and Channel, and a Variable"
        body = "\r\n".join(value for name, _, value in variables if name == "Content")
        headers = {name: value for name, _, value in variables if name != "Content"}
        exchange = self._server.exchange
        if "URI" in fields:
            exchange.notify_uri(fields["URI"], headers, body)
        elif exchange.knows(fields.get("Endpoint", "")):
            exchange.notify_endpoint(fields["Endpoint"], headers, body)
        else:
            return "Error", f"Message: Unable to retrieve endpoint {fields.get('Endpoint', '')}"
        return "Success", "Message: NOTIFY sent"

    def _reply(self, fields: Mapping[str, str], words: Words) -> None:
        echoed = (f"ActionID: {fields['ActionID']}",) if "ActionID" in fields else ()
        self._send(f"Response: {words[0]}", *echoed, *words[1:])

    def _send(self, *lines: str) -> None:
        self._write(*lines, "")

    def _write(self, *lines: str) -> None:
        self.transport.write("".join(f"{line}\r\n" for line in lines).encode())


_ACTIONS: Mapping[str, Callable[[Manager, Sequence[tuple[str, str]]], Words]] = {
    "Ping": Manager._ping,
    "Logoff": Manager._log_off,
    "PJSIPNotify": Manager._notify,
}
