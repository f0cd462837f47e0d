"""
Resyncs as closed loops: a phone is told, and only that it then fetches its own file proves anything.

    waiting -> sent -> answered -> fetched
       ^________|_________|                   told again, a set number of times; or it stops, and says why

No more phones are told in any second than the set rate, however many are to be told at once.
"""

from collections import Counter, deque
from heapq import heappop, heappush
from typing import Literal, get_args

from attrs import define, frozen

State = Literal["waiting", "sent", "answered"]
Doing = Literal["in call", "pausing", "queued", "telling", "watching"]

CALL_S = 5.0  # a claim's call that nobody says has ended
# After these a phone that is told again later may well hear it.
PASSING = frozenset(
    {
        "pbx.away",
        "pbx.gone",
        "pbx.misunderstood",
        "pbx.no-answer",
        "pbx.refused",
        "pbx.refused-login",
        "resync.misunderstood",
        "resync.no-answer",
        "resync.not-registered",
        "resync.unreachable",
    }
)


@frozen
class Patience:
    tries: int = 3
    fetch_s: float = 600.0  # from the telling to the fetch: phones that are in a call wait for its end
    pause_s: float = 30.0  # after a telling that failed; then twice as long each time


@frozen
class Tell:
    """Tell the phone, then come back with `told` or `failed`."""

    device: str
    contact: str


@frozen
class Fetched:
    device: str


@frozen
class Stopped:
    device: str
    reason_id: str
    text: str


Do = Tell | Fetched | Stopped


@define
class _Resync:
    device: str
    contact: str
    call: str
    state: State = "waiting"
    doing: Doing = "queued"
    due: float = 0.0  # when a call, a pause or the watching is over
    tries: int = 0


class Resyncs:
    """
    All that are under way. Each method returns what the caller must do next, in order; `wake_at` is when `woken` is
    due (seconds, the caller's clock; None: not at all).
    """

    def __init__(self, per_s: float, patience: Patience) -> None:
        self._step_s = 1 / per_s
        self._patience = patience
        self._resyncs: dict[str, _Resync] = {}
        self._by_call: dict[str, set[str]] = {}
        self._due: list[tuple[float, str]] = []  # a heap of time and device; some are over
        self._queue: deque[str] = deque()  # devices to be told; some are over
        self._next_turn = 0.0

    @property
    def wake_at(self) -> float | None:
        while self._due and not self._is_due(*self._due[0]):
            heappop(self._due)
        while self._queue and not self._is_queued(self._queue[0]):
            self._queue.popleft()
        times = [self._due[0][0]] if self._due else []
        return min([*times, self._next_turn] if self._queue else times, default=None)

    def tally(self) -> dict[str, int]:
        """Count those under way, by state."""
        counts = Counter(resync.state for resync in self._resyncs.values())
        return {state: counts[state] for state in get_args(State)}

    def state(self, device: str) -> State | None:
        resync = self._resyncs.get(device)
        return resync.state if resync else None

    def begin(self, device: str, contact: str, call: str, now: float) -> tuple[Do, ...]:
        """
        Begin one; with a `call` when that has ended. One that is under way goes on, since the phone will fetch what
        is true at that moment, and takes the new contact. But a user who has dialled does not wait until a phone that
        heard nothing, or was away, is told again.
        """
        resync = self._resyncs.get(device)
        if resync:
            resync.contact = contact or resync.contact
            if not call or resync.doing not in ("pausing", "watching"):
                return ()
            # It may restart yet because it was told before, and fetches what is true then: that one try counts.
            resync.call, resync.state, resync.tries = call, "waiting", 1
        else:
            resync = self._resyncs[device] = _Resync(device, contact, call)
        if call:
            self._by_call.setdefault(call, set()).add(device)
            self._wait(resync, "in call", now + CALL_S)
        else:
            self._enqueue(resync)
        return self.woken(now)

    def hung_up(self, call: str, now: float) -> tuple[Do, ...]:
        for device in sorted(self._by_call.pop(call, ())):
            self._enqueue(self._resyncs[device])
        return self.woken(now)

    def told(self, device: str, answered: bool, now: float) -> tuple[Do, ...]:
        resync = self._resyncs.get(device)
        if resync and resync.doing == "telling":
            resync.state = "answered" if answered else "sent"
            self._wait(resync, "watching", now + self._patience.fetch_s)
        return ()

    def failed(self, device: str, reason_id: str, text: str, now: float, jitter: float) -> tuple[Do, ...]:
        """`jitter` is from 0 to 1, so that phones which failed together are not told again together."""
        resync = self._resyncs.get(device)
        if resync is None or resync.doing != "telling":
            return ()
        if reason_id not in PASSING or resync.tries >= self._patience.tries:
            return self._stop(resync, reason_id, text)
        resync.state = "waiting"
        pause_s = self._patience.pause_s * 2 ** (resync.tries - 1)
        self._wait(resync, "pausing", now + pause_s * (1 + jitter))
        return ()

    def fetched(self, device: str) -> tuple[Do, ...]:
        """It asked for its own file. Before it was told that proves nothing."""
        resync = self._resyncs.get(device)
        if resync is None or resync.tries == 0:
            return ()
        self._forget(resync)
        return (Fetched(device),)

    def woken(self, now: float) -> tuple[Do, ...]:
        done: list[Do] = []
        while (wake_at := self.wake_at) is not None and wake_at <= now:
            if self._due and self._due[0][0] <= now:
                done += self._over(self._resyncs[heappop(self._due)[1]])
            else:
                done.append(self._turn(self._resyncs[self._queue.popleft()], now))
        return tuple(done)

    def stop(self, reason_id: str, text: str) -> tuple[Do, ...]:
        """Stop all."""
        return tuple(
            each for one in tuple(self._resyncs.values()) for each in self._stop(one, reason_id, text)
        )

    def _over(self, resync: _Resync) -> tuple[Do, ...]:
        """What it waited for has lasted long enough."""
        if resync.doing == "in call":
            self._by_call.pop(resync.call, None)
        if resync.doing == "watching" and resync.tries >= self._patience.tries:
            said = "it has answered" if resync.state == "answered" else "it was told"
            return self._stop(resync, "resync.not-fetched", f"{said}, and fetches nothing")
        self._enqueue(resync)
        return ()

    def _turn(self, resync: _Resync, now: float) -> Tell:
        """The next turn counts from this one, however late it comes: what was missed is not made up for at once."""
        self._next_turn = now + self._step_s
        resync.tries += 1
        resync.doing = "telling"
        return Tell(resync.device, resync.contact)

    def _enqueue(self, resync: _Resync) -> None:
        resync.state, resync.doing = "waiting", "queued"
        self._queue.append(resync.device)

    def _wait(self, resync: _Resync, doing: Doing, until: float) -> None:
        resync.doing, resync.due = doing, until
        heappush(self._due, (until, resync.device))

    def _is_due(self, at: float, device: str) -> bool:
        resync = self._resyncs.get(device)
        return resync is not None and resync.due == at and resync.doing in ("in call", "pausing", "watching")

    def _is_queued(self, device: str) -> bool:
        resync = self._resyncs.get(device)
        return resync is not None and resync.doing == "queued"

    def _stop(self, resync: _Resync, reason_id: str, text: str) -> tuple[Do, ...]:
        self._forget(resync)
        return (Stopped(resync.device, reason_id, text),)

    def _forget(self, resync: _Resync) -> None:
        del self._resyncs[resync.device]
        if resync.doing == "in call":
            self._by_call.get(resync.call, set()).discard(resync.device)
