"""An Asterisk that runs AGI scripts, as it is on the wire (pbx-facts section 3): it answers commands from a table."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.error import ConnectionDone
from twisted.internet.protocol import Protocol
from twisted.python.failure import Failure
from zope.interface import implementer

from provserver.pbx.interfaces import Calling, Claimed, Ended, IClaims

# The claim of pbx-facts section 3.2, line by line.
CLAIM = """\
agi_network: yes
agi_network_script: provision
agi_request: agi://192.0.2.10/provision
agi_channel: PJSIP/ap0017-00000001
agi_language: en
agi_type: PJSIP
agi_uniqueid: 1795403777.0
agi_version: 22.5.0
agi_callerid: ap0017
agi_calleridname: Waiting 4F7K2Q
agi_callingpres: 0
agi_callingani2: 0
agi_callington: 0
agi_callingtns: 0
agi_dnid: 123456
agi_rdnis: unknown
agi_context: autoprov
agi_extension: 123456
agi_priority: 2
agi_enhanced: 0.0
agi_accountcode: 
agi_threadid: 140688144705216
agi_arg_1: 123456

"""  # noqa: W291 - an empty value has a blank before it
CHANNEL: Mapping[str, str] = {
    "CHANNEL(endpoint)": "ap0017",
    "CHANNEL(pjsip,remote_addr)": "198.51.100.7:41234",
    "CHANNEL(pjsip,target_uri)": "sip:ap0017@198.51.100.7:41234",
}
CALLING = Calling(
    call="1795403777.0",
    account="ap0017",
    slot="ap0017",
    mark="4F7K2Q",
    ip="198.51.100.7",
    contact="sip:ap0017@198.51.100.7:41234",
    pbx="192.0.2.20",
)


def environment(**changed: str) -> bytes:
    """Return the claim's environment; `network_script="hangup"` changes a value."""
    text = CLAIM
    for name, value in changed.items():
        text = re.sub(rf"(?m)^agi_{name}: .*$", f"agi_{name}: {value}", text)
    return text.encode()


class Channel:
    """The other end of a connection, which is its transport: a channel whose variables are set and read."""

    def __init__(self, values: Mapping[str, str] = CHANNEL, before_answers: Sequence[bytes] = ()) -> None:
        self.values = dict(values)
        self.set: dict[str, str] = {}
        self.order: list[str] = []
        self.commands: list[str] = []
        self.state = "open"  # open, closed, aborted
        self.silent = False
        self._before = list(before_answers)  # what comes before the next answers
        self._call: Protocol | None = None

    def connect(self, call: Protocol, data: bytes) -> None:
        self._call = call
        call.makeConnection(cast(Any, self))
        self.say(data)

    def say(self, data: bytes) -> None:
        assert self._call
        self._call.dataReceived(data)

    def go(self) -> None:
        assert self._call
        self.state = "gone"
        self._call.connectionLost(Failure(ConnectionDone()))

    # --- ITransport ----------------------------------------------------------------------------------------

    def write(self, data: bytes) -> None:
        for line in data.decode().splitlines():
            self.commands.append(line)
            if not self.silent:
                self.say((self._before.pop(0) if self._before else b"") + self._answer(line))

    def loseConnection(self) -> None:
        if self.state == "open":
            self.state = "closed"
            self.say(b"HANGUP\n")  # once more after the server closed its side
            self.go_quietly()

    def abortConnection(self) -> None:
        if self.state == "open":
            self.state = "aborted"
            self.go_quietly()

    def go_quietly(self) -> None:
        assert self._call
        self._call.connectionLost(Failure(ConnectionDone()))

    def _answer(self, line: str) -> bytes:
        if found := re.fullmatch(r'GET FULL VARIABLE "\$\{(.*)\}"', line):
            return f"200 result=1 ({self.values.get(found[1], '')})\n".encode()
        if found := re.fullmatch(r'SET VARIABLE (\w+) "(.*)"', line):
            self.set[found[1]] = re.sub(r"\\(.)", r"\1", found[2])
            self.order.append(found[1])
            return b"200 result=1\n"
        return b"510 Invalid or unknown command\n"


@implementer(IClaims)
class Claims:
    """Does what it is told; keeps what it was asked."""

    def __init__(self, outcome: Claimed | Exception | Deferred[Claimed]) -> None:
        self._outcome = outcome
        self.asked: list[tuple[str, str, Calling]] = []
        self.ended: list[str] = []

    def claim(self, code: str, calling: Calling) -> Deferred[Claimed]:
        return self._done("claim", code, calling)

    def reset(self, pin: str, calling: Calling) -> Deferred[Claimed]:
        return self._done("reset", pin, calling)

    def give_back(self, device_id: str, who: str) -> Deferred[Claimed]:
        return self._done("give back", device_id, Calling(pbx=who))

    def hung_up(self, call: str) -> None:
        self.ended.append(call)

    def watch(self, tell: Callable[[Ended], None]) -> None:
        raise NotImplementedError

    def _done(self, what: str, digits: str, calling: Calling) -> Deferred[Claimed]:
        self.asked.append((what, digits, calling))
        if isinstance(self._outcome, Exception):
            return fail(self._outcome)
        return self._outcome if isinstance(self._outcome, Deferred) else succeed(self._outcome)
