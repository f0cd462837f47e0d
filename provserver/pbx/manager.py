"""A connection to a PBX that sends NOTIFYs at our command: Asterisk's Manager, FreeSWITCH's Event Socket."""

from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.interfaces import IDelayedCall, IReactorTime, IStreamClientEndpoint
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.internet.task import deferLater
from twisted.logger import Logger
from twisted.python.failure import Failure
from zope.interface import implementer

from provserver.errors import Invalid, NotResynced
from provserver.interfaces import Told
from provserver.model import Notify
from provserver.pbx.interfaces import INotifier, Target
from provserver.pbx.session import Dialect, Do, End, Fields, Ready, Replied, Reply, Send, Session
from provserver.pbx.tls import TROUBLES, said

_FIRST_PAUSE_S, _MOST_PAUSE_S, _GROWTH = 1.0, 60.0, 2.0


class ManagerConnection(Protocol):
    """One connection. `ready` fires when it is logged in, else fails with NotResynced; `ended` fires last."""

    transport: Any

    def __init__(self, dialect: Dialect, clock: IReactorTime) -> None:
        self.ready: Deferred[None] = Deferred()
        self.ended: Deferred[End] = Deferred()
        self._clock = clock
        self._session = Session(dialect, clock.seconds())
        self._asked: dict[int, Deferred[Reply]] = {}
        self._token = 0
        self._timer: IDelayedCall | None = None
        self._end: End | None = None
        self._gone = False

    def ask(self, fields: Fields) -> Deferred[Reply]:
        """Errors: NotResynced when the connection ends; Invalid: the fields cannot be written."""
        self._token += 1
        try:
            todo = self._session.ask(self._token, fields, self._clock.seconds())
        except Invalid as problem:
            return fail(problem)
        asked = self._asked[self._token] = Deferred()
        self._do(todo)
        return asked

    def connectionMade(self) -> None:
        self._set_timer()

    def dataReceived(self, data: bytes) -> None:
        try:
            self._do(self._session.fed(data, self._clock.seconds()))
        except Invalid as problem:
            self._do((End("pbx.misunderstood", str(problem)),))

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self._gone = True
        self._cancel_timer()
        end = self._end or End("pbx.gone", said(reason.value))
        gone = NotResynced(end.reason_id, end.text)
        asked, self._asked = self._asked, {}
        for waiting in asked.values():
            waiting.errback(gone)
        if not self.ready.called:
            self.ready.errback(gone)
        self.ended.callback(end)

    def close(self, reason_id: str, text: str) -> None:
        self._do((End(reason_id, text),))

    def _do(self, todo: tuple[Do, ...]) -> None:
        for each in todo:
            match each:
                case Send(data):
                    self.transport.write(data)
                case Ready():
                    self.ready.callback(None)
                case Replied(token, reply):
                    self._asked.pop(token).callback(reply)
                case End():
                    self._end = each
                    self._cancel_timer()
                    self.transport.abortConnection()
                    return
        self._set_timer()

    def _set_timer(self) -> None:
        self._cancel_timer()
        if self._gone:
            return
        pause_s = max(0.0, self._session.wake_at - self._clock.seconds())
        self._timer = self._clock.callLater(pause_s, self._woken)

    def _cancel_timer(self) -> None:
        if self._timer and self._timer.active():
            self._timer.cancel()

    def _woken(self) -> None:
        self._do(self._session.woken(self._clock.seconds()))


@implementer(INotifier)
class ManagerNotifier:
    """Connects again whenever the connection ends, each time after a longer pause. What a PBX replies is no proof
    that anything was sent (Asterisk says `NOTIFY sent` for a dead port)."""

    _log = Logger()

    def __init__(
        self,
        name: str,
        endpoint: IStreamClientEndpoint,
        dialect: Callable[[], Dialect],
        fields: Callable[[Target, Notify], Fields],
        clock: IReactorTime,
        random: Callable[[], float],
    ) -> None:
        """`name` is for people; `fields` raises NotResynced and Invalid; `random` is from 0 to 1."""
        self._name = name
        self._endpoint = endpoint
        self._dialect = dialect
        self._fields = fields
        self._clock = clock
        self._random = random
        self._open: ManagerConnection | None = None
        self._logged_in = False
        self._waiting_for: Deferred[Any] | None = None  # what a stop cancels
        self._stopping = False
        self._running: Deferred[None] | None = None
        self._trouble = "not yet"

    def start(self) -> None:
        self._running = Deferred.fromCoroutine(self._keep_connected())

    def stop(self) -> Deferred[None]:
        self._stopping = True
        if self._waiting_for:
            self._waiting_for.cancel()
        if self._open:
            self._open.close("resync.stopped", "provd stops")
        return self._running or succeed(None)

    def notify(self, target: Target, notify: Notify) -> Deferred[Told]:
        return Deferred.fromCoroutine(self._notify(target, notify))

    async def _notify(self, target: Target, notify: Notify) -> Told:
        if self._open is None or not self._logged_in:
            raise NotResynced("pbx.away", f"no connection to {self._name}: {self._trouble}")
        try:
            reply = await self._open.ask(self._fields(target, notify))
        except (Invalid, UnicodeDecodeError) as problem:
            raise NotResynced("resync.unfit", str(problem)) from None
        if not reply.good:
            raise NotResynced("pbx.refused", f"{self._name} says: {reply.text}")
        return "sent"

    # --- the connection ------------------------------------------------------------------------------------

    async def _keep_connected(self) -> None:
        pause_s = _FIRST_PAUSE_S
        while not self._stopping:
            if await self._connected():
                pause_s = _FIRST_PAUSE_S
            if not self._stopping:
                # A restarted PBX must not be met by all its clients in one moment.
                await self._unless_stopped(deferLater(self._clock, pause_s * (1 + self._random()) / 2))
            pause_s = min(pause_s * _GROWTH, _MOST_PAUSE_S)

    async def _connected(self) -> bool:
        """Serve one connection to its end; say whether it was logged in."""
        connection = ManagerConnection(self._dialect(), self._clock)
        if not await self._unless_stopped(self._endpoint.connect(Factory.forProtocol(lambda: connection))):
            return False
        self._open = connection
        try:
            await connection.ready
            self._logged_in = True
            self._trouble = ""
            self._log.info("{name}: logged in", name=self._name)
        except NotResynced:
            pass  # the same is said at the end
        end = await connection.ended
        logged_in, self._logged_in, self._open = self._logged_in, False, None
        self._say(end.text)
        return logged_in

    async def _unless_stopped(self, waiting: Deferred[Any]) -> bool:
        """Wait; say whether it came to a good end."""
        self._waiting_for = waiting
        try:
            await waiting
        except TROUBLES as problem:
            self._say(said(problem))
            return False
        finally:
            self._waiting_for = None
        return True

    def _say(self, trouble: str) -> None:
        """Write one line for each new trouble, not for each try."""
        if not self._stopping and trouble != self._trouble:
            self._log.warn("{name}: no connection: {trouble}", name=self._name, trouble=trouble)
        self._trouble = trouble
