"""The pool of slots: which accounts waiting phones have. Passwords go in and do not come out."""

from itertools import islice

from provserver.core.ownership import sees_all
from provserver.core.pool import BATCH, pool_changes, read_pool
from provserver.errors import Forbidden
from provserver.interfaces import IProvisioner, IStore
from provserver.model import Slot
from provserver.rest.changing import last_one_wins
from provserver.rest.codec import claimed as shapes
from provserver.rest.codec.claimed import slots_document
from provserver.rest.codec.values import enclosed
from provserver.rest.messages import DONE, Question, Reply, Route


class Slots:
    def __init__(self, provisioner: IProvisioner, store: IStore) -> None:
        self._provisioner = provisioner
        self._store = store

    def routes(self) -> tuple[Route, ...]:
        return (
            Route(
                "GET",
                "/slots",
                "provd.slots.read",
                self.read,
                {Forbidden: 403},
                summary="Read the accounts of waiting phones, and who has which",
                gives=shapes.PoolAnswer,
            ),
            Route(
                "PUT",
                "/slots",
                "provd.slots.update",
                self.update,
                {Forbidden: 403},
                summary="Set the accounts of waiting phones",
                takes=shapes.PoolOrder,
            ),
        )

    async def read(self, question: Question) -> Reply:
        self._check(question)
        return Reply(200, {"slots": slots_document(self._store.find(Slot, "all", ""))})

    async def update(self, question: Question) -> Reply:
        self._check(question)
        pool = read_pool(enclosed(question.body, "slots"))

        async def some() -> Reply:
            while batch := tuple(islice(pool_changes(pool, self._store), BATCH)):
                await self._provisioner.change(question.commit(*batch))
            return DONE

        return await last_one_wins(some)

    def _check(self, question: Question) -> None:
        if not sees_all(self._store, question.caller):
            raise Forbidden("only a token of the master tenant may: the slots are for all tenants' phones")
