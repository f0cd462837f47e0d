"""Who hears of leases in tests, and a reactor that calls nobody by itself."""

from pathlib import Path
from tempfile import mkdtemp
from typing import cast

from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import IReactorFDSet, IReadDescriptor, IWriteDescriptor
from twisted.internet.task import Clock
from twisted.logger import ILogObserver, LogEvent, formatEvent, globalLogPublisher
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer

from provserver.model import Answer, Sighting
from tests.fakes.provisioner import AnswersOnly

BASE = "http://192.0.2.1:8667"


class Told(AnswersOnly):
    """Keeps the sightings that it is told of; `failing` is what becomes of the next answers."""

    def __init__(self) -> None:
        self.sightings: list[Sighting] = []
        self.failing: list[Exception] = []

    def answer(self, sighting: Sighting) -> Deferred[Answer]:
        self.sightings.append(sighting)
        if self.failing:
            raise self.failing.pop()
        return succeed(Answer("noted", ()))


@implementer(IReactorFDSet)
class Readers(Clock):
    """A clock that is also who waits for descriptors."""

    def __init__(self) -> None:
        super().__init__()
        self.readers: list[IReadDescriptor] = []

    def addReader(self, reader: IReadDescriptor) -> None:
        self.readers.append(reader)

    def removeReader(self, reader: IReadDescriptor) -> None:
        if reader in self.readers:
            self.readers.remove(reader)

    def addWriter(self, writer: IWriteDescriptor) -> None:
        raise NotImplementedError

    def removeWriter(self, writer: IWriteDescriptor) -> None:
        raise NotImplementedError

    def removeAll(self) -> list[IReadDescriptor | IWriteDescriptor]:
        raise NotImplementedError

    def getReaders(self) -> list[IReadDescriptor]:
        return list(self.readers)

    def getWriters(self) -> list[IWriteDescriptor]:
        return []


def short_folder() -> Path:
    """Return a new folder whose name is short: the path of a UNIX socket has at most 107 bytes."""
    return Path(mkdtemp(prefix="provd-"))


class Logged:
    """What one class says in its log, while a test runs."""

    def __init__(self, test: SynchronousTestCase, of: type) -> None:
        self._namespace = f"{of.__module__}.{of.__qualname__}"
        self._texts: list[str] = []
        observer = cast(ILogObserver, self._hear)
        globalLogPublisher.addObserver(observer)
        test.addCleanup(globalLogPublisher.removeObserver, observer)

    def _hear(self, event: LogEvent) -> None:
        if event["log_namespace"] == self._namespace:
            self._texts.append(formatEvent(event))

    def texts(self) -> list[str]:
        """Return what was said since this was asked for last."""
        texts, self._texts = self._texts, []
        return texts
