"""
A PBX as far as provd has to do with it: it registers phones, takes the codes that they dial to provd, and tells a
phone to restart when provd says so. It behaves like Asterisk with what `provd-pbx asterisk` prints.
"""

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from attrs import field, frozen
from twisted.internet.defer import Deferred, gatherResults
from twisted.python.failure import Failure

from provserver.errors import Invalid
from provserver.phone.pbx.agi_client import run_script
from provserver.phone.pbx.registrar import Registrar
from provserver.phone.sip.doorkeeper import Doorkeeper
from provserver.phone.sip.messages import Login, offer, request
from provserver.phone.sip.socket import SipSocket
from provserver.phone.sip.transactions import Address
from provserver.phone.values import Unreachable
from provserver.sip.message import Request, Response, response
from provserver.sip.uri import NameAddr, Uri, read_name_addr, read_uri

_MEDIA_PORT = 11_786  # named in an answer; nothing listens there
_MOST_CONTACTS = 1_000  # of all accounts that are not a slot
_REASONS = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
            405: "Method Not Allowed", 481: "Call/Transaction Does Not Exist"}  # fmt: skip


@frozen
class Accounts:
    """Users with their passwords; a slot has one phone, any other account as many as it likes."""

    slots: Mapping[str, str] = field(repr=False)
    users: Mapping[str, str] = field(repr=False)
    shared: bool = False  # the slots are one account for all

    def password(self, user: str) -> str | None:
        return self.slots.get(user, self.users.get(user))

    def most_contacts(self, user: str) -> int:
        return 1 if user in self.slots and not self.shared else _MOST_CONTACTS


@frozen
class _Call:
    """A phone's call, with what its dialplan sees of it (pbx-facts section 2.3)."""

    user: str
    number: str
    invite: Request
    answered: Response
    caller: NameAddr
    contact: Uri
    source: Address

    def environment(self) -> Mapping[str, str]:
        return {
            "channel": f"PJSIP/{self.user}-00000001",
            "uniqueid": self.invite.first("Call-ID"),
            "callerid": self.caller.uri.user,
            "calleridname": self.caller.display_name or "unknown",
            "extension": self.number,
            "dnid": self.number,
        }

    def channel(self) -> Mapping[str, str]:
        ip, port = self.source
        return {
            "CHANNEL(endpoint)": self.user,
            "CHANNEL(pjsip,target_uri)": str(self.contact),
            "CHANNEL(pjsip,remote_addr)": f"[{ip}]:{port}" if ":" in ip else f"{ip}:{port}",
        }


class Switch:
    """`reactor` is one with UDP, TCP and time; `agi` is where provd answers; `say` takes what happens, in words."""

    def __init__(
        self,
        reactor: Any,
        accounts: Accounts,
        agi: Address,
        reset_code: str,
        new_token: Callable[[], str],
        say: Callable[[str], object],
    ) -> None:
        self._reactor = reactor
        self._accounts = accounts
        self._agi = agi
        self._reset_code = reset_code
        self._say = say
        self._registrar = Registrar()
        self._doorkeeper = Doorkeeper("asterisk", new_token)
        self._socket = SipSocket(reactor, new_token, self._served)
        self._working: set[Deferred[None]] = set()

    def listen(self, ip: str, port: int) -> Address:
        """Raises: Unreachable."""
        self._socket.listen(self._reactor, ip, port)
        return self._socket.local

    async def close(self) -> None:
        """What is under way comes to its end first: each part of it is bounded."""
        await gatherResults(list(self._working))
        await self._socket.close()

    # --- SIP -----------------------------------------------------------------------------------------------

    def _served(self, request: Request, source: Address) -> Response | None:
        methods = {"REGISTER": self._registered, "INVITE": self._invited, "BYE": self._ended}
        if request.method == "ACK":
            return None
        act = methods.get(request.method)
        if act is None:
            return self._answer(request, 405, source)
        try:
            return act(request, source)
        except Invalid as problem:
            self._say(f"{request.method} from {source[0]}:{source[1]}: {problem}")
            return self._answer(request, 400, source)

    def _registered(self, request: Request, source: Address) -> Response:
        user = self._user_of(request)
        if user is None:
            return self._answer(request, 401, source, self._doorkeeper.challenge())
        if user != read_name_addr(request.first("To")).uri.user:
            return self._answer(request, 403, source)
        now, most = self._reactor.seconds(), self._accounts.most_contacts(user)
        before = {each.address for each in self._registrar.bindings(user, now)}
        listed = self._registrar.register(user, request, source, most, now)
        after = {each.address for each in self._registrar.bindings(user, now)}
        for address in sorted(after - before):
            self._say(f"{user} is registered from {address[0]}:{address[1]}")
        for address in sorted(before - after):
            self._say(f"{user} is no longer registered from {address[0]}:{address[1]}")
        return self._answer(request, 200, source, *listed)

    def _invited(self, request: Request, source: Address) -> Response:
        user = self._user_of(request)
        if user is None:
            return self._answer(request, 401, source, self._doorkeeper.challenge())
        number = read_uri(request.uri).user
        script = self._script_of(user, number)
        if script is None:
            self._say(f"{user} dialled {number}: there is no such number")
            return self._answer(request, 404, source)
        ip, _ = self._socket.local
        answered = self._answer(
            request,
            200,
            source,
            ("Contact", f"<sip:{self._socket.host_port}>"),
            ("Content-Type", "application/sdp"),
            body=offer(ip, _MEDIA_PORT),
        )
        self._begin(partial(self._serve_call, self._call(user, number, request, answered, source), *script))
        return answered

    def _ended(self, request: Request, source: Address) -> Response:
        """The caller hangs up first: what the call began goes on, as a dialplan's `h` does."""
        return self._answer(request, 200, source)

    def _call(self, user: str, number: str, invite: Request, answered: Response, source: Address) -> _Call:
        bound = self._registrar.bindings(user, self._reactor.seconds())
        own = [each.contact for each in bound if each.address == source]
        caller, contact = (read_name_addr(invite.first(name)) for name in ("From", "Contact"))
        return _Call(user, number, invite, answered, caller, own[0] if own else contact.uri, source)

    def _script_of(self, user: str, number: str) -> tuple[str, str] | None:
        """The dialplan: a waiting phone can dial six digits and nothing else, a user the reset code with the PIN."""
        if user in self._accounts.slots:
            return ("provision", number) if re.fullmatch("[0-9]{6}", number) else None
        pin = number.removeprefix(self._reset_code)
        return ("autoprov", pin) if pin != number and re.fullmatch("[0-9]*", pin) else None

    def _user_of(self, request: Request) -> str | None:
        return self._doorkeeper.user_of(request, self._accounts.password)

    def _answer(
        self, request: Request, status: int, source: Address, *headers: tuple[str, str], body: bytes = b""
    ) -> Response:
        made = response(request, status, _REASONS[status], self._socket.new_token(), headers, source)
        return Response(made.status, made.reason, headers=made.headers, body=body)

    # --- the dialplan --------------------------------------------------------------------------------------

    async def _serve_call(self, call: _Call, script: str, argument: str) -> None:
        environment = {**call.environment(), "arg_1": argument}
        said = await run_script(self._reactor, self._agi, script, environment, call.channel())
        outcome, reason = said.get("PROVD_OUTCOME", ""), said.get("PROVD_REASON", "")
        told = " ".join(filter(None, (outcome or "provd was not reached", reason)))
        prompt = "auth-thankyou" if outcome == "ok" else "pbx-invalid"
        dialled = call.number if script == "provision" else f"{self._reset_code} and a PIN"
        self._say(f"{call.user} dialled {dialled}: {told}; it hears {prompt}")
        await self._hang_up(call)
        await run_script(self._reactor, self._agi, "hangup", call.environment(), {})

    async def _hang_up(self, call: _Call) -> None:
        bye = request(
            "BYE",
            str(call.contact),
            call.answered.first("To"),
            call.invite.first("From"),
            call.invite.first("Call-ID"),
            1,
        )
        try:
            await self._socket.ask(bye, call.source)
        except (Unreachable, Invalid) as problem:
            self._say(f"{call.user} does not hang up: {problem}")

    def _begin(self, work: Callable[[], Any]) -> None:
        """Let something go its way after this turn: the answer goes out first."""
        done: Deferred[None] = Deferred()
        self._working.add(done)

        def end(result: object) -> None:
            self._working.discard(done)
            if isinstance(result, Failure):
                self._say(f"a bug of this PBX: {result.getTraceback()}")
            done.callback(None)

        self._reactor.callLater(0, lambda: Deferred.fromCoroutine(work()).addBoth(end))

    # --- Exchange: what its Manager says --------------------------------------------------------------------

    def knows(self, endpoint: str) -> bool:
        return self._accounts.password(endpoint) is not None

    def notify_endpoint(self, endpoint: str, headers: Mapping[str, str], body: str) -> None:
        """All contacts of the account, with its password for a phone that asks."""
        login = Login(endpoint, self._accounts.password(endpoint) or "")
        for each in self._registrar.bindings(endpoint, self._reactor.seconds()):
            self._begin(
                partial(self._notify, endpoint, str(each.contact), each.address, headers, body, login)
            )

    def notify_uri(self, uri: str, headers: Mapping[str, str], body: str) -> None:
        """One contact. Asterisk has no password for it, and says nothing of what is no URI."""
        try:
            where = read_uri(uri)
        except Invalid:
            self._say(f"NOTIFY to {uri[:60]}: no URI, so that nothing is sent")
            return
        address = (where.host.strip("[]"), where.port or 5060)
        self._begin(partial(self._notify, "provd", uri, address, headers, body, None))

    async def _notify(
        self, sender: str, uri: str, to: Address, headers: Mapping[str, str], body: str, login: Login | None
    ) -> None:
        token = self._socket.new_token()
        local = self._socket.host_port
        asked = request(
            "NOTIFY",
            uri,
            f"<sip:{sender}@{local}>;tag={token}",
            f"<{uri}>",
            token,
            1,
            ("Contact", f"<sip:{sender}@{local}>"),
            ("Subscription-State", "terminated"),
            *headers.items(),
            body=body.encode(),
        )
        try:
            answer = await self._socket.ask_with(login, asked, to)
            said = f"{answer.status} {answer.reason}"
        except (Unreachable, Invalid) as problem:
            said = str(problem)
        self._say(f"NOTIFY {headers.get('Event', '')} to {uri}: {said}")
