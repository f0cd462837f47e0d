"""
SIP over UDP, both sides of it (RFC 3261 section 17): what is asked is repeated until it is answered, and what is
asked of us again gets the same answer again. Packets and times only: whoever has the socket carries them out.
"""

from attrs import field, frozen

from provserver.errors import Invalid
from provserver.phone.sip.messages import acknowledged
from provserver.sip.message import Request, Response, message_bytes
from provserver.sip.uri import read_value

T1_S = 0.5  # what a round trip is thought to take
T2_S = 4.0  # the longest pause of all but an INVITE
GIVE_UP_S = 64 * T1_S  # timers B and F; as long an answer is given again
_MOST_SAID = 1_000  # answers that are remembered
RING_S = 120.0  # for the last answer to an INVITE, once the other side has it

Address = tuple[str, int]


@frozen
class Send:
    data: bytes = field(repr=False)
    to: Address


@frozen
class Ended:
    """`response` is None where no last answer came in time."""

    branch: str
    response: Response | None


Do = Send | Ended


class _Asked:
    """One request on its way."""

    def __init__(self, request: Request, to: Address, now: float) -> None:
        self.request = request
        self.send = Send(message_bytes(request), to)
        self._pause_s = T1_S
        self._again_at: float | None = now + T1_S
        self.until = now + GIVE_UP_S

    @property
    def wake_at(self) -> float:
        return self.until if self._again_at is None else min(self._again_at, self.until)

    def has_begun(self, now: float) -> None:
        """A provisional answer: the other side has it and works on it."""
        if self.request.method == "INVITE":
            self._again_at, self.until = None, now + RING_S
        else:
            self._pause_s = T2_S

    def woken(self, now: float) -> bool:
        """Say whether to send it again."""
        if self._again_at is None or now < self._again_at:
            return False
        self._pause_s *= 2
        if self.request.method != "INVITE":
            self._pause_s = min(self._pause_s, T2_S)
        self._again_at = now + self._pause_s
        return True


class Transactions:
    """
    All transactions of one socket. Each method returns what the caller must do next, in order; `wake_at` is when
    `woken` is due (seconds, the caller's clock; None: not at all).
    """

    def __init__(self) -> None:
        self._asked: dict[str, _Asked] = {}  # by branch
        self._said: dict[object, tuple[float, Send]] = {}  # answers and ACKs that may be wanted again

    @property
    def wake_at(self) -> float | None:
        times = [asked.wake_at for asked in self._asked.values()]
        return min([*times, *(until for until, _ in self._said.values())], default=None)

    def ask(self, branch: str, request: Request, to: Address, now: float) -> Send:
        """`request` has a Via with this branch on top. Raises: Invalid: it cannot be written."""
        asked = self._asked[branch] = _Asked(request, to, now)
        return asked.send

    def heard(self, response: Response, now: float) -> tuple[Do, ...]:
        """Raises: Invalid."""
        again = self._said.get(_ack_key(response))
        if again and response.status >= 200:
            return (again[1],)  # the answer came once more, so that our ACK must have been lost
        branch = read_value(response.first("Via"))[1].get("branch", "")
        asked = self._asked.get(branch)
        if asked is None or response.cseq != asked.request.cseq:
            return ()
        if response.status < 200:
            asked.has_begun(now)
            return ()
        del self._asked[branch]
        ended = Ended(branch, response)
        if asked.request.method == "INVITE" and response.status >= 300:
            return self.acknowledge(acknowledged(asked.request, response), asked.send.to, now), ended
        return (ended,)

    def acknowledge(self, ack: Request, to: Address, now: float) -> Send:
        """Send an ACK, now and whenever the answer comes again."""
        return self._remembered(_ack_key(ack), Send(message_bytes(ack), to), now)

    def again(self, request: Request, source: Address) -> Send | None:
        """Return what was answered before, where a request comes once more."""
        said = self._said.get(_request_key(request, source))
        return said[1] if said else None

    def answer(self, request: Request, response: Response, source: Address, now: float) -> Send:
        return self._remembered(_request_key(request, source), Send(message_bytes(response), source), now)

    def woken(self, now: float) -> tuple[Do, ...]:
        done: list[Do] = []
        for branch, asked in tuple(self._asked.items()):
            if asked.until <= now:
                del self._asked[branch]
                done.append(Ended(branch, None))
            elif asked.woken(now):
                done.append(asked.send)
        self._said = {key: said for key, said in self._said.items() if said[0] > now}
        return tuple(done)

    def _remembered(self, key: object, send: Send, now: float) -> Send:
        if len(self._said) >= _MOST_SAID:
            del self._said[next(iter(self._said))]
        self._said[key] = (now + GIVE_UP_S, send)
        return send


def _ack_key(message: Request | Response) -> object:
    number, method = message.cseq
    return ("ACK", message.first("Call-ID"), number) if method in ("INVITE", "ACK") else ()


def _request_key(request: Request, source: Address) -> object:
    """RFC 3261 section 17.2.3; an old phone's branch is no key, but with Call-ID and CSeq it is."""
    try:
        branch = read_value(request.first("Via"))[1].get("branch", "")
    except Invalid:
        branch = ""
    return (source, branch, request.first("Call-ID"), request.cseq)
