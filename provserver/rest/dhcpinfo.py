"""Leases, told by a DHCP server's hook (contract section 6.8)."""

from twisted.internet.interfaces import IReactorTime

from provserver.core.explain import sentence
from provserver.dhcp.lease import lease_of
from provserver.interfaces import IProvisioner
from provserver.rest.codec import shapes
from provserver.rest.errors import Busy
from provserver.rest.messages import DONE, Question, Reply, Route


class DhcpInfo:
    def __init__(self, provisioner: IProvisioner, base: str, clock: IReactorTime) -> None:
        self._provisioner = provisioner
        self._base = base
        self._clock = clock

    def routes(self) -> tuple[Route, ...]:
        return (
            Route(
                "POST",
                "/dev_mgr/dhcpinfo",
                "provd.dev_mgr.dhcpinfo.create",
                self.create,
                summary="Tell of a lease",
                takes=shapes.DhcpInfo,
                success=204,
            ),
        )

    async def create(self, question: Question) -> Reply:
        sighting = lease_of(question.body, self._clock.seconds(), self._base)
        if sighting is not None:
            answer = await self._provisioner.answer(sighting)
            if answer.outcome == "busy":
                raise Busy(sentence(answer.steps[-1]), answer.retry_s)
        return DONE
