"""The administrator's token."""

from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from provserver.errors import Invalid, Unauthorized
from provserver.interfaces import IAuthenticator
from provserver.model import Caller, Tenant
from provserver.rest.tokens import AdministratorToken
from tests.fakes.office import Office
from tests.fakes.rest import TOKEN, RestOffice, TenantTokens


class AdministratorTokenTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.office = Office()
        self.office.put(Tenant("anna", parent="master"), Tenant("carl", parent="anna"))
        self.token = AdministratorToken(TOKEN, self.office.memory)

    def test_it_provides_its_interface(self) -> None:
        """So does the fake that other tests use."""
        verifyObject(IAuthenticator, self.token)
        verifyObject(IAuthenticator, TenantTokens(self.office.memory))

    def test_it_may_do_everything_in_every_tenant(self) -> None:
        """Without a tenant named it is the master's."""
        for tenant, at, tenants in (
            (None, "master", {"master", "anna", "carl"}),
            ("master", "master", {"master", "anna", "carl"}),
            ("anna", "anna", {"anna", "carl"}),
            ("carl", "carl", {"carl"}),
        ):
            caller = self.successResultOf(self.token.authorize(TOKEN, "provd.anything", tenant))
            self.assertEqual(caller, Caller("administrator", at, frozenset(tenants)))

    def test_every_refusal_is_the_same(self) -> None:
        """Nobody learns what was wrong."""
        texts = set()
        for token, tenant in (
            ("", None),
            ("x", None),
            (TOKEN + "x", None),
            (TOKEN[:-1], None),
            (TOKEN.upper(), None),
            ("é\udcff", None),
            ("x", "nobody"),
            (TOKEN, "nobody"),
            (TOKEN, ""),
        ):
            problem = self.failureResultOf(self.token.authorize(token, "provd.read", tenant), Unauthorized)
            texts.add(str(problem.value))
        self.assertEqual(len(texts), 1)

    def test_over_http_every_refusal_is_the_same_401(self) -> None:
        """Also for a document that does not exist, and for bytes that are no text."""
        office = RestOffice()
        answers = {
            (answer.status, answer.body, answer.headers["content-type"])
            for answer in (
                office.asks("GET", "/dev_mgr/devices/None", token=None),
                office.asks("DELETE", "/cfg_mgr/configs/autoprov", token="wrong"),
                office.asks("GET", "/status", token="\udcff"),
                office.asks("GET", "/status", tenant="nobody"),
                office.asks("GET", "/status", tenant="\udcff"),
                office.asks("PUT", "/dev_mgr/devices/None", {}, token=""),
            )
        }
        self.assertEqual(answers, {(401, b"Unauthorized", "text/plain; charset=utf-8")})

    def test_tenants_that_go_round_do_not_hang_it(self) -> None:
        """Whoever writes such a file."""
        self.office.put(Tenant("x", parent="y"), Tenant("y", parent="x"))
        caller = self.successResultOf(self.token.authorize(TOKEN, "provd.read", "x"))
        self.assertEqual(caller.tenants, frozenset({"x", "y"}))

    def test_it_does_not_keep_the_token(self) -> None:
        """Nothing that shows an object may show it."""
        self.assertNotIn(TOKEN, repr(vars(self.token)))

    def test_an_empty_token_is_refused(self) -> None:
        """An empty file would let everybody in."""
        self.assertRaises(Invalid, AdministratorToken, "", self.office.memory)
