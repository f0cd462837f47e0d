"""the store in memory."""

from attrs import evolve
from twisted.internet.task import Clock

from provserver.errors import Conflict
from provserver.interfaces import IStore
from provserver.model import Commit, Device, Put
from provserver.store.memory import MemoryStore
from tests.contracts import store as contract
from tests.store.contract_case import DEVICE


class MemoryStoreTests(contract.StoreContract):
    def provider(self) -> IStore:
        return MemoryStore((), clock=self.clock)

    def closed(self, store: IStore) -> None:
        assert isinstance(store, MemoryStore)
        self.successResultOf(store.close())

    def test_the_documents_of_its_beginning_are_no_commit(self) -> None:
        """Tests start from a known state without a history."""
        store = MemoryStore((DEVICE,), clock=Clock())
        self.assertEqual((store.seq, store.get(Device, "d1")), (0, evolve(DEVICE, rev=1)))
        self.assertEqual(self.successResultOf(store.history(Device, "d1", 9)), ())
        for expected in (0, 2):
            change = Put(DEVICE, expected)
            self.failureResultOf(store.commit(Commit((change,), "", "")), Conflict)
        self.successResultOf(store.commit(Commit((Put(DEVICE, 1),), "", "")))
        self.assertGreater(store.get(Device, "d1").rev, 1)
