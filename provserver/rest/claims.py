"""Claims of provisioning codes, for any PBX, and giving a phone back to those that wait."""

import itertools

from attrs import evolve

from provserver.core.reading import found
from provserver.errors import NotClaimed, NotFound, TooManyTries
from provserver.interfaces import IStore
from provserver.model import Device
from provserver.pbx.interfaces import IClaims
from provserver.rest.codec import claimed as shapes
from provserver.rest.codec.claimed import claimed_document, read_claim
from provserver.rest.codec.values import enclosed
from provserver.rest.devices import may_see
from provserver.rest.messages import Question, Reply, Route


class Claims:
    def __init__(self, claims: IClaims, store: IStore) -> None:
        self._claims = claims
        self._store = store
        self._calls = itertools.count(1)

    def routes(self) -> tuple[Route, ...]:
        return (
            Route(
                "POST",
                "/claims",
                "provd.claims.create",
                self.claim,
                {NotClaimed: 409, TooManyTries: 429, NotFound: 404},
                summary="Claim a provisioning code for the phone that dialled it",
                takes=shapes.ClaimOrder,
                gives=shapes.ClaimAnswer,
                success=200,
            ),
            Route(
                "POST",
                "/dev_mgr/devices/<device_id>/autoprov",
                "provd.dev_mgr.devices.{device_id}.autoprov.create",
                self.reset,
                {NotFound: 404},
                summary="Take all lines off a device: it waits for a user again",
                takes=shapes.Nothing,
                gives=shapes.ResetAnswer,
                success=200,
            ),
        )

    async def claim(self, question: Question) -> Reply:
        """The call is one that nobody says has ended: the phone is told some seconds later."""
        code, calling = read_claim(enclosed(question.body, "claim"))
        call = f"rest:{next(self._calls)}"
        who = evolve(calling, call=call, pbx=question.who, tenants=question.caller.tenants)
        done = await self._claims.claim(code, who)
        return Reply(200, {"claim": claimed_document(done)})

    async def reset(self, question: Question) -> Reply:
        device_id = question.segments["device_id"]
        device = found(self._store, Device, device_id)
        if device is None or not may_see(question.caller, device):
            raise NotFound(f"No such resource: device {device_id[:60]!r}")
        done = await self._claims.give_back(device.id, question.who)
        return Reply(200, {"reset": claimed_document(done)})
