"""The tenants of an external server, and provd's own token there."""

from attrs import evolve
from twisted.internet.defer import Deferred, fail
from twisted.trial.unittest import SynchronousTestCase

from provserver.core.reading import master
from provserver.core.tenants import beneath
from provserver.errors import AuthAway, Invalid, NotFound
from provserver.model import Config, Device, Tenant, Token
from tests.auth.fake_wazo_auth import MASTER, Answering
from tests.auth.wired import Wired
from tests.fakes.office import KEY, own_config

LOOK_S = 300


class MirrorTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.wired = Wired()
        self.auth, self.mirror, self.office = self.wired.auth, self.wired.mirror, self.wired.office
        self.store, self.clock = self.office.memory, self.office.clock
        self.auth.parents |= {"anna": MASTER, "bert": MASTER, "carl": "anna"}
        self.addCleanup(self.mirror.stop)

    def tenants(self) -> dict[str, str | None]:
        root = master(self.store).id
        return {one: self.store.get(Tenant, one).parent for one in beneath(self.store, root)}

    def test_the_services_tenant_becomes_the_master(self) -> None:
        """All that the one before had is its own now: phones that booted before the server was there, too. And a
        tenant that provd itself made is not gone because that server never knew it."""
        self.office.put(
            Tenant("master", name="master", key=KEY),
            Tenant("mine", parent="master"),
            Token("t1", tenant="master"),
            Device("d1", tenant="master"),
            Device("d2", tenant="mine", guests=("master",)),
            *(Device(f"many{number}", tenant="master") for number in range(500)),
        )
        self.mirror.start()
        self.assertEqual(self.tenants()[MASTER], None)
        self.assertRaises(NotFound, self.store.get, Tenant, "master")
        self.assertEqual(self.store.get(Tenant, MASTER).key, KEY)
        self.assertEqual(self.store.get(Device, "d1").tenant, MASTER)
        self.assertEqual(self.store.get(Device, "d2").tenant, "mine")
        self.assertEqual(self.store.get(Token, "t1").tenant, MASTER)
        self.assertEqual(len(self.store.find(Device, "tenant", MASTER)), 501)

    def test_tenants_are_mirrored_with_their_names(self) -> None:
        """New ones at the next look, or as soon as somebody comes with such a token."""
        self.mirror.start()
        tree = {MASTER: None, "anna": MASTER, "bert": MASTER, "carl": "anna"}
        self.assertEqual(self.tenants(), tree)
        self.assertEqual(self.store.get(Tenant, "carl").name, "name of carl")
        self.auth.parents["dora"] = "bert"
        self.clock.advance(LOOK_S)
        self.assertEqual(self.tenants(), tree | {"dora": "bert"})
        self.auth.parents["emil"] = "dora"
        self.assertEqual(self.successResultOf(self._beneath("bert")), {"bert", "dora", "emil"})
        self.assertEqual(self.store.get(Tenant, "emil").parent, "dora")

    def test_a_look_that_finds_nothing_new_writes_nothing(self) -> None:
        """Every five minutes for years."""
        self.mirror.start()
        before = self.store.seq
        self.clock.advance(LOOK_S)
        self.assertEqual(self.store.seq, before)

    def test_what_a_tenant_has_stays_when_it_is_renamed_or_moved(self) -> None:
        """Its key opens its phones' files."""
        self.mirror.start()
        tenant = self.store.get(Tenant, "carl")
        self.office.put(evolve(tenant, key=KEY))
        self.auth.parents["carl"] = "bert"
        self.clock.advance(LOOK_S)
        self.assertEqual(
            evolve(self.store.get(Tenant, "carl"), rev=0),
            Tenant("carl", name="name of carl", parent="bert", key=KEY, mirrored=True),
        )

    def test_a_tenant_that_is_gone_goes_with_all_that_it_has(self) -> None:
        """Its phones' passwords are no longer handed out, as wazo-provd has it."""
        self.mirror.start()
        self.office.put(
            Device("d1", tenant="carl", config="c1"),
            Device("d2", tenant="bert", guests=("carl",)),
            own_config("c1"),
            Config("c2", tenant="carl", deletable=False),
            Token("t1", tenant="carl"),
        )
        del self.auth.parents["carl"], self.auth.parents["anna"]
        self.clock.advance(LOOK_S)
        self.assertEqual(self.tenants(), {MASTER: None, "bert": MASTER})
        for kind, doc_id in ((Device, "d1"), (Config, "c2"), (Token, "t1")):
            self.assertRaises(NotFound, self.store.get, kind, doc_id)
        self.assertEqual(self.store.get(Device, "d2").guests, ())
        self.store.get(Config, "c1")

    def test_not_to_be_listed_is_not_to_be_gone(self) -> None:
        """A server that shows less for a while, or has no such question, must not cost anybody's phones."""
        self.mirror.start()
        self.office.put(Device("d1", tenant="carl"))
        root = {"uuid": MASTER, "name": "m", "parent_uuid": MASTER}
        only_root = Answering(200, str({"items": [root]}).replace("'", '"').encode())
        self.auth.instead = {"GET /tenants": only_root}
        self.clock.advance(LOOK_S)
        self.store.get(Device, "d1")
        del self.auth.parents["carl"]
        self.auth.instead |= {f"GET /tenants/{MASTER}": Answering(404)}
        self.clock.advance(LOOK_S)
        self.store.get(Device, "d1")
        self.auth.instead = {}
        self.clock.advance(LOOK_S)
        self.assertRaises(NotFound, self.store.get, Device, "d1")

    def test_it_tries_again_after_1_2_4_and_at_most_32_s(self) -> None:
        """As the reference does: soon at first, and never in a hurry later."""
        self.wired.line.cut = True
        times: list[float] = []
        key = self.wired.key

        def read() -> Deferred[object]:
            times.append(self.clock.seconds())
            return key()  # type: ignore[return-value]  # whatever it is

        self.wired.key = read  # type: ignore[assignment]  # as above
        began = self.clock.seconds()
        self.mirror.start()
        for _ in range(150):
            self.clock.advance(1)
        self.assertEqual([time - began for time in times], [0, 1, 3, 7, 15, 31, 63, 95, 127])
        self.wired.line.cut = False
        self.clock.advance(32)
        self.assertIn("carl", self.tenants())

    def test_a_service_that_is_refused_is_no_reason_to_let_anybody_in(self) -> None:
        """Nor one whose key cannot be read: it is told, and tried again."""
        for problem in (OSError("gone"), Invalid("no line"), UnicodeDecodeError("utf-8", b"", 0, 1, "x")):
            wired = Wired()
            wired.key = lambda problem=problem: fail(problem)  # type: ignore[misc]  # mypy sees no default
            wired.mirror.start()
            self.failureResultOf(Deferred.fromCoroutine(wired.mirror.beneath("anna")), AuthAway)
            wired.mirror.stop()
        self.auth.instead["POST /token"] = Answering(401)
        self.mirror.start()
        self.failureResultOf(self._beneath("anna"), AuthAway)
        self.auth.instead.clear()
        self.clock.advance(1)
        self.assertEqual(self.successResultOf(self._beneath("anna")), {"anna", "carl"})

    def test_its_own_token_is_renewed_before_it_ends_and_when_it_was_revoked(self) -> None:
        """Nobody's request may fail of it."""
        self.mirror.start()
        self.assertEqual(self.auth.asked.count("POST /token"), 1)
        for _ in range(21):
            self.clock.advance(LOOK_S)
        self.assertEqual(self.auth.asked.count("POST /token"), 2)
        del self.auth.tokens["own-2"]
        self.assertEqual(self.successResultOf(self._beneath("anna")), {"anna", "carl"})
        self.assertEqual(self.auth.asked.count("POST /token"), 3)

    def test_tenants_that_are_no_tree_are_not_taken(self) -> None:
        """Two that stand above each other: nobody is let in by that."""
        self.mirror.start()
        self.auth.parents |= {"x": "y", "y": "x"}
        before = self.store.seq
        pair = [{"uuid": "x", "parent_uuid": "y"}, {"uuid": "y", "parent_uuid": "x"}]
        self.auth.instead["GET /tenants"] = Answering(200, str({"items": pair}).replace("'", '"').encode())
        self.failureResultOf(self._beneath("x"), AuthAway)
        self.assertEqual(self.store.seq, before)

    def test_it_stops(self) -> None:
        """Whatever it waits for: nothing is left, and who waited for it is told."""
        waiting = Deferred.fromCoroutine(self.mirror.ready())
        self.auth.instead[""] = Answering(silent=True)
        self.mirror.start()
        self.mirror.stop()
        self.assertIsNone(self.successResultOf(waiting))
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def _beneath(self, tenant: str) -> Deferred[frozenset[str]]:
        return Deferred.fromCoroutine(self.mirror.beneath(tenant))
