"""A phone that is on: its accounts at one UDP port, and what it answers to those who ask it something."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from attrs import frozen
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.defer import TimeoutError as DeferTimeoutError

from provserver.errors import Invalid
from provserver.phone.sip.doorkeeper import Doorkeeper
from provserver.phone.sip.line import Identity, Line, Tell
from provserver.phone.sip.socket import SipSocket
from provserver.phone.sip.transactions import Address
from provserver.phone.values import Unreachable
from provserver.sip.message import Request, Response, response
from provserver.sip.uri import read_uri, read_value

_REASONS = {
    200: "OK",
    401: "Unauthorized",
    404: "Not Found",
    405: "Method Not Allowed",
    481: "Call/Transaction Does Not Exist",
    486: "Busy Here",
    489: "Bad Event",
}


@frozen
class Manners:
    """How a phone behaves, beyond its accounts."""

    restarts_at: str = "check-sync"  # the event that it obeys
    strict: bool = False  # asks who tells it to restart for the account's password
    everybody: bool = False  # unregisters all contacts of its accounts


class Agent:
    """`reactor` is one with UDP, names and time."""

    def __init__(self, reactor: Any, manners: Manners, new_token: Callable[[], str], tell: Tell) -> None:
        self.lines: Sequence[Line] = ()
        self._reactor = reactor
        self._manners = manners
        self._tell = tell
        self._socket = SipSocket(reactor, new_token, self._served)
        self._doorkeeper = Doorkeeper("phone", new_token)
        self._told: Deferred[None] = Deferred()

    async def start(self, identities: Sequence[Identity], ip: str, port: int) -> bool:
        """Register all accounts; say whether all went well. Raises: Unreachable."""
        self._socket.listen(self._reactor, ip, port)
        hops = [await self._resolved(each.next_hop) for each in identities]
        self.lines = [
            Line(each, self._socket, hop, self._reactor, self._tell)
            for each, hop in zip(identities, hops, strict=True)
        ]
        went = await gatherResults([Deferred.fromCoroutine(line.register()) for line in self.lines])
        return bool(went) and all(went)

    async def told(self, within_s: float) -> bool:
        """Wait to be told to restart; say whether it was. It may have been already."""
        try:
            await self._told.addTimeout(within_s, self._reactor)
        except DeferTimeoutError:
            return False
        return True

    async def stop(self) -> None:
        await gatherResults(
            [Deferred.fromCoroutine(line.unregister(self._manners.everybody)) for line in self.lines]
        )
        await self._socket.close()

    async def _resolved(self, server: str) -> Address:
        try:
            uri = read_uri(f"sip:{server}")
            return str(await self._reactor.resolve(uri.host.strip("[]"))), uri.port or 5060
        except (Invalid, OSError) as problem:  # Twisted's DNSLookupError is an OSError
            raise Unreachable(f"no such registrar or proxy: {server}: {problem}") from None

    # --- what others ask -----------------------------------------------------------------------------------

    def _served(self, request: Request, source: Address) -> Response | None:
        if request.method == "ACK":
            return None
        status, headers = _METHODS.get(request.method, Agent._not_allowed)(self, request, source)
        tag = self._socket.new_token()
        return response(request, status, _REASONS[status], tag, headers, source)

    def _notified(self, request: Request, source: Address) -> "_Answer":
        """A phone is told by the user of one of its accounts, and by no other."""
        line = self._line(request)
        if line is None:
            return _answer(404)
        event, _ = read_value(request.first("Event"))
        sender = f"{request.first('Event')} from {source[0]}:{source[1]}"
        if event.lower() != self._manners.restarts_at:
            self._tell(f"NOTIFY {sender}: 489, not its event")
            return _answer(489)
        if self._manners.strict and not self._doorkeeper.user_of(request, partial(_password, line)):
            self._tell(f"NOTIFY {sender}: 401, who is that?")
            return 401, (self._doorkeeper.challenge(),)
        self._tell(f"NOTIFY {sender}: 200, restarts")
        if not self._told.called:
            self._told.callback(None)
        return _answer(200)

    def _ended(self, request: Request, source: Address) -> "_Answer":  # noqa: ARG002 - as the others
        known = [line for line in self.lines if line.hung_up(request.first("Call-ID"))]
        return _answer(200 if known else 481)

    def _busy(self, request: Request, source: Address) -> "_Answer":  # noqa: ARG002 - as the others
        return _answer(486)

    def _asked_how(self, request: Request, source: Address) -> "_Answer":  # noqa: ARG002 - as the others
        return _answer(200)

    def _not_allowed(self, request: Request, source: Address) -> "_Answer":  # noqa: ARG002 - as the others
        return 405, (("Allow", ", ".join(("ACK", *_METHODS))),)

    def _line(self, request: Request) -> Line | None:
        uri = read_uri(request.uri)
        own = [line for line in self.lines if line.identity.party.user == uri.user]
        exact = [line for line in own if str(line.identity.number) == uri.params.get("line")]
        return next(iter(exact or own), None)


def _password(line: Line, user: str) -> str | None:
    login = line.identity.login
    return login.password if user == login.user else None


_Answer = tuple[int, tuple[tuple[str, str], ...]]


def _answer(status: int) -> _Answer:
    return status, ()


_METHODS: Mapping[str, Callable[[Agent, Request, Address], _Answer]] = {
    "NOTIFY": Agent._notified,
    "BYE": Agent._ended,
    "INVITE": Agent._busy,
    "OPTIONS": Agent._asked_how,
}
