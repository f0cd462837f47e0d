"""Association: which line sits on which device."""

from provserver.core.reading import found, master
from provserver.errors import NotFound
from provserver.interfaces import IAssociations, IStore
from provserver.model import Caller, Device, Line
from provserver.rest.codec import lines as shapes
from provserver.rest.codec.lines import read_position
from provserver.rest.lines import visible
from provserver.rest.messages import DONE, Question, Reply, Route


class Seats:
    def __init__(self, associations: IAssociations, store: IStore) -> None:
        self._associations = associations
        self._store = store

    def routes(self) -> tuple[Route, ...]:
        path = "/lines/<line_id>/devices/<device_id>"
        acl = "provd.lines.{line_id}.devices.{device_id}"
        return (
            Route(
                "PUT",
                path,
                f"{acl}.update",
                self.associate,
                summary="Seat a line on a device, whose config is then made of its lines",
                takes=shapes.Position,
                gives=shapes.AssociationAnswer,
                success=200,
            ),
            Route("DELETE", path, f"{acl}.delete", self.release, summary="Take a line off a device"),
        )

    async def associate(self, question: Question) -> Reply:
        line, position = visible(self._store, question), read_position(question.body)
        device = self._device(question.caller, question.segments["device_id"])
        seated = await self._associations.associate(line.id, device.id, position, question.who)
        association = {"device": seated.device, "line": seated.line, "position": seated.position}
        return Reply(200, {"association": association})

    async def release(self, question: Question) -> Reply:
        """The line's tenant may take it off, whoever owns the device."""
        line = visible(self._store, question)
        await self._associations.release(line.id, question.segments["device_id"], question.who)
        return DONE

    def _device(self, caller: Caller, device_id: str) -> Device:
        """
        Return the device. One of the master tenant on which no line sits may be taken by each tenant, and a guest of
        a device may bring more lines to it.

        Raises:
            NotFound: there is none, or it is another tenant's: the same for both.
        """
        device = found(self._store, Device, device_id)
        if device and (
            device.tenant in caller.tenants
            or not caller.tenants.isdisjoint(device.guests)
            or (device.tenant == master(self._store).id and not self._store.count(Line, "device", device.id))
        ):
            return device
        raise NotFound(f"No such resource: device {device_id[:60]!r}")
