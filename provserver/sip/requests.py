"""
Requests outside of any dialog, as a client sends them: each repeated over UDP until it is answered, and sent once
more with credentials where a proxy or the other side asks for them (RFC 3261 sections 8.1, 17.1.2 and 22).
"""

from collections.abc import Mapping
from heapq import heappop, heappush
from typing import Literal

from attrs import evolve, field, frozen

from provserver.errors import Invalid
from provserver.sip import digest
from provserver.sip.message import Headers, Request, Response, message_bytes
from provserver.sip.transaction import T1_S, NonInvite
from provserver.sip.uri import read_value

NO_ANSWER = f"no answer within {64 * T1_S:.0f} s"
_AUTH: Mapping[int, tuple[str, str]] = {
    401: ("WWW-Authenticate", "Authorization"),
    407: ("Proxy-Authenticate", "Proxy-Authorization"),
}
_BRANCH = "z9hG4bK"  # how every branch begins (RFC 3261 section 8.1.1.7)

Transport = Literal["udp", "tcp", "tls"]
Login = tuple[str, str]  # user, password


@frozen
class Asked:
    """What is to be sent, but for what each try has of its own: Via, CSeq and credentials."""

    method: str
    uri: str
    headers: Headers  # From with its tag, To, Call-ID, and the method's own
    body: bytes = b""
    logins: Mapping[int, Login] = field(factory=dict, repr=False)  # by the status that asks for it: 401, 407


@frozen
class Send:
    token: str  # of the request
    data: bytes


@frozen
class Ended:
    """`response` is None where no answer came."""

    token: str
    response: Response | None
    reason: str = ""


Do = Send | Ended


@frozen
class _Try:
    asked: Asked
    number: int  # from 1; it is the CSeq
    data: bytes
    transaction: NonInvite


class Requests:
    """
    All requests of one socket. Each method returns what the caller must do next, in order; `wake_at` is when `woken`
    is due (seconds, the caller's clock; None: not at all).
    """

    def __init__(self, transport: Transport, local: str) -> None:
        """`local` is our address with port, as others reach us: `192.0.2.10:5060`."""
        self._via = f"SIP/2.0/{transport.upper()} {local}"
        self._repeats = transport == "udp"
        self._tries: dict[str, _Try] = {}
        self._due: list[tuple[float, str, int]] = []  # a heap of time, token and number; some are over

    @property
    def wake_at(self) -> float | None:
        while self._due and not self._is_due(*self._due[0]):
            heappop(self._due)
        return self._due[0][0] if self._due else None

    def ask(self, token: str, asked: Asked, now: float) -> tuple[Do, ...]:
        """`token` is letters and digits that nobody can guess. Raises: Invalid: what is asked cannot be written."""
        return (self._try(token, asked, 1, now),)

    def heard(self, response: Response, now: float) -> tuple[Do, ...]:
        """Raises: Invalid."""
        _, via = read_value(response.first("Via"))
        token, _, number = via.get("branch", "").removeprefix(_BRANCH).rpartition("x")
        known = self._tries.get(token)
        if (
            known is None
            or number != str(known.number)
            or response.cseq != (known.number, known.asked.method)
        ):
            return ()  # an answer to an earlier try, or to nothing of ours
        known.transaction.answered(response.status)
        if known.transaction.outcome == "waiting":
            return ()
        del self._tries[token]
        return (self._again(token, known, response, now),)

    def woken(self, now: float) -> tuple[Do, ...]:
        done: list[Do] = []
        while (wake_at := self.wake_at) is not None and wake_at <= now:
            _, token, number = heappop(self._due)
            known = self._tries[token]
            if known.transaction.woken(now) and self._repeats:
                done.append(Send(token, known.data))
            if known.transaction.outcome == "no answer":
                del self._tries[token]
                done.append(Ended(token, None, NO_ANSWER))
            else:
                heappush(self._due, (known.transaction.wake_at, token, number))
        return tuple(done)

    def forget(self, token: str) -> None:
        """It could not be sent, or nobody waits for it any more."""
        self._tries.pop(token, None)

    def _is_due(self, at: float, token: str, number: int) -> bool:
        known = self._tries.get(token)
        return known is not None and (known.transaction.wake_at, known.number) == (at, number)

    def _again(self, token: str, known: _Try, response: Response, now: float) -> Do:
        """Answer a challenge, each kind once; any other answer is the end."""
        login = known.asked.logins.get(response.status)
        if login is None:
            return Ended(token, response)
        asked, answered = _AUTH[response.status]
        try:
            challenge = digest.strongest(response.all(asked))
        except Invalid as problem:
            return Ended(token, response, str(problem))
        credentials = digest.answer(challenge, *login, known.asked.method, known.asked.uri, cnonce=token)
        others = {status: other for status, other in known.asked.logins.items() if status != response.status}
        headers = (*known.asked.headers, (answered, str(credentials)))
        return self._try(token, evolve(known.asked, headers=headers, logins=others), known.number + 1, now)

    def _try(self, token: str, asked: Asked, number: int, now: float) -> Send:
        headers = (
            ("Via", f"{self._via};branch={_BRANCH}{token}x{number};rport"),
            ("Max-Forwards", "70"),
            ("CSeq", f"{number} {asked.method}"),
            *asked.headers,
        )
        data = message_bytes(Request(asked.method, asked.uri, headers=headers, body=asked.body))
        self._tries[token] = made = _Try(asked, number, data, NonInvite(now))
        heappush(self._due, (made.transaction.wake_at, token, number))
        return Send(token, data)
