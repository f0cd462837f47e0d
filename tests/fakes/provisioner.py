"""A Provisioner for shells that only ever ask it for answers: each test's fake says what `answer` does."""

from collections.abc import Callable

from twisted.internet.defer import Deferred
from zope.interface import implementer

from provserver.interfaces import IProvisioner
from provserver.model import (
    Answer,
    Asked,
    Call,
    Commit,
    Committed,
    Device,
    Json,
    Notify,
    Sighting,
    Status,
)


@implementer(IProvisioner)
class AnswersOnly:
    def answer(self, sighting: Sighting) -> Deferred[Answer]:
        raise NotImplementedError

    def explain(self, sighting: Sighting) -> Answer:
        raise AssertionError("phones never ask this")

    def timeline(self, device_id: str) -> tuple[Asked, ...]:
        raise AssertionError("phones never ask this")

    def status(self, device: Device) -> Status:
        raise AssertionError("phones never ask this")

    def resync(self, device: Device) -> Notify | Call:
        raise AssertionError("phones never ask this")

    def watch_answers(self, tell: Callable[[Sighting, Answer], None]) -> None:
        raise AssertionError("phones never ask this")

    def raw_config(self, config_id: str) -> Json:
        raise AssertionError("phones never ask this")

    def autocreate(self, who: str, tenant: str = "") -> Deferred[str]:
        raise AssertionError("phones never ask this")

    def change(self, commit: Commit) -> Deferred[Committed]:
        raise AssertionError("phones never ask this")
