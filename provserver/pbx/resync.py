"""Tells phones to fetch their files again, each in its own way, and watches that they do."""

from collections.abc import Callable, Mapping

from attrs import evolve, frozen
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger
from zope.interface import implementer

from provserver.core.resync import Do, Fetched, Patience, Resyncs, Stopped, Tell
from provserver.errors import NotResynced, ProvdError
from provserver.interfaces import IResync, Told
from provserver.model import Answer, Call, Device, Notify, Sighting
from provserver.pbx.interfaces import INotifier, IResyncs, Target

_PATIENCE = Patience()

Carry = Callable[[Call, str], Deferred[Told]]


@frozen
class Pbx:
    """A PBX and whose phones it has: those of these tenants, or of all where none is named."""

    notifier: INotifier
    tenants: frozenset[str] = frozenset()


@implementer(IResync)
class Teller:
    """Tells a phone once."""

    def __init__(
        self, pbxes: Mapping[str, Pbx], direct: INotifier, call: Carry, target_of: Callable[[Device], Target]
    ) -> None:
        """`direct` serves phones that are no PBX's. `target_of` says what is known of where a phone is, but for its
        contact; `call` carries out what is no NOTIFY, at an address."""
        self._pbxes = pbxes
        self._direct = direct
        self._call = call
        self._target_of = target_of

    def start(self) -> None:
        for notifier in self._notifiers():
            notifier.start()

    def stop(self) -> Deferred[None]:
        return gatherResults([each.stop() for each in self._notifiers()]).addCallback(lambda _: None)

    def tell(self, device: Device, how: Notify | Call, contact: str = "") -> Deferred[Told]:
        known = self._target_of(device)
        if isinstance(how, Call):
            return self._call(how, known.ip)
        return self._notifier(device).notify(evolve(known, contact=contact), how)

    def _notifier(self, device: Device) -> INotifier:
        for pbx in self._pbxes.values():
            if not pbx.tenants or device.tenant in pbx.tenants:
                return pbx.notifier
        return self._direct

    def _notifiers(self) -> tuple[INotifier, ...]:
        return (*(pbx.notifier for pbx in self._pbxes.values()), self._direct)


@implementer(IResyncs)
class ResyncLoop:
    """
    The clock of all resyncs, and who waits for them.

    `how_of` says by what a device with this id is told now, and raises NotResynced; `saw` is for
    `IProvisioner.watch_answers`.
    """

    _log = Logger()

    def __init__(
        self,
        teller: IResync,
        how_of: Callable[[str], tuple[Device, Notify | Call]],
        clock: IReactorTime,
        random: Callable[[], float],
        per_s: float,
        patience: Patience = _PATIENCE,
    ) -> None:
        self._teller = teller
        self._how_of = how_of
        self._clock = clock
        self._random = random
        self._resyncs = Resyncs(per_s, patience)
        self._waiting: dict[str, list[tuple[Deferred[None], Callable[[Told], object] | None]]] = {}
        self._timer: IDelayedCall | None = None
        self._watchers: list[Callable[[str, str], None]] = []

    def begin(
        self, device_id: str, contact: str = "", call: str = "", tell: Callable[[Told], object] | None = None
    ) -> Deferred[None]:
        done: Deferred[None] = Deferred()
        self._waiting.setdefault(device_id, []).append((done, tell))
        self._do(self._resyncs.begin(device_id, contact, call, self._clock.seconds()))
        return done

    def hung_up(self, call: str) -> None:
        self._do(self._resyncs.hung_up(call, self._clock.seconds()))

    def tally(self) -> Mapping[str, int]:
        return self._resyncs.tally()

    def watch(self, tell: Callable[[str, str], None]) -> None:
        self._watchers.append(tell)

    def saw(self, sighting: Sighting, answer: Answer) -> None:  # noqa: ARG002 - watch_answers gives both
        if answer.device and answer.device in self._waiting and own_file(answer):
            self._do(self._resyncs.fetched(answer.device))

    def stop(self) -> None:
        self._do(self._resyncs.stop("resync.stopped", "provd stops"))

    def _do(self, todo: tuple[Do, ...]) -> None:
        for each in todo:
            match each:
                case Tell(device, contact):
                    Deferred.fromCoroutine(self._tell(device, contact))
                case Fetched(device):
                    self._tell_end(device, "")
                    for done, _ in self._waiting.pop(device, ()):
                        done.callback(None)
                case Stopped(device, reason_id, text):
                    self._log.warn("resync of {device} stopped: {text}", device=device, text=text)
                    self._tell_end(device, reason_id)
                    for done, _ in self._waiting.pop(device, ()):
                        done.errback(NotResynced(reason_id, text))
        self._set_timer()

    def _tell_end(self, device: str, reason_id: str) -> None:
        for tell in self._watchers:
            tell(device, reason_id)

    async def _tell(self, device_id: str, contact: str) -> None:
        try:
            device, how = self._how_of(device_id)
            told = await self._teller.tell(device, how, contact)
        except ProvdError as problem:
            todo = self._resyncs.failed(
                device_id, problem.reason_id, str(problem), self._clock.seconds(), self._random()
            )
        except Exception:  # nobody must wait for ever because of a bug
            self._log.failure("a resync failed by a bug")
            now = self._clock.seconds()
            todo = self._resyncs.failed(device_id, "internal", "Internal Server Error", now, 0.0)
        else:
            todo = self._resyncs.told(device_id, told == "answered", self._clock.seconds())
            for _, tell in self._waiting.get(device_id, ()):
                if tell:
                    tell(told)
        self._do(todo)

    def _set_timer(self) -> None:
        if self._timer and self._timer.active():
            self._timer.cancel()
        wake_at = self._resyncs.wake_at
        if wake_at is not None:
            self._timer = self._clock.callLater(max(0.0, wake_at - self._clock.seconds()), self._woken)

    def _woken(self) -> None:
        self._do(self._resyncs.woken(self._clock.seconds()))


def own_file(answer: Answer) -> bool:
    """Say whether a phone was given its own file, or has it already: such a file is made of what is true now."""
    found = [step.values for step in answer.steps if step.reason_id == "find.found"]
    return answer.outcome == "file" and any(values[1:2] == ("device",) for values in found)
