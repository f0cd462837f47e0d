"""Why a phone is answered as it is: explain, and a device's timeline and status. These are ours."""

from twisted.internet.interfaces import IReactorTime

from provserver.core.reading import found
from provserver.errors import NotFound
from provserver.interfaces import IProvisioner, IStore
from provserver.model import Device, Presence
from provserver.rest.codec.explaining import (
    asked_document,
    explain_document,
    read_sighting,
    status_document,
)
from provserver.rest.devices import may_see, visible
from provserver.rest.messages import Question, Reply, Route


class Explain:
    def __init__(self, provisioner: IProvisioner, store: IStore, base: str, clock: IReactorTime) -> None:
        self._provisioner = provisioner
        self._store = store
        self._base = base
        self._clock = clock

    def routes(self) -> tuple[Route, ...]:
        one = "/dev_mgr/devices/<device_id>"
        acl = "provd.dev_mgr.devices.{device_id}"
        return (
            Route("GET", "/explain", "provd.explain.read", self.explain),
            Route("GET", f"{one}/timeline", f"{acl}.timeline.read", self.timeline),
            Route("GET", f"{one}/status", f"{acl}.status.read", self.status),
        )

    async def explain(self, question: Question) -> Reply:
        answer = self._provisioner.explain(read_sighting(question.query, self._clock.seconds(), self._base))
        device = found(self._store, Device, answer.device)
        if device and not may_see(question.caller, device):
            raise NotFound("No such resource: the phone is another tenant's")
        return Reply(200, {"explain": explain_document(answer, device.id if device else None)})

    async def timeline(self, question: Question) -> Reply:
        device = visible(self._store, question)
        return Reply(
            200, {"timeline": [asked_document(asked) for asked in self._provisioner.timeline(device.id)]}
        )

    async def status(self, question: Question) -> Reply:
        device = visible(self._store, question)
        status = self._provisioner.status(device)
        others = (found(self._store, Device, twin) for twin in status.twins)
        twins = [other.id for other in others if other and may_see(question.caller, other)]
        presence = found(self._store, Presence, device.id)
        return Reply(200, {"status": status_document(status, twins, presence)})
