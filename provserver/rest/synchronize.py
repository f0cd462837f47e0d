"""Telling a phone to fetch its files again (contract section 6.6)."""

from twisted.internet.defer import Deferred, fail
from twisted.logger import Logger
from zope.interface import implementer

from provserver.core.operations import Operation
from provserver.core.reading import found
from provserver.errors import NotFound, NotResynced
from provserver.interfaces import IProvisioner, IResync, IStore, Told
from provserver.model import Call, Device, Notify
from provserver.rest.codec import shapes
from provserver.rest.codec.values import read_id
from provserver.rest.devices import may_see
from provserver.rest.feed import Feed
from provserver.rest.messages import Question, Reply, Route
from provserver.rest.operations import Operations, Tell

PATH = "/dev_mgr/synchronize"


@implementer(IResync)
class NoResync:
    """Where nothing is connected that could tell a phone."""

    def tell(self, device: Device, how: Notify | Call, contact: str = "") -> Deferred[Told]:  # noqa: ARG002
        """Whoever it is, and however: the arguments are the interface's."""
        return fail(NotResynced("resync.no-way", "nothing here can tell a phone yet: restart it by hand"))


class Resyncing:
    """Tells phones, and the feed of it."""

    _log = Logger()

    def __init__(self, provisioner: IProvisioner, resync: IResync, feed: Feed) -> None:
        self._provisioner = provisioner
        self._resync = resync
        self._feed = feed

    async def one(self, device: Device) -> None:
        """Raises: NotResynced."""
        self._log.info("Synchronizing device {device_id}", device_id=device.id)  # read by tests: section 12.3
        await self._resync.tell(device, self._provisioner.resync(device))
        self._feed.resynced(device)


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
        return self._operations.started(question, Operation(), lambda tell: self._tell(device, tell))

    async def _tell(self, device: Device, tell: Tell) -> Operation:
        under_way = Operation().went_on()
        tell(under_way)
        await self._resyncing.one(device)
        return under_way.succeeded()
