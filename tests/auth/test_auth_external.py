"""Tokens of an external server."""

from collections.abc import Iterable

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from provserver.errors import AuthAway, Unauthorized
from provserver.model import Caller, Tenant
from tests.auth.fake_wazo_auth import MASTER, Answering
from tests.auth.wired import BELIEVED_S, TIMEOUT_S, Wired
from tests.contracts.authenticator import ACL, AuthenticatorContract
from tests.fakes.rest import RestOffice


class ExternalTokensTests(AuthenticatorContract.Tests):
    master = MASTER

    def setUp(self) -> None:
        self.wired = Wired()
        self.office, self.authenticator = self.wired.office, self.wired.tokens
        self.wired.auth.parents |= {"anna": MASTER, "bert": MASTER, "carl": "anna"}
        self.wired.mirror.start()
        self.addCleanup(self.wired.mirror.stop)

    def issue(self, token: str, tenant: str, acl: Iterable[str]) -> None:
        self.wired.auth.issue(token, tenant, acl)

    def revoke(self, token: str) -> None:
        del self.wired.auth.tokens[token]
        self.office.clock.advance(BELIEVED_S)


class BelievingTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.wired = Wired()
        self.auth, self.clock = self.wired.auth, self.wired.office.clock
        self.auth.parents["anna"] = MASTER
        self.auth.issue("good", "anna", ["provd.#"])
        self.wired.mirror.start()
        self.addCleanup(self.wired.mirror.stop)
        self.auth.asked.clear()

    def asked(self, token: str = "good", acl: str = ACL, tenant: str | None = None) -> Deferred[Caller]:
        return self.wired.tokens.authorize(token, acl, tenant)

    def test_an_answer_is_believed_for_a_while(self) -> None:
        """A phone's page of requests must not be three pages of questions."""
        for _ in range(3):
            self.successResultOf(self.asked())
        asked = ["GET /token/good", "HEAD /token/good", "GET /tenants anna"]
        self.assertEqual(self.auth.asked, asked)
        self.clock.advance(BELIEVED_S)
        self.successResultOf(self.asked())
        self.assertEqual(self.auth.asked, asked * 2)

    def test_a_revoked_token_is_refused_soon(self) -> None:
        """That is the price of believing, and it is bounded."""
        self.successResultOf(self.asked())
        del self.auth.tokens["good"]
        self.successResultOf(self.asked())
        self.clock.advance(BELIEVED_S)
        self.failureResultOf(self.asked(), Unauthorized)

    def test_a_refusal_is_not_kept(self) -> None:
        """A token that was just made works at once."""
        self.failureResultOf(self.asked("new"), Unauthorized)
        self.auth.issue("new", "anna", ["#"])
        self.successResultOf(self.asked("new"))

    def test_every_acl_is_asked_about(self) -> None:
        """What a token may do once says nothing of what else it may do."""
        self.successResultOf(self.asked(acl="provd.a"))
        self.auth.tokens["good"].acl = ("provd.a",)
        self.failureResultOf(self.asked(acl="provd.b"), Unauthorized)
        self.successResultOf(self.asked(acl="provd.a", tenant="anna"))

    def test_who_asks_the_same_at_once_waits_for_one_answer(self) -> None:
        """A burst of requests with one token is one question."""
        self.auth.instead["GET /token/good"] = Answering(silent=True)
        waiting = [self.asked() for _ in range(5)]
        self.assertEqual(self.auth.asked, ["GET /token/good"])
        self.auth.instead.clear()
        self.clock.advance(TIMEOUT_S)
        for one in waiting:
            self.failureResultOf(one, AuthAway)
        self.clock.advance(1)
        self.successResultOf(self.asked())

    def test_odd_tokens_and_tenants_are_never_asked_about(self) -> None:
        """`/0.1/token/..` is another question, which a server may affirm."""
        for token in ("", ".", "..", "a/b", "a?b", "a#b", "a%2Fb", "a b", "é", "x" * 300, "-", "good\n"):
            self.failureResultOf(self.asked(token), Unauthorized)
        for tenant in ("", "..", "a/b", "a&b", "a\r\nb", "x" * 100):
            self.failureResultOf(self.asked(tenant=tenant), Unauthorized)
        self.assertEqual(self.auth.asked, [])

    def test_what_is_not_its_204_is_no_consent(self) -> None:
        """A proxy's friendly page with status 200 must open nothing."""
        self.auth.instead["HEAD /token/good"] = Answering(200)
        self.failureResultOf(self.asked(), AuthAway)
        self.auth.instead = {"GET /token/good": Answering(204)}
        self.clock.advance(BELIEVED_S)
        self.failureResultOf(self.asked(), AuthAway)


class AwayTests(SynchronousTestCase):
    """Over REST: what a client sees while the server is away."""

    def setUp(self) -> None:
        self.office = RestOffice()
        self.wired = Wired(self.office)
        self.auth = self.wired.auth
        self.auth.parents["anna"] = MASTER
        self.auth.issue("good", "anna", ["provd.#"])
        self.office.use(self.wired.tokens)

    def status(self, path: str = "/dev_mgr/devices", token: str | None = "good") -> int:
        return self.office.asks("GET", path, token=token).status

    def test_away_at_start_it_is_503_and_then_it_works(self) -> None:
        """REST opens although no token can be had, phones boot, and nobody need restart anything."""
        self.wired.line.cut = True
        self.wired.mirror.start()
        self.addCleanup(self.wired.mirror.stop)
        self.assertEqual(self.status(), 503)
        self.assertEqual(self.status("/openapi.json", None), 200)
        self.assertEqual(self.status("/nonsense", None), 404)
        self.assertEqual(self.office.answer(path="00aced000001.cfg").outcome, "file")
        self.wired.line.cut = False
        self.office.clock.advance(1)
        self.assertEqual(self.status(), 200)

    def test_away_later_what_was_believed_ends(self) -> None:
        """An old answer is no answer; and nobody hears where the server is."""
        self.wired.mirror.start()
        self.addCleanup(self.wired.mirror.stop)
        self.assertEqual(self.status(), 200)
        self.wired.line.cut = True
        self.assertEqual(self.status(), 200)
        self.office.clock.advance(BELIEVED_S)
        answer = self.office.asks("GET", "/dev_mgr/devices", token="good")
        self.assertEqual(answer.status, 503)
        self.assertNotIn("example.org", answer.text)
        self.assertEqual(self.status(token=""), 401)

    def test_requests_before_the_first_attempt_wait_for_it(self) -> None:
        """Before it nobody knows who the master is: a new phone would not count as new (contract section 13.1)."""
        self.auth.issue("master", MASTER, ["#"])
        asked = self.wired.tokens.authorize("master", ACL, None)
        self.assertNoResult(asked)
        self.wired.mirror.start()
        self.addCleanup(self.wired.mirror.stop)
        self.assertEqual(self.successResultOf(asked).tenant, MASTER)
        self.office.asks("POST", "/dev_mgr/devices", {"device": {"id": "d1"}}, token="master")
        device = self.office.asks("GET", "/dev_mgr/devices/d1", token="master").json["device"]
        self.assertEqual((device["tenant_uuid"], device["is_new"]), (MASTER, True))

    def test_every_tenant_that_may_ask_is_there(self) -> None:
        """One that is not beneath provd's own sees itself alone (contract section 3.2)."""
        self.wired.mirror.start()
        self.addCleanup(self.wired.mirror.stop)
        self.auth.parents["ffff"] = "elsewhere"
        self.auth.issue("stranger", "ffff", ["#"])
        caller = self.successResultOf(self.wired.tokens.authorize("stranger", ACL, None))
        self.assertEqual((caller.tenant, caller.tenants), ("ffff", {"ffff"}))
        self.assertEqual(self.office.store.get(Tenant, "ffff").parent, MASTER)
        self.assertEqual(self.status("/configure/provisioning_key", "stranger"), 200)
