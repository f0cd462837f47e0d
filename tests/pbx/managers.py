"""PBXes that are commanded over TCP, as the facts say they behave; each is the transport and endpoint of a client."""

import re
from collections.abc import Mapping
from typing import Any, cast

from twisted.internet import error
from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.interfaces import IProtocolFactory, IStreamClientEndpoint
from twisted.internet.protocol import Protocol
from twisted.python.failure import Failure
from zope.interface import implementer

SECRET = "T0psecret"


@implementer(IStreamClientEndpoint)
class Pbx:
    """Answers each block that is written to it. `mute` takes and says nothing, `away` takes no connection, `slow`
    lets it wait."""

    end = b"\r\n\r\n"

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.connections = 0
        self.away = self.mute = self.slow = False
        self.closed_by_us = 0
        self.connecting: Deferred[Any] | None = None
        self._client: Protocol | None = None

    # --- IStreamClientEndpoint -----------------------------------------------------------------------------

    def connect(self, protocolFactory: IProtocolFactory) -> Deferred[Any]:
        self.connections += 1
        if self.away:
            return fail(error.ConnectionRefusedError())
        if self.slow:
            self.connecting = Deferred()
            return self.connecting
        self._client = client = cast(Protocol, protocolFactory.buildProtocol(cast(Any, None)))
        client.makeConnection(cast(Any, self))
        if not self.mute:
            self.greet()
        return succeed(client)

    def greet(self) -> None:
        raise NotImplementedError

    def answer(self, block: str) -> None:
        raise NotImplementedError

    def say(self, data: bytes) -> None:
        if self._client:
            self._client.dataReceived(data)

    def go(self) -> None:
        client, self._client = self._client, None
        if client:
            client.connectionLost(Failure(error.ConnectionDone()))

    # --- ITransport ----------------------------------------------------------------------------------------

    def write(self, data: bytes) -> None:
        for block in data.removesuffix(self.end).split(self.end):
            self.heard.append(block.decode())
            if not self.mute:
                self.answer(block.decode())

    def abortConnection(self) -> None:
        self.closed_by_us += 1
        self.go()

    loseConnection = abortConnection


class Asterisk(Pbx):
    """Says `NOTIFY sent` to anything, but for an endpoint that is unknown; events come before each response."""

    def __init__(self, endpoints: frozenset[str] = frozenset({"ap0017"})) -> None:
        super().__init__()
        self._endpoints = endpoints
        self.loaded = True

    def greet(self) -> None:
        self.say(b"Asterisk Call Manager/11.0.0\r\n")

    def answer(self, block: str) -> None:
        pairs = [line.partition(": ") for line in block.split("\r\n")]
        fields = {name: value for name, _, value in pairs}
        self.say(b"Event: FullyBooted\r\nPrivilege: system,all\r\nActionID: \r\n\r\n")
        words = self._words(fields)
        lines = [f"Response: {words[0]}", f"ActionID: {fields['ActionID']}", *words[1:]]
        self.say("\r\n".join([*lines, "", ""]).encode())
        if words[0] == "Error" and fields["Action"] == "Login":
            self.go()

    def _words(self, fields: Mapping[str, str]) -> tuple[str, ...]:
        match fields["Action"]:
            case "Login" if fields["Secret"] == SECRET:
                return "Success", "Message: Authentication accepted"
            case "Login":
                return "Error", "Message: Authentication failed"
            case "Ping":
                return "Success", "Ping: Pong", "Timestamp: 1795403877.312038"
            case "PJSIPNotify" if not self.loaded:
                return (
                    "Error",
                    "Message: Invalid/unknown command: PJSIPNotify. Use Action: ListCommands to show.",
                )
            case "PJSIPNotify" if fields.get("Endpoint", "ap0017") not in self._endpoints:
                return "Error", f"Message: Unable to retrieve endpoint {fields['Endpoint']}"
            case "PJSIPNotify":
                return "Success", "Message: NOTIFY sent"
        return "Error", "Message: Permission denied"


class FreeSwitch(Pbx):
    end = b"\n\n"

    def greet(self) -> None:
        self.say(b"Content-Type: auth/request\n\n")

    def answer(self, block: str) -> None:
        self.say(b"Content-Length: 4\nContent-Type: text/event-plain\n\nx\n\ny")
        if block == f"auth {SECRET}":
            text = "+OK accepted"
        elif block.startswith("auth"):
            text = "-ERR invalid"
        elif block == "noevents":
            text = "+OK no longer listening for events"
        elif re.match("sendevent NOTIFY\n", block):
            text = "+OK 5a8d"
        else:
            text = "-ERR command not found"
        self.say(f"Content-Type: command/reply\nReply-Text: {text}\n\n".encode())
