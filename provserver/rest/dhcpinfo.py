"""Leases, told by a DHCP server's hook (contract section 6.8)."""

from twisted.internet.interfaces import IReactorTime

from provserver.core.explain import sentence
from provserver.core.ownership import check_sees_all
from provserver.dhcp.lease import lease_of
from provserver.errors import Forbidden
from provserver.interfaces import IProvisioner, IStore
from provserver.rest.codec import shapes
from provserver.rest.errors import Busy
from provserver.rest.messages import DONE, Question, Reply, Route


class DhcpInfo:
    def __init__(self, provisioner: IProvisioner, store: IStore, base: str, clock: IReactorTime) -> None:
        self._provisioner = provisioner
        self._store = store
        self._base = base
        self._clock = clock

    def routes(self) -> tuple[Route, ...]:
        return (
            Route(
                "POST",
                "/dev_mgr/dhcpinfo",
                "provd.dev_mgr.dhcpinfo.create",
                self.create,
                {Forbidden: 403},
                summary="Tell of a lease",
                takes=shapes.DhcpInfo,
                success=204,
            ),
        )

    async def create(self, question: Question) -> Reply:
        check_sees_all(self._store, question.caller, "a lease proves the address of any tenant's phone")
        sighting = lease_of(question.body, self._clock.seconds(), self._base)
        if sighting is not None:
            answer = await self._provisioner.answer(sighting)
            if answer.outcome == "busy":
                raise Busy(sentence(answer.steps[-1]), answer.retry_s)
        return DONE
