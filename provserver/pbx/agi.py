"""
FastAGI: Asterisk asks from its dialplan what a dialled code does, and when a call is over.

The scripts are `provision` (argument: the code), `autoprov` (argument: the PIN) and `hangup`. The first two set
PROVD_OUTCOME to ok, refused or error, PROVD_REASON to a reason_id or "", and PROVD_DEVICE to the device's id or "".
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.logger import Logger
from twisted.python.failure import Failure

from provserver.address import Networks, normal_ip
from provserver.errors import Closed, Conflict, Invalid, ProvdError, StoreFull, Unreachable
from provserver.pbx.agi_calls import calling, questions
from provserver.pbx.agi_protocol import AgiReader, Answer, Environment, evaluate, set_variable
from provserver.pbx.interfaces import Calling, Claimed, IClaims

ANSWER_S = 10.0  # for the environment, and for each answer of Asterisk
_WARN_EVERY_S = 60.0
# What is no refusal of the code: the same code may do a minute later.
_OUTCOMES: Mapping[type[ProvdError], str] = {
    StoreFull: "error",
    Closed: "error",
    Conflict: "error",
    Unreachable: "error",
}


class _Gone(Exception):
    """Asterisk has closed the connection, or does not answer."""


class AgiServer(Factory):
    """`allowed` are the addresses of PBXes: AGI has no password. `proxies` are those of SIP proxies before them."""

    noisy = False
    _log = Logger()

    def __init__(
        self, claims: IClaims, allowed: Networks, proxies: Networks, clock: IReactorTime, most: int = 500
    ) -> None:
        """`most`: calls that are served at one time."""
        self.claims = claims
        self.proxies = proxies
        self.clock = clock
        self._allowed = allowed
        self._most = most
        self._open: set[AgiCall] = set()
        self._quiet_until = 0.0

    def buildProtocol(self, addr: Any) -> "AgiCall | None":
        ip = normal_ip(addr.host)
        if ip not in self._allowed:
            self.warn(f"{ip} is not among the addresses that may ask")
            return None
        if len(self._open) >= self._most:
            self.warn(f"{self._most} calls are being served, one of {ip} is not")
            return None
        return AgiCall(self, ip)

    def opened(self, call: "AgiCall") -> None:
        self._open.add(call)

    def closed(self, call: "AgiCall") -> None:
        self._open.discard(call)

    def finish(self) -> None:
        """Cut off what is under way. Whoever waits for a claim hears of an error, and the claim is done or not."""
        for call in tuple(self._open):
            call.cut_off()

    def warn(self, problem: str) -> None:
        """Write one line a minute, whoever calls."""
        now = self.clock.seconds()
        if now >= self._quiet_until:
            self._quiet_until = now + _WARN_EVERY_S
            self._log.warn("AGI: {problem}", problem=problem)


class AgiCall(Protocol):
    """One run of a script: one command at a time."""

    transport: Any
    _log = Logger()

    def __init__(self, server: AgiServer, peer: str) -> None:
        self._server = server
        self._peer = peer
        self._reader = AgiReader()
        self._waiting: Deferred[Answer] | None = None
        self._timer: IDelayedCall | None = None
        self._gone = False

    # --- Protocol ------------------------------------------------------------------------------------------

    def connectionMade(self) -> None:
        self._server.opened(self)
        self._set_timer()

    def dataReceived(self, data: bytes) -> None:
        try:
            for said in self._reader.fed(data):
                if isinstance(said, Environment):
                    self._cancel_timer()
                    Deferred.fromCoroutine(self._run(said)).addErrback(self._broken)
                else:
                    self._answered(said)
        except Invalid as problem:
            self._server.warn(f"{self._peer}: {problem}")
            self.cut_off()

    def connectionLost(self, reason: Failure = connectionDone) -> None:  # noqa: ARG002 - Twisted's
        self._gone = True
        self._cancel_timer()
        self._server.closed(self)
        waiting, self._waiting = self._waiting, None
        if waiting:
            waiting.errback(_Gone())

    def cut_off(self) -> None:
        self._gone = True
        self.transport.abortConnection()

    # --- a script ------------------------------------------------------------------------------------------

    async def _run(self, environment: Environment) -> None:
        try:
            script = SCRIPTS.get(environment.get("network_script").partition("?")[0])
            if script:
                await script(self, environment)
            else:
                await self._say("error", "agi.unknown-script")
        except _Gone:
            self._log.info("AGI: {peer} went before the end of {call}", peer=self._peer,
                           call=environment.get("uniqueid"))  # fmt: skip
        self.transport.loseConnection()

    def _broken(self, failure: Failure) -> None:
        self._log.failure("AGI: a script failed by a bug", failure)
        self.cut_off()

    async def provision(self, environment: Environment) -> None:
        await self._do(environment, lambda who: self._server.claims.claim(environment.argument(1), who))

    async def autoprov(self, environment: Environment) -> None:
        await self._do(environment, lambda who: self._server.claims.reset(environment.argument(1), who))

    async def hangup(self, environment: Environment) -> None:
        self._server.claims.hung_up(environment.get("uniqueid"))

    async def _do(self, environment: Environment, act: Callable[[Calling], Awaitable[Claimed]]) -> None:
        answers = [(await self._ask(evaluate(question))).value for question in questions(environment)]
        who = calling(environment, answers, self._peer, self._server.proxies)
        try:
            done = await act(who)
        except ProvdError as problem:
            outcome = _OUTCOMES.get(type(problem), "refused")
            self._log.warn("AGI: {outcome} for {slot} at {ip}: {problem}", outcome=outcome, slot=who.slot,
                           ip=who.ip, problem=str(problem))  # fmt: skip
            await self._say(outcome, problem.reason_id)
        except Exception:  # a bug: the caller must hear something, and Asterisk wait for nobody
            self._log.failure("AGI: a claim failed by a bug")
            await self._say("error", "internal")
        else:
            await self._say("ok", "" if done.resync == "started" else done.resync, done.device)

    async def _say(self, outcome: str, reason_id: str, device: str = "") -> None:
        """The outcome comes last: a dialplan that finds one finds the others too."""
        for name, value in (("DEVICE", device), ("REASON", reason_id), ("OUTCOME", outcome)):
            await self._ask(set_variable(f"PROVD_{name}", value))

    # --- one command ---------------------------------------------------------------------------------------

    async def _ask(self, command: bytes) -> Answer:
        if self._gone:
            raise _Gone
        waiting: Deferred[Answer] = Deferred()
        self._waiting = waiting
        self._set_timer()
        self.transport.write(command)
        return await waiting

    def _answered(self, answer: Answer) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is None:
            raise Invalid(f"an answer {answer.code} that nobody asked for")
        self._cancel_timer()
        waiting.callback(answer)

    def _set_timer(self) -> None:
        self._cancel_timer()
        self._timer = self._server.clock.callLater(ANSWER_S, self._give_up)

    def _cancel_timer(self) -> None:
        if self._timer and self._timer.active():
            self._timer.cancel()

    def _give_up(self) -> None:
        self._server.warn(f"{self._peer} says nothing for {ANSWER_S:.0f} s")
        self.cut_off()


SCRIPTS: Mapping[str, Callable[[AgiCall, Environment], Awaitable[None]]] = {
    "provision": AgiCall.provision,
    "autoprov": AgiCall.autoprov,
    "hangup": AgiCall.hangup,
}
