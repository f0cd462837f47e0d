"""Live changes, as server-sent events (HTML Living Standard, section 9.2). They are ours."""

from functools import partial
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IPushProducer, IReactorTime
from twisted.python.failure import Failure
from twisted.web.server import Request
from zope.interface import implementer

from provserver.core.explain import printable
from provserver.rest.codec.explaining import time_text
from provserver.rest.codec.values import write_json
from provserver.rest.errors import Busy
from provserver.rest.feed import Event, Feed
from provserver.rest.messages import Question, Reply, Route

MEDIA_TYPE = "text/event-stream"
_MOST_STREAMS = 100
_BATCH = 100  # events written to one follower in one turn of the reactor
_QUIET_S = 20  # then a comment goes out, so that proxies keep the connection and we notice a dead one
_LONGEST_S = 600  # then the client comes again and shows its token: one that was revoked hears no more
_FIRST = b"retry: 1000\n\n"
_LOST = b"event: lost\ndata: {}\n\n"


class Events:
    def __init__(self, feed: Feed, epoch: str, clock: IReactorTime) -> None:
        """`epoch` tells the numbers of this run from those of another, in what a client resumes by."""
        self._feed = feed
        self._epoch = epoch
        self._clock = clock
        self._streams: set[_Stream] = set()
        self._due: IDelayedCall | None = None
        feed.listen(self._wake)

    def routes(self) -> tuple[Route, ...]:
        return (
            Route(
                "GET",
                "/events",
                "provd.events.read",
                self.follow,
                summary="Follow what happens to devices, as server-sent events; `Last-Event-ID` resumes",
                media_type=MEDIA_TYPE,
            ),
        )

    async def follow(self, question: Question) -> Reply:
        """Raises: Busy."""
        if len(self._streams) >= _MOST_STREAMS:
            raise Busy(f"{_MOST_STREAMS} clients follow the events already", 10)
        at, lost = self._resumed(question.headers.get("last-event-id", ""))
        stream = _Stream(self._feed, at, question.caller.tenants, self._epoch)
        headers = (("Cache-Control", "no-store"), ("X-Accel-Buffering", "no"))
        return Reply(200, headers=headers, media_type=MEDIA_TYPE, follow=partial(self._follow, stream, lost))

    def _resumed(self, last: str) -> tuple[int, bool]:
        """Return from which number to go on, and whether something is missing before it."""
        epoch, _, number = last.partition("-")
        if not last:
            return self._feed.next, False
        known = epoch == self._epoch and number.isdecimal() and number.isascii() and len(number) < 16
        at = int(number) + 1 if known else 0
        if self._feed.first <= at <= self._feed.next:
            return at, False
        return self._feed.first, True

    def _follow(self, stream: "_Stream", lost: bool, request: Request) -> Deferred[bytes]:
        self._streams.add(stream)
        ticks = _Ticks(self._clock, stream)
        request.notifyFinish().addBoth(lambda _: ticks.stop()).addBoth(
            lambda _: self._streams.discard(stream)
        )
        done = stream.start(request, _FIRST + (_LOST if lost else b""))
        self._wake()
        return done

    def _wake(self) -> None:
        """All that happens in one turn of the reactor goes out together, after phones were answered."""
        if self._streams and self._due is None:
            self._due = self._clock.callLater(0, self._write)

    def _write(self) -> None:
        self._due = None
        more = [stream.write() for stream in tuple(self._streams)]
        if any(more):
            self._wake()


class _Ticks:
    """The comments into the quiet, and the end."""

    def __init__(self, clock: IReactorTime, stream: "_Stream") -> None:
        self._clock = clock
        self._stream = stream
        self._end = clock.callLater(_LONGEST_S, stream.end)
        self._quiet = clock.callLater(_QUIET_S, self._tick)

    def _tick(self) -> None:
        self._stream.comment()
        self._quiet = self._clock.callLater(_QUIET_S, self._tick)

    def stop(self) -> None:
        for call in (self._end, self._quiet):
            if call.active():
                call.cancel()


@implementer(IPushProducer)
class _Stream:
    """
    One follower. It holds no events, only the number of the next: whoever reads slower than the feed forgets is cut
    off, and told what it has lost when it comes again.
    """

    def __init__(self, feed: Feed, at: int, tenants: frozenset[str], epoch: str) -> None:
        self._feed = feed
        self._at = at
        self._tenants = tenants
        self._epoch = epoch
        self._paused = False
        self._over = False

    def start(self, request: Request, first: bytes) -> Deferred[bytes]:
        """Fires when the stream has ended in order."""
        self._request = request
        self._done: Deferred[bytes] = Deferred(lambda _: self.stopProducing())
        request.notifyFinish().addErrback(self._gone)
        request.write(first)
        request.registerProducer(self, True)
        return self._done

    def write(self) -> bool:
        """Write what the client has not had; say whether there is more that it could take."""
        if self._over:
            return False
        if self._at < self._feed.first:
            self._cut_off()
            return False
        upto = min(self._feed.next, self._at + _BATCH)
        while self._at < upto and not self._paused:
            event = self._feed.event(self._at)
            self._at += 1
            if event.tenant in self._tenants:
                self._request.write(_written(event, self._epoch))
        return self._at < self._feed.next and not self._paused

    def comment(self) -> None:
        if not self._paused and not self._over:
            self._request.write(b":\n\n")

    def end(self) -> None:
        if self._paused:  # what was written would never be taken
            self._cut_off()
        elif not self._over:
            self._over = True
            self._request.unregisterProducer()
            self._done.callback(b"")

    def pauseProducing(self) -> None:
        self._paused = True

    def resumeProducing(self) -> None:
        self._paused = False
        while self.write():
            pass

    def stopProducing(self) -> None:
        self._over = True

    def _gone(self, _reason: Failure) -> None:
        self._over = True

    def _cut_off(self) -> None:
        self._over = True
        channel: Any = self._request.channel
        channel.transport.abortConnection()


def _written(event: Event, epoch: str) -> bytes:
    more = {name: printable(value) for name, value in event.more.items()}
    about = {"device": event.device} if event.device else {}
    data = {"at": time_text(event.at), **about, "tenant_uuid": event.tenant, **more}
    return b"id: %s-%d\nevent: %s\ndata: %s\n\n" % (
        epoch.encode(),
        event.number,
        event.name.encode(),
        write_json(data),
    )
