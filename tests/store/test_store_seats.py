"""Lines in the store: their seats, and codes that stay unique over a restart."""

from pathlib import Path

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from provserver.errors import Conflict
from provserver.model import Commit, Line, Put, Seat, Tenant
from provserver.store.codec import checked, read
from provserver.store.disk import Disk
from provserver.store.journal import JournalStore
from tests.store.contract_case import json_of
from tests.store.threads import at_once

CODE = frozenset({("code", "482913")})
LINE = Line(
    "l1",
    tenant="t1",
    account=json_of({"username": "anna", "password": "hush"}),
    code="482913",
    code_expires=1_800_000_000.0,
    keeps_code=True,
    when_taken="add",
    template="desk",
    options=json_of({"locale": "fr_FR"}),
    seats=(Seat("d1", 1), Seat("d2", 7)),
)


class SeatsTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.folder = Path(self.mktemp())
        self.store = self.opened()

    def opened(self) -> JournalStore:
        store = JournalStore(Disk(self.folder), Clock(), at_once)
        store.lock()
        store.load()
        self.addCleanup(store.close)
        return store

    def restart(self) -> None:
        self.successResultOf(self.store.close())
        self.store = self.opened()

    def commit(self, *changes: Put) -> None:
        self.successResultOf(self.store.commit(Commit(changes, "test", "test")))

    def test_a_line_is_written_and_read(self) -> None:
        """With all it has; and a tenant with what it lays under its lines."""
        self.assertEqual(read("line", checked(LINE)), LINE)
        tenant = Tenant("t1", default_config="ours", templates=("desk", "boss"))
        self.assertEqual(read("tenant", checked(tenant)), tenant)
        self.commit(Put(LINE, 0, CODE), Put(tenant, 0))
        self.restart()
        self.assertEqual(self.store.get(Line, "l1").seats, LINE.seats)
        self.assertEqual(self.store.get(Tenant, "t1").templates, tenant.templates)

    def test_it_is_found_by_code_tenant_and_each_device(self) -> None:
        """A claim, a list and a device's config ask so, and none of them may look at all lines."""
        self.commit(Put(LINE, 0, CODE), Put(Tenant("t1", default_config="ours"), 0))
        for _ in range(2):
            for index, value in (("code", "482913"), ("tenant", "t1"), ("device", "d1"), ("device", "d2")):
                self.assertEqual([line.id for line in self.store.find(Line, index, value)], ["l1"])
            self.assertEqual(
                [tenant.id for tenant in self.store.find(Tenant, "default_config", "ours")], ["t1"]
            )
            self.restart()

    def test_a_code_is_one_lines_also_after_a_restart(self) -> None:
        """Two lines with one code would be a lottery."""
        self.commit(Put(LINE, 0, CODE))
        self.restart()
        twin = self.store.commit(Commit((Put(Line("l2", code="482913"), 0, CODE),), "test", "test"))
        self.failureResultOf(twin, Conflict)
        self.commit(Put(Line("l1"), None))
        self.restart()
        self.commit(Put(Line("l2", code="482913"), 0, CODE))

    def test_neither_password_nor_code_in_a_repr(self) -> None:
        """What is printed ends in a log."""
        for secret in ("hush", "482913", "fr_FR"):
            self.assertNotIn(secret, repr(LINE))
