"""One account of a phone that is on: registered, refreshed, and used to dial."""

from collections.abc import Callable

from attrs import frozen
from twisted.internet.defer import Deferred
from twisted.internet.defer import TimeoutError as DeferTimeoutError
from twisted.internet.interfaces import IDelayedCall, IReactorTime

from provserver.errors import Invalid
from provserver.phone.sip.messages import (
    Login,
    Party,
    bindings,
    dialog,
    granted_s,
    offer,
    request,
    seconds,
    sip_uri,
)
from provserver.phone.sip.socket import SipSocket
from provserver.phone.sip.transactions import Address
from provserver.phone.values import Account, Credentials, Unreachable
from provserver.sip.message import Response
from provserver.sip.uri import Uri

EXPIRES_S = 3_600  # where the file says nothing
RETRY_S = 30.0  # after a registration that failed
LISTEN_S = 60.0  # to a prompt, if the other side does not hang up
_MEDIA_PORT = 11_784  # named in an offer; nothing listens there

Tell = Callable[[str], object]


@frozen
class Identity:
    """An account as it registers."""

    number: int
    party: Party
    login: Login
    next_hop: str  # `192.0.2.20:5060`
    expires_s: int


def identity(account: Account, credentials: Credentials) -> Identity:
    """Raises: Invalid: it cannot register over UDP."""
    if account.transport != "udp":
        raise Invalid(f"registers over {account.transport}, which is not played")
    registrar = credentials.registrar or account.server
    next_hop = credentials.outbound or account.server
    if not registrar or not account.user_name:
        raise Invalid("has no server or no user")
    for server in (registrar, next_hop):
        sip_uri("", server)
    return Identity(
        account.number,
        Party(account.user_name, registrar, account.display_name),
        Login(credentials.user or account.user_name, credentials.password),
        next_hop,
        seconds(credentials.expires) or EXPIRES_S,
    )


class Line:
    """`to` is where its packets go; `tell` takes what happens, in words."""

    def __init__(
        self, identity: Identity, socket: SipSocket, to: Address, clock: IReactorTime, tell: Tell
    ) -> None:
        self.identity = identity
        self.registered = False
        self._is_off = False
        self._socket = socket
        self._to = to
        self._clock = clock
        self._tell = tell
        self._call_id = socket.new_token()
        self._tag = socket.new_token()
        self._cseq = 1
        self._timer: IDelayedCall | None = None
        self._calls: dict[str, Deferred[None]] = {}  # by Call-ID; fires when the other side hangs up

    @property
    def contact(self) -> Uri:
        """The parameter tells the accounts of one phone apart, as real phones' do."""
        ip, port = self._socket.local
        host = f"[{ip}]" if ":" in ip else ip
        return Uri("sip", self.identity.party.user, host, port, {"line": str(self.identity.number)})

    # --- registering ---------------------------------------------------------------------------------------

    async def register(self) -> bool:
        """Register, now and again before it ends; say whether it went well."""
        me = self.identity
        try:
            response = await self._register(f"<{self.contact}>", me.expires_s)
        except (Unreachable, Invalid) as problem:
            self._failed(str(problem))
            return False
        if response.status >= 300:
            self._failed(f"{response.status} {response.reason}")
            return False
        granted = granted_s(response, self.contact, me.expires_s)
        if not self.registered:
            among = len(bindings(response))
            others = f", one of {among} phones there" if among > 1 else ""
            self._say(f"registered at {me.party.registrar} for {granted} s{others}")
        self.registered = True
        self._later(max(1.0, granted / 2))
        return True

    async def unregister(self, everybody: bool) -> None:
        """`everybody`: as some phones do, all contacts of the account and not only its own."""
        self._is_off = True
        self._cancel_timer()
        if not self.registered:
            return
        self.registered = False
        try:
            response = await self._register("*" if everybody else f"<{self.contact}>", 0)
        except (Unreachable, Invalid) as problem:
            self._say(f"not unregistered: {problem}")
        else:
            self._say(
                f"unregistered{' all phones' if everybody else ''}: {response.status} {response.reason}"
            )

    async def _register(self, contact: str, expires_s: int) -> Response:
        me = self.identity
        self._cseq += 2  # one for the request, one for the same with the password
        registrar = str(sip_uri("", me.party.registrar))
        more = (("Contact", contact), ("Expires", str(expires_s)))
        asked = request(
            "REGISTER",
            registrar,
            f"{me.party};tag={self._tag}",
            str(me.party),
            self._call_id,
            self._cseq,
            *more,
        )
        return await self._socket.ask_with(me.login, asked, self._to)

    def _failed(self, why: str) -> None:
        self.registered = False
        self._say(f"not registered at {self.identity.party.registrar}: {why}; again in {RETRY_S:.0f} s")
        self._later(RETRY_S)

    def _later(self, pause_s: float) -> None:
        self._cancel_timer()
        if not self._is_off:
            self._timer = self._clock.callLater(pause_s, self._refresh)

    def _refresh(self) -> None:
        Deferred.fromCoroutine(self.register()).addErrback(
            lambda failure: self._say(failure.getErrorMessage())
        )

    def _cancel_timer(self) -> None:
        if self._timer and self._timer.active():
            self._timer.cancel()

    # --- dialling ------------------------------------------------------------------------------------------

    async def dial(self, number: str) -> None:
        """Call, listen until the other side hangs up, and tell how it went."""
        self._say(f"dials {number}")
        try:
            response = await self._invite(number)
            if response.status >= 300:
                self._say(f"{number}: {response.status} {response.reason}")
            else:
                await self._listen(number, response)
        except (Unreachable, Invalid) as problem:
            self._say(f"{number}: {problem}")

    async def _invite(self, number: str) -> Response:
        me, token = self.identity, self._socket.new_token()
        to = str(sip_uri(number, me.party.registrar))
        invite = request(
            "INVITE",
            to,
            f"{me.party};tag={token}",
            f"<{to}>",
            token,
            1,
            ("Contact", f"<{self.contact}>"),
            ("Allow", "INVITE, ACK, BYE, NOTIFY, OPTIONS"),
            ("Content-Type", "application/sdp"),
            body=offer(self._socket.local[0], _MEDIA_PORT),
        )
        return await self._socket.ask_with(me.login, invite, self._to)

    async def _listen(self, number: str, response: Response) -> None:
        call, cseq = dialog(response), response.cseq[0]
        gone: Deferred[None] = Deferred()
        self._socket.acknowledge(call.request("ACK", cseq), self._to)
        self._calls[response.first("Call-ID")] = gone
        self._say(f"{number}: {response.status} {response.reason}, listens")
        try:
            await gone.addTimeout(LISTEN_S, self._clock)
            self._say(f"{number}: the other side has hung up")
        except DeferTimeoutError:
            await self._socket.ask_with(self.identity.login, call.request("BYE", cseq + 1), self._to)
            self._say(f"{number}: hung up after {LISTEN_S:.0f} s")
        finally:
            del self._calls[response.first("Call-ID")]

    def hung_up(self, call_id: str) -> bool:
        """The other side ends a call; say whether there is one."""
        gone = self._calls.get(call_id)
        if gone and not gone.called:
            gone.callback(None)
        return gone is not None

    def _say(self, text: str) -> None:
        self._tell(f"account {self.identity.number} ({self.identity.party.user}): {text}")
