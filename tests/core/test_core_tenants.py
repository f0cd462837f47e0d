"""tenants: one tree, whatever a commit wants."""

from twisted.trial.unittest import SynchronousTestCase

from provserver.core.ownership import may_inherit
from provserver.core.tenants import TenantTree, above, beneath, check_tree
from provserver.errors import Forbidden, Invalid
from provserver.model import Caller, Commit, Config, Delete, Device, Put, Tenant
from tests.fakes.office import KEY, Office

Change = Put | Delete


def put(tenant_id: str, parent: str | None) -> Put:
    return Put(Tenant(tenant_id, parent=parent), None)


def gone(tenant_id: str) -> Delete:
    return Delete(Tenant, tenant_id)


GOOD: tuple[tuple[Change, ...], ...] = (
    (),
    (put("new", "carl"),),
    (put("new2", "new"), put("new", "anna")),
    (put("carl", "bert"),),
    (put("carl", "anna"), put("anna", "bert")),
    (gone("carl"),),
    (gone("carl"), gone("anna")),
    (gone("anna"), put("carl", "master")),
    (put("anna", None), put("bert", "anna"), gone("master")),
    (put("anna", None), put("master", "anna")),
    (Put(Config("c"), None), Delete(Device, "d")),
)
BAD: tuple[tuple[type[Exception], tuple[Change, ...]], ...] = (
    (Invalid, (put("anna", "anna"),)),
    (Invalid, (put("anna", "carl"),)),
    (Invalid, (put("bert", "carl"), put("anna", "bert"))),
    (Invalid, (put("new", "nobody"),)),
    (Invalid, (put("new", ""),)),
    (Invalid, (put("new", "carl"), gone("carl"))),
    (Invalid, (put("new", None),)),
    (Invalid, (put("anna", None),)),
    (Invalid, (put("master", "carl"),)),
    (Invalid, (put("anna", None), put("bert", None), gone("master"))),
    (Forbidden, (gone("anna"),)),
    (Forbidden, (gone("master"),)),
    (Forbidden, (gone("master"), gone("anna"), gone("bert"), gone("carl"))),
    (Forbidden, (put("anna", None), gone("master"))),
)


class TreeTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.office = Office()
        self.store = self.office.memory
        self.office.put(
            Tenant("anna", parent="master"), Tenant("bert", parent="master"), Tenant("carl", parent="anna")
        )

    def check(self, changes: tuple[Change, ...]) -> None:
        check_tree(Commit(changes, "test", "test"), self.store)

    def test_what_leaves_one_tree_is_let_through(self) -> None:
        """Looked at as a whole: a commit may turn the tree round."""
        for changes in GOOD:
            self.check(changes)

    def test_what_leaves_none_or_several_is_refused(self) -> None:
        """A tenant in a circle, or beside the master, would be out of everybody's reach."""
        for error, changes in BAD:
            self.assertRaises(error, self.check, changes)

    def test_it_holds_for_every_edit(self) -> None:
        """The Provisioner asks, whoever wants the change."""
        change = self.office.provisioner.change(Commit((put("anna", "carl"),), "test", "test"))
        self.failureResultOf(change, Invalid)
        self.assertEqual(self.store.get(Tenant, "anna").parent, "master")

    def test_a_key_may_go_over_to_an_heir(self) -> None:
        """In one commit, so that no phone finds it missing."""
        self.office.put(Tenant("bert", parent="master", key=KEY))
        heir = Put(Tenant("dora", parent="master", key=KEY), 0)
        self.failureResultOf(self.office.provisioner.change(Commit((heir,), "test", "test")), Invalid)
        both = Commit((heir, gone("bert")), "test", "test")
        self.successResultOf(self.office.provisioner.change(both))
        self.assertEqual(self.store.find(Tenant, "key", KEY)[0].id, "dora")

    def test_who_stands_where(self) -> None:
        """Down and up; a circle that somebody wrote into the file ends too."""
        self.assertEqual(beneath(self.store, "anna"), {"anna", "carl"})
        self.assertEqual(above(self.store, "carl"), {"anna", "master"})
        self.assertEqual(above(self.store, "master"), set())
        self.assertEqual(above(self.store, "nobody"), set())
        self.office.put(Tenant("x", parent="y"), Tenant("y", parent="x"))
        self.assertEqual(above(self.store, "x"), {"x", "y"})
        self.assertEqual(beneath(self.store, "x"), {"x", "y"})

    def test_what_is_remembered_ends_with_a_change(self) -> None:
        """Of tenants; other documents are written all the time."""
        tree = TenantTree(self.store)
        first = tree.beneath("master")
        self.office.put(Device("d1"))
        self.assertIs(tree.beneath("master"), first)
        self.office.put(Tenant("dora", parent="carl"))
        self.assertIn("dora", tree.beneath("master"))
        self.store.commit(Commit((gone("dora"),), "test", "test"))
        self.assertNotIn("dora", tree.beneath("master"))


class OwnershipTests(SynchronousTestCase):
    def test_many_devices_beneath_a_base_are_not_looked_through(self) -> None:
        """Each request asks: whether a base config may be inherited from depends on its own devices alone."""
        office = Office()
        office.put(Tenant("anna", parent="master"), Config("base"), Config("c", parents=("base",)))
        office.put(*(Device(f"d{number}", tenant="bert", config="c") for number in range(100)))
        caller = Caller("anna", "anna", frozenset(("anna",)), "anna")
        self.assertTrue(may_inherit(office.store, caller, office.store.get(Config, "base")))
        self.assertFalse(may_inherit(office.store, caller, office.store.get(Config, "c")))
