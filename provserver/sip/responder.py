"""The SIP PnP responder of one interface: datagrams and answers in, what must be done out."""

from attrs import frozen

from provserver.model import Answer
from provserver.sip.message import Request, Response, message_bytes
from provserver.sip.transaction import NonInvite
from provserver.sip.ua_profile import URL_TYPE, Address, Subscribe, notify, ok, read_packet, read_subscribe
from provserver.sip.uri import read_value

_REMEMBERED_S = 32.0  # a repeated SUBSCRIBE gets the same answer for as long (RFC 3261 timer J)


@frozen
class Ask:
    """Ask the chain, and come back with `answered`."""

    subscribe: Subscribe


@frozen
class Send:
    data: bytes
    to: Address


@frozen
class _Told:
    """A phone that was told its URL."""

    ok: Send
    notify: Send
    notifying: NonInvite
    until: float


class Responder:
    """
    Each method returns what the caller must do next, in order; `wake_at` is when `woken` is due (seconds, the
    caller's clock; None: not at all). What is sent goes to where the phone sent from.
    """

    def __init__(self, address: Address, most: int = 1_000) -> None:
        """`address`: ours on this interface; `most`: phones that are served at one time. Others are not answered,
        and ask again."""
        self._address = address
        self._most = most
        self._asking: set[object] = set()  # ids of subscriptions that the chain decides about
        self._told: dict[object, _Told] = {}
        self._by_branch: dict[str, object] = {}

    @property
    def wake_at(self) -> float | None:
        return min(map(_due, self._told.values()), default=None)

    def heard(self, data: bytes, source: Address) -> tuple[Ask | Send, ...]:
        """Raises: Invalid: it is no SIP, or a subscription that cannot be answered."""
        message = read_packet(data)
        if isinstance(message, Response):
            self._notified(message, source)
        elif message and (subscribe := read_subscribe(message, source)):
            return self._subscribed(subscribe)
        return ()

    def answered(self, subscribe: Subscribe, answer: Answer, now: float, token: str) -> tuple[Send, ...]:
        """`token`: letters and digits that nobody can guess. A phone that gets no URL gets no answer at all, so
        that another server may give one."""
        self._asking.discard(subscribe.id)
        file = answer.file
        if answer.outcome != "file" or file is None or file.body is None or file.media_type != URL_TYPE:
            return ()
        branch = f"z9hG4bK{token}"
        told = _Told(
            self._send(ok(subscribe, self._address, token), subscribe.source),
            self._send(notify(subscribe, file.body, self._address, token, branch), subscribe.source),
            NonInvite(now),
            now + _REMEMBERED_S,
        )
        self._told[subscribe.id] = told
        self._by_branch[branch] = subscribe.id
        return told.ok, told.notify

    def woken(self, now: float) -> tuple[Send, ...]:
        """Repeat what is not answered, and forget what is over."""
        again = tuple(told.notify for told in self._told.values() if told.notifying.woken(now))
        for key in [key for key, told in self._told.items() if told.until <= now]:
            del self._told[key]
        self._by_branch = {branch: key for branch, key in self._by_branch.items() if key in self._told}
        return again

    def _subscribed(self, subscribe: Subscribe) -> tuple[Ask | Send, ...]:
        if told := self._told.get(subscribe.id):
            return (told.ok,)  # the NOTIFY is repeated by its own clock
        if subscribe.id in self._asking or len(self._told) + len(self._asking) >= self._most:
            return ()
        self._asking.add(subscribe.id)
        return (Ask(subscribe),)

    def _notified(self, response: Response, source: Address) -> None:
        _, via = read_value(response.first("Via"))
        told = self._told.get(self._by_branch.get(via.get("branch", "")))
        if told and told.notify.to[0] == source[0] and response.cseq[1] == "NOTIFY":
            told.notifying.answered(response.status)

    def _send(self, message: Request | Response, to: Address) -> Send:
        return Send(message_bytes(message), to)


def _due(told: _Told) -> float:
    return told.notifying.wake_at if told.notifying.outcome == "waiting" else told.until
