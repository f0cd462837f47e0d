"""What the parts of the contract of IStore share."""

import json

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from provserver.errors import Conflict
from provserver.interfaces import IStore
from provserver.model import (
    Commit,
    Committed,
    Delete,
    Device,
    Document,
    Json,
    Put,
)

MAC, OTHER_MAC = "00:15:65:4a:a9:37", "00:15:65:4a:a9:38"
DEVICE = Device("d1", mac=MAC, serial="S1", uuid="u1", config="c1", plugin="yealink-v86", tenant="t1")


def json_of(value: object) -> Json:
    return Json(json.dumps(value, separators=(",", ":")).encode())


def putting(*documents: Document) -> Commit:
    return Commit(tuple(Put(document, None) for document in documents), "test", "set up")


def nested(levels: int) -> object:
    """Return objects and lists in each other."""
    value: object = "x"
    for level in range(levels):
        value = [value, 1] if level % 3 == 0 else {"a": value, "b": 1}
    return {"a": value}


class StoreCase(SynchronousTestCase):
    def provider(self) -> IStore:
        """Return an empty store whose commits have happened when `commit` returns."""
        raise NotImplementedError

    def closed(self, store: IStore) -> None:
        """Close a store that `provider` returned."""
        raise NotImplementedError

    def setUp(self) -> None:
        self.clock = Clock()
        self.clock.advance(1_800_000_000)
        self.store = self.provider()

    def commit(self, *changes: Put | Delete) -> Committed:
        return self.successResultOf(self.store.commit(Commit(changes, "test", "because")))

    def put(self, *documents: Document) -> Committed:
        return self.successResultOf(self.store.commit(putting(*documents)))

    def refused(self, *changes: Put | Delete) -> str:
        """Return the text of the Conflict; nothing has happened."""
        before = self.store.seq
        failure = self.failureResultOf(self.store.commit(Commit(changes, "test", "because")), Conflict)
        self.assertEqual(self.store.seq, before)
        return str(failure.value)
