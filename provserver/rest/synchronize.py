"""Telling a phone to fetch its files again (contract section 6.6), and watching that it does."""

from collections.abc import Iterable

from attrs import evolve
from twisted.logger import Logger

from provserver.core.operations import Operation
from provserver.core.reading import found
from provserver.errors import NotFound
from provserver.interfaces import IProvisioner, IStore, Told
from provserver.model import Device
from provserver.pbx.interfaces import IResyncs
from provserver.rest.codec import shapes
from provserver.rest.codec.values import read_id
from provserver.rest.devices import may_see
from provserver.rest.feed import Feed
from provserver.rest.messages import Question, Reply, Route
from provserver.rest.operations import Operations, Tell

PATH = "/dev_mgr/synchronize"
_STAGES = ("sent", "answered", "fetched")


class Resyncing:
    """Has phones told, and the feed of it."""

    _log = Logger()

    def __init__(self, provisioner: IProvisioner, resyncs: IResyncs, feed: Feed) -> None:
        self._provisioner = provisioner
        self._resyncs = resyncs
        self._feed = feed

    async def one(self, device: Device, tell: Tell = lambda _: None) -> Operation:
        """Return how it ended: with the fetch. `tell` gets each stage before. Raises: NotResynced."""
        self._log.info("Synchronizing device {device_id}", device_id=device.id)  # read by tests: section 12.3
        self._provisioner.resync(device)  # who cannot be told at all hears it at once
        reached: list[str] = []

        def told(state: Told) -> None:
            if not reached:
                self._feed.resynced(device)
            reached.append(state)
            tell(_under_way(reached))

        tell(_under_way(reached))
        await self._resyncs.begin(device.id, tell=told)
        return _with_stages(Operation("success"), (*reached, "fetched"))


class Synchronize:
    def __init__(self, store: IStore, resyncing: Resyncing, operations: Operations) -> None:
        self._store = store
        self._resyncing = resyncing
        self._operations = operations

    def routes(self) -> tuple[Route, ...]:
        return (
            Route(
                "POST",
                PATH,
                "provd.dev_mgr.synchronize.create",
                self.create,
                {NotFound: 404},
                summary="Tell a phone to fetch its files again",
                takes=shapes.Named,
            ),
        )

    async def create(self, question: Question) -> Reply:
        device_id = read_id(question.body)
        device = found(self._store, Device, device_id)
        if device is None or not may_see(question.caller, device):
            raise NotFound(f"No such resource: device {device_id[:60]!r}")
        return self._operations.started(question, Operation(), lambda tell: self._resyncing.one(device, tell))


def _under_way(reached: Iterable[str]) -> Operation:
    return _with_stages(Operation("progress"), reached)


def _with_stages(operation: Operation, reached: Iterable[str]) -> Operation:
    """Add the stages as parts. Whether a phone answers is not always heard: one behind Asterisk is only `sent`."""
    passed = set(reached)
    passed |= {"sent"} if passed else set()
    parts = (Operation("success" if stage in passed else "waiting", stage) for stage in _STAGES)
    return evolve(operation, parts=tuple(parts))
