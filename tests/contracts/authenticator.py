"""What every provider of IAuthenticator must do: its tests inherit this, and say how a token is made known to it."""

from collections.abc import Iterable

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from provserver.errors import Unauthorized
from provserver.interfaces import IAuthenticator
from provserver.model import Caller, Tenant
from tests.fakes.office import Office

ACL = "provd.dev_mgr.devices.d1.read"


class AuthenticatorContract:
    """Tenants: `master` above anna and bert, anna above carl."""

    class Tests(SynchronousTestCase):
        master: str
        office: Office
        authenticator: IAuthenticator

        def issue(self, token: str, tenant: str, acl: Iterable[str]) -> None:
            raise NotImplementedError

        def revoke(self, token: str) -> None:
            """A moment later nobody may use it."""
            raise NotImplementedError

        def asked(self, token: str, acl: str = ACL, tenant: str | None = None) -> Deferred[Caller]:
            return self.authenticator.authorize(token, acl, tenant)

        def caller(self, token: str, acl: str = ACL, tenant: str | None = None) -> Caller:
            return self.successResultOf(self.asked(token, acl, tenant))

        def refusal(self, token: str, acl: str = ACL, tenant: str | None = None) -> str:
            return str(self.failureResultOf(self.asked(token, acl, tenant), Unauthorized).value)

        def test_it_provides_its_interface(self) -> None:
            """The shells know nothing else of it."""
            verifyObject(IAuthenticator, self.authenticator)

        def test_a_token_opens_its_tenant_and_all_beneath(self) -> None:
            """Without a tenant named it is the token's own."""
            self.issue("good", "anna", ["provd.#"])
            caller = self.caller("good")
            self.assertEqual(
                (caller.tenant, caller.tenants, caller.home, caller.acl),
                ("anna", {"anna", "carl"}, "anna", ("provd.#",)),
            )
            self.assertEqual(self.caller("good", tenant="anna"), caller)
            beneath = self.caller("good", tenant="carl")
            self.assertEqual((beneath.tenant, beneath.tenants, beneath.home), ("carl", {"carl"}, "anna"))

        def test_the_master_reaches_all(self) -> None:
            """That is what it is for."""
            self.issue("good", self.master, ["#"])
            self.assertEqual(self.caller("good").tenants, {self.master, "anna", "bert", "carl"})
            for tenant in ("anna", "bert", "carl"):
                self.assertEqual(self.caller("good", tenant=tenant).tenant, tenant)

        def test_every_refusal_is_the_same(self) -> None:
            """Nobody learns what was wrong: the token, the ACL, or the tenant."""
            self.issue("good", "anna", ["provd.dev_mgr.devices.*.read", "!provd.dev_mgr.devices.d2.read"])
            self.issue("gone", "anna", ["#"])
            self.caller("good")
            self.caller("gone")
            self.revoke("gone")
            refused = (
                ("", ACL, None),
                ("goo", ACL, None),
                ("goodd", ACL, None),
                ("GOOD", ACL, None),
                ("gone", ACL, None),
                ("..", ACL, None),
                ("good/", ACL, None),
                ("good?x", ACL, None),
                ("good\n", ACL, None),
                ("é\udcff", ACL, None),
                ("x" * 10_000, ACL, None),
                ("good", "provd.dev_mgr.devices.d1.update", None),
                ("good", "provd.dev_mgr.devices.d2.read", None),
                ("good", "", None),
                ("good", ACL, self.master),
                ("good", ACL, "bert"),
                ("good", ACL, "nobody"),
                ("good", ACL, ""),
                ("good", ACL, ".."),
                ("good", ACL, "\udcff"),
                ("unknown", ACL, "nobody"),
            )
            texts = {self.refusal(*case) for case in refused}
            self.assertEqual(texts, {"Unauthorized"})
            self.caller("good")

        def test_it_fills_in_the_tenant(self) -> None:
            """Only it knows whose token it is (contract section 3.3)."""
            acl = "provd.configure.{tenant_uuid}.NAT.read"
            self.issue("good", "anna", ["provd.configure.carl.#"])
            self.caller("good", acl, "carl")
            self.refusal("good", acl, "anna")
            self.refusal("good", acl)

        def test_the_callers_tenants_are_in_the_store(self) -> None:
            """Routes read the tenant's document."""
            self.issue("good", self.master, ["#"])
            for tenant in self.caller("good").tenants:
                self.assertEqual(self.office.store.get(Tenant, tenant).id, tenant)

        def test_it_shows_no_token(self) -> None:
            """Nothing that shows an object may show what opens the API."""
            self.issue("secret-token", "anna", ["#"])
            self.caller("secret-token")
            seen: set[int] = set()
            todo: list[object] = [self.authenticator]
            while todo:
                thing = todo.pop()
                if id(thing) in seen or thing is self.office:
                    continue
                seen.add(id(thing))
                self.assertNotIn("secret-token", repr(thing))
                if type(thing).__module__.startswith("provserver.auth"):
                    todo.extend(getattr(thing, "__dict__", {}).values())
                    names = getattr(thing, "__slots__", ())
                    todo.extend(getattr(thing, name) for name in names if name != "__weakref__")
                elif isinstance(thing, dict):
                    todo.extend((*thing.keys(), *thing.values()))
                elif isinstance(thing, tuple | list):
                    todo.extend(thing)
